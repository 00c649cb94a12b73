# SPDX-License-Identifier: Apache-2.0
"""A class that a session bus starts: session_class.py NAME PATH. Writes what it is told, and by whom, into a file of
its user below $CLASS_FOLDER, and completes the job at the service of the machine. Where a file "silent" lies there it
says that it was called and never answers."""
import json
import os
import pathlib
import signal
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PATH = sys.argv[1:3]
MESSENGER = "org.backhaul.Messenger1"
REPORT = pathlib.Path(os.environ["CLASS_FOLDER"]) / f"home{os.getuid()}" / "told"


def is_messenger(sender):
    daemon = bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False)
    return daemon.GetNameOwner(MESSENGER, dbus_interface="org.freedesktop.DBus") == sender


class Callback(dbus.service.Object):
    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u", sender_keyword="sender")
    def JobTransferred(self, sequence, job, sender):
        if REPORT.with_name("silent").exists():
            REPORT.with_name("called").touch()
            while True:
                signal.pause()
        said = {"uid": os.getuid(), "event": "transferred", "job": str(job), "number": int(sequence),
                "by": "messenger" if is_messenger(sender) else "somebody else"}
        service = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
        service.get_object("org.backhaul.Backhaul1", job, introspect=False).Complete(
            dbus_interface="org.backhaul.Job1")
        new = REPORT.with_suffix(".new")
        new.write_text(json.dumps(said))
        new.rename(REPORT)
        GLib.idle_add(loop.quit)
        return 0


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus, loop = dbus.bus.BusConnection(os.environ["DBUS_STARTER_ADDRESS"]), GLib.MainLoop()
callback = Callback(dbus.service.BusName(NAME, bus), PATH)
loop.run()
