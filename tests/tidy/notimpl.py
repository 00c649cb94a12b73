#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is E_NOTIMPL is known by name. Every method of the BITS library that answers so stands in the list of
CHANGELOG.md, in that of bits.h, and in the comment of its declaration (or of its interface); and everything that
stands there is answered so. The list has nothing but uploads, the peer cache and what no Linux can mean. In the
service E_NOTIMPL is an upload, or a value that BITS refuses in this way.

Usage: notimpl.py [ROOT]. Prints what does not agree, and fails if something does not.
"""
import pathlib
import re
import sys

# Where the service answers so: files of src/, with the reason.
SERVICE = {
    "core/job_change.cc": "a priority or notify flags that are none",
    "core/request_options.cc": "security flags that are none",
    "core/proxy.cc": "a proxy usage that is none",
    "core/client_certificate.cc": "a location of certificate stores that is none",
    "engine/readdressing.cc": "addresses of uploads",
    "engine/commands.cc": "uploads",
    "bus/errors.cc": "a method that another side of the bus does not have",
}
REASONS = ("upload", "peer cache", "no Linux")
TITLE = "Declared by the BITS headers and answered with `E_NOTIMPL`"
# The service decides: the library hands the type on.
DECIDED_BY_THE_SERVICE = {"CreateJob"}


def body_at(text, start):
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0 and text[at] == "}":
            return text[start:at]
    return text[start:]


def answered(sources):
    """Names of the methods of the library whose body answers E_NOTIMPL."""
    found = set(DECIDED_BY_THE_SERVICE)
    for text in sources:
        text = re.sub(r"//.*", "", text)
        for match in re.finditer(r"^HRESULT (\w+)::(\w+)\([^;{]*\{", text, re.MULTILINE):
            body = body_at(text, match.end() - 1)
            if "E_NOTIMPL" in body:
                found.add(match.group(2))
    return found


def declared(headers):
    """Method -> [(interface, whether a comment says E_NOTIMPL)]."""
    found = {}
    for text in headers:
        interface, about, comment = None, "", ""
        for line in text.splitlines():
            if line.lstrip().startswith("///"):
                comment += line
                continue
            if begun := re.match(r"struct DECLSPEC_UUID\(\S+\) (I\w+)", line):
                interface, about = begun.group(1), comment
            elif method := re.match(r"  virtual HRESULT STDMETHODCALLTYPE (\w+)\(", line):
                found.setdefault(method.group(1), []).append((interface, "E_NOTIMPL" in about + comment))
            comment = ""
    return found


def listed(changelog):
    """[(names, the sentence)] of the list."""
    if TITLE not in changelog:
        return []
    text = re.split(r"\n\n(?!\*)", changelog[changelog.index(TITLE):].split("\n\n", 1)[1])[0]
    items = [" ".join(item.split()) for item in text.split("\n* ")]
    return [(set(re.findall(r"`(?:I\w+::)?(\w+)`", item)), item) for item in items]


def offences(root):
    root = pathlib.Path(root)
    found = []
    headers = {path.name: path.read_text() for path in (root / "include/backhaul/bits").glob("bits*.h")}
    interfaces = declared(headers.values())
    methods = answered(path.read_text() for path in sorted((root / "src/bits").glob("*.cc"))
                       if not path.name.endswith("_test.cc")) & set(interfaces)
    items = listed((root / "CHANGELOG.md").read_text())
    names = set().union(*(names for names, _ in items)) if items else set()
    top = headers["bits.h"].split("#ifndef")[0]
    for method in sorted(methods):
        places = interfaces.get(method, [])
        if method not in names:
            found.append(f"{method}: answers E_NOTIMPL, and is not in the list of CHANGELOG.md")
        if not any(said for _, said in places):
            found.append(f"{method}: answers E_NOTIMPL, and no comment of its declaration says so")
        if not re.search(rf"\b{method}\b", top):
            found.append(f"{method}: answers E_NOTIMPL, and is not in the list of bits.h")
    for method in sorted(names - methods):
        found.append(f"{method}: in the list of CHANGELOG.md, and does not answer E_NOTIMPL")
    for _, item in items:
        if not any(reason in item for reason in REASONS) or ": " not in item:
            found.append(f"CHANGELOG.md gives none of the reasons for: {item}")
    for path in sorted((root / "src").rglob("*.cc")):
        name = path.relative_to(root / "src").as_posix()
        if name.startswith(("bits/", "client/words")) or name.endswith("_test.cc"):
            continue
        if "Code::E_NOTIMPL" in path.read_text() and name not in SERVICE:
            found.append(f"src/{name}: answers E_NOTIMPL for no known reason")
    return found


def main():
    found = offences(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    for offence in found:
        print(offence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
