#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""notify.py URL FILE hands a download over and ends; the bus starts it again when the file is there,
or when it cannot be had."""
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PATH = "org.example.Notify", "/org/example/Notify"


def backhaul(path, interface):
    service = bus.get_object("org.backhaul.Backhaul1", path)
    return dbus.Interface(service, "org.backhaul." + interface)


class Callback(dbus.service.Object):
    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u")
    def JobTransferred(self, sequence, job):
        GLib.idle_add(loop.quit)  # whatever comes of it: a callback that fails is made again later
        backhaul(job, "Job1").Complete()
        return 0  # S_OK: told, and not told again

    @dbus.service.method("org.backhaul.Callback1", in_signature="to(uuis)", out_signature="u")
    def JobError(self, sequence, job, error):
        GLib.idle_add(loop.quit)
        print(f"{job} failed: {error[3]} (0x{error[0]:08x})", file=sys.stderr)
        return 0  # the job is kept: Start tries again, Cancel gives it up


by_bus = sys.argv[1:] == ["--serve"]  # as it is registered below
if len(sys.argv) != 3 and not by_bus:
    sys.exit("usage: notify.py URL FILE")
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
try:
    bus, loop = dbus.SessionBus(), GLib.MainLoop()
except dbus.DBusException:
    sys.exit("notify.py: there is no session bus. \"backhaul list\" starts one of its own; its address is in "
             "~/.local/state/backhaul/queue.bus: export DBUS_SESSION_BUS_ADDRESS=ADDRESS")
if not by_bus:
    manager = backhaul("/org/backhaul/Backhaul1", "Manager1")
    manager.RegisterClass(NAME, [os.path.abspath(__file__), "--serve"])
    service = dbus.Struct((NAME, dbus.ObjectPath(PATH)), signature="so")
    url, path = sys.argv[1], os.path.abspath(sys.argv[2])
    job = {"Name": os.path.basename(path), "NotifyService": service}
    print(manager.Enqueue(job, [(url, path, {})], True))
else:
    callback = Callback(dbus.service.BusName(NAME, bus), PATH)
    loop.run()
