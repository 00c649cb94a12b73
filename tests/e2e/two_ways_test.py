#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The two ways to be told, as programs written against the BITS headers, built with the installed
package. The service is killed half-way: the object of a program that still runs is called all the
same, and the class of one that has ended is started."""
import os
import pathlib
import unittest

from sandbox import Sandbox, sha256, wait_for, wait_for_end

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
CLASS = "{c8e6d3d2-5f65-4f2c-9b57-0f0a5d9b7e11}"
SIZE = 48 << 20


class TwoWays(unittest.TestCase):
    def build(self, box, name):
        library = next(box.prefix.rglob("libbackhaul-bits.so")).parent
        env = dict(box.env, PKG_CONFIG_PATH=str(library / "pkgconfig"))
        flags = box.run("pkg-config", "--cflags", "--libs", "backhaul-bits", env=env).stdout.split()
        program = box.folder / "home" / name
        box.run("g++", "-std=c++17", EXAMPLES / name / f"{name}.cc", "-o", program, *flags,
                f"-Wl,-rpath,{library}", timeout=120)
        return program

    def kill_half_way(self, box, origin):
        part = wait_for("the part", lambda: next((box.folder / "home").glob(".BIT*"), None))
        wait_for("half of it", lambda: part.stat().st_size > SIZE // 2)
        origin.hurry()
        box.wait_for_new_service(box.kill_service())

    def test_the_object_of_a_running_program_outlives_the_service(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin("10m")
            source = origin.add("file", SIZE)
            target = box.folder / "home/file"
            program = self.build(box, "notify_object")
            box.use_bus(box.start_bus())
            running = box.spawn(program, origin.url + "/file", target)
            self.kill_half_way(box, origin)
            self.assertEqual(running.wait(60), 0)
            self.assertEqual(sha256(source), sha256(target))
            self.assertEqual([r[2] for r in origin.requests()], [200, 206])

    def test_the_class_of_a_program_that_has_ended_is_started(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin("10m")
            source = origin.add("file", SIZE)
            target = box.folder / "home/file"
            program = self.build(box, "notify_class")
            box.use_bus(box.start_bus())
            box.run("backhaul", "class", "add", CLASS, "--exec", program, "-Embedding")
            box.run(program, origin.url + "/file", target)
            self.kill_half_way(box, origin)
            self.assertFalse(target.exists())
            wait_for("the file, completed by the class", target.exists)
            self.assertEqual(sha256(source), sha256(target))
            servers = [pid for pid in box.processes()
                       if os.readlink(f"/proc/{pid}/exe") == str(program)]
            for pid in servers:
                wait_for_end(pid)


if __name__ == "__main__":
    unittest.main()
