#!/usr/bin/python3
"""Training through the real program: what is said beforehand, what is skipped, Ctrl-C, and what comes of the model."""

import json
import os
import signal
import subprocess
import xml.etree.ElementTree

import e2e


class Train(e2e.Case):
    def setUp(self):
        super().setUp()
        if "train" not in self.good("--version").out:
            self.skipTest("built without training")
        (self.folder / "corpus/more").mkdir(parents=True)
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 1, "--count", 12, "--bars", 12, "-o", "corpus/piece.mid")
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 50, "--count", 4, "--bars", 12, "-o", "corpus/more/piece.mid")

    def small(self, *more):
        return ["train", "corpus", "--hidden", 32, "--decoder", 32, "--layers", 1, *more]

    def test_broken_files_are_named_and_left_out(self):
        for i in range(20):
            self.write(f"corpus/broken{i:02}.mid", b"MThd" + os.urandom(i * 7))
        result = self.good(*self.small("--epochs", 1, "-o", "a.model"))
        for i in range(20):
            self.assertIn(f"broken{i:02}.mid", result.err)
        self.assertIn("16 pieces", result.err)
        self.assertIn("warning:", result.err)
        self.assertIn("a.model", self.files())

    def test_dry_run_writes_nothing(self):
        result = self.good(*self.small("--dry-run", "-o", "a.model"))
        self.assertIn("16 pieces", result.err)
        self.assertNotIn("a.model", self.files())

    def test_a_licence_is_not_cut_short(self):
        self.bad(1, *self.small("--epochs", 1, "--licence", 256 * "x", "-o", "a.model"),
                 says="the licence has 256 bytes, and the card has room for 255")

    def test_model_is_good_for_something(self):
        result = self.good(*self.small("--epochs", 20, "--seed", 3, "--corpus", "twelve chorales", "--licence", "none", "-o", "own.model"))
        self.assertIn("valid", result.err)
        checked = self.good("check", "./own.model")
        self.assertIn("twelve chorales", checked.out)
        evaluated = json.loads(self.good("evaluate", "--json", "./own.model", "corpus/more/piece-50.mid", "corpus/more/piece-51.mid").out)
        self.assertEqual(evaluated["total"]["pieces"], 2)
        self.assertLess(evaluated["total"]["micro"]["hidden"]["nats_per_voice_step"], 1.5)
        for more in ([], ["chorale"]):
            made = json.loads(self.good("generate", *more, "--model", "./own.model", "--seed", 1, "--json", "-o", "a.mid").out)[0]
            self.assertIn("; model own ", made["about"])
            self.assertGreater(made["stats"]["draws"], 100)

    def test_drums_are_known_by_their_channel(self):
        style = ["estro 1 style d \"\"", "form { piece = <a 8 open> <b 8 open> }", "harmony { phrase = N | N phrase }",
                 "groove beat { kick \"x...4.x.x..3..2.\" snare \"....X..o.3.oX..o\" hat \"x.x.x.x.x.x.x.x7\" }",
                 "part k { role drums } texture main { k beat }", "perform { human 12 ms 6 }"]
        self.write("d.style", "\n".join(style).encode())
        (self.folder / "kit").mkdir()
        self.good("generate", "./d.style", "--seed", 1, "--count", 12, "-o", "kit/rock.mid")
        result = self.good("train", "kit", "--hidden", 16, "--decoder", 16, "--epochs", 6, "--seed", 1, "-o", "kit.model")
        self.assertIn("drums, 12 steps to a quarter", result.err)
        self.assertIn("drums in 7 lanes", self.good("check", "./kit.model").out)
        evaluated = json.loads(self.good("evaluate", "--json", "./kit.model", "kit").out)
        self.assertLess(evaluated["total"]["micro"]["hidden"]["nats_per_note"], 2)
        made = json.loads(self.good("generate", "--model", "./kit.model", "--seed", 1, "--json", "-o", "a.mid").out)[0]
        self.assertGreater(made["stats"]["draws"], 100)
        self.bad(1, "generate", "chorale", "--model", "./kit.model", "--seed", 1, "-o", "b.mid", says=["not of voices"])

    def test_chords_without_voices(self):
        result = self.good(*self.small("--profile", "notes", "--epochs", 2, "-o", "own.model"))
        self.assertIn("chords, ", result.err)
        self.assertIn("chords of up to", self.good("check", "./own.model").out)
        evaluated = json.loads(self.good("evaluate", "--json", "./own.model", "corpus/more/piece-50.mid").out)
        self.assertGreater(evaluated["total"]["micro"]["hidden"]["nats_per_voice_step"], 0)
        for name in "a.mid", "b.mid":
            made = json.loads(self.good("generate", "--model", "./own.model", "--seed", 1, "--json", "-o", name).out)[0]
            self.assertGreater(made["stats"]["draws"], 100)
        self.assertEqual((self.folder / "a.mid").read_bytes(), (self.folder / "b.mid").read_bytes())
        self.bad(2, *self.small("--profile", "chords", "-o", "own.model"), says="voices or notes")
        self.bad(1, "generate", "chorale", "--model", "./own.model", "-o", "c.mid", says="own")

    def test_plot_and_samples(self):
        if "cairo" not in self.good("--version").out:
            self.bad(1, *self.small("--epochs", 1, "--plot", "a.svg", "-o", "a.model"), says="cairo")
            return
        result = self.good(*self.small("--epochs", 3, "--plot", "a.svg", "--sample", "heard", "-o", "a.model"))
        picture = xml.etree.ElementTree.parse(self.folder / "a.svg").getroot()
        self.assertTrue(picture.tag.endswith("svg"))
        self.assertGreater(len(list(picture.iter())), 40)
        heard = [f for f in self.files() if f.startswith("heard/")]
        self.assertEqual(len(heard), 1)
        self.good("show", heard[0])
        self.assertIn("model present", (self.folder / heard[0]).read_bytes().decode(errors="replace"))
        plain = self.good(*self.small("--epochs", 3, "-o", "plain.model"))
        self.assertEqual((self.folder / "a.model").read_bytes(), (self.folder / "plain.model").read_bytes(), result.err + plain.err)

        # What cannot be composed or drawn on the way is said; the training goes on. What cannot be drawn at all is said at once.
        (self.folder / heard[0]).unlink()
        (self.folder / heard[0]).mkdir()
        result = self.good(*self.small("--epochs", 3, "--sample", "heard", "-o", "b.model"))
        self.assertIn("no sample", result.err)
        self.assertEqual((self.folder / "a.model").read_bytes(), (self.folder / "b.model").read_bytes())
        self.bad(1, *self.small("--plot", "no/such/a.svg", "-o", "c.model"), says="no/such/a.svg")
        self.bad(1, *self.small("--sample", "no/such", "-o", "c.model"), says="no/such")
        self.bad(1, *self.small("--log", "no/such/log", "-o", "c.model"), says="no/such/log")

    def test_a_model_learns_of_teachers(self):
        for seed in (1, 2):
            self.good(*self.small("--epochs", 2, "--seed", seed, "-o", f"teacher{seed}.model"))
        learn = self.small("--teacher", "teacher1.model", "--teacher", "teacher2.model", "--lessons", 6, "--epochs", 1)
        for name, threads in (("a.model", 1), ("b.model", 2)):
            result = self.good(*learn, "--threads", threads, "-o", name)
            self.assertIn("6 lessons composed by the teachers", result.err)
        self.assertEqual(*((self.folder / name).read_bytes() for name in ("a.model", "b.model")))
        self.assertIn("6 lessons by 2 teachers", self.good("check", "./a.model").out)
        self.good("generate", "--model", "./a.model", "--seed", 1, "-o", "a.mid")

    def test_teachers_of_another_corpus_are_refused(self):
        (self.folder / "reels").mkdir()
        self.good("generate", "reel", "--no-model", "--score", "--seed", 1, "--count", 4, "--bars", 16, "-o", "reels/r.mid")
        self.good("train", "reels", "--hidden", 16, "--decoder", 16, "--epochs", 1, "-o", "reel.model")
        self.bad(1, *self.small("--teacher", "reel.model", "--epochs", 1, "-o", "a.model"), says="reel.model")

    def test_same_seed_same_model(self):
        for name in ("a.model", "b.model"):
            self.good(*self.small("--epochs", 1, "--threads", 1, "-o", name))
        a, b = ((self.folder / name).read_bytes() for name in ("a.model", "b.model"))
        self.assertEqual(a, b)

    def test_ctrl_c_keeps_the_best(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            running = subprocess.Popen([str(x) for x in [e2e.PROGRAM, *self.small("--time", "10m", "-o", "kept.model")]], cwd=self.folder,
                                       stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
            said = b""
            while b"  best " not in said:
                said += running.stderr.read1(1000)
            running.send_signal(number)
            _, rest = running.communicate(timeout=60)
            self.assertEqual(running.returncode, 0, rest)
            self.assertIn(b"kept", rest)
            self.good("check", "./kept.model")
            (self.folder / "kept.model").unlink()
            (self.folder / "kept.model.checkpoint").unlink()


if __name__ == "__main__":
    e2e.main()
