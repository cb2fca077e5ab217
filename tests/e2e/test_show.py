#!/usr/bin/python3
"""What is shown of MIDI files: as text of any width, as JSON, and of files that are odd."""

import json
import struct

import e2e


def midi(*tracks, division=480):
    chunks = b"".join(b"MTrk" + struct.pack(">I", len(t)) + t for t in tracks)
    return b"MThd" + struct.pack(">IHHH", 6, 1 if len(tracks) > 1 else 0, len(tracks), division) + chunks


END = b"\0\xff\x2f\0"


class Show(e2e.Case):
    def test_generated_piece(self):
        row = json.loads(self.good("generate", "chorale", "--no-model", "--seed", 5, "--score", "--json", "-o", "a.mid").out)[0]
        found = json.loads(self.good("show", "--json", "a.mid").out)
        self.assertEqual(found["key"], row["key"])
        self.assertEqual(found["bars"], row["bars"])
        self.assertEqual(found["meter"], [4, 4])
        self.assertAlmostEqual(found["tempo"], row["tempo"], delta=0.01)
        self.assertEqual([p["name"] for p in found["parts"]], ["soprano", "alto", "tenor", "bass"])
        self.assertEqual(sum(p["notes"] for p in found["parts"]), len(found["notes"]))
        self.assertEqual(len(found["chords_of_beats"]), 4 * row["bars"])
        self.assertEqual(found["odd"], [])

    def test_text_fits_its_columns(self):
        self.good("generate", "house", "--no-model", "--seed", 5, "-o", "a.mid")
        for columns in (40, 60, 100, 200):
            text = self.good("show", "--columns", columns, "a.mid").out
            roll = text[text.index("piano roll"):].splitlines()[1:]
            self.assertLessEqual(max(len(line) for line in roll), columns)
            self.assertGreater(len(roll), 10)
        self.bad(2, "show", "--columns", 3, "a.mid", says="--columns")

    def test_names_that_a_terminal_might_obey(self):
        name = b"\x1b[31mred\x07 K\xf6ln"
        track = b"\0\xff\x03" + bytes([len(name)]) + name + b"\0\x90\x3c\x40\x83\x60\x80\x3c\0" + END
        self.write("a.mid", midi(track))
        result = self.good("show", "a.mid")
        self.assertNotIn("\x1b", result.out)
        self.assertNotIn("\x07", result.out)
        found = json.loads(self.good("show", "--json", "a.mid").out)
        self.assertIn("K\u00f6ln", found["parts"][0]["name"])

    def test_drums_alone_and_single_notes(self):
        self.write("drums.mid", midi(b"\0\x99\x24\x40\x83\x60\x89\x24\0" + END))
        self.assertIn("drums", self.good("show", "drums.mid").out)
        self.assertTrue(json.loads(self.good("show", "--json", "drums.mid").out)["parts"][0]["drums"])
        self.write("none.mid", midi(END))
        self.bad(1, "show", "none.mid", says="none.mid")

    def test_standard_input(self):
        self.good("generate", "reel", "--no-model", "--seed", 5, "-o", "a.mid")
        with open(self.folder / "a.mid", "rb") as file:
            self.assertIn("fiddle", self.good("show", "-", stdin=file).out)


if __name__ == "__main__":
    e2e.main()
