#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bus/*.xml through the generators that people use: what they make compiles and carries our text, and
proxies that cache what they read show what the real service does, without asking again."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

import dbus
from gi.repository import Gio, GLib

from contract import CANCELLED, NAME, QUEUED, ROOT, SUSPENDED, TRANSIENT_ERROR, Client
from sandbox import Sandbox, wait_for

CONTRACT = pathlib.Path(os.environ["BACKHAUL_CONTRACT"])
SERVICE = os.environ["BACKHAUL_SERVICE"]
HERE = pathlib.Path(__file__).parent
FILES = sorted(CONTRACT.glob("*.xml"))
EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal"
DOCUMENTATION = "org.gtk.GDBus.DocString"


def run(*command, folder):
    done = subprocess.run([str(c) for c in command], cwd=folder, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def flags(*packages):
    """Of pkg-config; None where the packages are not installed."""
    done = subprocess.run(["pkg-config", "--cflags", "--libs", *packages], capture_output=True,
                          text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else None


def annotation(element, name, otherwise=None):
    for child in element.findall("annotation"):
        if child.get("name") == name:
            return child.get("value")
    return otherwise


def emissions(interface):
    """{property: what its annotation says about its changes} of Job1 and others."""
    tree = xml.parse(CONTRACT / f"{interface}.xml").find("interface")
    return {p.get("name"): annotation(p, EMITS, "true") for p in tree.findall("property")}


class Generated(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="backhaul-bindings-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def gdbus(self, *options):
        run("gdbus-codegen", "--interface-prefix", "org.backhaul.", "--c-namespace", "Backhaul",
            *options, *FILES, folder=self.folder)

    def test_everything_is_documented_and_the_generator_carries_the_text(self):
        self.gdbus("--generate-docbook", "doc")
        for file in FILES:
            interface = xml.parse(file).find("interface")
            pages = xml.parse(self.folder / f"doc-{interface.get('name')}.xml")
            text = " ".join("".join(pages.getroot().itertext()).split())
            for element in [interface, *interface]:
                if element.tag == "annotation":
                    continue
                said = annotation(element, DOCUMENTATION)
                self.assertTrue(said, f"{file.name}: {element.get('name')} has no documentation")
                first = " ".join(said.split()[:6])
                self.assertIn(first, text, f"{file.name}: {element.get('name')}")

    def test_proxies_and_adaptors_for_qt(self):
        for file in FILES:
            name = file.stem.rsplit(".", 1)[-1].lower()
            for kind, option in (("proxy", "-p"), ("adaptor", "-a")):
                run("qdbusxml2cpp", "-i", "backhaul_types.h", option, f"{name}_{kind}", file,
                    folder=self.folder)
        options = flags("Qt5DBus")
        if options is None:
            self.skipTest("SKIPPED LOUDLY: the headers of Qt are not installed, so what "
                          "qdbusxml2cpp generated was not compiled")
        for source in sorted(self.folder.glob("*.cpp")):
            run("c++", "-std=c++17", "-fPIC", "-c", f"-I{CONTRACT}/qt", *options, source, "-o",
                "out.o", folder=self.folder)

    def program(self):
        """The C program with the generated proxy."""
        self.gdbus("--generate-c-code", "contract")
        options = flags("gio-2.0", "gio-unix-2.0")
        self.assertIsNotNone(options, "the headers of glib are not installed")
        run("cc", "-I.", HERE / "watch_state.c", "contract.c", "-o", "watch_state", *options,
            folder=self.folder)
        return self.folder / "watch_state"

    def test_a_c_proxy_sees_the_state_change_without_asking(self):
        program = self.program()
        with Sandbox("/nonexistent") as box:
            box.install_service(SERVICE)
            address = box.start_bus()
            box.use_bus(address)
            client = Client(address)
            self.addCleanup(client.close)
            job = client.enqueue([("http://127.0.0.1:9/x", box.folder / "home/x")], start=False,
                                 Name="first", MinimumRetryDelay=dbus.UInt32(600))
            watcher = box.spawn(program, address, job, stdout=subprocess.PIPE, text=True)
            with watcher.stdout as lines:
                self.assertEqual(lines.readline(), f"{SUSPENDED} first\n")
                client.call(job, "SetProperties", {"Name": "second"}, signature="a{sv}")
                self.assertEqual(lines.readline(), f"{SUSPENDED} second\n")
                client.call(job, "Start")
                seen = [int(lines.readline().split()[0])]
                while seen[-1] != TRANSIENT_ERROR:
                    seen.append(int(lines.readline().split()[0]))
                self.assertEqual(seen[0], QUEUED)
                client.call(job, "Cancel", signature="")
                self.assertEqual(lines.readline(), f"{CANCELLED} second\n")
            self.assertEqual(watcher.wait(), 0)


class Proxies(unittest.TestCase):
    """Proxies that are made at run time, of python3-gi."""

    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(SERVICE)
        address = self.box.start_bus()
        self.box.use_bus(address)
        self.client = Client(address)
        self.addCleanup(self.client.close)
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.addCleanup(self.bus.close_sync, None)

    def enqueue(self, **job):
        return self.client.enqueue(
            [("http://127.0.0.1:9/x", self.box.folder / "home/x")], start=False,
            MinimumRetryDelay=dbus.UInt32(600), **job)

    def until(self, what, condition):
        """Handles what came in until the condition holds."""
        context = GLib.MainContext.default()

        def now():
            while context.pending():
                context.iteration(False)
            return condition()
        wait_for(what, now)

    def wrong(self, proxy):
        """What the cache of the proxy has otherwise than the service answers, of what the contract
        promises to tell. What was sent before the answer is handled by the next look."""
        answer = proxy.call_sync("org.freedesktop.DBus.Properties.GetAll",
                                 GLib.Variant("(s)", ("org.backhaul.Job1",)),
                                 Gio.DBusCallFlags.NONE, -1, None).unpack()[0]
        found = {}
        for name, emits in emissions("org.backhaul.Job1").items():
            cached = proxy.get_cached_property(name)
            if emits != "false" and not (emits == "invalidates" and cached is None):
                value = None if cached is None else cached.unpack()
                if value != answer[name]:
                    found[name] = (value, answer[name])
        return found

    def settle(self, proxy, when):
        """Changes that are merged come within half a second."""
        found = {}

        def right():
            found.clear()
            found.update(self.wrong(proxy))
            return not found
        try:
            self.until(when, right)
        except AssertionError as late:
            raise AssertionError(f"{when} the cache stays wrong: {found}") from late

    def test_the_cache_of_a_proxy_is_never_wrong_about_what_is_promised(self):
        job = self.enqueue()
        proxy = Gio.DBusProxy.new_sync(self.bus, Gio.DBusProxyFlags.DO_NOT_AUTO_START, None, NAME,
                                       job, "org.backhaul.Job1", None)
        steps = [
            ("SetProperties", ({"Name": "n", "Description": "d", "Priority": 1, "NotifyFlags": 1,
                                "AutoComplete": True, "NoProgressTimeout": 700},), "a{sv}"),
            ("AddFiles", ([("http://127.0.0.1:9/y", str(self.box.folder / "home/y"), {})],),
             "a(ssa{sv})"),
            ("SetNotifyCommand", ("/bin/true", "true"), "ss"),
            ("SetNotifyService", ("org.example.App", "/app"), "so"),
            ("SetNotifyObject", ("/callback", 1), "ou"),
            ("SetCertificateValidator", ("/validator",), "o"),
            ("ClearNotifyObject", (), ""),
        ]
        for member, arguments, signature in steps:
            self.client.call(job, member, *arguments, signature=signature)
            self.settle(proxy, "after " + member)
        self.client.call(job, "Start")
        self.until("the attempt to fail", lambda: proxy.get_cached_property("State").unpack() ==
                   TRANSIENT_ERROR)
        self.assertEqual(proxy.get_cached_property("Waiting").unpack()[0], "retry")
        self.settle(proxy, "after the attempt")
        self.assertNotEqual(proxy.get_cached_property("Error").unpack()[0], 0)
        self.client.call(job, "Suspend")
        self.settle(proxy, "after Suspend")
        self.client.call(job, "Cancel")
        self.settle(proxy, "after Cancel")
        self.assertEqual(proxy.get_cached_property("State").unpack(), CANCELLED)

    def test_a_tree_of_objects_follows_the_queue(self):
        first = self.enqueue(Name="first")
        manager = Gio.DBusObjectManagerClient.new_sync(
            self.bus, Gio.DBusObjectManagerClientFlags.DO_NOT_AUTO_START, NAME, ROOT, None, None,
            None)

        def paths():
            return {o.get_object_path() for o in manager.get_objects()}
        self.assertEqual(paths(), {first})
        second = self.enqueue(Name="second")
        self.until("the new job", lambda: second in paths())
        interface = manager.get_object(second).get_interface("org.backhaul.Job1")
        self.assertEqual(interface.get_cached_property("Name").unpack(), "second")
        self.client.call(second, "SetProperties", {"Name": "renamed"}, signature="a{sv}")
        self.until("its new name",
                   lambda: interface.get_cached_property("Name").unpack() == "renamed")
        self.client.call(first, "Cancel")
        self.until("the end of the first", lambda: paths() == {second})


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
