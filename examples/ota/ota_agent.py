#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An update agent of a machine that nobody logs in to: hands a bundle over to backhaul, with the digest that it has to
have and the moment that it is needed by, is started by the bus when it is there, and has RAUC install it.

  ota_agent.py CONFIG          what is left to do: for a unit at boot and for a timer
  ota_agent.py CONFIG --class  what the bus starts, to be told that the bundle is there

Power may fail between any two lines: what is left to do is read from what there is (the mark of what was installed,
the bundle, the job), and each step can be done again.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PATH, JOB = "org.example.Ota", "/org/example/Ota", "system update"
TRANSFERRED, ERROR = 6, 4
RAUC, INSTALLER = "de.pengutronix.rauc", "de.pengutronix.rauc.Installer"


class Agent:
    def __init__(self, bus, config):
        self.bus = bus
        self.url, self.digest = config["url"], config["sha256"]
        self.bundle, self.mark_file = pathlib.Path(config["bundle"]), pathlib.Path(config["mark"])
        self.needed_by = int((time.time() + config["needed_in_hours"] * 3600) * 1_000_000)

    def backhaul(self, path, interface):
        return dbus.Interface(self.bus.get_object("org.backhaul.Backhaul1", path, introspect=False),
                              "org.backhaul." + interface)

    def go_on(self):
        """True: it is installed. False: somebody tells when there is something to do."""
        if self.mark_file.exists() and self.mark_file.read_text() == self.digest:
            return True
        job = self.find()
        if job is not None and job[1] == TRANSFERRED:
            self.complete(job[0])
        elif job is not None and job[1] == ERROR:
            self.start_again(job[0])
            return False
        elif job is not None:
            return False
        if not self.verify():
            self.enqueue()
            return False
        self.install()
        self.mark()
        return True

    def find(self):
        jobs, _ = self.backhaul("/org/backhaul/Backhaul1", "Manager1").ListJobs(
            dbus.Dictionary({"Name": JOB}, signature="sv"), "", dbus.UInt32(1), signature="a{sv}su")
        return (jobs[0][0], int(jobs[0][1]["State"])) if jobs else None

    def enqueue(self):
        job = {"Name": JOB, "NeededBy": dbus.UInt64(self.needed_by),
               "NotifyService": dbus.Struct((NAME, dbus.ObjectPath(PATH)), signature="so")}
        wanted = dbus.Dictionary({"Digests": dbus.Array([f"sha256:{self.digest}"], signature="s")}, signature="sv")
        self.backhaul("/org/backhaul/Backhaul1", "Manager1").Enqueue(
            dbus.Dictionary(job, signature="sv"),
            dbus.Array([dbus.Struct((self.url, str(self.bundle), wanted))], signature="(ssa{sv})"), True,
            signature="a{sv}a(ssa{sv})b")

    def start_again(self, job):
        self.backhaul(job, "Job1").Start()

    def complete(self, job):
        self.backhaul(job, "Job1").Complete(timeout=600)

    def verify(self):
        """The service did, before it told; what lies there now may be of yesterday."""
        try:
            with open(self.bundle, "rb") as bundle:
                digest = hashlib.sha256()
                while piece := bundle.read(1 << 20):
                    digest.update(piece)
            return digest.hexdigest() == self.digest
        except FileNotFoundError:
            return False

    def install(self):
        """Who made it RAUC finds out by the signature in the bundle."""
        loop, results = GLib.MainLoop(), []

        def ended(result):
            results.append(int(result))
            loop.quit()
        heard = self.bus.add_signal_receiver(ended, "Completed", INSTALLER, RAUC, "/")
        there = self.bus.watch_name_owner(RAUC, lambda owner: owner or loop.quit())
        try:
            self.bus.get_object(RAUC, "/", introspect=False).InstallBundle(
                str(self.bundle), dbus.Dictionary({}, signature="sv"), dbus_interface=INSTALLER, signature="sa{sv}")
            if not results:
                loop.run()
        finally:
            heard.remove()
            there.cancel()
        if results != [0]:
            raise SystemExit("RAUC did not install " + str(self.bundle))

    def mark(self):
        """Last, and whole or not at all."""
        new = self.mark_file.with_suffix(".new")
        with open(new, "w", encoding="ascii") as mark:
            mark.write(self.digest)
            mark.flush()
            os.fsync(mark.fileno())
        os.replace(new, self.mark_file)
        folder = os.open(self.mark_file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


class Callback(dbus.service.Object):
    """Told again until it has answered: so what it answers is that the bundle is in its place."""

    def __init__(self, agent, bus_name, done):
        super().__init__(bus_name, PATH)
        self.agent, self.done, self.arrived = agent, done, False

    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u")
    def JobTransferred(self, _sequence, job):
        self.agent.complete(job)
        self.arrived = True
        GLib.idle_add(self.done)
        return 0

    @dbus.service.method("org.backhaul.Callback1", in_signature="to(uuis)", out_signature="u")
    def JobError(self, _sequence, job, error):
        """Left as it is: what failed now would fail at once again. The next boot, or the timer, starts it again."""
        print(f"{job} failed: {error[3]} (0x{error[0]:08x}); it is started again at the next boot", file=sys.stderr)
        GLib.idle_add(self.done)
        return 0


def main(words, make=Agent):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    agent = make(bus, json.loads(pathlib.Path(words[0]).read_text(encoding="utf-8")))
    if words[1:] == ["--class"]:
        loop = GLib.MainLoop()
        callback = Callback(agent, dbus.service.BusName(NAME, bus), loop.quit)
        loop.run()
        bus.flush()  # the answer
        callback.remove_from_connection()
        if not callback.arrived:
            return
    # The unit and the class may come at once: the second one then finds the mark of the first.
    with open(agent.mark_file.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        agent.go_on()


if __name__ == "__main__":
    main(sys.argv[1:])
