#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How the service begins, ends and comes back."""
import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import unittest

import dbus

from contract import Client, ERROR, FOREGROUND, QUEUED, SUSPENDED, TRANSFERRED
from dead_mount import DeadMount, can_mount
from sandbox import Sandbox, parent_of, wait_for, wait_for_end

SERVICE, TEST_SERVICE = os.environ["BACKHAUL_SERVICE"], os.environ["BACKHAUL_TEST_SERVICE"]
WRONG_USE, NO_SUCH_ACCOUNT, UNAVAILABLE, HELD, WRONG_SETTINGS = 64, 67, 69, 75, 78


class ServiceLife(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)

    def client(self, program=SERVICE, **env):
        self.box.env.update(env)
        self.box.install_service(program)
        self.box.use_bus(self.box.start_bus())
        client = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(client.close)
        return client

    def suspended_job(self, client):
        return client.enqueue([("http://127.0.0.1:1/a", self.box.folder / "home/a")], start=False)

    def code_of(self, *arguments, **env):
        return self.box.run(SERVICE, *arguments, env={**self.box.env, **env}, check=False).returncode

    def test_an_acknowledged_job_survives_sigkill_and_the_service_returns_unasked(self):
        client = self.client()
        job = self.suspended_job(client)
        old = self.box.kill_service()
        self.box.wait_for_new_service(old)
        self.assertEqual(client.state(job), SUSPENDED)

    def test_a_killed_guardian_takes_nothing_with_it_and_the_next_call_makes_a_new_pair(self):
        client = self.client()
        job = self.suspended_job(client)
        service = self.box.service_pid()
        guardian = parent_of(service)
        os.kill(guardian, signal.SIGKILL)
        wait_for("the orphan to have another parent", lambda: parent_of(service) != guardian)
        self.assertEqual(client.state(job), SUSPENDED, "the orphan serves on")
        self.box.kill_service()
        wait_for("the name to be free", lambda: not client.owner())
        self.assertEqual(client.state(job), SUSPENDED, "activated anew, with its jobs")
        self.assertNotEqual(self.box.service_pid(), service)

    def test_sigterm_ends_service_and_guardian_and_a_login_brings_the_work_back(self):
        client = self.client()
        job = self.suspended_job(client)
        service = self.box.service_pid()
        guardian = parent_of(service)
        os.kill(guardian, signal.SIGTERM)
        for pid in (service, guardian):
            wait_for_end(pid)
        self.assertEqual(self.box.place(), {})
        self.assertEqual(self.code_of("--at-login"), 0)
        wait_for("the service of the login", self.box.service_pid)
        self.assertEqual(client.state(job), SUSPENDED)

    def test_an_orderly_stop_records_what_has_arrived(self):
        client = self.client()
        origin = self.box.start_origin("8m")
        origin.add("file", 64 << 20)
        client.enqueue([(origin.url + "/file", self.box.folder / "home/file")])
        part = wait_for("the part", lambda: next((self.box.folder / "home").glob(".BIT*"), None))
        wait_for("some of it", lambda: part.stat().st_size > 4 << 20)
        service = self.box.service_pid()
        os.kill(parent_of(service), signal.SIGTERM)
        wait_for_end(service)
        size = part.stat().st_size
        wait_for("the log of the origin", origin.requests)
        self.assertEqual(len(client.jobs()), 1)  # starts the next one
        wait_for("it to go on", lambda: part.stat().st_size > size)
        os.kill(parent_of(self.box.service_pid()), signal.SIGTERM)
        wait_for("the second request", lambda: len(origin.requests()) == 2)
        self.assertEqual(origin.requests()[1][3], size, "not a byte is asked for again")

    def dead_mount(self):
        place = self.box.folder / "home/mount"
        if not can_mount(place):
            self.skipTest("FUSE file systems cannot be mounted here")
        mount = DeadMount(place)
        self.addCleanup(mount.close)
        return mount

    def end_behind(self, mount, client):
        """The service is told to end while a thread of it waits for the mount."""
        mount.wait_until_asked()
        service = self.box.service_pid()
        guardian = parent_of(service)
        os.kill(guardian, signal.SIGSTOP)  # which would end it after a while
        os.kill(service, signal.SIGTERM)
        wait_for_end(service)
        os.kill(guardian, signal.SIGCONT)
        wait_for_end(guardian)
        self.assertIn("1 thread waits for a file system that does not answer", self.box.log())
        self.assertEqual(self.box.place(), {})
        self.assertFalse(client.owner())

    def test_sigterm_ends_it_although_a_destination_does_not_answer(self):
        client, mount = self.client(), self.dead_mount()
        job = self.suspended_job(client)
        mount.die()
        waiting = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(waiting.close)
        waiting.send_add_files(job, [("http://127.0.0.1:1/b", mount.folder / "b")])
        self.end_behind(mount, client)
        self.assertEqual(client.state(job), SUSPENDED, "the next one has the queue")

    def test_sigterm_ends_it_although_a_part_is_on_a_server_that_does_not_answer(self):
        client, mount = self.client(), self.dead_mount()
        job = client.enqueue([("http://127.0.0.1:1/a", mount.folder / "a")], start=False)
        mount.die()
        client.call(job, "Start")
        self.end_behind(mount, client)
        self.assertEqual([path for path, _ in client.jobs()], [job], "the next one has the queue")

    def test_parts_on_a_server_that_does_not_answer_hold_up_no_other_files(self):
        client, mount, origin = self.client(), self.dead_mount(), self.box.start_origin()
        origin.add("file", 1000)
        first = dbus.UInt32(FOREGROUND)
        jobs = [client.enqueue([(origin.url + "/file", mount.folder / str(n))], start=False, Priority=first)
                for n in range(20)]
        mount.die()
        for job in jobs:
            client.call(job, "Start")
        mount.wait_until_asked()
        other = client.enqueue([(origin.url + "/file", self.box.folder / "home/file")], Priority=first)
        wait_for("the other file", lambda: client.state(other) == TRANSFERRED)

    def test_it_leaves_when_there_is_nothing_to_do_and_a_login_does_not_wake_it(self):
        client = self.client(TEST_SERVICE, BACKHAUL_TEST_IDLE_MS="100")
        self.assertEqual(client.jobs(), [])
        service = wait_for("the service", self.box.service_pid)
        guardian = parent_of(service)
        for pid in (service, guardian):
            wait_for_end(pid)
        self.assertEqual(self.code_of("--at-login"), 0)
        self.assertFalse(client.owner())
        self.assertEqual(client.jobs(), [], "the next call starts it again")

    def test_it_stays_as_long_as_a_job_is_there(self):
        client = self.client(TEST_SERVICE, BACKHAUL_TEST_IDLE_MS="50")
        job = self.suspended_job(client)
        service = self.box.service_pid()
        client.call(job, "Cancel")
        client.close()  # the tombstone is kept for whoever used the job
        wait_for_end(service)

    def test_one_that_commits_nothing_hears_that_its_state_folder_was_moved_away(self):
        self.suspended_job(self.client())
        service = self.box.service_pid()
        self.box.state.rename(self.box.folder / "home/state/elsewhere")
        wait_for_end(service)

    def test_a_second_service_on_another_bus_points_to_the_first_and_ends(self):
        client = self.client()
        self.suspended_job(client)
        other = self.box.start_bus("other")
        done = self.box.run(SERVICE, "--service", check=False,
                            env={**self.box.env, "DBUS_SESSION_BUS_ADDRESS": other})
        self.assertEqual(done.returncode, HELD)
        self.assertIn(self.box.place()["address"], done.stderr)

    def test_one_that_is_started_while_another_leaves_waits_for_the_queue(self):
        client = self.client()
        self.suspended_job(client)
        old = self.box.service_pid()
        os.kill(old, signal.SIGSTOP)  # it holds the lock, and does not answer
        second = self.box.spawn(SERVICE, "--service", stderr=subprocess.DEVNULL)
        wait_for("it to wait for the lock", lambda: self.waits_for_a_lock(second.pid))
        os.kill(old, signal.SIGKILL)
        wait_for("one of them to serve", lambda: self.box.service_pid() not in (0, old))
        self.assertEqual(len(client.jobs()), 1)

    @staticmethod
    def waits_for_a_lock(pid):
        with open("/proc/locks", encoding="utf-8") as locks:
            return any("->" in line and f" {pid} " in line for line in locks)

    def test_reasons_not_to_start_are_exit_codes_and_sentences(self):
        self.assertEqual(self.code_of("--frobnicate"), WRONG_USE)
        self.assertEqual(self.code_of("--service", "--system", f"--state-dir={self.box.folder}/machine"), UNAVAILABLE)
        if os.geteuid() == 0:  # whose rights it would give up for those of that account
            self.assertEqual(self.code_of("--system", "--for=nobody-of-that-name"), NO_SUCH_ACCOUNT)
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True)
        (config / "backhauld.conf").write_text("[Jobs]\nMaxFilesPerJob = many\n")
        done = self.box.run(SERVICE, check=False)
        self.assertEqual(done.returncode, WRONG_SETTINGS)
        self.assertIn("backhauld.conf:2: ", done.stderr)

    def test_a_service_that_cannot_start_leaves_the_reason_and_no_bus(self):
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True)
        (config / "backhauld.conf").write_text("[Jobs]\nMaxFilesPerJob = many\n")
        done = self.box.run(SERVICE, check=False)  # a guardian, and there is no bus
        self.assertEqual(done.returncode, WRONG_SETTINGS)
        self.assertIn("78 ", (self.box.state / "start.failure").read_text())
        self.assertEqual(self.box.processes(), [])
        (config / "backhauld.conf").unlink()
        self.suspended_job(self.client())
        self.assertFalse((self.box.state / "start.failure").exists(), "it did start")

    def test_whoever_waits_for_one_that_systemd_started_hears_why_it_did_not_start(self):
        starter = self.box.folder / "starter"  # as it is there: the bus hears nothing of its end
        starter.write_text(f"#!/bin/sh\nNOTIFY_SOCKET={self.box.folder}/nobody {SERVICE} --service 2>/dev/null &\n")
        starter.chmod(0o755)
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True)
        (config / "backhauld.conf").write_text("[Jobs]\nMaxFilesPerJob = many\n")
        client = self.client(starter)
        with self.assertRaisesRegex(dbus.DBusException, r"backhauld\.conf:2: .* \(exit code 78\)"):
            client.jobs()
        client.close()  # so that it is not waited for
        (config / "backhauld.conf").unlink()
        again = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(again.close)
        wait_for("the name to be free", lambda: not again.owner())
        self.assertEqual(again.jobs(), [])

    def test_nor_is_one_waited_for_that_does_not_know_its_words(self):
        starter = self.box.folder / "starter"
        starter.write_text(f"#!/bin/sh\nNOTIFY_SOCKET={self.box.folder}/nobody {SERVICE} --frobnicate 2>/dev/null &\n")
        starter.chmod(0o755)
        with self.assertRaisesRegex(dbus.DBusException, r"--frobnicate.* \(exit code 64\)"):
            self.client(starter).jobs()

    def test_one_that_a_session_started_makes_no_bus_of_its_own(self):
        self.assertEqual(self.code_of(DBUS_STARTER_ADDRESS=f"unix:path={self.box.folder}/gone"),
                         UNAVAILABLE)
        self.assertFalse((self.box.state / "bus").exists())

    def test_sigterm_to_the_guardian_ends_the_private_bus_too(self):
        guardian = self.box.spawn(SERVICE, stderr=subprocess.DEVNULL)
        wait_for("the service", self.box.service_pid)
        bus = int((self.box.state / "bus/pid").read_text())
        guardian.terminate()
        self.assertEqual(guardian.wait(), 0)
        wait_for_end(bus)
        self.assertEqual(self.box.processes(), [])

    def test_a_service_whose_guardian_was_killed_ends_the_private_bus_in_its_place(self):
        guardian = self.box.spawn(SERVICE, stderr=subprocess.DEVNULL)
        service = wait_for("the service", self.box.service_pid)
        bus = int((self.box.state / "bus/pid").read_text())
        guardian.kill()
        guardian.wait()
        os.kill(service, signal.SIGTERM)
        wait_for_end(bus)
        wait_for_end(service)
        self.assertEqual(self.box.processes(), [])

    def test_nor_does_one_without_work_leave_it(self):
        self.box.env["BACKHAUL_TEST_IDLE_MS"] = "100"
        service = self.box.spawn(TEST_SERVICE, "--service", stderr=subprocess.DEVNULL)
        self.assertEqual(service.wait(60), 0)
        self.assertEqual(self.box.processes(), [])

    def test_a_private_bus_that_nobody_is_left_on_goes_when_a_session_has_the_service(self):
        guardian = self.box.spawn(SERVICE, stderr=subprocess.DEVNULL)
        service = wait_for("the service", self.box.service_pid)
        bus = int((self.box.state / "bus/pid").read_text())
        guardian.kill()
        guardian.wait()
        os.kill(service, signal.SIGKILL)
        wait_for_end(service)
        self.suspended_job(self.client())
        wait_for_end(bus)

    def test_a_guardian_whose_service_was_replaced_steps_aside_without_a_word_of_error(self):
        client = self.client()
        job = self.suspended_job(client)
        service = self.box.service_pid()
        guardian = parent_of(service)
        os.kill(guardian, signal.SIGSTOP)  # the call comes first
        os.kill(service, signal.SIGKILL)
        wait_for("the name to be free", lambda: not client.owner())
        self.assertEqual(client.state(job), SUSPENDED)
        second = self.box.service_pid()
        os.kill(guardian, signal.SIGCONT)
        wait_for_end(guardian)
        self.assertEqual(self.box.service_pid(), second)
        self.assertIn(f"process {second}, serves the queue", self.box.log())
        self.assertNotIn("error:", self.box.log())
        self.assertFalse((self.box.state / "start.failure").exists())

    def test_a_service_that_crashes_with_its_session_does_not_keep_the_queue_from_the_next(self):
        client = self.client()
        job = self.suspended_job(client)
        service, first_bus = self.box.service_pid(), self.box.children[-1]
        guardian = parent_of(service)
        os.kill(service, signal.SIGSTOP)  # or it would end in order when its bus goes
        first_bus.kill()
        first_bus.wait()
        os.kill(service, signal.SIGKILL)
        self.box.use_bus(self.box.start_bus("next"))
        client = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(client.close)
        self.assertEqual(client.state(job), SUSPENDED)
        wait_for_end(guardian)
        self.assertIn("/next", self.box.place()["address"])
        self.assertFalse((self.box.state / "bus/socket").exists(), "no bus of its own")

    def test_a_damaged_queue_is_saved_from_and_told(self):
        client = self.client()
        job = self.suspended_job(client)
        guardian = parent_of(self.box.service_pid())
        os.kill(guardian, signal.SIGSTOP)
        self.box.kill_service()
        (self.box.state / "queue.db").unlink()  # its log is still there
        os.kill(guardian, signal.SIGCONT)
        wait_for("the service to come back", self.box.service_pid)
        self.assertEqual(client.state(job), SUSPENDED)
        waiting = client.get(job, "Waiting")
        self.assertIn("damaged", str(waiting))
        self.assertTrue(list(self.box.state.glob("queue.db.damaged-*")))

    def test_a_file_whose_row_is_lost_keeps_its_job_from_ending_well(self):
        client = self.client()
        origin = self.box.start_origin()
        origin.add("a", 1000)
        files = [(f"{origin.url}/a", self.box.folder / f"home/{name}") for name in "ab"]
        job = client.enqueue(files, start=False, AutoComplete=True)
        os.kill(parent_of(self.box.service_pid()), signal.SIGTERM)
        wait_for("the end", lambda: not client.owner())
        with contextlib.closing(sqlite3.connect(self.box.state / "queue.db")) as database, database:
            database.execute("DELETE FROM file WHERE file_index = 1")
        self.assertEqual(client.state(job), SUSPENDED)
        self.assertIn("files of this job are lost", str(client.get(job, "Waiting")))
        self.assertFalse(client.get(job, "AutoComplete"))
        self.assertEqual(len(client.call(job, "ListFiles", 0, 10, signature="uu")), 2)
        client.call(job, "Start")
        wait_for("ERROR", lambda: client.state(job) == ERROR)
        self.assertIn("what it knew of this file is lost", client.get(job, "Error")[3])
        self.assertNotEqual(client.call(job, "Complete"), 0, "no S_OK")
        self.assertTrue((self.box.folder / "home/a").exists())

    def test_closed_standard_streams_do_no_harm(self):
        self.box.use_bus(self.box.start_bus())
        subprocess.run(["/bin/sh", "-c", f"{SERVICE} --service <&- >&- 2>&- &"],
                       env=self.box.env, check=True)
        wait_for("the service", self.box.service_pid)
        with open(self.box.state / "queue.db", "rb") as database:
            self.assertEqual(database.read(15), b"SQLite format 3")

    def test_a_full_store_refuses_changes_and_recovers(self):
        faults = self.box.folder / "faults"
        faults.mkdir()
        client = self.client(TEST_SERVICE, BACKHAUL_TEST_FAULTS=str(faults),
                             BACKHAUL_TEST_TIME_SCALE="50")
        self.suspended_job(client)
        (faults / "store-full").write_text("")
        with self.assertRaises(Exception) as refused:
            self.suspended_job(client)
        self.assertIn("DISK_FULL", str(refused.exception.get_dbus_name()))
        self.assertEqual(len(client.jobs()), 1)
        (faults / "store-full").unlink()

        def accepted():
            try:
                return self.suspended_job(client)
            except Exception:  # pylint: disable=broad-except
                return None
        wait_for("the store to be tried again", accepted)
        self.box.wait_for_new_service(self.box.kill_service())
        self.assertEqual(len(client.jobs()), 2)

    def test_a_service_that_is_short_of_descriptors_blames_no_job(self):
        client = self.client(TEST_SERVICE, BACKHAUL_TEST_TIME_SCALE="10")
        origin = self.box.start_origin()
        origin.add("file", 1000)
        job = client.enqueue([(origin.url + "/file", self.box.folder / "home/file")], start=False,
                             NoProgressTimeout=dbus.UInt32(0))
        service = self.box.service_pid()
        before = resource.prlimit(service, resource.RLIMIT_NOFILE)
        taken = {int(fd) for fd in os.listdir(f"/proc/{service}/fd")}
        first_free = next(fd for fd in range(before[1]) if fd not in taken)
        resource.prlimit(service, resource.RLIMIT_NOFILE, (first_free, before[1]))
        client.call(job, "Start")
        wait_for("it to say so", lambda: client.get(job, "Waiting")[0] == "shortage")
        self.assertIn("files are open", client.get(job, "Waiting")[4])
        self.assertEqual(client.state(job), QUEUED)
        self.assertEqual(client.get(job, "ErrorCount"), 0)
        resource.prlimit(service, resource.RLIMIT_NOFILE, before)
        wait_for("the file", lambda: client.state(job) == TRANSFERRED)

    def test_a_lost_private_bus_is_replaced_and_the_job_goes_on(self):
        self.box.install_service(SERVICE)
        origin = self.box.start_origin("4m")
        source = origin.add("file", 12 << 20)
        self.box.spawn(SERVICE, stderr=subprocess.DEVNULL)  # there is no bus: it makes one
        place = wait_for("the service", lambda: self.box.service_pid() and self.box.place())
        client = Client(place["address"])
        target = self.box.folder / "home/file"
        client.enqueue([(origin.url + "/file", target)], AutoComplete=True)
        wait_for("the transfer", lambda: list((self.box.folder / "home").glob(".BIT*")))
        bus = int((self.box.state / "bus/pid").read_text())
        origin.hurry()
        os.kill(bus, signal.SIGKILL)
        wait_for("the file", target.exists)
        self.assertEqual(source.read_bytes(), target.read_bytes())
        self.assertNotEqual(self.box.place()["bus-id"], place["bus-id"])


if __name__ == "__main__":
    unittest.main()
