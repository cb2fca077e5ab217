#!/usr/bin/python3
"""Training by several processes: the file of one, bit for bit; a lost rank leaves a checkpoint that one goes on from. For a build with MPI=1."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import e2e

# Tests run as root in some places, and with fewer processors than ranks.
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1"}


class Mpi(e2e.Case):
    def setUp(self):
        super().setUp()
        if "mpi" not in self.good("--version").out:
            self.skipTest("built without MPI=1")
        if not shutil.which("mpirun"):
            self.skipTest("no mpirun")
        (self.folder / "corpus").mkdir()
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 1, "--count", 20, "--bars", 12, "-o", "corpus/piece.mid")

    def command(self, output, *more, epochs=3):
        return ["train", "corpus", "--hidden", 48, "--decoder", 32, "--batch", 16, "--epochs", epochs, "--threads", 1, "-o", output, *more]

    def mpirun(self, ranks, *arguments, seconds=120):
        return self.run_command("mpirun", "-n", ranks, e2e.PROGRAM, *arguments, env=MPI, seconds=seconds)

    def model(self, name):
        return (self.folder / name).read_bytes()

    def test_ranks_change_no_bit(self):
        self.good(*self.command("alone.model"))
        for ranks in (1, 2, 3, 4):
            result = self.mpirun(ranks, *self.command(f"of-{ranks}.model", "--log", f"{ranks}.jsonl"))
            self.assertEqual(result.status, 0, result.err)
            self.assertEqual(self.model("alone.model"), self.model(f"of-{ranks}.model"))
            self.assertEqual(result.err.count("checkpoints:"), 1, result.err)
        self.assertIn("4 processes train together", result.err)
        self.assertEqual([f for f in self.files() if "checkpoint" in f], [])

    def test_the_command_of_the_readme(self):
        lines = [line for line in (e2e.TOP / "README.md").read_text().splitlines() if line.startswith("mpirun ")]
        self.assertEqual(len(lines), 1)
        (self.folder / "build").mkdir()
        (self.folder / "build/mpi").symlink_to(e2e.BUILD)
        (self.folder / "corpus").rename(self.folder / "tunes")
        result = self.run_command("sh", "-c", lines[0] + " --epochs 1", env={**MPI, "HOME": str(self.folder)}, seconds=120)
        self.assertEqual(result.status, 0, result.err)
        self.assertIn("tunes.model", self.files())

    def test_a_plan_by_time_is_one(self):
        result = self.mpirun(2, *self.command("a.model", "--time", "3s", epochs=100000))
        self.assertEqual(result.status, 0, result.err)

    def rank_of(self, number):
        """Process id of a rank that works in our folder."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                environment = (process / "environ").read_bytes().split(b"\0")
                if os.readlink(process / "cwd") == str(self.folder) and b"OMPI_COMM_WORLD_RANK=%d" % number in environment:
                    return int(process.name)
            except OSError:
                pass
        return None

    def test_a_lost_rank_leaves_a_checkpoint(self):
        self.good(*self.command("alone.model", epochs=40), seconds=300)
        for lost in (1, 0):
            command = ["mpirun", "-n", 2, e2e.PROGRAM, *self.command("a.model", "--checkpoint", "0.2s", epochs=40)]
            running = subprocess.Popen([str(x) for x in command], cwd=self.folder, env={**os.environ, **MPI}, stderr=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            for _ in range(600):
                if (self.folder / "a.model.checkpoint").exists():
                    break
                time.sleep(0.05)
            os.kill(self.rank_of(lost), signal.SIGKILL)
            self.assertNotEqual(running.wait(timeout=60), 0)
            result = self.good(*self.command("a.model", "--resume", epochs=40), seconds=300)
            self.assertIn("going on from", result.err)
            self.assertEqual(self.model("alone.model"), self.model("a.model"))
            (self.folder / "a.model").unlink()


if __name__ == "__main__":
    e2e.main()
