#!/usr/bin/python3
"""Styles in the one layout: printed, written, checked."""

import os
import re
import stat

import e2e

ROUGH = 'estro 1 style a "A"\n  tempo  80 .. 90\nform{piece=<a 4 half>} # one\nharmony { phrase = I|I phrase }\npart p { role melody }\n'
CLEAN = 'estro 1\nstyle a "A"\ntempo 80..90\nform { piece = <a 4 half> }  # one\nharmony { phrase = I | I phrase }\npart p { role melody }\n'


class Fmt(e2e.Case):
    def test_printed(self):
        self.assertEqual(self.good("fmt", self.write("a.style", ROUGH)).out, CLEAN)
        with open(self.folder / "a.style", "rb") as style:
            self.assertEqual(self.good("fmt", "-", stdin=style).out, CLEAN)
        self.assertEqual((self.folder / "a.style").read_text(), ROUGH)

    def test_written(self):
        path = self.write("a.style", ROUGH)
        path.chmod(0o640)
        (self.folder / "link.style").symlink_to("a.style")
        self.assertEqual(self.good("fmt", "-w", "./link.style").out, "")
        self.assertEqual(path.read_text(), CLEAN)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)
        self.assertTrue((self.folder / "link.style").is_symlink())
        self.assertEqual(self.files(), ["a.style", "link.style"])
        before = path.stat().st_ino
        self.good("fmt", "-w", path)
        self.assertEqual(path.stat().st_ino, before, "a file that is laid out was written anew")

    def test_checked(self):
        rough, clean = self.write("rough.style", ROUGH), self.write("clean.style", CLEAN)
        self.assertEqual(self.good("fmt", "--check", clean).out, "")
        result = self.estro("fmt", "--check", rough, clean)
        self.assertEqual((result.status, result.out), (1, f"{rough}\n"))

    def test_what_fails_changes_nothing(self):
        broken = self.write("broken.style", "estro 1\nstyle a\n")
        self.bad(1, "fmt", "-w", broken, says="broken.style:2:8: error")
        self.bad(1, "fmt", "nowhere", says="nowhere")
        self.bad(2, "fmt")
        self.bad(2, "fmt", "-w", "--check", broken, says="--check")
        self.bad(2, "fmt", "-w", "-", says="standard input")
        if os.getuid() != 0:
            self.write("shut/a.style", ROUGH)
            (self.folder / "shut").chmod(0o555)
            self.bad(1, "fmt", "-w", self.folder / "shut/a.style", says="a.style")
            (self.folder / "shut").chmod(0o755)

    def test_shipped_styles_are_laid_out(self):
        self.good("fmt", "--check", *sorted((e2e.TOP / "styles").glob("*.style")), *sorted((e2e.TOP / "styles/lib").glob("*.style")))

    def test_examples_are_laid_out(self):
        """What the two texts show is as `estro fmt` writes it. A fragment has no header."""
        for name, kind in (("styles/README.md", "style"), ("README.md", "estro")):
            blocks = re.findall(rf"^```{kind}\n(.*?)^```$", (e2e.TOP / name).read_text(), re.M | re.S)
            self.assertTrue(blocks)
            for block in blocks:
                header = "" if re.search("^estro ", block, re.M) else 'estro 1\nstyle x ""\n'
                path = self.write("block.style", header + block)
                self.assertEqual(self.good("fmt", path).out, header + block)

    def test_a_style_may_be_of_several_files(self):
        self.write("b.style", 'estro 1\nstyle b : a "B"\nimport nowhere\ndrop leap\n')
        self.assertIn("import nowhere\n", self.good("fmt", self.folder / "b.style").out)


if __name__ == "__main__":
    e2e.main()
