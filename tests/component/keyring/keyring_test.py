#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""backhauld and the keyring of a session: its key is moved there where the keyring is open, and comes back
from it; where it is locked jobs with secrets wait, and nobody is asked to open it. Played by a peer, and once
more with gnome-keyring where that is installed."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import dbus

from contract import ERROR, TRANSFERRED, TRANSIENT_ERROR, Client
from sandbox import Sandbox, wait_for

SERVICE = os.environ["BACKHAUL_SERVICE"]
PEER = pathlib.Path(__file__).parents[2] / "support/secrets_peer.py"
SERVER, BASIC = dbus.UInt32(1), dbus.UInt32(1)
NOT_LOGGED_ON = 0x800704DD


class Session(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.prepare()
        self.box.install_service(SERVICE)
        self.address = self.box.start_bus()
        self.box.use_bus(self.address)
        (self.box.folder / "passwords").write_text("ann:{PLAIN}tomato\n")
        self.origin = self.box.start_origin(
            extra=f'auth_basic x; auth_basic_user_file {self.box.folder / "passwords"};')
        self.origin.add("file", 1000)
        self.client = Client(self.address)
        self.addCleanup(self.client.close)
        self.key = self.box.state / "queue.key"

    def prepare(self):
        """What stands before the bus does."""

    def job(self, name, start=True):
        job = self.client.enqueue([(self.origin.url + "/file", self.box.folder / "home" / name)], start=False)
        self.entrust(job)
        if start:
            self.client.call(job, "Start")
        return job

    def entrust(self, job):
        who = dbus.Dictionary({"User": "ann", "Password": "tomato"}, signature="sv")
        self.client.call(job, "SetCredentials", SERVER, BASIC, who, signature="uua{sv}")

    def wait_for_state(self, job, state):
        wait_for(f"state {state}", lambda: self.client.state(job) == state)

    def is_moved(self):
        return self.key.read_bytes().startswith(b"keyring:")

    def restart(self):
        """By the next call."""
        self.box.wait_for_new_service(self.box.kill_service())


class KeyringTest(Session):
    def start_keyring(self, *words):
        self.keyring = subprocess.Popen(["/usr/bin/python3", str(PEER), *words], env=self.box.env, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.keyring.stdout.close)
        self.addCleanup(self.keyring.stdin.close)
        self.box.children.append(self.keyring)
        self.assertEqual(self.keyring.stdout.readline(), "ready\n")

    def tell(self, *words):
        self.keyring.stdin.write(json.dumps(words) + "\n")
        self.keyring.stdin.flush()
        return json.loads(self.keyring.stdout.readline())

    def test_the_key_moves_into_an_open_keyring_and_comes_back_from_it(self):
        self.start_keyring()
        self.wait_for_state(self.job("a"), TRANSFERRED)
        wait_for("the key to be moved", self.is_moved)
        [[label, attributes, length, key]] = self.tell("items")
        self.assertIn("backhaul", label)
        self.assertEqual(length, 32)
        self.assertEqual(self.key.read_text(), "keyring:" + attributes["queue"] + "\n")
        for file in self.box.state.iterdir():
            self.assertNotIn(bytes.fromhex(key), file.read_bytes(), file)
        kept = self.job("b", start=False)
        self.restart()
        self.client.call(kept, "Start")
        self.wait_for_state(kept, TRANSFERRED)
        self.assertEqual(len(self.tell("items")), 1)
        self.assertEqual(int(self.client.get(kept, "ErrorCount")), 0)

    def test_a_locked_keyring_makes_jobs_with_secrets_wait_until_its_user_opens_it(self):
        self.start_keyring()
        job = self.job("a", start=False)
        wait_for("the key to be moved", self.is_moved)
        self.tell("lock")
        self.restart()
        self.client.call(job, "Start")
        self.wait_for_state(job, TRANSIENT_ERROR)
        error = self.client.call(job, "GetError")
        self.assertEqual(int(error[0]), NOT_LOGGED_ON)
        self.assertIn("keyring", str(error))
        self.assertIn("keyring", str(self.client.get(job, "Waiting")))
        with self.assertRaises(dbus.DBusException) as refused:
            self.entrust(job)
        self.assertIn("NOT_LOGGED_ON", refused.exception.get_dbus_name())
        self.assertEqual(self.tell("asked"), 0, "nobody was asked to open it")
        self.client.call(job, "SetProperties", {"MinimumRetryDelay": dbus.UInt32(3600)}, signature="a{sv}")
        self.tell("unlock")
        self.wait_for_state(job, TRANSFERRED)

    def test_a_keyring_that_comes_later_gives_the_key(self):
        self.start_keyring()
        job = self.job("a", start=False)
        wait_for("the key to be moved", self.is_moved)
        self.tell("leave")
        self.restart()
        self.client.call(job, "Start")
        self.wait_for_state(job, TRANSIENT_ERROR)
        self.tell("join")
        self.wait_for_state(job, TRANSFERRED)

    def test_without_an_open_keyring_the_key_stays_in_its_file(self):
        first = self.job("a")
        self.wait_for_state(first, TRANSFERRED)
        self.assertEqual(len(self.key.read_bytes()), 32)
        self.assertFalse(self.client.owner("org.freedesktop.secrets"))
        self.start_keyring("locked")
        self.wait_for_state(self.job("b"), TRANSFERRED)
        self.assertEqual(self.tell("items"), [])
        self.assertEqual(self.tell("asked"), 0)
        self.assertEqual(len(self.key.read_bytes()), 32)
        # What was sealed with it opens when it has been moved.
        kept = self.job("c", start=False)
        self.tell("unlock")
        wait_for("the key to be moved", self.is_moved)
        self.restart()
        self.client.call(kept, "Start")
        self.wait_for_state(kept, TRANSFERRED)

    def test_where_the_settings_want_none_the_key_comes_back_into_its_file(self):
        self.start_keyring()
        job = self.job("a", start=False)
        wait_for("the key to be moved", self.is_moved)
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True)
        (config / "backhauld.conf").write_text("[Secrets]\nKeyring = no\n")
        self.restart()
        self.client.call(job, "Start")
        self.wait_for_state(job, TRANSFERRED)
        self.assertEqual(len(self.key.read_bytes()), 32)
        self.tell("leave")
        later = self.job("b", start=False)
        self.restart()
        self.client.call(later, "Start")
        self.wait_for_state(later, TRANSFERRED)
        self.assertEqual(len(self.key.read_bytes()), 32)

    def test_a_keyring_without_the_key_gives_no_other_one(self):
        self.start_keyring()
        job = self.job("a", start=False)
        wait_for("the key to be moved", self.is_moved)
        name = self.key.read_text()
        self.keyring.terminate()
        self.keyring.wait()
        self.start_keyring()
        self.restart()
        self.client.call(job, "Start")
        self.wait_for_state(job, TRANSIENT_ERROR)
        self.assertEqual(self.key.read_text(), name)
        # Whoever gives it up begins with another one, and what was sealed with the first is lost.
        self.client.call(job, "Suspend")
        self.key.unlink()
        self.restart()
        self.client.call(job, "Start")
        self.wait_for_state(job, ERROR)


@unittest.skipUnless(shutil.which("gnome-keyring-daemon"), "gnome-keyring is not installed")
class GnomeKeyringTest(Session):
    PATH, LOGIN = "/org/freedesktop/secrets", "/org/freedesktop/secrets/collection/login"

    def service(self, interface):
        there = self.client.bus.get_object("org.freedesktop.secrets", self.PATH, introspect=False)
        return dbus.Interface(there, interface)

    def start_keyring(self):
        daemon = subprocess.Popen([shutil.which("gnome-keyring-daemon"), "--foreground", "--unlock",
                                   "--components=secrets"], env=self.box.env, text=True, stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.box.children.append(daemon)
        with daemon.stdin:
            daemon.stdin.write("pass phrase")
        wait_for("the keyring", lambda: self.client.owner("org.freedesktop.secrets"))

    def lock(self):
        self.service("org.freedesktop.Secret.Service").Lock([dbus.ObjectPath(self.LOGIN)], signature="ao")

    def unlock(self):
        _, session = self.service("org.freedesktop.Secret.Service").OpenSession(
            "plain", dbus.String("", variant_level=1), signature="sv")
        secret = dbus.Struct((session, dbus.ByteArray(b""), dbus.ByteArray(b"pass phrase"), "text/plain"),
                             signature="oayays")
        self.service("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface").UnlockWithMasterPassword(
            dbus.ObjectPath(self.LOGIN), secret, signature="o(oayays)")

    def test_the_key_moves_there_comes_back_and_is_waited_for(self):
        self.start_keyring()
        job = self.job("a", start=False)
        wait_for("the key to be moved", self.is_moved)
        other = self.job("b", start=False)
        self.restart()
        self.client.call(other, "Start")
        self.wait_for_state(other, TRANSFERRED)
        self.lock()
        self.restart()
        self.client.call(job, "SetProperties", {"MinimumRetryDelay": dbus.UInt32(3600)}, signature="a{sv}")
        self.client.call(job, "Start")
        self.wait_for_state(job, TRANSIENT_ERROR)
        self.unlock()
        self.wait_for_state(job, TRANSFERRED)


if __name__ == "__main__":
    unittest.main()
