# SPDX-License-Identifier: Apache-2.0
"""A system bus of a test's own: the dbus-daemon of this machine with the policy that Debian ships for system
buses and the one that we install, in a mount namespace whose /etc/passwd knows the account of the service and a
few people. Whoever speaks on it is a process with that uid."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import dbus

from sandbox import Sandbox, wait_for

DATA = pathlib.Path(__file__).parents[2] / "data/system"
SERVICE_UID, ANN, BEN, OTA = 64000, 64001, 64002, 64003
TEAM = 64010  # a group that ann is in
PEOPLE = {"backhaul": SERVICE_UID, "ann": ANN, "ben": BEN, "ota": OTA}


def why_not_here():
    """A reason to skip; None: it can be had."""
    if os.geteuid() != 0:
        return "SKIPPED LOUDLY: only root can be other users"
    if subprocess.run(["unshare", "-m", "--propagation", "private", "true"], check=False,
                      capture_output=True).returncode != 0:
        return "SKIPPED LOUDLY: no mount namespace can be made here"
    if not pathlib.Path("/usr/share/dbus-1/system.conf").exists():
        return "SKIPPED LOUDLY: there is no system.conf of dbus-daemon"
    return None


class Actor:
    """A user who speaks on the bus by dbus-python, one call after the other."""

    def __init__(self, bus, uid):
        # The checkout may be where others cannot enter, below a home.
        folder = bus.box.folder / "actor"
        if not folder.exists():
            folder.mkdir(mode=0o755)
            for name in ("actor.py", "contract.py"):
                shutil.copy(pathlib.Path(__file__).with_name(name), folder)
                (folder / name).chmod(0o644)
        self.process = subprocess.Popen(
            [sys.executable, str(folder / "actor.py")], text=True,
            env=dict(bus.box.env, PYTHONPATH=str(folder), HOME="/nonexistent"),
            user=uid, group=uid, extra_groups=[], cwd="/",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def do(self, *step):
        """The answer, or the last word of the name of an error as {"error": …, "text": …}."""
        self.begin(*step)
        return self.answer()

    def begin(self, *step):
        self.process.stdin.write(json.dumps(step) + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def create(self, name):
        return self.do("enqueue", name, [], False)

    def jobs(self, **wanted):
        return self.do("jobs", wanted)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


class Polkit:
    """polkit_peer.py: the authority, as it is told to answer."""

    def __init__(self, bus):
        self.process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("polkit_peer.py"))], text=True,
            env=bus.box.env, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.asked = []
        self.read_until("here")

    def read_until(self, word):
        while (line := json.loads(self.process.stdout.readline())) != word:
            self.asked.append(line)

    def says(self, word):
        """From now on; the questions until then are in self.asked."""
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self.read_until("said")

    def wait_for_question(self):
        self.asked.append(json.loads(self.process.stdout.readline()))
        return self.asked[-1]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=60)
        self.process.stdin.close()
        self.process.stdout.close()


class SystemBus:
    def __init__(self, service, policies=(), owned_by_root=()):
        """policies: files of other programs; owned_by_root: names that root may have."""
        self.box = Sandbox("/nonexistent")
        self.policies = "".join(f"<include>{policy}</include>" for policy in policies) + "".join(
            f"""<policy user="root"><allow own="{name}"/></policy>""" for name in owned_by_root)
        os.chmod(self.box.folder, 0o755)
        self.passwd = self.box.folder / "passwd"
        self.group = self.box.folder / "group"
        self.write_accounts(PEOPLE)
        # Where no other user may look into the place of the build.
        self.program = pathlib.Path(shutil.copy(service, self.box.folder / "backhauld"))
        self.state = self.state_folder("state", SERVICE_UID)
        self.etc = self.box.folder / "etc-backhaul"
        self.etc.mkdir()
        self.whole_etc = self.box.folder / "etc"  # only where there are settings
        self.services = self.box.folder / "system-services"
        self.services.mkdir()
        self.unnoticed = self.box.folder / "unnoticed-services"  # the bus watches no folder that is made later
        self.log = self.box.folder / "service.log"
        self.launcher_socket = None
        # What is /run/user for the launcher, and whoever it starts.
        self.runtime = self.box.folder / "run-user"
        self.runtime.mkdir(mode=0o755)
        self.classes = self.box.folder / "session-services"
        self.classes.mkdir(mode=0o755)
        self.actors, self.peers = [], []
        self.address = self.start()
        self.box.env["DBUS_SYSTEM_BUS_ADDRESS"] = self.address
        self.box.env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        del self.box.env["BACKHAUL_INSTANCE"]

    def close(self):
        for actor in [*self.actors, *self.peers]:
            actor.close()
        self.box.close()

    def write_accounts(self, people):
        """Into the same files: they are mounted."""
        self.passwd.write_text(pathlib.Path("/etc/passwd").read_text() + "".join(
            f"{name}:x:{uid}:{uid}:{'umask=027' if name == 'ann' else ''}:/nonexistent:/bin/sh\n" for name, uid in people.items()))
        self.group.write_text(pathlib.Path("/etc/group").read_text() + f"team:x:{TEAM}:ann\n" + "".join(
            f"{name}:x:{uid}:\n" for name, uid in people.items()))

    def write_settings(self, text):
        """Those of the machine, for what is started from now on: among its mounts /etc is a copy that has them."""
        if not self.whole_etc.exists():
            shutil.copytree("/etc", self.whole_etc, symlinks=True, ignore_dangling_symlinks=True)
            (self.whole_etc / "backhaul").mkdir(exist_ok=True)
        (self.etc / "backhauld.conf").write_text(text)

    def state_folder(self, name, uid):
        folder = self.box.folder / name
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, uid)
        return folder

    def inside(self, *command):
        """In a namespace with these accounts."""
        return ["unshare", "-m", "--propagation", "private", "sh", "-c",
                '[ ! -d "$3" ] || mount --bind "$3" /etc; '
                'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 3 && exec "$@"',
                "sh", str(self.passwd), str(self.group), str(self.whole_etc), *map(str, command)]

    def start(self):
        text = pathlib.Path("/usr/share/dbus-1/system.conf").read_text()
        for element in ("user", "pidfile", "servicehelper", "listen", "includedir", "include", "auth"):
            text = re.sub(rf"<{element}[ >].*?</{element}>", "", text, flags=re.S)
        for element in ("fork", "standard_system_servicedirs", "syslog", "keep_umask"):
            text = re.sub(rf"<{element}\s*/>", "", text)
        policy = (DATA / "org.backhaul.Backhaul1.conf").resolve()
        text = text.replace("</busconfig>", f"""
  <listen>unix:path={self.box.folder}/system-bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{self.services}</servicedir>
  <servicedir>{self.unnoticed}</servicedir>
  <include>{policy}</include>
  {self.policies}
  <policy user="root"><allow own="org.freedesktop.PolicyKit1"/></policy>
  <policy context="default"><allow send_destination="org.freedesktop.PolicyKit1"/></policy>
</busconfig>""")
        config = self.box.folder / "system.conf"
        config.write_text(text)
        self.daemon = self.box.spawn(*self.inside("dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}",
                                                  "--print-address=1"),
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        with self.daemon.stdout:
            address = self.daemon.stdout.readline().strip()
        if not address:
            raise AssertionError("the system bus did not start")
        address = address.split(",")[0]  # without its id, which is another one after a restart
        # It tells its address between reading the service files and beginning to watch their folder. Whom it answers
        # finds it watching, so no file of a test is overlooked.
        dbus.bus.BusConnection(address).close()
        return address

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait(timeout=60)

    def as_account(self, uid, *command):
        return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs",
                "--inh-caps=-all", "--bounding-set=-all", *map(str, command)]

    def start_launcher(self):
        """As root would where there is no systemd. The service is started with its socket afterwards."""
        self.launcher_socket = self.box.folder / "launcher"
        with open(self.log, "a", encoding="utf-8") as log:
            launcher = self.box.spawn(*self.inside("sh", "-c", 'mount --bind "$1" /etc/backhaul 2>/dev/null; '
                                                   'mount -t tmpfs tmpfs /run && mkdir /run/user && '
                                                   'mount --bind "$2" /run/user; shift 2; exec "$@"',
                                                   "sh", self.etc, self.runtime, self.program, "--launcher",
                                                   f"--for={SERVICE_UID}", f"--launcher-socket={self.launcher_socket}"),
                                      stderr=log)
        wait_for("the launcher", self.launcher_socket.exists)
        return launcher

    def start_session(self, uid):
        """A session bus of that account, where a login would have it: it comes after its folder, and at once."""
        folder = self.runtime / str(uid)
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, uid, uid)
        config = self.box.folder / f"session{uid}.conf"
        config.write_text(f"""<busconfig><type>session</type>
  <listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
  <servicedir>{self.classes}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>""")
        daemon = self.box.spawn(*self.inside(*self.as_account(uid, "dbus-daemon", "--nofork", "--nopidfile",
                                                              f"--config-file={config}")),
                                stderr=subprocess.DEVNULL, cwd="/",
                                env=dict(self.box.env, HOME="/nonexistent", CLASS_FOLDER=str(self.box.folder)))
        wait_for("the session bus", (folder / "bus").exists)
        return daemon

    def install_class(self, name, path):
        """session_class.py by this name, for every session; it is copied to where all may read it."""
        program = self.box.folder / "session_class.py"
        if not program.exists():
            shutil.copy(pathlib.Path(__file__).with_name("session_class.py"), program)
            program.chmod(0o644)
        self.start_for_class(name, sys.executable, program, name, path)

    def install_program_class(self, name, program, *arguments, **env):
        """Likewise a program of the build, with the libraries of the build that it needs."""
        needs = subprocess.run(["ldd", program], text=True, capture_output=True, check=True).stdout
        for soname, library in re.findall(r"(libbackhaul\S*) => (/\S+)", needs):
            shutil.copy(library, self.box.folder / soname)
        copy = shutil.copy(program, self.box.folder)
        env["LD_LIBRARY_PATH"] = self.box.folder
        self.start_for_class(name, "/usr/bin/env", *(f"{key}={value}" for key, value in env.items()), copy, *arguments)

    def start_for_class(self, name, *command):
        (self.classes / f"{name}.service").write_text(
            f"[D-BUS Service]\nName={name}\nExec={' '.join(map(str, command))}\n")

    def service_command(self, uid=SERVICE_UID, guardian=False):
        mode = [] if guardian else ["--service"]
        if self.launcher_socket is not None:
            mode.append(f"--launcher-socket={self.launcher_socket}")
        command = self.as_account(uid, self.program, "--system", *mode)
        return self.inside("sh", "-c", 'mount --bind "$1" /etc/backhaul 2>/dev/null; shift; exec "$@"', "sh",
                           self.etc, *command)

    def start_service(self, uid=SERVICE_UID, guardian=False, state=None):
        """As its unit does: its own account, no capability, the state folder in the environment."""
        with open(self.log, "a", encoding="utf-8") as log:
            return self.box.spawn(*self.service_command(uid, guardian), stderr=log,
                                  env=dict(self.box.env, STATE_DIRECTORY=str(state or self.state),
                                           HOME="/nonexistent"))

    def install_activation(self, hears=True):
        """The service file, with what a bus without its setuid helper needs in the place of User=. Where it does not hear
        how the service ends, it is as with systemd: it waits for the name."""
        starter = self.box.folder / "starter"
        starter.write_text("#!/bin/sh\nexport STATE_DIRECTORY=" + str(self.state) + " HOME=/nonexistent\nexec " +
                           " ".join(f"'{word}'" for word in self.service_command(guardian=True)) +
                           f" 2>>{self.log}{'' if hears else ' &'}\n")
        starter.chmod(0o755)
        text = (DATA / "org.backhaul.Backhaul1.service.in").read_text()
        text = text.replace("@program@ --system", str(starter)).replace("User=backhaul", "")
        (self.services / "org.backhaul.Backhaul1.service").write_text(text)

    def actor(self, uid):
        self.actors.append(Actor(self, uid))
        return self.actors[-1]

    def polkit(self):
        self.peers.append(Polkit(self))
        return self.peers[-1]

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def with_log(self, what):
        """For wait_for: what was waited for, and what the service had said until then."""
        return lambda: f"{what}: {self.said()}"
