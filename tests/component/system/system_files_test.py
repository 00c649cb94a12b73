#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed for the service of the machine: where it lies, that systemd understands it, and how
much its units leave open."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
from xml.etree import ElementTree

SOURCE = pathlib.Path(__file__).parents[3]
MOST_EXPOSED = 2.0  # of every unit of the machine; what is open stands in it with its reason


class SystemFiles(unittest.TestCase):
    def setUp(self):
        self.folder = self.new_folder()

    def cmake(self, *words):
        return subprocess.run(["cmake", *words], env=dict(os.environ, DESTDIR=str(self.folder)), check=True,
                              capture_output=True, text=True, timeout=60)

    def install(self, prefix, wanted="ON", mogwai="OFF", script=SOURCE / "data/install_generated.cmake"):
        self.cmake(f"-DCMAKE_INSTALL_PREFIX={prefix}", f"-Ddata={SOURCE}/data", "-Dlibexec_folder=libexec",
                   "-Ddata_folder=share", "-Dunits=ON", f"-Dsystem_service={wanted}", f"-Dmogwai={mogwai}",
                   "-Dswarm=ON", "-P", script)
        return {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*") if path.is_file()}

    def test_everything_lies_where_it_is_looked_for(self):
        files = self.install("/usr")
        for name in ("usr/share/dbus-1/system.d/org.backhaul.Backhaul1.conf",
                     "usr/share/dbus-1/system-services/org.backhaul.Backhaul1.service",
                     "usr/lib/systemd/system/backhauld.service",
                     "usr/lib/systemd/system/backhaul-launcher.service",
                     "usr/lib/systemd/system/backhaul-launcher.socket", "usr/lib/sysusers.d/backhaul.conf",
                     "usr/lib/tmpfiles.d/backhaul.conf", "usr/share/dbus-1/system.d/org.backhaul.Swarm1.conf",
                     "usr/share/dbus-1/system-services/org.backhaul.Swarm1.service",
                     "usr/share/dbus-1/services/org.backhaul.Swarm1.service",
                     "usr/lib/systemd/system/backhaul-swarm.service", "usr/lib/sysusers.d/backhaul-swarm.conf"):
            self.assertNotRegex(files[name].read_text(), r"@\w+@", name)
        self.assertIn("/usr/libexec/backhaul/backhauld --system",
                      files["usr/share/dbus-1/system-services/org.backhaul.Backhaul1.service"].read_text())
        # A bus reads no policies below /usr/local.
        self.assertIn("etc/dbus-1/system.d/org.backhaul.Backhaul1.conf", self.install("/usr/local"))

    def test_programs_that_ask_mogwai_start_it_where_that_is_wanted(self):
        name = "usr/share/dbus-1/system-services/com.endlessm.MogwaiSchedule1.service"
        self.assertNotIn(name, self.install("/usr"))
        text = self.install("/usr", mogwai="ON")[name].read_text()
        self.assertIn("Exec=/usr/libexec/backhaul/backhauld --system\n", text)

    def installed_from(self, build, prefix="/usr"):
        """As CMake's script does it: the files, and last the list of them."""
        script = build / "install.cmake"
        script.write_text(f"""include({SOURCE}/data/install_generated.cmake)
set(record {build}/installed.txt)
include({SOURCE}/data/record.cmake)
""")
        return self.install(prefix, mogwai="ON", script=script)

    def remove(self, build):
        """In an environment of its own: where the files went is known."""
        words = ["cmake", f"-Drecord={build}/installed.txt", "-P", SOURCE / "data/remove.cmake"]
        return subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)

    def new_folder(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="backhaul-"))
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def test_who_removes_it_keeps_the_queue_and_is_told_what_stays(self):
        build = self.new_folder()
        self.assertGreater(len(self.installed_from(build)), 10)
        self.installed_from(build, "/elsewhere")
        queue = self.folder / "var/lib/backhaul/queue.db"
        queue.parent.mkdir(parents=True)
        queue.touch()
        said = self.remove(build)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(self.files(), [queue])
        for word in ("/var/lib/backhaul", "/var/cache/backhaul-swarm", "account backhaul-swarm", "daemon-reload",
                     "systemctl disable --now backhaul-launcher.socket backhauld.service", "~/.local/state/backhaul"):
            self.assertIn(word, said.stdout)
        again = self.remove(build)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("Nothing is known to be installed", again.stdout)

    def test_an_installation_of_another_build_is_not_removed(self):
        build = self.new_folder()
        files = self.installed_from(build)
        unit = files["usr/lib/systemd/system/backhauld.service"]
        ours = unit.read_text()
        unit.write_text(ours + "# of another version\n")
        said = self.remove(build)
        self.assertNotEqual(said.returncode, 0)
        self.assertIn(str(unit), said.stderr.replace("\n", ""))
        self.assertEqual(len(self.files()), len(files))
        unit.write_text(ours)
        self.assertEqual(self.remove(build).returncode, 0)
        self.assertEqual(self.files(), [])

    def test_a_folder_in_which_something_else_lies_stays_whatever_its_name(self):
        for prefix in ("/a[bc]*?", "/with [ and blanks", "/of ] Jürgen"):
            build = self.new_folder()
            own = self.folder / prefix[1:] / "share/backhaul/mine"
            self.installed_from(build, prefix)
            script = build / "settings.cmake"
            script.write_text(f"""set(CMAKE_INSTALL_MANIFEST_FILES "${{name}}")
set(record {build}/installed.txt)
include({SOURCE}/data/record.cmake)
""")
            own.parent.mkdir(parents=True)
            (own.parent / "backhauld.conf").touch()
            self.cmake(f"-Dname={prefix}/share/backhaul/backhauld.conf", "-P", script)
            own.touch()
            said = self.remove(build)
            self.assertEqual(said.returncode, 0, said.stderr)
            self.assertEqual(self.files(), [own], prefix)
            own.unlink()

    @unittest.skipIf(os.geteuid() == 0, "SKIPPED LOUDLY: root may remove everything")
    def test_what_cannot_be_removed_is_said(self):
        build = self.new_folder()
        unit = self.installed_from(build)["usr/lib/systemd/system/backhauld.service"]
        unit.parent.chmod(0o555)
        self.addCleanup(unit.parent.chmod, 0o755)
        said = self.remove(build)
        self.assertNotEqual(said.returncode, 0)
        self.assertIn("cannot be removed", " ".join(said.stderr.split()))
        unit.parent.chmod(0o755)
        self.assertEqual(self.remove(build).returncode, 0)
        self.assertEqual(self.files(), [])

    def test_only_who_wants_it_gets_it(self):
        self.assertFalse([name for name in self.install("/usr", "OFF") if "system-services" in name or
                          "sysusers" in name])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "SKIPPED LOUDLY: there is no systemd-analyze")
    def test_every_unit_leaves_little_open(self):
        folder = "usr/lib/systemd/system/"
        units = {name.removeprefix(folder): path for name, path in self.install("/usr").items()
                 if name.startswith(folder) and name.endswith(".service")}
        self.assertEqual(sorted(units), ["backhaul-launcher.service", "backhaul-swarm.service", "backhauld.service"])
        for name, unit in units.items():
            told = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", unit], check=False,
                                  capture_output=True, text=True, timeout=60)
            level = re.search(rf"Overall exposure level for {name}: ([0-9.]+)", told.stdout)
            self.assertTrue(level, told.stdout + told.stderr)
            self.assertLessEqual(float(level[1]), MOST_EXPOSED, told.stdout)
            self.assertNotIn("Unknown", told.stderr)

    def test_the_service_begins_without_its_credential(self):
        """systemd takes one for missing that is named alone, and starts no unit whose credential has a path."""
        unit = self.install("/usr")["usr/lib/systemd/system/backhauld.service"].read_text()
        self.assertEqual(re.findall(r"^(?:Load|Set|Import)Credential.*", unit, re.M), ["LoadCredentialEncrypted=backhaul.key"])

    def test_what_ends_again_and_again_is_started_again_and_again(self):
        files = self.install("/usr")
        for name in ("backhauld.service", "backhaul-launcher.service"):
            head, _, service = files[f"usr/lib/systemd/system/{name}"].read_text().partition("[Service]")
            self.assertIn("\nStartLimitIntervalSec=0\n", head, name)
            self.assertIn("\nRestart=on-failure\nRestartSec=1s\n", service, name)

    def test_who_may_change_or_take_over_a_job_may_see_it(self):
        """The command looks at a job before it does something with it."""
        policy = ElementTree.parse(SOURCE / "data/system/org.backhaul.policy")
        for name in ("manage", "take-ownership"):
            action, = policy.iterfind(f"action[@id='org.backhaul.jobs.{name}']")
            implied, = action.iterfind("annotate[@key='org.freedesktop.policykit.imply']")
            self.assertEqual(implied.text, "org.backhaul.jobs.read")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "SKIPPED LOUDLY: there is no systemd-analyze")
    def test_the_units_of_the_examples_are_understood(self):
        units = []
        for unit in sorted((SOURCE / "examples/systemd").glob("mirror-list.*")):
            copy = self.folder / unit.name
            copy.write_text(unit.read_text().replace("/usr/local/bin/backhaul", "/bin/true").replace("User=mirror\n", ""))
            units.append(copy)
        self.assertEqual(len(units), 2)
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], check=False, capture_output=True,
                              text=True, timeout=60, env=dict(os.environ, SYSTEMD_UNIT_PATH=f"{self.folder}:"))
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertNotIn("mirror-list", told.stderr)

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "SKIPPED LOUDLY: there is no systemd-sysusers")
    def test_the_account_can_be_made(self):
        files = self.install("/usr")
        root = self.folder / "root"
        (root / "etc").mkdir(parents=True)
        made = subprocess.run(["systemd-sysusers", f"--root={root}", files["usr/lib/sysusers.d/backhaul.conf"],
                               files["usr/lib/sysusers.d/backhaul-swarm.conf"]],
                              check=False, capture_output=True, text=True, timeout=60)
        self.assertEqual(made.returncode, 0, made.stderr)
        for account in ("backhaul:", "backhaul-swarm:"):
            self.assertIn(account, (root / "etc/passwd").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
