#!/usr/bin/python3
"""Training that is killed at any instant and resumed: in the end the model is that of the undisturbed run, bit for bit.

ESTRO_KILLS=20 kills that often for each count of threads; the default is for `make test`."""

import json
import os
import random
import resource
import signal
import subprocess
import time
import unittest

import e2e

KILLS = int(os.environ.get("ESTRO_KILLS", "3"))


class Resume(e2e.Case):
    def setUp(self):
        super().setUp()
        if "train" not in self.good("--version").out:
            self.skipTest("built without training")
        (self.folder / "corpus").mkdir()
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 1, "--count", 14, "--bars", 12, "-o", "corpus/piece.mid")

    def command(self, output, *more, epochs=None, threads=1):
        return ["train", "corpus", "--hidden", 48, "--decoder", 32, "--batch", 4, "--epochs", epochs or max(8, 2 * KILLS), "--threads", threads,
                "--log", output + ".jsonl", "-o", output, *more]

    def killed(self, arguments, seconds):
        """Run, and kill after so many seconds. @return Whether it was still running."""
        with open(self.folder / "said", "ab") as said:
            running = subprocess.Popen([str(x) for x in [e2e.PROGRAM, *arguments]], cwd=self.folder, stderr=said, stdin=subprocess.DEVNULL)
        try:
            running.wait(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            return True

    def log(self, name):
        """The log without what is time."""
        lines = [json.loads(line) for line in (self.folder / name).read_text().splitlines()]
        return [{k: v for k, v in line.items() if not k.endswith("second") and k != "seconds"} for line in lines]

    def check_kills(self, threads):
        chance = random.Random(threads)
        start = time.monotonic()
        self.good(*self.command("whole.model", threads=threads), seconds=600)
        whole = time.monotonic() - start
        again = self.command("killed.model", "--resume", "--checkpoint", "0.05s", threads=threads)
        kills = 0
        (self.folder / "said").write_text("")
        while kills < KILLS:
            # What is left is shorter than the whole, so long lives get rarer; a life that ended by itself starts the course anew.
            if self.killed(again, 0.3 + chance.random() * whole * 2.5 / KILLS):
                kills += 1
            else:
                self.assertEqual((self.folder / "whole.model").read_bytes(), (self.folder / "killed.model").read_bytes())
                print(f"# ended after {kills} kills", flush=True)
                (self.folder / "killed.model").unlink()
        self.good(*again, seconds=600)
        said = (self.folder / "said").read_text()
        print(f"# {threads} thread(s): {kills} kills, {said.count('going on from')} times resumed from a checkpoint", flush=True)
        self.assertEqual((self.folder / "whole.model").read_bytes(), (self.folder / "killed.model").read_bytes())
        self.assertEqual(self.log("whole.model.jsonl"), self.log("killed.model.jsonl"))
        self.assertEqual([f for f in self.files() if "checkpoint" in f], [])
        return (self.folder / "whole.model").read_bytes()

    def test_killed_at_random_instants(self):
        self.assertEqual(self.check_kills(1), self.check_kills(2))

    def test_a_plan_by_time_is_kept(self):
        """With a limit of time the plan is made once; who resumes follows it."""
        command = self.command("a.model", "--time", "30s", "--resume", "--checkpoint", "0.05s", epochs=100000)
        while not (self.folder / "a.model.checkpoint").exists():
            self.killed(command, 1)
        plans = set()
        for _ in range(3):
            self.killed(command, 0.7)
            said = (self.folder / "said").read_text()
            plans |= {line.split(" of ")[1].split(",")[0] for line in said.splitlines() if line.startswith("going on from")}
        self.assertEqual(len(plans), 1, plans)

    def test_other_options_are_one_error(self):
        self.killed(self.command("a.model", "--checkpoint", "0.05s", epochs=10000), 2)
        self.assertIn("a.model.checkpoint", self.files())
        self.bad(1, *self.command("a.model", epochs=10000), says="--resume, or remove it")
        self.bad(1, *self.command("a.model", "--resume", "--rate", 0.001, epochs=10000), says=["a.model.checkpoint", "'rate 0.001'"])
        self.bad(1, *self.command("a.model", "--resume", epochs=9), says=["'epochs 10000'", "'epochs 9'"])
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 99, "-o", "corpus/more.mid")
        self.bad(1, *self.command("a.model", "--resume", epochs=10000), says="corpus")
        self.write("a.model.checkpoint", (self.folder / "a.model.checkpoint").read_bytes()[:-100])
        self.bad(1, *self.command("a.model", "--resume", epochs=10000), says="no whole checkpoint")

    def test_a_full_disk_is_said_and_the_last_checkpoint_stays(self):
        """A limit on the size of files stands for the disk that fills: the checkpoint grows by a point at each validation."""
        command = self.command("a.model", "--checkpoint", "0.05s", epochs=300)
        while not (self.folder / "a.model.checkpoint").exists():
            self.killed(self.command("a.model", "--checkpoint", "0.05s", epochs=100000), 0.4)
        size = (self.folder / "a.model.checkpoint").stat().st_size
        (self.folder / "a.model.checkpoint").unlink()

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        running = subprocess.run([str(x) for x in [e2e.PROGRAM, *command]], cwd=self.folder, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                 preexec_fn=limit, restore_signals=False, timeout=100, check=False)
        self.assertIn("the last checkpoint stays, and training goes on", running.stderr.decode())
        self.assertEqual(running.returncode, 0, running.stderr)
        self.good("check", "./a.model")
        running = subprocess.run([str(x) for x in [e2e.PROGRAM, *self.command("no/such/folder/a.model")]], cwd=self.folder, stderr=subprocess.PIPE,
                                 stdin=subprocess.DEVNULL, timeout=100, check=False)
        self.assertEqual(running.returncode, 1)

    def test_ctrl_c_and_on(self):
        self.good(*self.command("whole.model", epochs=30), seconds=600)
        running = subprocess.Popen([str(x) for x in [e2e.PROGRAM, *self.command("a.model", epochs=30)]], cwd=self.folder, stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL)
        while not (self.folder / "a.model.jsonl").exists() or not (self.folder / "a.model.jsonl").read_text():
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 0, said)
        self.assertIn(b"--resume goes on from here", said)
        self.good("check", "./a.model")
        self.good(*self.command("a.model", "--resume", epochs=30), seconds=600)
        self.assertEqual((self.folder / "whole.model").read_bytes(), (self.folder / "a.model").read_bytes())

    def test_patience(self):
        result = self.good(*self.command("a.model", "--rate", 0.3, "--patience", 2, epochs=400), seconds=600)
        self.assertIn("nothing better in 2 epochs", result.err)
        log = self.log("a.model.jsonl")
        self.assertLess(log[-1]["epoch"], 399)
        best = min(log, key=lambda line: line["valid"])
        self.assertGreaterEqual(log[-1]["epoch"] - best["epoch"], 2)


if __name__ == "__main__":
    e2e.main()
