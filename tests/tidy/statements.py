#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every numbered statement about notifications (N1 to N132, notifications.md §22) has a test that
bears its number: TEST(Suite, N45_...) or TEST(Suite, N49_N50_...). What cannot have one stands here,
with the reason. A test that is disabled proves nothing and does not count.

Usage: statements.py [ROOT]. Prints what is missing, and fails if something is.
"""
import pathlib
import re
import sys

LAST = 132
EXCEPTIONS = {
    24: "there are no upload jobs yet",
    25: "there are no upload-reply jobs yet",
}
FOLDERS = ("src", "tests")
NAMES = re.compile(r"^TEST(?:_F|_P)?\(\s*\w+,\s*(\w+)\)|^\s*def test_(\w+)", re.MULTILINE)
NUMBER = re.compile(r"(?:^|_|And)N([0-9]+)(?=_|$)")


def numbers_of(text):
    found = set()
    for match in NAMES.finditer(text):
        name = match.group(1) or match.group(2)
        if not name.startswith("DISABLED_"):
            found.update(int(number) for number in NUMBER.findall(name))
    return found


def offences(root):
    proven = set()
    for folder in FOLDERS:
        for path in (pathlib.Path(root) / folder).rglob("*_test.*"):
            if path.suffix in (".cc", ".py"):
                proven |= numbers_of(path.read_text())
    all_numbers = set(range(1, LAST + 1))
    return ([f"N{n}: no test has this number" for n in sorted(all_numbers - proven - set(EXCEPTIONS))] +
            [f"N{n}: has a test, and is listed as an exception" for n in sorted(proven & set(EXCEPTIONS))] +
            [f"N{n}: there is no such statement" for n in sorted(proven - all_numbers)])


def main():
    found = offences(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    for offence in found:
        print(offence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
