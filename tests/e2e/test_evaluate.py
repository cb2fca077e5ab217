#!/usr/bin/python3
"""Likelihood through the real program: files and folders, the sums of both kinds, and what cannot be read."""

import json

import e2e


class Evaluate(e2e.Case):
    def setUp(self):
        super().setUp()
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 1, "--count", 3, "--bars", 8, "-o", "a.mid")
        (self.folder / "more/deeper").mkdir(parents=True)
        self.good("generate", "chorale", "--no-model", "--score", "--seed", 5, "--bars", 16, "-o", "more/deeper/b.MID")
        (self.folder / "a-1.mid").rename(self.folder / "more/a.mid")

    def evaluate(self, *arguments):
        return json.loads(self.good("evaluate", "--json", "chorale", *arguments).out)

    def test_sums_of_a_folder(self):
        found = self.evaluate("more", "a-2.mid")
        self.assertEqual([p["file"] for p in found["pieces"]], ["more/a.mid", "more/deeper/b.MID", "a-2.mid"])
        self.assertEqual([g["name"] for g in found["groups"]], ["more"])
        self.assertEqual(found["total"]["pieces"], 3)
        for sums, pieces in ((found["groups"][0], found["pieces"][:2]), (found["total"], found["pieces"])):
            for way in ("hidden", "given"):
                nats = sum(p[way]["nats"] for p in pieces)
                for rate, count in (("voice_step", "voice_steps"), ("step", "steps"), ("token", "tokens"), ("note", "notes")):
                    name = "nats_per_" + rate
                    self.assertAlmostEqual(sums["micro"][way][name], nats / sum(p[count] for p in pieces))
                    self.assertAlmostEqual(sums["macro"][way][name], sum(p[way]["nats"] / p[count] for p in pieces) / len(pieces))
        for piece in found["pieces"]:
            self.assertEqual(piece["voice_steps"], 4 * piece["steps"])
            self.assertGreater(piece["hidden"]["nats"], piece["given"]["nats"])

    def test_alone_or_among_others(self):
        alone = self.evaluate("a-2.mid")
        among = self.evaluate("a-3.mid", "a-2.mid")
        self.assertEqual(alone["pieces"][0], among["pieces"][1])
        self.assertEqual(alone["groups"], [])

    def test_text_says_how_it_counts(self):
        out = self.good("evaluate", "chorale", "more").out
        for word in ("first step scored", "hidden:", "given:", "micro", "macro", "b.MID"):
            self.assertIn(word, out)

    def test_a_file_that_changes_its_metre(self):
        """Sections are scored one by one: 16 beats of 4/4, then 18 of 3/4, a note each."""
        def events(meter, notes):
            out = bytes([0, 0xFF, 0x58, 4, meter, 2, 24, 8])
            return out + b"".join(bytes([0, 0x90, 62 + i % 5, 80, 96, 0x80, 62 + i % 5, 0]) for i in range(notes))
        track = events(4, 16) + events(3, 18) + bytes([0, 0xFF, 0x2F, 0])
        self.write("a.mid", b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 0, 96]) + b"MTrk" + len(track).to_bytes(4, "big") + track)
        found = json.loads(self.good("evaluate", "--json", "folk", "a.mid").out)["pieces"][0]
        self.assertEqual(found["notes"], 34)
        self.assertEqual(found["steps"], 34 * 24)

    def test_what_cannot_be_read(self):
        self.write("more/broken.mid", b"MThd")
        result = self.estro("evaluate", "--json", "chorale", "more", "nowhere")
        self.assertEqual(result.status, 1)
        self.assertIn("broken.mid", result.err)
        self.assertIn("nowhere", result.err)
        self.assertEqual(json.loads(result.out)["total"]["pieces"], 2)


if __name__ == "__main__":
    e2e.main()
