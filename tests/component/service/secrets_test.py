#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Passwords and headers in the real service: they reach the server that asks, and are found nowhere else."""
import base64
import contextlib
import http.server
import os
import pathlib
import resource
import shutil
import signal
import ssl
import stat
import subprocess
import tempfile
import threading
import unittest

from sandbox import Sandbox, wait_for

COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
PASSWORD, TOKEN, PHRASE = "canary-password-8f1e", "canary-token-77ab", "canary-phrase-31c2"
# user:canary-password-8f1e, as Basic writes it
BASIC = "dXNlcjpjYW5hcnktcGFzc3dvcmQtOGYxZQ=="
UNLIMITED = resource.RLIM_INFINITY
CANARIES = [PASSWORD.encode(), TOKEN.encode(), BASIC.encode(), PHRASE.encode()]


class Asking(http.server.BaseHTTPRequestHandler):
    """/open is for everybody, the rest for whoever shows the password; /held waits until it is let go."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path[self.path.index("/", 7):] if self.path.startswith("http://") else self.path
        self.server.seen.append((path, self.headers.get("Authorization"), self.headers.get("X-Token")))
        self.server.proxy_users.append(self.headers.get("Proxy-Authorization"))
        if path == "/held":
            self.server.let_go.wait(60)
        known = self.headers.get("Authorization") == f"Basic {BASIC}" or path == "/open"
        body = b"content" if known else b"no"
        self.send_response(200 if known else 401)
        if not known:
            self.send_header("WWW-Authenticate", 'Basic realm="r"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class SecretsTest(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/usr")
        self.addCleanup(self.box.close)
        self.box.install_service(SERVICE)
        self.box.use_bus(self.box.start_bus())
        self.bus = self.box.children[-1].pid
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asking)
        self.server.seen, self.server.proxy_users = [], []
        self.server.let_go = threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.password_file = self.secret_file(PASSWORD + "\n")
        self.header_file = self.secret_file(f"X-Token: {TOKEN}\nX-Plain: 1\n")

    def secret_file(self, text):
        """Out of the folder that is searched."""
        fd, path = tempfile.mkstemp(prefix="backhaul-secret-")
        self.addCleanup(os.unlink, path)
        with os.fdopen(fd, "w") as file:
            file.write(text)
        return path

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def backhaul(self, *words, exit_code=0):
        done = subprocess.run([COMMAND, *map(str, words)], env=self.box.env, cwd=self.box.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr + self.box.log())
        self.said.append(done.stdout + done.stderr)
        return done.stdout.strip()

    said = []

    def found_on_disk(self):
        found = []
        for path in self.box.folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                content = path.read_bytes()
                found += [(path.name, canary) for canary in CANARIES if canary in content]
        return found

    def found_about_processes(self):
        found = []
        for pid in self.box.processes():
            for name in ("cmdline", "environ"):
                content = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
                found += [(pid, name, canary) for canary in CANARIES if canary in content]
        return found

    def found_in_memory(self, pid):
        found = []
        with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                span, rights, *_ = line.split()
                begin, end = (int(part, 16) for part in span.split("-"))
                if not rights.startswith("rw"):
                    continue
                try:
                    memory.seek(begin)
                    content = memory.read(end - begin)
                except (OSError, ValueError, OverflowError):
                    continue
                found += [(line.split()[-1], canary) for canary in CANARIES if canary in content]
        return found

    def test_they_reach_the_server_that_asks_and_are_found_nowhere_else(self):
        self.said.clear()
        job = self.backhaul("create", "j")
        self.backhaul("add", job, self.url("/f"), self.box.folder / "f")
        self.backhaul("credential", "set", job, "--login=user", f"--password-file={self.password_file}")
        self.assertEqual(self.found_in_memory(self.bus), [], "it was handed over")
        self.backhaul("header", "set", job, f"--header=@{self.header_file}", "--write-only")
        self.assertEqual(self.found_on_disk(), [], "before the transfer")
        self.backhaul("start", job)
        self.backhaul("wait", job)
        self.assertEqual([seen for seen in self.server.seen if seen[0] == "/f"],
                         [("/f", None, TOKEN), ("/f", f"Basic {BASIC}", TOKEN)])

        shown = self.backhaul("show", job)
        self.assertIn("credentials=server basic, set by ", shown)
        self.assertIn(", write-only", shown)
        self.backhaul("show", job, "--json")
        self.backhaul("status", job)
        self.backhaul("list", "--notify")
        self.backhaul("header", "show", job, exit_code=6)
        pid = self.box.service_pid()
        self.assertEqual(self.found_on_disk(), [], "while the job waits to be completed")
        self.assertEqual(self.found_about_processes(), [])
        self.assertEqual(self.found_in_memory(pid), [])
        self.assertEqual(stat.S_IMODE((self.box.state / "queue.key").stat().st_mode), 0o600)

        # Also where it was killed, and where its queue was damaged.
        self.box.kill_service()
        wait_for("the service", lambda: self.backhaul("show", job))
        self.assertEqual(self.found_on_disk(), [])
        self.backhaul("complete", job)
        self.assertEqual((self.box.folder / "f").read_text(), "content")
        sealed = lambda: any(b"\n1:" in p.read_bytes() for p in self.box.state.iterdir() if p.is_file())
        wait_for("the end of what was sealed", lambda: not sealed())
        self.assertFalse([canary for canary in CANARIES if canary in "".join(self.said).encode()])

    def ends_with_a_dump(self, words, ready):
        """Whether this program leaves a core dump when it crashes, which every limit allows. Its parent alone is told."""
        child = subprocess.Popen(words, env=self.box.env, cwd=self.dumps, stderr=subprocess.DEVNULL,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (UNLIMITED, UNLIMITED)))
        ready()
        os.kill(child.pid, signal.SIGSEGV)
        status = os.waitpid(child.pid, 0)[1]
        child.returncode = -signal.SIGSEGV
        self.assertTrue(os.WIFSIGNALED(status), status)
        return os.WCOREDUMP(status)

    def test_a_service_that_has_used_its_key_leaves_no_core_dump(self):
        self.said.clear()
        self.dumps = self.box.folder / "dumps"
        self.dumps.mkdir()
        try:
            if not self.ends_with_a_dump(["/usr/bin/sleep", "1000"], lambda: None):
                self.skipTest("this machine makes no core dumps")
        except (OSError, ValueError, subprocess.SubprocessError):
            self.skipTest("core dumps may not be allowed here")
        before = sorted(self.dumps.iterdir())
        job = self.backhaul("create", "j")
        old = self.box.service_pid()
        service = os.path.realpath(SERVICE)
        for pid in self.box.processes():  # its guardian as well
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/exe") == service:
                    os.kill(pid, signal.SIGKILL)
        wait_for("its end", lambda: old not in self.box.processes())

        def use_the_key():
            wait_for("the service", lambda: self.box.service_pid() not in (0, old))
            self.backhaul("credential", "set", job, "--login=user", f"--password-file={self.password_file}")

        self.assertFalse(self.ends_with_a_dump([SERVICE, "--service"], use_the_key))
        self.assertEqual(sorted(self.dumps.iterdir()), before)
        self.assertEqual(self.found_on_disk(), [])

    def test_get_takes_them_along(self):
        self.said.clear()
        self.backhaul("get", self.url("/f"), "-o", self.box.folder / "g", "--login=user",
                      f"--password-file={self.password_file}", "--header=X-Token: t")
        self.assertEqual((self.box.folder / "g").read_text(), "content")
        self.assertEqual(self.server.seen[-1], ("/f", f"Basic {BASIC}", "t"))
        self.backhaul("get", self.url("/f"), "-o", self.box.folder / "h", exit_code=3)
        self.backhaul("get", self.url("/f"), "--login=user", exit_code=2)  # and no terminal to ask
        self.backhaul("get", self.url("/f"), "--header=Range: bytes=0-1", "-o", self.box.folder / "i", exit_code=1)

    def test_who_hands_a_password_over_keeps_nothing_of_it_and_the_bus_never_has_it(self):
        self.addCleanup(self.server.let_go.set)
        words = [COMMAND, "get", self.url("/held"), "-o", str(self.box.folder / "g"), "--login=user",
                 f"--password-file={self.password_file}"]
        command = self.box.spawn(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the request", lambda: self.server.seen)
        self.assertIsNone(command.poll())
        self.assertEqual(self.found_in_memory(command.pid), [], "the command")
        self.assertEqual(self.found_in_memory(self.bus), [], "the bus")
        self.server.let_go.set()
        self.assertEqual(command.wait(60), 0, self.box.log())
        self.assertEqual((self.box.folder / "g").read_text(), "content")
        self.assertEqual(self.server.seen[-1], ("/held", f"Basic {BASIC}", None))

    def test_a_lost_key_is_said_and_asks_nobody(self):
        self.said.clear()
        job = self.backhaul("create", "j")
        self.backhaul("add", job, self.url("/open"), self.box.folder / "f")
        self.backhaul("header", "set", job, "--header=X-Token: t")
        self.assertEqual(self.backhaul("header", "show", job), "X-Token: t")
        os.unlink(self.box.state / "queue.key")
        old = self.box.kill_service()
        self.box.wait_for_new_service(old)
        self.backhaul("start", job)
        self.backhaul("wait", job, exit_code=3)
        self.assertEqual(self.server.seen, [])
        self.backhaul("header", "set", job, "--header=X-Token: u")
        self.backhaul("start", job)
        self.backhaul("wait", job)
        self.assertEqual(self.server.seen, [("/open", None, "u")])

    def certificate(self, name, *more):
        """With a private key of its own that has the pass phrase; out of the folder that is searched."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="backhaul-certificate-"))
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-days", "2", "-subj", f"/CN={name}", *more, "-keyout", folder / "key", "-out",
                        folder / "pem"], check=True, capture_output=True)
        return folder

    def serve_whom(self, known):
        """Over https, with a certificate of its own, for nobody but the one that is known."""
        own = self.certificate("server", "-nodes")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own / "pem", own / "key")
        context.load_verify_locations(known / "pem")
        context.verify_mode = ssl.CERT_REQUIRED
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asking)
        server.seen, server.proxy_users = [], []
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"https://127.0.0.1:{server.server_port}/open"

    def test_a_client_certificate_is_shown_and_its_pass_phrase_is_found_nowhere(self):
        self.said.clear()
        phrase = self.secret_file(PHRASE + "\n")
        me = self.certificate("me", "-passout", f"pass:{PHRASE}", "-addext", "extendedKeyUsage=clientAuth")
        url = self.serve_whom(me)
        words = [me / "pem", f"--private-key={me / 'key'}"]
        job = self.backhaul("create", "j")
        self.backhaul("set", job, "security=ignore-ca,ignore-name")
        self.backhaul("add", job, url, self.box.folder / "f")
        # Refused at once, and nothing changes.
        self.backhaul("certificate", "set", job, *words, f"--pass-phrase-file={self.password_file}", exit_code=1)
        self.backhaul("certificate", "set", job, me / "missing", exit_code=1)
        self.backhaul("certificate", "set", job, exit_code=2)
        self.assertEqual(self.backhaul("show", job, "-p", "certificate"), "certificate=")
        self.backhaul("certificate", "set", job, *words, f"--pass-phrase-file={phrase}")
        self.assertIn("pem, of me, set by ", self.backhaul("show", job, "-p", "certificate"))
        self.assertIn('"subject":"me"', self.backhaul("show", job, "--json"))
        self.box.kill_service()
        wait_for("the service", lambda: self.backhaul("show", job))
        self.backhaul("start", job)
        self.backhaul("wait", job)
        self.assertEqual(self.found_on_disk(), [])
        self.assertEqual(self.found_about_processes(), [])
        self.assertEqual(self.found_in_memory(self.box.service_pid()), [])
        self.assertFalse([canary for canary in CANARIES if canary in "".join(self.said).encode()])
        self.backhaul("certificate", "clear", job)
        self.assertEqual(self.backhaul("show", job, "-p", "certificate"), "certificate=")
        self.backhaul("complete", job)
        self.assertEqual((self.box.folder / "f").read_text(), "content")

    def test_users_in_addresses_and_proxies_are_found_nowhere(self):
        self.said.clear()
        address = f"http://user:{PASSWORD}@127.0.0.1:{self.server.server_port}"
        proxy = f"http://user:{TOKEN}@127.0.0.1:{self.server.server_port}"
        # Words of a command line are everybody's: a list of addresses is not.
        urls = self.secret_file(f"{address}/f\n")
        env = dict(self.box.env, http_proxy=proxy)
        made = subprocess.run([COMMAND, "create", "j"], env=env, text=True, capture_output=True, check=True,
                              timeout=60).stdout.strip()
        self.backhaul("add", made, "-i", urls, "-d", self.box.folder)
        self.assertEqual(self.found_on_disk(), [])
        self.backhaul("start", made)
        self.backhaul("wait", made)
        # By the proxy of its maker, which is shown its own user, and to the server with the other one.
        self.assertEqual(self.server.proxy_users[-1], "Basic " + base64.b64encode(f"user:{TOKEN}".encode()).decode())
        self.assertEqual(self.server.seen[-1][1], f"Basic {BASIC}")
        for words in (["show", made], ["show", made, "--json"], ["files", made], ["files", made, "--json"]):
            self.backhaul(*words)
        self.assertEqual(self.found_on_disk(), [])
        self.assertFalse([canary for canary in CANARIES if canary in "".join(self.said).encode()])
        self.box.kill_service()
        wait_for("the service", lambda: self.backhaul("show", made))
        self.assertEqual(self.found_on_disk(), [])
        self.backhaul("complete", made)
        self.assertEqual((self.box.folder / "f").read_text(), "content")


if __name__ == "__main__":
    unittest.main()
