# SPDX-License-Identifier: Apache-2.0
"""The bus contract as a test needs it, over dbus-python: a client that shares no code with ours."""
import dbus
import dbus.bus
import dbus.lowlevel

NAME, ROOT = "org.backhaul.Backhaul1", "/org/backhaul/Backhaul1"
PEERS = ROOT + "/peers"
QUEUED, CONNECTING, TRANSFERRING, SUSPENDED, ERROR, TRANSIENT_ERROR, TRANSFERRED, ACKNOWLEDGED, \
    CANCELLED = range(9)
FOREGROUND, HIGH, NORMAL, LOW = range(4)


class Client:
    def __init__(self, address):
        self.bus = dbus.bus.BusConnection(address)

    def object(self, path, interface):
        return dbus.Interface(self.bus.get_object(NAME, path, introspect=False),
                              "org.backhaul." + interface)

    def enqueue(self, files, start=True, options=None, **job):
        """files: (url, path) pairs. options: of each of them. job: the keys of Manager1.Enqueue."""
        job.setdefault("MinimumRetryDelay", dbus.UInt32(5))
        rows = dbus.Array([dbus.Struct((url, str(path), dbus.Dictionary(options or {}, signature="sv")))
                           for url, path in files], signature="(ssa{sv})")
        return str(self.object(ROOT, "Manager1").Enqueue(
            dbus.Dictionary(job, signature="sv"), rows, start, signature="a{sv}a(ssa{sv})b"))

    def send_add_files(self, job, files):
        """Without waiting for the answer."""
        rows = dbus.Array([dbus.Struct((url, str(path), dbus.Dictionary({}, signature="sv")))
                           for url, path in files], signature="(ssa{sv})")
        message = dbus.lowlevel.MethodCallMessage(NAME, job, "org.backhaul.Job1", "AddFiles")
        message.append(rows, signature="a(ssa{sv})")
        self.bus.send_message(message)
        self.bus.flush()

    def jobs(self, **job_filter):
        rows, cursor = [], ""
        while True:
            page, cursor = self.object(ROOT, "Manager1").ListJobs(
                dbus.Dictionary(job_filter, signature="sv"), cursor, dbus.UInt32(1000),
                signature="a{sv}su")
            rows += [(str(path), values) for path, values in page]
            if not cursor:
                return rows

    def call(self, job, method, *arguments, signature=""):
        return getattr(self.object(job, "Job1"), method)(*arguments, signature=signature)

    def get(self, job, name):
        return self.bus.get_object(NAME, job, introspect=False).Get(
            "org.backhaul.Job1", name, dbus_interface="org.freedesktop.DBus.Properties",
            signature="ss")

    def file(self, job, index):
        return self.object(f"{job}/file/{index}", "File1")

    def file_value(self, job, index, name):
        return self.bus.get_object(NAME, f"{job}/file/{index}", introspect=False).Get(
            "org.backhaul.File1", name, dbus_interface="org.freedesktop.DBus.Properties", signature="ss")

    def state(self, job):
        return int(self.get(job, "State"))

    def owner(self, name=NAME):
        return self.bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   introspect=False).NameHasOwner(
            name, dbus_interface="org.freedesktop.DBus", signature="s")

    def close(self):
        self.bus.close()
