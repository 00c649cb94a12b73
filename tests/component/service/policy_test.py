#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the settings lay down, of a service that runs: another word on it holds for jobs that run, by SIGHUP and by a
call, and the command shows who says what, and what is wrong in a file."""
import json
import os
import shutil
import signal
import unittest

import dbus

from contract import ERROR, TRANSFERRED, TRANSFERRING, TRANSIENT_ERROR, Client
from sandbox import Sandbox, wait_for

COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
REDIRECT_FAILED = 0x80072F7C


class Policy(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.settings = self.box.folder / "home/config/backhaul/backhauld.conf"
        self.settings.parent.mkdir(parents=True)

    def begin(self, settings="", rate=None, extra="", size=8 << 20):
        self.settings.write_text(settings)
        self.box.install_service(SERVICE)
        address = self.box.start_bus()
        self.box.use_bus(address)
        self.client = Client(address)
        self.addCleanup(self.client.close)
        self.origin = self.box.start_origin(rate, extra=extra)
        self.origin.add("file", size)

    def job(self, name="file", **settings):
        return self.client.enqueue([(f"{self.origin.url}/{name}", self.box.folder / "home/file")], **settings)

    def command(self, *words, **options):
        return self.box.run(COMMAND, *words, **options)

    def policy(self):
        return {(one["section"], one["key"], one["role"]): one
                for one in json.loads(self.command("policy", "--json").stdout)}

    def wait_for_state(self, job, state):
        wait_for(f"state {state}", lambda: self.client.state(job) == state)

    def test_a_job_that_runs_obeys_a_list_that_is_read_again_and_goes_on_when_it_may(self):
        self.begin(rate=200_000)
        job = self.job()
        self.wait_for_state(job, TRANSFERRING)
        wait_for("some bytes", lambda: int(self.client.get(job, "BytesTransferred")) > 0)
        self.settings.write_text("[Network]\nAllowedOrigins = *.example.org\n")
        os.kill(self.box.service_pid(), signal.SIGHUP)
        self.wait_for_state(job, TRANSIENT_ERROR)
        self.assertEqual(str(self.client.get(job, "Waiting")[0]), "policy")
        self.assertEqual(int(self.client.get(job, "ErrorCount")), 0)
        why = self.command("explain", str(self.client.get(job, "Id"))).stdout
        self.assertIn(f"[{self.settings}:2]", why)
        with self.assertRaises(dbus.DBusException) as refused:
            self.job()
        self.assertIn(f"(AllowedOrigins, {self.settings}:2)", str(refused.exception))
        self.settings.write_text("")
        self.command("policy", "--reload")
        self.wait_for_state(job, TRANSFERRING)

    def test_a_redirect_to_a_server_that_is_off_limits_is_an_error_of_the_job(self):
        self.begin("[Network]\nAllowedOrigins = 127.0.0.1 [::1]\n",
                   extra="location /away { return 302 http://localhost:1/file; }\n")
        job = self.job("away")
        self.wait_for_state(job, ERROR)
        error = self.client.call(job, "GetError")
        self.assertEqual(int(error[0]), REDIRECT_FAILED)
        self.assertIn(f"AllowedOrigins, {self.settings}:2", str(list(error)))

    def test_a_limit_that_is_lowered_holds_for_the_next_job_and_is_told_with_its_line(self):
        self.begin("[Jobs]\nMaxFilesPerJob = 5\n[Network]\nUserAgent = updates/2\n")
        self.job()
        rows = self.policy()
        mine = rows["Jobs", "MaxFilesPerJob", "user"]
        self.assertEqual((mine["value"], mine["where"], mine["leeway"]), ("5", f"{self.settings}:2", "tighter"))
        self.assertEqual(rows["Scheduler", "TimeSliceSec", "default"]["where"], None)
        self.assertEqual(mine["exempt"], os.getuid() == 0)
        text = self.command("policy").stdout
        self.assertRegex(text, r"\[Network\]\s+UserAgent\s+updates/2\s+user\s")
        self.settings.write_text("[Jobs]\nMaxFilesPerJob = 6\n[Service]\nLogLevel = debug\n")
        self.command("policy", "--reload")
        rows = self.policy()
        self.assertEqual(rows["Jobs", "MaxFilesPerJob", "user"]["value"], "6")
        level = rows["Service", "LogLevel", "default"]
        self.assertEqual((level["value"], level["at-start"]), ("info", True), "as it is until the next start")

    def test_a_file_that_cannot_be_understood_changes_nothing_and_whoever_asked_is_told(self):
        self.begin("[Jobs]\nMaxFilesPerJob = 5\n")
        self.job()
        self.settings.write_text("[Jobs]\nMaxFilesPerJob = many\n")
        refused = self.command("policy", "--reload", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"{self.settings}:2: MaxFilesPerJob = many", refused.stderr)
        self.assertEqual(self.policy()["Jobs", "MaxFilesPerJob", "user"]["value"], "5")

    def test_what_is_laid_down_of_requests_is_what_the_server_sees(self):
        self.begin("[Network]\nUserAgent = updates/2 (of the house)\n",
                   extra="location /agent { return 200 $http_user_agent; }\n")
        job = self.job("agent")
        self.wait_for_state(job, TRANSFERRED)
        self.client.call(job, "Complete")
        self.assertEqual((self.box.folder / "home/file").read_text(), "updates/2 (of the house)")

    def test_a_check_of_a_file_needs_no_service_and_names_every_line(self):
        tree = self.box.folder / "tree"
        (tree / "bin").mkdir(parents=True)
        (tree / "libexec/backhaul").mkdir(parents=True)
        command = shutil.copy(COMMAND, tree / "bin/backhaul")
        shutil.copy(SERVICE, tree / "libexec/backhaul/backhauld")
        file = self.box.folder / "new.conf"
        file.write_text("[Cost]\nLow = cheap\n[Jobs]\nColour = red\n")
        told = self.box.run(command, "policy", "--check", str(file), check=False)
        self.assertEqual(told.returncode, 1, told.stderr)
        self.assertRegex(told.stdout, rf"(?m)^{file}:2: error: Low = cheap")
        self.assertRegex(told.stdout, rf"(?m)^{file}:4: warning: unknown setting \[Jobs\] Colour")
        rows = json.loads(self.box.run(command, "policy", "--json", "--check", str(file), check=False).stdout)
        self.assertEqual([(row["severity"], row["line"]) for row in rows], [("error", 2), ("warning", 4)])
        file.write_text("[Cost]\nLow = always\n")
        self.assertIn("nothing is wrong", self.box.run(command, "policy", "--check", str(file)).stdout)
        self.assertNotEqual(self.box.run(command, "policy", "--check", str(file) + "x", check=False).returncode, 0)
        self.assertFalse(self.box.state.exists(), "no service was started for it")


if __name__ == "__main__":
    unittest.main()
