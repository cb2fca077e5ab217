"""What the end-to-end tests share: the program, a folder to work in, and results in the Test Anything Protocol."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("ESTRO_BUILD", TOP / "build"))
PROGRAM = pathlib.Path(os.environ.get("ESTRO", BUILD / "estro"))
# Nothing is left in the caches of whoever runs the tests.
CACHES = tempfile.TemporaryDirectory(prefix="estro-cache-")
os.environ["XDG_CACHE_HOME"] = CACHES.name
STYLES = ["chorale", "house", "ragtime", "reel"]
MODELS = ["chorale", "folk", "quartet"]  # Those that write notes by themselves.


class Result:
    """A finished command: exit status, bytes of both outputs, and the text of the errors."""

    def __init__(self, done):
        self.status = done.returncode
        self.bytes = done.stdout
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")


class Case(unittest.TestCase):
    """A test with a folder of its own, in which commands run."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="estro-e2e-"))

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run_command(self, *command, seconds=60, env=None, stdin=subprocess.DEVNULL):
        done = subprocess.run([str(c) for c in command], cwd=self.folder, timeout=seconds, stdin=stdin,
                              env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return Result(done)

    def estro(self, *arguments, **more):
        return self.run_command(PROGRAM, *arguments, **more)

    def good(self, *arguments, **more):
        """Run the program; it must succeed."""
        result = self.estro(*arguments, **more)
        self.assertEqual(result.status, 0, result.err)
        return result

    def bad(self, status, *arguments, says=(), **more):
        """Run the program; it must fail with `status` and one message that holds each text of `says`, and leave no file."""
        before = self.files()
        result = self.estro(*arguments, **more)
        self.assertEqual(result.status, status, f"{arguments}: {result.err}")
        self.assertTrue(result.err.strip(), f"{arguments}: no message")
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, result.err)
        if status == 1:
            self.assertEqual(result.err.count("error:"), 1, result.err)
        self.assertEqual(self.files(), before, f"{arguments} left files")
        return result

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


class Tap(unittest.TestResult):
    """Prints each result as a line of the Test Anything Protocol."""

    def say(self, word, test, note=""):
        print(f"{word} {self.testsRun} - {test.id().removeprefix('__main__.')}{note}", flush=True)

    def explain(self, problems):
        for line in problems[-1][1].splitlines():
            print(f"#   {line}")

    def addSuccess(self, test):
        self.say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("not ok", test)
        self.explain(self.failures)

    def addError(self, test, err):
        super().addError(test, err)
        self.say("not ok", test)
        self.explain(self.errors)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("ok", test, f" # SKIP skip: {reason}")


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = Tap()
    print(f"1..{suite.countTestCases()}")
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
