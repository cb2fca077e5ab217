#!/usr/bin/python3
"""Pieces through the real program: the same seed, other seeds, options, names of files, kinds of output."""

import json
import struct

import e2e


class Generate(e2e.Case):
    def test_same_seed_same_bytes(self):
        for style in e2e.STYLES:
            for model in (["--no-model"], []):
                self.good("generate", style, *model, "--seed", 7, "-o", "a.mid")
                self.good("generate", style, *model, "--seed", 7, "-o", "b.mid")
                a, b = ((self.folder / name).read_bytes() for name in ("a.mid", "b.mid"))
                self.assertEqual(a, b, f"{style} {model}")
                self.assertTrue(a.startswith(b"MThd\0\0\0\6\0\1"))
                self.good("generate", style, *model, "--seed", 8, "-o", "b.mid")
                self.assertNotEqual(a, (self.folder / "b.mid").read_bytes(), f"{style} {model}")

    def test_standard_output_holds_the_same(self):
        self.good("generate", "reel", "--no-model", "--seed", 3, "-o", "a.mid")
        result = self.good("generate", "reel", "--no-model", "--seed", 3, "-o", "-")
        self.assertEqual(result.bytes, (self.folder / "a.mid").read_bytes())

    def test_without_seed_each_run_is_new_and_says_its_seed(self):
        seeds = set()
        for _ in range(3):
            result = self.good("generate", "chorale", "--no-model", "--json", "-o", "a.mid")
            row = json.loads(result.out)[0]
            seeds.add(row["seed"])
            self.assertIn(f"; seed {row['seed']}", row["about"])
        self.assertEqual(len(seeds), 3)

    def test_says_what_was_made(self):
        result = self.good("generate", "chorale", "--no-model", "--seed", 7, "-o", "a.mid")
        for text in ("a.mid", "chorale", "seed 7", "quarters a minute", "bars"):
            self.assertIn(text, result.err)
        self.assertEqual(result.out, "")
        self.assertIn(b"; seed 7", (self.folder / "a.mid").read_bytes())

    def test_name_without_o(self):
        self.good("generate", "chorale", "--no-model", "--seed", 7)
        self.assertEqual(self.files(), ["chorale-7.mid"])
        self.bad(1, "generate", "chorale", "--no-model", "--seed", 7, says="chorale-7.mid")
        self.good("generate", "chorale", "--no-model", "--seed", 7, "-o", "chorale-7.mid")

    def test_count(self):
        self.good("generate", "reel", "--no-model", "--seed", 7, "--count", 3)
        self.assertEqual(self.files(), ["reel-7.mid", "reel-8.mid", "reel-9.mid"])
        self.good("generate", "reel", "--no-model", "--seed", 8, "-o", "one.mid")
        self.assertEqual((self.folder / "one.mid").read_bytes(), (self.folder / "reel-8.mid").read_bytes())
        self.good("generate", "reel", "--no-model", "--seed", 1, "--count", 2, "-o", "set.mid")
        self.assertIn("set-1.mid", self.files())
        self.assertIn("set-2.mid", self.files())

    def test_key_tempo_bars(self):
        for style, key, text in (("chorale", "Eb", "Eb major"), ("reel", "D", "D major"), ("chorale", "a", "A minor")):
            result = self.good("generate", style, "--no-model", "--seed", 2, "--key", key, "--tempo", 100, "--json", "-o", "a.mid")
            row = json.loads(result.out)[0]
            self.assertEqual(row["key"], text)
            self.assertEqual(row["tempo"], 100)

    def test_bars_are_the_nearest_that_the_form_has(self):
        for style in e2e.STYLES:
            bars = []
            for wanted in (1, 16, 1000):
                result = self.good("generate", style, "--no-model", "--seed", 2, "--bars", wanted, "--json", "-o", "a.mid")
                bars.append(json.loads(result.out)[0]["bars"])
            self.assertEqual(bars, sorted(bars), style)
            self.assertGreaterEqual(bars[0], 1, style)

    def test_parts(self):
        self.good("generate", "house", "--no-model", "--seed", 2, "-o", "all.mid")
        self.good("generate", "house", "--no-model", "--seed", 2, "--parts", "drums,bass", "-o", "two.mid")
        tracks = [struct.unpack(">HHH", (self.folder / name).read_bytes()[8:14])[1] for name in ("all.mid", "two.mid")]
        self.assertEqual(tracks[1], 3)
        self.assertGreater(tracks[0], 3)
        self.bad(1, "generate", "house", "--parts", "drums,kazoo", "-o", "b.mid", says=["kazoo", "bass"])

    def test_chords(self):
        self.good("generate", "chorale", "--no-model", "--seed", 2, "--chords", "C | Am F | Dm G7 | C", "-o", "a.txt")
        text = (self.folder / "a.txt").read_text()
        for chord in ("Am", "Dm", "G7"):
            self.assertIn(f" {chord}", text)
        self.bad(1, "generate", "chorale", "--chords", "C | Xyz", "-o", "b.mid", says=["chords:1:5", "    C | Xyz\n        ^"])

    def test_stats(self):
        result = self.good("generate", "chorale", "--seed", 2, "--stats", "-o", "a.mid")
        self.assertIn("mean Z", result.err)
        result = self.good("generate", "chorale", "--seed", 2, "--stats", "--json", "-o", "a.mid")
        stats = json.loads(result.out)[0]["stats"]
        self.assertGreater(stats["nats_sampler"], 0)
        self.assertTrue(0 <= stats["mean_z"] <= 1)

    def test_score_is_straight(self):
        self.good("generate", "reel", "--no-model", "--seed", 2, "--score", "-o", "a.mid")
        result = self.good("show", "--json", "a.mid")
        found = json.loads(result.out)
        self.assertTrue(found["on_grid"])

    def test_style_from_standard_input(self):
        text = (e2e.TOP / "styles" / "reel.style").read_bytes()
        self.write("own.style", text)
        self.good("generate", "reel", "--no-model", "--seed", 4, "-o", "a.mid")
        with open(self.folder / "own.style", "rb") as file:
            self.good("generate", "-", "--no-model", "--seed", 4, "-o", "b.mid", stdin=file)
        self.assertEqual((self.folder / "a.mid").read_bytes(), (self.folder / "b.mid").read_bytes())

    def test_every_hit_of_a_large_groove_sounds(self):
        rows = " ".join(f'{drum} "{"x" * 64}"' for drum in "snare hat open ride bell crash tom1 tom2 tom3".split())
        self.write("big.style", f"""estro 1
style big "A groove of 640 hits"
harmony {{ phrase = I:4 phrase | I:4 }}
groove many {{ kick "{"x" * 63}9" {rows} }}
part kit {{ role drums }}
texture main {{ kit many }}
form {{ piece = <a 1 open> }}
""".encode())
        self.good("generate", "./big.style", "--seed", 1, "--no-model", "--score", "-o", "a.txt")
        notes = [line for line in (self.folder / "a.txt").read_text().splitlines() if " note-on " in line]
        self.assertGreaterEqual(len(notes), 639)

    def test_a_quartet_by_its_model_alone(self):
        """Four strings that rest now and then, and do not leave their ranges."""
        self.good("generate", "--model", e2e.TOP / "styles" / "quartet.model", "--seed", 1, "--score", "-o", "a.txt")
        lines = [line.split() for line in (self.folder / "a.txt").read_text().splitlines()]
        self.assertEqual([line[6] for line in lines if line[3] == "program"], ["40", "40", "41", "42"])
        length = max(int(line[0]) for line in lines)
        together = 0
        for track, lowest in (("1", 55), ("2", 55), ("3", 48), ("4", 36)):
            notes = [line for line in lines if line[2] == track and line[3].startswith("note-")]
            sounding = sum(int(line[0]) * (1 if line[3] == "note-off" else -1) for line in notes)
            self.assertGreater(len(notes), 20)
            self.assertGreater(sounding, length // 8)
            self.assertLessEqual(sounding, length)
            self.assertGreaterEqual(min(int(line[6]) for line in notes), lowest)
            together += sounding
        self.assertLess(together, 4 * length * 95 // 100)

    def test_sound_files(self):
        features = self.good("--version").out
        if "sndfile" not in features:
            self.skipTest("built without libsndfile")
        self.good("generate", "chorale", "--no-model", "--seed", 1, "--bars", 8, "-o", "a.mid")
        for name, magic in (("a.wav", b"RIFF"), ("a.flac", b"fLaC"), ("a.ogg", b"OggS"), ("a.opus", b"OggS")):
            self.good("generate", "chorale", "--no-model", "--seed", 1, "--bars", 8, "-o", name)
            data = (self.folder / name).read_bytes()
            self.assertTrue(data.startswith(magic), name)
            self.assertGreater(len(data), 20000, name)
        self.good("render", "a.mid", "-o", "b.wav")
        self.assertTrue((self.folder / "b.wav").read_bytes().startswith(b"RIFF"))


if __name__ == "__main__":
    e2e.main()
