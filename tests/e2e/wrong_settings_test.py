#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A typo in a settings file: every command says so at once, with and without a bus, and leaves nothing."""
import os
import time
import unittest

from sandbox import Sandbox

NO_SERVICE = 7


class WrongSettings(unittest.TestCase):
    def test_are_told_to_the_command(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            config = box.folder / "home/config/backhaul"
            config.mkdir(parents=True)
            (config / "backhauld.conf").write_text("[Jobs]\nMaxFilesPerJob = many\n")
            for bus in (False, True):
                if bus:
                    box.use_bus(box.start_bus())
                begun = time.monotonic()
                done = box.run("backhaul", "list", check=False)
                self.assertEqual(done.returncode, NO_SERVICE, done.stderr)
                self.assertIn("backhauld.conf:2: MaxFilesPerJob = many", done.stderr)
                self.assertIn("78", done.stderr)
                self.assertLess(time.monotonic() - begun, 25, "a bus waits longer for a service")
                if not bus:
                    self.assertEqual(box.processes(), [], "no bus is left behind")
            (config / "backhauld.conf").unlink()
            box.run("backhaul", "list")


if __name__ == "__main__":
    unittest.main()
