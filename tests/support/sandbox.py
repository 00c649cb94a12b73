# SPDX-License-Identifier: Apache-2.0
"""A world for one end-to-end run: an installed tree, a home of its own, an origin server. Every
process that begins in it inherits a mark in its environment, so that all of them, daemons
included, can be found and ended with it, and nobody else's.
"""
import hashlib
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

MARK = "BACKHAUL_SANDBOX"


def wait_for(what, condition, limit=60.0):
    """Looks until `condition` gives something true, and returns that. `what` may be a function: it is asked when the
    time is up, so that what it tells of a log is not what stood there when the waiting began."""
    end = time.monotonic() + limit
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit} s for: {what() if callable(what) else what}")
        pause.wait(0.02)


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[1])


def wait_for_end(pid, limit=60.0):
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([fd], [], [], limit)[0]:
            raise AssertionError(f"process {pid} did not end in {limit} s")
    finally:
        os.close(fd)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def random_file(path, size):
    with open(path, "wb") as file, open("/dev/urandom", "rb") as noise:
        block = noise.read(min(size, 4 << 20))
        for offset in range(0, size, max(len(block), 1)):
            # The same noise, but no two blocks alike: bytes in the wrong place are noticed.
            file.write((offset.to_bytes(8, "little") + block[8:])[:size - offset])


class Sandbox:
    def __init__(self, prefix):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="backhaul-"))
        self.uid = None  # another user than ours
        self.env = {
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "XDG_STATE_HOME": str(self.folder / "home/state"),
            "XDG_DATA_HOME": str(self.folder / "home/data"),
            "XDG_CONFIG_HOME": str(self.folder / "home/config"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            # What the machine's own services say is no business of a test.
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/no-system-bus",
            "BACKHAUL_SYSTEMD_CREDS": "",
            # Root's default is the service of the machine where a system bus has one.
            "BACKHAUL_INSTANCE": "user",
            MARK: str(self.folder),
        }
        self.move_prefix(prefix)
        for name in ("home", "run", "origin", "home/data/dbus-1/services"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(self.folder, 0o755)
        self.state = self.folder / "home/state/backhaul"
        self.children = []  # nginx writes over its environment, and the mark with it

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()

    def move_prefix(self, prefix):
        self.prefix = pathlib.Path(prefix).resolve()
        self.env["PATH"] = f"{self.prefix}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        self.env["XDG_DATA_DIRS"] = f"{self.prefix}/share:/usr/local/share:/usr/share"

    def copy_prefix(self):
        """A tree of its own below the folder, for a user who cannot enter the place of the other. What
        the bus starts is named by its path."""
        before = self.prefix
        self.move_prefix(shutil.copytree(before, self.folder / "prefix", symlinks=True))
        for file in (self.prefix / "share/dbus-1/services").glob("*.service"):
            file.write_text(file.read_text().replace(f"{before}/", f"{self.prefix}/"))

    def become(self, uid):
        """Programs begin as this user from now on, who owns the folder."""
        self.uid = uid
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, uid, uid, follow_symlinks=False)

    def as_user(self):
        return {} if self.uid is None else \
            {"user": self.uid, "group": self.uid, "extra_groups": []}

    # --- processes ---------------------------------------------------------------------------
    def processes(self):
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                environ = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if f"{MARK}={self.folder}".encode() in environ:
                found.append(int(entry.name))
        return found

    def close(self):
        for child in self.children:
            child.terminate()
            child.wait()
        for name in (signal.SIGTERM, signal.SIGKILL):
            pids = self.processes()
            for pid in pids:
                try:
                    os.kill(pid, name)
                except ProcessLookupError:
                    pass
            end = time.monotonic() + 5
            for pid in pids:
                try:
                    wait_for_end(pid, max(0.0, end - time.monotonic()))
                except AssertionError:
                    pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(self, *command, env=None, **options):
        child = subprocess.Popen([str(c) for c in command], env=env or self.env,
                                 stdin=subprocess.DEVNULL, **self.as_user(), **options)
        self.children.append(child)
        return child

    def run(self, *command, env=None, timeout=60, check=True):
        done = subprocess.run([str(c) for c in command], env=env or self.env, timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, cwd=self.folder, **self.as_user())
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}: "
                                 f"{done.stdout}{done.stderr}{self.log()}")
        return done

    # --- the service -------------------------------------------------------------------------
    def place(self):
        """What the running service wrote about itself: address, id, pid. Empty if none runs."""
        try:
            text = (self.state / "queue.bus").read_text()
        except OSError:
            return {}
        place = dict(line.split("=", 1) for line in text.splitlines())
        return place if "pid" in place else {}

    def service_pid(self):
        pid = int(self.place().get("pid", 0))
        return pid if pid and pathlib.Path(f"/proc/{pid}").exists() else 0

    def kill_service(self):
        """SIGKILL; returns when it is dead (its guardian is not)."""
        pid = wait_for("the service to run", self.service_pid)
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
        return pid

    def wait_for_new_service(self, old_pid):
        return wait_for("the service to come back",
                        lambda: self.service_pid() not in (0, old_pid) and self.service_pid())

    def log(self):
        try:
            return (self.state / "backhauld.log").read_text()
        except OSError:
            return ""

    def install_service(self, program):
        """Has the bus start this program as the service."""
        (self.folder / "home/data/dbus-1/services/org.backhaul.Backhaul1.service").write_text(
            f"[D-BUS Service]\nName=org.backhaul.Backhaul1\nExec={program}\n")

    # --- what is around it -------------------------------------------------------------------
    def start_bus(self, name="bus"):
        """A private session bus that knows the installed service; returns its address."""
        address = f"unix:path={self.folder}/{name}"
        daemon = self.spawn("dbus-daemon", "--session", "--nofork", f"--address={address}",
                            "--print-address=1", stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)
        with daemon.stdout:
            return daemon.stdout.readline().strip()

    def use_bus(self, address):
        self.env["DBUS_SESSION_BUS_ADDRESS"] = address

    def start_origin(self, rate=None, certificate=None, extra=""):
        """rate: octets a second of each request, until its hurry(). certificate: a PEM file with its key; https then.
        extra: lines for the server block."""
        return Origin(self, rate, certificate, extra)


class Origin:
    """nginx, serving <sandbox>/origin; its log says what was asked for."""

    CONFIG = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
{user} worker_processes 1;
events {{ worker_connections 512; }}
http {{
  log_format asked '$request_method $uri $status "$http_range" $body_bytes_sent';
  access_log {folder}/nginx-access.log asked;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  sendfile on;
  server {{ listen 127.0.0.1:{port}{tls}; root {folder}/origin; {rate} {extra} }}
}}
"""

    def __init__(self, sandbox, rate, certificate=None, extra=""):
        self.folder = sandbox.folder
        self.slow = sandbox.folder / "origin.slow"
        if rate:
            self.slow.touch()
            rate = f"set $rate 0; if (-f {self.slow}) {{ set $rate {rate}; }} limit_rate $rate;"
        for port in range(20000 + os.getpid() % 20000, 65000, 7):
            config = self.CONFIG.format(
                folder=sandbox.folder, port=port,
                tls=f" ssl; ssl_certificate {certificate}; ssl_certificate_key {certificate}"
                    if certificate else "", rate=rate or "",
                extra=extra,
                user="user root;" if os.geteuid() == 0 else "")
            (sandbox.folder / "nginx.conf").write_text(config)
            (sandbox.folder / "nginx-error.log").write_text("")
            self.process = sandbox.spawn(
                "nginx", "-e", sandbox.folder / "nginx-error.log", "-c",
                sandbox.folder / "nginx.conf", stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            if wait_for("nginx", lambda: self.serving() or self.process.poll() is not None) and \
                    self.process.poll() is None:
                break
            if "in use" not in (sandbox.folder / "nginx-error.log").read_text():
                raise AssertionError((sandbox.folder / "nginx-error.log").read_text())
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{port}"

    def serving(self):
        try:
            return (self.folder / "nginx.pid").read_text().strip() == str(self.process.pid)
        except OSError:
            return False

    def hurry(self):
        """Who asks from now on gets it as fast as it can come."""
        self.slow.unlink()

    def add(self, name, size):
        path = self.folder / "origin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        random_file(path, size)
        return path

    def requests(self):
        """(method, uri, status, first byte asked for, bytes sent), in the order of their end."""
        rows = []
        for line in (self.folder / "nginx-access.log").read_text().splitlines():
            method, uri, status, span, sent = line.split(" ")
            span = span.strip('"')
            first = int(span.removeprefix("bytes=").split("-")[0]) if span != "-" else 0
            rows.append((method, uri, int(status), first, int(sent)))
        return rows
