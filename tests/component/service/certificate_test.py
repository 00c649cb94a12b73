#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The program's word on server certificates, from the bus to a real TLS server and back, by a client
that shares no code with ours."""
import os
import subprocess
import unittest

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

from contract import ERROR, TRANSFERRED, TRANSIENT_ERROR, Client
from sandbox import Sandbox, wait_for

E_FAIL, REQUIRED, CONTEXT = 0x80004005, 0x80200074, 8
DBUS_LOOP = dbus.mainloop.glib.DBusGMainLoop()


class Validator(dbus.service.Object):
    """A program of its own on the bus. An answer of None never comes."""

    def __init__(self, address, answers=()):
        self.own_bus = dbus.bus.BusConnection(address, mainloop=DBUS_LOOP)
        super().__init__(self.own_bus, "/org/example/Validator")
        self.answers = list(answers)
        self.asked = []
        self.released = 0

    @dbus.service.method("org.backhaul.CertificateValidator1", in_signature="ooaayu",
                         out_signature="u", byte_arrays=True,
                         async_callbacks=("reply", "fail"))
    def Validate(self, job, file, chain, errors, reply, fail):
        self.asked.append((str(job), str(file), [bytes(one) for one in chain], int(errors)))
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            fail(answer)
        elif answer is not None:
            reply(dbus.UInt32(answer))

    @dbus.service.method("org.backhaul.CertificateValidator1", in_signature="", out_signature="")
    def Released(self):
        self.released += 1

    def register(self, job):
        dbus.Interface(self.own_bus.get_object("org.backhaul.Backhaul1", job, introspect=False),
                       "org.backhaul.Job1").SetCertificateValidator(
            dbus.ObjectPath("/org/example/Validator"), signature="o")

    def leave(self):
        self.own_bus.close()


class Certificates(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/usr")
        self.addCleanup(self.box.close)
        pem = self.box.folder / "server.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", pem, "-out", f"{pem}.crt"],
            check=True, capture_output=True)
        with open(pem, "a", encoding="ascii") as both, open(f"{pem}.crt", encoding="ascii") as crt:
            both.write(crt.read())
        self.der = subprocess.run(["openssl", "x509", "-in", f"{pem}.crt", "-outform", "DER"],
                                  check=True, capture_output=True).stdout
        self.origin = self.box.start_origin(certificate=pem)
        self.origin.add("a", 1000)
        self.origin.add("b", 1000)
        self.box.env["BACKHAUL_TEST_CA_FILE"] = f"{pem}.crt"
        self.box.env["BACKHAUL_TEST_TIME_SCALE"] = "10"
        self.box.install_service(os.environ["BACKHAUL_TEST_SERVICE"])
        self.address = self.box.start_bus()
        self.client = Client(self.address)
        self.addCleanup(self.client.close)

    def job(self, *names):
        return self.client.enqueue([(f"{self.origin.url}/{name}", self.box.folder / "home" / name)
                                    for name in names], start=False)

    def start(self, job):
        self.client.call(job, "Start")

    def until(self, what, condition):
        def look():
            while GLib.MainContext.default().iteration(False):
                pass
            return condition()
        return wait_for(what, look)

    def until_state(self, job, state):
        self.until(f"state {state}", lambda: self.client.state(job) == state)

    def error(self, job):
        code, context, file, _ = self.client.get(job, "Error")
        return int(code), int(context), int(file)

    def test_it_is_asked_once_and_its_word_holds_for_the_next_file(self):
        validator = Validator(self.address)
        job = self.job("a", "b")
        validator.register(job)
        self.assertEqual(self.client.get(job, "CertificateValidator"),
                         (validator.own_bus.get_unique_name(), "/org/example/Validator"))
        self.start(job)
        self.until_state(job, TRANSFERRED)
        self.assertEqual(validator.asked, [(job, f"{job}/file/0", [self.der], 0)])
        self.client.call(job, "Complete")
        self.until("Released", lambda: validator.released == 1)

    def test_a_refusal_sends_nothing_and_is_asked_again(self):
        refused = dbus.DBusException("no", name="org.example.No")
        validator = Validator(self.address, [E_FAIL, refused])
        job = self.job("a")
        validator.register(job)
        self.start(job)
        self.until_state(job, TRANSIENT_ERROR)
        self.assertEqual(self.error(job), (E_FAIL, CONTEXT, 0))
        self.assertEqual(self.origin.requests(), [])
        self.until_state(job, TRANSFERRED)
        self.assertEqual(len(validator.asked), 3)

    def test_nothing_else_waits_for_the_answer_and_a_new_service_asks_again(self):
        validator = Validator(self.address, [None])
        job = self.job("a")
        validator.register(job)
        self.start(job)
        self.until("the question", lambda: validator.asked)
        self.assertEqual(self.client.get(job, "Waiting")[0], "certificate")
        other = self.job("b")
        self.start(other)
        self.until_state(other, TRANSFERRED)
        self.box.wait_for_new_service(self.box.kill_service())
        self.until_state(job, TRANSFERRED)
        self.assertEqual(len(validator.asked), 2)

    def test_a_program_that_is_gone_blocks_the_job_until_another_is_set(self):
        validator = Validator(self.address)
        job = self.job("a")
        validator.register(job)
        validator.leave()
        self.until("its end", lambda: self.client.get(job, "CertificateValidator")[0] == "")
        self.start(job)
        self.until_state(job, ERROR)
        self.assertEqual(self.error(job), (REQUIRED, CONTEXT, 0))
        self.assertEqual(self.origin.requests(), [])
        Validator(self.address).register(job)
        self.start(job)
        self.until_state(job, TRANSFERRED)

    def test_it_cannot_be_set_while_the_job_moves(self):
        validator = Validator(self.address, [None])
        job = self.job("a")
        validator.register(job)
        self.start(job)
        with self.assertRaises(dbus.DBusException) as refusal:
            validator.register(job)
        self.assertEqual(refusal.exception.get_dbus_name(),
                         "org.backhaul.Error.BG_E_READ_ONLY_WHEN_JOB_ACTIVE")


if __name__ == "__main__":
    unittest.main()
