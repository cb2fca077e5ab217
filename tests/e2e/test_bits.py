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
        for model in e2e.MODELS:
            out = self.folder / "a.mid"
            result = self.run_command(program, "generate", "--model", e2e.TOP / "styles" / f"{model}.model", "--seed", 7, "-o", out)
            self.assertEqual(result.status, 0, result.err)
            made[f"alone {model}"] = hashlib.sha256(out.read_bytes()).hexdigest()
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


    def test_processor_without_avx2(self):
        """In a virtual machine of an old processor; LIVE_VM names the command that runs something there."""
        vm = os.environ.get("LIVE_VM", "")
        if vm in ("", "1"):
            self.skipTest("LIVE_VM names no virtual machine of an old processor")
        lines = ["! grep -q avx2 /proc/cpuinfo", f"export ESTRO_PATH={e2e.TOP}/styles"]
        for style in e2e.STYLES:
            for model in ("--no-model", ""):
                lines.append(f"{e2e.PROGRAM} generate {style} {model} --seed 7 -o vm-{style}{model}.mid")
        for model in e2e.MODELS:
            lines.append(f"{e2e.PROGRAM} generate --model {e2e.TOP}/styles/{model}.model --seed 7 -o vm-alone-{model}.mid")
        self.write("make.sh", "set -e\n" + "\n".join(lines) + "\n")
        made = self.run_command(vm, "run", "--timeout", 250, "--", "sh", "make.sh", seconds=280)
        self.assertEqual(made.status, 0, made.err)
        digests = {f"{style} {model}": hashlib.sha256((self.folder / f"vm-{style}{''.join(model)}.mid").read_bytes()).hexdigest()
                   for style in e2e.STYLES for model in (["--no-model"], [])}
        for model in e2e.MODELS:
            digests[f"alone {model}"] = hashlib.sha256((self.folder / f"vm-alone-{model}.mid").read_bytes()).hexdigest()
        self.assertEqual(digests, self.digests(e2e.PROGRAM))


if __name__ == "__main__":
    e2e.main()
