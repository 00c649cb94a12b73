#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Machines of a site that give each other what they fetched: whole services, each with a bus, a queue and a key of its
own, over the real wire (docs/neighbours.md)."""
import hashlib
import os
import subprocess
import unittest

import dbus

from contract import PEERS, TRANSFERRED, Client
from sandbox import Sandbox, free_port, sha256, wait_for

SERVICE = os.environ["BACKHAUL_SERVICE"]
CLIENT, SERVER = 1, 2


def key_of(certificate):
    public = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True,
                            capture_output=True).stdout
    return hashlib.sha256(subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, check=True,
                                         capture_output=True).stdout).hexdigest()


class Machine:
    def __init__(self, test, name):
        self.box = Sandbox("/nonexistent")
        test.addCleanup(self.box.close)
        self.name, self.port = name, free_port()
        self.settings = self.box.folder / "home/config/backhaul/backhauld.conf"
        self.settings.parent.mkdir(parents=True)
        self.state = self.box.state
        self.state.mkdir(mode=0o700, parents=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.state / "peer.key", "-out", self.state / "peer.crt", "-days", "365", "-subj",
                        f"/CN={name}", "-addext", "extendedKeyUsage=serverAuth,clientAuth"], check=True,
                       capture_output=True)
        (self.state / "peer.key").chmod(0o600)
        self.key = key_of(self.state / "peer.crt")
        self.box.install_service(SERVICE)
        self.test = test

    def start(self, others, more="", trust="list"):
        peers = "".join(f"StaticPeers = 127.0.0.1:{one.port} {one.key}\n" for one in others)
        self.settings.write_text(f"[Peers]\nEnable = yes\nTrust = {trust}\nDiscovery = static\nPort = {self.port}\n"
                                 f"CachePercent = 2\nServeBitsPerSec = 1000000000\n{peers}{more}")
        address = self.box.start_bus()
        self.box.use_bus(address)
        self.client = Client(address)
        self.test.addCleanup(self.client.close)

    def fetch(self, url, name="file", flags=CLIENT | SERVER, **settings):
        return self.client.enqueue([(url, self.box.folder / "home" / name)], PeerCachingFlags=flags, **settings)

    def has(self, job):
        wait_for(f"the file of {self.name}", lambda: self.client.state(job) == TRANSFERRED)

    def complete(self, job):
        self.has(job)
        self.client.call(job, "Complete")

    def from_peers(self, job):
        return int(self.client.file_value(job, 0, "BytesFromPeers"))

    def copies(self):
        folder = self.state / "peer-cache"
        return [one for one in folder.iterdir() if one.suffix != ".new"] if folder.exists() else []


class Neighbours(unittest.TestCase):
    def setUp(self):
        self.one, self.two = Machine(self, "one"), Machine(self, "two")
        self.origin = self.one.box.start_origin()
        self.url = f"{self.origin.url}/file"
        self.digest = sha256(self.origin.add("file", SIZE))

    def sent(self):
        """Octets of the file that its origin has sent."""
        return sum(sent for method, uri, *_, sent in self.origin.requests() if (method, uri) == ("GET", "/file"))

    def begin(self, more=""):
        self.one.start([self.two], more)
        self.two.start([self.one], more)

    def test_what_was_found_valid_is_fetched_by_a_neighbour_before_complete_and_what_was_not_is_not(self):
        self.begin("ContentTrust = colleagues\n")
        first = self.one.fetch(self.url)
        self.one.has(first)
        wait_for("the copy", self.one.copies)
        unseen = self.two.fetch(self.url, "unseen", CLIENT)
        self.two.has(unseen)
        self.assertEqual(self.two.from_peers(unseen), 0)
        self.assertEqual(self.sent(), 2 * SIZE)
        self.one.client.file(first, 0).SetValidationState(True, signature="b")
        given = self.two.fetch(self.url, "given", CLIENT)
        self.two.has(given)
        self.assertEqual(self.two.from_peers(given), SIZE)
        self.assertEqual(self.sent(), 2 * SIZE, "its origin sent nothing more")
        self.two.client.call(given, "Complete")
        self.assertEqual(sha256(self.two.box.folder / "home/given"), self.digest)
        self.assertEqual(self.one.client.state(first), TRANSFERRED, "it is not complete until now")

    def test_a_liar_wastes_what_it_sent_and_is_left_alone(self):  # P5
        self.begin()
        self.one.complete(self.one.fetch(self.url))
        copy, = wait_for("the copy", self.one.copies)
        copy.write_bytes(bytes(SIZE))
        job = self.two.fetch(self.url, "file", CLIENT, options={"Digests": ["sha256:" + self.digest]})
        self.two.has(job)
        self.assertEqual(self.two.from_peers(job), 0)
        self.two.client.call(job, "Complete")
        self.assertEqual(sha256(self.two.box.folder / "home/file"), self.digest)
        self.assertIn(self.one.key[:16], self.two.box.log())
        peers = self.two.client.object(PEERS, "Peers1").ListPeers()
        self.assertEqual([bool(one["Available"]) for one in peers], [False], "it is not asked for a day")

    def test_of_two_that_send_a_file_at_once_a_liar_wastes_one_piece(self):  # P5
        three = Machine(self, "three")
        for one, others in ((self.one, [self.two, three]), (self.two, [self.one, three]), (three, [self.one, self.two])):
            one.start(others, "ContentTrust = colleagues\n")
        for one in (self.one, three):
            one.complete(one.fetch(self.url))
            wait_for("the copy", one.copies)
        before = self.sent()
        for copy in self.one.copies():
            copy.write_bytes(bytes(SIZE))
        content = (self.one.box.folder / "home/file").read_bytes()
        pieces = ["sha256:" + hashlib.sha256(content[at:at + PIECE]).hexdigest() for at in range(0, SIZE, PIECE)]
        job = self.two.fetch(self.url, "file", CLIENT,
                             options={"PieceLength": dbus.UInt64(PIECE), "PieceDigests": dbus.Array(pieces, signature="s")})
        self.two.has(job)
        self.assertEqual(self.two.from_peers(job), SIZE)
        self.assertEqual(self.sent(), before, "its origin sent nothing more")
        self.two.client.call(job, "Complete")
        self.assertEqual(sha256(self.two.box.folder / "home/file"), self.digest)
        peers = self.two.client.object(PEERS, "Peers1").ListPeers()
        self.assertEqual({str(one["Key"]): bool(one["Available"]) for one in peers},
                         {self.one.key: False, three.key: True})
        self.assertEqual([int(one["NotBefore"]) > 0 for one in peers if str(one["Key"]) == self.one.key], [True])

    def test_a_stranger_is_given_nothing_and_told_nothing(self):  # P4
        stranger = Machine(self, "stranger")
        self.begin("ContentTrust = colleagues\n")
        stranger.start([self.one], "ContentTrust = colleagues\n")
        self.one.complete(self.one.fetch(self.url))
        wait_for("the copy", self.one.copies)
        job = stranger.fetch(self.url, "file", CLIENT)
        stranger.has(job)
        self.assertEqual(stranger.from_peers(job), 0)
        self.assertEqual(self.sent(), 2 * SIZE)

    def test_machines_of_a_group_become_known_to_each_other(self):
        for machine, others in ((self.one, []), (self.two, [self.one])):
            secret = machine.box.folder / "peer-group"
            secret.write_text("s" * 43 + "\n")
            secret.chmod(0o600)
            machine.start(others, f"GroupSecret = {secret}\nContentTrust = colleagues\n", "group")
        self.one.complete(self.one.fetch(self.url))
        wait_for("the copy", self.one.copies)
        self.two.client.object(PEERS, "Peers1").ListPeers()
        pins = self.one.state / "peer.pins"
        wait_for("the introduction", lambda: pins.exists() and self.two.key in pins.read_text())
        job = self.two.fetch(self.url, "file", CLIENT)
        self.two.has(job)
        self.assertEqual(self.two.from_peers(job), SIZE)
        self.assertEqual(self.sent(), SIZE)


SIZE = 3 << 20
PIECE = 64 << 10

if __name__ == "__main__":
    unittest.main()
