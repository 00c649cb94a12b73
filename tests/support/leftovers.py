#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Around all component tests of one build: gives them a folder for what they make, and when they are
over fails if one of their processes still runs (and ends it, by its id) or if a folder is left.

Usage: leftovers.py begin|end FOLDER. The tests have TMPDIR=FOLDER in their environment; so have the
programs they start, and those whose environment cannot be read (nginx writes over its own) name
their folder in their command line.
"""
import os
import pathlib
import select
import shutil
import signal
import sys
import time

PATIENCE_S = 60.0  # programs that were told to end at the end of a test may take that long


def belongs(process, folder):
    try:
        environ = (process / "environ").read_bytes().split(b"\0")
        command = (process / "cmdline").read_bytes()
    except OSError:
        return False
    return f"TMPDIR={folder}".encode() in environ or f"{folder}/".encode() in command


def processes(folder):
    own = {os.getpid(), os.getppid()}
    return [p for p in pathlib.Path("/proc").iterdir()
            if p.name.isdigit() and int(p.name) not in own and belongs(p, folder)]


def wait_for_end(process, deadline):
    try:
        handle = os.pidfd_open(int(process.name))
    except ProcessLookupError:
        return
    try:
        select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
    finally:
        os.close(handle)


def end(folder):
    deadline = time.monotonic() + PATIENCE_S
    for process in processes(folder):
        wait_for_end(process, deadline)
    found = []
    for process in processes(folder):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue
        found.append(f"process {process.name} still ran: {command}")
    if folder.exists():
        for path in folder.iterdir():
            inside = sorted(str(p.relative_to(path)) for p in path.rglob("*"))
            found.append(f"left behind: {path} with {', '.join(inside[:20]) or 'nothing in it'}")
        shutil.rmtree(folder, ignore_errors=True)
    return found


def main():
    folder = pathlib.Path(sys.argv[2])
    found = end(folder)
    if sys.argv[1] == "begin":  # what an interrupted run left is nobody's fault now
        folder.mkdir()
        folder.chmod(0o1777)
        return 0
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
