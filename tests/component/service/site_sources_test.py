#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A whole service before which a cache stands, an nginx with the configuration that docs/neighbours.md gives, or a proxy
that shares what it fetches and misbehaves."""
import http.client
import http.server
import os
import pathlib
import re
import socket
import subprocess
import threading
import unittest

from contract import FOREGROUND, TRANSFERRED, Client
from sandbox import Sandbox, free_port, sha256, wait_for

SERVICE, ROOT = os.environ["BACKHAUL_SERVICE"], pathlib.Path(os.environ["BACKHAUL_SOURCE"])
SIZE = 3 << 20


class SiteCache:
    """The nginx of docs/neighbours.md, on a port and in a folder of this test."""

    def __init__(self, box, more=""):
        text = (ROOT / "docs/neighbours.md").read_text()
        config, = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
        self.folder = box.folder / "site-cache"
        for name in ("cache", "log", "temp"):
            (self.folder / name).mkdir(parents=True)
        self.port = free_port()
        temporary = "".join(f"{kind}_temp_path {self.folder}/temp/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        changes = {"worker_processes auto;": "daemon off;\n" + ("user root;\n" if os.geteuid() == 0 else "") +
                                             "worker_processes 1;",
                   "worker_connections 4096": "worker_connections 256",
                   "http {": "http {\n" + temporary,
                   "listen 80;": f"listen 127.0.0.1:{self.port};",
                   "slice 1m;": "slice 1m;" + more,
                   "/run/nginx.pid": f"{self.folder}/pid",
                   "/var/log/nginx": f"{self.folder}/log",
                   "/var/cache/nginx": f"{self.folder}/cache",
                   "max_size=50g": "max_size=100m"}
        for before, after in changes.items():
            assert before in config, before
            config = config.replace(before, after)
        (self.folder / "nginx.conf").write_text(config)
        self.process = box.spawn("nginx", "-e", self.folder / "log/error.log", "-c", self.folder / "nginx.conf",
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the cache", self.serves)

    def serves(self):
        assert self.process.poll() is None, (self.folder / "log/error.log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", self.port)):
                return True
        except OSError:
            return False

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def asked(self):
        """Its log, a line for each request; the probes of serves() are none."""
        return [line for line in (self.folder / "log/access.log").read_text().splitlines() if "HTTP/1." in line]

    def end(self):
        self.process.terminate()
        self.process.wait()


class SharingProxy:
    """What a proxy of a site may do: 'good', 'lies', 'hangs', or an HTTP status."""

    def __init__(self, behaviour):
        self.behaviour, self.seen, self.ended = behaviour, [], threading.Event()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                proxy.seen.append((self.path, {name.lower() for name in self.headers}))
                proxy.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request):
        if self.behaviour == "hangs":
            self.ended.wait()
            return
        if isinstance(self.behaviour, int):
            request.send_error(self.behaviour)
            return
        host, _, path = request.path.removeprefix("http://").partition("/")
        upstream = http.client.HTTPConnection(host)
        span = request.headers["Range"]
        upstream.request("GET", "/" + path, headers={"Range": span} if span else {})
        answer = upstream.getresponse()
        body = answer.read()
        request.send_response(answer.status)
        for name in ("Content-Length", "ETag", "Last-Modified", "Content-Range"):
            if answer.headers[name]:
                request.send_header(name, answer.headers[name])
        request.end_headers()
        request.wfile.write(bytes(len(body)) if self.behaviour == "lies" else body)
        upstream.close()

    def end(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


class SiteSources(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.origin = self.box.start_origin()
        self.url = f"{self.origin.url}/a%2Bfile"
        self.digest = sha256(self.origin.add("a+file", SIZE))

    def start(self, settings):
        path = self.box.folder / "home/config/backhaul/backhauld.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[Peers]\n" + settings)
        self.box.install_service(SERVICE)
        address = self.box.start_bus()
        self.box.use_bus(address)
        self.client = Client(address)
        self.addCleanup(self.client.close)

    def proxy(self, behaviour):
        one = SharingProxy(behaviour)
        self.addCleanup(one.end)
        return one

    def fetch(self, name, digest=True, **settings):
        options = {"Digests": ["sha256:" + self.digest]} if digest else {}
        return self.client.enqueue([(self.url, self.box.folder / "home" / name)], options=options, **settings)

    def has(self, job, name):
        """The file is here and is the right one; how much of it came from others than the origin."""
        wait_for("the file", lambda: self.client.state(job) == TRANSFERRED)
        others = int(self.client.file_value(job, 0, "BytesFromPeers"))
        self.assertEqual(int(self.client.get(job, "ErrorCount")), 0)
        self.client.call(job, "Complete")
        self.assertEqual(sha256(self.box.folder / "home" / name), self.digest)
        return others

    def sent(self):
        """Octets of the file that its origin has sent."""
        return sum(sent for method, *_, sent in self.origin.requests() if method == "GET")

    def test_two_fetches_by_way_of_the_cache_cost_the_origin_one_copy(self):
        cache = SiteCache(self.box)
        self.start(f"CacheHost = {cache.url()}\n")
        for name in ("first", "second"):
            self.assertEqual(self.has(self.fetch(name), name), SIZE)
        wait_for("the log of the cache",
                 lambda: sum('"GET /http/127.0.0.1:' in line and "/a%2Bfile HTTP" in line for line in cache.asked()) == 2)
        self.assertEqual(self.sent(), SIZE)

    def test_without_a_digest_the_cache_is_asked_only_where_it_is_believed(self):
        cache = SiteCache(self.box)
        self.start(f"CacheHost = {cache.url()}\n")
        self.assertEqual(self.has(self.fetch("unproven", digest=False), "unproven"), 0)
        self.assertEqual(cache.asked(), [])

    def test_a_job_in_the_foreground_asks_its_origin_at_once(self):
        cache = SiteCache(self.box)
        self.start(f"CacheHost = {cache.url()}\n")
        self.assertEqual(self.has(self.fetch("now", Priority=FOREGROUND), "now"), 0)
        self.assertEqual(cache.asked(), [])

    def test_a_cache_that_is_killed_in_the_middle_loses_nothing_that_came(self):
        cache = SiteCache(self.box, "limit_rate 200k;")
        self.start(f"CacheHost = {cache.url()}\n")
        job = self.fetch("cut")
        wait_for("some bytes", lambda: int(self.client.get(job, "BytesTransferred")) > 0)
        cache.end()
        others = self.has(job, "cut")
        self.assertGreater(others, 0)
        self.assertLess(others, SIZE)
        self.assertEqual(self.has(self.fetch("later"), "later"), 0, "it is left alone for a quarter of an hour")

    def test_a_cache_that_is_not_there_costs_no_error(self):
        self.start(f"CacheHost = http://127.0.0.1:{free_port()}\n")
        self.assertEqual(self.has(self.fetch("alone"), "alone"), 0)

    def test_a_good_proxy_of_the_site_gives_the_file_and_is_told_nothing_of_who_asks(self):
        proxy = self.proxy("good")
        self.start(f"SiteProxy = {proxy.url()}\n")
        self.assertEqual(self.has(self.fetch("shared"), "shared"), SIZE)
        (asked, fields), = proxy.seen
        self.assertEqual(asked, self.url)
        self.assertFalse(fields & {"authorization", "proxy-authorization", "cookie"})

    def expect_no_error_of(self, behaviour):
        proxy = self.proxy(behaviour)
        self.start(f"SiteProxy = {proxy.url()}\n")
        self.assertEqual(self.has(self.fetch("file"), "file"), 0)
        self.assertEqual(self.has(self.fetch("again"), "again"), 0)
        self.assertEqual(len(proxy.seen), 1, "it is left alone for a quarter of an hour")

    def test_a_proxy_that_lies_costs_no_error(self):
        self.expect_no_error_of("lies")
        self.assertIn("the site's proxy sent bytes that are not valid", self.box.log())

    def test_a_proxy_that_hangs_costs_no_error(self):
        self.expect_no_error_of("hangs")

    def test_a_proxy_that_fails_costs_no_error(self):
        self.expect_no_error_of(502)


if __name__ == "__main__":
    unittest.main()
