#!/usr/bin/python3
"""Every command that the README shows, run as it stands there: in a folder that looks like the source tree, with little time to train."""

import os
import re
import signal
import subprocess

import e2e

README = (e2e.TOP / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


class Readme(e2e.Case):
    def setUp(self):
        super().setUp()
        for name in ("include", "examples", "src", "styles"):
            (self.folder / name).symlink_to(e2e.TOP / name)
        (self.folder / "build").symlink_to(e2e.BUILD)

    def run_line(self, line):
        result = self.run_command("sh", "-c", line, seconds=120, env={"HOME": str(self.folder / "home")})
        self.assertEqual(result.status, 0, f"{line}\n{result.err}")

    def run_player(self, line):
        """Playing needs a sound card; where there is none, the program must say so."""
        running = subprocess.Popen(["sh", "-c", f"exec {line}"], cwd=self.folder, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        try:
            running.wait(timeout=2)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=20)
        self.assertIn(running.returncode, (0, 1), err)
        if running.returncode == 1:
            self.assertRegex(err.decode(), r"error: .*(device|driver|sound|module)", line)

    def test_commands(self):
        features = self.good("--version").out
        lines = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
        self.assertEqual(lines[:2], ["make demo", "make test"])
        (self.folder / "home/tunes").mkdir(parents=True)
        self.write("air.style", blocks("estro")[0])
        skipped = []
        for seed in range(1, 13):
            self.good("generate", "reel", "--no-model", "--score", "--parts", "fiddle", "--seed", seed, "-o", f"home/tunes/{seed}.mid")
        for line in lines[2:]:
            needed = {"train ": "train", ".wav": "sndfile", ".flac": "sndfile", "tunes.model": "train", "--plot": "cairo"}
            missing = [f for text, f in needed.items() if text in line and f not in features]
            if missing:
                skipped.append(line)
            elif " play " in line or " devices" in line:
                self.run_player(line)
            else:
                self.run_line(re.sub(r"--time \S+", "--time 3s", line))
        if skipped:
            self.skipTest(f"not built in, so not run: {skipped}")

    def test_program_in_readme_is_the_example(self):
        self.assertEqual(blocks("c"), [(e2e.TOP / "examples/embed.c").read_text()])

    def test_style_is_short(self):
        self.assertLessEqual(len(blocks("estro")[0].splitlines()), 13)


if __name__ == "__main__":
    e2e.main()
