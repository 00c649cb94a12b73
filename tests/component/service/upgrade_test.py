#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A queue goes on under a newer backhauld: one that another program is put in the place of while jobs run, and one of
every schema that was ever released, each kept as the text of a small queue (queue_N.sql).

With --renew the text of the newest schema is written anew, by the service itself. That is right as long as no release
has this schema; from then on the text stays as it is, and the next schema gets its own."""
import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import sys
import unittest

import dbus

from contract import FOREGROUND, NAME, Client, SUSPENDED, TRANSFERRED
from sandbox import Sandbox, parent_of, sha256, wait_for, wait_for_end

SERVICE = os.environ["BACKHAUL_SERVICE"]
HERE = pathlib.Path(__file__).parent
# The rows are summed up with the paths in them, so these are the same on every machine; nothing is ever put there.
PLACE = pathlib.Path("/tmp/backhaul-queue-of-a-release")
JOBS = {
    "plain": ({"Description": "one file", "Priority": 2}, ["a"]),
    "urgent": ({"Description": "three files", "Priority": 0, "MinimumRetryDelay": 77}, ["b", "c", "d"]),
    "empty": ({"Description": "äöü \u2603", "Priority": 3, "AutoComplete": True}, []),
}


class Queue(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)

    def client(self, program):
        self.box.install_service(program)
        self.box.use_bus(self.box.start_bus())
        client = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(client.close)
        return client

    def stop(self, client, kills):
        """In order, or as nobody should."""
        service = self.box.service_pid()
        guardian = parent_of(service)
        if kills:
            os.kill(guardian, signal.SIGKILL)
            os.kill(service, signal.SIGKILL)
        else:
            os.kill(guardian, signal.SIGTERM)
        wait_for_end(service)
        wait_for("the name to be free", lambda: not client.owner())


class Upgrade(Queue):
    def put_in_place(self):
        """As a package manager does, while the one before runs."""
        new = self.box.folder / "backhauld.new"
        shutil.copy(SERVICE, new)
        os.replace(new, self.box.folder / "backhauld")

    def upgrade_under_load(self, kills):
        self.put_in_place()
        program = self.box.folder / "backhauld"
        client = self.client(program)
        origin = self.box.start_origin(rate="50k")
        home = self.box.folder / "home"
        files = {name: origin.add(name, 1_000_000) for name in ("a", "b", "c")}
        running = {name: client.enqueue([(f"{origin.url}/{name}", home / name)], Priority=dbus.UInt32(FOREGROUND))
                   for name in files}
        waiting = client.enqueue([(f"{origin.url}/a", home / "later")], start=False, Description="not yet")
        # Each has received something.
        wait_for("the parts", lambda: len([p for p in home.glob(".BIT*") if p.stat().st_size > 0]) == len(files))
        origin.hurry()
        self.put_in_place()
        self.stop(client, kills)
        self.assertEqual(client.state(waiting), SUSPENDED)
        self.assertEqual(client.get(waiting, "Description"), "not yet")
        now = os.stat(f"/proc/{self.box.service_pid()}/exe")
        self.assertEqual(now.st_ino, program.stat().st_ino, "the new program runs")
        self.assertEqual({path for path, _ in client.jobs()}, {waiting, *running.values()})
        for name, job in running.items():
            wait_for(name, lambda job=job: client.state(job) == TRANSFERRED)
            self.assertEqual(client.call(job, "Complete"), 0)
            self.assertEqual(sha256(home / name), sha256(files[name]))
        self.assertFalse(list(home.glob(".BIT*")), "nothing is left")
        return origin

    def test_a_program_that_is_replaced_under_load_keeps_every_job_and_every_byte(self):
        origin = self.upgrade_under_load(kills=False)
        for name in "abc":
            later = [first for _, uri, _, first, _ in origin.requests() if uri == f"/{name}"][1:]
            self.assertTrue(all(first > 0 for first in later), f"{name} went on where it was: {later}")

    def test_one_that_is_killed_for_it_keeps_every_job(self):
        self.upgrade_under_load(kills=True)

    def test_a_queue_of_every_schema_opens_and_keeps_every_job(self):
        texts = sorted(HERE.glob("queue_*.sql"))
        self.assertTrue(texts, "there is no text of a queue: run this test with --renew")
        for text in texts:
            with self.subTest(text.name):
                self.open(text)

    def open(self, text):
        box = self.box = Sandbox("/nonexistent")
        self.addCleanup(box.close)
        box.state.mkdir(mode=0o700, parents=True)
        with contextlib.closing(sqlite3.connect(box.state / "queue.db")) as database:
            database.executescript(text.read_text(encoding="utf-8"))
            owners = {uid for uid, in database.execute("SELECT DISTINCT owner_uid FROM job")}
        os.chmod(box.state / "queue.db", 0o600)
        if owners != {os.geteuid()}:
            self.skipTest(f"SKIPPED LOUDLY: the jobs of {text.name} belong to user {owners}, who alone sees them")
        client = self.client(SERVICE)
        found = {str(client.get(path, "Name")): path for path, _ in client.jobs()}
        hint = f"{box.log()}\n(as long as no release has this schema: run this test with --renew)"
        self.assertEqual(found.keys(), JOBS.keys(), hint)
        self.assertFalse(list(box.state.glob("queue.db.*damaged*")), hint)
        for name, (settings, files) in JOBS.items():
            job = found[name]
            self.assertEqual(client.state(job), SUSPENDED)
            for key, value in settings.items():
                self.assertEqual(client.get(job, key), value, f"{name}.{key}")
            listed = [client.file_value(job, index, "LocalName") for index in range(len(files))]
            self.assertEqual(listed, [str(PLACE / file) for file in files])
            client.call(job, "Cancel")
        self.assertEqual(client.jobs(), [])


class Renewal(Queue):
    def renew(self):
        self.assertEqual(os.geteuid(), 0, "the texts are root's queues")
        PLACE.mkdir(mode=0o700)
        self.addCleanup(PLACE.rmdir)
        client = self.client(SERVICE)
        for name, (settings, files) in JOBS.items():
            job = client.enqueue([(f"http://127.0.0.1:9/{file}", PLACE / file) for file in files], start=False)
            properties = dbus.Interface(client.bus.get_object(NAME, job, introspect=False),
                                        "org.freedesktop.DBus.Properties")
            for key, value in {"Name": name, **settings}.items():
                number = isinstance(value, int) and not isinstance(value, bool)
                properties.Set("org.backhaul.Job1", key, dbus.UInt32(value) if number else value, signature="ssv")
        self.stop(client, kills=False)
        with contextlib.closing(sqlite3.connect(self.box.state / "queue.db")) as database:
            numbers = {name: database.execute(f"PRAGMA {name}").fetchone()[0] for name in
                       ("application_id", "user_version")}
            lines = [f"PRAGMA {name} = {value};" for name, value in numbers.items()] + list(database.iterdump())
        path = HERE / f"queue_{numbers['user_version']}.sql"
        path.write_text("-- SPDX-License-Identifier: Apache-2.0\n-- Written by upgrade_test.py --renew.\n" +
                        "\n".join(lines) + "\n", encoding="utf-8")
        print("written:", path)


if __name__ == "__main__":
    if "--renew" in sys.argv:
        sys.exit(not unittest.TextTestRunner().run(Renewal("renew")).wasSuccessful())
    unittest.main()
