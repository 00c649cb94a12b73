#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is told of the queue as a whole (Manager1.Idle), and when it drops what nobody wants any more
(Job1.Expires)."""
import os
import time
import unittest

from gi.repository import Gio, GLib

from contract import NAME, ROOT, TRANSIENT_ERROR, Client
from sandbox import Sandbox, wait_for

DAY = 86_400


class Queue(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(os.environ["BACKHAUL_SERVICE"])
        self.address = self.box.start_bus()
        self.box.use_bus(self.address)
        self.client = Client(self.address)
        self.addCleanup(self.client.close)

    def enqueue(self, start=True):
        # Nobody answers there: the job is tried again and again.
        return self.client.enqueue([("http://127.0.0.1:9/x", self.box.folder / "home/x")], start)

    def idle(self):
        return bool(self.client.bus.get_object(NAME, ROOT, introspect=False).Get(
            "org.backhaul.Manager1", "Idle", dbus_interface="org.freedesktop.DBus.Properties", signature="ss"))

    def test_it_is_idle_while_no_job_goes_on_by_itself(self):
        self.assertTrue(self.idle())
        job = self.enqueue(start=False)
        self.assertTrue(self.idle())
        self.client.call(job, "Start")
        self.assertFalse(self.idle(), "a client reads what it wrote")
        wait_for("the error", lambda: self.client.state(job) == TRANSIENT_ERROR)
        self.assertFalse(self.idle(), "it will be tried again")
        self.client.call(job, "Suspend")
        self.assertTrue(self.idle())
        self.client.call(job, "Start")
        self.client.call(job, "Cancel")
        self.assertTrue(self.idle())

    def test_whoever_watches_is_told_without_having_called(self):
        bus = Gio.DBusConnection.new_for_address_sync(
            self.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.addCleanup(bus.close_sync, None)
        told = []
        bus.signal_subscribe(
            NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged", ROOT, "org.backhaul.Manager1",
            Gio.DBusSignalFlags.NONE,
            lambda *signal: told.append(signal[5].unpack()[1]))

        def heard(count):
            while GLib.MainContext.default().pending():
                GLib.MainContext.default().iteration(False)
            return len(told) >= count
        job = self.enqueue()
        wait_for("the begin", lambda: heard(1))
        self.client.call(job, "Suspend")
        wait_for("the end", lambda: heard(2))
        self.assertEqual(told, [{"Idle": False}, {"Idle": True}])

    def test_a_job_says_when_it_is_dropped_unless_somebody_touches_it(self):
        def days_left():
            return (int(self.client.get(job, "Expires")) / 1e6 - time.time()) / DAY
        job = self.enqueue(start=False)
        self.assertAlmostEqual(days_left(), 90, places=2)
        self.client.call(job, "Cancel")
        self.assertEqual(int(self.client.get(job, "Expires")), 0)


if __name__ == "__main__":
    unittest.main()
