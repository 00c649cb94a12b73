#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The service of the machine: on a system bus with the installed policy, as an account without any
capability, among users who are processes with other uids."""
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import unittest

import dbus

from contract import NAME, SUSPENDED, TRANSFERRED
from sandbox import sha256, wait_for
from system_bus import ANN, BEN, PEOPLE, SERVICE_UID, TEAM, SystemBus, why_not_here

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"
COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
DENIED = "E_ACCESSDENIED"
# What a command sees of that of polkit: it closes a descriptor when it is known there, and stays until it is told to end.
PKTTYAGENT = """#!/usr/bin/python3
import os, signal, sys
def note(line):
    with open(os.path.join(os.path.dirname(sys.argv[0]), "noted"), "a") as file:
        file.write(line + "\\n")
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
note(" ".join(sys.argv[1:-1]))
os.close(int(sys.argv[-1]))
signal.sigwait({signal.SIGTERM})
note("ended")
"""


@unittest.skipIf(why_not_here(), why_not_here())
class SystemService(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.box = self.bus.box
        self.addCleanup(self.bus.close)
        self.root = dbus.bus.BusConnection(self.bus.address)
        self.addCleanup(self.root.close)

    def asked_of_bus(self, method, *arguments):
        return getattr(self.root.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus", introspect=False),
                       method)(*arguments, dbus_interface="org.freedesktop.DBus")

    def serving(self):
        """The process that has the name; 0: none."""
        try:
            return int(self.asked_of_bus("GetConnectionUnixProcessID", NAME))
        except dbus.DBusException:
            return 0

    def start(self, **options):
        service = self.bus.start_service(**options)
        wait_for("the service", lambda: self.serving() or service.poll() is not None)
        self.assertTrue(self.serving(), self.bus.said())
        return service

    def have_a_session(self):
        """With a service of one's own."""
        self.box.install_service(SERVICE)
        self.box.use_bus(self.box.start_bus())

    def error(self, answer):
        self.assertIsInstance(answer, dict, answer)
        return answer["error"]

    def command(self, *words, **env):
        return subprocess.run([COMMAND, *words], env=dict(self.box.env, **env), text=True, capture_output=True,
                              check=False, timeout=60, stdin=subprocess.DEVNULL, cwd=self.box.folder)

    def command_of_everybody(self):
        """Where others may enter, with its library, and the environment that finds that."""
        program = pathlib.Path(shutil.copy(COMMAND, self.box.folder / "backhaul"))
        needs = subprocess.run(["ldd", COMMAND], text=True, capture_output=True, check=True).stdout
        shutil.copy(re.search(r"(/\S*/libbackhaul\.so\S*)", needs)[1], self.box.folder / "libbackhaul.so.0")
        return program, dict(self.box.env, HOME="/nonexistent", LD_LIBRARY_PATH=str(self.box.folder))

    def on_terminal_of_ben(self):
        """A function that begins the command there, and one that tells what the agent beside it noted."""
        folder = self.box.folder / "agents"
        folder.mkdir()
        os.chown(folder, BEN, BEN)
        (folder / "pkttyagent").write_text(PKTTYAGENT)
        (folder / "pkttyagent").chmod(0o755)
        program, env = self.command_of_everybody()
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        streams = {"stdin": slave, "stdout": slave, "stderr": slave}

        def begin(*words, **others):
            process = subprocess.Popen(self.bus.as_account(BEN, program, "--system", *words), cwd="/", start_new_session=True,
                                       env=dict(env, PATH=f"{folder}:{env['PATH']}"), **{**streams, **others})
            self.addCleanup(lambda: (process.kill(), process.wait()))
            return process

        def noted():
            return (folder / "noted").read_text().splitlines() if (folder / "noted").exists() else []
        return begin, noted

    def monitor(self, uid, *words):
        """The process, and a function that waits for an event and gives the name of its job."""
        program, env = self.command_of_everybody()
        process = subprocess.Popen(self.bus.as_account(uid, program, "--system", "monitor", "--json", *words), env=env,
                                   text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd="/")
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        names = {}

        def told(wanted):
            for line in process.stdout:
                event = json.loads(line)
                job = event["job"]
                names[job["id"]] = job.get("name", names.get(job["id"]))
                if event["event"] == wanted:
                    return names[job["id"]]
            return process.stderr.read()
        return process, told

    def test_who_may_see_the_jobs_of_others_without_being_told_of_them_has_a_monitor_that_reads(self):
        self.start()
        polkit = self.bus.polkit()
        polkit.says("yes")
        ann = self.bus.actor(ANN)
        ann.create("first")
        process, told = self.monitor(BEN, "--all-users")
        self.assertEqual(told("added"), "first")
        later = ann.create("later")
        self.assertEqual(told("added"), "later")
        ann.do("call", later, "Cancel", "")
        self.assertEqual(told("removed"), "later")
        polkit.says("no")
        self.assertEqual(process.wait(timeout=60), 6)
        # A person was asked for a password at the beginning, and not every two seconds.
        self.assertEqual([asked["flags"] for asked in (polkit.asked[0], polkit.asked[-1])], [1, 0])

    def test_on_a_terminal_an_agent_is_there_that_asks_for_the_password_which_polkit_wants(self):
        self.start()
        polkit = self.bus.polkit()
        polkit.says("yes")
        hers = self.bus.actor(ANN).create("hers").rsplit("/", 1)[1]
        begin, noted = self.on_terminal_of_ben()
        for words, others in ((["list"], {}), (["status", hers, "--json"], {}), (["status", hers, "--no-ask-password"], {}),
                              (["status", hers], {"stdin": subprocess.DEVNULL}), (["status", hers], {"stdout": subprocess.DEVNULL})):
            self.assertEqual(begin(*words, **others).wait(timeout=60), 0, words)
            self.assertEqual(noted(), [], words)
        polkit.says("later")
        asking = begin("status", hers)
        self.assertEqual(polkit.wait_for_question()["flags"], 1)
        known = f"--process {asking.pid} --fallback --notify-fd"
        self.assertEqual(noted(), [known], "before the call is made")
        polkit.says("yes")
        self.assertEqual(asking.wait(timeout=60), 0)
        self.assertEqual(noted(), [known, "ended"])
        killed = begin("monitor", "--all-users")
        wait_for("the agent", lambda: len(noted()) == 3)
        killed.kill()
        wait_for("it to end as well", lambda: noted()[-1] == "ended")

    def test_a_job_that_somebody_else_takes_over_leaves_the_monitor_of_root(self):
        self.start()
        polkit = self.bus.polkit()
        job = self.bus.actor(0).create("of root")
        _, told = self.monitor(0)
        self.assertEqual(told("added"), "of root")
        polkit.says("yes")
        self.assertEqual(self.bus.actor(ANN).do("call", job, "TakeOwnership", ""), "ok")
        self.assertEqual(told("removed"), "of root")

    def test_everybody_has_their_own_jobs_and_root_has_all(self):
        self.start()
        ann, ben, root = (self.bus.actor(uid) for uid in (ANN, BEN, 0))
        ben.do("listen")
        root.do("listen")
        ann.do("listen")
        ben.jobs()  # from now on it is a caller, and would be told
        root.jobs()
        hers, his = ann.create("hers"), ben.create("his")
        self.assertEqual((ann.jobs(), ben.jobs(), root.jobs()), ([hers], [his], []))
        self.assertEqual(root.jobs(AllUsers=True), sorted([hers, his]))
        self.assertEqual(self.error(ann.jobs(AllUsers=True)), DENIED)
        self.assertEqual(ann.do("manager", "GetJob", hers.rsplit("/", 1)[1].replace("_", "-"), "s"), hers)
        for step in (("call", hers, "Suspend", ""), ("call", hers, "Cancel", ""), ("call", hers, "TakeOwnership", ""),
                     ("get", hers, "Name"), ("set", hers, "Name", "mine"),
                     ("call", hers, "SetNotifyCommand", "/bin/true", "true", "ss")):
            self.assertEqual(self.error(ben.do(*step)), DENIED, step)
        self.assertEqual(ann.do("set", hers, "Name", "still hers"), "ok")
        self.assertEqual(root.do("set", hers, "Description", "seen by root"), "ok")
        self.assertEqual(ann.do("get", hers, "Description"), "seen by root")
        # Nobody hears of the jobs of others.
        self.assertEqual({job for _, job in ben.do("heard")}, {his})
        self.assertIn(hers, {job for _, job in ann.do("heard")})
        self.assertNotIn(his, {job for _, job in ann.do("heard")})
        self.assertTrue({hers, his} <= {job for _, job in root.do("heard")})
        self.assertEqual(root.do("call", hers, "TakeOwnership", ""), "ok")
        self.assertEqual((ann.jobs(), root.jobs()), ([], [hers]))
        self.assertEqual(self.error(ann.do("get", hers, "Name")), DENIED)

    def test_it_acts_for_its_own_account_alone_and_tells_objects(self):
        self.start()
        origin = self.box.start_origin()
        source = origin.add("a", 300_000)
        place = self.box.folder / "downloads"
        place.mkdir()
        os.chown(place, SERVICE_UID, SERVICE_UID)
        ann = self.bus.actor(ANN)
        refused = ann.do("enqueue", "hers", [[origin.url + "/a", str(place / "a")]], False)
        self.assertEqual(self.error(refused), DENIED)
        self.assertIn(f"user {ANN}", refused["text"])
        account = self.bus.actor(SERVICE_UID)
        job = account.do("enqueue", "own", [[origin.url + "/a", str(place / "a")]], False)
        self.assertEqual(account.do("object", job), "ok")
        account.do("call", job, "Start", "")
        self.assertEqual(account.do("pump"), [["transferred", job]], self.bus.said())
        self.assertEqual(account.do("get", job, "State"), TRANSFERRED)
        account.do("call", job, "Complete", "")
        self.assertEqual(sha256(place / "a"), sha256(source))
        self.assertEqual((place / "a").stat().st_uid, SERVICE_UID)

    def test_with_a_launcher_files_are_those_of_their_owners(self):
        self.bus.start_launcher()
        self.start()
        origin = self.box.start_origin()
        source = origin.add("a", 300_000)
        places = {}
        for uid in (ANN, BEN):
            places[uid] = self.box.folder / f"home{uid}"
            places[uid].mkdir(mode=0o700)
            os.chown(places[uid], uid, uid)
        ann, ben = self.bus.actor(ANN), self.bus.actor(BEN)
        # Where the other one may not write is refused at once, with the rights of who asks.
        refused = ben.do("enqueue", "a robbery", [[origin.url + "/a", str(places[ANN] / "b")]], False)
        self.assertEqual(self.error(refused), DENIED)
        for uid, actor in ((ANN, ann), (BEN, ben)):
            job = actor.do("enqueue", "own", [[origin.url + "/a", str(places[uid] / "a")]], False)
            self.assertEqual(actor.do("object", job), "ok")
            actor.do("call", job, "Start", "")
            self.assertEqual(actor.do("pump"), [["transferred", job]], self.bus.said())
            # Whoever completes it, it is the owner's: root too.
            self.bus.actor(0 if uid == BEN else uid).do("call", job, "Complete", "")
            self.assertEqual(sha256(places[uid] / "a"), sha256(source))
            self.assertEqual((places[uid] / "a").stat().st_uid, uid)
            self.assertEqual([file.name for file in places[uid].iterdir()], ["a"])

    def processes(self):
        """Those of the program under test: uid and parent. They live among mounts of their own, where a path
        need not read as it does here."""
        found = {}
        program = os.stat(self.bus.program)
        for folder in pathlib.Path("/proc").iterdir():
            try:
                if os.path.samestat(os.stat(folder / "exe"), program):
                    told = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
                    found[int(folder.name)] = (int(told["Uid"].split()[0]), int(told["PPid"]))
            except (OSError, ValueError):
                pass
        return found

    def test_without_systemd_the_guardian_of_root_starts_the_launcher_and_gives_up_its_rights(self):
        with open(self.bus.log, "a", encoding="utf-8") as log:
            guardian = self.box.spawn(
                *self.bus.inside(self.bus.program, "--system", f"--for={SERVICE_UID}",
                                 f"--launcher-socket={self.box.folder}/launcher"), stderr=log,
                env=dict(self.box.env, STATE_DIRECTORY=str(self.bus.state)))
        wait_for("the service", self.serving)
        status = pathlib.Path(f"/proc/{self.serving()}/status").read_text()
        for line in ("CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000",
                     "NoNewPrivs:\t1", f"Uid:\t{SERVICE_UID}\t{SERVICE_UID}\t{SERVICE_UID}\t{SERVICE_UID}"):
            self.assertIn(line, status)
        second = subprocess.run(
            self.bus.inside(self.bus.program, "--system", f"--for={SERVICE_UID}",
                            f"--launcher-socket={self.box.folder}/launcher"),
            env=dict(self.box.env, STATE_DIRECTORY=str(self.bus.state)), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=60)
        self.assertEqual(second.returncode, os.EX_TEMPFAIL, second.stderr)
        self.assertIn("somebody listens", second.stderr)
        # The first one still has its launcher.
        origin = self.box.start_origin()
        source = origin.add("a", 300_000)
        places = self.places()
        ann = self.bus.actor(ANN)
        job = ann.do("enqueue", "hers", [[origin.url + "/a", str(places[ANN] / "a")]], True)
        wait_for(self.bus.with_log("the file"), lambda: ann.do("get", job, "State") == TRANSFERRED)
        # A launcher that dies comes back, and so does a service.
        first, found = self.serving(), self.processes()
        launchers = [pid for pid, (uid, parent) in found.items() if uid == 0 and found.get(parent, (1,))[0] == 0]
        self.assertEqual(len(launchers), 1, found)
        for pid in [*launchers, first]:
            os.kill(pid, signal.SIGKILL)
        wait_for("it to be back", lambda: self.serving() not in (0, first))
        wait_for("the end", lambda: ann.do("call", job, "Complete", "") == "ok")
        self.assertEqual(sha256(places[ANN] / "a"), sha256(source))
        guardian.terminate()
        guardian.wait(timeout=60)
        wait_for("all of them to be gone", lambda: not self.processes())

    def test_a_unit_of_a_timer_enqueues_and_the_service_does_the_rest(self):
        self.bus.start_launcher()
        service = self.start()
        origin = self.box.start_origin(rate="200k")
        source = origin.add("a", 400_000)
        place = self.places()[ANN]
        # What the unit of examples/systemd does, as its account, with another address and place.
        unit = (EXAMPLES / "systemd/mirror-list.service").read_text()
        words = re.search(r"^ExecStart=/usr/local/bin/backhaul (.*)$", unit, re.M)[1].split()
        words = [{"/srv/mirror/list.gz": str(place / "list"), "https://www.example.org/list.gz": origin.url + "/a"}.get(
            word, word) for word in words]
        program, env = self.command_of_everybody()
        done = subprocess.run(self.bus.as_account(ANN, program, *words), env=env, text=True, capture_output=True, check=False, timeout=60, cwd="/",
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stderr)
        service.kill()
        service.wait(timeout=60)
        origin.hurry()
        self.start()
        wait_for(self.bus.with_log("the file"), (place / "list").exists)
        self.assertEqual(sha256(place / "list"), sha256(source))
        self.assertEqual((place / "list").stat().st_uid, ANN)

    def test_a_restarted_service_goes_on_with_the_files_of_everybody(self):
        launcher = self.bus.start_launcher()
        service = self.start()
        origin = self.box.start_origin(rate="200k")
        source = origin.add("a", 600_000)
        place = self.box.folder / "hers"
        place.mkdir(mode=0o700)
        os.chown(place, ANN, ANN)
        ann = self.bus.actor(ANN)
        job = ann.do("enqueue", "hers", [[origin.url + "/a", str(place / "a")]], True)
        wait_for("bytes", lambda: any(file.stat().st_size for file in place.iterdir()))
        for process in (service, launcher):
            process.kill()
            process.wait(timeout=60)
        self.bus.launcher_socket.unlink(missing_ok=True)
        self.bus.start_launcher()
        origin.hurry()
        self.start()
        wait_for("the end", lambda: ann.do("get", job, "State") == TRANSFERRED)
        self.assertEqual(ann.do("call", job, "Complete", ""), "ok")
        self.assertEqual(sha256(place / "a"), sha256(source))
        self.assertEqual((place / "a").stat().st_uid, ANN)

    def test_an_account_that_goes_takes_its_jobs_out_of_service(self):
        self.bus.start_launcher()
        service = self.start()
        origin = self.box.start_origin(rate="200k")
        source = origin.add("a", 1_200_000)
        place = self.box.folder / "hers"
        place.mkdir(mode=0o700)
        os.chown(place, ANN, ANN)
        ann, root = self.bus.actor(ANN), self.bus.actor(0)
        job = ann.do("enqueue", "hers", [[origin.url + "/a", str(place / "a")]], True)
        kind = lambda: root.do("get", job, "Waiting")[0]
        wait_for("bytes", lambda: any(file.stat().st_size for file in place.iterdir()))
        # Another person gets the number.
        self.bus.write_accounts({**{name: uid for name, uid in PEOPLE.items() if uid != ANN}, "eve": ANN})
        wait_for("it to be noticed", lambda: kind() == "account")
        self.assertEqual(root.do("get", job, "State"), SUSPENDED)
        self.assertIn("is eve now, and was ann", self.bus.said())
        eve = self.bus.actor(ANN)
        self.assertEqual(eve.jobs(), [])
        for step in (("get", job, "Name"), ("call", job, "Start", ""), ("call", job, "Cancel", "")):
            self.assertEqual(self.error(eve.do(*step)), DENIED, step)
        for step in ("Start", "Complete"):
            self.assertEqual(self.error(root.do("call", job, step, "")), DENIED)
        # Over a restart as well, whoever ended it.
        service.kill()
        service.wait(timeout=60)
        self.start()
        wait_for("it to be noticed again", lambda: kind() == "account")
        self.assertFalse((place / "a").exists())
        self.bus.write_accounts(PEOPLE)
        wait_for("her to be back", lambda: kind() == "start")
        origin.hurry()
        self.assertEqual(self.bus.actor(ANN).do("call", job, "Start", ""), "ok")
        wait_for("the end", lambda: root.do("get", job, "State") == TRANSFERRED)
        root.do("call", job, "Complete", "")
        self.assertEqual(sha256(place / "a"), sha256(source))
        self.assertEqual((place / "a").stat().st_uid, ANN)

    def places(self):
        """A folder for each of them."""
        places = {}
        for uid in (ANN, BEN):
            places[uid] = self.box.folder / f"home{uid}"
            places[uid].mkdir(mode=0o700)
            os.chown(places[uid], uid, uid)
        return places

    def test_n117_a_command_line_runs_as_the_user_who_set_it(self):
        self.bus.start_launcher()
        self.start()
        origin = self.box.start_origin()
        origin.add("a", 1000)
        witness = self.box.folder / "witness"
        witness.write_text("#!/bin/sh\n{ id -u; id -g; id -G; umask; grep NoNewPrivs /proc/self/status; env; } "
                           '> "$1.new" && mv "$1.new" "$1"\n')
        witness.chmod(0o755)
        for uid, place in self.places().items():
            actor = self.bus.actor(uid)
            job = actor.do("enqueue", "own", [[origin.url + "/a", str(place / "a")]], False)
            actor.do("call", job, "SetNotifyCommand", str(witness), f"witness {place}/said", "ss")
            actor.do("call", job, "Start", "")
            wait_for(self.bus.with_log("the program"), (place / "said").exists)
            lines = (place / "said").read_text().splitlines()
            groups = f"{ANN} {TEAM}" if uid == ANN else str(BEN)
            self.assertEqual(lines[:3], [str(uid), str(uid), groups])
            self.assertEqual(int(lines[3], 8), 0o027 if uid == ANN else 0o022)
            self.assertEqual(lines[4], "NoNewPrivs:\t1")
            environment = dict(line.split("=", 1) for line in lines[5:])
            self.assertEqual(environment["USER"], {ANN: "ann", BEN: "ben"}[uid])
            self.assertEqual(environment["HOME"], "/nonexistent")
            self.assertNotIn("STATE_DIRECTORY", environment)
            self.assertEqual((place / "said").stat().st_uid, uid)

    def test_n116_no_command_line_runs_as_root_or_a_service(self):
        self.start()
        for uid, barred in ((0, "account"), (ANN, "")):
            actor = self.bus.actor(uid)
            job = actor.create("own")
            actor.do("call", job, "SetNotifyCommand", "/bin/true", "true", "ss")
            self.assertEqual(actor.do("get", job, "NotifyCommandBarred"), barred)

    def test_n17_n115_callbacks_are_set_by_who_may_and_the_object_outlives_the_owner(self):
        self.start()
        ann, ben, root = self.bus.actor(ANN), self.bus.actor(BEN), self.bus.actor(0)
        hers = ann.create("hers")
        self.assertEqual(self.error(ben.do("object", hers)), DENIED)
        self.assertEqual(ann.do("object", hers), "ok")
        ann.do("call", hers, "SetNotifyCommand", "/bin/true", "true", "ss")
        self.assertEqual(root.do("call", hers, "TakeOwnership", ""), "ok")
        self.assertEqual(root.do("get", hers, "NotifyCommand"), ["", ""])
        self.assertTrue(root.do("get", hers, "NotifyObject")[0])
        root.do("set", hers, "Name", "taken over")  # changes nothing of it
        self.assertTrue(root.do("get", hers, "NotifyObject")[0])

    def test_n63_callbacks_of_one_user_that_hang_keep_nobody_elses_waiting(self):
        self.bus.start_launcher()
        self.start()
        origin = self.box.start_origin()
        origin.add("a", 1000)
        places = self.places()
        ann, ben, root = self.bus.actor(ANN), self.bus.actor(BEN), self.bus.actor(0)
        hers = []
        for i in range(6):  # more than may be told at once; she answers none of them
            hers.append(ann.do("enqueue", "hers", [[origin.url + "/a", str(places[ANN] / f"a{i}")]], False))
            self.assertEqual(ann.do("object", hers[-1], f"/callback{i}"), "ok")
            ann.do("call", hers[-1], "Start", "")
        for job in hers:
            wait_for("hers", lambda job=job: root.do("get", job, "State") == TRANSFERRED)
        his = ben.do("enqueue", "his", [[origin.url + "/a", str(places[BEN] / "a")]], False)
        self.assertEqual(ben.do("object", his), "ok")
        ben.do("call", his, "Start", "")
        self.assertEqual(ben.do("pump"), [["transferred", his]], self.bus.said())

    def test_programs_are_not_made_activatable_through_it(self):
        self.start()
        for uid in (ANN, 0):
            refused = self.bus.actor(uid).do("manager", "RegisterClass", "org.example.Mine", ["/bin/true"], "sas")
            self.assertEqual(self.error(refused), DENIED)
            self.assertIn("system bus", refused["text"])

    def test_nobody_else_takes_its_name(self):
        self.start()
        status = pathlib.Path(f"/proc/{self.serving()}/status").read_text()
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1",
                     f"Uid:\t{SERVICE_UID}\t{SERVICE_UID}\t{SERVICE_UID}\t{SERVICE_UID}"):
            self.assertIn(line, status)
        thief = self.bus.start_service(uid=ANN, state=self.bus.state_folder("other", ANN))
        self.assertNotEqual(thief.wait(timeout=60), 0)

    def test_the_bus_starts_it_and_the_guardian_brings_it_back(self):
        self.bus.install_activation()
        ann = self.bus.actor(ANN)
        job = ann.create("lasting")
        first = self.serving()
        os.kill(first, signal.SIGKILL)
        wait_for("it to be back", lambda: self.serving() not in (0, first))
        self.assertEqual(ann.jobs(), [job])
        self.assertEqual((self.bus.state / "queue.db").stat().st_uid, SERVICE_UID)
        self.assertEqual((self.bus.state / "queue.db").stat().st_mode & 0o077, 0)

    def test_who_waits_for_one_that_cannot_start_is_told_why_and_what_was_put_right_holds_at_once(self):
        self.bus.install_activation(hears=False)
        for wrong in ("many", "few"):
            self.bus.write_settings(f"[Jobs]\nMaxFilesPerJob = {wrong}\n")
            done = self.command("--system", "list")
            self.assertEqual(done.returncode, 7, done.stderr)
            self.assertIn(f"backhauld.conf:2: MaxFilesPerJob = {wrong}: not a number (exit code 78)", done.stderr)
        self.bus.write_settings("")
        self.assertEqual(self.command("--system", "list").stdout, "no jobs\n", self.bus.said())

    def test_it_comes_back_to_a_bus_that_was_restarted(self):
        guardian = self.bus.start_service(guardian=True)
        wait_for("the service", self.serving)
        job = self.bus.actor(ANN).create("over there")
        self.bus.actors.pop().close()
        self.root.close()
        self.bus.stop()
        self.bus.start()
        self.root = dbus.bus.BusConnection(self.bus.address)
        wait_for("it to be there", self.serving)
        self.assertEqual(self.bus.actor(ANN).jobs(), [job])
        self.assertIsNone(guardian.poll())

    def test_the_command_finds_it_and_root_by_default(self):
        self.have_a_session()
        done = self.command("--system", "list")
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("not installed", done.stderr)
        self.start()
        ann = self.bus.actor(ANN)
        hers = ann.create("hers")
        made = self.command("create", "of root")  # root, and it is installed
        self.assertEqual(made.returncode, 0, made.stderr)
        listed = json.loads(self.command("--system", "list", "--all-users", "--json").stdout)
        self.assertEqual({job["name"] for job in listed}, {"hers", "of root"})
        self.assertEqual(json.loads(self.command("--user", "list", "--json").stdout), [])
        told = self.command("list", "--json")  # the own service runs, with an empty queue
        self.assertNotIn("unfinished jobs", told.stderr)
        self.assertEqual([job["name"] for job in json.loads(told.stdout)], ["of root"])
        # The command that helps is typed elsewhere, perhaps by somebody with another default.
        self.assertIn("add a file: backhaul --system add ", self.command("start", "name:of root").stderr)
        mine = self.command("--user", "create", "own")
        self.assertEqual(mine.returncode, 0, mine.stderr)
        # A job in the own queue is finished first, and that is said.
        told = self.command("list", "--json")
        self.assertEqual([job["name"] for job in json.loads(told.stdout)], ["own"])
        self.assertIn("unfinished jobs", told.stderr)
        self.assertIn("add a file: backhaul --user add ", self.command("start", "name:own").stderr)
        asked = self.command("list", "--json", BACKHAUL_INSTANCE="system")
        self.assertEqual([job["name"] for job in json.loads(asked.stdout)], ["of root"])
        both = json.loads(self.command("list", "--all-instances", "--json").stdout)
        self.assertEqual([[job["name"] for job in both[one]] for one in ("user", "system")], [["own"], ["of root"]])
        shown = self.command("list", "--all-instances").stdout
        self.assertLess(shown.index("own"), shown.index("of root"))
        self.assertEqual(self.command("--user", "--system", "list").returncode, 2)
        self.assertEqual(ann.do("get", hers, "State"), SUSPENDED)

    def test_a_program_written_for_bits_gets_the_one_that_it_asks_for(self):
        self.have_a_session()
        self.start()

        def made(*words, **env):
            done = subprocess.run([os.environ["BACKHAUL_BITS_PROGRAM"], *words], env=dict(self.box.env, **env),
                                  capture_output=True, text=True, check=False, timeout=60)
            return done.stdout.split()
        ok, changed = "00000000", "80010106"
        self.assertEqual(made("by call", "system"), [ok, ok, ok])
        self.assertEqual(made("by environment", BACKHAUL_INSTANCE="system"), [ok, changed])
        self.assertEqual(made("own", BACKHAUL_INSTANCE="user"), [ok, changed])
        names = lambda *words: [job["name"] for job in json.loads(self.command(*words, "list", "--json").stdout)]
        self.assertEqual(names("--system"), ["by call", "by environment"])
        self.assertEqual(names("--user"), ["own"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
