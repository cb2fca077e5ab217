#!/usr/bin/python3
"""Real styles with words changed: each is a style or has located errors, within a second and 256 MB; what parses can be laid out, once for all.

ESTRO_MUTATIONS says how many (default: 100); ESTRO_MUTATION=N looks at that one alone, and leaves it in ./mutation.style.
"""

import os
import random
import re
import resource
import subprocess

import e2e

COUNT = int(os.environ.get("ESTRO_MUTATIONS", "100"))
ONLY = os.environ.get("ESTRO_MUTATION")
NUMBERS = ["0", "1", "-1", "2", "7", "32", "33", "64", "128", "256", "1000", "999999999", "1e9", "0.5", "0.000001", "3.", "..", "99999999999999999999"]
SIGNS = list("{}()[]<>=|,*+-:/'%.!#\\\"@^~") + ["->", "..", "!=", "\n", "\n\n", "é", "\x01"]


def words_of(text):
    return re.findall(r"\s+|[A-Za-z_]\w*|\d+|.", text)


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (1, 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def change(words, styles, chance):
    """One change of a list of words, in place."""
    at = chance.randrange(len(words) + 1)
    other = chance.choice(styles)
    span = chance.choice((1, 1, 1, 2, 3, 8, 40))
    what = chance.randrange(9)
    if what == 0:
        del words[at:at + span]
    elif what == 1:
        words[at:at] = words[at:at + span]
    elif what == 2:
        start = chance.randrange(len(other))
        words[at:at + span] = other[start:start + span]
    elif what == 3:
        start = chance.randrange(len(other))
        words[at:at] = other[start:start + span]
    elif what == 4:
        words[at:at + 1] = [chance.choice(SIGNS)]
    elif what == 5:
        digits = [i for i, w in enumerate(words) if w.isdigit()]
        if digits:
            words[chance.choice(digits)] = chance.choice(NUMBERS)
    elif what == 6:
        names = [i for i, w in enumerate(words) if w[0].isalpha()]
        if len(names) > 1:
            a, b = chance.sample(names, 2)
            words[a], words[b] = words[b], words[a]
    elif what == 7:
        words[at:] = other[min(at, len(other)):]
    else:
        words[at:at] = words[at:at + span] * chance.choice((2, 10, 100))


class Mutations(e2e.Case):
    def limited(self, *arguments):
        return subprocess.run([str(e2e.PROGRAM), *map(str, arguments)], cwd=self.folder, preexec_fn=limit, timeout=60,
                              env={**os.environ, "ESTRO_PATH": str(e2e.TOP / "styles")}, capture_output=True, check=False)

    def try_one(self, n, styles):
        chance = random.Random(n)
        words = list(chance.choice(styles))
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 6))):
            change(words, styles, chance)
        path = self.folder / "mutation.style"
        path.write_text("".join(words), encoding="utf-8")
        if ONLY:
            with open("mutation.style", "w", encoding="utf-8") as kept:
                kept.write("".join(words))
        done = self.limited("check", "--seeds", 0, path)
        said = done.stderr.decode(errors="replace")
        self.assertIn(done.returncode, (0, 1), f"mutation {n}: status {done.returncode}\n{said[-500:]}")
        if done.returncode == 1:
            self.assertRegex(said, r"(?m)^\S+\.style:\d+:\d+: error: .", f"mutation {n}")
        laid = self.limited("fmt", path)
        self.assertIn(laid.returncode, (0, 1), f"mutation {n}: fmt, status {laid.returncode}")
        if done.returncode == 0:
            self.assertEqual(laid.returncode, 0, f"mutation {n}: {laid.stderr}")
        if laid.returncode == 0:
            path.write_bytes(laid.stdout)
            self.assertEqual(self.limited("fmt", "--check", path).returncode, 0, f"mutation {n} is laid out another way the second time")
            if done.returncode == 0:
                again = self.limited("check", "--seeds", 0, path)
                self.assertEqual(again.returncode, 0, f"mutation {n} does not compile when it is laid out\n{again.stderr}")
        return done.returncode

    def test_mutations_of_real_styles(self):
        texts = [p.read_text() for p in sorted((e2e.TOP / "styles").glob("*.style"))]
        texts += [p.read_text() for p in sorted((e2e.TOP / "tests/style/good").glob("*.style"))]
        styles = [words_of(text) for text in texts]
        good = 0
        for n in [int(ONLY)] if ONLY else range(COUNT):
            good += self.try_one(n, styles) == 0
        self.assertTrue(ONLY or COUNT < 50 or COUNT / 100 < good < COUNT, f"{good} of {COUNT} are styles")


if __name__ == "__main__":
    e2e.main()
