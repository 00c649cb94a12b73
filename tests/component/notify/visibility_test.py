#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing that will be started is hidden: who made a job, what it calls, who set that, what waits
and for how long; what the policy forbids; what a listener that was away has missed."""
import json
import os
import pwd
import unittest

import dbus

from contract import Client, ERROR, FOREGROUND, ROOT, TRANSFERRED
from sandbox import Sandbox, wait_for

COMMAND = os.environ["BACKHAUL_COMMAND"]
SERVICE, TEST_SERVICE = os.environ["BACKHAUL_SERVICE"], os.environ["BACKHAUL_TEST_SERVICE"]
ME = pwd.getpwuid(os.getuid()).pw_name
BROKEN = "org.example.Broken"

# A class that counts how often it is started and hears everything.
LISTENER = """#!/usr/bin/python3
import os, sys, dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
open({log!r}, "a").write("start\\n")
class Callback(dbus.service.Object):
    @dbus.service.method("org.backhaul.Callback1", in_signature="to(uuis)", out_signature="u")
    def JobError(self, sequence, job, error):
        open({log!r}, "a").write("heard " + job + "\\n")
        return 0
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
callback = Callback(bus, "/listener")
name = dbus.service.BusName({name!r}, bus)
GLib.MainLoop().run()
"""


class Visible(unittest.TestCase):
    program = SERVICE

    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(self.program)
        self.begin()

    def begin(self):
        self.box.use_bus(self.box.start_bus())
        self.client = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(self.client.close)

    def backhaul(self, *words):
        return self.box.run(COMMAND, *words).stdout

    def listed(self):
        return {row["name"]: row for row in json.loads(self.backhaul("list", "--notify", "--json"))}

    def job(self, name="a", url="http://127.0.0.1:1/a", start=False, **properties):
        return self.client.enqueue([(url, self.box.folder / "home" / name)], start=start,
                                   Name=name, **properties)

    def restart(self):
        self.box.wait_for_new_service(self.box.kill_service())


class WhoDidWhat(Visible):
    def test_the_maker_and_whoever_set_what_will_be_started_are_shown_after_a_restart_too(self):
        job = self.job()
        self.backhaul("set", "a", "notify-command=/usr/bin/true --job 1")
        self.client.call(job, "SetNotifyService", "org.example.Listener", "/listener",
                         signature="so")
        self.client.call(job, "SetNotifyObject", "/callback", dbus.UInt32(1), signature="ou")
        self.restart()
        row = self.listed()["a"]
        made = row["created-by"]
        self.assertEqual((made["uid"], made["user"]), (os.getuid(), ME))
        self.assertTrue(made["program"].startswith(os.path.realpath("/usr/bin/python3")), made)
        self.assertEqual(row["command"]["program"], "/usr/bin/true")
        self.assertEqual(row["command"]["set-by"]["program"], os.path.realpath(COMMAND))
        self.assertEqual(row["class"]["name"], "org.example.Listener")
        self.assertEqual(row["class"]["set-by"]["program"], made["program"])
        self.assertGreaterEqual(row["class"]["set-by"]["time"], made["time"])
        self.assertEqual(row["object"]["name"], self.client.bus.get_unique_name())
        self.assertIsNone(row["command"]["barred"])

    def test_the_page_for_people_says_the_same(self):
        self.backhaul("class", "add", "org.example.Listener", "--exec", "/bin/echo", "--quiet")
        job = self.job()
        self.backhaul("set", "a", "notify-command=/usr/bin/true --job 1",
                      "notify-service=org.example.Listener:/listener")
        text = self.backhaul("list", "--notify")
        self.assertIn(f"made by: {ME} with {os.path.realpath('/usr/bin/python3')}", text)
        self.assertIn("class: org.example.Listener /listener, starts /bin/echo --quiet", text)
        self.assertIn("command: /usr/bin/true\n", text)
        self.assertIn(f"set by: {ME} with {os.path.realpath(COMMAND)}", text)
        self.client.call(job, "Cancel")
        self.assertEqual(self.backhaul("list", "--notify"), "no jobs\n")

    def test_forbidden_commands_are_set_and_shown_and_not_run(self):
        origin = self.box.start_origin()
        origin.add("a", 1000)
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True)
        (config / "backhauld.conf").write_text("[Notifications]\nRunCommands = no\n")
        ran = self.box.folder / "ran"
        job = self.job(url=origin.url + "/a", start=True)
        self.backhaul("set", "a", f"notify-command=/usr/bin/touch {ran}")
        wait_for("the transfer", lambda: self.client.state(job) == TRANSFERRED)
        row = self.listed()["a"]
        self.assertEqual(row["command"]["barred"], "policy")
        self.assertEqual(row["unheard"][0]["waits-for"], "nobody")
        self.assertIn("/usr/bin/touch, forbidden by policy", self.backhaul("list", "--notify"))
        self.assertFalse(ran.exists())
        (config / "backhauld.conf").write_text("")
        self.restart()
        wait_for("the program, now that it is allowed", ran.exists)

    def test_an_http_status_has_its_symbol(self):
        origin = self.box.start_origin()
        job = self.job(url=origin.url + "/missing", start=True)
        wait_for("the error", lambda: self.client.state(job) == ERROR)
        self.assertIn("BG_E_HTTP_ERROR_404 0x80190194", self.backhaul("status", "a"))
        self.assertIn("error-symbol=BG_E_HTTP_ERROR_404\n", self.backhaul("show", "a"))
        self.assertEqual(json.loads(self.backhaul("show", "a", "--json"))["error"]["symbol"],
                         "BG_E_HTTP_ERROR_404")


class Missed(Visible):
    def events(self, since, limit=1000):
        rows, following = self.client.object(ROOT, "Manager1").Events(
            dbus.UInt64(since), dbus.UInt32(limit), signature="tu")
        return [(int(r[0]), str(r[1]), int(r[2])) for r in rows], int(following)

    def test_a_late_listener_reads_what_it_missed_by_number_over_a_restart(self):
        origin = self.box.start_origin()
        origin.add("a", 1000)
        good = self.job("good", origin.url + "/a", start=True)
        bad = self.job("bad", origin.url + "/missing", start=True)
        wait_for("both ends", lambda: (self.client.state(good), self.client.state(bad)) ==
                 (TRANSFERRED, ERROR))
        rows, last = self.events(0)
        self.assertEqual(sorted(kind for _, job, kind in rows if job == good), [1, 4])
        self.assertEqual([kind for _, job, kind in rows if job == bad], [2])
        numbers = [number for number, _, _ in rows]
        self.assertEqual(numbers, sorted(set(numbers)), "numbers rise")
        self.assertEqual(last, numbers[-1])
        self.assertEqual(self.events(last), ([], last), "acknowledged: not told again")
        first, following = self.events(0, limit=1)
        self.assertEqual((first, following), (rows[:1], numbers[0]), "page by page")
        self.restart()
        self.assertEqual(self.events(0), (rows, last), "a restart keeps them")
        self.client.call(good, "Cancel")
        again = self.job("again", origin.url + "/a", start=True)
        wait_for("the third", lambda: self.client.state(again) == TRANSFERRED)
        newer, _ = self.events(last)
        self.assertTrue(newer and all(number > last for number, _, _ in newer))
        self.assertEqual([job for _, job, kind in newer if kind == 0], [good], "how it ended")
        self.assertEqual({job for _, job, kind in newer if kind != 0}, {again})

    def test_monitor_since_begins_with_what_was_missed(self):
        origin = self.box.start_origin()
        job = self.job("bad", origin.url + "/missing", start=True)
        wait_for("the error", lambda: self.client.state(job) == ERROR)
        output = self.box.folder / "monitor"
        with open(output, "w", encoding="utf-8") as file:
            self.box.spawn(COMMAND, "monitor", "--since", "0", "--json", stdout=file)
        lines = wait_for("two lines", lambda: len(output.read_text().splitlines()) > 1
                         and output.read_text().splitlines())
        due = json.loads(lines[0])
        self.assertEqual((due["event"], due["what"], due["code"]), ("due", "error", "0x80190194"))
        self.assertEqual(json.loads(lines[1])["event"], "added")
        self.assertNotIn('"due"', "".join(lines[1:]))
        self.assertEqual(self.box.run(COMMAND, "monitor", "--since", "x", check=False).returncode, 2)


class Damped(Visible):
    """Time runs ten times as fast: the first pause of a class, 5 s, is half a second."""
    program = TEST_SERVICE
    count = 12

    def setUp(self):
        os.environ.pop("BACKHAUL_TEST_TIME_SCALE", None)
        super().setUp()

    def begin(self):
        self.box.env["BACKHAUL_TEST_TIME_SCALE"] = "10"
        super().begin()

    def script(self, name, text):
        path = self.box.folder / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def install(self, program):
        (self.box.folder / f"home/data/dbus-1/services/{BROKEN}.service").write_text(
            f"[D-BUS Service]\nName={BROKEN}\nExec={program}\n")
        self.client.bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   introspect=False).ReloadConfig(
            dbus_interface="org.freedesktop.DBus")

    def failing_jobs(self):
        origin = self.box.start_origin()
        service = dbus.Struct((BROKEN, dbus.ObjectPath("/listener")), signature="so")
        return [self.job(f"j{n}", origin.url + "/missing", start=True, NotifyService=service,
                         Priority=dbus.UInt32(FOREGROUND)) for n in range(self.count)]

    def test_jobs_that_are_due_together_start_their_class_once(self):
        heard = self.box.folder / "heard"
        self.install(self.script("listener", LISTENER.format(log=str(heard), name=BROKEN)))
        calls = self.box.folder / "calls"
        with open(calls, "w", encoding="utf-8") as file:
            self.box.spawn("dbus-monitor", "--address", self.box.env["DBUS_SESSION_BUS_ADDRESS"],
                           "type='method_call',member='StartServiceByName'", stdout=file)
        wait_for("the monitor", calls.read_text)  # it is told its own name first
        self.failing_jobs()
        wait_for("every event", lambda: heard.exists() and
                 len(heard.read_text().splitlines()) > self.count)
        self.assertEqual(heard.read_text().splitlines().count("start"), 1)
        wait_for("the call", lambda: f'string "{BROKEN}"' in calls.read_text())
        self.assertEqual(calls.read_text().count(f'string "{BROKEN}"'), 1)

    def test_a_broken_class_is_started_once_per_pause_and_later_once_for_all_events(self):
        log = self.box.folder / "starts"
        self.install(self.script("broken", f"#!/bin/sh\necho start >>{log}\nexit 1\n"))
        self.failing_jobs()
        wait_for("all of them to wait for the class", lambda: {
            event["waits-for"] for row in self.listed().values() for event in row["unheard"]
        } == {"start"} and sum(len(row["unheard"]) for row in self.listed().values()) == self.count)
        starts = len(log.read_text().splitlines())
        rows = list(self.listed().values())
        failures = max(row["unheard"][0]["failed-attempts"] for row in rows)
        self.assertLessEqual(starts, failures + 1, "not a start for each job")
        self.assertTrue(all(row["unheard"][0]["next"] for row in rows), "the next one is visible")
        heard = self.box.folder / "heard"
        self.install(self.script("listener", LISTENER.format(log=str(heard), name=BROKEN)))
        lines = wait_for("every event", lambda: heard.exists() and
                         len(heard.read_text().splitlines()) > self.count
                         and heard.read_text().splitlines())
        self.assertEqual(lines.count("start"), 1)
        self.assertEqual(len(set(lines)), self.count + 1, "each job once")
        wait_for("nothing to be left", lambda: not any(
            row["unheard"] for row in self.listed().values()))


if __name__ == "__main__":
    unittest.main()
