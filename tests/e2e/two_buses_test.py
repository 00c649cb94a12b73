#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One user, two buses: a job made over the private bus is listed and completed from the desktop's."""
import os
import unittest

from contract import Client, TRANSFERRED
from sandbox import Sandbox, wait_for


class TwoBuses(unittest.TestCase):
    def test_share_one_queue(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin()
            source = origin.add("file", 3 << 20)
            target = box.folder / "home/file"
            made = box.run("backhaul", "create", "first bus").stdout.strip()
            box.run("backhaul", "add", made, origin.url + "/file", target)
            box.run("backhaul", "start", made)
            place = box.place()
            self.assertIn("/backhaul/bus/socket", place["address"])
            client = Client(place["address"])
            job = client.jobs()[0][0]
            wait_for("TRANSFERRED", lambda: client.state(job) == TRANSFERRED)

            box.use_bus(box.start_bus("desktop"))
            listed = box.run("backhaul", "list", "--json").stdout
            self.assertIn(made, listed)
            box.run("backhaul", "complete", made)
            self.assertEqual(source.read_bytes(), target.read_bytes())
            self.assertEqual(box.place()["pid"], place["pid"], "the same service all along")


if __name__ == "__main__":
    unittest.main()
