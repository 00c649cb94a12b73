#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Python example hands a download over and leaves. The service is killed while nobody is on the bus
and nobody calls; it comes back, finishes, has the bus start the example, and that completes the job."""
import json
import os
import pathlib
import unittest

from sandbox import Sandbox, sha256, wait_for

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples/notify.py"
SIZE = 64 << 20


class Unattended(unittest.TestCase):
    def test_the_example_without_words_says_how_it_is_used(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            done = box.run(EXAMPLE, check=False)
            self.assertEqual((done.returncode, done.stderr), (1, "usage: notify.py URL FILE\n"))

    def test_a_killed_service_comes_back_and_starts_the_program(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin("10m")
            source = origin.add("file", SIZE)
            target = box.folder / "home/file"
            box.use_bus(box.start_bus())
            box.run(EXAMPLE, origin.url + "/file", target)
            part = wait_for("the part", lambda: next((box.folder / "home").glob(".BIT*"), None))
            wait_for("half of it", lambda: part.stat().st_size > SIZE // 2)
            origin.hurry()
            old = box.kill_service()
            box.wait_for_new_service(old)
            self.assertFalse(target.exists())
            wait_for("the file, completed by the example", target.exists)
            self.assertEqual(sha256(source), sha256(target))
            self.assertEqual([r[2] for r in origin.requests()], [200, 206])
            self.assertEqual(list((box.folder / "home").glob(".BIT*")), [])

    def test_a_download_that_fails_is_heard_and_the_program_ends(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin()
            box.use_bus(box.start_bus())
            box.run(EXAMPLE, origin.url + "/missing", box.folder / "home/missing")

            def shown(*words):
                return json.loads(box.run("backhaul", *words, "--json").stdout)
            wait_for("the error to be heard", lambda: (lambda job: job["state"] == "error" and
                     not job["unheard"])(shown("list", "--notify")[0]))
            wait_for("the end of the program", lambda: not shown("class", "list")[0]["running"])
            self.assertEqual(shown("list")[0]["state"], "error", "the job is kept")


if __name__ == "__main__":
    unittest.main()
