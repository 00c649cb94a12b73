#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an installed backhaul offers to somebody who builds on it: moved to another prefix, found by
CMake and by pkg-config, compiled as C++14, run."""
import os
import pathlib
import shutil
import subprocess
import unittest

from sandbox import Sandbox, sha256

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples/fetch"


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox(os.environ["BACKHAUL_PREFIX"])
        cls.addClassCleanup(cls.box.close)
        cls.moved = cls.box.folder / "somewhere/else"
        shutil.copytree(os.environ["BACKHAUL_PREFIX"], cls.moved, symlinks=True)
        cls.library = next(cls.moved.rglob("libbackhaul.so")).parent

    def fetches(self, program):
        origin = self.box.start_origin()
        source = origin.add("file", 100_000)
        target = self.box.folder / "home" / program.name
        done = self.box.run(program, origin.url + "/file", target)
        self.assertIn("acknowledged", done.stdout)
        self.assertEqual(sha256(source), sha256(target))

    def test_cmake_finds_it_where_it_is_now(self):
        build = self.box.folder / "cmake-build"
        self.box.run("cmake", "-S", EXAMPLE, "-B", build, f"-DCMAKE_PREFIX_PATH={self.moved}")
        self.box.run("cmake", "--build", build, timeout=120)
        self.fetches(build / "fetch")

    def test_pkg_config_finds_it_where_it_is_now(self):
        env = dict(self.box.env, PKG_CONFIG_PATH=str(self.library / "pkgconfig"))
        flags = self.box.run("pkg-config", "--cflags", "--libs", "backhaul", env=env).stdout.split()
        for compiler, standard in (("g++", "14"), ("clang++-19", "14"), ("g++", "23")):
            if not shutil.which(compiler):
                continue
            program = self.box.folder / f"fetch-{compiler}-{standard}"
            self.box.run(compiler, f"-std=c++{standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                         EXAMPLE / "fetch.cc", "-o", program, *flags,
                         f"-Wl,-rpath,{self.library}", timeout=120)
        self.fetches(program)

    def test_the_command_runs_from_there_and_sees_nothing_but_the_client_library(self):
        command = self.moved / "bin/backhaul"
        self.assertIn("backhaul", self.box.run(command, "--version").stdout)
        needed = self.box.run("ldd", command).stdout
        self.assertIn(str(self.library / "libbackhaul.so"), needed.replace("bin/../", ""))
        for stranger in ("curl", "sqlite"):
            self.assertNotIn(stranger, needed)
        symbols = subprocess.run(["nm", "-DC", "--defined-only", self.library / "libbackhaul.so"],
                                 capture_output=True, text=True, check=True).stdout
        for line in symbols.splitlines():
            self.assertIn("backhaul::", line)

    def test_manual_and_completion_are_there(self):
        share = self.moved / "share"
        for path in ("man/man1/backhaul.1", "bash-completion/completions/backhaul",
                     "zsh/site-functions/_backhaul"):
            self.assertTrue((share / path).stat().st_size > 0, path)


if __name__ == "__main__":
    unittest.main()
