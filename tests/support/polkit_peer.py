# SPDX-License-Identifier: Apache-2.0
"""Stands in for polkitd on the bus of DBUS_SYSTEM_BUS_ADDRESS, as far as its documentation says what
CheckAuthorization does. A line on standard input says what it answers from now on: "yes", "no", or "later" (nothing
yet; "yes" and "no" then answer what has waited). It writes a line of JSON for each question and one when it is
there."""
import json
import os
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

DBusGMainLoop(set_as_default=True)


class Authority(dbus.service.Object):
    verdict = "no"
    waiting = []

    @dbus.service.method("org.freedesktop.PolicyKit1.Authority", in_signature="(sa{sv})sa{ss}us",
                         out_signature="(bba{ss})", sender_keyword="sender", async_callbacks=("done", "failed"))
    def CheckAuthorization(self, subject, action, _details, flags, _cancellation, sender, done, failed):
        kind, details = subject
        asked = {"subject": str(kind), "name": str(details["name"]), "action": str(action), "flags": int(flags),
                 "by": int(bus.get_unix_user(sender))}
        print(json.dumps(asked), flush=True)
        self.waiting.append(done)
        self.answer()

    def answer(self):
        if self.verdict == "later":
            return
        for done in self.waiting:
            yes = self.verdict == "yes"
            done((yes, not yes, dbus.Dictionary({}, signature="ss")))
        self.waiting.clear()


bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
authority = Authority(bus, "/org/freedesktop/PolicyKit1/Authority")
name = dbus.service.BusName("org.freedesktop.PolicyKit1", bus)
loop = GLib.MainLoop()


def told(*_):
    word = sys.stdin.readline().strip()
    if not word:
        loop.quit()
        return False
    authority.verdict = word
    print(json.dumps("said"), flush=True)
    authority.answer()
    return True


GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, told)
print(json.dumps("here"), flush=True)
loop.run()
