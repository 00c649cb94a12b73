#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One job of a thousand files, killed once on the way."""
import os
import unittest

from contract import Client, TRANSFERRED
from sandbox import Sandbox, wait_for

COUNT = 1000


class ThousandFiles(unittest.TestCase):
    def test_all_arrive_under_their_names(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin()
            target = box.folder / "home/files"
            target.mkdir()
            for i in range(COUNT):
                path = box.folder / f"origin/{i}"
                path.write_bytes(f"file {i}\n".encode() * (i % 97))  # some are empty
            client = Client(box.start_bus())
            job = client.enqueue([(f"{origin.url}/{i}", target / f"f{i}") for i in range(COUNT)])
            wait_for("some of them", lambda: client.get(job, "FilesTransferred") >= COUNT // 10)
            box.wait_for_new_service(box.kill_service())
            wait_for("TRANSFERRED", lambda: client.state(job) == TRANSFERRED, 60)
            self.assertEqual(int(client.get(job, "FilesTransferred")), COUNT)
            self.assertEqual([p for p in target.iterdir() if not p.name.startswith(".BIT")], [])
            self.assertEqual(int(client.call(job, "Complete")), 0)
            self.assertEqual(len(list(target.iterdir())), COUNT)
            for i in range(COUNT):
                self.assertEqual((target / f"f{i}").read_bytes(),
                                 (box.folder / f"origin/{i}").read_bytes())


if __name__ == "__main__":
    unittest.main()
