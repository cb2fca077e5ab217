#!/usr/bin/python3
"""Where styles are found, and what is listed."""

import json
import shutil

import e2e

SHIPPED = sorted(path.stem for path in (e2e.TOP / "styles").glob("*.style"))


class Styles(e2e.Case):
    def test_shipped_styles_are_listed_and_good(self):
        rows = {row["name"]: row for row in json.loads(self.good("styles", "--json").out)}
        for name in SHIPPED:
            self.assertIn(name, rows)
            self.assertNotIn("error", rows[name])
            self.assertTrue(rows[name]["title"])
        text = self.good("styles").out
        for name in SHIPPED:
            self.assertIn(f"{name} ", text)
        self.assertIn("reel.style", self.good("styles", "--paths").out)

    def test_sources_of_models_are_named(self):
        told = self.good("styles", "-v").out
        for expected in ("model chorale", "Bach", "model folk", "O'Neill", "Safranek"):
            self.assertIn(expected, told)

    def test_shipped_styles_check(self):
        """Each composes, keeps what it expects of itself, and is warned of nothing."""
        result = self.good("check", "--seeds", 2, *SHIPPED)
        self.assertEqual(result.out.count("good style"), len(SHIPPED))
        self.assertEqual(result.out.count("expectations kept"), len(SHIPPED))
        self.assertEqual(result.err, "")

    def test_a_style_as_json(self):
        for name in e2e.STYLES:
            told = json.loads(self.good("styles", name, "--json").out)
            self.assertEqual(told["name"], name)
            rules = {rule["rule"]: rule for rule in told["form"]}
            self.assertIn("piece", rules)
            for rule in told["form"]:
                self.assertAlmostEqual(sum(a["weight"] for a in rule["alternatives"]), 1)
                for item in (i for a in rule["alternatives"] for i in a["items"]):
                    self.assertTrue(item.get("rule") in rules or 0 <= item["phrase"] < len(told["phrases"]), item)
            parts = {part["name"] for part in told["parts"]}
            patterns = {pattern["name"] for pattern in told["patterns"]}
            for texture in told["textures"]:
                for play in texture["parts"]:
                    self.assertIn(play["part"], parts)
                    self.assertTrue(play["free"] or play["pattern"] in patterns)
            for constraint in told["constraints"]:
                self.assertLessEqual(set(constraint["parts"]), parts)
            for phrase in told["phrases"]:
                for mode, rule in phrase["harmony"].items():
                    rows = told["harmony"][mode]
                    rows = told["harmony"][rows] if isinstance(rows, str) else rows
                    self.assertIn(rule, [row["rule"] for row in rows])
        self.assertEqual([s["name"] for s in json.loads(self.good("styles", "reel", "house", "--json").out)], ["reel", "house"])
        self.bad(2, "styles", "reel", says="--json")
        self.bad(1, "styles", "nowhere", "--json", says="nowhere")

    def test_json_is_the_same_when_it_is_laid_out(self):
        """What a style means does not depend on its layout: all but lines and the digest of the text."""
        def bare(value):
            if isinstance(value, dict):
                return {k: bare(v) for k, v in value.items() if k not in ("line", "digest", "source", "sources", "text")}
            return [bare(v) for v in value] if isinstance(value, list) else value

        for name in e2e.STYLES:
            laid = self.write(f"{name}.style", self.good("fmt", name).out)
            env = {"ESTRO_PATH": str(e2e.TOP / "styles")}
            self.assertEqual(bare(json.loads(self.good("styles", laid, "--json", env=env).out)),
                             bare(json.loads(self.good("styles", name, "--json").out)))

    def test_expectations(self):
        reel = (e2e.TOP / "styles" / "reel.style").read_text()
        line = reel.count("\n") + 1
        kept = self.write("kept.style", reel + "expect bars 1..999\nexpect pieces different\nexpect seconds 900.. for 0 %\n")
        self.assertIn("5 pieces composed", self.good("check", kept, "--seeds", "3..7").out)
        self.assertIn("expectations kept", self.good("check", kept, "--seeds", "2").out)
        many = self.write("many.style", reel + "expect forms 40..\n")
        self.assertIn("1 not judged with so few pieces", self.good("check", many, "--seeds", "8").out)
        broken = self.write("broken.style", reel + "expect bars ..1\nexpect forms 1..999\n  expect steps 0.99  # no\n")
        result = self.estro("check", broken, "--seeds", "4..5")
        self.assertEqual(result.status, 1)
        self.assertRegex(result.err, rf"broken.style:{line}:1: error: 'expect bars ..1': found \d+..\d+, .* over 2 pieces; not so in 2, first seed 4")
        self.assertRegex(result.err, rf"broken.style:{line + 2}:3: error: 'expect steps 0.99': found 0.\d+")
        self.assertNotIn("forms", result.err)
        for seeds in ("x", "3..", "7..3", "-1", "..", "1..99999999999"):
            self.bad(2, "check", kept, f"--seeds={seeds}", says="--seeds")

    def test_order_of_folders(self):
        reel = (e2e.TOP / "styles" / "reel.style").read_text()
        self.write("first/own.style", reel.replace("style reel", "style first"))
        self.write("home/.local/share/estro/own.style", reel.replace("style reel", "style home"))
        self.write("data/estro/own.style", reel.replace("style reel", "style data"))
        folders = {"HOME": str(self.folder / "home"), "XDG_DATA_HOME": "", "ESTRO_PATH": ""}

        def name(**env):
            rows = json.loads(self.good("styles", "--json", env={**folders, **env}).out)
            return [row["path"] for row in rows if row["name"] == "own"]

        self.assertEqual(name(), [str(self.folder / "home/.local/share/estro/own.style")])
        self.assertEqual(name(XDG_DATA_HOME=str(self.folder / "data")), [str(self.folder / "data/estro/own.style")])
        self.assertEqual(name(ESTRO_PATH=f"/nonexistent:{self.folder}/first"), [f"{self.folder}/first/own.style"])
        self.good("generate", "own", "--no-model", "-o", "a.mid", env={**folders, "ESTRO_PATH": f"{self.folder}/first"})
        self.bad(1, "generate", "own", "-o", "b.mid", env={**folders, "HOME": "/nonexistent"}, says="own")

    def test_broken_style_is_listed_as_such(self):
        self.write("first/broken.style", "estro 1\nnothing\n")
        env = {"ESTRO_PATH": str(self.folder / "first")}
        self.assertRegex(self.good("styles", env=env).out, r"broken +\(does not compile\)")
        rows = {row["name"]: row for row in json.loads(self.good("styles", "--json", env=env).out)}
        self.assertIn("error", rows["broken"])

    def test_params_are_shown_set_and_written_down(self):
        self.write("lib/knobs.style", 'estro 1\nlibrary knobs ""\nparam energy 0..1 = 0.5 "how busy it is" cc 1\nparam ending { plain fade } = plain\n')
        style = self.write("first/turned.style", """estro 1
style turned "With params"
import knobs
form { piece = if ending = plain <a 4 open> | if ending = fade <b 8 open> }
harmony { phrase = I | I phrase }
rhythm { beat = [1 - energy] 4*4 | [energy] 16*16 }
part p { role melody }
texture main { p beat }
""")
        env = {"ESTRO_PATH": f"{self.folder}/first:{self.folder}"}
        told = self.good("styles", "-v", env=env).out
        self.assertIn("param energy 0..1 = 0.5, cc 1: how busy it is", told)
        self.assertIn("param ending plain|fade = plain", told)
        rows = {row["name"]: row for row in json.loads(self.good("styles", "--json", env=env).out)}
        self.assertEqual([p["name"] for p in rows["turned"]["params"]], ["energy", "ending"])
        self.assertNotIn("knobs", rows)

        def made(*settings):
            arguments = [a for s in settings for a in ("--set", s)]
            row = json.loads(self.good("generate", style, "--seed", 1, "--json", "-o", "a.mid", *arguments, env=env).out)[0]
            return row["about"], row["bars"]

        self.assertNotIn("; set", made()[0])
        self.assertEqual(made()[1], 4)
        about, bars = made("ending=fade", "energy=1")
        self.assertIn("; set energy=1; set ending=fade; seed 1", about)
        self.assertEqual(bars, 8)
        for wrong, says in (("enery=1", "no param 'enery' (did you mean 'energy'?)"), ("energy=2", "'energy' is a number from 0 to 1; not '2'"),
                            ("energy=x", "not 'x'"), ("energy=0.5x", "not '0.5x'"), ("energy=", "not ''"), ("ending=tag", "one of plain, fade; not 'tag'"),
                            ("energy", "NAME=VALUE")):
            self.bad(1, "generate", style, "--set", wrong, "-o", "b.mid", env=env, says=says)
            self.bad(1, "check", style, "--set", wrong, env=env, says=says)
        self.assertIn("good style", self.good("check", style, "--set", "energy=0", env=env).out)
        self.assertIn("good library", self.good("check", self.folder / "lib/knobs.style", env=env).out)

    def test_own_models_are_found_beside_the_style(self):
        models = sorted((e2e.TOP / "styles").glob("*.model"))
        if not models:
            self.skipTest("no model is shipped")
        env = {"ESTRO_PATH": "", "HOME": "/nonexistent"}
        shutil.copy(e2e.TOP / "styles" / "chorale.style", self.folder / "chorale.style")
        shutil.copy(e2e.TOP / "styles" / "chorale.model", self.folder / "chorale.model")
        with_model = json.loads(self.good("generate", "./chorale.style", "--seed", 1, "--json", "-o", "a.mid", env=env).out)[0]
        without = json.loads(self.good("generate", "./chorale.style", "--seed", 1, "--json", "--no-model", "-o", "b.mid", env=env).out)[0]
        self.assertIn("; model chorale ", with_model["about"])
        self.assertGreater(with_model["stats"]["draws"], 0)
        self.assertNotIn("; model", without["about"])
        self.assertEqual(without["stats"]["draws"], 0)


if __name__ == "__main__":
    e2e.main()
