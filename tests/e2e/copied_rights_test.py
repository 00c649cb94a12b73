#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The copy of a file of this machine takes over what its job asks for (file-acl). What an ordinary user may
not give away is an error that passes when the job asks for less."""
import os
import pwd
import stat
import unittest

from sandbox import Sandbox, wait_for

ORDINARY_UID = pwd.getpwnam("nobody").pw_uid


@unittest.skipUnless(os.geteuid() == 0, "needs root: a file of another user")
class CopiedRights(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox(os.environ["BACKHAUL_PREFIX"])
        self.addCleanup(self.box.close)
        self.box.copy_prefix()
        self.box.become(ORDINARY_UID)
        self.source = self.box.folder / "of-root"
        self.source.write_text("text")
        os.chown(self.source, 0, 0)
        self.source.chmod(0o644)

    def test_the_owner_of_another_file_cannot_be_taken_over(self):
        target = self.box.folder / "home/copy"
        job = self.box.run("backhaul", "create", "copy").stdout.strip()
        self.box.run("backhaul", "set", job, "file-acl=owner,dacl")
        self.box.run("backhaul", "add", job, f"file://{self.source}", target)
        self.box.run("backhaul", "start", job)
        self.box.run("backhaul", "wait", "--until", "transient-error", job)
        self.assertIn("E_ACCESSDENIED", self.box.run("backhaul", "show", job, "-p", "error-symbol").stdout)
        self.box.run("backhaul", "set", job, "file-acl=dacl")
        self.box.run("backhaul", "start", job)
        self.box.run("backhaul", "wait", job)
        self.box.run("backhaul", "complete", job)
        wait_for("the copy", target.exists)
        found = target.stat()
        self.assertEqual((found.st_uid, stat.S_IMODE(found.st_mode)), (ORDINARY_UID, 0o644))


if __name__ == "__main__":
    unittest.main()
