# SPDX-License-Identifier: Apache-2.0
"""What the measurements stand on: a private bus, a private nginx and an installed backhaul in a
temporary directory, all of which end with the run. Shared machines are noisy: only ratios mean
anything, and only those of one run."""
import contextlib
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time


MARK = "BACKHAUL_BENCH"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, limit=30.0):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"bench: gave up waiting for {what}")
        select.select([], [], [], 0.002)


class World:
    """A private bus, an origin and an installed backhaul in a temporary directory."""

    def __init__(self, prefix, size_mib=0, objects=None):
        """The origin has `tiny`, `big` where a size is given, and `objects`: name → KiB."""
        self.prefix = os.path.abspath(prefix)
        self.daemon = os.path.join(self.prefix, "libexec", "backhaul", "backhauld")
        self.root = tempfile.mkdtemp(prefix="backhaul-bench-")
        self.out = os.path.join(self.root, "out")
        self.www = os.path.join(self.root, "www")
        for folder in (self.out, self.www, os.path.join(self.root, "home")):
            os.makedirs(folder)
        os.chmod(self.root, 0o755)
        self.env = {"PATH": os.environ["PATH"], "HOME": os.path.join(self.root, "home"),
                    "XDG_DATA_HOME": os.path.join(self.root, "data"),
                    "XDG_STATE_HOME": os.path.join(self.root, "state"),
                    "XDG_CONFIG_HOME": os.path.join(self.root, "config"),
                    "XDG_RUNTIME_DIR": self.root,
                    MARK: self.root,
                    "XDG_DATA_DIRS": os.path.join(self.prefix, "share") + ":/usr/share"}
        os.makedirs(os.path.join(self.root, "data", "dbus-1", "services"))
        self.objects = {"big": size_mib * 1024} if size_mib else objects or {}
        self.certificate = os.environ.get("BACKHAUL_BENCH_TRUSTS")
        self.start_bus()
        self.start_origin()

    def start_bus(self):
        address = "unix:path=" + os.path.join(self.root, "bus")
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                                     "--address=" + address], env=self.env,
                                    stderr=subprocess.DEVNULL)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = address
        wait_until(lambda: os.path.exists(os.path.join(self.root, "bus")), "the bus")

    @staticmethod
    def trusted(arguments):
        """Runs the program again where a certificate of its own is one of the system's authorities."""
        with tempfile.TemporaryDirectory(prefix="backhaul-bench-ca-") as folder:
            mine, system = os.path.join(folder, "own.pem"), "/etc/ssl/certs/ca-certificates.crt"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                            "-keyout", os.path.join(folder, "own.key"), "-out", mine],
                           check=True, stderr=subprocess.DEVNULL)
            both = os.path.join(folder, "all.pem")
            with open(both, "wb") as file:
                for path in (system, mine):
                    with open(path, "rb") as part:
                        file.write(part.read())
            return subprocess.run(["unshare", "--mount", "sh", "-c",
                                   'mount --bind "$0" "$1" && shift && exec "$@"', both, system,
                                   *arguments], env={**os.environ, "BACKHAUL_BENCH_TRUSTS": mine},
                                  check=False).returncode

    def begin_folder(self, keep):
        """A new, empty `out`. What lies in the old one stays where it is, or is deleted."""
        if keep:
            self.out += "+"
        else:
            shutil.rmtree(self.out)
        os.makedirs(self.out)
        os.sync()

    def start_origin(self):
        self.port, self.tls_port = free_port(), free_port()
        with open(os.path.join(self.www, "tiny"), "wb") as file:
            file.write(os.urandom(1024))
        for name, kib in self.objects.items():
            with open(os.path.join(self.www, name), "wb") as file:
                block = os.urandom(1 << 20)
                for begin in range(0, kib, 1024):
                    file.write(block[:min(kib - begin, 1024) * 1024])
        config = os.path.join(self.root, "nginx.conf")
        secure = "" if self.certificate is None else f"""
  server {{ listen 127.0.0.1:{self.tls_port} ssl http2; ssl_protocols TLSv1.3; root {self.www};
    ssl_certificate {self.certificate}; ssl_certificate_key {self.certificate[:-4]}.key; }}"""
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""
daemon off; worker_processes 1; pid {self.root}/nginx.pid; error_log {self.root}/nginx.err;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {self.root}/t1; proxy_temp_path {self.root}/t2;
  fastcgi_temp_path {self.root}/t3; uwsgi_temp_path {self.root}/t4; scgi_temp_path {self.root}/t5;
  server {{ listen 127.0.0.1:{self.port}; root {self.www}; }}{secure} }}
""")
            if os.geteuid() == 0:
                file.write("user root;\n")
        self.origin = subprocess.Popen(["nginx", "-c", config, "-p", self.root],
                                       stderr=subprocess.DEVNULL)
        wait_until(self.origin_answers, "nginx")

    def origin_answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self, name, scheme="http"):
        if scheme == "https":
            return f"https://localhost:{self.tls_port}/{name}"
        return f"http://127.0.0.1:{self.port}/{name}"

    def backhaul(self, *arguments, **options):
        return subprocess.run([os.path.join(self.prefix, "bin", "backhaul"), *arguments],
                              env=self.env, check=True, **options)

    def service_pid(self):
        with open(os.path.join(self.root, "state", "backhaul", "queue.bus"), encoding="utf-8") as file:
            for line in file:
                if line.startswith("pid="):
                    return int(line[4:])
        raise SystemExit("bench: the service's pid is not known")

    def kill_service(self):
        """It and its guardian, at once, as a power failure would end them."""
        for pid in self.processes():
            with contextlib.suppress(OSError):
                if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "backhauld":
                    os.kill(pid, signal.SIGKILL)

    def processes(self):
        """All that began in this world, guardians and daemons included: they carry its mark."""
        for entry in os.listdir("/proc"):
            try:
                with open(f"/proc/{entry}/environ", "rb") as file:
                    if f"{MARK}={self.root}".encode() in file.read().split(b"\0"):
                        yield int(entry)
            except (OSError, ValueError):
                pass

    def end(self):
        for process in (self.origin, self.bus):
            process.terminate()
            process.wait()
        for name in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, name)
            try:
                wait_until(lambda: not any(self.processes()), "the end of all processes", limit=5)
                break
            except SystemExit:
                continue
        shutil.rmtree(self.root, ignore_errors=True)


def cpu_of(pid):
    fields = open(f"/proc/{pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid):
    for line in open(f"/proc/{pid}/status", encoding="utf-8"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def peak_mib(pid):
    for line in open(f"/proc/{pid}/status", encoding="utf-8"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def timed(run):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    run()
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
