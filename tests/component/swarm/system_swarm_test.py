#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""backhaul-swarm of the machine: on a system bus with the installed policy, as an account of its own, called and read
by the account of the service and by nobody else."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import dbus
import dbus.bus

import system_bus
from sandbox import sha256, wait_for
from system_bus import ANN, DATA, SERVICE_UID, SystemBus, why_not_here

PROGRAM = os.environ["BACKHAUL_SWARM"]
NAME = "org.backhaul.Swarm1"
SWARM_UID = 64004
SIZE = 500_000

CALL = """
import dbus, json, sys
bus = dbus.bus.BusConnection(sys.argv[1])
swarm = dbus.Interface(bus.get_object("org.backhaul.Swarm1", "/org/backhaul/Swarm1", introspect=False),
                       "org.backhaul.Swarm1")
what = dbus.Dictionary({"Id": dbus.UInt64(1), "Torrent": sys.argv[2] + ".torrent", "Url": sys.argv[2],
                        "Size": dbus.UInt64(int(sys.argv[3]))}, signature="sv")
try:
    print(json.dumps(list(swarm.Join(what, signature="a{sv}", timeout=60))), flush=True)
    sys.stdin.read()  # who leaves the bus is no reader any more
except dbus.DBusException as error:
    print(json.dumps(error.get_dbus_name()), flush=True)
"""
READ = """
import hashlib, http.client, socket, sys
connection = http.client.HTTPConnection("swarm")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.settimeout(60)
try:
    connection.sock.connect(sys.argv[1])
    connection.request("GET", sys.argv[2])
    print(hashlib.sha256(connection.getresponse().read()).hexdigest())
except (OSError, http.client.HTTPException) as error:
    print("nothing:", error)
"""


@unittest.skipIf(why_not_here(), why_not_here())
class SystemSwarm(unittest.TestCase):
    def setUp(self):
        system_bus.PEOPLE["backhaul-swarm"] = SWARM_UID
        self.bus = SystemBus("/bin/true", policies=[DATA / f"{NAME}.conf"])
        self.addCleanup(self.bus.close)
        self.box = self.bus.box
        self.root = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(self.root.close)
        origin = self.box.start_origin()
        self.file = origin.add("file", SIZE)
        self.url = origin.url + "/file"
        subprocess.run([PROGRAM, "--publish", self.file, "--url", self.url], check=True, capture_output=True,
                       timeout=60)
        self.program = shutil.copy(PROGRAM, self.box.folder / "backhaul-swarm")
        self.folders = {name: self.bus.state_folder(name, SWARM_UID) for name in ("cache", "runtime")}

    def start(self, uid=SWARM_UID):
        with open(self.bus.log, "a", encoding="utf-8") as log:
            return self.box.spawn(*self.bus.inside(*self.bus.as_account(uid, self.program, "--system")), stderr=log,
                                  env=dict(self.box.env, CACHE_DIRECTORY=str(self.folders["cache"]),
                                           RUNTIME_DIRECTORY=str(self.folders["runtime"]), HOME="/nonexistent"))

    def as_user(self, uid, script, *words):
        process = subprocess.Popen(["/usr/bin/python3", "-c", script, *map(str, words)], user=uid, group=uid,
                                   extra_groups=[], cwd="/", env={"LANG": "C.UTF-8"}, text=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.stdin.close)
        return process.stdout.readline().strip()

    def join(self, uid):
        return json.loads(self.as_user(uid, CALL, self.bus.address, self.url, SIZE))

    def test_it_is_there_for_the_account_of_the_service_alone(self):
        process = self.start()
        wait_for("the swarm", lambda: self.root.name_has_owner(NAME) or process.poll() is not None)
        self.assertTrue(self.root.name_has_owner(NAME), self.bus.said())
        for uid in (ANN, 0):
            self.assertEqual(self.join(uid), "org.freedesktop.DBus.Error.AccessDenied", uid)
        socket, path = self.join(SERVICE_UID)
        self.assertEqual(self.as_user(SERVICE_UID, READ, socket, path), sha256(self.file))
        for uid in (ANN, SWARM_UID, 0):
            self.assertTrue(self.as_user(uid, READ, socket, path).startswith("nothing:"), uid)
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        self.assertIn("Seccomp:\t2", status)
        self.assertIn("NoNewPrivs:\t1", status)

    def test_nobody_else_takes_its_name(self):
        for folder in self.folders.values():
            os.chown(folder, ANN, ANN)
        process = self.start(uid=ANN)
        self.assertEqual(process.wait(60), 75, self.bus.said())
        self.assertFalse(self.root.name_has_owner(NAME))


if __name__ == "__main__":
    unittest.main(verbosity=2)
