#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The example pull_model, in Python and in C++: a hub that wants to see who asks and redirects to links of a
store that soon expire. Service and example are killed in the middle, the disk fills up, the store goes away
and comes back; the set comes whole, the program is started again, and the store never sees the token."""
import hashlib
import http.server
import json
import os
import pathlib
import signal
import subprocess
import threading
import time
import unittest
from base64 import urlsafe_b64encode

from sandbox import Sandbox, parent_of, sha256, wait_for

SOURCE = pathlib.Path(__file__).parents[2] / "examples/pull_model/pull_model.py"
PROGRAM = os.environ.get("PULL_MODEL", "")
MIB = 1 << 20
TOKEN = "a-token-of-the-hub"
LIFE = 2  # seconds that a link works


class Hub(http.server.ThreadingHTTPServer):
    """Redirects whoever has the token to a link that the store takes for LIFE seconds."""
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.store, self.secret, self.asked = None, "of hub and store", []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def link(self, path):
        until = int(time.time()) + LIFE
        digest = hashlib.md5(f"{until}{path} {self.secret}".encode()).digest()
        return f"{self.store}{path}?md5={urlsafe_b64encode(digest).decode().rstrip('=')}&expires={until}"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        seen = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        self.send_response(302 if seen else 401)
        if seen:
            self.send_header("Location", self.server.link(self.path.removeprefix("/model")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Store:
    """nginx with links that expire."""
    CONFIG = """
daemon off; pid {folder}/store.pid; error_log {folder}/store-error.log;
{user} worker_processes 1;
events {{ worker_connections 64; }}
http {{
  log_format asked '$uri $status "$http_range" "$http_authorization"';
  access_log {folder}/store-access.log asked;
  client_body_temp_path {folder}/s1; proxy_temp_path {folder}/s2; fastcgi_temp_path {folder}/s3;
  uwsgi_temp_path {folder}/s4; scgi_temp_path {folder}/s5;
  limit_rate 12m;
  server {{ listen 127.0.0.1:{port}; root {folder}/origin;
    location / {{ secure_link $arg_md5,$arg_expires; secure_link_md5 "$secure_link_expires$uri {secret}";
      if ($secure_link = "") {{ return 403; }} if ($secure_link = "0") {{ return 410; }} }} }}
}}
"""

    def __init__(self, box, hub):
        self.box = box
        with http.server.HTTPServer(("127.0.0.1", 0), Answer) as free:
            self.port = free.server_port
        (box.folder / "store.conf").write_text(self.CONFIG.format(
            folder=box.folder, port=self.port, secret=hub.secret,
            user="user root;" if os.geteuid() == 0 else ""))
        self.start()
        hub.store = f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = self.box.spawn("nginx", "-e", self.box.folder / "store-error.log", "-c",
                                      self.box.folder / "store.conf", stderr=subprocess.DEVNULL)
        wait_for("the store", lambda: (self.box.folder / "store.pid").exists() and
                 (self.box.folder / "store.pid").read_text().strip() == str(self.process.pid))

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def answers(self):
        """(uri, status, range, authorization)"""
        rows = (self.box.folder / "store-access.log").read_text().splitlines()
        return [(row.split(" ")[0], int(row.split(" ")[1]), row.split('"')[1], row.split('"')[3]) for row in rows]


class PullModel(unittest.TestCase):
    def test_in_python(self):
        self.pull(SOURCE)

    @unittest.skipUnless(PROGRAM, "the example was not built")
    def test_in_cpp(self):
        self.pull(PROGRAM)

    def test_too_few_words_are_said_and_nobody_is_waited_for(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            for program in filter(None, (SOURCE, PROGRAM)):
                for words in (["http://host/model"], ["http://host/model", box.folder]):
                    done = box.run(program, *words, check=False)
                    self.assertEqual(done.returncode, 1, program)
                    self.assertIn("NAME=SHA256...", done.stderr, program)

    def test_a_folder_is_no_pattern(self):
        """The second folder, as a pattern, would be the first one and not itself."""
        for program in filter(None, (SOURCE, PROGRAM)):
            with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
                box.use_bus(box.start_bus())
                for folder in ("model-a", "model-[a]", "model-[a]"):
                    (box.folder / folder).mkdir(exist_ok=True)
                    box.run(program, "http://127.0.0.1:9/model", box.folder / folder, f"config.json={'0' * 64}")
                names = [job["name"] for job in json.loads(self.show(box))]
                self.assertEqual(sorted(names), [f"model {box.folder}/model-[a]", f"model {box.folder}/model-a"])

    def pull(self, program):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            hub = Hub()
            store = Store(box, hub)
            self.folder = box.folder / "home/model"
            self.folder.mkdir(exist_ok=True)
            small_disk = self.mount(24 * MIB)
            try:
                self.whole_story(box, hub, store, program, small_disk)
            finally:
                if small_disk:
                    subprocess.run(["umount", "--lazy", self.folder], check=True)
                hub.shutdown()
                hub.server_close()

    def mount(self, size, again=""):
        """A disk of this size for the model; False where that is not allowed."""
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"{again}size={size},mode=0755", "none", self.folder],
                              capture_output=True, text=True)
        if done.returncode != 0:
            print(f"no full disk here: {done.stderr.strip()}")
        return done.returncode == 0

    def whole_story(self, box, hub, store, program, small_disk):
        sizes = {"config.json": 700, "model-00001-of-00002.safetensors": 30 * MIB,
                 "model-00002-of-00002.safetensors": 8 * MIB}
        sources = {}
        for name, size in sizes.items():
            sources[name] = box.folder / "origin" / name
            noise = os.urandom(MIB)
            sources[name].write_bytes((noise * (size // MIB + 1))[:size])
        box.use_bus(box.start_bus())
        box.env["HUB_TOKEN"] = TOKEN
        words = [program, f"http://127.0.0.1:{hub.server_port}/model", self.folder,
                 *(f"{name}={sha256(path)}" for name, path in sources.items())]
        box.run(*words)
        del box.env["HUB_TOKEN"]  # the job has it, sealed

        # The first shard is larger than the disk.
        if small_disk:
            wait_for("the full disk", lambda: "disk-full" in self.show(box) or "DISK_FULL" in self.show(box))
            self.assertTrue(self.mount(256 * MIB, "remount,"))
            box.run(*words)  # given once more, it goes on
        # Killed in the middle of it, when its link is dead as well.
        wait_for("a part", lambda: self.arrived() > 6 * MIB)
        first_asked = len(hub.asked)
        service = box.service_pid()
        os.kill(parent_of(service), signal.SIGKILL)  # its guardian; the example has ended long ago
        box.kill_service()
        time_of_death = time.time()
        self.show(box)  # whoever comes next brings it back
        wait_for("more of it", lambda: self.arrived() > 14 * MIB)
        # The store goes away with the connection, as where the network changes.
        store.stop()
        wait_for("the retry", lambda: "transient-error" in self.show(box))
        wait_for("the end of every link", lambda: time.time() > time_of_death + 2 * LIFE)
        store.start()
        wait_for("the set", lambda: all((self.folder / name).exists() for name in sizes), 60)
        for name, path in sources.items():
            self.assertEqual(sha256(path), sha256(self.folder / name))
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(sizes), "and nothing else")
        wait_for("an empty queue", lambda: box.run("backhaul", "list", "--json").stdout.strip() == "[]")

        self.assertGreater(len(hub.asked), first_asked, "a link is never remembered: the hub is asked again")
        answers = store.answers()
        self.assertTrue(all(authorization == "-" for *_, authorization in answers), "no credentials elsewhere")
        of_first = [status for uri, status, *_ in answers if "00001" in uri]
        self.assertEqual(of_first[:1 + small_disk], [200] * (1 + small_disk))
        self.assertEqual(set(of_first[1 + small_disk:]), {206}, "what was here was not fetched again")
        self.assertNotIn(TOKEN, box.log())

    @staticmethod
    def show(box):
        return box.run("backhaul", "list", "--json").stdout

    def arrived(self):
        return sum(part.stat().st_size for part in self.folder.glob(".BIT*"))


if __name__ == "__main__":
    unittest.main()
