#!/usr/bin/python3
"""The judge must find what is wrong: for each kind of `never`, and each check, one deliberate breach is put into a sound file.

Run: /usr/bin/python3 tests/judge/test_judge.py. Needs python3-mido; without it: "skip", as no test passed.
"""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
try:
    import mido
except ImportError:
    print("skip: python3-mido is not installed")
    sys.exit(0)

import judge
import measures
from rules import Lines
from score import Chord, Score
from style_lines import Style

Q = 960
PARTS = """
part high { role melody range C4..C6 lines 1 }
part middle { role counter range C3..G5 lines 1 }
part low { role bass range C2..C4 lines 1 }
part hand { role harmony instrument "Acoustic Grand Piano" range C3..C6 lines 3 }
part kit { role drums }
"""

# Four bars of 4/4 in C: I IV V I by whole bars, in three voices; a chord of three for the hand; a kit.
CLEAN = {
    "high": [(0, 1, 76), (1, 1, 77), (2, 2, 76), (4, 2, 77), (6, 2, 81), (8, 2, 79), (10, 1, 77), (11, 1, 74), (12, 4, 72)],
    "middle": [(0, 4, 67), (4, 4, 65), (8, 4, 62), (12, 4, 64)],
    "low": [(0, 4, 48), (4, 4, 53), (8, 4, 43), (12, 4, 48)],
    "hand": [(0, 4, k) for k in (60, 64, 67)] + [(4, 4, k) for k in (60, 65, 69)] + [(8, 4, k) for k in (59, 62, 67)]
    + [(12, 4, k) for k in (60, 64, 67)],
    "kit": [(b, 0.5, 36) for b in range(0, 16, 4)] + [(b + 2, 0.5, 38) for b in range(0, 16, 4)],
}
CHORDS = [(0, "C", "I"), (4, "F", "IV"), (8, "G7", "V7"), (12, "C", "I")]
PHRASES = [(0, "a", 4, "authentic")]


def write(path, parts=None, chords=None, phrases=None, **changes):
    """A file of the kind that the judge reads. `changes`: tempo, meter, key, names, programs = False leave these out; end in quarters."""
    parts = CLEAN if parts is None else parts
    file = mido.MidiFile(type=1, ticks_per_beat=Q)
    events = [(0, mido.MetaMessage("text", text="estro 0.1.0; style test"))]
    if changes.get("tempo", True):
        events.append((0, mido.MetaMessage("set_tempo", tempo=600000)))
    if changes.get("meter", True):
        events.append((0, mido.MetaMessage("time_signature", numerator=4, denominator=4)))
    if changes.get("key", True):
        events.append((0, mido.MetaMessage("key_signature", key="C")))
    events += [(t * Q, mido.MetaMessage("text", text=f"chord {s} {r}")) for t, s, r in (chords or CHORDS)]
    events += [(t * Q, mido.MetaMessage("text", text=f"phrase {a} {b} {c}")) for t, a, b, c in (phrases or PHRASES)]
    end = int(changes.get("end", 16) * Q)
    file.tracks.append(track(events, end))
    for channel, (name, notes) in enumerate(parts.items()):
        channel = 9 if name == "kit" else channel
        events = [(0, mido.MetaMessage("track_name", name=name))] if changes.get("names", True) else []
        if changes.get("programs", True) and name != "kit":
            events.append((0, mido.Message("program_change", channel=channel, program=0)))
        for start, length, key in notes:
            events.append((int(start * Q), mido.Message("note_on", channel=channel, note=key, velocity=80)))
            if length is not None:
                events.append((int((start + length) * Q) + (0 if length else 1e-3), mido.Message("note_off", channel=channel, note=key)))
        file.tracks.append(track(events, end))
    file.save(path)


def track(events, end):
    out, now = mido.MidiTrack(), 0  # A note without length ends a hair later: after its beginning.
    order = {"note_off": 0, "note_on": 2}
    for time, message in sorted(events, key=lambda e: (e[0], order.get(e[1].type, 1))):
        message.time = int(time) - now
        now = int(time)
        out.append(message)
    out.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
    return out


def changed(**rows):
    parts = dict(CLEAN)
    parts.update(rows)
    return parts


def put(name, *new, drop=()):
    """The clean notes of a part, without those that begin at the times in `drop`, and with new ones."""
    return changed(**{name: sorted([n for n in CLEAN[name] if n[0] not in drop] + list(new))})


# kind: (the never line, a piece that breaks it, its chords or None)
BREACHES = {
    "parallel": ("parallel 5 8 between high middle low", put("low", (4, 2, 46), (6, 2, 50), drop=(4,)), None),
    "hidden": ("hidden 5 8 between high low", put("low", (6, 2, 57), (4, 2, 53), drop=(4,)), None),
    "cross": ("cross between high middle low", put("middle", (12, 4, 74), drop=(12,)), None),
    "overlap": ("overlap between high middle low", put("middle", (8, 2, 62), (10, 2, 80), drop=(8, 10)), None),
    "spacing": ("spacing > 19 between middle low", put("low", (8, 4, 36), drop=(8,)), None),
    "unison": ("unison between high middle", put("middle", (12, 4, 72), drop=(12,)), None),
    "clash": ("clash 1 between high middle", put("middle", (12, 4, 71), drop=(12,)), None),
    "leap": ("leap > 7 in high", put("high", (12, 4, 84), drop=(12,)), None),
    "interval": ("interval 6 in high", put("high", (11, 1, 78), drop=(11,)), None),
    "unrecovered": ("unrecovered > 4 in high", put("high", (6, 1, 84), (7, 1, 86), drop=(6,)), None),
    "repeat": ("repeat > 2 in high", put("high", (0, 1, 76), (1, 1, 76), (2, 2, 76), drop=(0, 1, 2)), None),
    "run": ("run > 4 in high", put("high", (12, 2, 72), (14, 2, 71), drop=(12,)), None),
    "foreign": ("foreign in middle", put("middle", (4, 4, 67), drop=(4,)), None),
    "unresolved": ("unresolved in high", put("high", (1, 1, 71), drop=(1,)), None),
    "chromatic": ("chromatic in high", put("high", (1, 1, 78), drop=(1,)), None),
    "doubled": ("doubled leading in high middle hand", put("middle", (8, 2, 71), drop=(8,)), None),
    "missing": ("missing 3 in hand", put("hand", (12, 4, 60), (12, 4, 67), drop=(12,)), None),
    "inversion": ("inversion on beats", put("low", (8, 4, 47), drop=(8,)), None),
    "leading": ("leading in high", put("high", (11, 1, 71), (12, 4, 67), drop=(11, 12)), None),
    "seventh": ("seventh in middle", put("middle", (8, 4, 65), (12, 4, 67), drop=(8, 12)), None),
    "span": ("span > 12 in hand", put("hand", (12, 4, 48), (12, 4, 64), (12, 4, 67), drop=(12,)), None),
    "outside": ("outside C4..B5 in high", put("high", (6, 2, 84), drop=(6,)), None),
    "short": ("short 8 in high", put("high", (0, 0.25, 76), (0.25, 0.75, 76), drop=(0,)), None),
    "long": ("long 1 in high", put("high", (8, 6, 79), drop=(8, 10, 11)), None),
    "silence": ("silence > 2 in high", put("high", drop=(1, 2)), None),
    "together": ("together kick snare", put("kit", (4, 0.5, 38)), None),
    "absent": ("absent kick in kit", put("kit", drop=(4,)), None),
}


class Judge(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.midi = os.path.join(self.folder.name, "piece.mid")

    def tearDown(self):
        self.folder.cleanup()

    def style(self, *nevers):
        path = os.path.join(self.folder.name, "test.style")
        with open(path, "w", encoding="utf-8") as file:
            file.write("estro 1\nstyle test \"Test\"\n" + PARTS + "".join(f"never {n}\n" for n in nevers))
        return Style(path)

    def counts(self, nevers, *args, **kwargs):
        write(self.midi, *args, **kwargs)
        style = self.style(*nevers)
        lines = Lines(Score(self.midi), style)
        return [len(lines.check(rule)) for rule in style.nevers]

    def test_clean_piece_passes(self):
        rules = [b[0] for b in BREACHES.values()]
        self.assertEqual(dict(zip(rules, self.counts(rules))), {r: 0 for r in rules})
        result = judge.judge(self.midi, self.style("cross between high middle"))[1]
        self.assertEqual({k: v for k, v in result.items() if v}, {})

    def test_every_kind_is_found(self):
        for kind, (rule, parts, chords) in BREACHES.items():
            with self.subTest(kind):
                self.assertGreater(self.counts([rule], parts, chords)[0], 0, rule)

    def test_every_kind_has_a_breach(self):
        """Every kind that the language knows, and that the shipped styles use, is among the breaches above."""
        here = os.path.dirname(os.path.abspath(__file__))
        folder = os.path.join(here, "..", "..", "styles")
        for name in sorted(os.listdir(folder)):
            if name.endswith(".style"):
                for rule in Style(os.path.join(folder, name)).nevers:
                    self.assertIn(rule.kind, BREACHES, f"{name}:{rule.line}")

    def test_imports(self):
        """What a file imports counts as its own; it can say anew what a part is, and drop rules."""
        with open(os.path.join(self.folder.name, "base.style"), "w", encoding="utf-8") as file:
            file.write("estro 1\nlibrary base \"Base\"\npart one { role walking  range C2..C4 }\nnever leap > 7 in one\nnever repeat > 2\n")
        path = os.path.join(self.folder.name, "top.style")
        with open(path, "w", encoding="utf-8") as file:
            file.write("estro 1\nstyle top : base \"Top\"\npart one { range E2..E4 }\npart two { role melody  lines 2 }\ndrop leap\nnever leap > 9 in two\n")
        style = Style(path)
        self.assertEqual([(n.line, n.kind, n.parts) for n in style.nevers], [("base:5", "repeat", ["one", "two"]), (6, "leap", ["two"])])
        self.assertEqual([(p.role, p.low, p.high, p.lines) for p in style.parts.values()], [("bass", 40, 64, 1), ("melody", 0, 127, 2)])

    def test_scopes(self):
        off_beat = put("high", (0, 0.5, 76), (0.5, 0.5, 77), (1, 1, 76), drop=(0, 1))
        self.assertEqual(self.counts(["foreign in high on beats", "foreign in high on strong"], off_beat), [0, 0])
        self.assertEqual(self.counts(["foreign in high on beats", "foreign in high on strong", "foreign in high on downbeats"],
                                     put("high", (0, 1, 77), drop=(0,))), [2, 1, 1])
        self.assertEqual(self.counts(["foreign in high at end", "foreign in high at cadence"], put("high", (12, 4, 74), drop=(12,))), [1, 1])

    def findings(self, **kwargs):
        parts = kwargs.pop("parts", None)
        write(self.midi, parts, **kwargs)
        result = judge.judge(self.midi, self.style("cross between high middle"))[1]
        return result

    def test_file_checks(self):
        for what, change in {
            "no tempo": {"tempo": False}, "no time signature": {"meter": False}, "no key signature": {"key": False},
            "no name": {"names": False}, "no program": {"programs": False}, "bar line": {"end": 17},
            "hangs": {"parts": put("high", (12, None, 72), drop=(12,))},
            "while it sounds": {"parts": put("high", (13, 2, 72))},
            "no length": {"parts": put("high", (6, 0, 84))},
            "out of range": {"parts": put("high", (6, 2, 86), drop=(6,))},
            "not on one bar line": {"parts": put("high", (12, 6, 72), drop=(12,))},
        }.items():
            with self.subTest(what):
                self.assertTrue(any(what in text for text in self.findings(**change)["file"]), self.findings(**change)["file"])

    def test_ends(self):
        for change in (
            {"chords": CHORDS[:-1] + [(12, "Am", "vi")]},                                  # not the tonic
            {"chords": [(0, "C", "I"), (4, "F", "IV"), (8, "F", "IV"), (12, "C", "I")]},   # not the cadence that is named
            {"phrases": [(0, "a", 4, "half")]},                                            # nothing that ends a piece
            {"parts": put("high", (12, 4, 84), drop=(12,))},                               # a leap
            {"parts": put("middle", (12, 4, 65), drop=(12,))},                             # a foreign note
            {"parts": put("low", (12, 4, 43), drop=(12,))},                                # the fifth in the bass
        ):
            with self.subTest(str(change)):
                self.assertTrue(self.findings(**change)["end"])

    def test_hands(self):
        wide = put("hand", (12, 4, 48), (12, 4, 64), drop=(12,))
        self.assertTrue(self.findings(parts=wide)["hands"])

    def test_chord_on_the_beat(self):
        write(self.midi)
        self.assertEqual(judge.on_beats(Score(self.midi)), (15, 16))  # The passing F of bar 1.

    def test_metres(self):
        """Two bars of 4/4, then of 2/4: bar lines follow, and a change inside a bar is blamed."""
        path = self.midi
        write(path)
        file = mido.MidiFile(path)
        for at, blamed in ((8, False), (5, True)):
            events, time = [], 0
            for message in file.tracks[0]:
                time += message.time
                events.append((time, message.copy(time=0)))
            events.append((at * Q, mido.MetaMessage("time_signature", numerator=2, denominator=4)))
            other = mido.MidiFile(type=1, ticks_per_beat=Q)
            other.tracks.append(track([e for e in events if e[1].type != "end_of_track"], 16 * Q))
            other.tracks += file.tracks[1:]
            other.save(path)
            score = Score(path)
            self.assertEqual(any("metres change" in t for t in score.troubles), blamed)
            if not blamed:
                self.assertEqual(score.starts, [0, 4, 8, 10, 12, 14])
                self.assertEqual(score.place(11)[0], 1)
                self.assertEqual(score.bar_of(11), 3)
                self.assertEqual(list(score.beats(7, 10)), [7, 8, 9])

    def test_tensions(self):
        tones = {"C9": "0 2 4 7 10", "Dm11": "2 4 5 7 9 0", "G13": "7 9 11 2 4 5", "G7b9": "7 8 11 2 5", "G13b9": "7 8 11 2 4 5", "G7alt": "7 8 10 11 1 3 5",
                 "C(#11)": "0 4 6 7", "C69": "0 2 4 7 9", "Bm7b5add11": "11 2 4 5 9", "C/D": "0 2 4 7", "G7#5/B": "7 11 3 5", "Cmmaj7": "0 3 7 11"}
        for symbol, wanted in tones.items():
            chord = Chord(symbol, "")
            self.assertEqual({k for k in range(12) if k in chord}, set(map(int, wanted.split())), symbol)
        self.assertEqual(Chord("C/D", "").bass, 2)
        self.assertEqual(Chord("G13b9", "").member(7), 5)
        self.assertIsNone(Chord("C69", "").leading())

    def test_shared_bars(self):
        write(self.midi)
        bars = judge.bars_of(Score(self.midi))
        self.assertEqual(len(bars), 4)
        other = [(("high", 0, 1, 60 + i),) for i in range(4)]
        self.assertEqual(judge.shared_bars({"a": bars, "b": other})[0], [])
        self.assertEqual(judge.shared_bars({"a": bars, "b": bars[:2] + other[:2]})[0], [])
        self.assertEqual(len(judge.shared_bars({"a": bars, "b": bars[:3] + other[:1]})[0]), 1)

    def test_motion_measures(self):
        """Two chords in parallel fifths; and what is not."""
        steps = [(67, 64, 60, 48)] * 4 + [(69, 65, 62, 50)] * 4
        self.assertEqual(measures.parallels(steps, 7), 200.0)   # soprano with tenor and with bass, in one change
        self.assertEqual(measures.parallels(steps, 0), 100.0)   # tenor with bass
        self.assertEqual(measures.parallels([(67, 64, 60, 48)] * 4 + [(67, 64, 60, 52)] * 4, 0), 0.0)  # one voice moves
        self.assertEqual(measures.crossing(steps), 0)
        self.assertEqual(measures.crossing([(60, 64, 55, 48)] + steps[:3]), 0.25)
        self.assertEqual(measures.spacing([(77, 64, 55, 48)] + steps[:3]), 0.25)
        self.assertEqual(measures.spacing([(76, 64, 52, 28)]), 0)  # octaves; the bass may be far away
        self.assertEqual(measures.chord_on_beat(steps), (1.0, 1.0))
        self.assertEqual(measures.chord_on_beat([(67, 67, 60, 48)] * 4), (0.0, 1.0))

    def test_foreign_notes(self):
        """Over a C major chord: what passes is good, what is reached and left by leap is not."""
        def share(soprano):
            steps = [(p, 64, 55, 48) for p in soprano]
            return measures.unresolved(steps, measures.chords_of(steps))
        self.assertEqual(share([67, 67, 65, 65, 64, 64, 64, 64]), 0)         # passes off the beat
        self.assertAlmostEqual(share([67, 67, 65, 65, 72, 72, 72, 72]), 100 / 6)  # is left by leap
        self.assertAlmostEqual(share([72, 72, 65, 65, 64, 64, 64, 64]), 100 / 6)  # is reached by leap, off the beat
        self.assertEqual(share([72] * 4 + [65, 64, 64, 64]), 0)              # is reached by leap, on the beat

    def test_leading_tones_and_ends(self):
        ending = [(74, 67, 59, 43)] * 4 + [(72, 67, 60, 48)] * 8
        chords = measures.chords_of(ending)
        self.assertEqual(measures.leading_tones(ending, chords), (1, 1))
        self.assertEqual(measures.final_chord(ending), (True, True))
        third_down = [(74, 67, 59, 43)] * 4 + [(72, 64, 55, 48)] * 8
        self.assertEqual(measures.leading_tones(third_down, measures.chords_of(third_down)), (1, 1))
        lost = [(71, 67, 62, 43)] * 4 + [(67, 64, 60, 48)] * 8               # not in the soprano
        self.assertEqual(measures.leading_tones(lost, measures.chords_of(lost)), (0, 1))
        plagal = [(72, 65, 57, 53)] * 4 + [(72, 64, 55, 48)] * 12
        self.assertEqual(measures.final_chord(plagal), (True, False))
        half = [(72, 67, 64, 48)] * 12 + [(71, 67, 62, 43)] * 4
        self.assertFalse(measures.final_chord(half)[0])

    def test_repetition(self):
        a, b = [72, 74, 76, 77], [79, 79, 77, 74]
        tune = [p for bar in (a, b, [60, 60, 64, 60], [61, 66, 61, 66], a, b) for p in bar for _ in range(4)]
        every, first = measures.two_bar([(p, 55, 52, 48) for p in tune])
        self.assertEqual(first, 1.0)
        self.assertLess(every, 1.0)

    def test_shared_runs(self):
        tune = [72, 74, 76, 77, 79, 77, 76, 74, 72, 71, 69, 71]
        roll = lambda shift, at=99: [(p + shift + (i == at), 55, 52, 48) for i, p in enumerate(tune) for _ in range(4)]
        name = "shared runs of 8"
        self.assertEqual(measures.measure([roll(0)], [roll(3)])[name], 1.0)      # in another key
        self.assertEqual(measures.measure([roll(0, 8)], [roll(0)])[name], 0.2)   # of five runs the first goes by before the change
        self.assertEqual(measures.measure([roll(0)], [[r for r in roll(0) for _ in range(2)]])[name], 0.0)  # at half the speed

    def test_aims(self):
        self.assertTrue(measures.misses("two-bar match", 0.57))
        self.assertFalse(measures.misses("two-bar match", 0.58))
        self.assertTrue(measures.misses("parallel fifths per 100", 0.001))
        self.assertFalse(measures.misses("ends on the tonic chord", 0.0))  # nothing is asked of it


class Bach(unittest.TestCase):
    """The values of MEASURES.md, where the corpus is at hand ($CORPORA)."""

    def test_values(self):
        folder = os.path.join(os.environ.get("CORPORA", ""), "jsb16")
        if not os.path.exists(os.path.join(folder, "jsb16.test.txt")):
            self.skipTest("CORPORA does not name the folder of corpora")
        rows = measures.measure(measures.read_rolls(os.path.join(folder, "jsb16.test.txt")),
                                measures.read_rolls(os.path.join(folder, "jsb16.train.txt")))
        for name, value, tolerance in (
            ("parallel fifths per 100", 0.19, 0.006), ("parallel octaves per 100", 0.14, 0.006), ("crossing", 0.021, 0.0006),
            ("spacing", 0.018, 0.0006), ("unresolved foreign notes, %", 0.48, 0.04), ("leading tone resolved", 0.956, 0.003),
            ("ends on the tonic chord", 0.86, 0.011), ("authentic ending", 0.896, 0.0006), ("two-bar match", 0.65, 0.006),
            ("theme return", 0.70, 0.006), ("shared runs of 8", 0.096, 0.004), ("full chord on the beat", 0.86, 0.006),
            ("part of a chord on the beat", 0.91, 0.006),
        ):
            self.assertAlmostEqual(rows[name], value, delta=tolerance, msg=name)


if __name__ == "__main__":
    unittest.main()
