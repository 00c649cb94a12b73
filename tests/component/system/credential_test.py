#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The credential of the service of the machine (LoadCredentialEncrypted= of its unit), in a folder as systemd makes it:
the key of the queue's secrets is sealed by it. Where it is gone, is another one or no key, jobs with secrets wait and
nothing is lost."""
import os
import unittest

from contract import TRANSFERRED, TRANSIENT_ERROR
from sandbox import sha256, wait_for
from system_bus import ANN, SERVICE_UID, SystemBus, why_not_here

SERVICE = os.environ["BACKHAUL_SERVICE"]
NOT_LOGGED_ON = 0x800704DD
NAME = "backhaul.key"
KEY, OTHER_KEY = bytes(range(100, 132)), bytes(range(150, 182))
PASSWORD = b"hunter2"  # what an actor hands over


@unittest.skipIf(why_not_here(), why_not_here())
class MachineCredential(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.box = self.bus.box
        self.addCleanup(self.bus.close)
        passwords = self.box.folder / "passwords"
        passwords.write_text(f"user:{{PLAIN}}{PASSWORD.decode()}\n")
        self.origin = self.box.start_origin(
            extra=f"location = /guarded {{ auth_basic x; auth_basic_user_file {passwords}; }}")
        self.sources = {name: self.origin.add(name, 1000) for name in ("guarded", "open")}
        self.home = self.bus.state_folder("hers", ANN)
        self.credentials = self.bus.state_folder("credentials", SERVICE_UID)
        self.key = self.bus.state / "queue.key"
        self.bus.start_launcher()
        self.ann = self.bus.actor(ANN)
        self.service = None

    def start(self, credential=None):
        """As systemd does: only where somebody made it there is a folder, with a file that its account alone may read."""
        self.box.env.pop("CREDENTIALS_DIRECTORY", None)
        if credential is not None:
            file = self.credentials / NAME
            file.write_bytes(credential)
            os.chown(file, SERVICE_UID, SERVICE_UID)
            file.chmod(0o400)
            self.box.env["CREDENTIALS_DIRECTORY"] = str(self.credentials)
        self.service = self.bus.start_service()
        wait_for(self.bus.with_log("the service"), lambda: isinstance(self.ann.jobs(), list))

    def restart(self, credential=None):
        self.service.kill()
        self.service.wait(timeout=60)
        self.start(credential)

    def job(self, name, source="guarded"):
        job = self.ann.do("enqueue", name, [[f"{self.origin.url}/{source}", str(self.home / name)]], False)
        self.assertIsInstance(job, str, job)
        return job

    def guarded(self, name):
        job = self.job(name)
        self.assertEqual(self.ann.do("credentials from", job), "ok")
        return job

    def wait_for_state(self, job, state):
        wait_for(self.bus.with_log(f"state {state}"), lambda: self.ann.do("get", job, "State") == state)

    def fetch(self, job, name, source="guarded"):
        self.assertEqual(self.ann.do("call", job, "Start", ""), "ok")
        self.wait_for_state(job, TRANSFERRED)
        self.assertEqual(self.ann.do("call", job, "Complete", ""), "ok")
        self.assertEqual(sha256(self.home / name), sha256(self.sources[source]))

    def is_sealed(self):
        return self.key.read_bytes().startswith(b"credential:")

    def assert_not_in_state_folder(self, *secrets):
        for file in self.bus.state.iterdir():
            if file.is_file():
                for secret in secrets:
                    self.assertNotIn(secret, file.read_bytes(), file)

    def test_secrets_are_sealed_by_it_and_their_key_lies_nowhere(self):
        self.start(KEY)
        first, second = self.guarded("first"), self.guarded("second")
        self.assertTrue(self.is_sealed())
        self.assert_not_in_state_folder(PASSWORD, KEY)
        self.fetch(first, "first")
        self.restart(KEY)
        self.fetch(second, "second")
        self.assertTrue(self.is_sealed())
        self.assert_not_in_state_folder(PASSWORD, KEY)

    def test_the_key_of_before_is_sealed_by_it_at_the_next_start_and_opens_what_it_sealed(self):
        self.start()
        job = self.guarded("first")
        before = self.key.read_bytes()
        self.assertEqual(len(before), 32)
        self.restart(KEY)
        self.assertTrue(self.is_sealed())
        self.assert_not_in_state_folder(before, PASSWORD, KEY)
        self.fetch(job, "first")

    def test_where_it_is_gone_or_another_one_jobs_with_secrets_wait_until_it_is_back(self):
        self.start(KEY)
        job = self.guarded("first")
        sealed = self.key.read_bytes()
        for credential in (None, OTHER_KEY):
            self.restart(credential)
            self.assertEqual(self.ann.do("call", job, "Start", ""), "ok")
            self.wait_for_state(job, TRANSIENT_ERROR)
            error = self.ann.do("get", job, "Error")
            self.assertEqual(error[0], NOT_LOGGED_ON)
            self.assertIn(NAME, str(error))
            self.assertIn(NAME, str(self.ann.do("get", job, "Waiting")))
            self.assertEqual(self.ann.do("credentials from", job)["error"], "NOT_LOGGED_ON")
            self.assertIn(f"wait for the credential {NAME}", self.bus.said())
            without = self.job("without", "open")
            self.fetch(without, "without", "open")
            (self.home / "without").unlink()
            self.assertEqual(self.ann.do("call", job, "Suspend", ""), "ok")
        self.assertEqual(self.key.read_bytes(), sealed)
        self.restart(KEY)
        self.fetch(job, "first")

    def test_what_is_no_key_is_said_once_and_nothing_is_sealed_by_less(self):
        self.start(KEY[:31])
        said = [line for line in self.bus.said().splitlines() if NAME in line]
        self.assertEqual(len(said), 1, said)
        self.assertIn("31 bytes", said[0])
        job = self.job("first")
        refused = self.ann.do("credentials from", job)
        self.assertEqual(refused["error"], "NOT_LOGGED_ON")
        self.assertIn(NAME, refused["text"])
        self.assertFalse(self.key.exists())
        without = self.job("without", "open")
        self.fetch(without, "without", "open")
        self.restart(KEY)
        self.assertEqual(self.ann.do("credentials from", job), "ok")
        self.fetch(job, "first")

    def test_where_the_settings_want_none_the_key_comes_back_into_its_file(self):
        self.start(KEY)
        job = self.guarded("first")
        self.bus.write_settings("[Secrets]\nSystemdCreds = no\n")
        self.restart(KEY)
        self.assertEqual(len(self.key.read_bytes()), 32)
        self.restart()
        self.fetch(job, "first")


if __name__ == "__main__":
    unittest.main(verbosity=2)
