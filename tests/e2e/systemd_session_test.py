#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A session as systemd makes it: a user manager, a bus whose services it starts, backhauld as its unit.
The service is killed and systemd brings it back; the class of the job is started as a unit too.
Needs the right to make a mount namespace and control groups: skipped, loudly, without."""
import os
import pathlib
import shutil
import subprocess
import unittest

from sandbox import Sandbox, sha256, wait_for

ROOT = pathlib.Path(__file__).parents[2]
MANAGER = "/lib/systemd/systemd"
# A manager wants to believe that the machine was booted with systemd, and takes the control group in
# which it begins for its own, with everybody in it: so it begins in a new one.
START = """
for group; do mkdir "$group" && { echo $$ > "$group/cgroup.procs"; } 2>/dev/null; done
mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec """ + MANAGER + " --user"


def hierarchies():
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, where, kind, options, *_ = line.split(" ")
        if kind in ("cgroup", "cgroup2") and "rw" in options.split(","):
            yield pathlib.Path(where)


class Session(Sandbox):
    """A sandbox whose bus is the one of a user manager."""

    def __enter__(self):
        self.groups = [h / self.folder.name for h in hierarchies()]
        self.install_units()
        self.spawn("unshare", "--mount", "sh", "-c", START, "sh", *self.groups,
                   stdout=subprocess.DEVNULL,
                   env={**self.env, "SYSTEMD_UNIT_PATH": f"{self.prefix}/lib/systemd/user:",
                        "SYSTEMD_LOG_TARGET": "null"})
        bus = self.folder / "run/bus"
        self.use_bus(f"unix:path={bus}")
        try:
            wait_for("the bus of the session", bus.exists, limit=15)
            wait_for("systemd on it", self.has_systemd, limit=15)
        except AssertionError as problem:
            self.close()
            raise unittest.SkipTest(f"no user manager comes up here: {problem}")
        return self

    def has_systemd(self):
        answer = self.run("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus",
                          "/", "org.freedesktop.DBus.NameHasOwner",
                          "string:org.freedesktop.systemd1", check=False)
        return "true" in answer.stdout

    def install_units(self):
        """The installation as in a prefix that systemd knows, which is not ours to write to."""
        prefix = self.folder / "prefix"
        shutil.copytree(self.prefix, prefix)
        subprocess.run(["cmake", f"-DCMAKE_INSTALL_PREFIX={prefix}", f"-Ddata={ROOT}/data",
                        "-Dunits=ON", "-Dlibexec_folder=libexec", "-Ddata_folder=share", "-P",
                        ROOT / "data/install_generated.cmake"], check=True, capture_output=True)
        self.move_prefix(prefix)

    def close(self):
        super().close()
        for top in self.groups:
            for group in sorted(filter(pathlib.Path.is_dir, [top, *top.rglob("*")]),
                                key=lambda p: -len(p.parts)):
                wait_for(f"{group} to be empty", lambda: self.removed(group))

    @staticmethod
    def removed(group):
        try:
            group.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return False  # the kernel is still taking leave of a process
        return True

    def unit_of(self, pid):
        """Of the control group that the process is in."""
        for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            if line.endswith(".service"):
                return line.rsplit("/", 1)[1]
        return ""


def missing():
    if os.geteuid() != 0:
        return "not root"
    if not pathlib.Path(MANAGER).exists() or \
            not pathlib.Path("/usr/lib/systemd/user/dbus.service").exists():
        return "systemd or its user bus (dbus-user-session) is not installed"
    if subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/run"],
                      capture_output=True, check=False).returncode != 0:
        return "no right to make a mount namespace"
    if not any(hierarchies()):
        return "no right to make control groups"
    return ""


class SystemdSession(unittest.TestCase):
    def test_service_and_class_are_units_and_the_service_comes_back(self):
        with Session(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin("10m")
            source = origin.add("file", 48 << 20)
            target = box.folder / "home/file"
            seen = box.folder / "home/units"
            # The class notes its control group, and is the example then.
            program = box.folder / "home/notify"
            program.write_text(f"#!/bin/sh\ncat /proc/self/cgroup >> {seen}\n"
                               f"exec {ROOT}/examples/notify.py --serve\n")
            program.chmod(0o755)
            box.run(ROOT / "examples/notify.py", origin.url + "/file", target)
            box.run("backhaul", "class", "add", "org.example.Notify", "--exec", program)
            unit = box.folder / "home/data/systemd/user/dbus-org.example.Notify.service"
            self.assertTrue(unit.exists())
            self.assertEqual(box.unit_of(box.service_pid()), "backhauld.service")
            part = wait_for("the part", lambda: next((box.folder / "home").glob(".BIT*"), None))
            wait_for("some of it", lambda: part.stat().st_size > 8 << 20)
            origin.hurry()
            box.wait_for_new_service(box.kill_service())
            wait_for("the file, completed by the example", target.exists)
            self.assertEqual(box.unit_of(box.service_pid()), "backhauld.service")
            self.assertIn("dbus-org.example.Notify.service", seen.read_text())
            self.assertEqual(sha256(source), sha256(target))

    def test_a_command_line_is_a_transient_unit_without_new_privileges(self):
        with Session(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin()
            origin.add("file", 1 << 10)
            seen = box.folder / "home/seen"
            program = box.folder / "home/told"
            program.write_text(f"""#!/bin/sh
test -e {seen} || {{ : > {seen}; exit 3; }}
{{ cat /proc/self/cgroup; grep NoNewPrivs /proc/self/status; printf '<%s>' "$@"; }} >> {seen}
""")
            program.chmod(0o755)
            job = box.run("backhaul", "create", "job").stdout.strip()
            box.run("backhaul", "add", job, origin.url + "/file", box.folder / "home/file")
            box.run("backhaul", "set", job, "retry-delay=5",
                    f"notify-command={program} $HOME %h \"a b\"")
            box.run("backhaul", "start", job)
            # It fails the first time, and is run again.
            wait_for("the program to end well", lambda: seen.exists() and "<a b>" in seen.read_text())
            text = seen.read_text()
            self.assertIn(f"/backhaul-notify-{job}-", text)
            self.assertRegex(text, r"NoNewPrivs:\s1")
            self.assertTrue(text.endswith("<$HOME><%h><a b>"), text)
            failed = box.run("systemctl", "--user", "list-units", "--all", "--no-legend", "--plain",
                             "backhaul-notify-*", check=False)
            self.assertEqual(failed.stdout, "")


if __name__ == "__main__":
    if reason := missing():
        print(f"SKIPPED: {reason}")
        raise SystemExit(77)
    unittest.main(verbosity=2)
