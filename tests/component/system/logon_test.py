#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who is logged on, as systemd-logind tells it (machine_peer.py plays it), and the jobs of those who are not: they run
on, or wait where the settings say so."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import dbus

from contract import TRANSFERRED
from sandbox import wait_for
from system_bus import ANN, SystemBus, why_not_here

SERVICE = os.environ["BACKHAUL_SERVICE"]
PEER = pathlib.Path(__file__).parents[2] / "support/machine_peer.py"
POLICY = """<busconfig>
  <policy user="root"><allow own="org.freedesktop.login1"/></policy>
  <policy context="default"><allow send_destination="org.freedesktop.login1"/></policy>
</busconfig>
"""


@unittest.skipIf(why_not_here(), why_not_here())
class Logon(unittest.TestCase):
    def begin(self, settings):
        policy = tempfile.NamedTemporaryFile("w", prefix="backhaul-", suffix=".conf")
        self.addCleanup(policy.close)
        policy.write(POLICY)
        policy.flush()
        os.chmod(policy.name, 0o644)
        self.bus = SystemBus(SERVICE, policies=[policy.name])
        self.addCleanup(self.bus.close)
        self.bus.write_settings(settings)
        self.logind = subprocess.Popen(["/usr/bin/python3", str(PEER), "logind"], env=self.bus.box.env, text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.end_logind)
        self.assertEqual(self.logind.stdout.readline(), "ready\n")
        self.bus.start_launcher()
        self.bus.start_service()
        root = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(root.close)
        daemon = root.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False)
        wait_for(self.bus.with_log("the service"), lambda: daemon.NameHasOwner(
            "org.backhaul.Backhaul1", dbus_interface="org.freedesktop.DBus"))
        self.origin = self.bus.box.start_origin()
        self.origin.add("a", 1000)
        self.place = self.bus.box.folder / "hers"
        self.place.mkdir(mode=0o700)
        os.chown(self.place, ANN, ANN)
        self.ann = self.bus.actor(ANN)

    def end_logind(self):
        self.logind.stdin.close()
        self.logind.wait(timeout=60)
        self.logind.stdout.close()

    def log_on(self, *users):
        self.logind.stdin.write(json.dumps(["users", list(users)]) + "\n")
        self.logind.stdin.flush()
        self.logind.stdout.readline()

    def job(self):
        return self.ann.do("enqueue", "hers", [[self.origin.url + "/a", str(self.place / "a")]], True)

    def wait_for_the_end(self, job):
        wait_for(self.bus.with_log("the end"), lambda: self.ann.do("get", job, "State") == TRANSFERRED)

    def test_a_job_runs_on_without_its_owner(self):
        self.begin("")
        self.wait_for_the_end(self.job())

    def test_where_the_settings_say_so_it_waits_for_a_logon(self):
        self.begin("[Jobs]\nOnlyWhileLoggedOn = yes\n")
        job = self.job()
        wait_for(self.bus.with_log("it to wait"), lambda: self.ann.do("get", job, "Waiting")[0] == "logon")
        self.log_on(ANN)
        self.wait_for_the_end(job)


if __name__ == "__main__":
    unittest.main(verbosity=2)
