#!/usr/bin/python3
"""An installation under DESTDIR: what is in it, an example built against it, the header in C++, and its removal."""

import json
import os
import shutil

import e2e


class Install(e2e.Case):
    def make(self, *arguments):
        result = self.run_command("make", "-C", e2e.TOP, f"B={e2e.BUILD}", *arguments, seconds=280,
                                  env={"MAKEFLAGS": "", "MAKELEVEL": ""})
        self.assertEqual(result.status, 0, result.err)
        return result

    def test_install_use_uninstall(self):
        root = self.folder / "root"
        self.make(f"DESTDIR={root}", "install")
        prefix = root / "usr/local"
        for name in ("bin/estro", "lib/libestro.a", "lib/libestro.so", "lib/libestro.so.0", "lib/pkgconfig/estro.pc", "include/estro/estro.h",
                     "include/estro/status.h", "share/estro/styles/chorale.style", "share/estro/styles/lib/cadences.style", "share/man/man1/estro.1"):
            self.assertTrue((prefix / name).exists(), name)
        styles = self.run_command(prefix / "bin/estro", "styles", "--paths", env={"HOME": "/nonexistent", "ESTRO_PATH": ""})
        self.assertIn(str(prefix / "share/estro/styles/chorale.style"), styles.out)
        self.assertNotIn("does not compile", styles.out)

        doctor = json.loads(self.run_command(prefix / "bin/estro", "doctor", "--json").out)
        built_in = self.good("--version").out
        for feature in doctor["features"]:
            if feature["name"] in built_in:
                self.assertTrue(feature["works"], feature)

        env = {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig"), "PKG_CONFIG_SYSROOT_DIR": str(root)}
        flags = self.run_command("pkg-config", "--cflags", "--libs", "estro", env=env)
        self.assertEqual(flags.status, 0, flags.err)
        compiled = self.run_command(os.environ.get("CC", "cc"), e2e.TOP / "examples/embed.c", *flags.out.split(), "-o", "embed")
        self.assertEqual(compiled.status, 0, compiled.err)
        env = {"LD_LIBRARY_PATH": str(prefix / "lib"), "ESTRO_PATH": str(prefix / "share/estro/styles")}
        ran = self.run_command("./embed", env=env)
        self.assertEqual(ran.status, 0, ran.err)
        self.assertTrue((self.folder / "embed.mid").read_bytes().startswith(b"MThd"))

        self.make(f"DESTDIR={root}", "uninstall")
        left = [p for p in root.rglob("*") if not p.is_dir()]
        self.assertEqual(left, [])

    def test_examples_run(self):
        result = self.run_command(e2e.BUILD / "examples/notes", "chorale", "3")
        self.assertEqual(result.status, 0, result.err)
        self.assertRegex(result.out, r"\n\d+ notes\n$")

    def test_public_header_in_cxx_and_c(self):
        self.write("use.cc", "#include <estro/estro.h>\nint main() { return estro_version()[0] == 0; }\n")
        self.write("use.c", "#include <estro/estro.h>\nint main(void) { return estro_version()[0] == 0; }\n")
        include = f"-I{e2e.TOP / 'include'}"
        strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
        cc = os.environ.get("CC", "cc")
        for standard in ("c11", "c17"):
            result = self.run_command(cc, f"-std={standard}", *strict, include, "use.c")
            self.assertEqual(result.status, 0, result.err)
        cxx = os.environ.get("CXX", "c++")
        if not shutil.which(cxx):
            self.skipTest("no C++ compiler")
        for standard in ("c++11", "c++17"):
            result = self.run_command(cxx, f"-std={standard}", *strict, include, "use.cc")
            self.assertEqual(result.status, 0, result.err)

    def test_manual_is_clean(self):
        if not shutil.which("mandoc"):
            self.skipTest("no mandoc")
        result = self.run_command("mandoc", "-T", "lint", e2e.TOP / "src/estro.1")
        self.assertEqual(result.out + result.err, "")

    def test_second_make_does_nothing(self):
        result = self.make("all")
        self.assertNotRegex(result.out, r"(?m)^  (CC|LD|AR|TEST) ")


if __name__ == "__main__":
    e2e.main()
