#!/usr/bin/python3
"""The cache of coded corpora: the same model with and without, whatever becomes of it."""

import subprocess

import e2e


class Cache(e2e.Case):
    def setUp(self):
        super().setUp()
        if "train" not in self.good("--version").out:
            self.skipTest("built without training")
        (self.folder / "corpus").mkdir()
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 1, "--count", 12, "--bars", 8, "-o", "corpus/piece.mid")
        self.write("corpus/broken.mid", b"MThd")

    def command(self, output, *more):
        return ["train", "corpus", "--hidden", 32, "--decoder", 32, "--epochs", 1, "--cache", "cache", "-o", output, *more]

    def cached(self):
        return sorted((self.folder / "cache").iterdir())

    def model(self, name):
        return (self.folder / name).read_bytes()

    def test_same_model_with_and_without(self):
        first = self.good(*self.command("first.model", "--threads", 1))
        self.assertNotIn("cache", first.err)
        one = self.cached()
        self.assertEqual(len(one), 1)
        coded = one[0].read_bytes()
        again = self.good(*self.command("again.model"))
        self.assertIn("read from the cache", again.err)
        self.assertIn("skipped corpus/broken.mid", again.err)
        self.good(*self.command("none.model", "--cache", ""))
        self.assertEqual(self.cached(), one)
        one[0].unlink()
        self.good(*self.command("two.model", "--threads", 2))
        self.assertEqual(one[0].read_bytes(), coded)
        for name in ("again.model", "none.model", "two.model"):
            self.assertEqual(self.model("first.model"), self.model(name))

    def test_damage_is_said_and_mended(self):
        self.good(*self.command("first.model"))
        path = self.cached()[0]
        coded = path.read_bytes()
        middle = len(coded) // 2
        for damaged in (b"", coded[:100], coded[:-8], coded[:middle] + bytes([coded[middle] ^ 1]) + coded[middle + 1:], b"\0" * len(coded)):
            path.write_bytes(damaged)
            result = self.good(*self.command("a.model"))
            self.assertIn("damaged", result.err)
            self.assertNotIn("read from the cache", result.err)
            self.assertEqual(self.model("first.model"), self.model("a.model"))
            self.assertEqual(path.read_bytes(), coded)

    def test_changed_files_are_read_anew(self):
        self.good(*self.command("a.model"))
        file = self.folder / "corpus/piece-1.mid"
        file.write_bytes((self.folder / "corpus/piece-2.mid").read_bytes())
        result = self.good(*self.command("b.model"))
        self.assertNotIn("read from the cache", result.err)
        self.assertIn("1 duplicates", result.err)
        self.assertEqual(len(self.cached()), 2)

    def test_no_place_for_it(self):
        self.write("file", "no folder")
        result = self.good(*self.command("a.model", "--cache", "file/cache"))
        self.assertIn("file/cache", result.err)
        self.assertIn("not kept", result.err)

    def test_several_at_once(self):
        running = [subprocess.Popen([str(x) for x in [e2e.PROGRAM, *self.command(f"{i}.model")]], cwd=self.folder, stdin=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE) for i in range(4)]
        for process in running:
            _, said = process.communicate(timeout=100)
            self.assertEqual(process.returncode, 0, said)
        self.assertEqual(len(self.cached()), 1)
        for i in range(1, 4):
            self.assertEqual(self.model("0.model"), self.model(f"{i}.model"))
        self.assertIn("read from the cache", self.good(*self.command("0.model")).err)


if __name__ == "__main__":
    e2e.main()
