# SPDX-License-Identifier: Apache-2.0
"""A site: machines on one bridge and an origin behind a narrow link, each a network namespace. A machine has a bus, an
Avahi where it looks for others, a service and a key of its own. Whatever runs in these namespaces ends with them."""
import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from world import wait_until

HUB, ORIGIN, CACHE = "bh-hub", "bh-origin", "bh-cache"
ADDRESS = "10.78.0."
URL = f"http://{ADDRESS}1/file"


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          **options).stdout


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class Site:
    def __init__(self, prefix, programs):
        self.prefix = os.path.abspath(prefix)
        self.later = os.path.abspath(os.path.join(programs, "libbench_later.so"))
        self.swarm = os.path.join(self.prefix, "libexec", "backhaul", "backhaul-swarm")
        self.root = tempfile.mkdtemp(prefix="backhaul-bench-")
        self.folder = self.root
        self.spaces, self.processes, self.machines, self.clock = [], [], [], {}

    def build(self, machines, rate, mib):
        self.size = mib << 20
        self.space(HUB)
        # Nobody here asks who listens, so the bridge sends what is for many to all.
        run("ip", "-n", HUB, "link", "add", "site", "type", "bridge", "mcast_snooping", "0")
        run("ip", "-n", HUB, "link", "set", "site", "up")
        self.join(ORIGIN, 1)
        self.join(CACHE, 2)
        run("tc", "-n", ORIGIN, "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "32kb", "latency",
            "200ms")
        self.start_origin()
        self.machines = [Machine(self, number) for number in range(machines)]

    def start_origin(self):
        """It tells the digest of its file, and which torrent it has, as `backhaul publish` says."""
        www = os.path.join(self.root, "www")
        os.makedirs(www)
        with open(os.path.join(www, "file"), "wb") as file:
            file.write(os.urandom(self.size))
        self.digest = digest_of(os.path.join(www, "file"))
        headers = f'add_header Repr-Digest "sha-256=:{base64.b64encode(self.digest).decode()}:";'
        if os.path.exists(self.swarm):
            run(self.swarm, "--publish", os.path.join(www, "file"), "--url", URL)
            headers += """ add_header Link '<file.torrent>; rel=describedby; type="application/x-bittorrent"';"""
        self.start_nginx(ORIGIN, self.root, f"""events {{ worker_connections 256; }}
http {{ access_log off; sendfile on;
  server {{ listen {ADDRESS}1:80; root {www}; location = /file {{ {headers} }} }} }}
""")

    def start_nginx(self, space, folder, config):
        head = f"daemon off; worker_processes 1; user root; pid {folder}/nginx.pid; error_log {folder}/nginx.err;\n"
        places = "".join(f"  {kind}_temp_path {folder}/{kind};\n"
                         for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(head + config.replace("http {", "http {\n" + places, 1))
        begun = os.path.join(folder, "nginx.pid")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(begun)
        self.begin(space, ["nginx", "-e", os.path.join(folder, "nginx.err"), "-c", os.path.join(folder, "nginx.conf"),
                           "-p", folder])
        wait_until(lambda: os.path.exists(begun) and os.path.getsize(begun), "nginx")

    def space(self, name):
        run("ip", "netns", "add", name)
        self.spaces.append(name)
        run("ip", "-n", name, "link", "set", "lo", "up")

    def join(self, name, last):
        self.space(name)
        run("ip", "-n", HUB, "link", "add", f"v{last}", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "-n", HUB, "link", "set", f"v{last}", "master", "site", "up")
        run("ip", "-n", name, "addr", "add", f"{ADDRESS}{last}/24", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")
        if name != ORIGIN:
            run("ip", "-n", name, "route", "add", "default", "via", f"{ADDRESS}1")

    def begin(self, space, command, env=None):
        self.processes.append((space, subprocess.Popen(
            ["ip", "netns", "exec", space, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**(env or os.environ), **self.clock})))

    def days_later(self, days):
        """What begins from now on in this turn believes so."""
        self.clock = {"LD_PRELOAD": self.later, "BACKHAUL_BENCH_LATER": str(days * 24 * 3600)}

    def kill(self, space):
        """Whatever runs there, what others began for us as well."""
        for where, process in self.processes:
            if where == space:
                process.kill()
                process.wait()
        self.processes = [(where, process) for where, process in self.processes if where != space]
        wait_until(lambda: not self.kill_once(space), f"the end of {space}")

    @staticmethod
    def kill_once(space):
        found = [int(pid) for pid in run("ip", "netns", "pids", space).split()]
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found

    def sent(self):
        """Octets that came over the narrow link."""
        text = run("ip", "-n", ORIGIN, "-s", "link", "show", "eth0").split("TX:")[1].split("\n")[1]
        return int(text.split()[0])

    def leader(self):
        """The namespace to which the origin has sent most, of those to which it is sending; None: to none just now."""
        had = {}
        for line in run("ip", "netns", "exec", ORIGIN, "ss", "-tinHO", "state", "established", "sport", "=",
                        ":80").splitlines():
            found = re.search(r":80\s+([\d.]+):\d+\s.*bytes_acked:(\d+)", line)
            if found:
                had[found[1]] = had.get(found[1], 0) + int(found[2])
        if not had:
            return None
        last = int(max(had, key=had.get).removeprefix(ADDRESS))
        return CACHE if last == 2 else f"bh-{last - 10}"

    def open(self, source):
        """A new turn: nothing is left of the one before it, and all that `source` needs is there."""
        self.folder = tempfile.mkdtemp(dir=self.root)
        for machine in self.machines:
            machine.prepare(self.folder)
        self.start(source)

    def start(self, source):
        source.start(self)
        for machine in self.machines:
            machine.start(source)
        source.meet(self)

    def stop(self):
        for space in (CACHE, *(machine.name for machine in self.machines)):
            self.kill(space)

    def close(self):
        self.stop()
        self.clock = {}
        shutil.rmtree(self.folder)

    def end(self):
        for name in self.spaces:
            self.kill(name)
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.root, ignore_errors=True)


class Machine:
    def __init__(self, site, number):
        self.site, self.number = site, number
        self.name, self.address = f"bh-{number}", f"{ADDRESS}{number + 10}"
        site.join(self.name, number + 10)

    def prepare(self, folder):
        self.root = os.path.join(folder, self.name)
        self.state = os.path.join(self.root, "state", "backhaul")
        self.target = os.path.join(self.root, "file")
        os.makedirs(os.path.join(self.root, "config", "backhaul"))
        os.makedirs(self.state, mode=0o700)
        certificate, key = os.path.join(self.state, "peer.crt"), os.path.join(self.state, "peer.key")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-out", certificate, "-days", "365", "-subj", f"/CN={self.name}", "-addext",
            "extendedKeyUsage=serverAuth,clientAuth")
        os.chmod(key, 0o600)
        public = run("openssl", "x509", "-in", certificate, "-noout", "-pubkey")
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public.encode(), check=True,
                             stdout=subprocess.PIPE).stdout
        self.key = hashlib.sha256(der).hexdigest()
        address = "unix:path=" + os.path.join(self.root, "bus")
        self.env = {"PATH": os.environ["PATH"], "HOME": self.root, "XDG_RUNTIME_DIR": self.root,
                    "XDG_STATE_HOME": os.path.join(self.root, "state"),
                    "XDG_CONFIG_HOME": os.path.join(self.root, "config"),
                    "XDG_CACHE_HOME": os.path.join(self.root, "cache"),
                    "XDG_DATA_HOME": os.path.join(self.root, "data"), "BACKHAUL_INSTANCE": "user",
                    "DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address}
        services = os.path.join(self.root, "data", "dbus-1", "services")
        os.makedirs(services)
        with open(os.path.join(services, "org.backhaul.Swarm1.service"), "w", encoding="utf-8") as file:
            file.write(f"[D-BUS Service]\nName=org.backhaul.Swarm1\nExec={self.site.swarm}\n")

    def start(self, source):
        with open(os.path.join(self.root, "config", "backhaul", "backhauld.conf"), "w", encoding="utf-8") as file:
            file.write("[Peers]\n" + source.settings(self))
        bus, known = os.path.join(self.root, "bus"), os.path.join(self.state, "queue.bus")
        for left in (bus, known):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(left)
        self.begin(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:path=" + bus])
        wait_until(lambda: os.path.exists(bus), "the bus")
        if source.needs_avahi:
            self.start_avahi()
        self.begin([os.path.join(self.site.prefix, "libexec", "backhaul", "backhauld"), "--service"])
        wait_until(lambda: os.path.exists(known), "the service")

    def start_avahi(self):
        config = os.path.join(self.root, "avahi.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[server]\nhost-name={self.name}\nuse-ipv4=yes\nuse-ipv6=no\nallow-interfaces=eth0\n"
                       "[wide-area]\nenable-wide-area=no\n[rlimits]\n")
        # It keeps its number below /run, whatever it is told, and a namespace of the network has mounts of its own.
        self.begin(["sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$0" "$@"', "avahi-daemon", "--no-drop-root",
                    "--no-chroot", "--no-rlimits", "-f", config])

    def begin(self, command):
        self.site.begin(self.name, command, self.env)

    def command(self, *arguments):
        return run("ip", "netns", "exec", self.name, os.path.join(self.site.prefix, "bin", "backhaul"), *arguments,
                   env=self.env)

    def found(self):
        """How many others it would ask now."""
        return sum(one["available"] for one in json.loads(self.command("peers", "--json")))

    def order(self):
        self.job = self.command("create", "file").strip()
        self.command("add", self.job, URL, "-o", self.target)
        self.command("set", self.job, "peer-caching=client,server", "auto-complete=yes", "priority=normal")

    def fetch(self):
        self.begun = time.monotonic()
        self.command("start", self.job)

    def has(self):
        return os.path.exists(self.target) and os.path.getsize(self.target) == self.site.size

    def check(self):
        if digest_of(self.target) != self.site.digest:
            raise SystemExit(f"bench: {self.name} has another file than the origin")
