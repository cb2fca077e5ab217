#!/usr/bin/python3
"""Drawing bars anew: that bar of that part changes, and not a byte of anything else.

The files are read by this program's own means. `test_reroll.py --cases 200` tries so many random cases (styles, seeds, bars, parts, with and
without models) and prints a line for each kind of outcome; as a test of the suite it tries a few.
"""

import collections
import json
import pathlib
import random
import struct
import sys

import e2e

CASES = 10
SAYS = False  # Which cases found nothing else.
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


def written(value):
    """A number of variable length."""
    out = [value & 0x7F]
    while value >> 7:
        value >>= 7
        out.insert(0, value & 0x7F | 0x80)
    return bytes(out)


def edited(path, part, rng):
    """The file with some notes of a part moved, made louder, transposed, or taken away, as a person might."""
    data = pathlib.Path(path).read_bytes()
    out, at = data[:14], 14
    while at < len(data):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        body = data[at + 8:at + 8 + size]
        at += 8 + size
        events = events_of(body)
        if (0, b"\xFF\x03" + part.encode()) in events:
            for i in sorted(rng.sample([i for i, e in enumerate(events) if e[1][0] >> 4 == 9], 8)):
                tick, on = events[i]
                off = next(j for j in range(i + 1, len(events)) if events[j][1][0] >> 4 == 8 and events[j][1][1] == on[1])
                # Not to a key that sounds already: no instrument plays one twice at a time.
                taken = {e[1][1] for e in events if e[1][0] >> 4 in (8, 9) and tick - 960 <= e[0] <= events[off][0] + 960}
                key = on[1] + (next((n for n in rng.sample([-2, 2, 5, 7], 4) if on[1] + n not in taken), 0) if i % 2 else 0)
                events[i] = (tick + (7 if i % 3 == 0 else 0), bytes([on[0], key, min(127, on[2] + 9)]))
                events[off] = (events[off][0], bytes([events[off][1][0], key, events[off][1][2]]))
            gone = next(i for i, e in enumerate(events) if e[1][0] >> 4 == 9)
            off = next(j for j in range(gone, len(events)) if events[j][1][0] >> 4 == 8 and events[j][1][1] == events[gone][1][1])
            events = sorted((e for i, e in enumerate(events) if i not in (gone, off)), key=lambda e: e[0])
        body, last = b"", 0
        for tick, event in events:
            meta = event[:2] + written(len(event) - 2) + event[2:] if event[0] == 0xFF else event
            body += written(tick - last) + meta
            last = tick
        out += b"MTrk" + struct.pack(">I", len(body)) + body
    return out


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

    def chain(self, rng, piece):
        """What was drawn anew is kept, and another bar is drawn anew."""
        part, bar = rng.choice(piece.names()), rng.randrange(1, len(piece.bars))
        self.good("generate", "--keep", "b.mid", "--reroll", f"bar={bar},part={part}", "-o", "c.mid")
        self.compare(Piece(self.folder / "b.mid"), Piece(self.folder / "c.mid"), part, bar, bar)

    def cases(self, count, seed):
        """Random cases; counts of what came of them."""
        styles = sorted(p.stem for p in (e2e.TOP / "styles").glob("*.style"))
        rng, outcomes = random.Random(seed), collections.Counter()
        for _ in range(count):
            style, piece_seed = rng.choice(styles), rng.randrange(10000)
            options = ["--bars", BARS] + rng.choice([[], ["--no-model"]])
            while self.estro("generate", style, *options, "--seed", piece_seed, "-o", "a.mid").status != 0:
                outcomes["the style found no piece"] += 1
                piece_seed += 1
            piece = Piece(self.folder / "a.mid")
            places = [(p, b) for p in piece.names() for b in range(1, len(piece.bars)) if piece.inside(p, b, b)[0]]
            part, bar = rng.choice(places)
            scope = f"bar={bar},part={part},try={rng.randrange(1, 4)}"
            with self.subTest(style=style, seed=piece_seed, scope=scope, options=options):
                same = self.one(style, options, scope, part, bar, bar, piece_seed)
                if rng.randrange(3) == 0:
                    self.chain(rng, piece)
                outcomes["nothing else was found" if same else "new"] += 1
                if same and SAYS:
                    print(style, *options, "--seed", piece_seed, "--reroll", scope)
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

    def test_diff(self):
        self.good("generate", "chorale", "--no-model", "--seed", 7, "-o", "a.mid")
        self.good("generate", "chorale", "--no-model", "--seed", 7, "--reroll", "bar=5,part=alto bar=7..8,part=bass", "-o", "b.mid")
        self.assertEqual(self.good("diff", "a.mid", "a.mid").out, "")
        result = self.estro("diff", "a.mid", "b.mid")
        self.assertEqual(result.status, 1)
        self.assertEqual(result.err, "")
        self.assertRegex(result.out, r"^bar 5, alto: \d+ notes? gone, \d+ notes? new\n(bar [78], bass: .*\n)+$")
        rows = json.loads(self.estro("diff", "--json", "a.mid", "b.mid").out)
        a, b = (Piece(self.folder / name) for name in ("a.mid", "b.mid"))
        for row in rows:
            x, y = (collections.Counter(p.inside(row["part"], row["bar"], row["bar"])[0]) for p in (a, b))
            self.assertEqual((row["notes_gone"], row["notes_new"], row["others_gone"], row["others_new"]),
                             ((x - y).total(), (y - x).total(), 0, 0))
        self.good("generate", "chorale", "--no-model", "--seed", 7, "--tempo", 90, "-o", "c.mid")
        self.assertIn("bar 1, piece: ", self.estro("diff", "a.mid", "c.mid").out)
        self.bad(1, "diff", "a.mid", "nowhere.mid", says="nowhere.mid")
        self.write("no.mid", "no")
        self.bad(1, "diff", "no.mid", "a.mid", says="no.mid")
        self.bad(2, "diff", "a.mid")

    def test_keep(self):
        for options in (["--no-model"], []):
            self.good("generate", "chorale", *options, "--seed", 7, "-o", "a.mid")
            self.good("generate", "--keep", "a.mid", "-o", "k.mid")
            self.assertEqual((self.folder / "a.mid").read_bytes(), (self.folder / "k.mid").read_bytes())
            self.good("generate", "chorale", *options, "--seed", 7, "--reroll", "bar=5,part=alto", "-o", "b.mid")
            self.good("generate", "--keep", "a.mid", "--reroll", "bar=5,part=alto", "-o", "c.mid")
            self.assertEqual((self.folder / "b.mid").read_bytes(), (self.folder / "c.mid").read_bytes())
            self.good("generate", "--keep", "c.mid", "--reroll", "bar=9,part=bass", "-o", "d.mid")
            c, d = Piece(self.folder / "c.mid"), Piece(self.folder / "d.mid")
            self.assertFalse(self.compare(c, d, "bass", 9, 9))
            self.assertEqual(d.about, c.about + "; kept; reroll bar=9,part=bass")

    def test_keep_what_was_edited(self):
        for style, part, other, seed in (("chorale", "soprano", "alto", 7), ("ragtime", "melody", "bass", 3), ("house", "bass", "drums", 5)):
            self.good("generate", style, "--no-model", "--seed", seed, "-o", "a.mid")
            piece = Piece(self.folder / "a.mid")
            part, other = (part, other) if part in piece.names() and other in piece.names() else piece.names()[:2]
            self.write("e.mid", edited(self.folder / "a.mid", part, random.Random(seed)))
            e = Piece(self.folder / "e.mid")
            self.assertNotEqual(e.inside(part, 1, len(e.bars) - 1), piece.inside(part, 1, len(e.bars) - 1))
            self.good("generate", "--keep", "e.mid", "-o", "k.mid")
            self.compare(e, Piece(self.folder / "k.mid"), None, 1, 0)
            for bar in (4, 6):
                self.good("generate", "--keep", "e.mid", "--reroll", f"bar={bar},part={other}", "-o", "f.mid")
                self.compare(e, Piece(self.folder / "f.mid"), other, bar, bar)

    def test_theme(self):
        theme = ["--theme", "c d e f | g a g e | c2 g2 | c4"]
        self.good("generate", "reel", *theme, "--seed", 3, "-o", "a.mid")
        self.good("generate", "reel", *theme, "--seed", 3, "--reroll", "bar=2,part=bass", "-o", "b.mid")
        a, b = Piece(self.folder / "a.mid"), Piece(self.folder / "b.mid")
        self.assertFalse(self.compare(a, b, "bass", 2, 2))
        self.good("generate", "--keep", "a.mid", *theme, "--reroll", "bar=2,part=bass", "-o", "c.mid")
        self.assertEqual((self.folder / "b.mid").read_bytes(), (self.folder / "c.mid").read_bytes())
        self.bad(1, "generate", "--keep", "a.mid", "-o", "d.mid", says="a theme; it is to be named again")
        self.bad(1, "generate", "--keep", "a.mid", "--theme", "c d e c |", "-o", "d.mid", says="another theme")

    def test_keep_errors(self):
        self.good("generate", "chorale", "--no-model", "--seed", 7, "-o", "a.mid")
        data = (self.folder / "a.mid").read_bytes()
        at = data.index(b"style chorale ") + 14
        self.write("old.mid", data[:at] + b"0123456789abcdef" + data[at + 16:])
        self.bad(1, "generate", "--keep", "old.mid", "-o", "b.mid", says=["old.mid: error: ", "as that stood then (0123456789abcdef)"])
        self.write("word.mid", data.replace(b"; seed 7", b"; sead 7"))
        self.bad(1, "generate", "--keep", "word.mid", "-o", "b.mid", says="made with 'sead 7', which this program does not know")
        self.write("other.mid", data.replace(b"estro 0", b"extra 0"))
        self.bad(1, "generate", "--keep", "other.mid", "-o", "b.mid", says="it was not made by estro")
        self.write("none.mid", data.replace(b"style chorale", b"style chorals"))
        self.bad(1, "generate", "--keep", "none.mid", "-o", "b.mid", says="chorals")
        self.write("track.mid", data.replace(b"\xFF\x03\x04alto", b"\xFF\x03\x04solo"))
        self.bad(1, "generate", "--keep", "track.mid", "-o", "b.mid", says="a track 'solo'; style chorale has no such part")
        self.bad(1, "generate", "reel", "--keep", "a.mid", "-o", "b.mid", says="it was made in style chorale")
        self.bad(1, "generate", "--keep", "nowhere.mid", "-o", "b.mid", says="nowhere.mid")
        self.bad(2, "generate", "--keep", "a.mid", "--bars", 8, "-o", "b.mid", says="--keep and --bars exclude each other")
        self.bad(2, "generate", "--keep", "a.mid", "--count", 2, "-o", "b.mid", says="--count and --keep")

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
        CASES, SAYS = int(sys.argv[at + 1]), True
        case = Reroll("test_errors")
        case.setUp()
        for outcome, times in sorted(case.cases(CASES, 2).items()):
            print(f"{times} of {CASES}: {outcome}")
        case.tearDown()
    else:
        e2e.main()
