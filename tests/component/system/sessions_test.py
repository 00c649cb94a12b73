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
# That of tests/bits_sta/class_server.cc, and the object that makes instances of every class with a CLSID.
BITS_CLASS, BITS_PATH = "org.backhaul.clsid.g8a1e9d3f2c644d0b9b5764c2e01b7d11", "/org/backhaul/clsid"


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
        self.actors = {uid: self.bus.actor(uid) for uid in (ANN, BEN)}

    def serving(self):
        try:
            return int(self.root_bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False)
                       .GetConnectionUnixProcessID(NAME, dbus_interface="org.freedesktop.DBus"))
        except dbus.DBusException:
            return 0

    def start(self):
        self.service = self.bus.start_service()
        wait_for(self.bus.with_log("the service"), lambda: self.serving() or self.service.poll() is not None)

    def job_of(self, uid, name="a", source="/a", told=(CLASS, PATH)):
        actor = self.actors[uid]
        job = actor.do("enqueue", "own", [[self.origin.url + source, str(self.places[uid] / name)]], False)
        self.assertEqual(actor.do("call", job, "SetNotifyService", *told, "so"), "ok")
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

    def test_a_class_of_the_system_bus_that_fails_is_started_once_where_the_bus_had_not_noticed_it(self):
        starts, name = self.box.folder / "starts", "org.example.Unnoticed"
        program = self.box.folder / "fails"
        program.write_text(f"#!/bin/sh\necho start >>{starts}\nexit 3\n")
        program.chmod(0o755)
        self.bus.unnoticed.mkdir()
        (self.bus.unnoticed / f"{name}.service").write_text(f"[D-BUS Service]\nName={name}\nExec={program}\n")
        job = self.job_of(ANN, told=(name, PATH))
        wait_for(self.bus.with_log("the attempt to fail"),
                 lambda: [event[2:4] for event in self.root.do("get", job, "NotifyUnheard")] == [["start", 1]])
        self.assertEqual(starts.read_text().splitlines(), ["start"])

    def test_n63_a_class_of_one_user_that_hangs_keeps_nobody_elses_waiting(self):
        (self.places[ANN] / "silent").touch()
        for uid in (ANN, BEN):
            self.bus.start_session(uid)
        hers = [self.job_of(ANN, f"a{i}") for i in range(6)]  # more than one user is told at once
        for job in hers:
            wait_for("hers", lambda job=job: self.root.do("get", job, "State") == TRANSFERRED)
        wait_for(self.bus.with_log("hers to hang"), (self.places[ANN] / "called").exists)
        his = self.job_of(BEN)
        self.assertEqual(self.told(BEN)["job"], his)
        for job in hers:
            self.assertTrue(self.root.do("get", job, "NotifyUnheard"))

    def test_a_program_of_the_client_library_is_started_in_the_session_of_the_owner(self):
        name, path = "org.example.Library", "/org/example/Library"
        self.bus.install_program_class(name, os.environ["BACKHAUL_CLASS_PROGRAM"], name, path, self.places[ANN] / "told")
        self.bus.start_session(ANN)
        job = self.job_of(ANN, told=(name, path))
        said = self.told(ANN)
        self.assertEqual((said["uid"], said["result"]), (ANN, 0), said)
        self.assertEqual(said["job"].replace("-", ""), job.rsplit("/", 1)[1])
        self.assertEqual(sha256(self.places[ANN] / "a"), sha256(self.source))

    def test_a_program_written_for_bits_is_started_there_as_well_and_let_go(self):
        log = self.places[ANN] / "log"
        self.bus.install_program_class(BITS_CLASS, os.environ["BACKHAUL_BITS_CLASS"], log, "-Embedding",
                                       BACKHAUL_INSTANCE="system")
        self.bus.start_session(ANN)
        self.job_of(ANN, told=(BITS_CLASS, BITS_PATH))
        said = lambda: log.read_text().splitlines() if log.exists() else []
        wait_for(self.bus.with_log("the program"), lambda: "end on thread main" in said())
        self.assertEqual(said(), [f"{word} on thread main" for word in ("instance", "completed", "released", "end")])
        self.assertEqual(log.stat().st_uid, ANN)
        self.assertEqual(sha256(self.places[ANN] / "a"), sha256(self.source))

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
