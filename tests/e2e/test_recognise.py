#!/usr/bin/python3
"""Which style a piece is in, told through the real program by its notes alone."""

import json

import e2e

STYLES = ("chorale", "reel", "ragtime", "house")


class Recognise(e2e.Case):
    def recognise(self, *arguments):
        return json.loads(self.good("recognise", "--json", *arguments).out)

    def test_pieces_are_known_by_their_notes(self):
        chosen = [word for style in STYLES for word in ("--style", style)]
        for style in STYLES:
            self.good("generate", style, "--no-model", "--score", "--seed", 3, "-o", f"{style}.mid")
        for row in self.recognise(*chosen, *(f"{style}.mid" for style in STYLES)):
            found = row["styles"]
            self.assertEqual(found[0]["style"] + ".mid", row["file"])
            self.assertGreater(found[0]["nats"], 0)
            self.assertEqual([f["nats"] for f in found], sorted(f["nats"] for f in found))

    def test_a_model_writes_nothing_that_its_style_cannot(self):
        for style in ("chorale", "reel"):
            self.good("generate", style, "--score", "--seed", 4, "-o", "a.mid")
            self.assertEqual(self.recognise("--style", style, "a.mid")[0]["styles"][0]["style"], style)

    def test_what_no_style_wrote(self):
        self.good("generate", "reel", "--no-model", "--score", "--seed", 3, "-o", "a.mid")
        result = self.good("recognise", "--style", "house", "a.mid")
        self.assertIn("no style can have written it", result.out)

    def test_bad_input(self):
        self.write("broken.mid", b"MThd")
        self.bad(1, "recognise", "--style", "reel", "broken.mid", says="broken.mid")
        self.bad(1, "recognise", "--style", "rele", "broken.mid", says="did you mean 'reel'")


if __name__ == "__main__":
    e2e.main()
