#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The service of the machine: on a system bus with the installed policy, as an account without any
capability, among users who are processes with other uids."""
import json
import os
import pathlib
import signal
import subprocess
import unittest

import dbus

from contract import NAME, SUSPENDED, TRANSFERRED
from sandbox import sha256, wait_for
from system_bus import ANN, BEN, SERVICE_UID, SystemBus, why_not_here

COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
DENIED = "E_ACCESSDENIED"


@unittest.skipIf(why_not_here(), why_not_here())
class SystemService(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.box = self.bus.box
        self.addCleanup(self.bus.close)
        self.root = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(self.root.close)

    def asked_of_bus(self, method, *arguments):
        return getattr(self.root.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False),
                       method)(*arguments, dbus_interface="org.freedesktop.DBus")

    def serving(self):
        """The process that has the name; 0: none."""
        try:
            return int(self.asked_of_bus("GetConnectionUnixProcessID", NAME))
        except dbus.DBusException:
            return 0

    def start(self, **options):
        service = self.bus.start_service(**options)
        wait_for("the service", lambda: self.serving() or service.poll() is not None)
        self.assertTrue(self.serving(), self.bus.said())
        return service

    def have_a_session(self):
        """With a service of one's own."""
        self.box.install_service(SERVICE)
        self.box.use_bus(self.box.start_bus())

    def error(self, answer):
        self.assertIsInstance(answer, dict, answer)
        return answer["error"]

    def command(self, *words, **env):
        return subprocess.run([COMMAND, *words], env=dict(self.box.env, **env), text=True, capture_output=True,
                              check=False, timeout=60, stdin=subprocess.DEVNULL, cwd=self.box.folder)

    def test_everybody_has_their_own_jobs_and_root_has_all(self):
        self.start()
        ann, ben, root = (self.bus.actor(uid) for uid in (ANN, BEN, 0))
        ben.do("listen")
        root.do("listen")
        ann.do("listen")
        ben.jobs()  # from now on it is a caller, and would be told
        root.jobs()
        hers, his = ann.create("hers"), ben.create("his")
        self.assertEqual((ann.jobs(), ben.jobs(), root.jobs()), ([hers], [his], []))
        self.assertEqual(root.jobs(AllUsers=True), sorted([hers, his]))
        self.assertEqual(self.error(ann.jobs(AllUsers=True)), DENIED)
        self.assertEqual(ann.do("manager", "GetJob", hers.rsplit("/", 1)[1].replace("_", "-"), "s"), hers)
        for step in (("call", hers, "Suspend", ""), ("call", hers, "Cancel", ""), ("call", hers, "TakeOwnership", ""),
                     ("get", hers, "Name"), ("set", hers, "Name", "mine"),
                     ("call", hers, "SetNotifyCommand", "/bin/true", "true", "ss")):
            self.assertEqual(self.error(ben.do(*step)), DENIED, step)
        self.assertEqual(ann.do("set", hers, "Name", "still hers"), "ok")
        self.assertEqual(root.do("set", hers, "Description", "seen by root"), "ok")
        self.assertEqual(ann.do("get", hers, "Description"), "seen by root")
        # Nobody hears of the jobs of others.
        self.assertEqual({job for _, job in ben.do("heard")}, {his})
        self.assertIn(hers, {job for _, job in ann.do("heard")})
        self.assertNotIn(his, {job for _, job in ann.do("heard")})
        self.assertTrue({hers, his} <= {job for _, job in root.do("heard")})
        self.assertEqual(root.do("call", hers, "TakeOwnership", ""), "ok")
        self.assertEqual((ann.jobs(), root.jobs()), ([], [hers]))
        self.assertEqual(self.error(ann.do("get", hers, "Name")), DENIED)

    def test_it_acts_for_its_own_account_alone_and_tells_objects(self):
        self.start()
        origin = self.box.start_origin()
        source = origin.add("a", 300_000)
        place = self.box.folder / "downloads"
        place.mkdir()
        os.chown(place, SERVICE_UID, SERVICE_UID)
        ann = self.bus.actor(ANN)
        refused = ann.do("enqueue", "hers", [[origin.url + "/a", str(place / "a")]], False)
        self.assertEqual(self.error(refused), DENIED)
        self.assertIn(f"user {ANN}", refused["text"])
        account = self.bus.actor(SERVICE_UID)
        job = account.do("enqueue", "own", [[origin.url + "/a", str(place / "a")]], False)
        self.assertEqual(account.do("object", job), "ok")
        account.do("call", job, "Start", "")
        self.assertEqual(account.do("pump"), [["transferred", job]], self.bus.said())
        self.assertEqual(account.do("get", job, "State"), TRANSFERRED)
        account.do("call", job, "Complete", "")
        self.assertEqual(sha256(place / "a"), sha256(source))
        self.assertEqual((place / "a").stat().st_uid, SERVICE_UID)

    def test_with_a_launcher_files_are_those_of_their_owners(self):
        self.bus.start_launcher()
        self.start()
        origin = self.box.start_origin()
        source = origin.add("a", 300_000)
        places = {}
        for uid in (ANN, BEN):
            places[uid] = self.box.folder / f"home{uid}"
            places[uid].mkdir(mode=0o700)
            os.chown(places[uid], uid, uid)
        ann, ben = self.bus.actor(ANN), self.bus.actor(BEN)
        # Where the other one may not write is refused at once, with the rights of who asks.
        refused = ben.do("enqueue", "a robbery", [[origin.url + "/a", str(places[ANN] / "b")]], False)
        self.assertEqual(self.error(refused), DENIED)
        for uid, actor in ((ANN, ann), (BEN, ben)):
            job = actor.do("enqueue", "own", [[origin.url + "/a", str(places[uid] / "a")]], False)
            self.assertEqual(actor.do("object", job), "ok")
            actor.do("call", job, "Start", "")
            self.assertEqual(actor.do("pump"), [["transferred", job]], self.bus.said())
            # Whoever completes it, it is the owner's: root too.
            self.bus.actor(0 if uid == BEN else uid).do("call", job, "Complete", "")
            self.assertEqual(sha256(places[uid] / "a"), sha256(source))
            self.assertEqual((places[uid] / "a").stat().st_uid, uid)
            self.assertEqual([file.name for file in places[uid].iterdir()], ["a"])

    def test_a_restarted_service_goes_on_with_the_files_of_everybody(self):
        launcher = self.bus.start_launcher()
        service = self.start()
        origin = self.box.start_origin(rate="200k")
        source = origin.add("a", 600_000)
        place = self.box.folder / "hers"
        place.mkdir(mode=0o700)
        os.chown(place, ANN, ANN)
        ann = self.bus.actor(ANN)
        job = ann.do("enqueue", "hers", [[origin.url + "/a", str(place / "a")]], True)
        wait_for("bytes", lambda: any(file.stat().st_size for file in place.iterdir()))
        for process in (service, launcher):
            process.kill()
            process.wait(timeout=20)
        self.bus.launcher_socket.unlink(missing_ok=True)
        self.bus.start_launcher()
        self.start()
        wait_for("the end", lambda: ann.do("get", job, "State") == TRANSFERRED)
        self.assertEqual(ann.do("call", job, "Complete", ""), "ok")
        self.assertEqual(sha256(place / "a"), sha256(source))
        self.assertEqual((place / "a").stat().st_uid, ANN)

    def test_programs_are_not_made_activatable_through_it(self):
        self.start()
        for uid in (ANN, 0):
            refused = self.bus.actor(uid).do("manager", "RegisterClass", "org.example.Mine", ["/bin/true"], "sas")
            self.assertEqual(self.error(refused), DENIED)
            self.assertIn("system bus", refused["text"])

    def test_nobody_else_takes_its_name(self):
        self.start()
        status = pathlib.Path(f"/proc/{self.serving()}/status").read_text()
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1",
                     f"Uid:\t{SERVICE_UID}\t{SERVICE_UID}\t{SERVICE_UID}\t{SERVICE_UID}"):
            self.assertIn(line, status)
        thief = self.bus.start_service(uid=ANN, state=self.bus.state_folder("other", ANN))
        self.assertNotEqual(thief.wait(timeout=30), 0)

    def test_the_bus_starts_it_and_the_guardian_brings_it_back(self):
        self.bus.install_activation()
        ann = self.bus.actor(ANN)
        job = ann.create("lasting")
        first = self.serving()
        os.kill(first, signal.SIGKILL)
        wait_for("it to be back", lambda: self.serving() not in (0, first))
        self.assertEqual(ann.jobs(), [job])
        self.assertEqual((self.bus.state / "queue.db").stat().st_uid, SERVICE_UID)
        self.assertEqual((self.bus.state / "queue.db").stat().st_mode & 0o077, 0)

    def test_it_comes_back_to_a_bus_that_was_restarted(self):
        guardian = self.bus.start_service(guardian=True)
        wait_for("the service", self.serving)
        job = self.bus.actor(ANN).create("over there")
        self.bus.actors.pop().close()
        self.root.close()
        self.bus.stop()
        self.bus.start()
        self.root = dbus.bus.BusConnection(self.bus.address)
        wait_for("it to be there", self.serving, 40)
        self.assertEqual(self.bus.actor(ANN).jobs(), [job])
        self.assertIsNone(guardian.poll())

    def test_the_command_finds_it_and_root_by_default(self):
        self.have_a_session()
        done = self.command("--system", "list")
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("not installed", done.stderr)
        self.start()
        ann = self.bus.actor(ANN)
        hers = ann.create("hers")
        made = self.command("create", "of root")  # root, and it is installed
        self.assertEqual(made.returncode, 0, made.stderr)
        listed = json.loads(self.command("--system", "list", "--all-users", "--json").stdout)
        self.assertEqual({job["name"] for job in listed}, {"hers", "of root"})
        self.assertEqual(json.loads(self.command("--user", "list", "--json").stdout), [])
        mine = self.command("--user", "create", "own")
        self.assertEqual(mine.returncode, 0, mine.stderr)
        # A job in the own queue is finished first, and that is said.
        told = self.command("list", "--json")
        self.assertEqual([job["name"] for job in json.loads(told.stdout)], ["own"])
        self.assertIn("unfinished jobs", told.stderr)
        asked = self.command("list", "--json", BACKHAUL_INSTANCE="system")
        self.assertEqual([job["name"] for job in json.loads(asked.stdout)], ["of root"])
        both = json.loads(self.command("list", "--all-instances", "--json").stdout)
        self.assertEqual([[job["name"] for job in both[one]] for one in ("user", "system")], [["own"], ["of root"]])
        shown = self.command("list", "--all-instances").stdout
        self.assertLess(shown.index("own"), shown.index("of root"))
        self.assertEqual(self.command("--user", "--system", "list").returncode, 2)
        self.assertEqual(ann.do("get", hers, "State"), SUSPENDED)

    def test_a_program_written_for_bits_gets_the_one_that_it_asks_for(self):
        self.have_a_session()
        self.start()

        def made(*words, **env):
            done = subprocess.run([os.environ["BACKHAUL_BITS_PROGRAM"], *words], env=dict(self.box.env, **env),
                                  capture_output=True, text=True, check=False, timeout=60)
            return done.stdout.split()
        ok, changed = "00000000", "80010106"
        self.assertEqual(made("by call", "system"), [ok, ok, ok])
        self.assertEqual(made("by environment", BACKHAUL_INSTANCE="system"), [ok, changed])
        self.assertEqual(made("own", BACKHAUL_INSTANCE="user"), [ok, changed])
        names = lambda *words: [job["name"] for job in json.loads(self.command(*words, "list", "--json").stdout)]
        self.assertEqual(names("--system"), ["by call", "by environment"])
        self.assertEqual(names("--user"), ["own"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
