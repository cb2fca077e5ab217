#!/usr/bin/python3
"""Parts that the user gives: their notes stand as they are in the file, all others are drawn around them."""

import struct

import e2e
from test_reroll import Piece


def only(data, names):
    """The first track of a file and those of these names, without the text that says how it was made."""
    at, tracks = 14, []
    while at < len(data):
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        track = data[at:at + 8 + size]
        at += 8 + size
        if not tracks or any(b"\xFF\x03" + bytes([len(n)]) + n.encode() in track for n in names):
            tracks.append(track)
    tracks[0] = tracks[0].replace(b"estro 0", b"other 0")
    return data[:10] + struct.pack(">H", len(tracks)) + data[12:14] + b"".join(tracks)


class Given(e2e.Case):
    def give(self, style, seed, names, *options):
        self.good("generate", style, "--no-model", "--seed", seed, *options, "-o", "a.mid")
        self.write("given.mid", only((self.folder / "a.mid").read_bytes(), names))
        return Piece(self.folder / "a.mid")

    def compare(self, a, names, seeds, *options):
        """The given parts are the same; others are new, in most pieces. @return How many could be composed."""
        made = 0
        for seed in seeds:
            if self.estro("generate", *options, "--given", "given.mid", "--seed", seed, "-o", "b.mid").status != 0:
                continue
            b = Piece(self.folder / "b.mid")
            made += 1
            self.assertIn("; given of ", b.about)
            for name, notes, _ in a.tracks[1:]:
                other = next(n for track, n, _ in b.tracks if track == name)
                if name in names:
                    self.assertEqual(notes, other)
                else:
                    self.assertNotEqual(notes, other)
                    self.assertTrue(other)
        return made

    def test_a_melody_is_harmonised(self):
        a = self.give("chorale", 6, ["soprano"])
        for options in (["--no-model"], []):
            self.assertGreaterEqual(self.compare(a, ["soprano"], range(1, 4), "chorale", *options), 2)

    def test_inner_voices_are_filled_in(self):
        a = self.give("chorale", 6, ["soprano", "bass"])
        self.assertGreaterEqual(self.compare(a, ["soprano", "bass"], range(2, 6), "chorale", "--no-model"), 2)

    def test_a_tune_without_names_is_the_melody(self):
        a = self.give("reel", 9, ["fiddle"])
        data = (self.folder / "given.mid").read_bytes()
        self.write("given.mid", data.replace(b"\xFF\x03\x06fiddle", b"\xFF\x03\x06whatso"))
        self.assertEqual(self.compare(a, ["fiddle"], [4], "reel"), 1)

    def test_errors(self):
        self.give("reel", 9, ["fiddle"])
        self.bad(1, "generate", "chorale", "--given", "given.mid", "-o", "b.mid", says="given.mid: error: it is in 2/2, style chorale in 4/4")
        self.bad(1, "generate", "reel", "--given", "nowhere.mid", "-o", "b.mid", says="nowhere.mid")
        self.give("chorale", 6, ["soprano", "alto"])
        data = (self.folder / "given.mid").read_bytes()
        self.write("given.mid", data.replace(b"\x07soprano", b"\x07violins").replace(b"\x04alto", b"\x04oboe"))
        self.bad(1, "generate", "chorale", "--given", "given.mid", "-o", "b.mid",
                 says="none of its tracks is named like a part of style chorale, which are soprano alto tenor bass")
        for option in (["--reroll", "bar=1"], ["--pin", "bar=1"], ["--keep", "a.mid"], ["--theme", "c d e |"]):
            self.bad(2, "generate", "chorale", "--given", "given.mid", *option, "-o", "b.mid", says="--given excludes")


if __name__ == "__main__":
    e2e.main()
