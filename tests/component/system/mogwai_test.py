#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that ask Mogwai for leave to download, on the service of the machine: gdbus and dbus-python as clients of
two users. What the interface does in detail is tests/component/dbus/downloads_test.cc."""
import os
import shutil
import subprocess
import unittest

import dbus

from sandbox import wait_for
from system_bus import ANN, BEN, SystemBus, why_not_here

SERVICE = os.environ["BACKHAUL_SERVICE"]
NAME, PATH = "com.endlessm.MogwaiSchedule1", "/com/endlessm/DownloadManager1"
SCHEDULER, ENTRY = "com.endlessm.DownloadManager1.Scheduler", "com.endlessm.DownloadManager1.ScheduleEntry"


@unittest.skipIf(why_not_here(), why_not_here())
class Mogwai(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.addCleanup(self.bus.close)
        self.root = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(self.root.close)

    def has_owner(self, name):
        return bool(self.root.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False)
                    .NameHasOwner(name, dbus_interface="org.freedesktop.DBus"))

    def start(self, settings):
        self.bus.write_settings(settings)
        self.bus.start_service()
        wait_for(self.bus.with_log("the service"), lambda: self.has_owner("org.backhaul.Backhaul1"))

    def state(self, connection=None):
        told = (connection or self.root).get_object(NAME, PATH, introspect=False).GetAll(
            SCHEDULER, dbus_interface="org.freedesktop.DBus.Properties")
        return int(told["EntryCount"]), int(told["ActiveEntryCount"]), bool(told["DownloadsAllowed"])

    def test_without_the_setting_nobody_has_the_name(self):
        self.start("")
        self.assertFalse(self.has_owner(NAME))

    def test_an_entry_goes_on_as_far_as_downloads_are_allowed_and_goes_with_its_maker(self):
        self.start("[Scheduler]\nMogwai = yes\n")
        wait_for(self.bus.with_log("the name"), lambda: self.has_owner(NAME))
        client = dbus.bus.BusConnection(self.bus.address)
        scheduler = dbus.Interface(client.get_object(NAME, PATH, introspect=False), SCHEDULER)
        entry = str(scheduler.Schedule(dbus.Dictionary({"priority": dbus.UInt32(3), "resumable": True}, signature="sv"),
                                       signature="a{sv}"))
        told = client.get_object(NAME, entry, introspect=False).GetAll(
            ENTRY, dbus_interface="org.freedesktop.DBus.Properties")
        entries, active, allowed = self.state()
        self.assertEqual((entries, active), (1, int(allowed)))
        self.assertEqual((bool(told["DownloadNow"]), int(told["Priority"]), bool(told["Resumable"])),
                         (allowed, 3, True))
        with self.assertRaises(dbus.DBusException) as refused:
            self.root.get_object(NAME, entry, introspect=False).Remove(dbus_interface=ENTRY)
        self.assertEqual(refused.exception.get_dbus_name(), "org.freedesktop.DBus.Error.UnknownObject")
        client.close()
        wait_for("it to be gone", lambda: self.state()[0] == 0)

    @unittest.skipUnless(shutil.which("gdbus"), "SKIPPED LOUDLY: there is no gdbus")
    def test_every_user_may_ask(self):
        self.start("[Scheduler]\nMogwai = yes\n")
        wait_for(self.bus.with_log("the name"), lambda: self.has_owner(NAME))
        for uid in (ANN, BEN):
            done = subprocess.run(self.bus.inside(*self.bus.as_account(
                uid, "gdbus", "call", "--address", self.bus.address, "--dest", NAME, "--object-path", PATH, "--method",
                f"{SCHEDULER}.Schedule", "{'priority': <uint32 1>}")), env=self.bus.box.env, text=True,
                capture_output=True, check=False, timeout=60, cwd="/")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(PATH + "/entry/", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
