#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""backhauld and the services of a machine: what they tell pauses jobs and lets them go on, what is asked
of logind is held no longer than it has to be, and none of them has to be there."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

import dbus

from contract import FOREGROUND, QUEUED, TRANSFERRED, TRANSFERRING, TRANSIENT_ERROR, Client
from sandbox import Sandbox, wait_for

SERVICE, COMMAND = os.environ["BACKHAUL_SERVICE"], os.environ["BACKHAUL_COMMAND"]
PEER = pathlib.Path(__file__).parents[2] / "support/machine_peer.py"
UNRESTRICTED, STANDARD, NOT_ROAMING = 0x80000021, 0x80000067, 0x8000007F
BLOCKED_BY_COST, BLOCKED_BY_SAVER = 0x80200059, 0x80200068
METERED = {"yes": 1, "no": 2, "guess-yes": 3, "guess-no": 4, "unknown": 0}


class Machine:
    def __init__(self, box, *services):
        self.process = box.spawn_peer(PEER, *services)

    def tell(self, *words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Box(Sandbox):
    def spawn_peer(self, *command):
        peer = subprocess.Popen(["/usr/bin/python3", *map(str, command)], env=self.env, text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.children.append(peer)
        assert peer.stdout.readline() == "ready\n"
        return peer

    def close(self):
        super().close()
        for child in self.children:
            for stream in (child.stdin, child.stdout):
                if stream:
                    stream.close()


class Trickle:
    """A proxy whose every file is large, and which sends small pieces as long as somebody takes them. It remembers
    when the last one went, and gives rests of files."""
    SIZE = 1 << 30
    PIECE = bytes(512)

    def __init__(self):
        self.ended = self.sent = 0
        self.last = 0.0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.closed = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer = self.listener.accept()[0]
                with peer, contextlib.suppress(OSError):
                    self.answer(peer)

    def answer(self, peer):
        request = b""
        while b"\r\n\r\n" not in request:
            more = peer.recv(65536)
            if not more:
                return
            request += more
        asked = re.search(rb"(?i)\nrange: bytes=(\d+)-\r", request)
        begin = int(asked[1]) if asked else 0
        head = "HTTP/1.1 206 x\r\nContent-Range: " \
            f"bytes {begin}-{self.SIZE - 1}/{self.SIZE}" if asked else "HTTP/1.1 200 x"
        # Little is on its way, so that what was sent is what was taken.
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.sendall(f"{head}\r\nETag: \"a\"\r\nContent-Length: {self.SIZE - begin}\r\n\r\n".encode())
        try:
            while not self.closed.wait(0.005):
                peer.sendall(self.PIECE)
                self.last = time.monotonic()
                self.sent += 1
        finally:
            self.ended += 1

    def close(self):
        self.closed.set()
        self.listener.close()


class MachineTest(unittest.TestCase):
    def setUp(self):
        self.box = Box("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.env["DBUS_SYSTEM_BUS_ADDRESS"] = self.box.start_bus("system")

    def begin(self, *services, rate="200k", size=8 << 20, settings=""):
        if services:
            self.machine = Machine(self.box, *services)
        config = self.box.folder / "home/config/backhaul"
        config.mkdir(parents=True)
        self.settings = config / "backhauld.conf"
        self.settings.write_text(settings)
        self.box.install_service(SERVICE)
        address = self.box.start_bus()
        self.box.use_bus(address)
        self.client = Client(address)
        self.addCleanup(self.client.close)
        self.origin = self.box.start_origin(rate)
        self.origin.add("file", size)

    def job(self, **settings):
        return self.client.enqueue([(self.origin.url + "/file", self.box.folder / "home/file")],
                                   **settings)

    def wait_for_state(self, job, state):
        wait_for(f"state {state}", lambda: self.client.state(job) == state)

    def kind(self, job):
        return str(self.client.get(job, "Waiting")[0])

    def command(self, *words, **options):
        return self.box.run(COMMAND, *words, **options)

    def test_a_metered_network_stops_the_transfer_and_an_unmetered_one_goes_on(self):
        self.begin("network")
        job = self.job(CostFlags=dbus.UInt32(UNRESTRICTED))
        self.wait_for_state(job, TRANSFERRING)
        for told in ("yes", "guess-yes"):
            before = len(self.origin.requests())
            self.machine.tell("set", "network", {"Metered": METERED[told]})
            self.wait_for_state(job, TRANSIENT_ERROR)
            wait_for("the end of the request", lambda: len(self.origin.requests()) > before)
            self.assertEqual(int(self.client.call(job, "GetError")[0]), BLOCKED_BY_COST)
            self.assertEqual(self.kind(job), "cost")
            self.assertEqual(int(self.client.get(job, "ErrorCount")), 0)
            self.machine.tell("set", "network",
                              {"Metered": METERED["no" if told == "yes" else "guess-no"]})
            self.wait_for_state(job, TRANSFERRING)
        explained = self.command("explain", self.client.get(job, "Id"))
        self.assertIn("transferring", explained.stdout)

    def test_what_is_known_before_the_first_byte_is_heeded_from_the_first_byte_on(self):
        self.begin("network")
        self.machine.tell("set", "network", {"Metered": 1})
        job = self.job(CostFlags=dbus.UInt32(UNRESTRICTED))
        self.wait_for_state(job, TRANSIENT_ERROR)
        self.assertEqual(self.origin.requests(), [])
        text = self.command("explain", str(self.client.get(job, "Id"))).stdout
        self.assertIn("the network is metered [NetworkManager]", text)
        self.assertIn("its own cost flags take unrestricted [the job]", text)
        # A service that is not there any more forbids nothing.
        self.machine.tell("leave", "network")
        self.wait_for_state(job, TRANSFERRING)

    # The promise is a second; what a server could still send after that is what counts, and not what was read.
    def test_from_a_change_to_the_last_byte_of_a_payload_is_less_than_a_second(self):
        self.begin("network", "power", "profile", "logind", settings="[Power]\nOnBattery = pause\n")
        trickle = Trickle()
        self.addCleanup(trickle.close)
        # It plays the proxy: whoever is near is asked whatever the network wants.
        job = self.client.enqueue([("http://far.example.org/f", self.box.folder / "home/file")],
                                  CostFlags=dbus.UInt32(UNRESTRICTED),
                                  Proxy=dbus.Struct((dbus.UInt32(2), trickle.url, ""), signature="uss"))
        for what, begin, end in (
                ("cost", ("set", "network", {"Metered": 1}), ("set", "network", {"Metered": 2})),
                ("login page", ("set", "network", {"Connectivity": 2}), ("set", "network", {"Connectivity": 4})),
                ("battery", ("set", "power", {"OnBattery": True}), ("set", "power", {"OnBattery": False})),
                ("power saver", ("set", "profile", {"ActiveProfile": "power-saver"}),
                 ("set", "profile", {"ActiveProfile": "balanced"})),
                ("sleep", ("sleep", True), ("sleep", False))):
            before = trickle.sent
            wait_for("payload", lambda: trickle.sent > before + 20)
            ended = trickle.ended
            changed = time.monotonic()
            self.machine.tell(*begin)
            wait_for(f"the end of the request by {what}", lambda: trickle.ended > ended)
            self.assertLess(trickle.last - changed, 1.0, what)
            self.assertNotEqual(self.client.state(job), TRANSFERRING)
            self.machine.tell(*end)
            self.wait_for_state(job, TRANSFERRING)

    def test_roaming_is_what_a_connected_modem_says(self):
        self.begin("modem", "network")
        job = self.job()
        self.wait_for_state(job, TRANSFERRING)
        self.machine.tell("set", "modem", {"RegistrationState": 5})
        self.wait_for_state(job, TRANSIENT_ERROR)
        self.client.call(job, "SetProperties", {"CostFlags": dbus.UInt32(0x800000FF)},
                         signature="a{sv}")
        self.wait_for_state(job, TRANSFERRING)

    def test_the_policy_of_a_priority_and_the_line_that_says_it(self):
        self.begin("network", settings="[Cost]\nNormal = unrestricted\n")
        self.machine.tell("set", "network", {"Metered": 1})
        job = self.job()
        self.assertEqual(int(self.client.get(job, "CostFlags")), UNRESTRICTED)
        self.wait_for_state(job, TRANSIENT_ERROR)
        ident = str(self.client.get(job, "Id"))
        self.assertIn(f"[{self.settings}:2]", self.command("explain", ident).stdout)
        causes = json.loads(self.command("explain", ident, "--json").stdout)
        self.assertEqual([cause["subject"] for cause in causes], ["job", "world", "policy"])
        self.client.call(job, "SetProperties", {"Priority": dbus.UInt32(FOREGROUND)},
                         signature="a{sv}")
        self.assertEqual(int(self.client.get(job, "CostFlags")), NOT_ROAMING)
        self.wait_for_state(job, TRANSFERRING)

    def test_a_property_goes_back_to_what_the_settings_say_of_new_jobs(self):
        self.begin(settings="[Jobs]\nMaxDownloadTimeSec = 3600\n")
        job = self.command("create", "j").stdout.strip()
        limit = lambda: self.command("show", job, "-p", "max-download-time", "--value").stdout.strip()
        self.assertEqual(limit(), "3600")
        self.command("set", job, "max-download-time=2h")
        self.assertEqual(limit(), "7200")
        self.command("unset", job, "max-download-time", "priority")
        self.assertEqual(limit(), "3600")
        path = self.client.jobs()[0][0]
        with self.assertRaises(dbus.DBusException):
            self.client.call(path, "SetProperties", {"Defaults": dbus.Array(["Name"])}, signature="a{sv}")

    def test_power_saving_is_heeded_and_a_battery_where_the_settings_say_so(self):
        self.begin("power", "profile", settings="[Power]\nOnBattery = pause\n")
        job = self.job()
        self.wait_for_state(job, TRANSFERRING)
        self.machine.tell("set", "profile", {"ActiveProfile": "power-saver"})
        self.wait_for_state(job, TRANSIENT_ERROR)
        self.assertEqual(int(self.client.call(job, "GetError")[0]), BLOCKED_BY_SAVER)
        self.assertEqual(self.kind(job), "power-saver")
        self.machine.tell("set", "power", {"OnBattery": True})
        wait_for("the battery", lambda: self.kind(job) == "battery")
        self.machine.tell("set", "profile", {"ActiveProfile": "balanced"})
        self.machine.tell("set", "power", {"OnBattery": False})
        self.wait_for_state(job, TRANSFERRING)

    def test_the_machine_sleeps_when_what_came_is_stored(self):
        self.begin("logind")
        job = self.job()
        self.wait_for_state(job, TRANSFERRING)
        wait_for("the inhibitor", lambda: self.machine.tell("inhibitors") == [["sleep", "delay"]])
        wait_for("some bytes", lambda: int(self.client.get(job, "BytesTransferred")) > 100_000)
        self.machine.tell("sleep", True)
        wait_for("nothing to be held", lambda: self.machine.tell("inhibitors") == [])
        self.assertEqual(self.client.state(job), QUEUED)
        self.assertEqual(self.kind(job), "sleep")
        self.machine.tell("sleep", False)
        self.wait_for_state(job, TRANSFERRING)
        wait_for("the inhibitor", lambda: self.machine.tell("inhibitors") == [["sleep", "delay"]])

    def test_a_job_holds_the_machine_awake_only_while_it_runs(self):
        self.begin("logind")
        job = self.job(KeepAwake=True)
        wait_for("both inhibitors", lambda: self.machine.tell("inhibitors") ==
                 [["sleep", "block"], ["sleep", "delay"]])
        self.client.call(job, "Suspend")
        wait_for("one to be let go", lambda: self.machine.tell("inhibitors") == [["sleep", "delay"]])

    def test_the_bandwidth_of_the_settings_is_kept_and_follows_them_when_they_are_read_again(self):
        self.begin(rate=None, size=4 << 20, settings="[Bandwidth.NonWork]\nNormalKbps = 400\n"
                   "[Bandwidth.Work]\nNormalKbps = 400\n")
        began = time.monotonic()
        job = self.job()
        self.wait_for_state(job, TRANSFERRING)
        wait_for("some bytes", lambda: int(self.client.get(job, "BytesTransferred")) > 120_000)
        self.assertGreater(time.monotonic() - began, 1.5)
        ident = str(self.client.get(job, "Id"))
        self.assertRegex(self.command("explain", ident).stdout,
                         rf"kept to 400 kbit/s now.*\[{re.escape(str(self.settings))}:[24]\]")
        shown = json.loads(self.command("show", ident, "--json").stdout)
        self.assertLess(shown["rate"], 60_000)
        self.assertGreater(shown["eta"], 30)
        service = self.box.service_pid()
        self.settings.write_text("[Bandwidth]\nLimitKbps = many\n")
        os.kill(service, signal.SIGHUP)
        self.settings.write_text("")
        os.kill(service, signal.SIGHUP)
        self.wait_for_state(job, TRANSFERRED)

    # The origin plays the proxy, because what is near is not counted.
    def test_a_data_budget_is_of_the_network_that_its_owner_named_and_a_pause(self):
        self.begin("network", "connection", settings="[Budget.Phone]\nLimit = 1 MiB\n", rate="2m")
        phone = "/org/freedesktop/NetworkManager/ActiveConnection/1"
        self.machine.tell("set", "network", {"PrimaryConnection": phone})
        job = self.client.enqueue([("http://far.example.org/file", self.box.folder / "home/file")],
                                  Proxy=dbus.Struct((dbus.UInt32(2), self.origin.url, ""), signature="uss"))
        wait_for("the end of the budget", lambda: self.kind(job) == "budget")
        self.assertEqual(list(self.client.get(job, "Waiting")[3]), ["Phone"])
        wait_for("what came to be stored", lambda: int(self.client.get(job, "BytesTransferred")) > 512 << 10)
        self.assertLess(int(self.client.get(job, "BytesTransferred")), 8 << 20)
        stats = json.loads(self.command("stats", "--json").stdout)
        [budget] = stats["budgets"]
        self.assertEqual((budget["network"], budget["in-use"], budget["limit"]), ("Phone", True, 1 << 20))
        self.assertGreaterEqual(budget["used"], 1 << 20)
        self.assertIn("Phone *", self.command("stats").stdout)
        why = self.command("explain", job.rsplit("/", 1)[-1]).stdout
        self.assertIn("backhauld.conf:2", why)
        self.origin.hurry()
        self.machine.tell("set", "network", {"PrimaryConnection": "/"})
        self.wait_for_state(job, TRANSFERRED)

    def test_without_any_service_or_bus_nothing_is_forbidden(self):
        self.box.env["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
        self.begin(rate=None)
        self.wait_for_state(self.job(KeepAwake=True), TRANSFERRED)

    def test_the_command_waits_for_what_it_was_told_and_for_an_idle_queue(self):
        self.begin("network", rate=None)
        self.machine.tell("set", "network", {"Metered": 1})
        url = self.origin.url + "/file"
        ident = self.command("get", url, "--not-metered", "--keep-awake", "--background").stdout.strip()
        shown = json.loads(self.command("show", ident, "--json").stdout)
        self.assertEqual((shown["cost"], shown["keep-awake"]), ("unrestricted", True))
        wait_for("it to be barred", lambda: (json.loads(
            self.command("show", ident, "--json").stdout)["waiting"] or {"kind": ""})["kind"] == "cost")
        self.assertEqual(self.command("wait", "--idle", "-t", "1", check=False).returncode, 5)
        self.machine.tell("set", "network", {"Metered": 2})
        self.command("wait", "--idle")
        self.assertTrue((self.box.folder / "file").exists())
        self.assertEqual(self.command("wait", "--idle").returncode, 0)
        self.assertEqual(self.command("get", url, "--cost", "cheap", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
