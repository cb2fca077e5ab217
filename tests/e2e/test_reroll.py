#!/usr/bin/python3
"""Drawing bars anew: that bar of that part changes, and not a byte of anything else.

The files are read by this program's own means. `test_reroll.py --cases 200` tries so many random cases (styles, seeds, bars, parts, with and
without models) and prints a line for each kind of outcome; as a test of the suite it tries a few.
"""

import collections
import pathlib
import random
import struct
import sys

import e2e

CASES = 10
BARS = 20


def number(data, at):
    """A number of variable length, and what comes after it."""
    value = 0
    while True:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at


def events_of(data):
    """Events of a track: (tick, bytes of the event, status given in full)."""
    at = tick = status = 0
    events = []
    while at < len(data):
        step, at = number(data, at)
        tick += step
        if data[at] >= 0x80:
            status = data[at]
            at += 1
        if status == 0xFF:
            size, body = number(data, at + 1)
            events.append((tick, bytes([0xFF, data[at]]) + data[body:body + size]))
            at = body + size
        else:
            size = 1 if status >> 4 in (0xC, 0xD) else 2
            events.append((tick, bytes([status]) + data[at:at + size]))
            at += size
    return events


class Piece:
    """A file: for each track its name, its notes (on, off, key, velocity, channel), and all its other events."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        _, self.n_tracks, self.division = struct.unpack(">HHH", data[8:14])
        at, self.tracks = 14, []
        for _ in range(self.n_tracks):
            size = struct.unpack(">I", data[at + 4:at + 8])[0]
            self.tracks.append(self.track(events_of(data[at + 8:at + 8 + size])))
            at += 8 + size
        conductor = self.tracks[0][2]
        self.about = next(event[2:].decode() for _, event in conductor if event[:2] == b"\xFF\x01")
        meters = [(tick, event) for tick, event in conductor if event[:2] == b"\xFF\x58"]
        end = max(tick for _, notes, others in self.tracks for tick, _ in others)
        self.bars = []  # Where each begins, and the end.
        for i, (tick, event) in enumerate(meters):
            bar = self.division * 4 * event[2] // (1 << event[3])
            until = meters[i + 1][0] if i + 1 < len(meters) else end
            self.bars += range(tick, until, bar)
        self.bars.append(end)

    @staticmethod
    def track(events):
        name, notes, others, open_notes = "", [], [], collections.defaultdict(list)
        for tick, event in events:
            kind = event[0] >> 4
            if kind == 9 and event[2] > 0:
                open_notes[event[0] & 15, event[1]].append([tick, None, event[1], event[2], event[0] & 15])
                notes.append(open_notes[event[0] & 15, event[1]][-1])
            elif kind in (8, 9):
                open_notes[event[0] & 15, event[1]].pop(0)[1] = tick
            else:
                others.append((tick, event))
                if event[:2] == b"\xFF\x03":
                    name = event[2:].decode()
        return name, [tuple(note) for note in notes], others

    def names(self):
        return [name for name, _, _ in self.tracks[1:]]

    def inside(self, part, first, last):
        """Notes that begin in bars (from 1) of a part; and the rest, a list a track."""
        start, end = self.bars[first - 1], self.bars[last]
        inside, rest = [], []
        for name, notes, others in self.tracks:
            is_meant = part in (None, name)
            inside += [(name, n) for n in notes if is_meant and start <= n[0] < end]
            rest.append((name, [n for n in notes if not (is_meant and start <= n[0] < end)], others))
        return inside, rest


def without_about(piece, rest):
    return [(name, notes, [o for o in others if o[1][2:] != piece.about.encode()]) for name, notes, others in rest]


class Reroll(e2e.Case):
    def compare(self, a, b, part, first, last):
        """All but the scope is the same. @return Whether the scope is, too."""
        inside_a, rest_a = a.inside(part, first, last)
        inside_b, rest_b = b.inside(part, first, last)
        for x, y in zip(without_about(a, rest_a), without_about(b, rest_b), strict=True):
            self.assertEqual(x, y)
        return inside_a == inside_b

    def one(self, style, options, scope, part, first, last, seed):
        self.good("generate", style, *options, "--seed", seed, "-o", "a.mid")
        result = self.good("generate", style, *options, "--seed", seed, "--reroll", scope, "-o", "b.mid")
        a, b = Piece(self.folder / "a.mid"), Piece(self.folder / "b.mid")
        same = self.compare(a, b, part, first, last)
        self.assertEqual(b.about, a.about + "; reroll " + scope)
        if same:
            self.assertIn("no other notes were found", result.err)
        return same

    def cases(self, count, seed):
        """Random cases; counts of what came of them."""
        styles = sorted(p.stem for p in (e2e.TOP / "styles").glob("*.style"))
        rng, outcomes = random.Random(seed), collections.Counter()
        for _ in range(count):
            style, piece_seed = rng.choice(styles), rng.randrange(10000)
            options = ["--bars", BARS] + rng.choice([[], ["--no-model"]])
            self.good("generate", style, *options, "--seed", piece_seed, "-o", "a.mid")
            piece = Piece(self.folder / "a.mid")
            part, bar = rng.choice(piece.names()), rng.randrange(1, len(piece.bars))
            scope = f"bar={bar},part={part},try={rng.randrange(1, 4)}"
            with self.subTest(style=style, seed=piece_seed, scope=scope, options=options):
                same = self.one(style, options, scope, part, bar, bar, piece_seed)
                empty = not piece.inside(part, bar, bar)[0]
                outcomes["nothing stands there" if same and empty else "nothing else was found" if same else "new"] += 1
        return outcomes

    def test_bars_change_and_nothing_else(self):
        outcomes = self.cases(CASES, 1)
        self.assertGreater(outcomes["new"], CASES // 2, outcomes)

    def test_bar_of_all_parts_and_several_bars(self):
        for scope, part, first, last in (("bar=5", None, 5, 5), ("bar=5..7,part=alto", "alto", 5, 7), ("part=bass", "bass", 1, 14)):
            self.assertFalse(self.one("chorale", ["--no-model"], scope, part, first, last, 7), scope)

    def test_same_again_and_other_tries(self):
        results = []
        for scope in ["bar=5,part=alto"] * 2 + [f"bar=5,part=alto,try={n}" for n in range(2, 6)]:
            self.good("generate", "chorale", "--seed", 7, "--reroll", scope, "-o", "b.mid")
            results.append((self.folder / "b.mid").read_bytes())
        self.assertEqual(results[0], results[1])
        notes = [Piece(self.write(f"{i}.mid", data)).inside("alto", 5, 5)[0] for i, data in enumerate(results)]
        self.assertGreater(len(set(map(tuple, notes))), 1)

    def test_pin(self):
        self.good("generate", "chorale", "--no-model", "--seed", 7, "-o", "a.mid")
        self.good("generate", "chorale", "--no-model", "--seed", 7, "--pin", "bar=5..8,part=alto", "--pin", "bar=1", "-o", "b.mid")
        a, b = Piece(self.folder / "a.mid"), Piece(self.folder / "b.mid")
        for part, first, last in (("alto", 5, 8), (None, 1, 1)):
            self.assertEqual(a.inside(part, first, last)[0], b.inside(part, first, last)[0])
        self.assertNotEqual(a.inside("soprano", 2, 14)[0], b.inside("soprano", 2, 14)[0])

    def test_errors(self):
        for status, scope, says in (
                (1, "bar=99", "there is no bar 99; the piece has 14"),
                (1, "bar=5,part=alt", "there is no part 'alt'; did you mean 'alto'?"),
                (1, "bar=5,prt=alto", "did you mean 'part'?"),
                (1, "bar=7..5", "bars are a number from 1"),
                (1, "bar=0", "bars are a number from 1"),
                (1, "bar=5,try=x", "tries are numbered from 1"),
                (1, "17", "'17' is no scope"),
                (1, "", "'' is no scope"),
                (1, "part=" + "x" * 100, "more than 63 letters")):
            self.bad(status, "generate", "chorale", "--no-model", "--seed", 7, "--reroll", scope, "-o", "b.mid", says=says)
        self.bad(2, "generate", "chorale", "--reroll", "bar=1", "--pin", "bar=2", "-o", "b.mid", says="exclude each other")


if __name__ == "__main__":
    if "--cases" in sys.argv:
        at = sys.argv.index("--cases")
        CASES = int(sys.argv[at + 1])
        case = Reroll("test_errors")
        case.setUp()
        for outcome, times in sorted(case.cases(CASES, 2).items()):
            print(f"{times} of {CASES}: {outcome}")
        case.tearDown()
    else:
        e2e.main()
