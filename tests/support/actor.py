# SPDX-License-Identifier: Apache-2.0
"""Somebody on the system bus (system_bus.py): reads a step a line, writes what came of it."""
import fcntl
import json
import os
import sys
import threading

import dbus
import dbus.lowlevel
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

from contract import NAME, PEERS, ROOT, Client

DBusGMainLoop(set_as_default=True)
client = Client(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
heard = []


class Callback(dbus.service.Object):
    """A callback object: keeps what it is told."""

    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u")
    def JobTransferred(self, _sequence, job):
        heard.append(["transferred", str(job)])
        return 0

    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u")
    def JobModification(self, _sequence, job):
        heard.append(["modification", str(job)])
        return 0

    @dbus.service.method("org.backhaul.Callback1", in_signature="to(uuis)", out_signature="u")
    def JobError(self, _sequence, job, _error):
        heard.append(["error", str(job)])
        return 0


class Directory(dbus.service.Object):
    """A directory that is handed over."""

    def __init__(self, bus, path, folder):
        super().__init__(bus, path)
        self.folder = folder

    @dbus.service.method("org.backhaul.Directory1", out_signature="h")
    def Open(self):
        directory = os.open(self.folder, os.O_PATH | os.O_DIRECTORY)
        try:
            return dbus.types.UnixFd(directory)
        finally:
            os.close(directory)


def hand_over(folder):
    path = f"/directory{len(keep)}"
    keep.append(Directory(client.bus, path, folder))
    return dbus.ObjectPath(path)


class Secret(dbus.service.Object):
    """A user and a password that are handed over."""

    @dbus.service.method("org.backhaul.Secret1", out_signature="h")
    def Open(self):
        file = os.memfd_create("secret", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.write(file, b"user\0hunter2")
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
            return dbus.types.UnixFd(file)
        finally:
            os.close(file)


def rows_of(files):
    return dbus.Array([dbus.Struct((url, name, dbus.Dictionary({}, signature="sv"))) for url, name in files],
                      signature="(ssa{sv})")


def ask_while_serving(message):
    """Whoever hands something over is asked before the answer comes."""
    answers = []
    client.bus.send_message_with_reply(message, answers.append)
    while not answers:
        GLib.MainContext.default().iteration(True)
    told = answers[0].get_args_list()
    if answers[0].get_type() != dbus.lowlevel.MESSAGE_TYPE_ERROR:
        return str(told[0]) if told else "ok"
    return {"error": answers[0].get_error_name().rsplit(".", 1)[-1], "text": told[0]}


def add_in(job, folder, files):
    message = dbus.lowlevel.MethodCallMessage(NAME, job, "org.backhaul.Job1", "AddFilesIn")
    message.append(hand_over(folder), rows_of(files), signature="oa(ssa{sv})")
    return ask_while_serving(message)


def set_credentials_from(job):
    path = f"/secret{len(keep)}"
    keep.append(Secret(client.bus, path))
    message = dbus.lowlevel.MethodCallMessage(NAME, job, "org.backhaul.Job1", "SetCredentialsFrom")
    message.append(dbus.UInt32(1), dbus.UInt32(1), dbus.ObjectPath(path), signature="uuo")
    return ask_while_serving(message)


def enqueue_in(name, folder, files):
    message = dbus.lowlevel.MethodCallMessage(NAME, ROOT, "org.backhaul.Manager1", "Enqueue")
    message.append({"Name": name, "Directory": hand_over(folder)}, rows_of(files), False, signature="a{sv}a(ssa{sv})b")
    return ask_while_serving(message)


def listen():
    for member in ("JobAdded", "JobRemoved", "JobChanged"):
        client.bus.add_signal_receiver(lambda job, *_, member=member: heard.append([member, str(job)]), member,
                                       "org.backhaul.Manager1", bus_name=NAME)
    return "ok"


def property_call(member, job, *arguments, signature):
    message = dbus.lowlevel.MethodCallMessage(NAME, job, "org.freedesktop.DBus.Properties", member)
    message.append("org.backhaul.Job1", *arguments, signature=signature)
    return message


def set_all(sets):
    answers = []
    for job, name, value in sets:
        client.bus.send_message_with_reply(property_call("Set", job, name, value, signature="ssv"), answers.append)
    context = GLib.MainContext.default()
    while len(answers) < len(sets):
        context.iteration(True)
    failed = [answer for answer in answers if answer.get_type() == dbus.lowlevel.MESSAGE_TYPE_ERROR]
    return {"error": failed[0].get_error_name()} if failed else "ok"


def get_interactively(job):
    message = property_call("Get", job, "Name", signature="ss")
    message.set_allow_interactive_authorization(True)
    return client.bus.send_message_with_reply_and_block(message).get_args_list()[0]


def step(kind, *rest):
    if kind == "enqueue":
        name, files, start = rest
        return client.enqueue([tuple(file) for file in files], start=start, Name=name)
    if kind == "jobs":
        return sorted(path for path, _ in client.jobs(**rest[0]))
    if kind == "call":
        return client.call(rest[0], rest[1], *rest[2:-1], signature=rest[-1]) or "ok"
    if kind == "get":
        return client.get(rest[0], rest[1])
    if kind == "set":
        client.bus.get_object(NAME, rest[0], introspect=False).Set(
            "org.backhaul.Job1", rest[1], rest[2], signature="ssv",
            dbus_interface="org.freedesktop.DBus.Properties")
        return "ok"
    if kind == "calls":  # sets, sent without waiting for one another; the worst answer
        return set_all(rest[0])
    if kind == "interactive":
        return get_interactively(rest[0])
    if kind == "manager":
        return getattr(client.object(ROOT, "Manager1"), rest[0])(*rest[1:-1], signature=rest[-1])
    if kind == "peers":
        return getattr(client.object(PEERS, "Peers1"), rest[0])(*rest[1:-1], signature=rest[-1])
    if kind == "add in":
        return add_in(*rest)
    if kind == "enqueue in":
        return enqueue_in(*rest)
    if kind == "credentials from":
        return set_credentials_from(*rest)
    if kind == "file":  # of a job: a property
        return client.file_value(*rest)
    if kind == "listen":
        return listen()
    if kind == "heard":
        context = GLib.MainContext.default()
        client.owner()  # what was told before this answer has arrived
        while context.iteration(False):
            pass
        return heard
    if kind == "object":
        path = rest[1] if len(rest) > 1 else "/callback"
        keep.append(Callback(client.bus, path))
        return client.call(rest[0], "SetNotifyObject", path, dbus.UInt32(1), signature="ou") or "ok"
    if kind == "pump":  # until something was heard
        context = GLib.MainContext.default()
        limit = threading.Timer(20, context.wakeup)
        limit.start()
        while not heard and limit.is_alive():
            context.iteration(True)
        limit.cancel()
        return heard
    raise ValueError(kind)


keep = []
for line in sys.stdin:
    try:
        answer = step(*json.loads(line))
    except dbus.DBusException as error:
        answer = {"error": error.get_dbus_name().rsplit(".", 1)[-1], "text": error.get_dbus_message()}
    print(json.dumps(answer), flush=True)
