#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule of tidy.py, statements.py and notimpl.py, broken once in a tree of its own."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import notimpl  # noqa: E402
import statements  # noqa: E402
import tidy  # noqa: E402

HEAD = "// SPDX-License-Identifier: Apache-2.0\n"
XML = """<!-- SPDX-License-Identifier: Apache-2.0 -->
<node><interface name="a.B"><annotation name="org.gtk.GDBus.DocString" value="Is it."/>
<method name="M">{}</method></interface></node>
"""


class Rules(unittest.TestCase):
    def offences(self, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = pathlib.Path(root) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return tidy.Tidy(root).run()

    def broken(self, name, text, expected):
        found = self.offences({name: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def sound(self, name, text):
        self.assertEqual(self.offences({name: text}), [])

    def test_arrows_go_one_way(self):
        self.sound("src/engine/a.cc", HEAD + '#include "ports/files.h"\n')
        self.broken("src/engine/a.cc", HEAD + '#include "adapters/posix/files.h"\n', "wrong arrow")
        self.broken("src/core/a.h", HEAD + '#include "ports/files.h"\n', "src/core/a.h:2:")
        self.broken("src/ports/a.h", HEAD + '#include "engine/engine.h"\n', "wrong arrow")
        self.broken("src/base/a.h", HEAD + '#include "core/job.h"\n', "wrong arrow")
        self.broken("src/bus/a.h", HEAD + '#include "core/job.h"\n', "wrong arrow")
        self.broken("src/adapters/curl/a.cc", HEAD + '#include "adapters/posix/a.h"\n', "wrong")
        self.broken("src/adapters/curl/a.cc", HEAD + '#include "bus/names.h"\n', "wrong arrow")
        self.broken("src/cli/a.cc", HEAD + '#include "bus/names.h"\n', "wrong arrow")
        self.broken("src/client/a.cc", HEAD + '#include "ports/queue.h"\n', "wrong arrow")
        self.broken("src/engine/a.cc", HEAD + "#include <backhaul/client.h>\n", "wrong arrow")

    def test_only_the_adapter_sees_its_library(self):
        self.sound("src/adapters/curl/a.cc", HEAD + "#include <curl/curl.h>\n")
        self.broken("src/client/a.cc", HEAD + "#include <curl/curl.h>\n", "must not see")
        self.broken("src/engine/a.cc", HEAD + "#include <sqlite3.h>\n", "must not see")
        self.broken("src/daemon/a.cc", HEAD + "#include <systemd/sd-event.h>\n", "must not see")
        self.broken("src/daemon/a.cc", HEAD + "#include <zstd.h>\n", "which library")

    def test_a_header_with_sized_integers_includes_them(self):
        self.sound("src/core/a.h", HEAD + "#include <cstdint>\nstd::uint32_t a();\n")
        self.broken("src/core/a.h", HEAD + "#include <string>\nstd::uint32_t a();\n", "<cstdint>")

    def test_pure_folders_ask_the_system_nothing(self):
        self.sound("src/core/a.cc", HEAD + "#include <chrono>\n#include <fmt/core.h>\n")
        self.broken("src/core/a.cc", HEAD + "#include <fstream>\n", "pure")
        self.broken("src/core/a.cc", HEAD + "#include <unistd.h>\n", "system")
        self.broken("src/engine/a.cc",
                    HEAD + "auto t = std::chrono::system_clock::now();\n", "must not ask")

    def test_installed_headers_see_nothing_of_ours_and_no_library(self):
        self.broken("include/backhaul/a.h", HEAD + '#include "base/code.h"\n', "must not see")
        self.broken("include/backhaul/a.h", HEAD + "#include <fmt/core.h>\n", "must not see")
        self.broken("include/backhaul/a.h", HEAD + "#include <curl/curl.h>\n", "must not see")

    def test_every_file_names_its_licence(self):
        self.broken("src/base/a.cc", "int a;\n", "SPDX")
        self.broken("tests/a.py", "a = 1\n", "SPDX")
        self.broken("CMakeLists.txt", "project(a)\n", "SPDX")

    def test_words_that_hide_a_gap(self):
        self.broken("src/base/a.cc", HEAD + "// TO" + "DO later\n", "gap")
        self.broken("docs/a.md", "FIX" + "ME\n", "gap")

    def test_nothing_pauses(self):
        self.broken("tests/a_test.cc", HEAD + "std::this_thread::sleep_" + "for(1s);\n", "pause")
        self.broken("tests/a.py", "# SPDX-License-Identifier: Apache-2.0\ntime.sle" + "ep(1)\n",
                    "pause")
        self.broken(".ci/run", "#!/bin/sh\n" + "sle" + "ep 1\n", "pause")

    def test_sizes(self):
        self.broken("src/base/a.cc", HEAD + "int a;\n" * 600, "600 lines")
        self.broken("src/engine/a.cc", HEAD + "int a;\n" * 350, "350 lines")
        self.broken("src/engine/engine.h", HEAD + "int a();\n" * 149, "149 lines")
        body = "  ++a;\n" * 60
        self.broken("src/base/a.cc", HEAD + "int f(int a) {\n" + body + "}\n", "f has 62 lines")

    def test_the_contract_is_documented(self):
        documentation = '<annotation name="org.gtk.GDBus.DocString" value="Does it."/>'
        self.sound("bus/a.xml", XML.format(documentation))
        self.broken("bus/a.xml", XML.format(""), "method M has no documentation")
        self.broken("bus/a.xml", XML.format("<!-- Does it. -->"), "method M has no documentation")
        self.broken("bus/a.xml", XML.format("<arg>"), "not XML")

    def test_every_statement_has_a_test_of_its_number(self):
        name = "N" + "_N".join(str(n) for n in range(1, statements.LAST + 1)
                               if n not in statements.EXCEPTIONS)

        def found(text):
            with tempfile.TemporaryDirectory() as root:
                path = pathlib.Path(root) / "tests/a_test.cc"
                path.parent.mkdir()
                path.write_text(text)
                return statements.offences(root)
        self.assertEqual(found(f"TEST(A, {name}_AllOfThem) {{}}\n"), [])
        self.assertEqual(found(f"TEST_F(A, {name.replace('_N45_', '_')}) {{}}\n"),
                         ["N45: no test has this number"])
        self.assertEqual(found(f"TEST(A, {name})\nTEST(A, B_N24)\n"),
                         ["N24: has a test, and is listed as an exception"])
        self.assertEqual(found(f"TEST(A, {name}_N133_C)\n"), ["N133: there is no such statement"])
        self.assertIn("N1: no test has this number", found(f"TEST(A, DISABLED_{name})\n"))

    def test_what_is_not_implemented_is_known_by_name(self):
        declared = "/// E_NOTIMPL: an upload.\n  virtual HRESULT STDMETHODCALLTYPE {}() = 0;\n"
        files = {
            "include/backhaul/bits/bits.h": "// E_NOTIMPL for CreateJob, Reply\n#ifndef A\n"
                                            'struct DECLSPEC_UUID("1") IA\n    : public IUnknown {\n  ' +
                                            declared.format("CreateJob") + "  " + declared.format("Reply") + "};\n",
            "src/bits/a.cc": "HRESULT A::Reply() {\n  return E_NOTIMPL;\n}\n",
            "src/engine/commands.cc": "return Error(Code::E_NOTIMPL);\n",
            "CHANGELOG.md": f"{notimpl.TITLE}:\n\n* `IA::CreateJob`: no uploads.\n* `Reply`:\n  an upload has it.\n\nEnd\n",
        }

        def found(name=None, before="", after=""):
            with tempfile.TemporaryDirectory() as root:
                for file, text in files.items():
                    path = pathlib.Path(root) / file
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text.replace(before, after) if file == name else text)
                return notimpl.offences(root)
        self.assertEqual(found(), [])
        self.assertEqual(found("src/bits/a.cc", "E_NOTIMPL", "S_OK"),
                         ["Reply: in the list of CHANGELOG.md, and does not answer E_NOTIMPL"])
        self.assertEqual(found("CHANGELOG.md", "* `Reply`:\n  an upload has it.\n", ""),
                         ["Reply: answers E_NOTIMPL, and is not in the list of CHANGELOG.md"])
        self.assertEqual(len(found("CHANGELOG.md", "an upload has it", "some day")), 1)
        self.assertEqual(found("include/backhaul/bits/bits.h", ", Reply", ""),
                         ["Reply: answers E_NOTIMPL, and is not in the list of bits.h"])
        self.assertEqual(len(found("include/backhaul/bits/bits.h", "/// E_NOTIMPL: an upload.", "")), 2)
        self.assertEqual(len(found("src/engine/commands.cc", "E_NOTIMPL", "E_FAIL")), 0)
        self.assertEqual(len(found("src/bits/a.cc", "Reply", "Other")), 1)


if __name__ == "__main__":
    unittest.main()
