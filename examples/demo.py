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
        self.total = total
        self.shown = -1

    def show(self, size):
        percent = min(100, size * 100 // self.total)
        if sys.stdout.isatty():
            bar = "=" * (percent // 2) + ">"
            print(f"\r   {percent:3} % [{bar:<51}] {size / MIB:6.1f} MiB", end="", flush=True)
        elif percent // 10 > self.shown // 10 or self.shown < 0:
            print(f"   {percent:3} %  {size / MIB:6.1f} MiB", flush=True)
        self.shown = percent

    def end(self):
        if sys.stdout.isatty():
            print()


class Demo:
    def __init__(self, box, url):
        self.box = box
        self.results = []
        self.origin = None
        self.source = None
        if url is None:
            self.origin = box.start_origin(f"{RATE}")
            self.source = box.folder / "origin/big.iso"
            random_file(self.source, SIZE)
            url = self.origin.url + "/big.iso"
            say(f"A web server on this machine offers {SIZE // MIB} MiB: {url}")
        self.url = url
        self.target = box.folder / "home/big.iso"

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
        total = wait_for("the size", self.total)
        progress = Progress(total)
        if self.watch(progress, total // 2):
            before, after = self.kill()
            self.watch(progress, total)
            self.check(f"the service was killed with {before / MIB:.0f} MiB received and went on "
                       f"by itself", after)
        progress.end()
        wait_for("the job to be completed", lambda: not self.jobs())
        self.check("the program was started by the bus and completed the job", self.target.exists())
        self.compare()

    def jobs(self):
        return json.loads(self.box.run("backhaul", "list", "--json").stdout)

    def hand_over(self):
        say("There is no session bus here, so the command starts one: backhaul list")
        self.box.run("backhaul", "list")
        place = self.box.place()
        print(f"   service: process {place['pid']}, on {place['address']}")
        self.box.use_bus(place["address"])
        say("A program hands the download over and ends: examples/notify.py URL FILE")
        job = self.box.run(HERE / "notify.py", self.url, self.target).stdout.strip()
        print(f"   {job}")
        self.job = job.rsplit("/", 1)[1]
        self.check("the client left after one call, with the job on disk")

    def total(self):
        shown = self.box.run("backhaul", "show", self.job, "-p", "bytes-total", "--value",
                             check=False).stdout.strip()
        if self.target.exists():
            return self.target.stat().st_size or 1
        return int(shown) if shown.isdigit() and int(shown) < 1 << 62 else 0

    def watch(self, progress, until):
        """True once `until` octets are here; False if the job was completed before."""
        pause = threading.Event()
        while not self.target.exists():
            size = self.received()
            progress.show(size)
            if size >= until and until < progress.total:
                return True
            pause.wait(0.1)
        progress.show(progress.total)
        return False

    def kill(self):
        before = self.received()
        start = time.monotonic()
        old = self.box.kill_service()
        new = self.box.wait_for_new_service(old)
        print(f"\n   kill -9 {old}: the service is dead\n   {time.monotonic() - start:.2f} s later "
              f"process {new} goes on, and nobody called it", flush=True)
        return before, new != old

    def compare(self):
        if self.source is None:
            self.source = self.box.folder / "again"
            say("Fetching it once more with curl, to compare")
            self.box.run("curl", "-fsSL", "-o", self.source, self.url, timeout=3600)
        sums = sha256(self.source), sha256(self.target)
        print(f"   sha256 of the original: {sums[0]}\n   sha256 of the download: {sums[1]}")
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
    return 0 if all(good for _, good in demo.results) else 1


if __name__ == "__main__":
    sys.exit(main())
