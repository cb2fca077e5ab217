#!/usr/bin/python3
"""Finds a theme in a piece, where a report says that it is: theme.py THEME.mid PIECE.mid REPORT.json
Or, as a judge: theme.py --corpora DIR [--tunes N] [--seed N] STYLE...: folk tunes as themes in styles; a row a style, exit 1 if any is not found.

It knows nothing of how the piece was made: it reads both MIDI files and looks for the passage of the theme in the notes of the part at the
place that the report gives. The passage may be moved by any interval, turned over, from the end, in other values (even scaling, and
beats of a bar lengthened unevenly within the tolerance), with notes between. A theme note counts as found when a note of the piece stands in its place in the
order, at most 0.9 of the passage's mean distance between notes (as scaled) from its scaled time, with its pitch, octaves apart, or up to two semitones from it
(another step of another scale). The theme is found if at least 85 % of its notes are, half of them all with their very pitch. It is found, too, if as many
stand there in order, and the time from each to the next is 0.4 to 2.5 times the scaled time: so it is where a metre was changed into one
that its beats do not fit.
"""

import argparse
import bisect
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import mido

SCALES = (1 / 4, 1 / 3, 3 / 8, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 8 / 3, 3, 4, 6, 8)
FOUND, EXACT, NEAR = 0.85, 0.5, 0.9


def read_notes(path):
    """{track name: [(tick of 1/960 quarter, key)]}, ascending; the top of what begins together."""
    file = mido.MidiFile(path)
    tracks = {}
    for index, track in enumerate(file.tracks):
        tick, name, top = 0, str(index), {}
        for message in track:
            tick += message.time
            if message.type == "track_name":
                name = message.name
            elif message.type == "note_on" and message.velocity:
                at = tick * 960 / file.ticks_per_beat
                top[at] = max(top.get(at, 0), message.note)
        if top:
            tracks[name] = sorted(top.items())
    return tracks


def melody_of(path):
    """The notes of the track that lies highest."""
    return max(read_notes(path).values(), key=lambda notes: sum(k for _, k in notes) / len(notes))


def distance(a, b):
    """Semitones between pitches, octaves apart."""
    return abs((a - b + 6) % 12 - 6)


def align(theme, piece, times, scale, anchor, first, more):
    """
    Share of the theme's notes found in order, and of those at their very pitch, when its note `first` is the piece's note `anchor`, moved by
    `more` semitones besides.
    """
    shift = piece[anchor][1] - theme[first][1] + more
    spread = (theme[-1][0] - theme[0][0]) / max(1, len(theme) - 1) * scale * NEAR
    origin = piece[anchor][0] - theme[first][0] * scale
    # Rows of the best count that ends with each note of the piece: (notes found, of these exact).
    best = [(0, 0)] * (len(piece) + 1)
    for time, key in theme:
        expected = origin + time * scale
        low = bisect.bisect_left(times, expected - spread)
        high = bisect.bisect_right(times, expected + spread)
        for j in range(high - 1, low - 1, -1):
            off = distance(key + shift, piece[j][1])
            if off <= 2:
                found, exact = best[j]
                best[j + 1] = max(best[j + 1], (found + 1, exact + (off == 0)))
        for j in range(low, len(best) - 1):
            if best[j + 1] < best[j]:
                best[j + 1] = best[j]
    return best[-1]


def warp(theme, piece, scale, shift):
    """Shares of the theme's notes found in order, and at their very pitch, with about the scaled time from one to the next."""
    nothing = (0, 0)
    best = [[nothing] * len(piece) for _ in theme]
    for i, (time, key) in enumerate(theme):
        for j, (at, found) in enumerate(piece):
            off = distance(key + shift, found)
            if off > 2:
                continue
            best[i][j] = (1, int(off == 0)) if i < 3 and j < 4 else nothing
            for back in range(max(0, i - 3), i):
                for last in range(max(0, j - 4), j):
                    ratio = (at - piece[last][0]) / ((time - theme[back][0]) * scale)
                    if best[back][last] > nothing and 0.4 <= ratio <= 2.5:
                        count, exact = best[back][last]
                        best[i][j] = max(best[i][j], (count + 1, exact + (off == 0)))
    count, exact = max(max(row) for row in best)
    return count / len(theme), exact / len(theme)


def turned(theme, way):
    """From the end a note begins where it ended: where the next one began."""
    row = theme
    if "retrograde" in way:
        ends = [t for t, _ in theme[1:]] + [2 * theme[-1][0] - theme[-2][0]]
        row = [(ends[-1] - end, key) for end, (_, key) in reversed(list(zip(ends, theme)))]
    return [(t, -k) for t, k in row] if "inverted" in way else row


def find_warped(theme, piece):
    best = (0, 0, "")
    for way in ("", "inverted ", "retrograde ", "retrograde inverted "):
        row = turned(theme, way)
        for shift in {(piece[a][1] - row[f][1] + more) % 12 for a in range(min(4, len(piece))) for f in range(2) for more in (0, -1, 1)}:
            for scale in SCALES:
                found, exact = warp(row, piece, scale, shift)
                if found + exact > best[0] + best[1]:
                    best = (found, exact, f"{way}about x{scale:.3g}")
    return best


def find(theme, piece):
    """The best way to see the passage in the notes: (share found, share exact, how)."""
    result = (0, 0, "")
    if len(theme) < 2 or len(piece) < 2:
        return result
    times = [t for t, _ in piece]
    for way in ("", "inverted ", "retrograde ", "retrograde inverted "):
        row = turned(theme, way)
        for scale in SCALES:
            for anchor in range(min(4, len(piece))):
                for first in range(min(2, len(row))):
                    for more in (0, -1, 1, -2, 2):
                        found, exact = align(row, piece, times, scale, anchor, first, more)
                        share = (found / len(row), exact / len(row))
                        if share[0] + share[1] > result[0] + result[1]:
                            result = (*share, f"{way}x{scale:.3g}")
    if not is_found(result):
        warped = find_warped(theme, piece)
        result = warped if is_found(warped) else result
    return result


def is_found(result):
    return result[0] >= FOUND and result[1] >= EXACT


def look(theme, piece, use):
    """What is found where a use says."""
    onsets = use["theme_onsets"]
    passage, before = [], None
    for i, (time, key) in enumerate(theme):
        at = bisect.bisect_left(onsets, time - 2)
        if at == len(onsets) or onsets[at] > time + 2:
            continue
        # Repeats in the theme are left out: what comes after one follows what came before it.
        moved = time if before is None else passage[-1][0] + theme[before + 1][0] - theme[before][0]
        passage.append((moved, key))
        before = i
    region = [n for n in piece.get(use["part"], []) if use["start"] - 1 <= n[0] < use["end"]]
    return passage, region, find(passage, region)


def one(arguments):
    theme, piece = melody_of(arguments.files[0]), read_notes(arguments.files[1])
    missed = 0
    for use in json.load(open(arguments.files[2], encoding="utf-8"))[0]["uses"]:
        passage, region, result = look(theme, piece, use)
        missed += not is_found(result)
        print(f"bar {use['bar']:3d} {use['kinds']:24s} {len(passage):3d} of the theme, {len(region):3d} there: "
              f"{100 * result[0]:3.0f} % found, {100 * result[1]:3.0f} % exact {result[2]}{'' if is_found(result) else '  NOT FOUND'}")
    return 1 if missed else 0


# ---- a judge ----


def tunes(corpora, count, skip=0):
    """Tunes spread evenly over both books."""
    paths = sorted(pathlib.Path(corpora, "folk").glob("*/*.mid"))
    step = len(paths) // count
    return [paths[(i * step + skip) % len(paths)] for i in range(count)]


def judge(arguments):
    program = os.environ.get("ESTRO", "build/estro")
    chosen = tunes(arguments.corpora, arguments.tunes, 7)
    others = [melody_of(p) for p in tunes(arguments.corpora, arguments.tunes, 31)]
    failed = 0
    for style in arguments.files:
        stated = uses_found = uses_all = chance = good = 0
        for i, path in enumerate(chosen):
            with tempfile.TemporaryDirectory() as folder:
                out, report = f"{folder}/a.mid", f"{folder}/a.json"
                done = subprocess.run([program, "generate", style, "--theme", path, "--seed", str(arguments.seed + i), "--score", "-o", out,
                                       "--theme-report", report], stderr=subprocess.PIPE, text=True, check=False)
                if done.returncode:
                    print(f"# {style} {path.name}: {done.stderr.strip()}")
                    continue
                theme, piece = melody_of(path), read_notes(out)
                uses = json.load(open(report, encoding="utf-8"))[0]["uses"]
            results = []
            for use in uses:
                passage, region, result = look(theme, piece, use)
                results.append(is_found(result))
                if not results[-1]:
                    print(f"# {style} {path.name} bar {use['bar']} {use['kinds']}: {len(passage)} notes, {result}")
            has_statement = any("stated" in use["kinds"] for use in uses)
            if not has_statement:
                print(f"# {style} {path.name}: nowhere stated")
            good += has_statement and all(results)
            stated += has_statement
            uses_all += len(uses)
            uses_found += sum(results)
            if uses:  # Other tunes of as many notes in the same place are not to be found.
                size = len(uses[0]["theme_onsets"])
                region = [n for n in piece.get(uses[0]["part"], []) if uses[0]["start"] - 1 <= n[0] < uses[0]["end"]]
                for other in (others[i], others[(i + 1) % len(others)], others[(i + 2) % len(others)]):
                    chance += is_found(find(other[:size], region))
        failed += good < len(chosen)
        print(f"{style:12s} {good} of {len(chosen)} found wherever said; stated in {stated}; {uses_found} of {uses_all} places; "
              f"of {3 * len(chosen)} other tunes {chance} are taken for it", flush=True)
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpora")
    parser.add_argument("--tunes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    sys.exit(judge(arguments) if arguments.corpora else one(arguments))


if __name__ == "__main__":
    main()
