#!/usr/bin/env python3
"""Drums beside drummers: statistics of pieces, and the n-gram that a model has to beat. Reads what build/bench/drums prints.

    drums.py ngram TRAIN.txt VALID.txt [ORDER]
    drums.py stats NAME=FILE.txt...

The n-gram: a token is an instant (a beat, or a step at which something is hit): its hits and the steps to the next one. With p the place
in the bar, h the last k tokens, c(p h) how often they were followed by anything, t how many different tokens followed:

    P_k(w | p h) = (c(p h w) + t P_{k-1}(w | p h')) / (c(p h) + t)     Witten and Bell's interpolated back-off, h' is h without its oldest
    P_{-1}(w | p) = product over lanes of the counts of its choices at place p, add one; the same for the step

Statistics, a mean over bars or hits of all pieces: hits a bar by lane; soft and accented share of the snare; syncopation: share of kicks and
snares that are on no beat and followed by silence of both on the next beat; likeness of neighbouring bars and of bars two and four apart: the share
of hits (place and piece) that both have, 2 |A and B| / (|A| + |B|); beats with a hit; and how many different instants a bar has.
"""
import collections
import math
import sys

LANES = ["kick", "snare", "hat", "ride", "pedal", "crash", "tom"]
SIZES = [4, 7, 7, 4, 4, 4, 10]


def read(path):
    pieces = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words[0] == "piece":
                pieces.append({"name": words[1], "family": words[2], "grid": int(words[3]), "bar": int(words[4]),
                               "bars": int(words[5]), "rows": [], "kinds": []})
            elif words[0] == "kinds":
                pieces[-1]["kinds"] = [int(word) for word in words[1:]]
            else:
                numbers = [int(word) for word in words]
                pieces[-1]["rows"].append((numbers[0], tuple(numbers[1:])))
    return pieces


def tokens(piece):
    rows = piece["rows"]
    ends = [step for step, _ in rows[1:]] + [piece["bars"] * piece["bar"]]
    return [(step % piece["bar"], hits, end - step) for (step, hits), end in zip(rows, ends)]


def ngram(train, valid, order):
    counts = [collections.defaultdict(collections.Counter) for _ in range(order + 1)]
    lanes = [collections.defaultdict(collections.Counter) for _ in range(len(LANES) + 1)]
    for piece in train:
        row = [None] * order + tokens(piece)
        for i in range(order, len(row)):
            place, hits, step = row[i]
            for lane, hit in enumerate(hits):
                lanes[lane][place][hit] += 1
            lanes[-1][place][step] += 1
            for k in range(order + 1):
                counts[k][(place,) + tuple(row[i - k:i])][(hits, step)] += 1
    totals = [{past: sum(c.values()) for past, c in table.items()} for table in counts]
    nats = found = 0
    for piece in valid:
        row = [None] * order + tokens(piece)
        for i in range(order, len(row)):
            place, hits, step = row[i]
            p = 1
            for lane, value in enumerate(list(hits) + [step]):
                size = SIZES[lane] if lane < len(LANES) else 18
                table = lanes[lane][place]
                p *= (table[value] + 1) / (sum(table.values()) + size)
            for k in range(order + 1):
                history = (place,) + tuple(row[i - k:i])
                if history in totals[k]:
                    seen = counts[k][history]
                    p = (seen[(hits, step)] + len(seen) * p) / (totals[k][history] + len(seen))
            nats -= math.log(p)
            found += sum(hit > 0 for hit in hits)
    steps = sum(piece["bars"] * piece["bar"] for piece in valid)
    print(f"order {order}: {len(train)} pieces to count, {len(valid)} to score, {found} hits: {nats / found:.4f} nats a hit, "
          f"{nats / steps:.4f} a step")


def bars_of(piece):
    bars = [set() for _ in range(piece["bars"])]
    for step, hits in piece["rows"]:
        for lane, hit in enumerate(hits):
            if hit:
                bars[step // piece["bar"]].add((step % piece["bar"], lane, (hit - 1) // 3))
    return bars


def alike(bars, apart):
    pairs = [(a, b) for a, b in zip(bars, bars[apart:]) if a or b]
    return [2 * len(a & b) / (len(a) + len(b)) for a, b in pairs]


def syncopations(piece):
    """Kicks and snares off the beat, after which the next beat has neither; and all kicks and snares."""
    played = {step for step, hits in piece["rows"] if hits[0] or hits[1]}
    loud = [step for step in played]
    off = [step for step in loud if step % piece["grid"] and step + piece["grid"] - step % piece["grid"] not in played]
    return len(off), len(loud)


def mean(values):
    return sum(values) / len(values) if values else 0


def stats(name, pieces):
    pieces = [p for p in pieces if p["bar"] == 4 * p["grid"] and p["bars"] >= 8]
    n_bars = sum(p["bars"] for p in pieces)
    lanes, levels = collections.Counter(), collections.Counter()
    likeness = {1: [], 2: [], 4: []}
    off = loud = fills = beats = 0
    different = []
    for p in pieces:
        bars = bars_of(p)
        for apart, row in likeness.items():
            row += alike(bars, apart)
        for step, hits in p["rows"]:
            beats += step % p["grid"] == 0 and any(hits)
            for lane, hit in enumerate(hits):
                lanes[lane] += hit > 0
            if 1 <= hits[1] <= 3:
                levels[hits[1]] += 1
        a, b = syncopations(p)
        off, loud = off + a, loud + b
        fills += sum(p["kinds"])
        different.append(len({frozenset(bar) for bar in bars}) / len(bars))
    snares = sum(levels.values()) or 1
    print(f"{name:14s}" + "".join(f" {lanes[k] / n_bars:6.2f}" for k in range(len(LANES))) +
          f" {sum(lanes.values()) / n_bars:7.2f} {levels[1] / snares:6.3f} {levels[3] / snares:6.3f} {off / (loud or 1):6.3f}" +
          "".join(f" {mean(row):6.3f}" for row in likeness.values()) +
          f" {beats / n_bars / 4:6.3f} {fills / n_bars:6.3f} {mean(different):6.3f}  {len(pieces)} pieces, {n_bars} bars")


def main():
    if len(sys.argv) > 3 and sys.argv[1] == "ngram":
        ngram(read(sys.argv[2]), read(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 4)
        return
    if len(sys.argv) < 3 or sys.argv[1] != "stats":
        sys.exit(__doc__)
    print(f"{'a bar':14s}" + "".join(f" {lane:>6s}" for lane in LANES) +
          f" {'hits':>7s} {'soft':>6s} {'loud':>6s} {'syncop':>6s} {'like 1':>6s} {'like 2':>6s} {'like 4':>6s} {'beats':>6s} {'fills':>6s} {'differ':>6s}")
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        stats(name, read(path))


main()
