#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Limits hold for an ordinary user, who can make them tighter by a file of their own; root is exempt.
The tree is copied to where that user can read it."""
import os
import pwd
import unittest

from sandbox import Sandbox

ORDINARY_UID = pwd.getpwnam("nobody").pw_uid  # a message bus refuses numbers without a name
LIMITS = "[Jobs]\nMaxJobsPerUser = 2\nMaxFilesPerJob = 3\n"


class Limits(unittest.TestCase):
    def world(self, uid, limits=LIMITS):
        box = Sandbox(os.environ["BACKHAUL_PREFIX"])
        self.addCleanup(box.close)
        box.copy_prefix()
        settings = box.folder / "home/config/backhaul"
        settings.mkdir(parents=True)
        (settings / "backhauld.conf").write_text(limits)
        if os.geteuid() == 0:
            box.become(uid)
        return box

    def create(self, box, name):
        return box.run("backhaul", "create", name, check=False)

    def test_an_ordinary_user_is_held_to_them(self):
        box = self.world(ORDINARY_UID)
        job = self.create(box, "one").stdout.strip()
        self.assertEqual(self.create(box, "two").returncode, 0)
        third = self.create(box, "three")
        self.assertNotEqual(third.returncode, 0)
        self.assertIn("BG_E_TOO_MANY_JOBS_PER_USER", third.stderr)
        box.run("backhaul", "cancel", job)
        self.assertEqual(self.create(box, "three").returncode, 0)

        urls = [word for i in range(4)
                for word in (f"http://127.0.0.1:1/{i}", box.folder / f"home/{i}")]
        refused = box.run("backhaul", "add", "name:two", *urls, check=False)
        self.assertIn("BG_E_TOO_MANY_FILES_IN_JOB", refused.stderr)
        self.assertEqual(box.run("backhaul", "show", "name:two", "-p", "files-total",
                                 "--value").stdout.strip(), "0", "all or nothing")

    def test_one_application_does_not_fill_the_queue(self):
        box = self.world(ORDINARY_UID, "[Jobs]\nMaxJobsPerApplication = 1\n")
        self.assertEqual(self.create(box, "one").returncode, 0)
        second = self.create(box, "two")
        self.assertIn("BG_E_TOO_MANY_JOBS_PER_USER", second.stderr)
        self.assertRegex(second.stderr, r"MaxJobsPerApplication, .*backhauld.conf:2")

    def test_but_those_that_are_exempt_may(self):
        box = self.world(ORDINARY_UID)
        program = box.prefix / "bin/backhaul"
        (box.folder / "home/config/backhaul/backhauld.conf").write_text(
            f"[Jobs]\nMaxJobsPerApplication = 1\nExemptApplications = other, {program}\n")
        for name in ("one", "two"):
            self.assertEqual(self.create(box, name).returncode, 0)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_is_exempt(self):
        box = self.world(0)
        for name in ("one", "two", "three"):
            self.assertEqual(self.create(box, name).returncode, 0)


if __name__ == "__main__":
    unittest.main()
