#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a service that runs keeps of finished files for neighbours: on its disk, and over its end (peer-caching.md §3)."""
import json
import os
import stat
import unittest

from contract import PEERS, TRANSFERRED, Client
from sandbox import Sandbox, wait_for

COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
SETTINGS = "[Peers]\nEnable = yes\nCachePercent = 2\nDiscovery = static\n"


class PeerCache(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.settings = self.box.folder / "home/config/backhaul/backhauld.conf"
        self.settings.parent.mkdir(parents=True)
        self.settings.write_text(SETTINGS)
        self.box.install_service(SERVICE)
        address = self.box.start_bus()
        self.box.use_bus(address)
        self.client = Client(address)
        self.addCleanup(self.client.close)
        self.origin = self.box.start_origin()
        self.cache = self.box.state / "peer-cache"

    def fetch(self, name, flags=2):
        job = self.client.enqueue([(f"{self.origin.url}/{name}", self.box.folder / "home" / name)],
                                  PeerCachingFlags=flags)
        wait_for("the file", lambda: self.client.state(job) == TRANSFERRED)
        return job

    def copies(self):
        if not self.cache.exists():
            return []
        return sorted(path for path in self.cache.iterdir() if path.suffix != ".new")

    def test_a_finished_file_is_copied_into_a_private_folder_and_stays_over_a_crash(self):
        self.origin.add("file", 3 << 20)
        job = self.fetch("file")
        wait_for("a copy", lambda: len(self.copies()) == 1)
        copy, = self.copies()
        self.client.call(job, "Complete")
        published = self.box.folder / "home/file"
        self.assertEqual(copy.read_bytes(), published.read_bytes())
        self.assertEqual(stat.S_IMODE(copy.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.cache.stat().st_mode), 0o700)
        published.write_bytes(b"other")
        self.assertEqual(copy.stat().st_size, 3 << 20)
        (self.cache / ("f" * 32)).write_text("of nobody")
        old = self.box.service_pid()
        self.box.kill_service()
        self.box.wait_for_new_service(old)
        wait_for("what nobody knows to go", lambda: self.copies() == [copy])

    def test_a_job_that_is_cancelled_and_one_that_does_not_allow_it_leave_nothing(self):
        self.origin.add("file", 100_000)
        self.origin.add("other", 100_000)
        job = self.fetch("file")
        wait_for("a copy", lambda: len(self.copies()) == 1)
        self.client.call(job, "Cancel")
        wait_for("the copy to go", lambda: not self.copies())
        kept = self.fetch("other", flags=0)
        self.client.call(kept, "Complete")
        self.assertEqual(self.copies(), [])

    def records(self):
        return json.loads(self.box.run(COMMAND, "cache", "list", "--json").stdout)

    def test_what_is_kept_is_listed_shown_and_deleted(self):
        self.origin.add("file", 100_000)
        self.client.call(self.fetch("file"), "Complete")
        wait_for("the record", lambda: [one["busy"] for one in self.records()] == [False])
        record, = self.records()
        self.assertEqual((record["url"], record["size"], record["validated"], record["ranges"]),
                         (f"{self.origin.url}/file", 100_000, True, None))
        shown = self.box.run(COMMAND, "cache", "show", record["id"][:8]).stdout
        self.assertIn(f"url={self.origin.url}/file\n", shown)
        self.box.run(COMMAND, "cache", "delete", record["url"])
        self.assertEqual(self.records(), [])
        wait_for("the copy to go", lambda: not self.copies())
        self.assertIn("nothing is kept; at most 2 %", self.box.run(COMMAND, "cache", "list").stdout)

    def test_what_a_program_sets_is_kept_and_a_file_of_settings_wins(self):
        peers = self.client.object(PEERS, "Peers1")
        self.assertEqual(peers.SetMaximumCacheSize(5, signature="u"), 1)
        self.assertEqual(peers.SetMaximumCacheSize(2, signature="u"), 0)
        self.assertEqual(peers.SetConfigurationFlags(0, signature="u"), 0x00200055)
        self.assertEqual(peers.SetMaximumContentAge(86_400, signature="u"), 0)
        self.origin.add("file", 1000)
        self.fetch("file")  # a service without jobs ends
        old = self.box.service_pid()
        self.box.kill_service()
        self.box.wait_for_new_service(old)
        self.assertIn("at most 2 % of the disk, for 1 day without use", self.box.run(COMMAND, "cache", "list").stdout)

    def test_a_person_has_the_same_powers_as_a_program(self):
        told = self.box.run(COMMAND, "cache", "set", "limit=5%").stderr
        self.assertIn("a file of settings says something else of limit", told)
        self.assertEqual(self.box.run(COMMAND, "cache", "set", "limit=2", "max-age=1d").stderr, "")
        self.assertIn("at most 2 % of the disk, for 1 day without use", self.box.run(COMMAND, "cache", "list").stdout)
        refused = self.box.run(COMMAND, "cache", "set", "limit=81", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("81", refused.stderr)
        self.box.run(COMMAND, "peers", "--clear", "--discover")

    def test_policy_shows_what_is_laid_down(self):
        shown = {one["key"]: one for one in json.loads(self.box.run(COMMAND, "policy", "--json").stdout)
                 if one["section"] == "Peers"}
        values = {key: one["value"] for key, one in shown.items()}
        self.assertLessEqual({"Enable": "yes", "CachePercent": "2", "ContentAgeDays": "90", "Discovery": "static",
                              "ServeBitsPerSec": "30%", "MaxServedClients": "3", "Port": "2178", "Trust": "list",
                              "ContentTrust": "digest", "PendingWaitSec": "30"}.items(), values.items())
        self.assertIn(f"{self.settings}:2", json.dumps(shown["Enable"]))


if __name__ == "__main__":
    unittest.main()
