#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whose files are whose on the service of the machine: a directory that is handed over as a descriptor, and what
becomes of the parts of a job that somebody else takes over; and with whose rights a client certificate is read. Two real users, a launcher and helpers."""
import os
import subprocess
import unittest

from contract import ERROR, SUSPENDED, TRANSFERRED, TRANSIENT_ERROR
from sandbox import sha256, wait_for
from system_bus import ANN, BEN, SERVICE_UID, SystemBus, why_not_here

SERVICE = os.environ["BACKHAUL_SERVICE"]
DENIED = "E_ACCESSDENIED"
DENIED_CODE = 0x80070005
ANY_AUTHORITY = 0x8  # SecurityFlags


@unittest.skipIf(why_not_here(), why_not_here())
class OwnersFiles(unittest.TestCase):
    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.box = self.bus.box
        self.addCleanup(self.bus.close)
        self.origin = self.box.start_origin()
        self.source = self.origin.add("a", 300_000)
        self.url = self.origin.url + "/a"
        self.bus.start_launcher()
        self.service = self.bus.start_service()
        self.ann, self.ben, self.root = (self.bus.actor(uid) for uid in (ANN, BEN, 0))
        wait_for("the service", lambda: isinstance(self.ann.do("jobs", {}), list))

    def folder(self, name, owner, mode=0o700):
        folder = self.box.folder / name
        folder.mkdir()
        os.chown(folder, owner, owner)
        os.chmod(folder, mode)
        return folder

    def restart(self):
        self.service.kill()
        self.service.wait(timeout=60)
        self.service = self.bus.start_service()
        wait_for("the service", lambda: isinstance(self.ann.do("jobs", {}), list))

    def denied(self, answer):
        self.assertIsInstance(answer, dict, answer)
        self.assertEqual(answer["error"], DENIED)

    def state(self, job):
        return self.root.do("get", job, "State")

    def fetch(self, owner, job):
        owner.do("call", job, "Start", "")
        wait_for(self.bus.with_log("the file"), lambda: self.state(job) == TRANSFERRED)

    def test_files_go_into_a_directory_that_is_handed_over(self):
        home = self.folder("hers", ANN)
        inner = home / "inner"
        inner.mkdir()
        os.chown(inner, ANN, ANN)
        job = self.ann.create("hers")
        self.assertEqual(self.ann.do("add in", job, str(inner), [[self.url, "file"]]), "ok")
        self.assertEqual(self.ann.do("file", job, 0, "LocalName"), str(inner / "file"))
        # Wherever it goes, as long as the service keeps it open.
        inner.rename(home / "moved")
        self.fetch(self.ann, job)
        self.assertEqual(self.ann.do("call", job, "Complete", ""), "ok")
        self.assertEqual(sha256(home / "moved/file"), sha256(self.source))
        self.assertEqual((home / "moved/file").stat().st_uid, ANN)

    def test_it_is_handed_over_by_the_owner_who_may_write_to_it(self):
        theirs = self.folder("theirs", BEN, 0o755)
        own = self.folder("hers", ANN)
        job = self.ann.create("hers")
        self.denied(self.ann.do("add in", job, str(theirs), [[self.url, "file"]]))
        self.assertEqual(self.ann.do("add in", job, str(own), [[self.url, "../file"]])["error"], "E_INVALIDARG")
        self.denied(self.ben.do("add in", job, str(theirs), [[self.url, "file"]]))
        self.denied(self.root.do("add in", job, str(theirs), [[self.url, "file"]]))
        self.denied(self.root.do("add in", self.root.create("root's"), str(theirs), [[self.url, "file"]]))
        self.assertEqual(self.state(job), SUSPENDED)

    def test_a_new_job_begins_in_one_that_its_maker_hands_over(self):
        theirs, own = self.folder("theirs", BEN, 0o755), self.folder("hers", ANN)
        files = [[self.url, "file"]]
        self.denied(self.ann.do("enqueue in", "hers", str(theirs), files))
        self.denied(self.root.do("enqueue in", "root's", str(theirs), files))
        self.assertEqual(self.root.do("jobs", {"AllUsers": True}), [], "all or nothing")
        job = self.ann.do("enqueue in", "hers", str(own), files)
        self.assertEqual(self.ann.do("file", job, 0, "LocalName"), str(own / "file"))
        self.fetch(self.ann, job)
        self.assertEqual(self.ann.do("call", job, "Complete", ""), "ok")
        self.assertEqual(sha256(own / "file"), sha256(self.source))
        self.assertEqual((own / "file").stat().st_uid, ANN)

    def test_after_a_restart_the_path_counts_if_it_leads_to_the_same(self):
        home = self.folder("hers", ANN)
        for name in ("same", "moved"):
            (home / name).mkdir()
            os.chown(home / name, ANN, ANN)
        same, moved = (self.ann.create(name) for name in ("same", "moved"))
        for job, name in ((same, "same"), (moved, "moved")):
            self.assertEqual(self.ann.do("add in", job, str(home / name), [[self.url, "file"]]), "ok")
        self.restart()
        (home / "moved").rename(home / "elsewhere")
        (home / "moved").mkdir()  # of that name, and another one
        os.chown(home / "moved", ANN, ANN)
        self.fetch(self.ann, same)
        self.ann.do("call", moved, "Start", "")
        wait_for("it to wait", lambda: self.state(moved) == TRANSIENT_ERROR)
        self.assertIn("handed over", str(self.ann.do("get", moved, "Waiting")))
        self.assertFalse(list((home / "moved").iterdir()))
        # Once more, from where it is now.
        self.assertEqual(self.ann.do("add in", moved, str(home / "elsewhere"), []), "ok")
        self.fetch(self.ann, moved)
        self.assertEqual(self.ann.do("call", moved, "Complete", ""), "ok")
        self.assertEqual(sha256(home / "elsewhere/file"), sha256(self.source))

    def test_what_is_held_becomes_a_file_of_whoever_takes_the_job_over(self):
        shared = self.folder("shared", 0, 0o1777)
        job = self.ann.do("enqueue", "hers", [[self.url, str(shared / "file")]], False)
        self.fetch(self.ann, job)
        parts = lambda: [part for part in shared.iterdir() if part.name.startswith(".BIT")]
        before = [part.stat() for part in parts()]
        self.assertEqual([part.st_uid for part in before], [ANN])
        polkit = self.bus.polkit()
        polkit.says("yes")
        self.assertEqual(self.ben.do("call", job, "TakeOwnership", ""), "ok")
        polkit.says("no")
        self.assertEqual(self.ben.do("get", job, "State"), TRANSFERRED)
        after = [part.stat() for part in parts()]
        self.assertEqual([(part.st_uid, part.st_mode & 0o777) for part in after], [(BEN, 0o600)])
        self.assertNotEqual(after[0].st_ino, before[0].st_ino)
        self.restart()
        self.assertEqual(self.ben.do("call", job, "Complete", ""), "ok")
        self.assertEqual(sha256(shared / "file"), sha256(self.source))
        self.assertEqual((shared / "file").stat().st_uid, BEN)
        self.assertEqual(len(self.origin.requests()), 1, "nothing was fetched again")
        self.assertFalse(parts())


@unittest.skipIf(why_not_here(), why_not_here())
class OwnersCertificates(unittest.TestCase):
    """The server lets in ann, and this machine."""

    def setUp(self):
        self.bus = SystemBus(SERVICE)
        self.box = self.bus.box
        self.addCleanup(self.bus.close)
        self.home = self.folder("ann-home")
        self.keys = self.folder("ann-home/pk")
        known = self.box.folder / "known.pem"
        known.write_text(self.certificate(self.keys, "ann", ANN) +
                         self.certificate(self.bus.state, "machine", SERVICE_UID))
        served = self.folder("served", 0)
        pem = self.box.folder / "server.pem"
        pem.write_text(self.certificate(served, "server", 0) + (served / "peer.key").read_text())
        self.origin = self.box.start_origin(
            certificate=pem, extra=f"ssl_client_certificate {known}; ssl_verify_client on;")
        self.source = self.origin.add("a", 1000)
        self.bus.start_launcher()
        self.bus.start_service()
        self.ann = self.bus.actor(ANN)
        wait_for("the service", lambda: isinstance(self.ann.do("jobs", {}), list))

    def folder(self, name, owner=ANN):
        folder = self.box.folder / name
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, owner)
        return folder

    def certificate(self, folder, name, owner):
        """peer.crt and peer.key, as those of the machine are called, which only their owner may read."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", folder / "peer.key", "-out", folder / "peer.crt"], check=True, capture_output=True)
        for file in (folder / "peer.key", folder / "peer.crt"):
            os.chown(file, owner, owner)
            file.chmod(0o600)
        return (folder / "peer.crt").read_text()

    def job(self, name):
        job = self.ann.do("enqueue", name, [[self.origin.url + "/a", str(self.home / name)]], False)
        self.assertEqual(self.ann.do("set", job, "SecurityFlags", ANY_AUTHORITY), "ok")
        words = {"Certificate": str(self.keys / "peer.crt"), "Key": str(self.keys / "peer.key")}
        self.assertEqual(self.ann.do("call", job, "SetClientCertificate", words, "a{sv}"), "ok")
        return job

    def outcome(self, job):
        self.assertEqual(self.ann.do("call", job, "Start", ""), "ok")
        state = lambda: self.ann.do("get", job, "State")
        wait_for(self.bus.with_log("an end"), lambda: state() in (TRANSFERRED, ERROR))
        return state()

    def denied(self, job):
        self.assertEqual(self.outcome(job), ERROR)
        self.assertEqual(self.ann.do("get", job, "Error")[0], DENIED_CODE)

    def test_a_key_that_only_its_owner_may_read_is_shown(self):
        job = self.job("file")
        self.assertEqual(self.outcome(job), TRANSFERRED, self.ann.do("get", job, "Error"))
        self.assertEqual(self.ann.do("call", job, "Complete", ""), "ok")
        self.assertEqual(sha256(self.home / "file"), sha256(self.source))

    def test_a_link_to_the_key_of_the_machine_shows_it_to_nobody(self):
        by_folder, by_file = self.job("by-folder"), self.job("by-file")
        self.keys.rename(self.home / "pk2")
        self.keys.symlink_to(self.bus.state)
        self.denied(by_folder)
        self.keys.unlink()
        self.folder("ann-home/pk")
        for name in ("peer.crt", "peer.key"):
            (self.keys / name).symlink_to(self.bus.state / name)
        self.denied(by_file)
        self.assertEqual(self.origin.requests(), [], "nobody was asked")
        # A link to her own is one that the owner may lay.
        for name in ("peer.crt", "peer.key"):
            (self.keys / name).unlink()
            (self.keys / name).symlink_to(self.home / "pk2" / name)
        self.assertEqual(self.outcome(by_file), TRANSFERRED, self.ann.do("get", by_file, "Error"))


if __name__ == "__main__":
    unittest.main()
