#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Classes of two users, told by the service of the machine: each is started in the session of its owner, on a bus of
that one, and whoever has none is told later."""
import json
import os
import unittest

import dbus

from contract import ERROR, NAME, TRANSFERRED
from sandbox import sha256, wait_for
from system_bus import ANN, BEN, SystemBus, why_not_here

SERVICE = os.environ["BACKHAUL_SERVICE"]
CLASS, PATH = "org.example.Told", "/org/example/Told"


@unittest.skipIf(why_not_here(), why_not_here())
class Sessions(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.box = self.bus.box
        self.addCleanup(self.bus.close)
        self.root_bus = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(self.root_bus.close)
        self.bus.install_class(CLASS, PATH)
        self.bus.start_launcher()
        self.start()
        self.origin = self.box.start_origin()
        self.source = self.origin.add("a", 100_000)
        self.places = {}
        for uid in (ANN, BEN):
            self.places[uid] = self.box.folder / f"home{uid}"
            self.places[uid].mkdir(mode=0o700)
            os.chown(self.places[uid], uid, uid)
        self.root = self.bus.actor(0)

    def serving(self):
        try:
            return int(self.root_bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False)
                       .GetConnectionUnixProcessID(NAME, dbus_interface="org.freedesktop.DBus"))
        except dbus.DBusException:
            return 0

    def start(self):
        self.service = self.bus.start_service()
        wait_for(self.bus.with_log("the service"), lambda: self.serving() or self.service.poll() is not None)

    def job_of(self, uid, name="a", source="/a"):
        actor = self.bus.actor(uid)
        job = actor.do("enqueue", "own", [[self.origin.url + source, str(self.places[uid] / name)]], False)
        self.assertEqual(actor.do("call", job, "SetNotifyService", CLASS, PATH, "so"), "ok")
        self.assertEqual(actor.do("set", job, "MinimumRetryDelay", 600), "ok")  # nobody is told by chance
        actor.do("call", job, "Start", "")
        return job

    def told(self, uid):
        report = self.places[uid] / "told"
        wait_for(self.bus.with_log("the class to be told"), report.exists)
        return json.loads(report.read_text())

    def is_waiting(self, job):
        unheard = self.root.do("get", job, "NotifyUnheard")
        return bool(unheard) and unheard[0][2] == "session"

    def test_a_class_is_started_in_the_session_of_the_owner_of_the_job(self):
        for uid in (ANN, BEN):
            self.bus.start_session(uid)
        jobs = {uid: self.job_of(uid) for uid in (ANN, BEN)}
        for uid, job in jobs.items():
            said = self.told(uid)
            self.assertEqual((said["uid"], said["event"], said["job"], said["by"]),
                             (uid, "transferred", job, "messenger"))
            self.assertEqual(sha256(self.places[uid] / "a"), sha256(self.source))

    def test_who_has_no_session_is_told_when_one_begins_and_that_is_shown(self):
        self.bus.start_session(BEN)
        hers, his = self.job_of(ANN), self.job_of(BEN)
        self.assertEqual(self.told(BEN)["job"], his)  # whoever else waits
        wait_for("hers to wait", lambda: self.is_waiting(hers))
        waiting = self.root.do("get", hers, "Waiting")
        self.assertEqual((waiting[0], waiting[3]), ("owner-complete", ["", CLASS]))
        self.assertIn("told when its owner logs in", waiting[4])
        self.assertEqual(self.root.do("get", hers, "State"), TRANSFERRED)
        self.assertFalse((self.places[ANN] / "told").exists())
        self.bus.start_session(ANN)
        self.assertEqual(self.told(ANN)["job"], hers)
        wait_for("the file", (self.places[ANN] / "a").exists)

    def test_a_session_that_begins_while_the_service_is_down_is_not_missed(self):
        hers = self.job_of(ANN)
        wait_for("hers to wait", lambda: self.is_waiting(hers))
        self.service.kill()
        self.service.wait(timeout=60)
        self.bus.start_session(ANN)
        self.start()
        self.assertEqual(self.told(ANN)["job"], hers)

    def test_n17_nobody_sets_a_class_on_the_job_of_somebody_else(self):
        hers = self.job_of(ANN)
        refused = self.bus.actor(BEN).do("call", hers, "SetNotifyService", CLASS, PATH, "so")
        self.assertEqual(refused.get("error"), "E_ACCESSDENIED", refused)

    def test_a_command_line_under_the_class_runs_where_there_is_no_session(self):
        job = self.job_of(ANN, "missing", "/missing")
        wait_for("the class to wait", lambda: self.is_waiting(job))
        witness = self.box.folder / "witness"
        witness.write_text("#!/bin/sh\nid -u > \"$1.new\" && mv \"$1.new\" \"$1\"\n")
        witness.chmod(0o755)
        self.bus.actor(ANN).do("call", job, "SetNotifyCommand", str(witness), f"witness {self.places[ANN]}/ran", "ss")
        wait_for(self.bus.with_log("the program"), (self.places[ANN] / "ran").exists)
        self.assertEqual((self.places[ANN] / "ran").read_text().strip(), str(ANN))
        self.assertEqual(self.root.do("get", job, "State"), ERROR)

    def test_the_service_ends_and_takes_who_speaks_for_it_along(self):
        self.bus.start_session(ANN)
        self.job_of(ANN)
        self.told(ANN)
        bus = f"unix:path={self.bus.runtime}/{ANN}/bus"
        has = lambda: self.box.run("setpriv", f"--reuid={ANN}", f"--regid={ANN}", "--clear-groups", "gdbus", "call",
                                   "--address", bus, "--dest", "org.freedesktop.DBus",
                                   "--object-path", "/org/freedesktop/DBus",
                                   "--method", "org.freedesktop.DBus.NameHasOwner", "org.backhaul.Messenger1").stdout
        self.assertIn("true", has())
        self.service.kill()
        self.service.wait(timeout=60)
        wait_for("it to be gone", lambda: "false" in has())


if __name__ == "__main__":
    unittest.main(verbosity=2)
