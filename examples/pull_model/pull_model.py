#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pull_model.py URL FOLDER NAME=SHA256... hands the files of a model over and ends; $HUB_TOKEN is what the
hub wants to see. The bus starts it again when all are here and agree. Given once more, a pull that failed
goes on with what it has. No kill, expired link, full disk or other network costs more than time."""
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PATH = "org.example.PullModel", "/org/example/PullModel"


def backhaul(path="/org/backhaul/Backhaul1", interface="Manager1"):
    return dbus.Interface(bus.get_object("org.backhaul.Backhaul1", path), "org.backhaul." + interface)


def hand_over(url, folder, files):
    backhaul().RegisterClass(NAME, [os.path.abspath(__file__)])
    models, _ = backhaul().ListJobs({"Name": "model *"}, "", 1000)  # a pattern, which the folder is none of
    known = [path for path, told in models if told["Name"] == f"model {folder}"]
    if known:  # from last time: in error, or under way
        return backhaul(known[0], "Job1").Start()
    job = {"Name": f"model {folder}", "MinimumRetryDelay": dbus.UInt32(5),
           "NotifyService": dbus.Struct((NAME, dbus.ObjectPath(PATH)), signature="so")}
    if "HUB_TOKEN" in os.environ:  # for the hub alone: where it redirects to never sees it
        job["CustomHeaders"] = f"Authorization: Bearer {os.environ['HUB_TOKEN']}\r\n"
    wanted = [(f"{url}/{name}", f"{folder}/{name}", {"Digests": [f"sha256:{digest}"]})
              for name, digest in (file.split("=") for file in files)]
    return backhaul().Enqueue(job, wanted, True)


class Callback(dbus.service.Object):
    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u")
    def JobTransferred(self, sequence, job):
        GLib.idle_add(loop.quit)
        backhaul(job, "Job1").Complete()  # every file at once, and none before all are right
        return 0

    @dbus.service.method("org.backhaul.Callback1", in_signature="to(uuis)", out_signature="u")
    def JobError(self, sequence, job, error):
        GLib.idle_add(loop.quit)
        print(f"{job} needs somebody: {error[3]}", file=sys.stderr)  # it keeps what it has
        return 0


if 1 < len(sys.argv) < 4:  # without any words it was the bus that started it
    sys.exit("usage: pull_model.py URL FOLDER NAME=SHA256...")
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus, loop = dbus.SessionBus(), GLib.MainLoop()
if len(sys.argv) > 3:
    hand_over(sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3:])
else:
    callback = Callback(dbus.service.BusName(NAME, bus), PATH)
    loop.run()
