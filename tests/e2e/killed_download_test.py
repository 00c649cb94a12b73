#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""1 GiB, the service killed three times with SIGKILL at offsets drawn from a seed: the file is whole,
and what is fetched again stays within the promise."""
import os
import random
import unittest

from contract import Client, TRANSFERRED
from sandbox import Sandbox, sha256, wait_for

MIB = 1 << 20
SIZE = 1024 * MIB
RATE = 128 * MIB  # octets a second: several checkpoints between two kills
INTERVAL = 1.5    # seconds: a checkpoint starts when 1 s has passed and the last one has ended


class KilledDownload(unittest.TestCase):
    def test_is_whole_and_little_is_fetched_again(self):
        seed = int(os.environ.get("BACKHAUL_SEED", random.randrange(1 << 32)))
        print(f"BACKHAUL_SEED={seed}")
        draw = random.Random(seed)
        offsets = sorted(draw.randrange(32 * MIB, SIZE - 128 * MIB) for _ in range(3))
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            origin = box.start_origin(f"{RATE}")
            source = origin.add("big", SIZE)
            target = box.folder / "home/big"
            client = Client(box.start_bus())
            job = client.enqueue([(origin.url + "/big", target)])
            received = [self.kill_beyond(box, offset) for offset in offsets]
            wait_for("TRANSFERRED", lambda: client.state(job) == TRANSFERRED, 60)
            client.call(job, "Complete")
            self.assertEqual(sha256(source), sha256(target))

            asked = [first for method, uri, status, first, sent in origin.requests()]
            self.assertEqual(len(asked), 4, "one request, and one for the rest after each kill")
            self.assertEqual(asked[0], 0)
            bound = max(16 * MIB, RATE * INTERVAL)
            for before, first in zip(received, asked[1:]):
                self.assertLessEqual(first, before)
                self.assertLessEqual(before - first, bound,
                                     f"{(before - first) / MIB:.1f} MiB were fetched again")
                print(f"killed at {before / MIB:.1f} MiB, went on at {first / MIB:.1f} MiB")

    @staticmethod
    def kill_beyond(box, offset):
        """Kills the service when its part has grown beyond `offset`; returns how far it came."""
        def part():
            parts = list((box.folder / "home").glob(".BIT*.tmp"))
            return parts[0] if len(parts) == 1 else None

        wait_for(f"{offset} octets", lambda: part() and part().stat().st_size > offset, 60)
        pid = box.kill_service()
        size = part().stat().st_size
        box.wait_for_new_service(pid)
        return size


if __name__ == "__main__":
    unittest.main()
