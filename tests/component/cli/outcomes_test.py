#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the command says of jobs that do not go as their owner thought: several at once, files of one name, ends
without all files, directories that do not answer. With the real service, on a private bus."""
import contextlib
import json
import os
import signal
import subprocess
import unittest

from dead_mount import DeadMount, can_mount
from sandbox import Sandbox, wait_for

COMMAND = os.environ["BACKHAUL_COMMAND"]
NOWHERE = "http://127.0.0.1:9/x"
NO_ID = "0123456789abcdef0123456789abcdef"


class OutcomesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox("/usr")
        cls.addClassCleanup(cls.box.close)
        cls.box.install_service(os.environ["BACKHAUL_SERVICE"])
        cls.box.use_bus(cls.box.start_bus())
        cls.origin = cls.box.start_origin(10_000_000)
        cls.small = cls.origin.add("small.bin", 70_000)
        cls.other = cls.origin.add("other.bin", 500)
        cls.home = cls.box.folder / "home"

    def tearDown(self):
        self.run_command("cancel", "--all", "-q")

    def begin(self, *words):
        return subprocess.Popen([COMMAND, *map(str, words)], env=self.box.env, cwd=self.home,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_command(self, *words, exit_code=None):
        with self.begin(*words) as process:
            try:
                out, err = process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        if exit_code is not None:
            self.assertEqual(process.returncode, exit_code, f"{words}: {out}{err}")
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def out(self, *words):
        return self.run_command(*words, exit_code=0).stdout.strip()

    def url(self, name):
        return f"{self.origin.url}/{name}"

    def state(self, job):
        return self.out("show", job, "-p", "state", "--value")

    # --- several jobs ------------------------------------------------------------------------
    def test_a_job_that_cannot_be_had_keeps_no_other_from_its_verb(self):
        for verb, state in (("start", "queued"), ("suspend", "suspended"), ("cancel", "cancelled")):
            first, second, third = (self.out("create", name) for name in ("a", "b", "ended"))
            for job in (first, second):
                self.run_command("add", job, NOWHERE, f"{job}.bin", exit_code=0)
            self.run_command("cancel", third, exit_code=0)
            done = self.run_command(verb, first, "no such job", NO_ID, third, second, exit_code=8)
            for part in ('there is no job "no such job"', NO_ID, f"job {third} has ended"):
                self.assertIn(part, done.stderr)
            for job in (first, second):
                if verb == "start":
                    self.assertNotEqual(self.state(job), "suspended")
                else:
                    self.assertEqual(self.state(job), state)
            self.run_command("cancel", "--all", "-q")
        self.assertEqual(self.run_command("cancel", "no", "neither").returncode, 4, "all failed alike")
        done = self.run_command("wait", "no", self.out("create", "suspended"), "-t", "1")
        self.assertEqual(done.returncode, 8)
        self.assertIn("is suspended", done.stderr)

    def test_a_pattern_lists_what_it_could_mean(self):
        first, second = self.out("create", "one"), self.out("create", "two")
        done = self.run_command("status", "name:*", exit_code=2)
        for part in (f"{first}  one", f"{second}  two"):
            self.assertIn(part, done.stderr)
        done = self.run_command("status", "name:zzz*", exit_code=4)
        self.assertIn(f"{first}  one", done.stderr)

    # --- ends --------------------------------------------------------------------------------
    def test_a_job_that_ended_without_its_files_is_no_success(self):
        job = self.out("create", "partly")
        self.run_command("add", job, NOWHERE, "never", exit_code=0)
        self.run_command("start", job, exit_code=0)
        waits = self.begin("wait", job)
        self.run_command("complete", job, exit_code=0)
        _, told = waits.communicate(timeout=60)
        self.assertEqual(waits.returncode, 1, told)
        done = self.run_command("wait", job, exit_code=1)
        self.assertIn("completed without all of its files", done.stderr)
        self.assertEqual(self.run_command("wait", job, "-u", "acknowledged").returncode, 0)

    def test_get_says_that_somebody_ended_its_job_without_the_files(self):
        get = self.begin("get", self.url("small.bin"), "-o", "one", NOWHERE, "-o", "two", "-n", "taken over")
        wait_for("the job", lambda: "taken over" in self.out("list"))
        self.run_command("complete", "taken over", exit_code=0)
        _, told = get.communicate(timeout=60)
        self.assertEqual(get.returncode, 1, told)
        self.assertIn("was completed with", told)

    # --- names -------------------------------------------------------------------------------
    def test_a_name_that_a_job_has_is_refused_by_add(self):
        job = self.out("create", "twins")
        self.run_command("add", job, self.url("small.bin"), "twin", exit_code=0)
        done = self.run_command("add", job, self.url("other.bin"), "./twin", exit_code=2)
        for part in (self.url("small.bin"), self.url("other.bin"), f"{self.home}/twin"):
            self.assertIn(part, done.stderr)
        self.assertEqual(len(json.loads(self.out("files", "--json", job))), 1)

    def test_get_to_the_path_of_the_job_made_last_says_so_and_goes_on(self):
        first = self.out("get", "-b", NOWHERE, "-o", "again")
        self.assertEqual(self.run_command("get", "-b", NOWHERE, "-o", "other", exit_code=0).stderr, "")
        self.run_command("cancel", "@last", exit_code=0)
        self.assertEqual(self.run_command("get", "-b", NOWHERE, "-o", "other", exit_code=0).stderr, "", "it has ended")
        second = self.out("get", "-b", NOWHERE, "-o", "again", "-n", "again 2")
        self.run_command("suspend", second, exit_code=0)
        done = self.run_command("get", "-b", NOWHERE, "-o", "./again", exit_code=0)
        for part in (f"job {second[:8]} (suspended)", f"{self.home}/again as well", f"backhaul start --wait {second[:8]}"):
            self.assertIn(part, done.stderr)
        self.assertNotIn(done.stdout.strip(), (first, second))
        refused = self.run_command("get", "-b", NOWHERE, "-o", "again", "--checksum=sha256:abc")
        self.assertNotEqual(refused.returncode, 0)
        self.assertNotIn("as well", refused.stderr, "no other job was made")
        self.assertEqual(self.run_command("get", "-q", "-b", NOWHERE, "-o", "again", exit_code=0).stderr, "")

    def test_a_job_keeps_its_name(self):
        job = self.out("create", "named")
        done = self.run_command("set", job, "name=", exit_code=2)
        self.assertIn("a job needs a name", done.stderr)
        self.run_command("add", job, NOWHERE, "named", exit_code=0)
        self.run_command("start", job, exit_code=0)
        done = self.run_command("set", job, "method=POST")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("method cannot be set", done.stderr)

    # --- what is wrong use -------------------------------------------------------------------
    def test_the_own_key_is_shown_or_the_list_changed(self):
        for word in ("--clear", "--discover"):
            done = self.run_command("peers", "--own", word, exit_code=2)
            self.assertIn("--own shows the key", done.stderr)

    def test_a_user_who_is_not_there_is_wrong_use(self):
        done = self.run_command("--user-of=no-such-user", "list", exit_code=2)
        self.assertIn("there is no such user", done.stderr)

    # --- directories that do not answer ------------------------------------------------------
    def test_what_waits_for_a_directory_says_so(self):
        folder = self.box.folder / "share"
        if not can_mount(folder):
            self.skipTest("needs a mount of FUSE")
        with contextlib.closing(DeadMount(folder)) as mount:
            job = self.out("create", "hangs")
            self.run_command("add", job, self.url("small.bin"), folder / "x", exit_code=0)
            mount.die()
            self.run_command("start", job, exit_code=0)
            wait_for("the wait to be told", lambda: f"the file system of {folder}" in self.out("status", job))
            self.assertIn("goes on by itself when the file system answers", self.out("explain", job))
            cancel = self.begin("cancel", job)
            lines = cancel.stderr.readline() + cancel.stderr.readline()
            self.assertIn(f"cancel {job[:8]} is not done yet: being cancelled", lines)
            self.assertIn(f"waiting for the file system of {folder}", lines)
            self.assertIn("Ctrl+C ends this command alone", lines)
            cancel.send_signal(signal.SIGINT)
            _, told = cancel.communicate(timeout=60)
            self.assertEqual(cancel.returncode, 130, told)
            self.assertIn("the service goes on with it", told)
        wait_for("the end of the job", lambda: self.state(job) == "cancelled")


if __name__ == "__main__":
    unittest.main(verbosity=2)
