#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""backhaul-swarm as a process: what it takes and refuses, how it gives octets, who is served, and that machines give
them to each other. Every network is loopback, or a namespace that the test made."""
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import unittest
import xml.etree.ElementTree as xml

import dbus
import dbus.bus

from sandbox import Sandbox, random_file, sha256, wait_for, wait_for_end

SWARM, COMMAND = os.environ["BACKHAUL_SWARM"], os.environ["BACKHAUL_COMMAND"]
CONTRACT = pathlib.Path(os.environ["BACKHAUL_CONTRACT"])
NAME, PATH = "org.backhaul.Swarm1", "/org/backhaul/Swarm1"
SIZE = 3_000_001
REFUSED = "WINHTTP_INVALID_SERVER_RESPONSE"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("swarm", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def get(place, method="GET", **headers):
    """(status, headers, octets) of what a place gives."""
    connection = UnixConnection(place[0])
    try:
        connection.request(method, place[1], headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def get_all(place, size):
    """As a reader that goes on where a connection ended."""
    octets, in_vain = b"", 0
    while len(octets) < size:
        before = len(octets)
        try:
            octets += get(place, Range=f"bytes={before}-")[2]
        except http.client.IncompleteRead as part:
            octets += part.partial
        in_vain = in_vain + 1 if len(octets) == before else 0
        if in_vain == 5:
            raise AssertionError(f"nothing comes behind {before} octets")
    return octets


class Machine:
    """A home, a bus and a swarm of its own."""

    def __init__(self, test, space=None, settings="Port = 0\n"):
        self.box = Sandbox("/nonexistent")
        test.addCleanup(self.box.close)
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True)
        # Nothing of a test is announced in the network of the machine.
        own = "" if space or "Interfaces" in settings else "Interfaces = lo\n"
        (config / "swarm.conf").write_text("[Swarm]\n" + own + settings)
        self.box.env["XDG_CACHE_HOME"] = str(self.box.folder / "cache")
        self.address = self.box.start_bus()
        self.box.use_bus(self.address)
        self.space = space
        self.bus = dbus.bus.BusConnection(self.address)
        test.addCleanup(self.bus.close)

    def start(self):
        inside = [] if self.space is None else ["ip", "netns", "exec", self.space]
        self.process = self.box.spawn(*inside, SWARM)
        wait_for("the swarm", lambda: self.bus.name_has_owner(NAME) or self.process.poll() is not None)
        assert self.process.poll() is None, "the swarm did not start"
        return self

    def swarm(self, bus=None):
        return dbus.Interface((bus or self.bus).get_object(NAME, PATH, introspect=False), NAME)

    def join(self, number, torrent, url, size, bus=None):
        what = dbus.Dictionary({"Id": dbus.UInt64(number), "Torrent": torrent, "Url": url, "Size": dbus.UInt64(size)},
                               signature="sv")
        return tuple(str(one) for one in self.swarm(bus).Join(what, signature="a{sv}", timeout=60))

    def leave(self, number):
        self.swarm().Leave(dbus.UInt64(number), signature="t")

    def objects(self):
        return list(self.swarm().ListObjects(signature=""))


def publish(file, url):
    return subprocess.run([SWARM, "--publish", str(file), "--url", url, "--json"], check=True, capture_output=True,
                          text=True, timeout=60).stdout


class Alone(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(self)
        self.origin = self.machine.box.start_origin()
        self.file = self.origin.add("file.bin", SIZE)
        self.url = self.origin.url + "/file.bin"
        self.told = json.loads(publish(self.file, self.url))
        self.machine.start()

    def refusal(self, torrent, size=SIZE, url=None, number=1):
        with self.assertRaises(dbus.DBusException) as caught:
            self.machine.join(number, torrent, url or self.url, size)
        return (caught.exception.get_dbus_name().rsplit(".", 1)[-1], caught.exception.get_dbus_message())

    def put(self, name, content):
        (self.machine.box.folder / "origin" / name).write_bytes(content)
        return f"{self.origin.url}/{name}"

    def test_what_was_published_is_given_in_any_order(self):
        self.assertEqual(self.told["torrent-url"], self.url + ".torrent")
        content = self.file.read_bytes()
        place = self.machine.join(1, self.told["torrent-url"], self.url, SIZE)
        status, headers, octets = get(place, Range="bytes=2999990-")
        self.assertEqual((status, octets), (206, content[2999990:]))
        self.assertEqual(headers["Content-Range"], f"bytes 2999990-{SIZE - 1}/{SIZE}")
        status, _, octets = get(place, Range="bytes=100000-299999")
        self.assertEqual((status, octets), (206, content[100000:300000]))
        get_all(place, SIZE)
        status, whole, octets = get(place)
        self.assertEqual((status, whole["Content-Length"]), (200, str(SIZE)))
        self.assertEqual(hashlib.sha256(octets).hexdigest(), sha256(self.file))
        self.assertEqual(get(place, "HEAD")[2], b"")
        self.assertEqual(get(place, Range=f"bytes={SIZE}-")[0], 416)
        self.assertEqual(get((place[0], "/v1/object/" + 64 * "0"))[0], 404)
        self.assertEqual(get((place[0], "/../../etc/passwd"))[0], 404)
        wait_for("all of it", lambda: self.machine.objects()[0]["Complete"])
        only, = self.machine.objects()
        self.assertEqual((only["Size"], only["Held"], only["Readers"]), (SIZE, SIZE, 1))

    def test_a_torrent_of_something_else_is_refused_with_a_clear_answer(self):
        good = (self.machine.box.folder / "origin/file.bin.torrent").read_bytes()
        v1 = b"d4:infod6:lengthi3000001e4:name1:n12:piece lengthi4194304e6:pieces20:" + 20 * b"h" + b"ee"
        two = b"d4:infod5:filesld6:lengthi1e4:pathl1:aeed6:lengthi1e4:pathl1:beee4:name1:n12:piece lengthi16384e" \
              b"6:pieces20:" + 20 * b"h" + b"ee"
        for name, content, size, said in (
                ("size", good, SIZE + 1, "the file of the torrent has 3000001 octets and not 3000002"),
                ("v1", v1, SIZE, "the torrent is of version 1 alone, whose hashes are not believed"),
                ("two", two, 2, "the torrent is of version 1 alone, whose hashes are not believed"),
                ("half", good[:len(good) // 2], SIZE, "this is no torrent"),
                ("page", b"<html>not here</html>", SIZE, "this is no torrent"),
                ("empty", b"", SIZE, "this is no torrent"),
                ("large", bytes((10 << 20) + 1), SIZE, "the torrent is too large")):
            with self.subTest(name):
                code, text = self.refusal(self.put(name, content), size)
                self.assertEqual(code, REFUSED)
                self.assertTrue(text.startswith(said), text)
        self.assertEqual(self.refusal(self.origin.url + "/missing")[0], "WINHTTP_CANNOT_CONNECT")
        (self.machine.box.folder / "origin/folder").mkdir()
        code, text = self.refusal(self.origin.url + "/folder")
        self.assertEqual(code, "WINHTTP_CANNOT_CONNECT")
        self.assertTrue(text.startswith("the torrent is somewhere else (HTTP 301)"), text)
        good = self.told["torrent-url"]
        for torrent, url, size in (("file:///etc/passwd", self.url, SIZE), (good, "ftp://h/f", SIZE),
                                   ("http://a:b@h/t", self.url, SIZE), (good, self.url, 0),
                                   (good, self.origin.url + "/", SIZE)):
            with self.subTest(torrent=torrent, url=url):
                self.assertEqual(self.refusal(torrent, size, url)[0], "E_INVALIDARG")
        self.assertEqual(self.machine.objects(), [])

    def silent_server(self):
        """One that takes connections and says nothing."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def test_servers_that_hang_hold_nobody_up(self):
        # Both are waited for at once: for octets, whose connection ends, and for a torrent.
        place = self.machine.join(1, self.told["torrent-url"], self.silent_server() + "/file.bin", SIZE)
        connection = UnixConnection(place[0])
        self.addCleanup(connection.close)
        connection.request("GET", place[1])
        self.assertEqual(self.refusal(self.silent_server() + "/t", number=2),
                         ("WINHTTP_TIMEOUT", "the server of the torrent did not answer in time"))
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            connection.getresponse().read()

    def test_who_leaves_the_bus_is_no_reader_any_more(self):
        other = dbus.bus.BusConnection(self.machine.address)
        self.machine.join(1, self.told["torrent-url"], self.url, SIZE)
        self.machine.join(1, self.told["torrent-url"], self.url, SIZE, bus=other)
        self.assertEqual(self.machine.objects()[0]["Readers"], 2)
        other.close()
        wait_for("one reader", lambda: self.machine.objects()[0]["Readers"] == 1)
        self.machine.leave(1)
        self.machine.leave(1)
        self.assertEqual(self.machine.objects()[0]["Readers"], 0)

    def test_one_number_joins_once(self):
        self.machine.join(5, self.told["torrent-url"], self.url, SIZE)
        self.assertEqual(self.refusal(self.told["torrent-url"], number=5), ("E_INVALIDARG", "this number has joined"))

    @unittest.skipUnless(os.geteuid() == 0, "SKIPPED LOUDLY: another account can be had by root alone")
    def test_another_account_is_not_served_whatever_the_modes_say(self):
        place = self.machine.join(1, self.told["torrent-url"], self.url, SIZE)
        os.chmod(self.machine.box.folder / "run", 0o755)
        os.chmod(pathlib.Path(place[0]).parent, 0o755)
        os.chmod(place[0], 0o666)
        asks = ("import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
                "try:\n s.sendall(b'GET '+sys.argv[2].encode()+b' HTTP/1.0\\r\\n\\r\\n')\n print(len(s.recv(100)))\n"
                "except OSError: print(0)")
        heard = subprocess.run(["/usr/bin/python3", "-c", asks, *place], user=65534, group=65534, extra_groups=[],
                               check=True, capture_output=True, text=True, timeout=60, cwd="/").stdout
        self.assertEqual(heard.strip(), "0")
        self.assertEqual(get(place, "HEAD")[0], 200)

    def test_nothing_is_left_of_it_when_it_ends(self):
        place = self.machine.join(1, self.told["torrent-url"], self.url, SIZE)
        get_all(place, SIZE)
        self.machine.process.terminate()
        self.assertEqual(self.machine.process.wait(60), 0)
        cache = self.machine.box.folder / "cache/backhaul-swarm"
        self.assertEqual([path.name for path in cache.iterdir()], ["lock"])
        self.assertFalse(os.path.exists(place[0]))

    def test_a_cache_has_one_process(self):
        second = subprocess.run([SWARM], env=self.machine.box.env, check=False, capture_output=True, text=True,
                                timeout=60)
        self.assertEqual(second.returncode, 75)
        self.assertIn("another process uses", second.stderr)

    def test_the_interface_is_as_documented(self):
        told = self.machine.bus.get_object(NAME, PATH, introspect=False).Introspect(
            dbus_interface="org.freedesktop.DBus.Introspectable")

        def methods(tree):
            interface = next(one for one in tree.iter("interface") if one.get("name") == NAME)
            return {method.get("name"): [(arg.get("name"), arg.get("type"), arg.get("direction"))
                                         for arg in method.findall("arg")] for method in interface.findall("method")}
        self.assertEqual(methods(xml.fromstring(str(told))), methods(xml.parse(CONTRACT / f"{NAME}.xml").getroot()))


class Started(unittest.TestCase):
    def test_the_bus_starts_it_and_it_ends_with_the_bus(self):
        machine = Machine(self)
        (machine.box.folder / "home/data/dbus-1/services" / f"{NAME}.service").write_text(
            f"[D-BUS Service]\nName={NAME}\nExec={SWARM}\n")
        machine.bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus").ReloadConfig(
            dbus_interface="org.freedesktop.DBus")
        self.assertEqual(machine.objects(), [])
        pid = machine.bus.call_blocking("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                        "GetConnectionUnixProcessID", "s", (NAME,))
        machine.box.children[0].terminate()  # the bus
        wait_for_end(pid)

    def test_wrong_settings_are_said(self):
        machine = Machine(self, settings="Colour = red\n")
        done = subprocess.run([SWARM], env=machine.box.env, check=False, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 78)
        self.assertIn("line 3: Colour is no setting", done.stderr)


class Publishing(unittest.TestCase):
    """`backhaul publish`, in a tree like an installed one."""

    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.prefix = self.box.folder / "prefix"
        (self.prefix / "bin").mkdir(parents=True)
        (self.prefix / "libexec/backhaul").mkdir(parents=True)
        shutil.copy(COMMAND, self.prefix / "bin/backhaul")
        # Where the other programs are is known by the one that is always there.
        shutil.copy("/bin/true", self.prefix / "libexec/backhaul/backhauld")
        self.file = self.box.folder / "image.img"
        random_file(self.file, 200_000)

    def publish(self, *words):
        return subprocess.run([self.prefix / "bin/backhaul", "publish", self.file, *words], env=self.box.env,
                              check=False, capture_output=True, text=True, timeout=60)

    def test_it_says_clearly_that_the_part_is_not_installed(self):
        done = self.publish("--url", "http://h/image.img")
        self.assertEqual(done.returncode, 1)
        self.assertIn("backhaul-swarm is not installed", done.stderr)

    def test_it_writes_a_torrent_and_says_what_to_send(self):
        shutil.copy(SWARM, self.prefix / "libexec/backhaul/backhaul-swarm")
        done = self.publish("--url", "http://h/image.img", "-o", self.box.folder / "image.torrent")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('Link: <image.torrent>; rel=describedby; type="application/x-bittorrent"', done.stdout)
        self.assertIn("Repr-Digest: sha-256=:", done.stdout)
        self.assertIn("http://h/image.torrent", done.stdout)
        self.assertTrue((self.box.folder / "image.torrent").read_bytes().startswith(b"d"))
        self.assertEqual(self.publish().returncode, 2)
        self.assertEqual(self.publish("--url", "http://h/folder/").returncode, 2)
        self.assertEqual(self.publish("--url", "http://h/f", "-o", "/nonexistent/f.torrent").returncode, 1)

    def test_a_failure_is_told_in_its_own_name_and_as_json(self):
        shutil.copy(SWARM, self.prefix / "libexec/backhaul/backhaul-swarm")
        for url, output, code in (("http://h/folder/", "x", 2), ("http://h/f", self.file, 1)):
            done = self.publish("--url", url, "-o", output, "--json")
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertTrue(done.stderr.startswith("backhaul: "), done.stderr)
            self.assertTrue(json.loads(done.stdout)["error"]["text"])


class Site(unittest.TestCase):
    """Two machines and an origin, each a network namespace, on one bridge."""

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)

    def space(self, name):
        self.ip("netns", "add", name)
        self.addCleanup(subprocess.run, ["ip", "netns", "del", name], check=False, capture_output=True)
        self.ip("-n", name, "link", "set", "lo", "up")

    def on_bridge(self, hub, name, last):
        self.space(name)
        self.ip("-n", hub, "link", "add", f"v{last}", "type", "veth", "peer", "name", "eth0", "netns", name)
        self.ip("-n", hub, "link", "set", f"v{last}", "master", "site", "up")
        self.ip("-n", name, "addr", "add", f"10.79.0.{last}/24", "dev", "eth0")
        self.ip("-n", name, "link", "set", "eth0", "up")
        if last != 1:
            self.ip("-n", name, "route", "add", "default", "via", "10.79.0.1")

    def setUp(self):
        self.names = [f"bhs{os.getpid()}{letter}" for letter in "hoab"]
        hub, origin, one, other = self.names
        try:
            self.space(hub)
            self.ip("-n", hub, "link", "add", "site", "type", "bridge", "mcast_snooping", "0")
            self.ip("-n", hub, "link", "set", "site", "up")
            for last, name in enumerate((origin, one, other), 1):
                self.on_bridge(hub, name, last)
        except (OSError, subprocess.CalledProcessError) as problem:
            self.skipTest(f"SKIPPED LOUDLY: no network namespaces can be made: {problem}")

    def start_origin(self, folder):
        # To the second machine it sends so slowly that there is time to find the first, however busy this machine is.
        # The first has nobody else to ask.
        (folder / "www").mkdir()
        (folder / "nginx.conf").write_text(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; user root;
error_log {folder}/nginx.err; events {{ worker_connections 64; }}
http {{ log_format sent '$remote_addr $body_bytes_sent'; access_log {folder}/sent.log sent;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  map $remote_addr $rate {{ 10.79.0.2 0; default 200k; }} limit_rate $rate;
  server {{ listen 10.79.0.1:80; root {folder}/www; }} }}
""")
        self.one.box.spawn("ip", "netns", "exec", self.names[1], "nginx", "-e", folder / "nginx.err", "-c",
                           folder / "nginx.conf", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("nginx", lambda: (folder / "nginx.pid").exists())

    @staticmethod
    def sent(folder, address):
        rows = [line.split() for line in (folder / "sent.log").read_text().splitlines()]
        return sum(int(octets) for who, octets in rows if who == address)

    def test_the_second_machine_gets_a_good_part_from_the_first(self):
        size = 6 << 20
        # The first has the usual port; the second any that is free, which it has to announce rightly.
        self.one = Machine(self, self.names[2], settings="")
        self.other = Machine(self, self.names[3], settings="Port = 0\n")
        folder = self.one.box.folder / "site"
        folder.mkdir()
        self.start_origin(folder)
        random_file(folder / "www/file", size)
        url = "http://10.79.0.1/file"
        publish(folder / "www/file", url)
        digest = sha256(folder / "www/file")
        for machine in (self.one, self.other):
            machine.start()
            octets = get_all(machine.join(1, url + ".torrent", url, size), size)
            self.assertEqual(hashlib.sha256(octets).hexdigest(), digest)
        counts, = self.other.objects()
        # What is still being sent is written down at its end.
        self.other.process.terminate()
        self.other.process.wait(60)
        sent = self.sent(folder, "10.79.0.3")
        print(f"the origin sent {sent} octets of {size} to the second machine; counted: {dict(counts)}", flush=True)
        self.assertGreater(counts["FromPeers"], size // 3)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
