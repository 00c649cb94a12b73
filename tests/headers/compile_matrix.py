#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the BITS headers, and programs that use them, with every compiler at hand.

What may not happen: a warning, an order of headers that fails, a way of stating a GUID that one of
the compilers does not understand. Programs whose head says `expect-error: TEXT` must fail, and the
compiler must show TEXT.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
# In our headers also these must be silent; programs written for BITS cast as C does.
STRICT = ["-Wold-style-cast", "-Wnon-virtual-dtor"]
NATIVE = ["-fms-extensions"]
NATIVELY_REFUSED = ["forgotten_uuid.cc", "inherited_uuid.cc"]
GXX = [["-std=c++14"], ["-std=c++17", "-fno-exceptions", "-fno-rtti"], ["-std=c++20", "-O2"],
       ["-std=c++23"]]
CLANG = [["-std=c++14"], ["-std=c++17", "-fno-exceptions", "-fno-rtti"], ["-std=c++20", "-O2"],
         ["-std=c++20", *NATIVE], ["-std=c++14", *NATIVE, "-DBACKHAUL_NO_NATIVE_UUIDOF"]]
CLANG_NEW = CLANG + [["-std=c++23"], ["-std=c++17", "-fdeclspec"]]
SD_BUS = pathlib.Path("/usr/include/systemd/sd-bus.h").exists()


def compilers():
    """(program, option sets) of each different compiler; the default ones and named versions."""
    seen = {}
    for name in ("g++", "g++-12", "clang++", "clang++-14", "clang++-19"):
        path = shutil.which(name)
        if path and os.path.realpath(path) not in seen:
            seen[os.path.realpath(path)] = name
    for name in seen.values():
        if name.startswith("g++"):
            yield name, GXX
        else:
            yield name, CLANG_NEW if name.endswith("-19") else CLANG


def only_leads(header):
    """Another spelling, or a name beside another header: nothing in it but an include."""
    words = [line for line in header.read_text().splitlines()
             if line and not line.startswith(("//", "#include", "#ifndef", "#endif"))]
    return all(line.startswith("#define BACKHAUL_BITS_") for line in words)


def header_mixes(headers, folder):
    """Small sources: each header alone, then random orders of all of them, the same each run."""
    names = sorted(p.name for p in headers.glob("*.h"))
    shuffler = random.Random(1)
    # objbase.h makes `interface` a macro, which is documented to go badly before sd-bus.h.
    plain = [n for n in names if n.lower() != "objbase.h"]
    for name in names:
        if not only_leads(headers / name):  # those are in the orders below
            yield name, f"#include <{name}>\nHRESULT_TYPE_IS_KNOWN\n"
    for turn in range(2):
        order = shuffler.sample(plain, len(plain))
        lines = [f"#include <{n}>" for n in order]
        if SD_BUS:
            lines.insert(shuffler.randrange(len(lines)), "#include <systemd/sd-bus.h>")
            lines.insert(0 if turn == 0 else len(lines), "#include <systemd/sd-bus.h>")
        yield f"order{turn}", "\n".join(lines) + "\nIBackgroundCopyFile6* last;\n"
    yield "interface_word", ("#include <systemd/sd-bus.h>\n" if SD_BUS else "") + \
        "#include <objbase.h>\n#include <bits.h>\ninterface Own;\n"
    yield "no_interface_word", "#define BACKHAUL_NO_INTERFACE_MACRO\n#include <objbase.h>\n" + \
        ("#include <systemd/sd-bus.h>\n" if SD_BUS else "") + "int interface;\n"


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.returncode, done.stdout


def check_program(compiler, options, include, source):
    expected = None
    for line in source.read_text().splitlines()[:4]:
        if "expect-error:" in line:
            expected = line.split("expect-error:", 1)[1].strip()
    if expected and source.name in NATIVELY_REFUSED and "-fms-extensions" in options and \
            "-DBACKHAUL_NO_NATIVE_UUIDOF" not in options:
        expected = "GUID"  # natively it is the compiler that complains
    command = [compiler, *options, *WARNINGS, "-fsyntax-only", "-I", include, str(source)]
    code, output = run(command)
    if expected is None:
        return code == 0 and not output, command, output
    return code != 0 and expected in output, command, output or f"compiled, expected: {expected}"


def check_mix(compiler, options, include, source):
    command = [compiler, *options, *WARNINGS, *STRICT, "-fsyntax-only", "-I", include, str(source)]
    code, output = run(command)
    return code == 0 and not output, command, output


def check_units(build, include, folder):
    """Two units from two compilers and standards, linked and run."""
    (compiler, options), (other, other_options) = build
    stem = pathlib.Path(tempfile.mkdtemp(dir=folder))
    steps = [
        [compiler, *options, "-I", include, "-c", str(HERE / "programs/units_main.cc"), "-o",
         str(stem / "main.o")],
        [other, *other_options, "-I", include, "-c", str(HERE / "programs/units_other.cc"), "-o",
         str(stem / "other.o")],
        [compiler, str(stem / "main.o"), str(stem / "other.o"), "-o", str(stem / "units")],
        [str(stem / "units")],
    ]
    for step in steps:
        code, output = run(step)
        if code != 0:
            return False, step, output or f"exit code {code}"
    return True, steps[-1], ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headers", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    include = str(arguments.headers)
    found = list(compilers())
    programs = [p for p in sorted((HERE / "programs").glob("*.cc")) if "units" not in p.name]
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        work = []
        mixes = []
        for name, text in header_mixes(arguments.headers, folder):
            source = pathlib.Path(folder, name.replace(".", "_") + ".cc")
            source.write_text(text.replace("HRESULT_TYPE_IS_KNOWN", "HRESULT result();"))
            mixes.append(source)
        for compiler, sets in found:
            for number, options in enumerate(sets):
                for source in programs:
                    work.append(pool.submit(check_program, compiler, options, include, source))
                # What a header needs beside itself does not depend on the standard.
                for source in mixes:
                    if number == 0 or "order" in source.name:
                        work.append(pool.submit(check_mix, compiler, options, include, source))
        flat = [(compiler, options) for compiler, sets in found for options in sets]
        for build in zip(flat, flat[len(flat) // 2:] + flat[:len(flat) // 2]):
            work.append(pool.submit(check_units, build, include, folder))
        bad = 0
        for one in work:
            good, command, output = one.result()
            if not good:
                bad += 1
                print("FAILED:", " ".join(command))
                print(output)
    print(f"{len(work)} compilations with {', '.join(name for name, _ in found)}: {bad} failed")
    return 1 if bad or not found else 0


if __name__ == "__main__":
    sys.exit(main())
