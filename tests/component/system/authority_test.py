#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may do something with the jobs of others on the service of the machine: those whom polkit authorises, for
the one call that was asked about. A peer plays polkit (polkit_peer.py)."""
import os
import pathlib
import unittest
import xml.etree.ElementTree

import dbus

from contract import NAME
from sandbox import wait_for
from system_bus import ANN, BEN, DATA, SERVICE_UID, SystemBus, why_not_here

SERVICE = os.environ["BACKHAUL_SERVICE"]
DENIED = "E_ACCESSDENIED"
READ, MANAGE, TAKE = (f"org.backhaul.jobs.{what}" for what in ("read", "manage", "take-ownership"))
RELOAD = "org.backhaul.policy.reload"
PEERS = "org.backhaul.peers.manage"


@unittest.skipIf(why_not_here(), why_not_here())
class Authority(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.addCleanup(self.bus.close)
        self.ann, self.ben = self.bus.actor(ANN), self.bus.actor(BEN)
        self.bus.start_service()
        wait_for("the service", self.ann_sees_it)
        self.hers = self.ann.create("hers")

    def ann_sees_it(self):
        return isinstance(self.ann.do("jobs", {}), list)

    def refused(self, answer):
        self.assertIsInstance(answer, dict, answer)
        self.assertEqual(answer["error"], DENIED)

    def test_without_polkit_it_is_the_owner_and_root(self):
        self.refused(self.ben.do("call", self.hers, "Suspend", ""))
        self.refused(self.ben.do("get", self.hers, "Name"))
        self.refused(self.ben.jobs(AllUsers=True))
        self.assertEqual(self.bus.actor(0).do("set", self.hers, "Name", "by root"), "ok")
        self.assertEqual(self.bus.said().count("polkit does not say"), 1)

    def test_what_it_says_counts_for_the_call_that_was_asked_about(self):
        polkit = self.bus.polkit()
        polkit.says("yes")
        self.assertEqual(self.ben.do("get", self.hers, "Name"), "hers")
        self.assertEqual(self.ben.jobs(AllUsers=True), [self.hers])
        self.assertEqual(self.ben.jobs(), [])
        self.assertEqual(self.ben.do("set", self.hers, "Name", "managed"), "ok")
        self.assertEqual(self.ann.do("get", self.hers, "Name"), "managed")
        polkit.says("no")
        self.assertEqual([asked["action"] for asked in polkit.asked], [READ, READ, MANAGE])
        self.assertEqual({(asked["subject"], asked["by"], asked["flags"]) for asked in polkit.asked},
                         {("system-bus-name", SERVICE_UID, 0)})
        self.refused(self.ben.do("set", self.hers, "Name", "again"))
        self.refused(self.ben.do("get", self.hers, "Name"))
        self.refused(self.ben.jobs(AllUsers=True))
        self.assertEqual(self.ann.do("get", self.hers, "Name"), "managed")

    def test_nobody_is_asked_about_what_is_ones_own_and_secrets_are_the_owners(self):
        polkit = self.bus.polkit()
        polkit.says("yes")
        own = self.ben.create("his")
        root = self.bus.actor(0)
        self.ben.do("set", own, "Name", "still his")
        root.do("set", own, "Name", "by root")
        self.refused(self.ben.do("call", self.hers, "SetCustomHeaders", "X-Key: 1", "s"))
        self.refused(self.ben.do("call", self.hers, "RemoveClientCertificate", ""))
        self.refused(root.do("call", self.hers, "RemoveClientCertificate", ""))
        self.refused(self.ben.do("credentials from", self.hers))
        self.refused(root.do("credentials from", self.hers))
        self.assertEqual(self.ann.do("credentials from", self.hers), "ok")
        self.refused(root.do("call", self.hers, "GetCustomHeaders", ""))
        polkit.says("no")
        self.assertEqual(polkit.asked, [])

    def test_a_job_is_taken_over_by_who_is_authorised_to(self):
        polkit = self.bus.polkit()
        self.refused(self.ben.do("call", self.hers, "TakeOwnership", ""))
        self.ann.do("call", self.hers, "SetNotifyCommand", "/bin/true", "true", "ss")
        self.ann.do("call", self.hers, "SetCustomHeaders", "X-Key: 1", "s")
        polkit.says("yes")
        self.assertEqual(self.ben.do("call", self.hers, "TakeOwnership", ""), "ok")
        polkit.says("no")
        self.assertEqual([asked["action"] for asked in polkit.asked], [TAKE, TAKE])
        self.assertEqual((self.ann.jobs(), self.ben.jobs()), ([], [self.hers]))
        # Of what the former owner had entrusted to it nothing came along (jobs.md §8).
        self.assertEqual(self.ben.do("get", self.hers, "NotifyCommand"), ["", ""])
        self.assertEqual(self.ben.do("call", self.hers, "GetCustomHeaders", ""), "ok")

    def test_the_settings_are_read_again_for_root_and_for_who_is_authorised_to(self):
        self.refused(self.ann.do("manager", "ReloadPolicy", ""))
        self.assertIsNone(self.bus.actor(0).do("manager", "ReloadPolicy", ""))
        polkit = self.bus.polkit()
        polkit.says("yes")
        self.assertIsNone(self.ann.do("manager", "ReloadPolicy", ""))
        self.assertEqual(self.ann.do("get", self.hers, "Name"), "hers")
        polkit.says("no")
        self.refused(self.ann.do("manager", "ReloadPolicy", ""))
        self.assertEqual([asked["action"] for asked in polkit.asked], [RELOAD])
        self.assertEqual(self.bus.said().count("the settings were read again"), 2)

    def test_what_is_kept_for_neighbours_is_for_root_and_for_who_is_authorised_to(self):
        self.refused(self.ann.do("peers", "ListRecords", "", 10, "su"))
        self.refused(self.ann.do("peers", "SetMaximumCacheSize", 5, "u"))
        self.assertEqual(self.bus.actor(0).do("peers", "SetMaximumCacheSize", 5, "u"), 0)
        polkit = self.bus.polkit()
        polkit.says("yes")
        self.assertEqual(self.ann.do("peers", "ListRecords", "", 10, "su"), [[], ""])
        self.assertEqual(self.ann.do("peers", "SetMaximumCacheSize", 7, "u"), 0)
        polkit.says("no")
        self.refused(self.ann.do("peers", "ClearRecords", ""))
        self.assertEqual([asked["action"] for asked in polkit.asked], [PEERS, PEERS])

    def test_who_waits_for_it_keeps_nobody_else_waiting_and_stays_in_order(self):
        polkit = self.bus.polkit()
        polkit.says("later")
        self.ben.begin("calls", [[self.hers, "Name", "managed"], [self.hers, "Name", "managed twice"]])
        polkit.wait_for_question()
        mine = self.ann.create("meanwhile")
        self.assertEqual(self.ann.jobs(), sorted([self.hers, mine]))
        self.assertEqual(self.ann.do("get", self.hers, "Name"), "hers")
        polkit.says("yes")
        self.assertEqual(self.ben.answer(), "ok")
        self.assertEqual(self.ann.do("get", self.hers, "Name"), "managed twice")

    def test_one_that_dies_in_the_middle_has_authorised_nobody(self):
        polkit = self.bus.polkit()
        polkit.says("later")
        self.ben.begin("set", self.hers, "Name", "managed")
        polkit.wait_for_question()
        polkit.close()
        self.refused(self.ben.answer())
        self.assertEqual(self.ann.do("get", self.hers, "Name"), "hers")

    def test_a_client_that_leaves_takes_its_question_along(self):
        polkit = self.bus.polkit()
        polkit.says("later")
        self.ben.begin("set", self.hers, "Name", "managed")
        polkit.wait_for_question()
        self.ben.process.kill()
        self.ben.process.wait()
        bus = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(bus.close)
        polkit.says("yes")
        self.assertEqual(self.ann.do("get", self.hers, "Name"), "hers")
        self.assertTrue(bus.name_has_owner(NAME))

    def test_a_command_says_that_somebody_may_be_asked(self):
        polkit = self.bus.polkit()
        polkit.says("yes")
        self.assertEqual(self.ben.do("interactive", self.hers), "hers")
        polkit.says("no")
        self.assertEqual(polkit.asked[0]["flags"], 1)

    def test_the_actions_are_those_that_are_installed(self):
        tree = xml.etree.ElementTree.parse(pathlib.Path(DATA) / "org.backhaul.policy")
        self.assertEqual({action.get("id") for action in tree.iter("action")}, {READ, MANAGE, TAKE, RELOAD, PEERS})
        for action in tree.iter("action"):
            owners = [note.text for note in action.iter("annotate")
                      if note.get("key") == "org.freedesktop.policykit.owner"]
            self.assertEqual(owners, ["unix-user:backhaul"])  # else polkit does not answer that account


if __name__ == "__main__":
    unittest.main(verbosity=2)
