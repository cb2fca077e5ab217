#!/usr/bin/python3
"""Does the model matter? Four statistics of pieces, as distances to the valid pieces of a corpus.

    threeway.py chorale CORPORA NAME=FOLDER...      threeway.py reel CORPORA NAME=FOLDER...

Rows: the training pieces of the corpus (the yardstick: real music against real music); the same, as many at a time as a FOLDER has files
(mean and spread over 40 samples: what is not beyond this row cannot be told from real music by so few pieces); then each FOLDER of generated
files (written as scored). Smaller is nearer. After each distance: its standard deviation over 40 resamplings of the pieces (with the valid
pieces fixed).

The statistics, chosen before any piece was generated. JSD is the divergence of Jensen and Shannon in bits: with m = (p + q) / 2,
JSD(p, q) = H(m) - H(p) / 2 - H(q) / 2. W1 is Wasserstein's distance of two distributions on [0, 1]: the integral of |F - G|.

chorale (four voices on the 16th grid, repeated notes joined on both sides, as the corpus has no onsets):
  rhythm      JSD of (place of onset in the beat, 0 to 3; duration in 16ths, cut at 16), in each voice; mean of the voices. What a voice does
              between the beats, and how long it rests on its notes.
  interval    JSD of pairs of successive melodic intervals, each cut to an octave, in each voice; mean of the voices. Pairs, because shape is
              what tells a melody from a walk: turning back after a leap, passing notes, neighbours.
  motion      for each pair of voices, at each 16th where either moves: JSD of (oblique by the upper, oblique by the lower, contrary,
              parallel, similar; interval reached mod 12); mean of the six pairs.
  similarity  W1 of the similarity of bars (0.4 rhythm overlap + 0.3 same pitch at the same 16th + 0.3 same melodic steps, of the soprano, as
              in the corpus' MEASURES.md), over all pairs of bars one or two apart. Near bars only: what lies further apart is repeated by
              the form of the style, whoever writes the notes.

reel (the tune alone; corpus: tunes of folk/ in 2/2 of which fewer than 5 % of the notes are dotted eighths, so written straight):
  rhythm      JSD of the rhythms of half bars: the set of onsets in a half note, in 24ths of a quarter.
  interval    JSD of pairs of successive intervals, each cut to an octave.
  motion      a fiddle plays two voices in one line: the highest notes of the half bars, and the lowest. JSD of (way of the upper, way of the
              lower: up, down, none; interval between them reached, cut to 24) from half bar to half bar.
  similarity  W1 of the similarity of bars one or two apart, as above, on a grid of 24 places a bar for pitch.
"""
import argparse
import collections
import glob
import math
import os
import random
import sys
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measures
from score import Score

RESAMPLINGS = 40


def jsd(a, b):
    na, nb = sum(a.values()), sum(b.values())
    total = 0.0
    for key in a.keys() | b.keys():
        p, q = a[key] / na, b[key] / nb
        m = (p + q) / 2
        total += sum(x * math.log2(x / m) for x in (p, q) if x > 0) / 2
    return total


def w1(a, b):
    """Of two counters of values in hundredths."""
    na, nb = sum(a.values()), sum(b.values())
    f = g = total = 0.0
    for i in range(101):
        f += a[i] / na
        g += b[i] / nb
        total += abs(f - g) / 100
    return total


def cut(x, limit=12):
    return max(-limit, min(limit, x))


def similarities(bars):
    out = collections.Counter()
    for i in range(len(bars)):
        for j in (i + 1, i + 2):
            if j < len(bars):
                out[round(100 * measures.bar_similarity(bars[i], bars[j]))] += 1
    return out


# ---- chorale ----

def motion(a0, a1, b0, b1):
    if a0 == a1:
        kind = "lower"
    elif b0 == b1:
        kind = "upper"
    elif (a1 - a0) * (b1 - b0) < 0:
        kind = "contrary"
    else:
        kind = "parallel" if abs(a1 - a0) == abs(b1 - b0) else "similar"
    return kind, (a1 - b1) % 12


def chorale_counts(roll):
    """The four statistics of one piece as counters; lists where they are by voice or pair."""
    rhythm = [collections.Counter() for _ in range(4)]
    interval = [collections.Counter() for _ in range(4)]
    pairs = [collections.Counter() for _ in range(6)]
    for v in range(4):
        notes = measures.notes_of(roll, v)
        rhythm[v].update((n[0] % 4, min(16, n[1] - n[0])) for n in notes)
        moves = [cut(b[2] - a[2]) for a, b in zip(notes, notes[1:])]
        interval[v].update(zip(moves, moves[1:]))
    for x, y in zip(roll, roll[1:]):
        at = 0
        for i in range(4):
            for j in range(i + 1, 4):
                if min(x[i], x[j], y[i], y[j]) >= 0 and (x[i] != y[i] or x[j] != y[j]):
                    pairs[at][motion(x[i], y[i], x[j], y[j])] += 1
                at += 1
    return [rhythm, interval, pairs, [similarities(measures.bar_features(roll))]]


def chorale_corpus(corpora, split):
    return [chorale_counts(r) for r in measures.read_rolls(os.path.join(corpora, "jsb16", f"jsb16.{split}.txt"))]


def chorale_file(path):
    return chorale_counts(measures.read_midi(path))


# ---- reel ----

def tune_counts(notes, end):
    """notes: [(start, duration, key)] in quarters from a bar line, by start."""
    rhythm, pairs, interval = collections.Counter(), collections.Counter(), collections.Counter()
    halves = collections.defaultdict(list)
    for start, duration, key in notes:
        halves[int(start // 2)].append((start, key))
    for half, inside in halves.items():
        rhythm[tuple(sorted(int(24 * (s - 2 * half)) for s, _ in inside))] += 1
    moves = [cut(b[2] - a[2]) for a, b in zip(notes, notes[1:])]
    interval.update(zip(moves, moves[1:]))
    sign = lambda x: (x > 0) - (x < 0)
    for half in sorted(halves):
        if half + 1 in halves:
            a, b = ([k for _, k in halves[h]] for h in (half, half + 1))
            pairs[(sign(max(b) - max(a)), sign(min(b) - min(a)), min(24, max(b) - min(b)))] += 1
    bars = []
    for bar in range(int(end // 4)):
        inside = [(s - 4 * bar, d, k) for s, d, k in notes if 4 * bar <= s < 4 * bar + 4]
        pitches = [-1] * 24
        for s, d, k in inside:
            for i in range(math.ceil(6 * s), min(24, math.ceil(6 * (s + d)))):
                pitches[i] = k
        keys = [k for *_, k in inside]
        bars.append((frozenset(s for s, *_ in inside), PitchRow(pitches), tuple(y - x for x, y in zip(keys, keys[1:]))))
    return [[rhythm], [interval], [pairs], [similarities(bars)]]


class PitchRow(tuple):
    """24 places that measures.bar_similarity divides by 16: every third place is left out, so 16 remain."""

    def __new__(cls, pitches):
        return super().__new__(cls, (p for i, p in enumerate(pitches) if i % 3 != 2))


def folk_tune(path):
    """The notes of a corpus tune from its first bar line, or None if it is not a straight tune in 2/2."""
    score = Score(path)
    if score.meter != (2, 2):
        return None
    notes = [n for p in score.parts.values() for n in p.notes]
    if sum(n.end - n.start == Fraction(3, 4) for n in notes) >= 0.05 * len(notes):
        return None
    loudest = max(n.velocity for n in notes)
    places = collections.Counter(n.start % 4 for n in notes if n.velocity == loudest)
    shift = places.most_common(1)[0][0]
    rows = sorted((n.start - shift, n.end - n.start, n.key) for n in notes if n.start >= shift)
    return rows, max(s + d for s, d, _ in rows)


def reel_corpus(corpora, split):
    out = []
    with open(os.path.join(corpora, "folk", "split.tsv"), encoding="ascii") as file:
        for line in file:
            name, part = line.split()
            if part == split:
                tune = folk_tune(os.path.join(corpora, "folk", name))
                if tune:
                    out.append(tune_counts(*tune))
    return out


def reel_file(path):
    score = Score(path)
    part = next(iter(score.parts.values()))
    return tune_counts(sorted((n.start, n.end - n.start, n.key) for n in part.notes), score.end)


# ---- distances ----

NAMES = ("rhythm", "interval", "motion", "similarity")


def pooled(pieces):
    sums = None
    for piece in pieces:
        if sums is None:
            sums = [[collections.Counter() for _ in row] for row in piece]
        for row, more in zip(sums, piece):
            for counter, counts in zip(row, more):
                counter.update(counts)
    return sums


def distances(a, b):
    return [sum((w1 if name == "similarity" else jsd)(x, y) for x, y in zip(p, q)) / len(p) for name, p, q in zip(NAMES, a, b)]


def mean_and_spread(samples):
    means = [sum(s[i] for s in samples) / len(samples) for i in range(len(NAMES))]
    return means, [math.sqrt(sum((s[i] - mean) ** 2 for s in samples) / (len(samples) - 1)) for i, mean in enumerate(means)]


def row(pieces, valid, rng):
    samples = [distances(pooled(rng.choices(pieces, k=len(pieces))), valid) for _ in range(RESAMPLINGS)]
    return distances(pooled(pieces), valid), mean_and_spread(samples)[1]


def row_of_few(pieces, count, valid, rng):
    return mean_and_spread([distances(pooled(rng.sample(pieces, count)), valid) for _ in range(RESAMPLINGS)])


def show(name, count, values_and_spread):
    print(f"{name:24s} {count:6d}  " + "  ".join(f"{v:9.4f} ±{s:6.4f}" for v, s in zip(*values_and_spread)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("chorale", "reel"))
    parser.add_argument("corpora")
    parser.add_argument("folders", nargs="*", metavar="NAME=FOLDER")
    options = parser.parse_args()
    corpus, read = (chorale_corpus, chorale_file) if options.kind == "chorale" else (reel_corpus, reel_file)
    valid = pooled(corpus(options.corpora, "valid"))
    rng = random.Random(1)
    train = corpus(options.corpora, "train")
    folders = []
    for item in options.folders:
        name, _, folder = item.partition("=")
        folders.append((name, [read(p) for p in sorted(glob.glob(os.path.join(folder, "*.mid")))]))
    print(f"{'':24s} pieces  " + "  ".join(f"{n:>17s}" for n in NAMES))
    show("corpus (train)", len(train), row(train, valid, rng))
    for count in sorted({min(len(pieces), len(train)) for _, pieces in folders}):
        show("corpus, so many", count, row_of_few(train, count, valid, rng))
    for name, pieces in folders:
        show(name, len(pieces), row(pieces, valid, rng))
    return 0


if __name__ == "__main__":
    sys.exit(main())
