#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What people and scripts rely on in the command: exit codes, names of jobs, progress, Ctrl+C,
JSON. With the real service, on a private bus."""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from sandbox import Sandbox, sha256, wait_for

COMMAND = os.environ["BACKHAUL_COMMAND"]
SLOW = 200_000  # bytes a second of the slow origin


class OnTerminal:
    """The command on a terminal of its own."""

    def __init__(self, box, *words, columns=100, env=None):
        self.master, slave = pty.openpty()
        self.resize(columns)
        self.output = b""
        self.process = subprocess.Popen(
            [COMMAND, *map(str, words)], stdin=slave, stdout=slave, stderr=slave,
            env=dict(box.env, TERM="xterm", **(env or {})), cwd=box.folder / "home",
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, seconds=0.05):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.output += os.read(self.master, 65536)
            except OSError:  # the other side is closed
                pass
        return self.output.decode()

    def shows(self, text):
        wait_for(f"{text!r} on the terminal", lambda: text in self.read())

    def press(self, key):
        os.write(self.master, key)

    def end(self):
        wait_for("the end of the command", lambda: self.read() is not None
                 and self.process.poll() is not None)
        text = self.read()
        os.close(self.master)
        return self.process.returncode, text


class CommandTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox("/usr")
        cls.addClassCleanup(cls.box.close)
        cls.box.install_service(os.environ["BACKHAUL_SERVICE"])
        cls.box.use_bus(cls.box.start_bus())
        cls.origin = cls.box.start_origin(SLOW)
        cls.small = cls.origin.add("small.bin", 70_000)
        cls.large = cls.origin.add("large.bin", 20_000_000)
        cls.home = cls.box.folder / "home"

    def tearDown(self):
        self.run_command("cancel", "--all", "-q")

    def run_command(self, *words, exit_code=None, env=None, stdin="", **options):
        done = subprocess.run([COMMAND, *map(str, words)], env=dict(self.box.env, **(env or {})),
                              cwd=self.home, input=stdin, capture_output=True, text=True,
                              timeout=60, check=False, **options)
        if exit_code is not None:
            self.assertEqual(done.returncode, exit_code, f"{words}: {done.stdout}{done.stderr}")
        return done

    def out(self, *words, **options):
        return self.run_command(*words, exit_code=0, **options).stdout.strip()

    def url(self, name):
        return f"{self.origin.url}/{name}"

    def state(self, job):
        return self.out("show", job, "-p", "state", "--value")

    # --- get ---------------------------------------------------------------------------------
    def test_get_puts_the_file_in_place_and_replaces_what_was_there(self):
        target = self.home / "small.bin"
        target.write_text("old")
        done = self.run_command("get", self.url("small.bin"), exit_code=0)
        self.assertEqual(done.stdout, "")
        self.assertEqual(sha256(target), sha256(self.small))
        self.assertIn("acknowledged", done.stderr)
        self.assertIn("done: 1 file, 68.4K", done.stderr)
        self.assertEqual(self.out("list"), "no jobs")

    def test_get_of_several_urls_is_one_job_with_targets_as_asked_for(self):
        (self.home / "sub").mkdir(exist_ok=True)
        done = self.run_command("get", "-q", "-d", "sub", self.url("small.bin"), "-o", "one",
                                self.url("small.bin?x=1"), "--json", exit_code=0)
        self.assertEqual(done.stderr, "")
        job = json.loads(done.stdout)
        self.assertEqual(job["files"], {"total": 2, "done": 2})
        self.assertEqual(job["state"], "acknowledged")
        for name in ("one", "small.bin"):
            self.assertEqual(sha256(self.home / "sub" / name), sha256(self.small))

    def test_a_fatal_error_names_the_url_the_code_and_a_cure(self):
        done = self.run_command("get", self.url("none"), exit_code=3)
        for part in (self.url("none"), "HTTP 404", "0x80190194", "hint: check the URL",
                     "backhaul cancel"):
            self.assertIn(part, done.stderr)

    def test_a_job_in_the_background_is_waited_for_by_its_id_even_after_its_end(self):
        job = self.out("get", "-b", self.url("small.bin"), "-o", "bg")
        self.run_command("wait", job, exit_code=0)
        self.run_command("wait", job, exit_code=0)
        self.assertEqual(self.state(job), "acknowledged")
        self.assertEqual(sha256(self.home / "bg"), sha256(self.small))

    def test_progress_in_json_is_one_object_a_line(self):
        done = self.run_command("get", "--progress=json", self.url("small.bin"), exit_code=0)
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        self.assertEqual(lines[0]["event"], "added")
        self.assertEqual(lines[-1]["job"]["state"], "acknowledged")
        self.assertTrue(all("id" in line["job"] for line in lines))

    def test_mistakes_are_found_before_anything_is_made(self):
        self.run_command("get", exit_code=2)
        self.run_command("get", "nonsense", exit_code=2)
        self.run_command("get", self.url("x"), "--progress=often", exit_code=2)
        self.run_command("get", self.url("x"), "--priority=urgent", exit_code=2)
        done = self.run_command("get", self.url("x"), "-d", "/nonexistent/folder", exit_code=1)
        self.assertIn("there is no directory /nonexistent/folder", done.stderr)
        self.assertEqual(self.out("list"), "no jobs")

    # --- Ctrl+C and terminals ----------------------------------------------------------------
    def test_an_interrupt_suspends_and_the_job_can_go_on(self):
        process = subprocess.Popen([COMMAND, "get", self.url("large.bin"), "--name=big"],
                                   env=self.box.env, cwd=self.home, stderr=subprocess.PIPE,
                                   text=True)
        wait_for("bytes", lambda: int(self.run_command(
            "show", "big", "-p", "bytes-done", "--value").stdout or 0) > 0)
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, text)
        self.assertIn("backhaul start", text)
        self.assertEqual(self.state("big"), "suspended")
        self.run_command("start", "big", exit_code=0)
        wait_for("it to move", lambda: self.state("big") == "transferring")

    def test_a_killed_command_leaves_the_job_running(self):
        process = subprocess.Popen([COMMAND, "get", "-q", self.url("large.bin"), "--name=big"],
                                   env=self.box.env, cwd=self.home)
        wait_for("the job", lambda: self.run_command("show", "big").returncode == 0)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        wait_for("it to move", lambda: self.state("big") == "transferring")

    def test_a_second_interrupt_cancels(self):
        terminal = OnTerminal(self.box, "get", self.url("large.bin"))
        terminal.shows("%")
        terminal.press(b"\x03")
        terminal.shows("suspended")
        terminal.press(b"\x03")
        code, text = terminal.end()
        self.assertEqual(code, 130)
        self.assertIn("cancelled", text)
        self.assertEqual(self.out("list"), "no jobs")
        self.assertEqual(list(self.home.glob(".BIT*")), [])

    def test_the_bar_shows_progress_and_fits_the_terminal_also_when_it_changes(self):
        terminal = OnTerminal(self.box, "get", self.url("large.bin"))
        terminal.shows("KiB/s")
        text = terminal.read()
        self.assertRegex(text, r"large\.bin\s+\d+ % \[=*>? *\]\s+[\d.]+[BKM]/19\.1M")
        terminal.resize(30)
        wait_for("a narrow line", lambda: self.widths(terminal.read())[-2:] and
                 max(self.widths(terminal.read())[-2:]) < 30)
        terminal.press(b"\x03")
        terminal.end()

    @staticmethod
    def widths(text):
        return [len(line) for line in re.split(r"\r\x1b\[K|\r\n", text) if line.strip()]

    def test_without_colour_there_are_no_escape_sequences(self):
        terminal = OnTerminal(self.box, "get", self.url("small.bin"), env={"NO_COLOR": "1"})
        code, text = terminal.end()
        self.assertEqual(code, 0)
        self.assertNotIn("\x1b", text)
        terminal = OnTerminal(self.box, "list", env={"LANG": "C", "LC_ALL": "C"})
        code, text = terminal.end()
        self.assertTrue(text.isascii())

    # --- names, exit codes -------------------------------------------------------------------
    def test_jobs_are_found_by_id_prefix_name_pattern_and_as_the_last(self):
        one = self.out("create", "alpha")
        two = self.out("create", "beta")
        for word in (one, one[:8], "{" + one.upper() + "}", "alpha", "name:al*"):
            self.assertEqual(self.out("show", word, "-p", "id", "--value"), one)
        self.assertEqual(self.out("show", "@last", "-p", "id", "--value"), two)
        self.out("create", "beta")
        done = self.run_command("show", "beta", exit_code=2)
        self.assertIn(two, done.stderr)
        self.run_command("show", "gamma", exit_code=4)
        self.run_command("show", "00000000-0000-0000-0000-000000000000", exit_code=4)
        self.run_command("cancel", exit_code=2)
        self.run_command("suspend", "--all", "alpha", exit_code=2)

    def test_wait_tells_the_state_by_its_exit_code(self):
        job = self.out("create", "w")
        self.run_command("wait", job, "--timeout=1", exit_code=5)
        self.run_command("wait", job, "--until=suspended", exit_code=0)
        waiting = subprocess.Popen([COMMAND, "wait", "-q", job], env=self.box.env)
        self.run_command("cancel", job, exit_code=0)
        self.assertEqual(waiting.wait(timeout=20), 9)
        bad = self.out("get", "-b", self.url("none"))
        self.run_command("wait", "-q", bad, exit_code=3)
        good = self.out("get", "-b", self.url("small.bin"), "-o", "w1")
        self.run_command("wait", "-q", bad, good, exit_code=8)

    def test_an_unreachable_service_is_exit_code_7(self):
        done = self.run_command("list", "--bus=unix:path=/nonexistent/bus", exit_code=7)
        self.assertIn("RPC_SERVER_UNAVAILABLE", done.stderr)

    def test_a_full_disk_behind_standard_output_is_no_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([COMMAND, "list"], env=self.box.env, stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)

    # --- making and changing jobs ------------------------------------------------------------
    def test_a_job_is_made_piece_by_piece(self):
        job = self.out("create", "piece", "--priority=low", "--description=by hand")
        self.run_command("start", job, exit_code=1)
        self.run_command("add", job, self.url("small.bin"), "a1", self.url("small.bin"), "a2",
                         exit_code=0)
        self.run_command("add", job, "-i", "-", exit_code=0,
                         stdin=f"# list\n{self.url('small.bin')}\n  out=a3\n")
        files = json.loads(self.out("files", job, "--json"))
        self.assertEqual([f["path"] for f in files], [str(self.home / n) for n in ("a1", "a2", "a3")])
        self.run_command("start", job, exit_code=0)
        self.run_command("wait", job, exit_code=0)
        self.assertEqual(self.state(job), "transferred")
        self.run_command("complete", job, exit_code=0)
        self.assertEqual(sha256(self.home / "a3"), sha256(self.small))
        self.run_command("complete", job, exit_code=1)

    def test_properties_are_set_and_unset_all_or_none(self):
        job = self.out("create", "p")
        self.run_command("set", job, "priority=high", "retry-delay=2m", "auto-complete=yes",
                         "notify-flags=transferred,modification",
                         "notify-command=/bin/echo hello", exit_code=0)
        shown = dict(line.split("=", 1) for line in self.out("show", job).splitlines())
        self.assertEqual(shown["priority"], "high")
        self.assertEqual(shown["retry-delay"], "120")
        self.assertEqual(shown["notify-flags"], "transferred,modification")
        self.assertEqual(shown["notify-parameters"], "/bin/echo hello")
        self.run_command("set", job, "name=q", "notify-flags=64", exit_code=1)
        self.assertEqual(self.out("show", job, "-p", "name", "--value"), "p")
        self.run_command("set", job, "prio=high", exit_code=2)
        self.run_command("unset", job, "priority", "retry-delay", "notify-command", exit_code=0)
        shown = dict(line.split("=", 1) for line in self.out("show", job).splitlines())
        self.assertEqual((shown["priority"], shown["retry-delay"], shown["notify-command"]),
                         ("normal", "600", ""))

    def test_classes_are_added_listed_and_removed(self):
        name = "org.example.Updater"
        self.run_command("class", "add", name, "--exec", "/bin/true", "-x", exit_code=0)
        listed = json.loads(self.out("class", "list", "--json"))
        self.assertIn({"name": name, "running": False, "exec": ["/bin/true", "-x"]}, listed)
        self.run_command("class", "remove", name, exit_code=0)
        self.run_command("class", "remove", name, exit_code=4)
        self.run_command("class", "add", name, "--exec", "true", exit_code=2)

    # --- JSON and monitor --------------------------------------------------------------------
    def test_the_schema_of_a_job_is_the_documented_one(self):
        job = self.out("create", "j")
        page = (pathlib.Path(__file__).parents[3] / "man/backhaul.1").read_text()
        example = page[page.index(".nf\n{") + 4:]
        example = json.loads(example[:example.index(".fi")].replace("\\-", "-"))
        for value in (json.loads(self.out("show", job, "--json")),
                      json.loads(self.out("list", "--json"))[0]):
            self.assertEqual(list(value), list(example))
            self.assertEqual(list(value["notify"]), list(example["notify"]))
            self.assertEqual(list(value["retry"]), list(example["retry"]))
            self.assertEqual(list(value["waiting"]), list(example["waiting"]))
        self.assertEqual(value["bytes"], {"total": None, "done": 0} | {
            "total": value["bytes"]["total"]})

    def test_monitor_tells_a_life_as_lines_and_as_json(self):
        monitors = [subprocess.Popen([COMMAND, "monitor", *more], env=self.box.env, text=True,
                                     stdout=subprocess.PIPE) for more in ([], ["--json"])]
        for monitor in monitors:  # one that shows a new job listens; what was there before is no line
            while not select.select([monitor.stdout], [], [], 0.2)[0]:
                self.out("create", "marker")
            self.assertIn("marker", monitor.stdout.readline())
        job = self.out("get", "-b", self.url("small.bin"), "-o", "m1", "--name=watched")
        self.run_command("wait", job, exit_code=0)
        lines, events = [], []
        while "acknowledged" not in "".join(lines):
            lines.append(monitors[0].stdout.readline())
        while not events or events[-1]["event"] != "removed":
            event = json.loads(monitors[1].stdout.readline())
            if event["job"]["id"] == job:
                events.append(event)
        for monitor in monitors:
            monitor.send_signal(signal.SIGINT)
            monitor.stdout.close()
            self.assertEqual(monitor.wait(timeout=20), 0)
        self.assertTrue(any(" watched  " in line for line in lines), lines)
        self.assertEqual(events[0]["event"], "added")

    def test_help_and_version_need_no_service(self):
        nowhere = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
        self.assertIn("Usage", self.out("help", "get", env=nowhere))
        self.assertRegex(self.out("--version", env=nowhere), r"^backhaul \d")
        self.assertIn("_backhaul", self.out("completion", "bash", env=nowhere))
        begin = time.monotonic()
        self.assertEqual(self.run_command("complete-jobs", env=dict(
            nowhere, XDG_STATE_HOME=str(self.home / "elsewhere"))).returncode, 7)
        self.assertLess(time.monotonic() - begin, 5)


if __name__ == "__main__":
    unittest.main()
