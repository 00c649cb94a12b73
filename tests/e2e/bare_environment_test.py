#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An almost empty environment: no bus, no runtime folder, no path; one command fetches the file."""
import os
import unittest

from sandbox import MARK, Sandbox


class BareEnvironment(unittest.TestCase):
    def test_one_command_is_enough(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin()
            source = origin.add("file", 5 << 20)
            target = box.folder / "home/file"
            # The mark is for the clean-up; the home, so that the real one is left alone.
            bare = {"HOME": box.env["HOME"], MARK: box.env[MARK]}
            box.run(box.prefix / "bin/backhaul", "get", "-o", target, origin.url + "/file", env=bare)
            self.assertEqual(source.read_bytes(), target.read_bytes())
            self.assertTrue((box.folder / "home/.local/state/backhaul/queue.db").exists())


if __name__ == "__main__":
    unittest.main()
