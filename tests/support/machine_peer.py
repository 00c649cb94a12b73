#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""machine-peer.py [SERVICE…]: plays NetworkManager, ModemManager, UPower, power-profiles-daemon and
systemd-logind on the bus of DBUS_SYSTEM_BUS_ADDRESS, as far as their documentation says what the service
asks them. Lines of JSON come in, and each is answered by one:

  ["set", "network", {"Metered": 1}]     properties of a service, told by PropertiesChanged
  ["sleep", true]                        PrepareForSleep
  ["users", [1000]]                      who is logged on, told by UserNew and UserRemoved
  ["inhibitors"]                         what is held: [what, mode] of each
  ["leave", "network"]                   the service gives its name up; "join" takes it again
"""
import json
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

PROPERTIES = "org.freedesktop.DBus.Properties"
SERVICES = {
    "network": ("org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
                "org.freedesktop.NetworkManager",
                {"Metered": dbus.UInt32(4), "Connectivity": dbus.UInt32(4),
                 "PrimaryConnection": dbus.ObjectPath("/")}),
    "connection": ("org.freedesktop.NetworkManager",
                   "/org/freedesktop/NetworkManager/ActiveConnection/1",
                   "org.freedesktop.NetworkManager.Connection.Active", {"Id": "Phone"}),
    "power": ("org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower",
              {"OnBattery": False}),
    "profile": ("net.hadess.PowerProfiles", "/net/hadess/PowerProfiles",
                "net.hadess.PowerProfiles", {"ActiveProfile": "balanced"}),
    "modem": ("org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1/Modem/0",
              "org.freedesktop.ModemManager1.Modem.Modem3gpp",
              {"RegistrationState": dbus.UInt32(1)}),
    "logind": ("org.freedesktop.login1", "/org/freedesktop/login1",
               "org.freedesktop.login1.Manager", {}),
}


class Service(dbus.service.Object):
    def __init__(self, name):
        self.name, path, self.interface, self.values = SERVICES[name]
        super().__init__(bus, path)
        self.join()

    def join(self):
        bus.request_name(self.name)

    def leave(self):
        bus.release_name(self.name)

    def typed(self, key, value):
        return type(self.values[key])(value) if key in self.values else value

    def set(self, values):
        changed = {key: self.typed(key, value) for key, value in values.items()}
        self.values.update(changed)
        self.PropertiesChanged(self.interface, changed, [])

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return self.values if interface == self.interface else {}

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, changed, invalidated):
        pass


class Modems(dbus.service.Object):
    """The object manager of ModemManager, which has one modem."""

    @dbus.service.method("org.freedesktop.DBus.ObjectManager", out_signature="a{oa{sa{sv}}}")
    def GetManagedObjects(self):
        modem = services["modem"]
        return {dbus.ObjectPath("/org/freedesktop/ModemManager1/Modem/0"): {
            "org.freedesktop.ModemManager1.Modem": {"State": dbus.Int32(11)},
            modem.interface: modem.values}}


class Logind(Service):
    held = []  # (what, mode, our end): the other end is closed where it is let go
    users = []

    @dbus.service.method("org.freedesktop.login1.Manager", out_signature="a(uso)")
    def ListUsers(self):
        return dbus.Array([(uid, f"user{uid}", f"/org/freedesktop/login1/user/_{uid}") for uid in self.users],
                          signature="(uso)")

    @dbus.service.signal("org.freedesktop.login1.Manager", signature="uo")
    def UserNew(self, uid, path):
        pass

    @dbus.service.signal("org.freedesktop.login1.Manager", signature="uo")
    def UserRemoved(self, uid, path):
        pass

    def are_logged_on(self, users):
        before, self.users = self.users, users
        for uid in users + before:
            (self.UserNew if uid in users else self.UserRemoved)(uid, f"/org/freedesktop/login1/user/_{uid}")

    @dbus.service.method("org.freedesktop.login1.Manager", in_signature="ssss", out_signature="h")
    def Inhibit(self, what, who, why, mode):
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        self.held.append((str(what), str(mode), ours))
        answer = dbus.types.UnixFd(theirs)
        os.close(theirs)
        return answer

    @dbus.service.signal("org.freedesktop.login1.Manager", signature="b")
    def PrepareForSleep(self, start):
        pass

    def inhibitors(self):
        def is_held(end):
            try:
                return os.read(end, 1) != b""
            except BlockingIOError:
                return True
        self.held = [one for one in self.held if is_held(one[2])]
        return sorted([what, mode] for what, mode, _ in self.held)


def obey(words):
    verb, arguments = words[0], words[1:]
    if verb == "set":
        services[arguments[0]].set(arguments[1])
    elif verb == "sleep":
        services["logind"].PrepareForSleep(arguments[0])
    elif verb == "users":
        services["logind"].are_logged_on(arguments[0])
    elif verb == "inhibitors":
        return services["logind"].inhibitors()
    elif verb in ("leave", "join"):
        getattr(services[arguments[0]], verb)()
    return None


def on_line(source, condition):
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    print(json.dumps(obey(json.loads(line))), flush=True)
    return True


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
services = {}
for wanted in sys.argv[1:] or SERVICES:
    services[wanted] = (Logind if wanted == "logind" else Service)(wanted)
if "modem" in services:
    Modems(bus, "/org/freedesktop/ModemManager1")
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_line)
print("ready", flush=True)
loop.run()
