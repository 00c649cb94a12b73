#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A link that its server signs for a while (nginx with secure_link) expires in the middle of a file: the
job keeps what it has, waits for another address, and goes on there."""
import base64
import hashlib
import json
import os
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

from sandbox import Sandbox, sha256, wait_for

COMMAND, SERVICE = os.environ["BACKHAUL_COMMAND"], os.environ["BACKHAUL_SERVICE"]
SIZE = 1_500_000
SIGNED = """
location /signed/ {
  secure_link $arg_md5,$arg_expires;
  secure_link_md5 "$secure_link_expires$uri a secret";
  if ($secure_link = "") { return 403; }
  if ($secure_link = "0") { return 410; }
}
"""


def has_secure_link():
    told = subprocess.run(["nginx", "-V"], capture_output=True, text=True, check=False).stderr
    return "http_secure_link_module" in told


class ExpiringLink(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox("/nonexistent")
        self.addCleanup(self.box.close)
        self.box.install_service(SERVICE)
        self.box.use_bus(self.box.start_bus())
        self.origin = self.box.start_origin(100_000, extra=SIGNED)
        self.file = self.origin.add("signed/file", SIZE)
        self.target = self.box.folder / "home/file"

    def command(self, *words):
        return self.box.run(COMMAND, *words).stdout.strip()

    def job(self, job):
        return json.loads(self.command("show", job, "--json"))

    def link(self, seconds):
        expires = int(time.time()) + seconds
        digest = hashlib.md5(f"{expires}/signed/file a secret".encode()).digest()
        text = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return f"{self.origin.url}/signed/file?md5={text}&expires={expires}"

    def status(self, url):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD")) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def half_with(self, seconds):
        """A suspended job that has some of the file. None: the link expired before anything came."""
        job = self.command("create", "signed")
        url = self.link(seconds)
        self.command("add", job, url, self.target)
        self.command("set", job, "address-timeout=1h")
        self.command("start", job)
        state = wait_for("some bytes", lambda: (now := self.job(job))["bytes"]["done"] > 0
                         and now or now["state"] == "error" and now)
        if state["state"] == "error":
            self.command("cancel", job)
            return None
        self.command("suspend", job)
        return job, url

    def test_it_waits_for_another_address_and_goes_on_there(self):
        half = next(filter(None, map(self.half_with, (4, 15, 40))))
        job, url = half
        wait_for("the link to expire", lambda: self.status(url) == 410, 60)
        self.command("start", job)
        now = wait_for("the wait", lambda: (j := self.job(job))["waiting"]
                       and j["waiting"]["kind"] == "address" and j)
        self.assertEqual(now["state"], "transient-error")
        self.assertEqual(now["error"]["code"], "0x8019019a")
        held = now["bytes"]["done"]
        self.assertGreater(held, 0)
        self.command("suspend", job)
        self.command("start", job)
        wait_for("the wait again", lambda: (j := self.job(job))["waiting"]
                 and j["waiting"]["kind"] == "address")

        # Signed by somebody else: refused, and asked for again.
        self.command("move", job, self.link(3600).replace("md5=", "md5=A"))
        wait_for("the refusal", lambda: (j := self.job(job))["waiting"]
                 and j["waiting"]["kind"] == "address" and j["error"]["code"] == "0x80190193")
        self.origin.hurry()
        self.command("move", job, self.link(3600))
        self.command("wait", job)
        self.command("complete", job)
        self.assertEqual(sha256(self.target), sha256(self.file))
        whole = [row for row in self.origin.requests() if row[0] == "GET" and row[2] in (200, 206)]
        self.assertGreater(whole[-1][3], 0, "it went on behind what it had")


if __name__ == "__main__":
    if not has_secure_link():
        print("SKIPPED: this nginx has no secure_link module")
        sys.exit(77)
    unittest.main()
