#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Proxies that the network names by a script (WPAD), with the real libproxy and its plugin for scripts. The
names of the network are those of a mount namespace of the test's own, so its server of scripts is nobody else's."""
import ctypes.util
import os
import pathlib
import socket
import subprocess
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox import Sandbox, sha256

COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
INSIDE = "BACKHAUL_TEST_INSIDE"
HTTP_PROXY = pathlib.Path(__file__).parents[2] / "support/http_proxy.py"
NO_SCRIPTS = 4  # exit code of the program that asks
# Of this machine, and of this process.
WPAD = f"127.{64 + os.getpid() // 65536 % 64}.{os.getpid() // 256 % 256}.{1 + os.getpid() % 254}"
SCRIPT = """
function FindProxyForURL(url, host) {
  if (shExpMatch(host, "127.0.0.*")) return "PROXY PROXY_ADDRESS; DIRECT";
  return "DIRECT";
}
"""


class Script(BaseHTTPRequestHandler):
    text = ""

    def do_GET(self):
        self.send_response(200 if self.path == "/wpad.dat" else 404)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_):
        pass


class ProxyScript(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(SERVICE)
        self.know("wpad")

    def know(self, *names):
        """What this network can resolve."""
        pathlib.Path("/etc/hosts").write_text("127.0.0.1 localhost\n" + "".join(
            f"{WPAD} {name}\n" for name in names))

    def serve(self, script):
        Script.text = script
        server = ThreadingHTTPServer((WPAD, 80), Script)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def start_proxy(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.box.spawn(sys.executable, HTTP_PROXY, listener.fileno(), self.box.folder / "asked",
                           pass_fds=[listener.fileno()])
            return "127.0.0.1:" + str(listener.getsockname()[1])

    def ask(self, url):
        done = self.box.run(SERVICE, "--find-proxy", "network", url, check=False)
        return done.returncode, done.stdout.split()

    def begin(self):
        self.box.use_bus(self.box.start_bus())
        self.origin = self.box.start_origin()
        self.file = self.origin.add("file", 100_000)
        self.target = self.box.folder / "home/file"

    def get(self):
        return self.box.run(COMMAND, "get", "--proxy", "auto", f"{self.origin.url}/file",
                            self.target, check=False)

    def asked(self):
        path = self.box.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def needs_plugin(self):
        if self.ask("http://elsewhere.invalid/")[0] == NO_SCRIPTS:
            self.skipTest("SKIPPED LOUDLY: libproxy has no plugin here that runs scripts")

    def test_a_script_of_the_network_names_the_proxy(self):
        self.needs_plugin()
        proxy = self.start_proxy()
        self.serve(SCRIPT.replace("PROXY_ADDRESS", proxy))
        self.assertEqual(self.ask("http://127.0.0.1/"), (0, [f"http://{proxy}", "direct://"]))
        self.assertEqual(self.ask("https://elsewhere.invalid/"), (0, ["direct://"]))
        self.begin()
        done = self.get()
        self.assertEqual(done.returncode, 0, done.stderr + self.box.log())
        self.assertEqual(sha256(self.target), sha256(self.file))
        self.assertEqual([line for line in self.asked() if not line.startswith("GET ")], [])
        self.assertIn(f"GET {self.origin.url}/file HTTP/1.1", self.asked())

    def test_who_cannot_run_it_is_told_so_and_goes_no_other_way(self):
        self.box.env["PX_MODULE_PATH"] = "/nonexistent"  # of libproxy, which keeps its plugins there
        if self.ask("http://elsewhere.invalid/")[0] == 0:
            self.skipTest("SKIPPED LOUDLY: this libproxy runs scripts without a plugin")
        self.begin()
        done = self.get()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the network has a script for it (WPAD), and libproxy has no plugin here that runs it",
                      done.stderr)
        self.assertEqual(self.origin.requests(), [])

    def test_a_script_that_does_not_run_names_no_way(self):
        self.needs_plugin()
        self.serve("function FindProxyForURL(url, host) { return nonsense(")
        if self.ask("http://elsewhere.invalid/")[0] == 0:
            self.skipTest("SKIPPED LOUDLY: this libproxy says nothing of a script that does not run")
        self.begin()
        done = self.get()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the network has a script for it (WPAD), which libproxy cannot run", done.stderr)
        self.assertEqual(self.origin.requests(), [])

    def test_a_network_without_a_script_names_no_proxy(self):
        self.know()
        self.box.env["PX_MODULE_PATH"] = "/nonexistent"
        self.assertEqual(self.ask("http://elsewhere.invalid/")[0], 0)
        self.begin()
        self.assertEqual(self.get().returncode, 0)
        self.assertEqual(sha256(self.target), sha256(self.file))


def enter():
    """In a namespace where two files of the system are others; the rest is what it was."""
    with Sandbox("/nonexistent") as box:
        for name in ("hosts", "resolv.conf"):
            (box.folder / name).write_text("")
        done = subprocess.run(
            ["unshare", "-m", "--propagation", "private", "sh", "-c",
             'mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf || exit 77\n'
             'exec "$@"', str(box.folder), sys.executable, *sys.argv],
            env=dict(os.environ, **{INSIDE: "1"}), check=False)
        return done.returncode


if __name__ == "__main__":
    if os.environ.get(INSIDE):
        unittest.main()
    if ctypes.util.find_library("proxy") is None:
        print("SKIPPED LOUDLY: libproxy is not installed")
        sys.exit(77)
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        print("SKIPPED LOUDLY: no mount namespace can be made here")
        sys.exit(77)
    sys.exit(enter())
