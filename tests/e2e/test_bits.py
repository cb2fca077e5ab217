#!/usr/bin/python3
"""The same file whatever compiles it: builds of other levels and compilers against the one that is tested."""

import hashlib
import os
import shutil

import e2e


class Bits(e2e.Case):
    def digests(self, program):
        made = {}
        for style in e2e.STYLES:
            for model in (["--no-model"], []):
                out = self.folder / "a.mid"
                result = self.run_command(program, "generate", style, *model, "--seed", 7, "-o", out,
                                          env={"ESTRO_PATH": str(e2e.TOP / "styles")})
                self.assertEqual(result.status, 0, result.err)
                made[f"{style} {model}"] = hashlib.sha256(out.read_bytes()).hexdigest()
        return made

    def compare(self, name, cc, flags):
        if not shutil.which(cc):
            self.skipTest(f"no {cc}")
        build = e2e.BUILD / f"bits-{name}"
        made = self.run_command("make", "-C", e2e.TOP, f"B={build}", f"CC={cc}", f"CFLAGS={flags}", f"-j{os.cpu_count()}", build / "estro",
                                seconds=280, env={"MAKEFLAGS": "", "MAKELEVEL": ""})
        self.assertEqual(made.status, 0, made.err)
        self.assertEqual(self.digests(build / "estro"), self.digests(e2e.PROGRAM))

    def test_gcc_without_optimisation(self):
        self.compare("gcc-O0", "gcc", "-O0")

    def test_gcc_with_all_optimisation(self):
        self.compare("gcc-O3", "gcc", "-O3")

    def test_clang(self):
        self.compare("clang-O2", "clang", "-O2")


if __name__ == "__main__":
    e2e.main()
