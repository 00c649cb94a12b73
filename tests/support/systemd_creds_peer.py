#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plays systemd-creds of a user: --version, encrypt and decrypt from standard input to standard output. Files
beside it say what it is: `version`, and `broken` where it works no more. `calls` has the arguments of each call."""
import base64
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
SEAL = b"of this user on this machine:"


def turned(data):
    return bytes(byte ^ 0xA5 for byte in data)


def main(words):
    with open(HERE / "calls", "a", encoding="utf-8") as calls:
        calls.write(" ".join(words) + "\n")
    if words == ["--version"]:
        version = HERE / "version"
        print(f"systemd {version.read_text() if version.exists() else '257'} (played)\n+PAM")
        return 0
    if (HERE / "broken").exists():
        print("Failed to connect to io.systemd.Credentials", file=sys.stderr)
        return 1
    verb, user, name, source, target = words
    if (user, source, target) != ("--user", "-", "-") or not name.startswith("--name="):
        return 2
    seal = SEAL + name.encode() + b":"
    given = sys.stdin.buffer.read()
    if verb == "encrypt":
        sys.stdout.buffer.write(base64.encodebytes(seal + turned(given)))
        return 0
    opened = base64.b64decode(given)
    if verb != "decrypt" or not opened.startswith(seal):
        return 1
    sys.stdout.buffer.write(turned(opened[len(seal):]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
