#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/notifications.md: every block of commands and of code on the page is run as it stands there,
but for its placeholders. A block that no test runs is a failure, and so is a test without a block."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

from contract import Client, TRANSFERRED
from sandbox import Sandbox, wait_for

SOURCE = pathlib.Path(os.environ["BACKHAUL_SOURCE"])
PAGE = (SOURCE / "docs/notifications.md").read_text(encoding="utf-8")
COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]


def blocks(text):
    """(language, code): fenced blocks, and indented ones, which are for the shell."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    rest = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    for block in re.findall(r"(?:^    .*\n)+", rest, re.M):
        found.append(("sh", re.sub(r"^    ", "", block, flags=re.M)))
    return found


BLOCKS = blocks(PAGE)
RUN = set()


def block(language, part):
    fitting = [code for kind, code in BLOCKS if kind == language and part in code]
    assert len(fitting) == 1, f"{len(fitting)} blocks of {language} on the page have {part!r}"
    RUN.add(fitting[0])
    return fitting[0]


LISTENER = """
import sys, dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus, job = dbus.SessionBus(), sys.argv[1]
{page}
GLib.MainLoop().run()
"""

CLASS = """#!/usr/bin/python3
import sys, dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
assert sys.argv[-1] == "-Embedding"
class Factory(dbus.service.Object):
    @dbus.service.method("org.backhaul.ClassFactory1", out_signature="ou")
    def CreateInstance(self):
        return "/instance", 1
class Instance(dbus.service.Object):
    @dbus.service.method("org.backhaul.Callback1", in_signature="to", out_signature="u")
    def JobTransferred(self, sequence, job):
        return 0
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
objects = Factory(bus, "/org/backhaul/clsid"), Instance(bus, "/instance")
name = dbus.service.BusName("org.backhaul.clsid.gc8e6d3d25f654f2c9b570f0a5d9b7e11", bus)
GLib.MainLoop().run()
"""


class Page(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(SERVICE)
        self.box.use_bus(self.box.start_bus())
        self.box.env["PATH"] = f"{pathlib.Path(COMMAND).parent}:{self.box.env['PATH']}"
        self.client = Client(self.box.env["DBUS_SESSION_BUS_ADDRESS"])
        self.addCleanup(self.client.close)
        origin = self.box.start_origin()
        origin.add("a", 1000)
        self.path = self.client.enqueue([(origin.url + "/a", self.box.folder / "home/a")])
        self.id = str(self.client.get(self.path, "Id"))
        wait_for("the transfer", lambda: self.client.state(self.path) == TRANSFERRED)
        self.assertTrue(self.unheard(), "nobody listens yet")

    def unheard(self):
        return self.client.get(self.path, "NotifyUnheard")

    def heard(self):
        wait_for("the event to be heard", lambda: not self.unheard())

    def program(self, text):
        path = self.box.folder / "program"
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def shell(self, code, **placeholders):
        for name, value in placeholders.items():
            word = name.replace("__", "/")
            self.assertIn(word, code)
            code = code.replace(word, value)
        return self.box.run("/bin/sh", "-e", "-c", code).stdout

    def test_an_object_in_cpp(self):
        code = block("cpp", "SetNotifyInterface(")
        source = self.box.folder / "page.cc"
        source.write_text("#include <bits.h>\nvoid page(IBackgroundCopyJob* job, "
                          f"IBackgroundCopyCallback* callback) {{\n{code}}}\n")
        done = subprocess.run(["c++", "-std=c++17", "-fsyntax-only", f"-I{SOURCE}/include",
                               f"-I{SOURCE}/include/backhaul/bits", source],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_object_in_python(self):
        code = block("python", "SetNotifyObject(")
        script = self.box.folder / "listener.py"
        script.write_text(LISTENER.format(page=code))
        self.box.spawn("/usr/bin/python3", script, self.path)
        self.heard()
        self.assertEqual(self.client.get(self.path, "NotifyObject")[1:],
                         ("/org/example/Callback", 1))

    def test_a_class(self):
        self.shell(block("sh", "backhaul class add"), JOB=self.id,
                   __opt__example__notify=self.program(CLASS))
        self.heard()

    def command(self, code, **placeholders):
        said = self.box.folder / "said"
        self.shell(code, **placeholders, __usr__local__bin__done=self.program(
            f'#!/bin/sh\necho "$0 $*" >{said}\n'))
        self.heard()
        return said.read_text().split()[-2:]

    def test_a_command_line(self):
        self.assertEqual(self.command(block("sh", "notify-command="), JOB=self.id),
                         ["--job", self.id])

    def test_a_command_line_over_the_bus(self):
        code = block("sh", "gdbus call").replace("--job ID", f"--job {self.id}")
        self.assertEqual(self.command(code, ID_AS_32_HEX_DIGITS=self.id.replace("-", "")),
                         ["--job", self.id])

    def test_who_set_what(self):
        text = self.shell(block("sh", "backhaul list --notify"))
        self.assertIn("unheard: transferred", text)
        self.assertIn("nobody listens", text)


class Whole(unittest.TestCase):
    def test_the_page_answers_the_questions_that_people_have(self):
        headings = re.findall(r"^## (.*)$", PAGE, re.M)
        for heading in ("What is promised", "Who is called: the ladder",
                        "Order, and how many at once", "Flags", "What a callback may do",
                        "Exit, restart, logoff, power", "Registering",
                        "Where BITS's documentation is silent or contradicts itself"):
            self.assertIn(heading, headings)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    left = [code for _, code in BLOCKS if code not in RUN]
    if left:
        print("No test runs these blocks of docs/notifications.md:", *left, sep="\n", file=sys.stderr)
    sys.exit(0 if result.wasSuccessful() and not left else 1)
