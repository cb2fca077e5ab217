#!/usr/bin/python3
"""Bad input of each kind: one message that names the thing, the right exit status, no file under the final name."""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import e2e

HOME = {"HOME": "/nonexistent", "XDG_DATA_HOME": ""}


class BadInput(e2e.Case):
    def test_style_that_is_nowhere(self):
        self.bad(1, "generate", "chorle", "-o", "a.mid", says=["chorle", "did you mean 'chorale'"])
        self.bad(1, "generate", "./none.style", "-o", "a.mid", says="./none.style")
        self.bad(1, "check", "./none.style", says="./none.style")
        self.bad(1, "play", "chorle", says="chorle")

    def test_style_that_is_broken(self):
        self.write("bad.style", 'estro 1\nstyle bad "Bad"\nmeter 4/4\nform { piece = <a 4 hlaf> }\n')
        for command in (["generate", "bad.style", "-o", "a.mid"], ["check", "bad.style"], ["play", "bad.style"]):
            result = self.bad(1, *command, says="bad.style:4:")
            self.assertIn("^", result.err)
        self.write("empty.style", "")
        self.bad(1, "check", "empty.style", says="empty.style")
        self.write("noise.style", os.urandom(5000))
        self.bad(1, "check", "noise.style", says="noise.style")
        self.bad(1, "check", str(self.folder), says=str(self.folder))

    def test_style_made_to_be_hard(self):
        """One message at the place, within a second or what a busy machine makes of it; however large the input is."""
        head = 'estro 1\nstyle x "Hard"\n'
        rest = "form { piece = <a 4 open> }\nharmony { phrase = I | I phrase }\npart p { role melody }\n"
        deep = "".join(f"\n  r{i} = r{i + 1} I" for i in range(1000))
        cases = {
            "large": (head + rest + "# 100 megabytes\n" * 6_250_000, "1:1: error: a style has at most 1048576 bytes"),
            "rules": (head + "form { piece = <a 4 open> }\nharmony { phrase = r0" + deep + "\n  r1000 = I }\npart p { role melody }\n", "3:16: error: 'phrase'"),
            "parentheses": (head + "form { piece = " + "(" * 1000 + "<a 4 open>" + ")" * 1000 + " }\n", "3:80: error: parentheses"),
            "weight": (head + "form { piece = [" + "(" * 1000 + "1" + ")" * 1000 + "] <a 4 open> }\n", "3:81: error: parentheses"),
            "nan": (head + rest.replace("piece =", "piece = [nan]"), "3:17: error: 'nan' is neither"),
            "endless": (head + rest.replace("phrase = I | I phrase", "phrase = go(1)  go(n) = I go(n+1)"), "error: the expansion of 'go' does not end"),
            "loop": ('estro 1\nstyle loop : loop_b "x"\n', "loop_b.style:2:16: error: "),
        }
        self.write("loop_b.style", 'estro 1\nstyle loop_b : loop "x"\n')
        for name, (text, says) in cases.items():
            path = self.write(f"{name}.style", text)
            start = time.monotonic()
            result = self.bad(1, "check", path, says=says)
            self.assertLess(time.monotonic() - start, 5, name)
            self.assertEqual(result.err.count("error:"), 1)
        (self.folder / "large.style").unlink()
        with open("/dev/zero", "rb") as endless:
            done = subprocess.run([e2e.PROGRAM, "check", "-"], stdin=endless, capture_output=True, text=True, timeout=20,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31)))
        self.assertEqual(done.returncode, 1)
        self.assertIn("a style has at most 1048576 bytes", done.stderr)

    def test_model_that_is_missing_or_broken(self):
        self.bad(1, "generate", "chorale", "--model", "./none.model", "-o", "a.mid", says="./none.model")
        self.write("bad.model", b"no model at all")
        self.bad(1, "generate", "chorale", "--model", "./bad.model", "-o", "a.mid", says="bad.model")
        self.bad(1, "check", "./bad.model", says="bad.model")
        self.bad(1, "evaluate", "./bad.model", "x.mid", says="bad.model")
        shipped = e2e.TOP / "styles" / "chorale.model"
        if not shipped.exists():
            self.skipTest("no model is shipped")
        data = bytearray(shipped.read_bytes())
        data[len(data) // 2] ^= 1
        self.write("damaged.model", bytes(data))
        self.bad(1, "check", "./damaged.model", says="damaged.model")
        self.write("cut.model", bytes(data[: len(data) // 3]))
        self.bad(1, "check", "./cut.model", says="cut.model")

    def test_midi_file_that_is_missing_or_broken(self):
        self.write("bad.mid", b"MThd\0\0\0\6\0\1\0\1\3\xc0MTrk\0\0\xff\xff\0")
        self.write("empty.mid", b"")
        self.write("other.mid", b"RIFF0000WAVEfmt ")
        for name in ("none.mid", "bad.mid", "empty.mid", "other.mid"):
            for command in (["show", name], ["check", name], ["render", name, "-o", "a.wav"], ["play", "--text", name]):
                self.bad(1, *command, says=name)

    def test_key_tempo_chords(self):
        self.bad(1, "generate", "chorale", "--key", "H", "-o", "a.mid", says="'H'")
        self.bad(1, "generate", "chorale", "--tempo", "5000", "-o", "a.mid", says="tempo")
        self.bad(1, "generate", "chorale", "--chords", "", "-o", "a.mid", says="chords")

    def test_output_that_cannot_be(self):
        self.bad(2, "generate", "chorale", "-o", "a.xyz", says="a.xyz")
        self.bad(2, "generate", "chorale", "-o", "name", says="name")
        self.bad(1, "generate", "chorale", "--no-model", "-o", "none/a.mid", says="none/a.mid")
        self.bad(1, "generate", "chorale", "--no-model", "-o", "none/a.wav", says="none/a.wav")
        (self.folder / "is.mid").mkdir()
        self.bad(1, "generate", "chorale", "--no-model", "-o", "is.mid", says="is.mid")

    def test_corpus_without_midi(self):
        if "train" not in self.good("--version").out:
            self.skipTest("built without training")
        (self.folder / "corpus").mkdir()
        self.bad(1, "train", "corpus", "-o", "a.model", says="corpus")
        self.bad(1, "train", "none", "-o", "a.model", says="none")
        self.write("corpus/bad.mid", b"nothing")
        self.bad(1, "train", "corpus", "-o", "a.model", says="bad.mid")

    def test_device_and_sound_font_that_are_not_there(self):
        features = self.good("--version").out
        if "portmidi" in features:
            self.bad(1, "play", "chorale", "--no-model", "--device", "no such device", says="no such device")
        if "fluidsynth" in features:
            self.bad(1, "generate", "chorale", "--no-model", "--sound-font", "none.sf2", "-o", "a.wav", says="none.sf2")
            self.write("bad.sf2", b"no sound font")
            self.bad(1, "generate", "chorale", "--no-model", "--sound-font", "bad.sf2", "-o", "a.wav", says="bad.sf2")

    def test_disk_that_is_full(self):
        folder = tempfile.mkdtemp(prefix="estro-full-")
        mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", folder],
                                                       stderr=subprocess.DEVNULL, check=False).returncode == 0
        try:
            if not mounted:
                self.skipTest("no small disk can be made here")
            target = pathlib.Path(folder) / "a.mid"
            self.bad(1, "generate", "reel", "--no-model", "--seed", 1, "-o", target, says=str(target))
            self.assertEqual(os.listdir(folder), [])
            target = pathlib.Path(folder) / "a.wav"
            if "sndfile" in self.good("--version").out:
                self.bad(1, "generate", "reel", "--no-model", "--seed", 1, "--bars", 8, "-o", target, says=str(target))
                self.assertEqual(os.listdir(folder), [])
        finally:
            if mounted:
                subprocess.run(["umount", folder], check=True)
            shutil.rmtree(folder)

    def test_file_that_may_not_grow(self):
        """As on a full disk: writing stops somewhere in the middle."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        names = ["a.mid", "a.txt"] + (["a.wav"] if "sndfile" in self.good("--version").out else [])
        for name in names:
            done = subprocess.run([e2e.PROGRAM, "generate", "reel", "--no-model", "--seed", "1", "-o", name], cwd=self.folder, check=False,
                                  stderr=subprocess.PIPE, preexec_fn=limit, restore_signals=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(name.encode(), done.stderr)
            self.assertEqual(done.stderr.count(b"error:"), 1, done.stderr)
            self.assertEqual(self.files(), [])

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "wb") as full:
            for command in (["generate", "reel", "--no-model", "-o", "-"], ["styles"], ["styles", "--json"]):
                done = subprocess.run([e2e.PROGRAM, *command], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 1, command)
                self.assertEqual(done.stderr.count(b"error:"), 1, done.stderr)

    def test_ctrl_c_leaves_no_file(self):
        if "sndfile" not in self.good("--version").out:
            self.skipTest("built without libsndfile")
        for number in (signal.SIGINT, signal.SIGTERM):
            running = subprocess.Popen([e2e.PROGRAM, "generate", "house", "--no-model", "--seed", "1", "--duration", "20m", "-o", "a.wav"],
                                       cwd=self.folder, stderr=subprocess.PIPE)
            time.sleep(1.0)
            running.send_signal(number)
            _, err = running.communicate(timeout=30)
            self.assertEqual(running.returncode, 1, err)
            self.assertIn(b"stopped", err)
            self.assertEqual(self.files(), [])

    def test_no_styles_folder_that_is_there(self):
        self.good("styles", env={**HOME, "ESTRO_PATH": "/nonexistent::/dev/null"})


if __name__ == "__main__":
    e2e.main()
