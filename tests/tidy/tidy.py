#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a compiler does not check: who may include whom, who may see which
library, sizes, licence lines, words that hide a gap, documentation of the bus contract.

Usage: tidy.py [ROOT]. Prints one line per offence, "file:line: what", and fails if there is one.
The arrows are those of docs/architecture.md; tidy_test.py proves each rule by breaking it.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

# Folder -> folders whose headers it may include (besides its own). Longest prefix wins.
ARROWS = {
    "include": [],
    "src/base": [],
    "src/core": ["base"],
    "src/ports": ["base", "core"],
    "src/engine": ["base", "core", "ports"],
    "src/os": ["base"],
    "src/loop": ["base"],
    "src/state": ["base"],
    "src/bus": ["base", "os", "state"],
    "src/adapters/sqlite": ["base", "core", "ports", "loop", "os", "state"],
    "src/adapters/posix": ["base", "core", "ports", "loop", "os"],
    "src/adapters/curl": ["base", "core", "ports", "loop", "os", "state"],
    "src/adapters/network": ["base", "core", "ports", "loop"],
    "src/adapters/machine": ["base", "core", "ports", "loop", "bus"],
    "src/adapters/neighbours": ["base", "core", "ports", "state", "loop", "bus", "os"],
    "src/adapters/seal": ["base", "core", "ports", "state", "loop", "bus", "os"],
    "src/adapters/dbus": ["base", "core", "ports", "loop", "bus"],
    "src/adapters/swarm": ["base", "core", "ports", "loop", "bus"],
    "src/swarm": ["base", "os", "loop", "bus", "adapters/posix"],
    "src/daemon": ["base", "core", "ports", "engine", "loop", "state", "bus", "adapters"],
    "src/client": ["base", "core", "bus", "loop", "backhaul"],
    "src/bits": ["backhaul"],
    "src/cli": ["backhaul"],
}
# Tables of the public contract that are data, which every room may read.
TABLES = {"backhaul/job_settings.def"}
# Library header (prefix) -> the only folders that may see it.
LIBRARIES = {
    "curl/": ["src/adapters/curl", "src/swarm"],
    "openssl/": ["src/adapters/curl", "src/adapters/posix", "src/adapters/seal", "src/adapters/neighbours", "src/os"],
    "libtorrent/": ["src/swarm"],
    "microhttpd.h": ["src/adapters/neighbours", "src/swarm"],
    "gnutls/": ["src/adapters/neighbours"],
    "sqlite3.h": ["src/adapters/sqlite"],
    "systemd/sd-bus": ["src/bus", "src/adapters/dbus"],
    "systemd/sd-event.h": ["src/loop", "src/bus"],
    "systemd/sd-id128.h": ["src/bus", "src/adapters/posix"],
    "systemd/sd-journal.h": ["src/daemon"],
    "systemd/sd-daemon.h": ["src/daemon"],
    "ini.h": ["src/daemon", "src/swarm"],
    "expat.h": ["src/client"],
    "fmt/": ["src"],
}
PURE = ["src/base", "src/core", "src/ports", "src/engine"]
# Standard headers that read a clock, do I/O or start threads.
NOT_PURE = {"fstream", "iostream", "filesystem", "thread", "mutex", "condition_variable", "future",
            "random", "ctime", "semaphore", "latch", "shared_mutex"}
NOT_PURE_CALLS = re.compile(r"_clock::now\(|clock_gettime\(|random_device|\bgetenv\(|\btime\(nullptr")
SYSTEM = re.compile(r"^((sys|linux|net|netinet|arpa|asm|asm-generic)/[\w/.]+|"
                    r"(assert|dirent|dlfcn|errno|fcntl|fnmatch|ftw|glob|grp|ifaddrs|inttypes|limits|locale|"
                    r"malloc|netdb|poll|pthread|pwd|sched|signal|spawn|stdarg|stddef|stdint|stdio|stdlib|string|"
                    r"strings|sysexits|syslog|termios|time|unistd|wchar|getopt|langinfo)\.h)$")
STANDARD = re.compile(r"^[a-z_]+[0-9]*$")  # <vector>, <cstdint>: no dot, no slash

CODE = {".cc", ".h", ".def"}
LICENSED = CODE | {".py", ".sh", ".cmake", ".xml", ".conf", ".in"}
LICENSED_NAMES = {"CMakeLists.txt", "Makefile"}
GAP_WORDS = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b")
PAUSES = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep)\s*\(|(?<![\w.])sleep\(")
SHELL_PAUSE = re.compile(r"^\s*sleep\s+[0-9$]")
SIZED_TYPE = re.compile(r"\bstd::u?int(8|16|32|64)_t\b")
MOST_LINES = 600
# Where the engine was one object once, its files stay small.
MOST_LINES_OF = {"src/engine/engine.h": 149, "src/engine/": 350}
MOST_FUNCTION_LINES = 60
DOCUMENTATION = "org.gtk.GDBus.DocString"  # what generators carry on


class Tidy:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.offences = []

    def offend(self, path, line, what):
        self.offences.append(f"{path}:{line}: {what}")

    def files(self):
        git = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=self.root,
                             capture_output=True, check=False)
        if git.returncode == 0:
            names = [name for name in git.stdout.decode().split("\0") if name]
        else:
            names = [str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()]
        return sorted(n for n in names
                      if not n.startswith("build/") and (self.root / n).is_file())

    def run(self):
        code = []
        for name in self.files():
            path = pathlib.PurePath(name)
            if path.suffix not in LICENSED | {".md", ".yml"} and path.name not in LICENSED_NAMES \
                    and not name.startswith((".ci/", "man/", "data/", "bench/")):
                continue
            try:
                lines = (self.root / name).read_text().splitlines()
            except UnicodeDecodeError:
                continue
            self.check_licence(name, path, lines)
            self.check_words(name, path, lines)
            if path.suffix in CODE:
                code.append(name)
                self.check_size(name, lines)
                self.check_includes(name, lines)
                if path.suffix == ".h":
                    self.check_sized_types(name, lines)
            if name.startswith("bus/") and path.suffix == ".xml":
                self.check_contract(name)
        self.check_functions([n for n in code if not n.endswith(".def")])
        return self.offences

    def check_licence(self, name, path, lines):
        if path.suffix in LICENSED or path.name in LICENSED_NAMES:
            if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:6]):
                self.offend(name, 1, "no SPDX line at the top")

    def check_words(self, name, path, lines):
        for number, line in enumerate(lines, 1):
            if GAP_WORDS.search(line):
                self.offend(name, number, "a word that hides a gap: finish it, or open an issue")
            paused = PAUSES.search(line) if path.suffix in CODE | {".py"} else \
                SHELL_PAUSE.search(line) if path.suffix in {"", ".sh"} else None
            if paused:
                self.offend(name, number, "a pause: wait for the event instead")

    def check_size(self, name, lines):
        most = next((most for where, most in MOST_LINES_OF.items() if name.startswith(where)), MOST_LINES)
        if len(lines) > most:
            self.offend(name, len(lines), f"more than {most} lines")

    def check_sized_types(self, name, lines):
        """Which other header brings <cstdint> along changes with the version of the compiler."""
        used = next((n for n, line in enumerate(lines, 1) if SIZED_TYPE.search(line)), None)
        if used and not any(re.match(r"\s*#\s*include\s+<cstdint>", line) for line in lines):
            self.offend(name, used, "std::int…_t without <cstdint>")

    @staticmethod
    def folder_of(name):
        matches = [f for f in ARROWS if name.startswith(f + "/")]
        return max(matches, key=len, default=None)

    def check_includes(self, name, lines):
        folder = self.folder_of(name)
        if folder is None:
            return
        test = name.endswith("_test.cc") or name.endswith("_test.h")
        for number, line in enumerate(lines, 1):
            quoted = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            angled = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if quoted:
                self.check_arrow(name, number, folder, quoted.group(1), test)
            elif angled:
                self.check_library(name, number, folder, angled.group(1), test)
            elif folder in PURE and not test and NOT_PURE_CALLS.search(line):
                self.offend(name, number, f"{folder} must not ask the system")

    def check_arrow(self, name, number, folder, header, test):
        if header in TABLES:
            return
        if folder == "include":
            here = (self.root / name).parent
            target = next((b / header for b in (here, self.root / "include")
                           if (b / header).is_file()), None)
            if target is None:
                self.offend(name, number, f'include/ must not see "{header}"')
            return
        own = folder.removeprefix("src/")
        allowed = [own] + ARROWS[folder] + (["tests"] if test else [])
        if not any(header.startswith(place + "/") for place in allowed):
            self.offend(name, number, f'wrong arrow: {folder} must not see "{header}"')

    def check_library(self, name, number, folder, header, test):
        if test and header.startswith(("gtest/", "gmock/")):
            return
        if header.startswith("backhaul/"):
            if folder != "include" and "backhaul" not in ARROWS[folder]:
                self.offend(name, number, f"wrong arrow: {folder} must not see <{header}>")
            return
        library = next((p for p in LIBRARIES if header.startswith(p)), None)
        if library is not None:
            if not any((folder + "/").startswith(place + "/") for place in LIBRARIES[library]):
                self.offend(name, number, f"{folder} must not see the library of <{header}>")
        elif STANDARD.match(header):
            if folder in PURE and not test and header in NOT_PURE:
                self.offend(name, number, f"{folder} must stay pure, without <{header}>")
        elif SYSTEM.match(header):
            if folder in PURE and not test and header != "errno.h":
                self.offend(name, number, f"{folder} must not see the system's <{header}>")
        elif not (folder in ("src/bits", "include") and
                  (self.root / "include/backhaul/bits" / header).is_file()):
            self.offend(name, number, f"<{header}>: which library is this? Name it in tidy.py")

    def check_contract(self, name):
        try:
            tree = ElementTree.parse(self.root / name)
        except ElementTree.ParseError as problem:
            self.offend(name, problem.position[0], f"not XML: {problem}")
            return
        for interface in tree.getroot().iter("interface"):
            for element in [interface, *interface]:
                documented = any(child.get("name") == DOCUMENTATION
                                 for child in element.findall("annotation"))
                if element.tag != "annotation" and not documented:
                    self.offend(name, 1,
                                f"{element.tag} {element.get('name')} has no documentation")

    def check_functions(self, names):
        if not names:
            return
        ctags = shutil.which("ctags-universal") or shutil.which("ctags")
        if ctags is None:
            self.offend("tests/tidy/tidy.py", 1, "universal-ctags is missing (packages.txt)")
            return
        out = subprocess.run([ctags, "--options=NONE", "-f", "-", "--output-format=json",
                              "--languages=C++", "--langmap=C++:.cc.h", "--kinds-C++=f",
                              "--fields=+ne", "-L", "-"], cwd=self.root, text=True, check=True,
                             input="\n".join(names), capture_output=True).stdout
        for line in out.splitlines():
            tag = json.loads(line)
            length = tag.get("end", tag["line"]) - tag["line"] + 1
            if length > MOST_FUNCTION_LINES:
                self.offend(tag["path"], tag["line"],
                            f"{tag['name']} has {length} lines, more than {MOST_FUNCTION_LINES}")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    offences = Tidy(root).run()
    for offence in offences:
        print(offence)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
