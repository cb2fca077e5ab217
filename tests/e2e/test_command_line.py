#!/usr/bin/python3
"""Help, versions, exit statuses; and what a start does not load."""

import e2e


class CommandLine(e2e.Case):
    COMMANDS = ["generate", "play", "render", "train", "show", "diff", "explain", "fmt", "check", "evaluate", "recognise", "styles", "devices", "doctor"]

    def test_help_names_all_commands(self):
        result = self.good("--help")
        for command in self.COMMANDS:
            self.assertIn(f"  {command} ", result.out)
        self.assertEqual(result.err, "")

    def test_each_command_has_help_made_from_its_options(self):
        for command in self.COMMANDS:
            for line in ([command, "--help"], ["help", command]):
                result = self.good(*line)
                self.assertIn(f"Usage: estro {command}", result.out)
                self.assertIn("--help", result.out)

    def test_version(self):
        result = self.good("--version")
        self.assertRegex(result.out, r"^estro \d+\.\d+\.\d+\nbuilt in: smf text")

    def test_wrong_usage_is_2(self):
        self.bad(2)
        self.bad(2, "sing", says="sing")
        self.bad(2, "generate", says="STYLE")
        self.bad(2, "generate", "chorale", "--loud", says="--loud")
        self.bad(2, "generate", "chorale", "reel", says="reel")
        self.bad(2, "generate", "chorale", "--seed", says="--seed")
        self.bad(2, "show")
        self.bad(2, "train", "folder", says="-o")
        self.bad(2, "evaluate", "a.model")

    def test_numbers_that_are_none(self):
        for option, value in [("--seed", "x"), ("--seed", "-1"), ("--seed", "99999999999999999999"), ("--bars", "-4"), ("--bars", "0"),
                              ("--bars", "4x"), ("--duration", "long"), ("--duration", "0"), ("--tempo", "fast"), ("--tempo", "-3"),
                              ("--temperature", "0"), ("--candidates", "0"), ("--count", "0"), ("--max-copy", "-1"), ("--rate", "5")]:
            self.bad(2, "generate", "chorale", f"{option}={value}", "-o", "a.mid", says=[option, value])

    def test_what_is_given_twice_counts_as_given_last(self):
        self.good("generate", "chorale", "--no-model", "--seed", "1", "--seed", "2", "-o", "twice.mid")
        self.good("generate", "chorale", "--no-model", "--seed", "2", "-o", "once.mid")
        self.assertEqual((self.folder / "twice.mid").read_bytes(), (self.folder / "once.mid").read_bytes())

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "wb") as full:
            import subprocess
            done = subprocess.run([e2e.PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)

    def test_begins_without_heavy_libraries(self):
        """What costs a start milliseconds is opened only by the commands that need it. How fast a start is, `make bench` tells."""
        linked = self.run_command("ldd", str(e2e.PROGRAM))
        self.assertEqual(linked.status, 0, linked.err)
        for heavy in ("fluidsynth", "openblas", "blas", "sndfile", "portmidi", "glib"):
            self.assertNotIn(heavy, str(linked.out))
        self.assertIn("libc", str(linked.out))


if __name__ == "__main__":
    e2e.main()
