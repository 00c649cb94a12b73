#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What people and scripts rely on in the command: exit codes, names of jobs, progress, Ctrl+C,
JSON. With the real service, on a private bus."""
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import termios
import threading
import time
import unittest

from sandbox import Sandbox, parent_of, sha256, wait_for, wait_for_end

COMMAND = os.environ["BACKHAUL_COMMAND"]
SLOW = 200_000  # bytes a second of the slow origin


class OnTerminal:
    """The command on a terminal of its own. `within`: a program and its words that begins it."""

    def __init__(self, box, *words, columns=100, env=None, within=()):
        self.master, slave = pty.openpty()
        self.resize(columns)
        self.output = b""
        self.process = subprocess.Popen(
            [*within, COMMAND, *map(str, words)], stdin=slave, stdout=slave, stderr=slave,
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
        return self.output.decode(errors="replace")  # a character may have come half

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

    def test_an_address_that_takes_connections_and_says_nothing_is_named_while_it_is_waited_for(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            command = subprocess.Popen([COMMAND, f"--bus=tcp:host=127.0.0.1,port={port}", "list"], env=self.box.env,
                                       stderr=subprocess.PIPE, text=True)
            self.addCleanup(command.stderr.close)
            self.addCleanup(command.wait)
            self.addCleanup(command.kill)
            self.assertEqual(command.stderr.readline(),
                             f"backhaul: waiting for an answer from tcp:host=127.0.0.1,port={port}\n")

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

    def test_ranges_are_fetched_in_their_order_and_shown(self):
        whole = self.small.read_bytes()
        self.run_command("get", "--range", "100-199,0-9", self.url("small.bin"), "-o", "ranged", exit_code=0)
        self.assertEqual((self.home / "ranged").read_bytes(), whole[100:200] + whole[:10])
        self.assertEqual(json.loads(self.out("files", "--json", "@last"))[0]["ranges"], "100-199,0-9")
        self.assertIn("[100-199,0-9]", self.out("files", "@last"))
        job = self.out("create", "ranges")
        self.run_command("add", job, self.url("small.bin"), "added", "-r", "5-", exit_code=0)
        self.assertEqual(json.loads(self.out("files", "--json", job))[0]["ranges"], "5-")
        self.run_command("cancel", job, exit_code=0)
        self.assertIn("is no range", self.run_command("get", "-r", "9-5", self.url("x"), exit_code=2).stderr)
        refused = self.run_command("get", "-r", "0-9,5-20", self.url("small.bin"), "-o", "no", exit_code=1)
        self.assertIn("BG_E_OVERLAPPING_RANGES", refused.stderr)

    def test_get_and_create_take_every_key_of_set(self):
        self.run_command("get", "-q", "--set", "dynamic-content=yes", "--set", "description=of a test",
                         self.url("small.bin"), "-o", "with-keys", exit_code=0)
        self.assertEqual(sha256(self.home / "with-keys"), sha256(self.small))
        self.assertEqual(self.out("show", "@last", "-p", "dynamic-content,description", "--value"), "yes\nof a test")
        job = self.out("create", "keyed", "--set", "retry-delay=7m", "--set", "high-performance=yes")
        self.assertEqual(self.out("show", job, "-p", "retry-delay,high-performance", "--value"), "420\nyes")
        done = self.run_command("create", "x", "--set", "costflags=1", exit_code=2)
        self.assertIn('did you mean "cost"?', done.stderr)

    def test_what_somebody_finds_in_a_file_decides_over_it(self):
        job = self.out("create", "looked into")
        self.run_command("add", job, self.url("small.bin"), "looked-into", exit_code=0)
        self.run_command("start", job, exit_code=0)
        self.run_command("wait", job, exit_code=0)
        number, place = self.out("files", job, "--temporary").split("  ")
        self.assertEqual((number, sha256(pathlib.Path(place))), ("0", sha256(self.small)))
        self.run_command("validate", job, "0", "perhaps", exit_code=2)
        self.run_command("validate", job, "first", "ok", exit_code=2)
        done = self.run_command("validate", job, "0", "bad", exit_code=0)
        self.assertIn(f"backhaul start {job[:8]}", done.stderr)
        self.assertEqual(self.state(job), "error")
        self.run_command("start", job, exit_code=0)
        self.run_command("wait", job, exit_code=0)
        self.run_command("validate", job, "0", "ok", exit_code=0)
        self.assertIn("transferred, valid", self.out("files", job))
        self.run_command("complete", job, exit_code=0)
        self.assertEqual(sha256(self.home / "looked-into"), sha256(self.small))

    def test_a_fatal_error_names_the_url_the_code_and_a_cure(self):
        done = self.run_command("get", self.url("none"), exit_code=3)
        for part in (self.url("none"), "HTTP 404", "0x80190194", "hint: check the URL",
                     '"backhaul move"', "backhaul cancel"):
            self.assertIn(part, done.stderr)

    # --- addresses and digests ---------------------------------------------------------------
    def test_a_mirror_is_asked_when_the_address_fails(self):
        self.run_command("get", "-q", self.url("none"), "--mirror", self.url("nowhere"),
                         "--mirror", self.url("small.bin"), "-o", "mirrored",
                         "--checksum", "sha256:" + sha256(self.small), exit_code=0)
        self.assertEqual(sha256(self.home / "mirrored"), sha256(self.small))

    def test_what_does_not_agree_never_becomes_a_file(self):
        done = self.run_command("get", self.url("small.bin"), "-o", "wrong",
                                "--checksum", "sha256:" + "0" * 64, exit_code=3)
        for part in ("0" * 64, sha256(self.small), "BG_E_VALIDATION_FAILED"):
            self.assertIn(part, done.stderr)
        self.assertFalse((self.home / "wrong").exists())

    def test_checksums_come_from_a_file_or_from_the_server(self):
        line = f"{sha256(self.small)}  small.bin\n"
        (self.home / "SHA256SUMS").write_text("0" * 64 + "  other\n" + line)
        (self.small.parent / "small.bin.sha256").write_text(line)
        for name, checksums in (("local", "SHA256SUMS"), ("fetched", self.url("small.bin.sha256"))):
            self.run_command("get", "-q", self.url("small.bin"), "-o", name,
                             "--checksums", checksums, exit_code=0)
            self.assertEqual(sha256(self.home / name), sha256(self.small))
        done = self.run_command("get", self.url("large.bin"), "--checksums", "SHA256SUMS", exit_code=2)
        self.assertIn("says nothing of", done.stderr)
        (self.home / "SHA256SUMS").write_text("0" * 64 + "  small.bin\n")
        self.run_command("get", "-q", self.url("small.bin"), "-o", "bad", "--checksums", "SHA256SUMS",
                         exit_code=3)
        self.assertFalse((self.home / "bad").exists())

    def test_a_list_has_mirrors_and_checksums(self):
        text = (f"{self.url('none')}\t{self.url('small.bin')}\n  out=listed\n"
                f"  checksum=sha256:{sha256(self.small)}\n")
        self.run_command("get", "-q", "-i", "-", stdin=text, exit_code=0)
        self.assertEqual(sha256(self.home / "listed"), sha256(self.small))
        done = self.run_command("get", self.url("a"), self.url("b"), "--mirror", self.url("c"), exit_code=2)
        self.assertIn("of one URL", done.stderr)

    def metalink(self, content, name="linked"):
        (self.small.parent / "list.meta4").write_text(
            '<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="%s">%s</file></metalink>'
            % (name, content))

    def pieces(self, length=10_000):
        data = self.small.read_bytes()
        hashes = "".join(f"<hash>{hashlib.sha256(data[at:at + length]).hexdigest()}</hash>"
                         for at in range(0, len(data), length))
        return f'<pieces length="{length}" type="sha-256">{hashes}</pieces>'

    def test_a_metalink_tells_where_files_are_and_what_they_have_to_be(self):
        broken = bytearray(self.small.read_bytes())
        broken[25_000] ^= 1
        (self.small.parent / "broken.bin").write_bytes(broken)
        self.metalink(f'<size>70000</size><hash type="sha-256">{sha256(self.small)}</hash>{self.pieces()}'
                      f'<url priority="1">{self.url("broken.bin")}</url>'
                      f'<url priority="2">{self.url("small.bin")}</url>', "deep/linked")
        self.run_command("get", "-q", "--metalink", self.url("list.meta4"), exit_code=0)
        self.assertEqual(sha256(self.home / "deep/linked"), sha256(self.small))
        again = [row for row in self.origin.requests() if row[1] == "/small.bin" and row[2] == 206]
        self.assertEqual([row[4] for row in again][-1:], [30_000],
                         "the wrong piece, and what is held in front of it to be compared")
        file = json.loads(self.out("files", "--json", "@last"))[0]
        self.assertEqual((file["expected-size"], file["piece-length"]), (70_000, 10_000))
        for wrong in ("70001", "nonsense"):
            self.metalink(f"<size>{wrong}</size><url>{self.url('small.bin')}</url>")
            done = self.run_command("get", "--metalink", self.small.parent / "list.meta4")
            self.assertIn(done.returncode, (2, 3), done.stderr)
            self.assertFalse((self.home / "linked").exists())
        self.metalink(f"<url>{self.url('small.bin')}</url>", "../linked")
        done = self.run_command("get", "--metalink", self.small.parent / "list.meta4", exit_code=2)
        self.assertIn("leads out of its directory", done.stderr)

    def test_a_metalink_whose_digests_are_not_checked_says_so(self):
        url = f"<url>{self.url('small.bin')}</url>"
        weak = '<hash type="sha-1">' + "0" * 40 + "</hash>" + url
        strong = f'<hash type="sha-256">{sha256(self.small)}</hash>'
        remark = "weak: its only digest is sha-1, which is not checked"
        (self.home / "weak.sums").write_text(f"{sha256(self.small)}  small.bin\n")
        for content, words, told in ((weak, [], True), (weak, ["-q"], False), (strong + weak, [], False),
                                     (weak, ["--checksums", "weak.sums"], False), (url, [], False)):
            self.metalink(content, "weak")
            done = self.run_command("get", "--metalink", self.small.parent / "list.meta4", *words, exit_code=0)
            self.assertEqual(remark in done.stderr, told, (content, words, done.stderr))
            self.assertEqual("not checked" in done.stderr, told, done.stderr)

    def test_the_only_address_is_repaired_or_refused(self):
        broken = bytearray(self.small.read_bytes())
        broken[69_999] ^= 1
        (self.small.parent / "broken.bin").write_bytes(broken)
        self.metalink(f"{self.pieces()}<url>{self.url('broken.bin')}</url>")
        done = self.run_command("get", "--metalink", self.small.parent / "list.meta4", exit_code=3)
        self.assertIn("1 of 7 pieces", done.stderr)
        (self.small.parent / "broken.bin").write_bytes(self.small.read_bytes())
        self.run_command("start", "--wait", "@last", exit_code=0)
        self.assertEqual(sha256(self.home / "linked"), sha256(self.small))

    @unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
    def test_a_signature_has_to_hold(self):
        key, secret, signature = (self.small.parent / name for name in ("k.pub", "k.sec", "small.minisig"))
        subprocess.run(["minisign", "-G", "-W", "-f", "-p", key, "-s", secret], check=True, capture_output=True)
        subprocess.run(["minisign", "-S", "-s", secret, "-m", self.small, "-x", signature], check=True,
                       capture_output=True)
        bare = key.read_text().splitlines()[1]
        for name, words in (("by-file", ("--signature", signature, "--key", key)),
                            ("by-url", ("--signature", self.url("small.minisig"), "--key", bare))):
            self.run_command("get", "-q", self.url("small.bin"), "-o", name, *words, exit_code=0)
            self.assertEqual(sha256(self.home / name), sha256(self.small))
        self.assertTrue(json.loads(self.out("files", "--json", "@last"))[0]["signed-by"].startswith("minisign "))
        (self.small.parent / "forged.bin").write_bytes(b"forged")
        done = self.run_command("get", self.url("forged.bin"), "-o", "forged", "--signature", signature,
                                "--key", bare, exit_code=3)
        self.assertIn("is not what was signed", done.stderr)
        self.assertFalse((self.home / "forged").exists())
        done = self.run_command("get", self.url("small.bin"), "--signature", signature, exit_code=2)
        self.assertIn("--key", done.stderr)
        done = self.run_command("get", self.url("small.bin"), "--signature", self.small, "--key", bare, exit_code=2)
        self.assertIn("is no signature", done.stderr)
        done = self.run_command("get", self.url("small.bin"), "--signature", key, "--key", bare, exit_code=1)
        self.assertIn("neither one of minisign", done.stderr)

    def test_a_file_of_this_machine_is_copied(self):
        self.run_command("get", "-q", f"file://{self.small}", "-o", "local", exit_code=0)
        self.assertEqual(sha256(self.home / "local"), sha256(self.small))

    def test_a_device_is_no_source_and_the_hint_speaks_of_the_source(self):
        done = self.run_command("get", "/dev/zero", "-o", "zeros", exit_code=3)
        self.assertIn("/dev/zero is a character device", done.stderr)
        self.assertIn("hint: only ordinary files are copied", done.stderr)
        self.assertFalse((self.home / "zeros").exists())

    def test_a_path_of_this_machine_is_a_remote_name(self):
        (self.home / "here%20").write_bytes(self.small.read_bytes())
        self.run_command("get", "-q", self.small, "-o", "by-path", exit_code=0)
        self.run_command("get", "-q", "./here%20", "second", "../home/by-path", "third", exit_code=0)
        self.assertEqual(sha256(self.home / "third"), sha256(self.small))
        self.run_command("get", "-q", self.url("none"), "--mirror", "./third", "-o", "fourth", exit_code=0)
        self.run_command("get", "-q", "-i", "-", stdin=f"{self.small}\n  out=fifth\n", exit_code=0)
        for name in ("second", "fourth", "fifth"):
            self.assertEqual(sha256(self.home / name), sha256(self.small))
        done = self.run_command("get", "third", exit_code=2)
        self.assertIn("./third", done.stderr)
        self.assertIn("is a directory", self.run_command("get", "./", "-o", "no", exit_code=2).stderr)
        self.assertIn("mount the share", self.run_command("get", "//nas/a", "-o", "no", exit_code=1).stderr)
        job = self.out("create", "moved here")
        self.run_command("add", job, self.url("none"), "-o", "sixth", exit_code=0)
        self.run_command("move", job, "./third", exit_code=0)
        self.run_command("start", job, exit_code=0)
        self.run_command("wait", job, exit_code=0)
        self.run_command("complete", job, exit_code=0)
        self.assertEqual(sha256(self.home / "sixth"), sha256(self.small))

    def test_move_gives_files_another_address(self):
        job = self.out("create", "moved")
        self.run_command("add", job, self.url("none"), "-o", "moved", exit_code=0)
        self.run_command("move", job, self.url("non"), self.url("small.bin?non"), exit_code=0)
        self.assertIn("small.bin", self.out("files", job))
        done = self.run_command("move", job, "http://elsewhere/", "http://x/")
        self.assertNotEqual(done.returncode, 0)
        self.run_command("move", job, self.url("small.bin"), exit_code=0)
        self.assertNotEqual(self.run_command("move", job, "--file", "7", self.url("x")).returncode, 0)
        self.run_command("start", job, exit_code=0)
        self.run_command("wait", job, exit_code=0)
        self.run_command("complete", job, exit_code=0)
        self.assertEqual(sha256(self.home / "moved"), sha256(self.small))

    def test_move_says_where_secrets_of_the_job_would_go_to_another_server(self):
        job = self.out("create", "entrusted")
        self.run_command("add", job, self.url("small.bin"), "-o", "entrusted", exit_code=0)
        elsewhere = self.url("small.bin").replace("127.0.0.1", "localhost")
        self.run_command("header", "set", job, "--header", "Accept: */*", exit_code=0)
        done = self.run_command("move", job, elsewhere, exit_code=0)
        self.assertEqual(done.stderr, "")
        self.run_command("header", "set", job, "--header", "X-Api-Key: k", exit_code=0)
        done = self.run_command("move", job, elsewhere, self.url("small.bin"), exit_code=0)
        self.assertIn("the secret headers of job", done.stderr)
        self.assertIn("go to http://127.0.0.1", done.stderr)
        terminal = OnTerminal(self.box, "move", job, elsewhere, columns=200)
        terminal.shows("[y/N]")
        terminal.press(b"n\n")
        code, text = terminal.end()
        self.assertEqual(code, 1, text)
        self.assertIn("will go to http://localhost", text)
        self.assertIn("127.0.0.1", self.out("files", job))
        self.run_command("move", job, elsewhere, "--yes", exit_code=0)
        self.assertIn("localhost", self.out("files", job))

    def test_a_folder_that_cannot_be_looked_at_is_refused(self):
        folder = "x/" * 2500
        done = self.run_command("get", self.url("small.bin"), "-o", f"/{folder}f", exit_code=1)
        self.assertIn("File name too long", done.stderr)

    def test_a_list_that_never_ends_is_refused(self):
        done = self.run_command("get", "-i", "/dev/zero", exit_code=2)
        self.assertIn("holds a NUL", done.stderr)
        (self.home / "password").write_bytes(b"a\0b")
        done = self.run_command("get", self.url("small.bin"), "--login", "a", "--password-file", "password",
                                exit_code=2)
        self.assertIn("holds a NUL", done.stderr)
        done = self.run_command("get", self.url("small.bin"), "--login", "a", "--password-file", "/dev/zero",
                                exit_code=2)
        self.assertIn("longer than 1 MiB", done.stderr)
        job = self.out("create", "proxied")
        done = self.run_command("set", job, "proxy=gopher://p:1", exit_code=2)
        self.assertIn("is no address of one", done.stderr)

    def test_ranges_of_a_file_of_this_machine_are_copied(self):
        self.run_command("get", "-q", f"file://{self.small}", "-r", "100-199,10-19", "-o", "local", exit_code=0)
        data = self.small.read_bytes()
        self.assertEqual((self.home / "local").read_bytes(), data[100:200] + data[10:20])

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
        self.assertEqual(len(lines), len(done.stderr.splitlines()), "nothing else")
        self.assertEqual((lines[-1]["event"], lines[-1]["exit"]), ("end", 0))

    def test_failures_are_json_where_json_was_asked_for(self):
        failed = self.run_command("get", "--json", self.url("none"), exit_code=3)
        self.assertEqual(json.loads(failed.stdout)["error"]["symbol"], "BG_E_HTTP_ERROR_404")
        refused = self.run_command("get", "--json", self.url("x"), "-o", "/nonexistent/x", exit_code=1)
        self.assertEqual(json.loads(refused.stdout)["error"]["symbol"], "PATH_NOT_FOUND")
        self.assertIn("nonsense", json.loads(self.run_command(
            "get", "--json", "nonsense", exit_code=2).stdout)["error"]["text"])
        self.assertIn("error", json.loads(self.run_command("list", "--json", "--nonsense", exit_code=2).stdout))
        lines = [json.loads(line) for line in self.run_command(
            "get", "--progress=json", self.url("none"), exit_code=3).stderr.splitlines()]
        self.assertEqual([line["event"] for line in lines[-2:]], ["failed", "end"])
        self.assertEqual(lines[-1]["exit"], 3)

    def test_a_size_that_nobody_told_is_told(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
            def answer():
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1000)
            thread = threading.Thread(target=answer)
            thread.start()
            done = self.run_command("get", f"http://127.0.0.1:{server.getsockname()[1]}/untold", exit_code=0)
            thread.join()
        self.assertIn("nobody told its size: whether that was all is not known", done.stderr)
        self.assertIn("nobody told its size", self.out("status", "@last"))
        self.assertEqual(self.out("show", "@last", "-p", "end-untold", "--value"), "1")

    def test_a_version_that_nobody_told_is_told(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
            def answer():
                for first in (0, 0, 500):  # one repeated byte tells nothing
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(f"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{first + 9}/1000\r\n"
                                           "Content-Length: 10\r\nConnection: close\r\n\r\n".encode() + b"x" * 10)
            thread = threading.Thread(target=answer)
            thread.start()
            done = self.run_command("get", "--range", "0-9,500-509", f"http://127.0.0.1:{server.getsockname()[1]}/ranges",
                                    "-o", "untold-ranges", exit_code=0)
            thread.join()
        self.assertIn("no one version of it was told: whether its parts are all of one is not known", done.stderr)
        self.assertEqual(self.out("show", "@last", "-p", "version-untold", "--value"), "1")
        self.assertIn("no one version told", self.out("files", "@last"))
        self.assertTrue(json.loads(self.out("files", "--json", "@last"))[0]["version-untold"])

    def test_every_wait_ends_with_a_word(self):
        job = self.out("create", "word")
        self.assertIn(f"backhaul add {job[:8]} URL", self.run_command("start", job, exit_code=1).stderr)
        self.run_command("add", job, self.url("small.bin"), "word.bin", exit_code=0)
        started = self.run_command("start", "--wait", job, exit_code=0)
        self.assertIn("transferred: 1 file, 68.4K", started.stderr)
        self.assertIn(f"backhaul complete {job[:8]}", started.stderr)
        self.assertIn(f"backhaul complete {job[:8]}", self.out("status", job))
        self.run_command("complete", job, exit_code=0)
        self.assertIn("it was completed", self.run_command("wait", "-u", "suspended", job, exit_code=1).stderr)
        self.assertEqual(self.run_command("wait", job, exit_code=0).stderr, "")

    def test_a_job_takes_its_files_from_peers_where_it_is_told_to(self):
        job = self.out("create", "--peers", "shared")
        self.assertIn("peer-caching=client,server", self.out("show", job).splitlines())
        self.out("cancel", job)

    def test_a_time_out_of_bounds_is_told(self):
        job = self.out("create", "bounds")
        done = self.run_command("set", job, "retry-delay=1", exit_code=0)
        self.assertIn("retry-delay is 5 s now", done.stderr)
        self.assertEqual(self.run_command("set", job, "retry-delay=7", exit_code=0).stderr, "")

    def test_what_cannot_be_a_place_or_a_port_is_explained(self):
        done = self.run_command("get", self.url("small.bin"), "-o", "/proc/x", exit_code=3)
        self.assertIn("No file can be made in /proc", done.stderr)
        self.assertIn("another place it takes another job", done.stderr)
        done = self.run_command("get", self.url("small.bin").replace("http:", "https:"), exit_code=3)
        self.assertIn("does not speak TLS at this port", done.stderr)
        self.assertIn("try http://", done.stderr)
        done = self.run_command("get", self.url("small.bin"), "-o", "x" * 300, exit_code=1)
        self.assertIn("the file name", done.stderr)
        self.assertIn("at most 255 (NAME_MAX)", done.stderr)

    def test_a_wait_for_a_server_gets_shorter_on_the_bar(self):
        job = self.out("create", "count", "--priority=foreground")
        self.run_command("add", job, "http://127.0.0.1:1/x", "count.bin", exit_code=0)
        terminal = OnTerminal(self.box, "start", "--wait", job)
        seen = set()

        def shorter():
            seen.update(re.findall(r"retry in (\d+ min(?: \d+ s)?)", terminal.read()))
            return len(seen) > 1
        wait_for("two different waits", shorter)
        terminal.press(b"\x03")
        self.assertEqual(terminal.end()[0], 130)

    def test_mistakes_are_found_before_anything_is_made(self):
        self.run_command("get", exit_code=2)
        self.run_command("get", "nonsense", exit_code=2)
        self.run_command("get", self.url("x"), "--progress=often", exit_code=2)
        self.run_command("get", self.url("x"), "--priority=urgent", exit_code=2)
        done = self.run_command("get", self.url("x"), "-d", "/nonexistent/folder", exit_code=1)
        self.assertIn("there is no directory /nonexistent/folder", done.stderr)
        self.assertEqual(self.out("list"), "no jobs")

    def test_two_files_of_one_name_are_refused_before_anything_is_fetched(self):
        twin, other = self.url("small.bin?twin=s3cret"), self.url("large.bin?twin")
        done = self.run_command("get", twin, self.url("small.bin?twin"), exit_code=2)
        for part in ("URL 1", "URL 2", str(self.home / "small.bin")):
            self.assertIn(part, done.stderr)
        self.assertNotIn("s3cret", done.stderr)
        (self.home / "list").write_text(f"{twin} x\n{other} ./x\n")
        self.run_command("get", "-b", "-i", "list", exit_code=2)
        (self.home / "list").write_text(f"{twin} link/x\n{other} x\n")
        (self.home / "link").symlink_to(self.home)
        self.addCleanup((self.home / "link").unlink)
        self.run_command("get", "-b", "-i", "list", exit_code=2)
        job = self.out("create", "same")
        self.run_command("add", job, twin, "one", other, "one", exit_code=2)
        self.assertEqual([row for row in self.origin.requests() if "twin" in row[1]], [])

    def test_who_waits_is_in_the_foreground_and_who_does_not_is_not(self):
        job = self.out("get", "-b", self.url("large.bin"), "-o", "behind")
        self.assertEqual(self.out("show", job, "-p", "priority", "--value"), "normal")
        process = subprocess.Popen([COMMAND, "get", "-q", self.url("large.bin"), "--name=front"],
                                   env=self.box.env, cwd=self.home)
        wait_for("the job", lambda: self.run_command("show", "front").returncode == 0)
        self.assertEqual(self.out("show", "front", "-p", "priority", "--value"), "foreground")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 130)
        self.assertEqual(self.out("show", "front", "-p", "priority", "--value"), "normal",
                         "nobody waits any more")
        job = self.out("get", "-b", "--priority=low", self.url("large.bin"), "-o", "low")
        self.assertEqual(self.out("show", job, "-p", "priority", "--value"), "low")

    def test_one_missing_file_of_many_costs_nothing_but_itself(self):
        urls = [self.url("small.bin"), "-o", "m1", self.url("none?token=s3cret"), "-o", "m2"]
        done = self.run_command("get", *urls, exit_code=3)
        self.assertIn("1 of 2 files is here, 1 failed", done.stderr)
        self.assertRegex(self.out("files", "@last"), r"(?m)^ +0  transferred.*\n +1  failed ")
        self.assertLess(done.stderr.index("backhaul complete"), done.stderr.index("backhaul cancel"))
        self.assertNotIn("s3cret", done.stderr)
        self.assertIn("backhaul complete", self.out("status", "@last"))
        done = self.run_command("complete", "@last", exit_code=0)
        self.assertIn("1 file put in place, 1 file dropped: " + str(self.home / "m2"), done.stderr)
        self.assertEqual(sha256(self.home / "m1"), sha256(self.small))

    def test_files_whose_rows_are_lost_have_no_names_to_list(self):
        job = self.out("create", "lost")
        self.run_command("add", job, *(word for name in ("l1", "l2", "l3")
                                       for word in (self.url("small.bin"), name)), exit_code=0)
        guardian = parent_of(self.box.service_pid())
        os.kill(guardian, signal.SIGTERM)
        wait_for_end(guardian)
        with contextlib.closing(sqlite3.connect(self.box.state / "queue.db")) as database, database:
            database.execute("DELETE FROM file WHERE job = (SELECT row FROM job WHERE name = 'lost')")
        done = self.run_command("complete", job)
        self.assertIn("3 files dropped: 3 files whose names are lost", done.stderr)

    def test_complete_asks_a_person_before_it_drops_files(self):
        self.run_command("get", "-q", self.url("small.bin"), "-o", "c1", self.url("none"), exit_code=3)
        job = self.out("show", "@last", "-p", "id", "--value")
        terminal = OnTerminal(self.box, "complete", job, columns=200)
        terminal.shows("[y/N]")
        terminal.press(b"n\n")
        code, text = terminal.end()
        self.assertEqual(code, 1, text)
        self.assertIn(str(self.home / "none"), text)
        self.assertEqual(self.state(job), "error")
        terminal = OnTerminal(self.box, "complete", "--yes", job)
        self.assertEqual(terminal.end()[0], 0)
        self.assertEqual(sha256(self.home / "c1"), sha256(self.small))

    def test_cancel_of_all_jobs_asks_a_person(self):
        job = self.out("create", "kept")
        terminal = OnTerminal(self.box, "cancel", "--all", columns=200)
        terminal.shows("[y/N]")
        terminal.press(b"n\n")
        code, text = terminal.end()
        self.assertEqual(code, 1, text)
        self.assertIn("the job is left as it is", text)
        self.assertEqual(self.state(job), "suspended")
        self.assertEqual(OnTerminal(self.box, "cancel", "--all", "--yes").end()[0], 0)
        self.assertEqual(self.out("list"), "no jobs")

    def test_standard_output_gets_the_whole_file_and_a_reader_that_has_gone_is_a_failure(self):
        env = {"TMPDIR": str(self.box.folder)}
        content = self.small.read_bytes()
        done = subprocess.run([COMMAND, "get", self.url("small.bin"), "-o", "-"],
                              env=dict(self.box.env, **env), capture_output=True, timeout=60,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (0, content), done.stderr)
        self.assertIn(b" small.bin  ", done.stderr)
        self.assertNotIn(b"1-small.bin", done.stderr)
        reader, writer = os.pipe()
        os.close(reader)
        gone = subprocess.run([COMMAND, "get", self.url("small.bin"), "-o", "-"],
                              env=dict(self.box.env, **env), stdout=writer,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        os.close(writer)
        self.assertEqual(gone.returncode, 1, gone.stderr)
        self.assertIn("standard output: Broken pipe", gone.stderr)
        failed = self.run_command("get", self.url("none"), "-o", "-", exit_code=3, env=env)
        self.assertEqual(failed.stdout, "")
        self.assertEqual(self.out("list"), "no jobs")
        self.run_command("get", "-b", self.url("small.bin"), "-o", "-", exit_code=2)
        self.run_command("get", "--json", self.url("small.bin"), "-o", "-", exit_code=2)
        kept = self.run_command("get", "--set", "auto-complete=no", self.url("small.bin"), "-o", "-", exit_code=2)
        self.assertIn("does not go with --set auto-complete=no", kept.stderr)
        self.assertEqual(self.out("list"), "no jobs")
        self.assertEqual(list(self.box.folder.glob("backhaul-*")), [])

    def test_what_is_no_file_is_no_destination_and_a_directory_is_where_it_goes(self):
        pipe = self.home / "pipe"
        os.mkfifo(pipe)
        refused = self.run_command("get", self.url("small.bin"), "-o", "pipe", exit_code=1)
        self.assertIn("is a named pipe", refused.stderr)
        self.assertIn("BAD_FILE_TYPE", refused.stderr)
        self.assertTrue(pipe.is_fifo())
        (self.home / "into").mkdir()
        self.run_command("get", self.url("small.bin"), "-o", "into", exit_code=0)
        self.assertEqual(sha256(self.home / "into" / "small.bin"), sha256(self.small))

    def test_wait_fails_for_files_that_cannot_be_put_in_place_and_says_why(self):
        folder = self.home / "folder"
        folder.mkdir()
        job = self.out("create", "away")
        self.run_command("add", job, self.url("small.bin"), folder / "x", exit_code=0)
        self.run_command("start", job, exit_code=0)
        self.run_command("wait", job, exit_code=0)
        folder.rename(self.home / "elsewhere")
        self.run_command("complete", job, exit_code=1)
        waited = self.run_command("wait", job, exit_code=1)
        self.assertIn("not in place", waited.stderr)
        self.assertIn(str(folder), self.out("status", job))
        (self.home / "elsewhere").rename(folder)
        self.run_command("complete", job, exit_code=0)
        self.assertEqual(sha256(folder / "x"), sha256(self.small))

    # --- Ctrl+C and terminals ----------------------------------------------------------------
    def test_an_interrupt_suspends_and_the_job_can_go_on(self):
        process = subprocess.Popen([COMMAND, "get", self.url("large.bin"), "--name=big"],
                                   env=self.box.env, cwd=self.home, stderr=subprocess.PIPE,
                                   text=True)
        wait_for("bytes", lambda: int(self.run_command(
            "show", "big", "-p", "bytes-done", "--value").stdout or 0) > 0)
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=60)
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
        self.assertEqual(process.wait(timeout=60), -signal.SIGTERM)
        wait_for("it to move", lambda: self.state("big") == "transferring")
        self.assertEqual(self.out("show", "big", "-p", "priority", "--value"), "normal",
                         "nobody waits for it any more")

    def test_whatever_ends_the_command_the_job_goes_on_behind_the_others(self):
        for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGALRM, signal.SIGXCPU):
            with self.subTest(signal=number.name):
                process = subprocess.Popen([COMMAND, "get", "-q", self.url("large.bin"), "--name=big",
                                            f"-oout{number}"], env=self.box.env, cwd=self.home)
                wait_for("the job", lambda: self.run_command("show", "big").returncode == 0)
                process.send_signal(number)
                self.assertEqual(process.wait(timeout=60), -number)
                self.assertEqual(self.out("show", "big", "-p", "priority", "--value"), "normal")
                self.run_command("cancel", "big", exit_code=0)

    def test_when_nobody_reads_any_more_the_job_goes_on_behind_the_others(self):
        process = subprocess.Popen([COMMAND, "get", self.url("large.bin"), "--name=big"],
                                   env=self.box.env, cwd=self.home, stderr=subprocess.PIPE)
        wait_for("the job", lambda: self.run_command("show", "big").returncode == 0)
        process.stderr.close()
        self.run_command("suspend", "big", exit_code=0)  # a change of state, and so a line
        self.assertEqual(process.wait(timeout=60), -signal.SIGPIPE)
        self.assertEqual(self.out("show", "big", "-p", "priority", "--value"), "normal")

    def test_a_killed_command_leaves_nothing_of_what_was_for_standard_output(self):
        folder = self.box.folder / "for-output"
        folder.mkdir()
        process = subprocess.Popen([COMMAND, "get", "-q", self.url("large.bin"), "--name=out", "-o", "-"],
                                   env=dict(self.box.env, TMPDIR=str(folder)), cwd=self.home,
                                   stdout=subprocess.DEVNULL)
        wait_for("bytes", lambda: int(self.run_command(
            "show", "out", "-p", "bytes-done", "--value").stdout or 0) > 0)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), -signal.SIGTERM)
        self.assertEqual(self.out("list"), "no jobs")
        self.assertEqual(list(folder.iterdir()), [])

    def test_whatever_ends_the_command_takes_what_it_fetched_for_itself_along(self):
        folder = self.box.folder / "for-companions"
        folder.mkdir()
        slow = self.origin.add("slow.sums", 10_000_000)
        self.addCleanup(slow.unlink)
        cases = [(number, option) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
                 for option in ("checksums", "metalink")]
        for number, option in cases:
            with self.subTest(signal=number.name, option=option):
                process = subprocess.Popen(
                    [COMMAND, "get", self.url("small.bin"), "-o", "-", f"--{option}", self.url("slow.sums")],
                    env=dict(self.box.env, TMPDIR=str(folder)), cwd=self.home, stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE, text=True)
                wait_for("the job", lambda name=option: self.run_command("show", name).returncode == 0)
                process.send_signal(number)
                _, text = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 130 if number == signal.SIGINT else -number, text)
                if number == signal.SIGINT:
                    self.assertIn("nothing was begun", text)
                self.assertEqual(self.out("list"), "no jobs")
                self.assertEqual(list(folder.iterdir()), [])

    def test_what_cannot_be_meant_is_refused_with_the_reason(self):
        listed = self.run_command("get", "-i", str(self.home), exit_code=2)
        self.assertIn("it is a directory", listed.stderr)
        self.assertIn("No such file", self.run_command("get", "-i", "none", exit_code=2).stderr)
        strange = self.run_command("get", self.url("small.bin"), "-o", "\udcff.bin", exit_code=2)
        self.assertIn("the byte 0xff", strange.stderr)
        for words in (["http://bob:s3cret@h/x?t=s3cret"], ["wait", "http://bob:s3cret@h/x"]):
            self.assertNotIn("s3cret", self.run_command(*words).stderr)

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

    def at_the_password(self, name):
        """A terminal outlives the shell that leads its session as little as its settings do: the shell tells them."""
        script = "trap : INT QUIT; \"$@\"; echo \"status $?\"; stty -a"
        terminal = OnTerminal(self.box, "get", "-q", self.url("small.bin"), "-o", name, "--login", "bob",
                              within=("sh", "-c", script, "sh"))
        terminal.shows("Password of bob: ")
        return terminal

    def assert_echo_is_back(self, terminal, status):
        terminal.shows(f"status {status}")
        words = terminal.end()[1].split()
        self.assertIn("echo", words)
        self.assertNotIn("-echo", words)
        self.assertNotIn("echonl", words)

    def test_who_thinks_better_of_the_password_has_the_echo_back(self):
        for key, number in ((b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)):
            with self.subTest(signal=number.name):
                terminal = self.at_the_password("never")
                terminal.press(key)
                self.assert_echo_is_back(terminal, 128 + number)
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                terminal = self.at_the_password("never")
                shell = terminal.process.pid
                command = pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0]
                os.kill(int(command), number)
                self.assert_echo_is_back(terminal, 128 + number)
        self.assertEqual(self.out("list"), "no jobs")

    def test_the_password_is_asked_for_a_job_that_is_there(self):
        code, text = OnTerminal(self.box, "credential", "set", "no-such-job", "--login", "bob").end()
        self.assertEqual(code, 4, text)
        self.assertNotIn("Password", text)

    def test_who_goes_on_after_a_stop_is_asked_for_the_password_again(self):
        terminal = self.at_the_password("asked-twice")
        terminal.press(b"\x1a")  # without a shell that could go on with it nobody is stopped
        wait_for("the question again", lambda: terminal.read().count("Password of bob: ") == 2)
        terminal.press(b"s3cret\n")
        self.assert_echo_is_back(terminal, 0)
        self.assertNotIn(b"s3cret", terminal.output)
        self.assertEqual(sha256(self.home / "asked-twice"), sha256(self.small))

    def test_the_bar_shows_progress_and_fits_the_terminal_also_when_it_changes(self):
        terminal = OnTerminal(self.box, "get", self.url("large.bin"))
        terminal.shows("K/s")
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

    def test_wait_and_a_start_that_waits_show_the_bar_of_get(self):
        job = self.out("get", "-b", self.url("large.bin"), "-o", "bar.bin")
        terminal = OnTerminal(self.box, "wait", job)
        terminal.shows("K/s")
        self.assertRegex(terminal.read(), r"bar\.bin\s+\d+ % \[=*>? *\]\s+[\d.]+[BKM]/19\.1M")
        terminal.press(b"\x03")
        code, text = terminal.end()
        self.assertEqual(code, 130)
        self.assertIn("goes on without this command", text)
        self.assertEqual(self.state(job), "transferring")
        self.run_command("suspend", job, exit_code=0)
        terminal = OnTerminal(self.box, "start", "--wait", job)
        terminal.shows("K/s")
        self.assertEqual(self.out("show", job, "-p", "priority", "--value"), "foreground")
        terminal.press(b"\x03")
        self.assertEqual(terminal.end()[0], 130)
        self.assertEqual(self.out("show", job, "-p", "priority", "--value"), "normal")
        # The large one has its turn for a minute, but for whom goes before it.
        small = self.out("get", "-b", "--priority", "high", self.url("small.bin"), "-o", "quiet.bin")
        self.assertEqual(self.run_command("wait", small, exit_code=0).stderr, "", "nothing in a pipe")

    def test_rates_and_times_are_shown_wherever_one_looks(self):
        job = self.out("get", "-b", self.url("large.bin"), "-o", "rate.bin")
        wait_for("a rate", lambda: re.search(r"rate: [\d.]+[BKM]/s", self.out("status", job)))
        self.assertRegex(self.out("status", job), r"time left: \d+:\d\d")
        self.assertRegex(self.out("list"), r"[\d.]+[BKM]/s  \d+:\d\d")
        self.assertGreater(json.loads(self.out("show", job, "--json"))["rate"], 0)

    def test_the_monitor_fits_its_window_and_keeps_its_header(self):
        for i in range(30):
            self.out("create", f"row{i:02}")
        terminal = OnTerminal(self.box, "monitor", columns=80)
        terminal.shows("not shown")
        frame = terminal.read().split("\x1b[H\x1b[J")[-1]
        lines = re.sub(r"\x1b\[\d*m", "", frame).split("\r\n")
        self.assertLessEqual(len(lines), 24)
        self.assertTrue(lines[0].startswith("ID "), lines)
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual([name for line in lines for name in re.findall(r"row\d\d", line)],
                         sorted(re.findall(r"row\d\d", frame)), "by age")
        self.out("get", "-b", self.url("large.bin"), "-o", "moving")
        terminal.shows("K/s")
        terminal.press(b"\x03")
        self.assertEqual(terminal.end()[0], 0)

    def test_nothing_that_a_terminal_obeys_reaches_it(self):
        evil = "a\x1b]0;owned\x07\x9bb"
        job = self.out("create", "evil", f"--description={evil}")
        self.run_command("set", job, f"name={evil}", exit_code=0)
        for words in (["show", job], ["show", job, "-p", "name", "--value"], ["status", job], ["list"],
                      ["list", "--notify"], ["show", job, "--json"], ["show", evil], ["cancel", "x" + evil]):
            _, text = OnTerminal(self.box, *words, env={"NO_COLOR": "1"}).end()
            self.assertNotIn("\x1b", text, words)
            self.assertNotIn("\x07", text, words)
            self.assertNotIn("\x9b", text, words)
        self.assertEqual(self.out("show", job, "-p", "name", "--value"), evil, "a program gets the value")

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
        self.assertEqual(self.out("list", "gamma"), "no such jobs")
        self.run_command("show", "gamma", exit_code=4)
        self.run_command("show", "00000000-0000-0000-0000-000000000000", exit_code=4)
        self.run_command("cancel", exit_code=2)
        self.run_command("suspend", "--all", "alpha", exit_code=2)

    def test_a_job_that_has_ended_is_known_by_its_end_and_no_other_takes_its_name(self):
        old = self.out("create", "precious")
        done = self.out("get", "-b", self.url("small.bin"), "-o", "ended")
        self.run_command("wait", "@last", exit_code=0)
        self.assertTrue((self.home / "ended").exists(), "in place when the wait is over")
        self.assertEqual(self.out("show", "@last", "-p", "id", "--value"), done)
        gone = self.out("create", "gone")
        self.run_command("cancel", "@last", gone, gone, exit_code=0)
        self.assertIn("is @last", self.run_command("show", "@first", exit_code=4).stderr)
        # Without a service that remembers them the log of events tells.
        self.box.wait_for_new_service(self.box.kill_service())
        for word in (done, done[:8]):
            self.run_command("wait", word, exit_code=0)
        for word in (gone, gone[:8], "@last"):
            self.run_command("wait", word, exit_code=9)
        for verb in ("cancel", "start", "suspend", "complete", "show", "status", "files"):
            refused = self.run_command(verb, "@last", exit_code=1)
            self.assertIn(f"job {gone} has ended: it was cancelled", refused.stderr)
        self.assertIn("it was completed", self.run_command("cancel", done[:8], exit_code=1).stderr)
        self.assertEqual(self.state(old), "suspended")
        self.run_command("wait", "00000000-0000-0000-0000-000000000000", exit_code=4)

    def test_wait_tells_the_state_by_its_exit_code(self):
        job = self.out("create", "w")
        self.run_command("add", job, self.url("small.bin"), "w0", exit_code=0)
        told = self.run_command("wait", job, "--timeout=1", exit_code=5).stderr
        self.assertIn(f"job {job} is suspended until somebody starts it: backhaul start {job[:8]}\n", told)
        self.assertIn(f"the time is over; job {job} is ", told)
        self.assertNotIn("suspended: ", told)
        self.run_command("wait", job, "--until=suspended", exit_code=0)
        waiting = subprocess.Popen([COMMAND, "wait", "-q", job], env=self.box.env)
        self.run_command("cancel", job, exit_code=0)
        self.assertEqual(waiting.wait(timeout=60), 9)
        bad = self.out("get", "-b", self.url("none"))
        self.run_command("wait", "-q", bad, exit_code=3)
        good = self.out("get", "-b", self.url("small.bin"), "-o", "w1")
        self.run_command("wait", "-q", bad, good, exit_code=8)

    def test_messages_help_a_stranger(self):
        self.assertIn('did you mean "start"?', self.run_command("resume", "x", exit_code=2).stderr)
        self.assertIn("backhaul wait @last", self.run_command("get", "@last", exit_code=2).stderr)
        self.assertIn("did you mean http://example.com/foo?",
                      self.run_command("get", "example.com/foo", exit_code=2).stderr)
        nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
        done = self.run_command("list", "--system", exit_code=7, env=nowhere)
        self.assertIn("whole machine", done.stderr)
        done = self.run_command("get", "-b", self.url("a b"), "-o", "x", exit_code=1)
        self.assertIn("a blank at character", done.stderr)
        self.assertIn("which must be escaped as %20", done.stderr)
        self.assertIn(self.url("a b"), done.stderr)

    def test_an_unreachable_service_is_exit_code_7(self):
        done = self.run_command("list", "--bus=unix:path=/nonexistent/bus", exit_code=7)
        self.assertIn("RPC_SERVER_UNAVAILABLE", done.stderr)

    def test_who_has_no_home_is_told_so_and_not_of_a_service(self):
        if pathlib.Path(f"/run/user/{os.geteuid()}").exists():
            self.skipTest("this user has a session, which may know another place")
        done = self.run_command("list", exit_code=7, env={
            "HOME": "/proc/self/nonexistent", "XDG_STATE_HOME": "", "DBUS_SESSION_BUS_ADDRESS": ""})
        self.assertTrue(done.stderr.startswith("backhaul: there is no home /proc/self/nonexistent"), done.stderr)

    def test_a_full_disk_behind_standard_output_is_no_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([COMMAND, "list"], env=self.box.env, stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)

    # --- making and changing jobs ------------------------------------------------------------
    def test_a_job_is_made_piece_by_piece(self):
        job = self.out("create", "piece", "--priority=low", "--description=by hand")
        self.assertIn("the job has no files", self.run_command("start", job, exit_code=1).stderr)
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

    def test_the_way_of_a_job_is_an_option_its_environment_or_a_key_and_hides_passwords(self):
        dead = "http://user:secret@127.0.0.1:1"
        for words, env in (("--proxy", dead), None), ((), {"http_proxy": dead}):
            job = self.out("get", "-b", *words, self.url("small.bin"), "-o", "way", env=env)
            self.run_command("wait", "--until", "transient-error", job, exit_code=0)
            told = self.out("show", job) + self.out("status", job)
            self.assertIn("by the proxy http://127.0.0.1:1", told)
            self.assertNotIn("secret", told)
            self.assertIn("(no answer yet)", self.out("show", job, "--headers"))
            self.run_command("set", job, "proxy=none", exit_code=0)
            self.run_command("start", job, "--wait", exit_code=0)
            self.assertEqual(sha256(self.home / "way"), sha256(self.small))
            headers = self.out("show", job, "--headers")
            self.assertIn("HTTP/1.1 200", headers)
            self.assertIn("Content-Length: 70000", headers)
        job = self.out("create", "keys")
        self.run_command("set", job, "proxy=p:1,https=q:2", "no-proxy=*.a,<local>",
                         "security=ignore-date,redirect-deny", "method=POST", exit_code=0)
        shown = dict(line.split("=", 1) for line in self.out("show", job).splitlines())
        self.assertEqual((shown["proxy"], shown["no-proxy"], shown["security"], shown["method"],
                          shown["priority"]),
                         ("p:1,https=q:2", "*.a <local>", "ignore-date,redirect-deny", "POST", "foreground"))
        self.run_command("set", job, "no-proxy=b", exit_code=2)
        self.run_command("unset", job, "proxy", "security", exit_code=0)
        self.assertEqual(self.out("show", job, "-p", "proxy,security", "--value"), "system")

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
        self.run_command("class", "add", name + "Two", "--exec", "/bin/true", exit_code=0)
        self.assertEqual(sorted(self.out("class", "list").splitlines()), [
            "org.example.Updater     -        /bin/true -x", "org.example.UpdaterTwo  -        /bin/true"])
        self.run_command("class", "remove", name + "Two", exit_code=0)
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

    def monitor(self, *words):
        return subprocess.Popen([COMMAND, "monitor", *words], env=self.box.env, text=True, stdout=subprocess.PIPE)

    def end_of(self, monitor):
        monitor.send_signal(signal.SIGINT)
        monitor.stdout.close()
        self.assertEqual(monitor.wait(timeout=60), 0)

    def test_monitor_in_a_pipe_begins_with_what_there_is(self):
        empty = self.monitor()
        self.assertRegex(empty.stdout.readline(), r"^\d\d:\d\d:\d\d no jobs\n$")
        self.end_of(empty)
        older, newer = self.out("create", "older"), self.out("create", "newer")
        full = self.monitor()
        told = [full.stdout.readline() for _ in range(2)]
        for line, job, name in zip(told, (older, newer), ("older", "newer")):
            self.assertRegex(line, rf"^\d\d:\d\d:\d\d {job[:8]} {name}  suspended.*\n$")
        self.run_command("cancel", newer, exit_code=0)
        self.assertRegex(full.stdout.readline(), rf" {newer[:8]} newer  suspended .* cancelled")
        self.end_of(full)

    def test_monitor_tells_a_life_as_lines_and_as_json(self):
        self.out("create", "marker")
        monitors = [self.monitor(*more) for more in ([], ["--json"])]
        for monitor in monitors:  # one that shows what there is listens
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
            self.end_of(monitor)
        self.assertTrue(any(" watched  " in line for line in lines), lines)
        self.assertEqual(events[0]["event"], "added")

    def test_help_and_version_need_no_service(self):
        nowhere = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
        self.assertIn("Usage", self.out("help", "get", env=nowhere))
        for words in (["--version"], ["-V", "list"], ["list", "-V"]):
            self.assertRegex(self.out(*words, env=nowhere), r"^backhaul \d\S*$")
        self.assertIn("_backhaul", self.out("completion", "bash", env=nowhere))
        begin = time.monotonic()
        self.assertEqual(self.run_command("complete-jobs", env=dict(
            nowhere, XDG_STATE_HOME=str(self.home / "elsewhere"))).returncode, 7)
        self.assertLess(time.monotonic() - begin, 20, "it waits for nobody: a call would take 25 s")


if __name__ == "__main__":
    unittest.main()
