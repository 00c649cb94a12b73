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
            made = box.run("backhaul", "get", "--background", "-o", target, origin.url + "/file")
            place = box.place()
            self.assertTrue(place["address"].endswith("/bus/socket"), place)
            client = Client(place["address"])
            job = client.jobs()[0][0]
            self.assertIn(job.rsplit("/", 1)[1][:4], made.stdout.replace("-", ""))
            wait_for("TRANSFERRED", lambda: client.state(job) == TRANSFERRED)

            box.use_bus(box.start_bus("desktop"))
            listed = box.run("backhaul", "list", "--json").stdout
            self.assertIn(job.rsplit("/", 1)[1][:8], listed)
            box.run("backhaul", "complete", "--all")
            self.assertEqual(source.read_bytes(), target.read_bytes())
            self.assertEqual(box.place()["pid"], place["pid"], "the same service all along")


if __name__ == "__main__":
    unittest.main()
