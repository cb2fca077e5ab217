#!/usr/bin/python3
"""The words of examples/estro.vim are those that the compiler of styles knows: none too few, none too many."""

import re
import shutil

import e2e

# Small words in the sources that are no words of the language: tones, degrees, parts of messages.
NO_WORDS = {"a", "another", "b", "bIII", "c", "d", "file", "i", "lib", "line", "n", "nb", "pitches", "r", "s", "t", "u", "v", "vi", "vii", "word", "x"}


def known():
    words = set()
    for path in [*sorted((e2e.TOP / "src/style").glob("*.[ch]")), e2e.TOP / "src/music/mark.h"]:
        code = re.sub(r"/\*.*?\*/|^ *#include.*?$", " ", path.read_text(), flags=re.S | re.M)
        words |= set(re.findall(r'"([a-z]\w*)"|\b(?:SETTING|PLAYING)\((\w+)[,)]', code))
    words = {a or b for a, b in words}
    return words - NO_WORDS


class Editor(e2e.Case):
    def test_words_are_those_of_the_language(self):
        lines = (e2e.TOP / "examples/estro.vim").read_text().splitlines()
        there = {word for line in lines if line.startswith("syn keyword") for word in line.split()[3:]}
        self.assertGreater(len(there), 150)
        self.assertEqual(sorted(known() - there), [], "words that the editor file lacks")
        self.assertEqual(sorted(there - known()), [], "words of the editor file that the language does not have")

    def test_vim_colours_a_style(self):
        if not shutil.which("vim"):
            self.skipTest("vim is not here")
        self.write("a.style", 'estro 1\nstyle a "A"  # one\nform { piece = [2] <a 4 half in V> }\nharmony { phrase = V7:2 I }\n')
        script = self.write("a.vim", "edit a.style\nsyntax on\nsyntax clear\nunlet! b:current_syntax\n"
                            f"source {e2e.TOP}/examples/estro.vim\nredir! > out\n"
                            "for p in [[1,1],[2,9],[2,15],[3,8],[3,17],[3,20],[4,20]]\necho synIDattr(synID(p[0],p[1],1),'name')\nendfor\nredir END\nqa!\n")
        self.run_command("vim", "-es", "-u", "NONE", "-N", "-i", "NONE", "-S", script)
        found = (self.folder / "out").read_text().split()
        self.assertEqual(found, ["estroItem", "estroString", "estroComment", "estroValue", "estroNumber", "estroPhrase", "estroChord"])


if __name__ == "__main__":
    e2e.main()
