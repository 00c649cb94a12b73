#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whom the real service answers, what it lets an application in a sandbox do, and what a client that
reads nothing costs the others (docs/security.md)."""
import json
import os
import pathlib
import pwd
import subprocess
import sys
import unittest

import dbus
import dbus.lowlevel

from contract import NAME, ROOT, TRANSFERRED, Client
from sandbox import Sandbox, wait_for

COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
OTHER = "nobody"  # a user whom the bus can look up
NOT_PERMITTED = 6

# A process with a root directory of its own, which has a /.flatpak-info. Everything it needs is
# loaded, and the bus connected, before it goes in.
CONFINED = r"""
import ctypes, json, os, sys
import dbus, dbus.bus, encodings.idna
from contract import Client, ROOT
address, root, steps = sys.argv[1], sys.argv[2].encode(), json.loads(sys.argv[3])
client = Client(address)
libc = ctypes.CDLL(None, use_errno=True)
NEWNS, BIND, REC, PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
if libc.unshare(NEWNS) or libc.mount(b"none", b"/", None, REC | PRIVATE, None) or \
        libc.mount(root, root, None, BIND, None):
    sys.exit(77)
os.chroot(root)
os.chdir("/")
said = []
for step in steps:
    try:
        kind, *rest = step
        if kind == "enqueue":
            job = {key: dbus.Struct(value) for key, value in rest[2].items()}
            said.append(client.enqueue([tuple(rest[0])], start=rest[1], **job))
        elif kind == "call":
            client.call(rest[0], rest[1], *rest[2:-1], signature=rest[-1])
            said.append("ok")
        elif kind == "set":
            client.bus.get_object("org.backhaul.Backhaul1", rest[0], introspect=False).Set(
                "org.backhaul.Job1", rest[1], rest[2], signature="ssv",
                dbus_interface="org.freedesktop.DBus.Properties")
            said.append("ok")
        elif kind == "class":
            client.object(ROOT, "Manager1").RegisterClass(rest[0], rest[1], signature="sas")
            said.append("ok")
        elif kind == "jobs":
            said.append(sorted(path for path, _ in client.jobs()))
    except dbus.DBusException as error:
        said.append(error.get_dbus_name().rsplit(".", 1)[-1])
print(json.dumps(said))
"""


def high_water_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError("no VmHWM")


class Security(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)

    def client(self):
        self.box.install_service(SERVICE)
        self.box.use_bus(self.box.start_bus())
        client = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(client.close)
        return client

    @unittest.skipIf(os.geteuid() != 0, "SKIPPED LOUDLY: only root can be another user")
    @unittest.skipUnless(all(folder.stat().st_mode & 1 for folder in pathlib.Path(COMMAND).parents),
                         "SKIPPED LOUDLY: no other user may look into the folder of this checkout")
    def test_root_looks_through_the_user(self):
        other = pwd.getpwnam(OTHER)
        passwd = self.box.folder / "passwd"
        passwd.write_text("".join(
            line for line in pathlib.Path("/etc/passwd").read_text().splitlines(keepends=True)
            if not line.startswith(OTHER + ":")) +
            f"{OTHER}:x:{other.pw_uid}:{other.pw_gid}::{self.box.folder}/home:/bin/sh\n")
        self.box.install_service(SERVICE)
        self.box.become(other.pw_uid)
        address = self.box.start_bus()
        self.box.use_bus(address)
        # In here, and only in here, that user has a home.
        inside = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                  'mount --bind "$0" /etc/passwd && exec "$@"', str(passwd), COMMAND]
        as_root = dict(env=dict(self.box.env, XDG_STATE_HOME="/nonexistent"), text=True,
                       capture_output=True, check=False, timeout=60)
        made = subprocess.run([*inside, "--user-of", OTHER, "--bus", address, "create", "hers"],
                              **as_root)
        if "unshare" in made.stderr:
            self.skipTest("SKIPPED LOUDLY: no mount namespace can be made here")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("hers", self.box.run(COMMAND, "list").stdout)
        # The bus does not let root in, and being another user is for root.
        self.assertEqual(subprocess.run([COMMAND, "--bus", address, "list"], **as_root).returncode,
                         NOT_PERMITTED)
        refused = self.box.run(COMMAND, "--user-of", "root", "list", check=False)
        self.assertEqual(refused.returncode, NOT_PERMITTED, refused.stderr)

    def confined(self, steps):
        root = self.box.folder / "root"
        root.mkdir(exist_ok=True)
        (root / ".flatpak-info").write_text(
            "[Application]\nname=org.example.App\n\n[Context]\nshared=network;\n")
        done = subprocess.run(
            [sys.executable, "-c", CONFINED, self.box.env["DBUS_SESSION_BUS_ADDRESS"], str(root),
             json.dumps(steps)],
            env=dict(self.box.env, PYTHONPATH=os.environ["PYTHONPATH"]), text=True, timeout=60,
            capture_output=True, check=False)
        if done.returncode == 77:
            self.skipTest("SKIPPED LOUDLY: no mount namespace can be made here")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    @unittest.skipIf(os.geteuid() != 0, "SKIPPED LOUDLY: only root can give a process another root")
    def test_an_application_in_a_sandbox_has_its_own_jobs_and_folder_and_nothing_else(self):
        client = self.client()
        origin = self.box.start_origin()
        origin.add("a", 1000)
        url = origin.url + "/a"
        own = self.box.folder / "home/.var/app/org.example.App"
        (own / "data").mkdir(parents=True)
        outside = self.box.folder / "home/outside"
        outside.mkdir()
        (own / "out").symlink_to(outside)
        users = client.enqueue([(url, self.box.folder / "home/users")], start=False)
        denied = "E_ACCESSDENIED"
        said = self.confined([
            ["enqueue", [url, f"{own}/data/a"], True, {}],
            ["jobs"],
            ["enqueue", [url, f"{self.box.folder}/home/a"], True, {}],
            ["enqueue", [url, f"{own}/out/a"], True, {}],
            ["enqueue", ["file:///etc/passwd", f"{own}/data/p"], True, {}],
            ["enqueue", [url, f"{own}/data/b"], True, {"NotifyCommand": ["/bin/sh", "sh"]}],
            ["class", "org.example.App.Mine", ["/bin/sh"]],
            ["call", users, "Cancel", ""],
            ["call", users, "SetNotifyCommand", "/bin/sh", "sh", "ss"],
            ["set", users, "Name", "mine"],
        ])
        job = said[0]
        self.assertTrue(job.startswith(ROOT), said)
        self.assertEqual(said[1], [job])
        self.assertEqual(said[2:], [denied] * 8)
        said = self.confined([
            ["jobs"],
            ["call", job, "SetNotifyCommand", "/bin/sh", "sh", "ss"],
            ["call", job, "SetNotifyService", "org.other.App", "/o", "so"],
            ["call", job, "SetNotifyService", "org.example.App.Downloads", "/o", "so"],
            ["set", job, "Name", "mine"],
        ])
        self.assertEqual(said, [[job], denied, denied, "ok", "ok"])
        wait_for("the file", lambda: client.state(job) == TRANSFERRED)
        # The way out is laid when everything has been checked.
        (own / "data").rename(outside / "data")
        (own / "data").symlink_to(outside / "data")
        with self.assertRaises(dbus.DBusException) as refused:
            client.call(job, "Complete")
        self.assertTrue(refused.exception.get_dbus_name().endswith(denied), refused.exception)
        self.assertFalse((outside / "data/a").exists())
        (own / "data").unlink()
        (outside / "data").rename(own / "data")
        client.call(job, "Complete")
        self.assertEqual((own / "data/a").stat().st_size, 1000)
        self.assertEqual(sorted(path for path, _ in client.jobs()), [users])

    def test_a_client_that_reads_nothing_costs_nobody_else(self):
        client = self.client()
        for _ in range(600):
            client.object(ROOT, "Manager1").Enqueue(
                dbus.Dictionary({"Description": "d" * 1000}, signature="sv"),
                dbus.Array([], signature="(ssa{sv})"), False, signature="a{sv}a(ssa{sv})b")
        deaf = dbus.bus.BusConnection(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(deaf.close)
        for _ in range(400):
            call = dbus.lowlevel.MethodCallMessage(NAME, ROOT, "org.backhaul.Manager1", "ListJobs")
            call.append({}, "", dbus.UInt32(1000), signature="a{sv}su")
            deaf.send_message(call)
        deaf.flush()
        # Behind 400 pages it would wait longer than the bus library does.
        self.assertEqual(len(client.jobs()), 600)
        self.assertEqual(len(client.jobs()), 600)
        self.assertLess(high_water_kib(self.box.service_pid()), 64 * 1024)


if __name__ == "__main__":
    unittest.main(verbosity=2)
