#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A job at which the service crashes twice in a row is set to ERROR instead of tried a third time;
other jobs do not suffer."""
import os
import unittest

from contract import Client, ERROR, TRANSFERRED
from sandbox import Sandbox, wait_for


class CrashLoop(unittest.TestCase):
    def test_ends_with_the_job_in_error(self):
        with Sandbox(os.environ["BACKHAUL_PREFIX"]) as box:
            faults = box.folder / "faults"
            faults.mkdir()
            box.env["BACKHAUL_TEST_FAULTS"] = str(faults)
            box.install_service(os.environ["BACKHAUL_TEST_SERVICE"])
            origin = box.start_origin()
            origin.add("file", 1 << 20)
            client = Client(box.start_bus())
            bad = client.enqueue([(origin.url + "/file", box.folder / "home/bad")], start=False)
            good = client.enqueue([(origin.url + "/file", box.folder / "home/good")], start=False)
            (faults / "crash-at").write_text(bad.rsplit("/", 1)[1])
            pids = [box.service_pid()]
            try:
                client.call(bad, "Start")
            except Exception:  # pylint: disable=broad-except  # its bus error is the crash
                pass
            # A change of the job by the next service is the second crash in a row.
            pids.append(box.wait_for_new_service(pids[-1]))
            try:
                client.call(bad, "Start")
            except Exception:  # pylint: disable=broad-except
                pass
            pids.append(box.wait_for_new_service(pids[-1]))
            (faults / "crash-at").unlink()
            wait_for("ERROR", lambda: client.state(bad) == ERROR)
            self.assertEqual(int(client.get(bad, "Error")[0]), 0x8000FFFF)
            self.assertEqual(box.service_pid(), pids[-1])
            client.call(good, "Start")
            wait_for("the other job", lambda: client.state(good) == TRANSFERRED)


if __name__ == "__main__":
    unittest.main()
