#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What tests/distro/systemd looks at inside of its container, as root: the service of the machine is installed as
backhauld(8) says, and used by ann, who lingers, and ben, who does not. BeforeThePowerFails leaves a transfer under way,
which BehindIt finds."""
import json
import os
import pathlib
import pwd
import re
import subprocess
import unittest

from sandbox import wait_for

SOURCE = pathlib.Path(__file__).parents[2]
ORIGIN = "http://127.0.0.1:8080"
FILES = pathlib.Path("/srv/origin")
SIZES = {"small": 100_000, "large": 12_000_000}
UNITS = ("backhauld.service", "backhaul-launcher.service")
RULES = pathlib.Path("/etc/polkit-1/rules.d/10-test.rules")
MOST_EXPOSED = 2.0
INSTALL = """
cmake --preset release -DBACKHAUL_SYSTEM_SERVICE=ON
cmake --install build/release --prefix /usr --component runtime
ldconfig
systemd-sysusers
systemd-tmpfiles --create backhaul.conf
systemctl daemon-reload
systemctl reload dbus.service
systemctl enable --now backhaul-launcher.socket backhauld.service
"""
REMOVE = """
systemctl disable --now backhaul-launcher.socket backhauld.service
systemctl stop backhaul-launcher.service
cmake -Drecord=build/release/installed.txt -P data/remove.cmake
systemctl daemon-reload
systemctl reload dbus.service
"""
# As backhauld(8) says, with the key of the machine alone: a container has no TPM.
CREDENTIAL = pathlib.Path("/etc/credstore.encrypted/backhaul.key")
KEY = pathlib.Path("/var/lib/backhaul/queue.key")
MAKE_CREDENTIAL = f"""
install -d -m 0700 {CREDENTIAL.parent}
head -c 32 /dev/urandom | systemd-creds encrypt --with-key=host --name=backhaul.key - {CREDENTIAL}
systemctl restart backhauld.service
"""
# Notes what it may do, and where systemd sees it.
WITNESS = """#!/bin/bash
{ id -un; cat /proc/self/cgroup; (exec 3<>/dev/tcp/127.0.0.1/8080) && echo network; } >~/witness.new 2>&1
mv ~/witness.new ~/witness
"""
CLASS = """#!/usr/bin/python3
import pathlib, dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib


class Callback(dbus.service.Object):
    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u")
    def JobTransferred(self, _sequence, job):
        dbus.SystemBus().get_object("org.backhaul.Backhaul1", job).Complete(dbus_interface="org.backhaul.Job1")
        pathlib.Path.home().joinpath("told").touch()
        GLib.idle_add(loop.quit)
        return 0


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
loop, bus = GLib.MainLoop(), dbus.SessionBus()
callback = Callback(dbus.service.BusName("org.example.Told", bus), "/org/example/Told")
loop.run()
"""
TOLD = "notify-service=org.example.Told:/org/example/Told"


def run(*words, check=True, **more):
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done


def all_of(script):
    run("sh", "-eux", "-c", script, cwd=SOURCE)


def as_user(name, script, check=True):
    """In a login session of this one, which ends with the script."""
    home = pwd.getpwnam(name).pw_dir
    return run("systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--uid={name}", "--property=PAMName=login",
               f"--property=WorkingDirectory={home}", f"--setenv=HOME={home}", "sh", "-c", script, check=check)


def backhaul(name, words, check=True):
    return as_user(name, "backhaul --system " + words, check)


def refused(done):
    return "E_ACCESSDENIED" in done.stderr


def jobs():
    return {job["id"]: job for job in json.loads(run("backhaul", "--system", "list", "--all-users", "--json").stdout)}


def main_pid(unit):
    return int(run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout)


def is_active(*units):
    return run("systemctl", "is-active", "--quiet", *units, check=False).returncode == 0


def file_of(user, name):
    return pathlib.Path(pwd.getpwnam(user).pw_dir, name)


def permit(action):
    RULES.write_text("polkit.addRule(function(action, subject) {\n"
                     f'  if (action.id == "{action}" && subject.user == "ben") return polkit.Result.YES;\n}});\n')
    RULES.chmod(0o644)


def enqueue(name, words):
    return backhaul(name, "get --background " + words).stdout.strip()


class BeforeThePowerFails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        FILES.mkdir(parents=True, exist_ok=True)
        for name, size in SIZES.items():
            FILES.joinpath(name).write_bytes(os.urandom(size))
        pathlib.Path("/etc/nginx/conf.d/origin.conf").write_text(
            f"server {{ listen 127.0.0.1:8080; root {FILES};\n"
            f"  location /slow/ {{ alias {FILES}/; limit_rate 400k; }} }}\n")
        for name, text in (("witness", WITNESS), ("told", CLASS)):
            program = pathlib.Path("/usr/local/bin", name)
            program.write_text(text)
            program.chmod(0o755)
        services = pathlib.Path("/usr/local/share/dbus-1/services")
        services.mkdir(parents=True, exist_ok=True)
        services.joinpath("org.example.Told.service").write_text(
            "[D-BUS Service]\nName=org.example.Told\nExec=/usr/local/bin/told\n")
        for name in ("ann", "ben"):
            run("useradd", "--create-home", name, check=False)
        run("loginctl", "enable-linger", "ann")
        run("systemctl", "restart", "nginx")
        all_of(INSTALL)
        # Of the run before, in a root that is used again.
        for job in jobs():
            run("backhaul", "--system", "cancel", "--yes", job)
        for name in ("ann", "ben"):
            for left in ("told", "witness", "class", "over-it"):
                file_of(name, left).unlink(missing_ok=True)

    def setUp(self):
        self.addCleanup(RULES.unlink, missing_ok=True)

    def cancelled(self, user, job):
        self.addCleanup(backhaul, user, f"cancel --yes {job}", False)
        return job

    def test_files_come_to_their_owners_by_processes_without_rights(self):
        for name in ("ann", "ben"):
            backhaul(name, f"get {ORIGIN}/small")
            path = file_of(name, "small")
            self.assertEqual((path.owner(), path.read_bytes()), (name, FILES.joinpath("small").read_bytes()))
        service, launcher = (pathlib.Path(f"/proc/{main_pid(unit)}/status").read_text() for unit in UNITS)
        self.assertRegex(service, r"CapPrm:\t0{16}\nCapEff:\t0{16}\nCapBnd:\t0{16}\n")
        self.assertRegex(launcher, r"CapBnd:\t0{14}c0\n")  # to become the owners
        for unit in UNITS:
            level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", run("systemd-analyze", "security", unit).stdout)
            self.assertLessEqual(float(level[1]), MOST_EXPOSED, unit)

    def test_others_may_what_polkit_permits(self):
        job = self.cancelled("ann", enqueue("ann", f"-o /var/tmp/hers {ORIGIN}/slow/large"))
        for words in (f"status {job}", f"suspend {job}", f"take {job}", "list --all-users", "policy --reload"):
            self.assertTrue(refused(backhaul("ben", words, False)), words)
        self.assertEqual(jobs()[job]["owner"], "ann")
        for action, may, may_not in (("jobs.read", f"status {job}", f"suspend {job}"),
                                     ("jobs.manage", f"suspend {job}", f"take {job}"),
                                     ("policy.reload", "policy --reload", f"status {job}"),
                                     ("jobs.take-ownership", f"take {job}", "policy --reload")):
            permit("org.backhaul." + action)
            wait_for(action, lambda words=may: backhaul("ben", words, False).returncode == 0)
            self.assertTrue(refused(backhaul("ben", may_not, False)), action)
        self.assertEqual(jobs()[self.cancelled("ben", job)]["owner"], "ben")

    def test_a_command_line_is_a_unit_of_its_owner_and_has_a_network(self):
        for begin in ("systemctl --user stop dbus.service", "systemctl --user start dbus.service"):
            with self.subTest(begin):
                as_user("ann", f"rm -f witness; {begin}")
                enqueue("ann", f"-o told-of --set notify-command=/usr/local/bin/witness {ORIGIN}/small")
                wait_for("the command", file_of("ann", "witness").exists)
                said = file_of("ann", "witness").read_text()
                self.assertRegex(said, r"^ann\n(.*\n)*0::/user\.slice/user-\d+\.slice/user@\d+\.service/\S*/backhaul-notify-")
                self.assertTrue(said.endswith("\nnetwork\n"), said)

    def test_a_class_is_told_when_its_owner_logs_on(self):
        job = enqueue("ben", f"-o class --set auto-complete=no --set {TOLD} {ORIGIN}/slow/large")
        # By number: a list of all fails where one of them is just leaving.
        number = run("id", "-u", "ben").stdout.strip()
        wait_for("ben to be logged off", lambda: run("loginctl", "show-user", number, check=False).returncode != 0)
        wait_for("the file", lambda: jobs()[job]["state"] == "transferred")
        self.assertFalse(file_of("ben", "told").exists())
        as_user("ben", "for i in $(seq 300); do [ -e told ] && exit 0; sleep 0.1; done; exit 1")
        wait_for("the job to be completed", lambda: job not in jobs())

    def test_who_is_killed_again_and_again_comes_back(self):
        job = self.cancelled("ann", enqueue("ann", f"-o killed {ORIGIN}/slow/large"))
        for _ in range(8):
            for unit in UNITS:
                wait_for(unit, lambda unit=unit: run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit,
                                                     check=False).returncode == 0)
        wait_for("both", lambda: is_active("backhaul-launcher.socket", *UNITS))
        run("systemctl", "restart", "backhaul-launcher.service")
        backhaul("ann", f"get -o beside {ORIGIN}/small")
        backhaul("ann", f"wait {job}")
        self.assertEqual(file_of("ann", "killed").read_bytes(), FILES.joinpath("large").read_bytes())

    def test_who_waits_for_one_with_wrong_settings_is_told_the_line_and_what_was_put_right_holds_at_once(self):
        for which, do, folder, systemctl in (
                ("--system", all_of, "/etc/backhaul", "systemctl"),
                ("--user", lambda script: as_user("ann", script), "$HOME/.config/backhaul", "systemctl --user")):
            with self.subTest(which):
                self.addCleanup(do, f"rm -f {folder}/backhauld.conf")
                do(f"mkdir -p {folder}; printf '[Jobs]\\nMaxFilesPerJob = many\\n' >{folder}/backhauld.conf; "
                   f"{systemctl} daemon-reload; {systemctl} stop backhauld.service")
                for _ in range(8):  # more often than a unit may be started that has the usual limit
                    done = as_user("ann", f"backhaul {which} list", False)
                    self.assertIn("backhauld.conf:2: MaxFilesPerJob = many: not a number (exit code 78)", done.stderr)
                do(f"rm {folder}/backhauld.conf")
                as_user("ann", f"backhaul {which} list")

    def give_key_back(self):
        settings = pathlib.Path("/etc/backhaul/backhauld.conf.d/credential.conf")
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[Secrets]\nSystemdCreds = no\n")
        run("systemctl", "restart", "backhauld.service")
        length = len(KEY.read_bytes())
        settings.unlink()
        CREDENTIAL.unlink(missing_ok=True)
        run("systemctl", "restart", "backhauld.service")
        self.assertEqual(length, 32)

    def test_a_credential_seals_the_key_of_the_queue_and_gives_it_back(self):
        job = self.cancelled("ann", enqueue("ann", f"-o sealed --header='X-Token: t' {ORIGIN}/slow/large"))
        self.assertEqual(len(KEY.read_bytes()), 32, "the unit begins without one")
        self.addCleanup(self.give_key_back)
        all_of(MAKE_CREDENTIAL)
        self.assertTrue(KEY.read_bytes().startswith(b"credential:"))
        backhaul("ann", f"wait {job}")
        self.assertEqual(file_of("ann", "sealed").read_bytes(), FILES.joinpath("large").read_bytes())

    def test_who_removes_it_and_installs_it_again_finds_the_queue(self):
        job = self.cancelled("ann", enqueue("ann", f"-o kept {ORIGIN}/slow/large"))
        all_of(REMOVE)
        self.assertFalse(pathlib.Path("/usr/bin/backhaul").exists())
        all_of(INSTALL)
        self.assertIn(job, jobs())

    def test_zzz_a_transfer_is_under_way(self):
        job = enqueue("ann", f"-o over-it {ORIGIN}/slow/large")
        wait_for("a part of it", lambda: jobs()[job]["bytes"]["done"] > 1_000_000)
        subprocess.run(["sync"], check=True)


class BehindIt(unittest.TestCase):
    def test_the_transfer_goes_on_by_itself_and_nothing_was_forbidden(self):
        wait_for("the file", file_of("ann", "over-it").exists)
        self.assertEqual(file_of("ann", "over-it").read_bytes(), FILES.joinpath("large").read_bytes())
        journal = run("journalctl", "--no-pager", "-o", "cat").stdout
        self.assertEqual(re.findall(r".*(?:SIGSYS|status=31/SYS|is being disconnected).*", journal), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
