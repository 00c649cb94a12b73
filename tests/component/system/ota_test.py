#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""examples/ota on a machine without any session: the power fails before and behind every step of the agent, and while
the bundle comes, and in the end exactly that bundle is installed. A job that fails is left for the next boot. RAUC is
played (rauc_peer below)."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

import dbus

from sandbox import sha256, wait_for
from system_bus import OTA, SystemBus, why_not_here

SERVICE = os.environ["BACKHAUL_SERVICE"]
EXAMPLE = pathlib.Path(__file__).parents[3] / "examples/ota"
NEEDED_IN_HOURS = 1
STEPS = ("enqueue", "complete", "verify", "install", "mark")
NOTED = (*STEPS, "start_again")

# The agent, whose power fails where a file says: once. It notes what it begins.
AGENT = """
import os, pathlib, sys
sys.path.insert(0, {folder!r})
import ota_agent
cut, noted = pathlib.Path({cut!r}), pathlib.Path({noted!r})


def power_fails(where):
    if cut.exists() and cut.read_text() == where:
        cut.unlink()
        os.kill(os.getpid(), 9)


class Agent(ota_agent.Agent):
    def __getattribute__(self, name):
        found = super().__getattribute__(name)
        if name not in {steps!r}:
            return found

        def step(*words):
            with open(noted, "a") as notes:
                notes.write(name + "\\n")
            power_fails("before " + name)
            done = found(*words)
            power_fails("behind " + name)
            return done
        return step


ota_agent.main(sys.argv[1:], Agent)
"""

RAUC = """
import hashlib, sys
import dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
NAME = "de.pengutronix.rauc"


class Installer(dbus.service.Object):
    @dbus.service.method(NAME + ".Installer", in_signature="sa{sv}")
    def InstallBundle(self, source, args):
        with open(source, "rb") as bundle, open(sys.argv[1], "a") as log:
            log.write(hashlib.sha256(bundle.read()).hexdigest() + "\\n")
        GLib.idle_add(self.Completed, 0)

    @dbus.service.signal(NAME + ".Installer", signature="i")
    def Completed(self, result):
        pass


bus = dbus.SystemBus()
installer = Installer(dbus.service.BusName(NAME, bus), "/")
GLib.MainLoop().run()
"""


@unittest.skipIf(why_not_here(), why_not_here())
class Ota(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE, policies=[EXAMPLE / "org.example.Ota.conf"], owned_by_root=["de.pengutronix.rauc"])
        self.addCleanup(self.bus.close)
        self.box = self.bus.box
        self.place = self.bus.state_folder("ota", OTA)
        self.cut, self.installed = self.box.folder / "cut", self.box.folder / "installed"
        self.noted, self.ended = self.box.folder / "noted", self.box.folder / "ended"
        self.box.folder.chmod(0o777)  # the agent takes the note of its end away
        folder = self.box.folder / "agent"
        folder.mkdir()
        shutil.copy(EXAMPLE / "ota_agent.py", folder)
        self.agent = folder / "agent.py"
        self.agent.write_text(AGENT.format(folder=str(folder), cut=str(self.cut), noted=str(self.noted),
                                           steps=NOTED))
        (folder / "rauc.py").write_text(RAUC)
        self.rauc = folder / "rauc.py"
        self.config = self.box.folder / "ota.json"
        self.mark = self.place / "installed"
        starter = self.box.folder / "start-ota"
        starter.write_text("#!/bin/sh\n" + " ".join(self.agent_command("--class")) +
                           f" 2>>{self.bus.log}\ncode=$?\necho $code >>{self.ended}\nexit $code\n")
        starter.chmod(0o755)
        text = (EXAMPLE / "org.example.Ota.service").read_text()
        text = text.replace("/usr/libexec/example-ota/ota_agent.py /etc/example-ota.json --class", str(starter))
        (self.bus.services / "org.example.Ota.service").write_text(text.replace("User=ota", ""))
        self.running = []

    def agent_command(self, *words):
        return self.bus.as_account(OTA, sys.executable, self.agent, self.config, *words)

    def boot(self):
        """Everything that a machine starts, the unit of the agent last."""
        if self.bus.daemon.poll() is not None:
            self.bus.launcher_socket.unlink()
            (self.box.folder / "system-bus").unlink(missing_ok=True)
            self.bus.start()
        self.running = [self.bus.start_launcher(), self.bus.start_service(),
                        self.box.spawn(sys.executable, str(self.rauc), str(self.installed))]
        wait_for("the service and RAUC", self.serves)
        subprocess.run(self.agent_command(), env=self.box.env, check=False, timeout=60, stdin=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def serves(self):
        bus = dbus.bus.BusConnection(self.bus.address)
        try:
            return bus.name_has_owner("org.backhaul.Backhaul1") and bus.name_has_owner("de.pengutronix.rauc")
        finally:
            bus.close()

    def cut_power(self):
        for process in [*self.running, self.bus.daemon]:
            process.kill()
            process.wait(timeout=60)

    def new_bundle(self, origin, name, size=200_000):
        source = origin.add(name, size)
        self.config.write_text(json.dumps({
            "url": f"{origin.url}/{name}", "sha256": sha256(source), "needed_in_hours": NEEDED_IN_HOURS,
            "bundle": str(self.place / "bundle"), "mark": str(self.mark)}))
        return sha256(source)

    def steps(self, name):
        return self.noted.read_text().splitlines().count(name) if self.noted.exists() else 0

    def is_marked(self, digest):
        return self.mark.exists() and self.mark.read_text() == digest

    def expect_installed(self, digest):
        self.assertEqual(hashlib.sha256((self.place / "bundle").read_bytes()).hexdigest(), digest)
        self.assertEqual(self.installed.read_text().splitlines()[-1], digest)

    def test_the_power_fails_at_every_step_of_the_agent(self):
        origin = self.box.start_origin()
        for number, where in enumerate(f"{when} {step}" for step in STEPS for when in ("before", "behind")):
            with self.subTest(where):
                digest = self.new_bundle(origin, f"bundle{number}", 50_000 + number)
                self.cut.write_text(where)
                self.boot()
                wait_for("the power to fail " + where, lambda: not self.cut.exists())
                self.cut_power()
                self.boot()
                wait_for(self.bus.with_log("the end"), lambda digest=digest: self.is_marked(digest))
                self.expect_installed(digest)
                self.cut_power()

    def test_the_power_fails_while_the_bundle_comes(self):
        origin = self.box.start_origin(rate="200k")
        digest = self.new_bundle(origin, "bundle", 600_000)
        self.boot()
        wait_for("bytes", lambda: any(
            part.stat().st_size for part in self.place.iterdir() if part.name.startswith(".BIT")))
        self.cut_power()
        self.boot()
        self.cut_power()  # and once more, wherever it is by then
        origin.hurry()
        self.boot()
        wait_for(self.bus.with_log("the end"), lambda: self.is_marked(digest))
        self.expect_installed(digest)
        self.assertEqual(self.installed.read_text().splitlines(), [digest])
        self.cut_power()

    def expect_left_for_the_next_boot(self):
        """What fails, fails once for each boot, whoever the bus starts."""
        self.boot()
        wait_for(self.bus.with_log("the agent to be told and to end"),
                 lambda: self.ended.exists() and self.ended.read_text().endswith("\n"))
        self.assertEqual(self.ended.read_text(), "0\n")
        self.assertIn("failed: ", self.bus.said())
        self.assertEqual((self.steps("enqueue"), self.steps("start_again")), (1, 0))

    def needed_by(self):
        """Of the one job that there is, in seconds since the epoch."""
        bus = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(bus.close)
        manager = bus.get_object("org.backhaul.Backhaul1", "/org/backhaul/Backhaul1", introspect=False)
        (_, job), = manager.ListJobs({"AllUsers": True}, "", 1, signature="a{sv}su",
                                     dbus_interface="org.backhaul.Manager1")[0]
        return job["NeededBy"] / 1e6

    def test_a_job_that_fails_is_left_for_the_next_boot(self):
        origin = self.box.start_origin()
        digest = self.new_bundle(origin, "bundle")
        bundle, away = self.box.folder / "origin/bundle", self.box.folder / "away"
        bundle.rename(away)
        begun = time.time()
        self.expect_left_for_the_next_boot()
        self.assertTrue(begun <= self.needed_by() - NEEDED_IN_HOURS * 3600 <= time.time(), self.needed_by())
        self.cut_power()
        away.rename(bundle)
        self.boot()
        wait_for(self.bus.with_log("the end"), lambda: self.is_marked(digest))
        self.expect_installed(digest)
        self.assertEqual((self.steps("enqueue"), self.steps("start_again")), (1, 1))
        self.cut_power()

    def test_a_wrong_bundle_is_fetched_once_for_each_boot(self):
        origin = self.box.start_origin()
        self.new_bundle(origin, "bundle")
        (self.box.folder / "origin/bundle").write_bytes(b"something else")
        self.expect_left_for_the_next_boot()
        self.cut_power()
        self.assertFalse(self.mark.exists())
        self.assertFalse(self.installed.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
