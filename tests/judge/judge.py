#!/usr/bin/python3
"""Judge pieces by their style.

    judge.py STYLE.style FILE.mid... [--verbose] [--json]

Counts, for every file: breaches of each `never` line; notes that hang, overlap, have no length or leave the range of their part; what a
file must state; where it ends; how the last chord is reached; how far the notes keep to the planned chords. Over all files: keys, tempi,
forms, shared bars. Exit status 0 if there is nothing to blame, 1 if there is. Files are to be written as scored, without performance;
--performed judges played files by what can be said of them: the file, its notes, its ranges.
"""
import argparse
import collections
import json
import os
import sys
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rules import Lines
from score import Score
from style_lines import Never, Style

HAND = 14  # semitones that a hand can hold at one instant
MAX_LEAP = 5


def check_file(score, style):
    """What any file must have."""
    out = list(score.troubles)
    for name, part in score.parts.items():
        out += [f"{name}: {t}" for t in part.troubles]
        known = style.parts.get(name)
        if known is None:
            out.append(f"track {name} is no part of the style")
            continue
        if len(part.channels) > 1:
            out.append(f"{name}: more than one channel")
        if part.is_drums != (known.role == "drums") and part.notes:
            out.append(f"{name}: drums and channel 10 do not agree")
        if part.pedals and part.pedals[-1][1] >= 64:
            out.append(f"{name}: the pedal is down at the end")
        if part.notes and not part.is_drums and not part.programs:
            out.append(f"{name}: no program")
        if known.role != "drums":
            out += [f"{name}: {n.key} at {n.start} is out of range" for n in part.notes if not known.low <= n.key <= known.high]
    for what, found in (("tempo", score.tempos), ("time signature", score.meters), ("key signature", score.keys)):
        if not found or found[0][0] != 0:
            out.append(f"no {what} at the start")
    if sum(score.lines[-1][:2]) != score.end or any(t > score.end for t in score.track_ends) or score.track_ends.count(score.end) != len(score.track_ends):
        out.append(f"tracks end at {sorted({float(t) for t in score.track_ends})}, not on one bar line")
    if not score.header or not score.chords or not score.phrases:
        out.append("no header, chords or phrases in the text events")
    if any(n.end > score.end for p in score.parts.values() for n in p.notes):
        out.append("a note sounds beyond the end")
    return out


def tonic(score):
    """Of the home key: the root of the first tonic chord in the first phrase, by its numeral."""
    sharps, minor = score.keys[0][1:] if score.keys else (0, False)
    for _, chord in score.chords:
        if chord.roman.rstrip("0123456789majdsu+@#b") in ("I", "i"):
            return chord.root
    return (7 * sharps + (9 if minor else 0)) % 12


def check_end(score, style):
    """The last chord: on the tonic, or where the style says, by the cadence that the last phrase names, without leaps."""
    out = []
    cadence = score.phrases[-1][3]
    start, last = score.chords[-1]
    before = next((chord for _, chord in reversed(score.chords) if chord.root != last.root), last)
    home = (tonic(score) + style.end) % 12
    if last.root != home or last.bass != home:
        out.append(f"the last chord is {last.symbol}, its root was to be {home}")
    degrees = {"authentic": (7, 11, 10), "plagal": (5, 2, 8)}.get(cadence)
    if degrees is None:
        out.append(f"the last cadence is {cadence}")
    elif (before.root - home) % 12 not in degrees:
        out.append(f"{cadence} cadence by {before.symbol} {before.roman}")
    pitched = [p for p in score.parts.values() if p.notes and not p.is_drums]
    final = [n for p in pitched for n in p.notes if n.start <= start < n.end or n.start >= start]
    end = max((n.start for n in final), default=0)
    if final and min(n.key for n in final if n.end > end) % 12 != home:
        out.append("the lowest of the last notes is not the root")
    out += [f"{n.key} in the last chord is foreign to it" for n in final if n.key not in last]
    out += [f"{name}: {a}-{b} into the last chord" for name, a, b in last_moves(score, style, start) if abs(a - b) > MAX_LEAP]
    return out


def last_moves(score, style, start):
    """(part, key before, key in the last chord) by line; lines of a chordal part are matched from the top."""
    for name, part in score.parts.items():
        if part.is_drums or name not in style.parts or style.parts[name].role == "bass":
            continue
        old = [n for n in part.notes if n.start < start]
        new = [n for n in part.notes if n.start >= start]
        if not old or not new or any(n.start < start < n.end for n in old):
            continue
        keys_old = sorted((n.key for n in old if n.start == old[-1].start), reverse=True)
        keys_new = sorted((n.key for n in new if n.start == new[0].start), reverse=True)
        rows = zip(keys_old, keys_new) if len(keys_old) == len(keys_new) else [(keys_old[0], keys_new[0])]
        for a, b in rows:
            yield name, a, b


def check_hands(score, style):
    """Parts for piano: what sounds at once in a hand can be held by it."""
    out = []
    for name, part in score.parts.items():
        if part.programs and set(part.programs.values()) <= set(range(0, 8)) and style.parts[name].lines > 1 and not style.parts[name].wide:
            times = sorted({n.start for n in part.notes})
            for time in times:
                keys = [n.key for n in part.notes if n.start <= time < n.end]
                if max(keys) - min(keys) > HAND or len(keys) > 5:
                    out.append(f"{name}: {sorted(keys)} at {time}")
    return out


def on_beats(score):
    """(beats on which all that sounds belongs to the chord, beats on which something sounds)."""
    good = total = 0
    pitched = [n for p in score.parts.values() if not p.is_drums for n in p.notes]
    starts = collections.defaultdict(list)
    for note in pitched:
        for beat in score.beats(note.start, note.end):
            starts[beat].append(note.key)
    for beat, keys in starts.items():
        total += 1
        good += all(k in score.chord_at(beat) for k in keys)
    return good, total


def bars_of(score):
    """The bars as comparable values: what begins in them, by part."""
    rows = collections.defaultdict(list)
    for name, part in score.parts.items():
        for n in part.notes:
            rows[score.bar_of(n.start)].append((name, score.place(n.start)[0], n.end - n.start, n.key))
    return [tuple(sorted(rows[i])) for i in range(score.bars())]


def shared_bars(pieces):
    """[(share, a, b)] of pairs that share over half of the bars of one of them; and the largest share of all."""
    sets = {path: set(bars) - {()} for path, bars in pieces.items()}
    out, most = [], 0.0
    paths = sorted(pieces)
    for i, a in enumerate(paths):
        for b in paths[i + 1:]:
            common = sets[a] & sets[b]
            share = max(sum(x in common for x in pieces[p]) / max(1, len(pieces[p])) for p in (a, b)) if common else 0.0
            most = max(most, share)
            if share > 0.5:
                out.append((share, a, b))
    return out, most


def judge(path, style):
    """All counts of one file."""
    score = Score(path)
    lines = Lines(score, style)
    result = collections.OrderedDict()
    result["file"] = check_file(score, style)
    result["end"] = check_end(score, style) if len(score.chords) > 1 and score.phrases else ["nothing to end"]
    result["hands"] = check_hands(score, style)
    for rule in style.nevers:
        result[f"{rule.line}: {rule.text}"] = lines.check(rule)
    free = Never(0, "", "unresolved", [], [p for p in style.parts if style.parts[p].role != "drums"], False, "everywhere")
    return score, result, on_beats(score), len(lines.check(free))


def judge_performed(paths, style):
    blamed, velocities = 0, []
    for path in paths:
        score = Score(path)
        for breach in check_file(score, style):
            print(f"{path}: {breach}")
            blamed += 1
        velocities.append(len({n.velocity for p in score.parts.values() for n in p.notes}))
    print(f"{len(paths)} played pieces: {blamed} troubles; {min(velocities)} to {max(velocities)} velocities each")
    return 1 if blamed or min(velocities) < 4 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("style")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--verbose", action="store_true", help="every breach, with its place")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--performed", action="store_true", help="the files are played: swing, accents, small deviations")
    options = parser.parse_args()
    style = Style(options.style)
    if options.performed:
        return judge_performed(options.files, style)
    totals, examples = collections.Counter(), {}
    beats_good = beats = unresolved = 0
    keys, tempi, forms, pieces, lengths = set(), set(), set(), {}, []
    for path in options.files:
        score, result, (good, total), loose = judge(path, style)
        beats_good, beats, unresolved = beats_good + good, beats + total, unresolved + loose
        keys.add(score.keys[0][1:] + (tonic(score),) if score.keys and score.chords else None)
        tempi.add(round(score.tempos[0][1], 1) if score.tempos else None)
        forms.add(tuple(p[1:3] for p in score.phrases))
        lengths.append(score.bars())
        pieces[path] = bars_of(score)
        for what, breaches in result.items():
            totals[what] += len(breaches)
            if breaches:
                examples.setdefault(what, f"{path}: {breaches[0]}")
                if options.verbose:
                    for breach in breaches:
                        print(f"{path}: {what}: {breach}")
    shared, most = shared_bars(pieces)
    report = {
        "style": style.name, "pieces": len(pieces), "nevers": len(style.nevers), "breaches": sum(totals.values()),
        "by_rule": dict(totals), "keys": len(keys), "tempi": len(tempi), "forms": len(forms),
        "bars": [min(lengths), max(lengths)], "chord_on_beat": beats_good / max(1, beats),
        "foreign_not_left_by_step": unresolved, "pairs_sharing_over_half": len(shared), "largest_share": most,
    }
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        for what, count in totals.items():
            print(f"{count:6d}  {what}" + (f"   [{examples[what]}]" if count else ""))
        print(f"{report['pieces']} pieces of {min(lengths)} to {max(lengths)} bars: {report['breaches']} breaches of {report['nevers']} nevers and the checks; "
              f"{len(keys)} keys, {len(tempi)} tempi, {len(forms)} forms")
        print(f"chord on the beat {report['chord_on_beat']:.3f}; foreign notes not left by step {unresolved}; "
              f"pairs sharing over half of their bars {len(shared)} (largest share {most:.2f})")
    return 1 if report["breaches"] or shared else 0


if __name__ == "__main__":
    sys.exit(main())
