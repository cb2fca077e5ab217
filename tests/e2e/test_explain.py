#!/usr/bin/python3
"""How a piece came about: the tree that is shown is the piece that is generated."""

import json

import e2e

STYLE = """estro 1
style small "Small"
meter 3/4
keys G
form {
  piece = verse verse | verse end
  verse = <a 2 half> <a' 2 authentic in V level 3..6>
  end   = <b 3 authentic with thin>
}
harmony {
  phrase(half)      = (I:3 | vi:3) V:3
  phrase(authentic) = go V:3 I:3 | V:3 I:3
  go = I:3 | IV:3
}
rhythm { oom = 4:b- 4:v 4:v | 2.:b-  tune = 4*3 | 2 4 | 4. 8*3 }
part violin { role melody  instrument "Violin" }
part piano  { role harmony  instrument "Acoustic Grand Piano"  lines 3 }
texture main { violin tune  piano oom }
texture thin { violin free }
"""


def leaves(node):
    return sum((leaves(item) for item in node["items"]), []) if "items" in node else [node]


class Explain(e2e.Case):
    def explained(self, style, *options):
        return json.loads(self.good("explain", style, "--json", *options).out)

    def test_trees_come_out_as_what_they_derive(self):
        style = self.write("small.style", STYLE)
        for seed in range(1, 13):
            told = self.explained(style, "--seed", seed)
            phrases = sum((leaves(root) for root in told["form"]), [])
            self.assertEqual([p["phrase"] for p in phrases], list(range(len(told["phrases"]))))
            self.assertEqual(sum(p["bars"] for p in phrases), told["bars"])
            for phrase in told["phrases"]:
                self.assertEqual(len(phrase["measures"]), phrase["bars"])
                chords = [leaf for root in phrase["harmony"] for leaf in leaves(root)]
                if chords and not any(bar["copy"] for bar in phrase["measures"]):
                    self.assertEqual([c["chord"] for c in chords], [c["roman"] for bar in phrase["measures"] for c in bar["chords"]])
                    self.assertEqual(sum(c["beats"] for c in chords), 3 * phrase["bars"])
                for bar in phrase["measures"]:
                    for part in bar["parts"]:
                        self.assertTrue("free" in part or 1 <= part["cell"] <= part["cells"], part)

    def test_the_piece_is_that_of_generate(self):
        told = self.explained("reel", "--seed", 4, "--no-model")
        made = json.loads(self.good("generate", "reel", "--seed", 4, "--no-model", "--json", "-o", "a.mid").out)[0]
        self.assertEqual(told["about"], made["about"])
        self.assertEqual([told["bars"], told["key"]], [made["bars"], made["key"]])
        shown = json.loads(self.good("show", "a.mid", "--json").out)
        self.assertEqual(shown["bars"] if isinstance(shown["bars"], int) else len(shown["bars"]), told["bars"])

    def test_text_and_sheet(self):
        style = self.write("small.style", STYLE)
        text = self.good("explain", style, "--seed", 1).out
        self.assertRegex(text, r"(?m)^piece  \(line 6; [12] of 2, 0.5\)$")
        self.assertRegex(text, r"(?m)^  verse  \(line 7\)$")
        self.assertRegex(text, r"(?m)^    <a 2 half>  phrase 1, G major, level 5, texture main$")
        self.assertRegex(text, r"(?m)^    <a' 2 authentic>  phrase 2, D major, level 3..6, texture main$")
        self.assertRegex(text, r"(?m)^      bar 1 \| (G|Em) . . \|$")
        self.assertRegex(text, r"(?m)^        piano: oom [12] of 2  (4:b- 4:c 4:c|2.:b-)$")
        sheet = self.good("explain", style, "--seed", 1, "--sheet").out
        self.assertRegex(sheet, r"(?m)^    1 a   \| (G|Em) . . \| D . . \|$")
        self.assertIn("(in D major)", sheet)

    def test_given_chords_have_no_tree(self):
        told = self.explained("reel", "--seed", 1, "--no-model", "--chords", "G | C | D7 | G")
        self.assertTrue(all(phrase["harmony"] == [] for phrase in told["phrases"]))
        self.assertEqual(told["phrases"][0]["measures"][1]["chords"][0]["symbol"], "C")

    def test_misuse(self):
        self.bad(2, "explain")
        self.bad(2, "explain", "reel", "--json", "--sheet", says="--sheet")
        self.bad(2, "explain", "reel", "--parts", "bass", says="--parts")
        self.bad(1, "explain", "nowhere", says="nowhere")


if __name__ == "__main__":
    e2e.main()
