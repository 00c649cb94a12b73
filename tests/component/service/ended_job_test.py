#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a job that has ended answers, and for how long (bus/org.backhaul.Job1.xml)."""
import os
import sys
import unittest

import dbus
from gi.repository import Gio, GLib

from contract import CANCELLED, NAME, ROOT, Client
from sandbox import Sandbox, wait_for

SERVICE = os.environ["BACKHAUL_SERVICE"]
KEPT = 1000


class EndedJob(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(SERVICE)
        self.address = self.box.start_bus()
        self.box.use_bus(self.address)
        self.client = Client(self.address)
        self.addCleanup(self.client.close)
        self.job = self.client.enqueue(
            [("http://127.0.0.1:9/x", self.box.folder / "home/x")], start=False, Name="ended")
        self.client.call(self.job, "SetNotifyObject", "/callback", 1, signature="ou")
        self.client.call(self.job, "Cancel")

    def refusal(self, call):
        with self.assertRaises(dbus.DBusException) as refused:
            call()
        return refused.exception.get_dbus_name().rsplit(".", 1)[-1]

    def test_it_can_be_read_and_not_changed(self):
        self.assertEqual(self.client.state(self.job), CANCELLED)
        self.assertEqual(self.client.get(self.job, "Name"), "ended")
        self.assertEqual(tuple(self.client.get(self.job, "NotifyObject")), ("", "", 0))
        files = self.client.call(self.job, "ListFiles", 0, 10, signature="uu")
        self.assertEqual(len(files), 1)
        self.assertEqual(self.refusal(lambda: self.client.call(self.job, "GetError")),
                         "BG_E_ERROR_INFORMATION_UNAVAILABLE")
        for method, arguments, signature in [
                ("Start", (), ""), ("Suspend", (), ""), ("Complete", (), ""), ("Cancel", (), ""),
                ("SetProperties", ({"Name": "new"},), "a{sv}"),
                ("SetNotifyObject", ("/callback", 1), "ou"), ("ClearNotifyObject", (), ""),
                ("SetNotifyCommand", ("/bin/true", "true"), "ss")]:
            self.assertEqual(self.refusal(lambda: self.client.call(
                self.job, method, *arguments, signature=signature)), "BG_E_INVALID_STATE", method)
        ident = self.client.get(self.job, "Id")
        self.assertEqual(self.refusal(lambda: self.client.object(ROOT, "Manager1").GetJob(
            ident, signature="s")), "BG_E_NOT_FOUND")
        self.assertEqual(self.client.jobs(), [])
        self.assertEqual(self.client.jobs(States=dbus.Array([CANCELLED], signature="u")), [])

    def test_it_answers_until_a_thousand_others_have_ended(self):
        bus = Gio.DBusConnection.new_for_address_sync(
            self.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.addCleanup(bus.close_sync, None)

        def all_at_once(calls, answer_type):
            """The answers to calls that do not wait for each other."""
            answers = []
            for path, interface, method, arguments in calls:
                bus.call(NAME, path, interface, method, arguments, GLib.VariantType(answer_type),
                         Gio.DBusCallFlags.NONE, -1, None,
                         lambda source, result: answers.append(source.call_finish(result)))

            def all_here():
                while GLib.MainContext.default().pending():
                    GLib.MainContext.default().iteration(False)
                return len(answers) == len(calls)
            wait_for(f"{len(calls)} answers", all_here, 60)
            return [answer.unpack()[0] for answer in answers]

        def end_some(count):
            create = GLib.Variant("(su)", ("other", 0))
            jobs = all_at_once([(ROOT, "org.backhaul.Manager1", "CreateJob", create)] * count,
                               "(o)")
            all_at_once([(job, "org.backhaul.Job1", "Cancel", None) for job in jobs], "(u)")
        ident = str(self.client.get(self.job, "Id"))
        end_some(KEPT - 1)
        self.assertEqual(self.client.state(self.job), CANCELLED)
        end_some(1)
        self.assertEqual(self.refusal(lambda: self.client.state(self.job)), "BG_E_NOT_FOUND")
        events, _ = self.client.object(ROOT, "Manager1").Events(
            dbus.UInt64(0), dbus.UInt32(1000), signature="tu")
        ends = [details["State"] for _, job, kind, details in events
                if kind == 0 and str(job).endswith(ident.replace("-", ""))]
        self.assertEqual(ends, [CANCELLED])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
