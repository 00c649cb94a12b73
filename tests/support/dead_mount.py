# SPDX-License-Identifier: Apache-2.0
"""A mount whose server dies: a FUSE file system of one empty directory, served by a thread of the test until
die(). Whoever asks it for something after that waits, until close() takes the mount away."""
import contextlib
import ctypes
import os
import select
import struct
import threading

LIBC = ctypes.CDLL(None, use_errno=True)
MNT_DETACH = 2
IN_HEADER, OUT_HEADER = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
LOOKUP, GETATTR, STATFS, INIT, OPENDIR, RELEASEDIR = 1, 3, 17, 26, 27, 29
NO_ANSWER = {2, 36, 42}  # FORGET, INTERRUPT, BATCH_FORGET
ENOENT, ENOSYS = 2, 38
ROOT = struct.pack("<6Q10I", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o040755, 2, os.getuid(), os.getgid(), 0, 4096, 0)


def answer(opcode, request):
    if opcode == INIT:
        _, minor = struct.unpack_from("<II", request, IN_HEADER.size)
        return 0, struct.pack("<4I2H2I2H8I", 7, min(minor, 31), 1 << 17, 0, 12, 9, 1 << 17, 1, 32, 0, *[0] * 8)
    if opcode == GETATTR:
        return 0, struct.pack("<QII", 0, 0, 0) + ROOT  # never kept: every look asks
    if opcode == STATFS:
        return 0, struct.pack("<5Q10I", 1 << 20, 1 << 20, 1 << 20, 100, 100, 4096, 255, 4096, 0, *[0] * 6)
    if opcode == OPENDIR:
        return 0, struct.pack("<QII", 0, 0, 0)
    if opcode == RELEASEDIR:
        return 0, b""
    return -(ENOENT if opcode == LOOKUP else ENOSYS), b""


class DeadMount:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self.end, self.ended = os.pipe2(os.O_CLOEXEC)
        options = f"fd={self.device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
        if LIBC.mount(b"dead", os.fsencode(folder), b"fuse", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        self.server = threading.Thread(target=self.serve)
        self.server.start()

    def serve(self):
        while self.end not in select.select([self.device, self.end], [], [])[0]:
            with contextlib.suppress(OSError):
                request = os.read(self.device, 1 << 18)
                _, opcode, unique, *_ = IN_HEADER.unpack_from(request)
                if opcode in NO_ANSWER:
                    continue
                error, reply = answer(opcode, request)
                os.write(self.device, OUT_HEADER.pack(OUT_HEADER.size + len(reply), error, unique) + reply)

    def die(self):
        os.write(self.ended, b".")
        self.server.join()

    def wait_until_asked(self):
        """Somebody waits for it."""
        if not select.select([self.device], [], [], 60)[0]:
            raise AssertionError(f"nobody asked for {self.folder}")

    def close(self):
        if self.server.is_alive():
            self.die()
        LIBC.umount2(os.fsencode(self.folder), MNT_DETACH)
        for fd in (self.device, self.end, self.ended):
            os.close(fd)


def can_mount(folder):
    """Whether this machine lets us: root, and a kernel with FUSE."""
    try:
        DeadMount(folder).close()
    except OSError:
        return False
    return True
