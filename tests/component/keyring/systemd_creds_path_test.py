#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""backhauld finds systemd-creds by its PATH, the first one there, and only where systemd runs the machine. Where it
does not, the test says so in a mount namespace of its own, in which /run is another folder."""
import os
import shutil
import subprocess
import sys
import unittest

import keyring_test
from contract import TRANSFERRED
from sandbox import wait_for
from systemd_creds_test import MARK, PEER, WORDS

INSIDE = "BACKHAUL_TEST_INSIDE"
RUNS = "/run/systemd/system"


class WithSeveral(keyring_test.Session):
    def prepare(self):
        folders = []
        for name in ("not-there", "not-runnable", "first", "second"):
            folders.append(self.box.folder / name)
            if name != "not-there":
                folders[-1].mkdir()
                shutil.copy(PEER, folders[-1] / "systemd-creds")
        os.chmod(folders[1] / "systemd-creds", 0o600)
        self.first, self.second = folders[2:]
        self.box.env["PATH"] = ":".join([*map(str, folders), self.box.env["PATH"]])
        self.choose()

    def choose(self):
        """What is said beside the PATH."""
        del self.box.env["BACKHAUL_SYSTEMD_CREDS"]

    def calls(self, folder):
        calls = folder / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


class InPath(WithSeveral):
    def test_the_first_that_can_be_run_seals_the_key(self):
        self.wait_for_state(self.job("a"), TRANSFERRED)
        wait_for("the key to be sealed", lambda: self.key.read_bytes().startswith(MARK))
        self.assertEqual(self.calls(self.first),
                         ["--version", " ".join(["encrypt", *WORDS]), " ".join(["decrypt", *WORDS])])
        self.assertEqual(self.calls(self.second), [])


class Named(WithSeveral):
    def choose(self):
        self.box.env["BACKHAUL_SYSTEMD_CREDS"] = str(self.second / "systemd-creds")

    def test_one_that_is_named_goes_first(self):
        self.wait_for_state(self.job("a"), TRANSFERRED)
        wait_for("the key to be sealed", lambda: self.key.read_bytes().startswith(MARK))
        self.assertEqual(self.calls(self.first), [])


def enter():
    """In a namespace where systemd seems to run, since its folder is there."""
    done = subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-c",
         f'mount -t tmpfs none /run && mkdir -p {RUNS} || exit 77\nexec "$@"', "sh", sys.executable, *sys.argv],
        env=dict(os.environ, **{INSIDE: "1"}), check=False)
    return done.returncode


if __name__ == "__main__":
    if os.environ.get(INSIDE) or os.path.isdir(RUNS):
        unittest.main()
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        print("SKIPPED LOUDLY: systemd does not run here, and no mount namespace can be made")
        sys.exit(77)
    sys.exit(enter())
