#!/usr/bin/python3
"""Golden files: a seed and a style, and the file and the list of messages that they make, byte for byte, on any machine.

Run without arguments it is a test; with --write it writes the files anew, for review.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import e2e  # noqa: E402

# Name of the golden file: how it is made.
PIECES = {
    "chorale": ["chorale", "--no-model", "--seed", "7", "--bars", "1"],
    "chorale-model": ["chorale", "--seed", "7", "--bars", "1"],
    "reel": ["reel", "--no-model", "--seed", "7", "--bars", "1"],
    "reel-model": ["reel", "--seed", "7", "--bars", "1"],
    "ragtime": ["ragtime", "--no-model", "--seed", "7", "--bars", "1"],
    "house": ["house", "--no-model", "--seed", "7", "--bars", "1", "--parts", "drums,bass"],
    "drums-model": ["--model", "drums", "--seed", "7", "--bars", "8"],
    "sheet": ["chorale", "--no-model", "--seed", "7", "--bars", "1", "--chords", "C | Am F | Dm G7 | C", "--key", "C"],
    "score": ["chorale", "--no-model", "--seed", "7", "--bars", "1", "--score"],
}
KINDS = (".mid", ".txt")


class Golden(e2e.Case):
    def test_pieces(self):
        for name, options in PIECES.items():
            for kind in KINDS:
                golden = HERE / (name + kind)
                if not golden.exists():
                    self.fail(f"{golden.name} is missing; `make golden` writes it")
                self.good("generate", *options, "-o", "a" + kind)
                if (self.folder / ("a" + kind)).read_bytes() != golden.read_bytes():
                    self.fail(f"{golden.name} is not what comes out; if that is right, `make golden` writes it anew")


def write():
    case = Golden("test_pieces")
    for name, options in PIECES.items():
        for kind in KINDS:
            case.folder = HERE
            case.good("generate", *options, "-o", name + kind)


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        write()
    else:
        e2e.main()
