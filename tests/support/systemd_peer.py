#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""systemd-peer.py LOG [refuse]: owns org.freedesktop.systemd1 and answers the part of its interface
that starts transient oneshot services, as it is documented, by really running the program. Not
systemd: it knows no cgroups. What it is asked and does goes into LOG, a JSON object a line."""
import ctypes
import json
import os
import re
import signal
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

ROOT, MANAGER = "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
SERVICE = "org.freedesktop.systemd1.Service"
PR_SET_NO_NEW_PRIVS = 38


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    for kind in (dbus.Boolean, dbus.String, dbus.ObjectPath):
        if isinstance(value, kind):
            return bool(value) if kind is dbus.Boolean else str(value)
    return int(value)


def expand(argument, environment):
    """What systemd does to every argument: $$ is a dollar, ${NAME} and $NAME are values."""
    return re.sub(r"\$(?:(\$)|\{(\w+)\}|(\w+))", lambda m: "$" if m[1] else
                  environment.get(m[2] or m[3], ""), argument)


class Unit(dbus.service.Object):
    def __init__(self, path):
        super().__init__(bus, path)
        self.code = self.status = 0

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="s",
                         out_signature="a{sv}")
    def GetAll(self, interface):
        assert interface == SERVICE
        return {"ExecMainCode": dbus.Int32(self.code), "ExecMainStatus": dbus.Int32(self.status),
                "Result": "exit-code"}


class Manager(dbus.service.Object):
    subscribers, jobs, units = set(), 0, {}

    @dbus.service.method(MANAGER, sender_keyword="sender")
    def Subscribe(self, sender):
        self.subscribers.add(sender)

    @dbus.service.method(MANAGER, in_signature="ssa(sv)a(sa(sv))", out_signature="o")
    def StartTransientUnit(self, name, mode, properties, auxiliary):
        if "refuse" in sys.argv[2:]:
            raise dbus.DBusException("no", name="org.freedesktop.DBus.Error.AccessDenied")
        assert name.endswith(".service") and mode == "fail" and not auxiliary
        if name in self.units:
            raise dbus.DBusException("there", name="org.freedesktop.systemd1.UnitExists")
        settings = {str(key): plain(value) for key, value in properties}
        write(unit=str(name), **settings)
        assert settings["Type"] == "oneshot"
        self.jobs += 1
        self.units[name] = Unit(f"{ROOT}/unit/u{self.jobs}")
        GLib.idle_add(self.begin, str(name), settings)
        return f"{ROOT}/job/{self.jobs}"

    def begin(self, name, settings):
        (path, argv, _), = settings["ExecStart"]
        environment = dict(os.environ, **dict(v.split("=", 1) for v in settings["Environment"]))
        pid = os.fork()
        if pid == 0:
            if settings["NoNewPrivileges"]:
                ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            os.chdir(settings["WorkingDirectory"].removeprefix("-"))
            os.umask(settings["UMask"])
            try:
                os.execve(path, [expand(a, environment) for a in argv], environment)
            except OSError:
                os._exit(203)
        GLib.child_watch_add(GLib.PRIORITY_DEFAULT, pid, self.ended, name)

    def ended(self, pid, status, name):
        unit = self.units[name]
        exited = os.WIFEXITED(status)
        unit.code = 1 if exited else 2  # CLD_EXITED, CLD_KILLED
        unit.status = os.WEXITSTATUS(status) if exited else os.WTERMSIG(status)
        good = exited and unit.status == 0
        if good:
            self.forget(name)
        write(ended=name, status=unit.status)
        if self.subscribers:
            self.JobRemoved(1, f"{ROOT}/job/1", name, "done" if good else "failed")

    @dbus.service.signal(MANAGER, signature="uoss")
    def JobRemoved(self, number, job, unit, result):
        pass

    @dbus.service.method(MANAGER, in_signature="s", out_signature="o")
    def GetUnit(self, name):
        if name not in self.units:
            raise dbus.DBusException("gone", name="org.freedesktop.systemd1.NoSuchUnit")
        return self.units[name].__dbus_object_path__

    @dbus.service.method(MANAGER, in_signature="s")
    def ResetFailedUnit(self, name):
        write(reset=str(name))
        self.forget(name)

    def forget(self, name):
        self.units.pop(name).remove_from_connection()


def write(**line):
    with open(sys.argv[1], "a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
manager = Manager(bus, ROOT)
loop = GLib.MainLoop()
for number in (signal.SIGTERM, signal.SIGINT):
    GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
own = dbus.service.BusName("org.freedesktop.systemd1", bus)
write(ready=os.getpid())
loop.run()
