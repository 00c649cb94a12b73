#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The main job of backhaul where one can see it: a program hands a download over and leaves; the
service is killed half-way and comes back by itself; the bus starts the program again, and that
completes the job. Everything happens in a temporary folder and is gone afterwards.

  demo.py --prefix PREFIX [--url URL]     PREFIX: an installed tree; URL: instead of a local server
"""
import argparse
import json
import pathlib
import sys
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))
from sandbox import Sandbox, random_file, sha256, wait_for  # noqa: E402

MIB = 1 << 20
SIZE = 256 * MIB
RATE = 32 * MIB  # octets a second, so that there is something to see


def say(text):
    print(f"\n== {text}", flush=True)


class Progress:
    """Shows how the part file grows: no client of the service is needed for that."""

    def __init__(self, total):
        self.total = total  # None: the server does not tell it
        self.shown = None

    def show(self, size):
        percent = None if not self.total else min(100, size * 100 // self.total)
        done = "" if percent is None else f"{percent:3} %"
        if sys.stdout.isatty():
            bar = "" if percent is None else f"[{'=' * (percent // 2) + '>':<51}]"
            print(f"\r   {done} {bar} {size / MIB:6.1f} MiB", end="", flush=True)
        else:
            step = size // (32 * MIB) if percent is None else percent // 10
            if step != self.shown:
                print(f"   {done}  {size / MIB:6.1f} MiB", flush=True)
            self.shown = step

    def end(self):
        if sys.stdout.isatty():
            print()


class Failed(Exception):
    """The job went to ERROR; the text says why."""


class Demo:
    def __init__(self, box, url):
        self.box = box
        self.results = []
        self.origin = None
        self.source = None
        self.job = None
        if url is None:
            self.origin = box.start_origin(f"{RATE}")
            self.source = box.folder / "origin/big.iso"
            random_file(self.source, SIZE)
            url = self.origin.url + "/big.iso"
            say(f"A web server on this machine offers {SIZE // MIB} MiB: {url}")
        self.url = url
        name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1])
        self.target = box.folder / "home" / (name.replace("/", "_").strip(".") or "download")

    def part(self):
        return next(self.target.parent.glob(".BIT*.tmp"), None)

    def received(self):
        part = self.part()
        try:
            return part.stat().st_size if part else 0
        except FileNotFoundError:
            return 0

    def check(self, what, good=True):
        self.results.append((what, good))

    def run(self):
        self.hand_over()
        try:
            self.follow()
        except Failed as failure:
            self.check(f"the download failed, and the job says why: {failure}", False)
            return
        wait_for("the job to be completed", lambda: not self.jobs())
        self.check("the program was started by the bus and completed the job", self.target.exists())
        self.compare()

    def follow(self):
        """Shows the transfer, and kills the service when half of it, or the first MiB, is here."""
        total = self.total()
        progress = Progress(total)
        if self.watch(progress, total // 2 if total else MIB):
            before, after = self.kill()
            self.watch(progress, None)
            self.check(f"the service was killed with {before / MIB:.1f} MiB received and went on "
                       f"by itself", after)
        else:
            self.check("the file was here before the service could be killed half-way: a larger one "
                       "shows more")
        progress.end()

    def jobs(self):
        return json.loads(self.box.run("backhaul", "list", "--json").stdout)

    def hand_over(self):
        say("This world of its own has no session bus, so the command starts one: backhaul list")
        self.box.run("backhaul", "list")
        place = self.box.place()
        print(f"   service: process {place['pid']}, on {place['address']}")
        self.box.use_bus(place["address"])
        say("A program hands the download over and ends: examples/notify.py URL FILE")
        job = self.box.run(HERE / "notify.py", self.url, self.target).stdout.strip()
        print(f"   {job}")
        self.job = job.rsplit("/", 1)[1]
        self.check("the client left after one call, with the job on disk")

    def state(self):
        """The job, or None when it has ended."""
        done = self.box.run("backhaul", "show", self.job, "--json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None

    def look(self):
        """True once the file is in place; raises when it cannot be had."""
        if self.target.exists():
            return True
        job = self.state()
        if job and job["state"] == "error":
            raise Failed(f"{job['error']['text']} ({job['error']['symbol'] or job['error']['code']})")
        return self.target.exists()

    def total(self):
        """The size, as soon as bytes flow; None where the server does not tell it."""
        def known():
            job = self.state()
            if self.look() or (job and job["bytes"]["total"] is not None):
                return (job["bytes"]["total"] if job else None,)
            return (None,) if self.received() > 0 else None
        return wait_for("the first bytes", known, limit=300)[0]

    def watch(self, progress, until):
        """True once `until` octets are here; False if the file was in place before."""
        pause = threading.Event()
        looks = 0
        while not self.target.exists():
            size = self.received()
            progress.show(size)
            if until is not None and size >= until:
                return True
            looks += 1
            if looks % 20 == 0:
                self.look()
            pause.wait(0.1)
        progress.show(self.target.stat().st_size)
        return False

    def kill(self):
        before = self.received()
        start = time.monotonic()
        old = self.box.kill_service()
        new = self.box.wait_for_new_service(old)
        print(f"\n   kill -9 {old}: the service is dead\n   {time.monotonic() - start:.2f} s later "
              f"process {new} goes on, and nobody called it; at most a second's worth comes again", flush=True)
        return before, new != old

    def fetch_with_curl(self, name):
        path = self.box.folder / name
        self.box.run("curl", "-fsSL", "-o", path, self.url, timeout=3600)
        return path

    def compare(self):
        if self.source is None:
            say("Fetching it once more with curl, to compare")
            self.source = self.fetch_with_curl("again")
        sums = sha256(self.source), sha256(self.target)
        print(f"   sha256 of the original: {sums[0]}\n   sha256 of the download: {sums[1]}")
        if self.origin is None and sums[0] != sums[1] and \
                sha256(self.fetch_with_curl("once more")) != sums[0]:
            self.check("this address gives other bytes each time: there is nothing to compare with")
            return
        self.check("the file is the same, octet by octet", sums[0] == sums[1])
        if self.origin:
            sent = sum(row[4] for row in self.origin.requests())
            again = max(0, sent - SIZE)
            self.check(f"{again / MIB:.1f} MiB were sent twice, for one kill", again < 2 * RATE)


def main():
    parser = argparse.ArgumentParser(description="Shows the main job of backhaul.")
    parser.add_argument("--prefix", required=True, help="an installed tree")
    parser.add_argument("--url", help="what to download instead of a file of a local server")
    options = parser.parse_args()
    with Sandbox(options.prefix) as box:
        demo = Demo(box, options.url)
        try:
            demo.run()
        except Exception:
            print(box.log(), file=sys.stderr)
            raise
    say("What you saw")
    for what, good in demo.results:
        print(f"   [{'ok' if good else 'FAILED'}] {what}")
    say(f"The command is {pathlib.Path(options.prefix) / 'bin/backhaul'}")
    return 0 if all(good for _, good in demo.results) else 1


if __name__ == "__main__":
    sys.exit(main())
