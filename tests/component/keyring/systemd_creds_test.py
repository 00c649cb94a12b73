#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""backhauld and systemd-creds --user: where no keyring is there the key of the queue is sealed by it and comes back
from it; where it does not work the key stays in its file. Played by a program, since Debian 12 has an older one, and
once more with the program of this machine."""
import pathlib
import re
import shutil
import subprocess
import unittest

import dbus

import keyring_test
from contract import TRANSFERRED, TRANSIENT_ERROR
from sandbox import wait_for

PEER = keyring_test.PEER.parent / "systemd_creds_peer.py"
MARK = b"systemd-creds:"
WORDS = ["--user", "--name=org.backhaul.queue-key", "-", "-"]
# What systemd makes a key of the machine of when it seals for the first time.
HOST_SECRET = pathlib.Path("/var/lib/systemd/credential.secret")


def program_of_this_machine():
    """Its path, and its version; None and 0 where there is none."""
    program = shutil.which("systemd-creds")
    if program is None:
        return None, 0
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"systemd (\d+)", told)
    return program, int(version[1]) if version else 0


def seal(program, verb, given):
    return subprocess.run([program, verb, *WORDS], input=given, capture_output=True, check=False)


class SystemdCreds(keyring_test.Session):
    def prepare(self):
        self.creds = self.box.folder / "creds"
        self.creds.mkdir()
        shutil.copy(PEER, self.creds / "systemd-creds")
        self.box.env["BACKHAUL_SYSTEMD_CREDS"] = str(self.creds / "systemd-creds")

    def calls(self):
        calls = self.creds / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def is_sealed(self):
        return self.key.read_bytes().startswith(MARK)

    def settings(self, text):
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True, exist_ok=True)
        (config / "backhauld.conf").write_text("[Secrets]\n" + text)

    def opened_key(self):
        opened = seal(str(self.creds / "systemd-creds"), "decrypt", self.key.read_bytes()[len(MARK):])
        self.assertEqual(opened.returncode, 0, opened.stderr)
        return opened.stdout

    def test_without_a_keyring_the_key_is_sealed_and_comes_back(self):
        self.wait_for_state(self.job("a"), TRANSFERRED)
        wait_for("the key to be sealed", self.is_sealed)
        key = self.opened_key()
        self.assertEqual(len(key), 32)
        for file in self.box.state.iterdir():
            self.assertNotIn(key, file.read_bytes(), file)
        for words in self.calls():
            self.assertNotIn(key.hex(), words)
        kept = self.job("b", start=False)
        self.restart()
        self.client.call(kept, "Start")
        self.wait_for_state(kept, TRANSFERRED)
        self.assertTrue(self.is_sealed())
        self.assertEqual(self.opened_key(), key)
        self.assertEqual([words.split()[0] for words in self.calls()].count("encrypt"), 1)

    def test_it_is_called_with_these_words_and_nothing_else(self):
        self.wait_for_state(self.job("a"), TRANSFERRED)
        wait_for("the key to be sealed", self.is_sealed)
        encrypt, decrypt = (" ".join([verb, *WORDS]) for verb in ("encrypt", "decrypt"))
        self.assertEqual(self.calls(), ["--version", encrypt, decrypt], "what it sealed is opened once")
        kept = self.job("b", start=False)
        self.restart()
        self.client.call(kept, "Start")
        self.wait_for_state(kept, TRANSFERRED)
        self.assertEqual(self.calls()[3:], [decrypt])

    def test_a_key_that_cannot_be_opened_makes_jobs_wait_until_it_can(self):
        job = self.job("a", start=False)
        wait_for("the key to be sealed", self.is_sealed)
        sealed = self.key.read_bytes()
        (self.creds / "broken").touch()
        self.restart()
        self.client.call(job, "SetProperties", {"MinimumRetryDelay": dbus.UInt32(3600)}, signature="a{sv}")
        self.client.call(job, "Start")
        self.wait_for_state(job, TRANSIENT_ERROR)
        error = self.client.call(job, "GetError")
        self.assertEqual(int(error[0]), keyring_test.NOT_LOGGED_ON)
        self.assertIn("systemd-creds", str(error))
        with self.assertRaises(dbus.DBusException) as refused:
            self.entrust(job)
        self.assertIn("NOT_LOGGED_ON", refused.exception.get_dbus_name())
        self.assertEqual(self.key.read_bytes(), sealed, "nothing was given up")
        (self.creds / "broken").unlink()
        self.wait_for_state(job, TRANSFERRED)

    def test_an_older_one_and_one_that_does_not_work_leave_the_key_in_its_file(self):
        for name, text in (("version", "255"), ("broken", "")):
            (self.creds / name).write_text(text)
            job = self.job(name, start=False)
            wait_for("it to be asked", lambda: any(self.calls()))
            last = "--version" if name == "version" else "encrypt"
            wait_for("its last call", lambda: self.calls()[-1].split()[0] == last)
            self.client.call(job, "Start")
            self.wait_for_state(job, TRANSFERRED)
            self.assertEqual(len(self.key.read_bytes()), 32)
            (self.creds / name).unlink()
            if name == "version":
                self.assertNotIn("encrypt", " ".join(self.calls()))
                # The next service asks anew.
                (self.creds / "broken").touch()
                self.restart()

    def test_where_the_settings_want_none_the_key_comes_back_into_its_file(self):
        job = self.job("a", start=False)
        wait_for("the key to be sealed", self.is_sealed)
        key = self.opened_key()
        self.settings("SystemdCreds = no\n")
        self.restart()
        self.client.call(job, "Start")
        self.wait_for_state(job, TRANSFERRED)
        self.assertEqual(self.key.read_bytes(), key)

    def test_a_keyring_comes_first(self):
        keyring_test.KeyringTest.start_keyring(self)
        self.wait_for_state(self.job("a"), TRANSFERRED)
        wait_for("the key to be moved", self.is_moved)
        self.assertEqual(self.calls(), [])


class OlderSystemdCreds(keyring_test.Session):
    """The program of this machine, where it knows no --user: newer ones would seal by a key of the machine."""

    def prepare(self):
        program, version = program_of_this_machine()
        if not 0 < version < 256:
            self.skipTest("SKIPPED: there is no systemd-creds older than 256")
        self.assertNotEqual(seal(program, "encrypt", b"x").returncode, 0)
        self.box.env["BACKHAUL_SYSTEMD_CREDS"] = program

    def test_leaves_the_key_in_its_file_and_jobs_with_secrets_run(self):
        self.wait_for_state(self.job("a"), TRANSFERRED)
        self.assertEqual(len(self.key.read_bytes()), 32)
        kept = self.job("b", start=False)
        self.restart()
        self.client.call(kept, "Start")
        self.wait_for_state(kept, TRANSFERRED)
        self.assertEqual(len(self.key.read_bytes()), 32)


class RealSystemdCreds(keyring_test.Session):
    """The program of this machine, where it seals for a user and has sealed before: no test makes a key of a machine."""

    def prepare(self):
        self.program, version = program_of_this_machine()
        if version < 256:
            self.skipTest("SKIPPED LOUDLY: there is no systemd-creds 256 or later")
        if not HOST_SECRET.exists():
            self.skipTest(f"SKIPPED LOUDLY: there is no {HOST_SECRET}, which sealing would make")
        sealed = seal(self.program, "encrypt", b"x")
        if sealed.returncode != 0:
            self.skipTest(f"SKIPPED LOUDLY: systemd-creds does not seal here: {sealed.stderr.decode()}")
        self.box.env["BACKHAUL_SYSTEMD_CREDS"] = self.program

    def test_seals_the_key_and_opens_it_for_the_next_service(self):
        self.wait_for_state(self.job("a"), TRANSFERRED)
        wait_for("the key to be sealed", lambda: self.key.read_bytes().startswith(MARK))
        opened = seal(self.program, "decrypt", self.key.read_bytes()[len(MARK):])
        self.assertEqual(opened.returncode, 0, opened.stderr)
        self.assertEqual(len(opened.stdout), 32)
        for file in self.box.state.iterdir():
            self.assertNotIn(opened.stdout, file.read_bytes(), file)
        kept = self.job("b", start=False)
        self.restart()
        self.client.call(kept, "Start")
        self.wait_for_state(kept, TRANSFERRED)
        self.assertTrue(self.key.read_bytes().startswith(MARK))


if __name__ == "__main__":
    unittest.main()
