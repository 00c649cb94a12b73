#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Command lines as transient units, where a service manager of the user is on the bus. There is no
systemd here: a peer answers its documented interface by really running the programs."""
import json
import os
import pathlib
import unittest

import dbus

from contract import Client, TRANSFERRED
from sandbox import Sandbox, wait_for, wait_for_end

PEER = pathlib.Path(os.environ["BACKHAUL_SOURCE"]) / "tests/support/systemd_peer.py"
SERVICE, TEST_SERVICE = os.environ["BACKHAUL_SERVICE"], os.environ["BACKHAUL_TEST_SERVICE"]


class Units(unittest.TestCase):
    def begin(self, *peer, program=SERVICE, to_come=False):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(program)
        self.asked = self.box.folder / "systemd.log"
        if to_come:
            (self.box.folder / "home/data/dbus-1/services/org.freedesktop.systemd1.service").write_text(
                f"[D-BUS Service]\nName=org.freedesktop.systemd1\nExec={PEER} {self.asked}\n")
        self.box.use_bus(self.box.start_bus())
        self.peer = None
        if peer:
            self.peer = self.box.spawn(PEER, self.asked, *peer[1:])
            wait_for("the peer", lambda: self.lines("ready"))
        self.client = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(self.client.close)
        self.origin = self.box.start_origin()
        self.origin.add("a", 1000)

    def lines(self, key):
        if not self.asked.exists():
            return []
        rows = [json.loads(line) for line in self.asked.read_text().splitlines()]
        return [row for row in rows if key in row]

    def job(self, program, parameters, **properties):
        command = dbus.Struct((program, parameters), signature="ss")
        return self.client.enqueue([(self.origin.url + "/a", self.box.folder / "home/a")],
                                   NotifyCommand=command, **properties)

    def script(self, text):
        path = self.box.folder / "program"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return str(path)

    def unheard(self, job):
        return self.client.get(job, "NotifyUnheard")

    def heard(self, job):
        wait_for("the event to be heard", lambda: self.client.state(job) == TRANSFERRED
                 and not self.unheard(job))

    def test_the_program_is_a_unit_with_its_arguments_literally_and_without_new_privileges(self):
        self.begin("peer")
        out = self.box.folder / "out"
        job = self.job(self.script(f'printf "%s\\n" "$@" >{out}\ngrep NoNewPrivs /proc/self/status '
                                   f'>>{out}\npwd >>{out}\necho $DBUS_SESSION_BUS_ADDRESS >>{out}\n'),
                       'other-name "$HOME and ${USER}" %h $$ "two words" ~')
        self.heard(job)
        unit, = self.lines("unit")
        self.assertEqual(unit["ExecStart"][0][1][0], "other-name")
        self.assertTrue(unit["NoNewPrivileges"])
        self.assertIn(str(self.client.get(job, "Id")), unit["unit"])
        self.assertEqual(out.read_text().splitlines(), [
            "$HOME and ${USER}", "%h", "$$", "two words", "~", "NoNewPrivs:\t1",
            str(self.box.folder / "home"), self.box.env["DBUS_SESSION_BUS_ADDRESS"]])

    def test_a_program_that_fails_is_told_so_cleared_away_and_run_again(self):
        self.begin("peer", program=f"/usr/bin/env BACKHAUL_TEST_TIME_SCALE=10 {TEST_SERVICE}")
        flag = self.box.folder / "second"
        job = self.job(self.script(f"[ -e {flag} ] && exit 0\ntouch {flag}\nexit 7\n"), "")
        self.heard(job)
        self.assertEqual([row["status"] for row in self.lines("ended")], [7, 0])
        first, second = self.lines("unit")
        self.assertEqual(self.lines("reset"), [{"reset": first["unit"]}])
        self.assertNotEqual(first["unit"], second["unit"])
        self.assertIn("program ended with exit code 7", self.box.log())

    def test_a_program_that_a_signal_ended_has_failed(self):
        self.begin("peer")
        job = self.job(self.script("kill -TERM $$\n"), "")
        wait_for("the failure", lambda: self.unheard(job) and self.unheard(job)[0][2] == "retry")
        self.assertEqual(int(self.unheard(job)[0][3]), 1)
        self.assertIn("was ended by signal SIGTERM", self.box.log())

    def test_what_systemd_refuses_is_started_as_a_child(self):
        self.begin("peer", "refuse")
        out = self.box.folder / "out"
        self.heard(self.job(self.script(f"grep NoNewPrivs /proc/self/status >{out}\n"), ""))
        self.assertEqual(self.lines("unit"), [])
        self.assertEqual(out.read_text(), "NoNewPrivs:\t1\n")

    def test_a_systemd_that_is_yet_to_join_the_bus_is_waited_for(self):
        """As where the service is the first on a session bus, and systemd starts that for it."""
        self.begin(to_come=True)
        self.heard(self.job(self.script("exit 0\n"), ""))
        self.assertEqual(len(self.lines("unit")), 1)

    def test_without_systemd_it_is_a_child(self):
        self.begin()
        out = self.box.folder / "out"
        self.heard(self.job(self.script(f"echo ran >{out}\n"), ""))
        self.assertEqual(out.read_text(), "ran\n")

    def test_an_end_that_nobody_can_tell_is_no_good_end(self):
        self.begin("peer")
        begun, fifo = self.box.folder / "begun", self.box.folder / "fifo"
        os.mkfifo(fifo)
        job = self.job(self.script(f"touch {begun}\nread line <{fifo}\n"), "")
        wait_for("the program to run", begun.exists)
        self.assertEqual(self.unheard(job)[0][2], "answer")
        self.peer.kill()
        wait_for_end(self.peer.pid)
        wait_for("the failure", lambda: self.unheard(job)[0][2] == "retry")
        self.assertIn("systemd has left the bus", self.box.log())
        with open(fifo, "w", encoding="ascii") as end:
            end.write("\n")


if __name__ == "__main__":
    unittest.main()
