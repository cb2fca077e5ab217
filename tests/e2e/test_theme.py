#!/usr/bin/python3
"""Themes through the real program: files and notes, where the report says that they are, styles that say so, and what is wrong with them."""

import json
import pathlib
import sys

import e2e

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "judge"))
try:
    import theme as judge
except ImportError:  # mido is not there.
    judge = None

TUNE = """X:1
T:A tune
M:4/4
L:1/8
K:D
A2 | d2fd A2FA | BcdB A2F2 | G2BG F2AF | E2FG E2A2 | d2fd A2FA | BcdB A2F2 | G2Bc dcBA | e2dc d4 |
f2af e2ce | dcdB A2F2 | G2BG F2AF | E2FG E4 | f2af e2ce | dcdB A2F2 | G2Bc dcBA | e2dc d4 |]
"""


class Theme(e2e.Case):
    def made(self, style, theme, *more, name="a"):
        self.good("generate", style, "--no-model", "--theme", theme, "--score", "--theme-report", f"{name}.json", "-o", f"{name}.mid", *more)
        return json.loads((self.folder / f"{name}.json").read_text())[0]

    def test_the_report_says_where(self):
        self.write("tune.abc", TUNE)
        for style in ("reel", "chorale", "swing", "house"):
            report = self.made(style, "tune.abc", "--seed", 3)
            self.assertTrue(any(use["kinds"] == "stated" for use in report["uses"]), style)
            for use in report["uses"]:
                self.assertLess(use["start"], use["end"])
                self.assertTrue(use["theme_onsets"])
                self.assertGreater(use["notes"], 0)
                self.assertEqual(use["theme_onsets"], sorted(use["theme_onsets"]))

    def test_it_is_found_there(self):
        if judge is None:
            self.skipTest("mido is not there")
        # The tune as a MIDI file, by way of a style that says it whole.
        self.write("say.style", 'estro 1 style say ""\nkeys D\nform { piece = <a 8 open theme> <b 8 open theme> }\nharmony { phrase = I:4 | I:4 phrase }\n'
                   'rhythm { run = 8*8 }\npart p { role melody range C3..C7 }\ntexture main { p run }\n')
        self.write("tune.abc", TUNE)
        self.made("./say.style", "tune.abc", "--seed", 1, name="tune")
        notes = judge.melody_of(self.folder / "tune.mid")
        self.assertGreater(len(notes), 80)
        for style, seed in (("reel", 1), ("reel", 2), ("swing", 1), ("house", 1), ("chorale", 1)):
            report = self.made(style, "tune.mid", "--seed", seed)
            piece = judge.read_notes(self.folder / "a.mid")
            for use in report["uses"]:
                _, _, result = judge.look(notes, piece, use)
                self.assertTrue(judge.is_found(result), f"{style} {seed} bar {use['bar']} {use['kinds']} {result}")
        # What is not there is not found.
        other = [(480 * i, 60 + 7 * i % 12) for i in range(16)]
        self.assertFalse(judge.is_found(judge.find(other, notes[:16])))

    def test_file_notes_and_standard_input_are_the_same(self):
        line = "[K:D] d f a f | g e d2 |"
        self.write("line.abc", "X:1\nM:4/4\nL:1/4\nK:D\nd f a f | g e d2 |\n")
        uses = [self.made("reel", theme, "--seed", 5)["uses"] for theme in (line, "line.abc")]
        self.assertEqual(uses[0], uses[1])
        with open(self.folder / "line.abc", "rb") as stdin:
            result = self.good("generate", "reel", "--no-model", "--seed", 5, "--theme", "-", "--theme-report", "-", "-o", "b.mid", stdin=stdin)
        self.assertEqual(json.loads(result.out)[0]["uses"], uses[0])

    def test_the_piece_says_that_it_has_a_theme(self):
        self.made("reel", "c d e g |", "--seed", 7)
        data = (self.folder / "a.mid").read_bytes()
        self.assertRegex(data, rb"; theme of [0-9a-f]{16}; seed 7")
        self.assertNotIn(b"c d e g", data)
        self.made("reel", "c d e g |", "--seed", 7, name="b")
        self.assertEqual(data, (self.folder / "b.mid").read_bytes())
        self.made("reel", "c d e f |", "--seed", 7, name="b")
        self.assertNotEqual(data, (self.folder / "b.mid").read_bytes())

    def test_a_style_says_what_is_done(self):
        self.write("says.style", 'estro 1 style says ""\nmeter 3/4\nkeys G\nform { piece = <a 4 open theme> <b 4 open> <c 4 open theme as inverted> '
                   '<d 4 open theme retrograde> <e 4 open theme as sequence> <a 4 open theme> }\n'
                   'harmony { phrase = (I:3 | IV:3 | V:3)*3 I:3 }\nrhythm { run = 4*3 }\npart p { role melody }\npart q { role counter }\n'
                   'texture main { p run q run }\ntheme in q\n')
        report = self.made("./says.style", "[M:3/4][K:C] c e g | f d B | c3 | z3 |", "--seed", 1)
        self.assertEqual([(u["bar"], u["kinds"]) for u in report["uses"]],
                         [(1, "stated"), (9, "inverted"), (13, "retrograde"), (17, "sequence"), (21, "stated")])
        self.assertEqual({u["part"] for u in report["uses"]}, {"q"})
        self.assertEqual(report["key"], "G major")

    def test_what_is_wrong_is_said(self):
        self.write("bad.abc", "X:1\nT:x\nM:5/7\nK:C\nabc\n")
        self.write("none.abc", "nothing here\n")
        self.write("bad.mid", b"MThd\0\0\0\6\0\1")
        for theme, says in (("bad.abc", "bad.abc:3:3: error: this is no metre"), ("none.abc", "none.abc:1:1: error: this is no tune"),
                            ("bad.mid", "bad.mid"), ("missing.mid", "missing.mid"), ("missing.abc", "missing.abc"), ("z z |", "the tune has no notes"),
                            ("c d 7 |", "theme:1:5: error: '7' has no meaning here"), (str(self.folder) + "/", "no meaning")):
            self.bad(1, "generate", "reel", "--no-model", "--theme", theme, "-o", "x.mid", says=says)
        self.bad(2, "generate", "reel", "--theme-report", "x.json", "-o", "x.mid", says="--theme-report needs --theme")
        self.bad(2, "generate", "reel", "--theme", "c d |", "--theme-report", "-", "-o", "-", says="standard output")
        self.bad(1, "generate", "--model", "quartet", "--theme", "c d |", "--theme-report", "/nonexistent/x.json", "-o", "/nonexistent/x.mid")


if __name__ == "__main__":
    e2e.main()
