#!/usr/bin/env python3
"""Who may include whom: reads the #include lines of every room.

    include_rules.py ROOT         fails with FILE:LINE for each line that breaks the rule
    include_rules.py --self-test  proves on temporary trees that every kind of breach is caught

A room is a folder of the table below; a path belongs to the longest folder that holds it. Own headers
are included in quotes, by their path from the root; the system's in angle brackets.
"""
import argparse
import contextlib
import io
import pathlib
import re
import sys
import tempfile

BASE = {"pipeline/core"}
# Room: the rooms that it may include besides itself. None: all of them.
RULES = {
    "pipeline/core": set(),
    "pipeline/text": BASE,
    "pipeline/config": BASE | {"pipeline/text"},
    "pipeline/expr": BASE | {"pipeline/text"},
    "pipeline/io": BASE,
    "pipeline/engine": BASE | {"pipeline/text", "pipeline/io"},
    "pipeline/cli": None,
    "formats": BASE | {"pipeline/text", "pipeline/expr", "pipeline/io"},
    "stages": BASE | {"pipeline/text", "pipeline/expr", "pipeline/io"},
}
TOPS = ("pipeline", "formats", "stages")
GENERATED = {"pipeline/text/powers_of_ten.h"}  # made by the build, in the room that its path says
INCLUDE = re.compile(r'^\s*#\s*include\b\s*(.*?)\s*$')
TARGET = re.compile(r'^(?:"([^"]+)"|<([^>]+)>)')


def room_of(path):
    rooms = [room for room in RULES if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else None


def own_breach(root, room, path):
    """What is wrong with including our own header `path` from `room`; None: nothing."""
    if path.startswith("/") or ".." in path.split("/") or "." in path.split("/"):
        return "name it by its path from the root"
    target = room_of(path)
    if target is None:
        return "is in no room; own headers are named by their path from the root"
    if path not in GENERATED and not (root / path).is_file():
        return "there is no such file"
    allowed = RULES[room]
    if target == room or allowed is None or target in allowed:
        return None
    return f"{room} must not include {target}"


def system_breach(path):
    if path.startswith("/") or ".." in path.split("/"):
        return "a system header is named by its plain name"
    if path.split("/")[0] in TOPS:
        return "own headers are included in quotes"
    return None


def breach(root, room, rest):
    match = TARGET.match(rest)
    if not match:
        return "is neither \"path\" nor <path>"
    return own_breach(root, room, match[1]) if match[1] else system_breach(match[2])


def check_file(root, path):
    """Lines "FILE:LINE: ..." for what is wrong in one file."""
    name = path.relative_to(root).as_posix()
    room = room_of(name)
    if room is None:
        return [f"{name}:1: this folder is in no room of tests/include_rules.py"]
    found = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        wrong = match and breach(root, room, match[1])
        if wrong:
            found.append(f"{name}:{number}: {match[1]}: {wrong}")
    return found


def check_tree(root):
    """Prints every breach; the exit status."""
    files = sorted(path for top in TOPS for path in (root / top).rglob("*.[ch]"))
    if not files:
        print(f"{root}: no sources found")
        return 1
    found = [line for path in files for line in check_file(root, path)]
    for line in found:
        print(line)
    print(f"{len(files)} files, {len(found)} breaches")
    return 1 if found else 0


# One file each: its path, its text, and the line that must be caught (None: it is allowed).
SAMPLES = [
    ("pipeline/core/a.c", '#include "pipeline/core/a.h"\n#include <stdio.h>\n', None),
    ("pipeline/core/b.c", '#include "pipeline/core/a.h"\n#include "pipeline/text/a.h"\n', 2),
    ("pipeline/core/c.c", '\n\n  #  include "pipeline/cli/a.h"\n', 3),
    ("pipeline/text/a.c", '#include "pipeline/text/powers_of_ten.h"\n', None),
    ("pipeline/text/b.c", '#include "pipeline/io/a.h"\n', 1),
    ("pipeline/config/a.c", '#include "pipeline/text/a.h"\n', None),
    ("pipeline/config/b.c", '#include "pipeline/io/a.h"\n', 1),
    ("pipeline/expr/a.c", '#include "formats/a.h"\n', 1),
    ("pipeline/io/a.c", '#include "pipeline/text/a.h"\n', 1),
    ("pipeline/engine/a.c", '#include "pipeline/io/a.h"\n', None),
    ("pipeline/engine/b.c", '#include "formats/a.h"\n', 1),
    ("pipeline/engine/c.c", '#include "pipeline/config/a.h"\n', 1),
    ("pipeline/cli/a.c", '#include "formats/a.h"\n#include "stages/a.h"\n', None),
    ("formats/json/a.c", '#include "formats/a.h"\n#include "pipeline/io/a.h"\n', None),
    ("formats/json/b.c", '#include "stages/a.h"\n', 1),
    ("formats/json/c.c", '#include "pipeline/engine/a.h"\n', 1),
    ("stages/a.c", '#include "stages/a.h"\n', None),
    ("stages/b.c", '#include "formats/a.h"\n', 1),
    ("stages/c.c", '#include "a.h"\n', 1),
    ("stages/d.c", '#include "../stages/a.h"\n', 1),
    ("stages/e.c", '#include "stages/../formats/a.h"\n', 1),
    ("stages/f.c", '#include <stages/a.h>\n', 1),
    ("stages/g.c", '#include <../stages/a.h>\n', 1),
    ("stages/h.c", '#include "/usr/include/stdio.h"\n', 1),
    ("stages/i.c", '#include "stages/missing.h"\n', 1),
    ("stages/j.c", '#define HEADER "stages/a.h"\n#include HEADER\n', 2),
    ("stages/k.h", '#include "pipeline/cli/a.h"\n', 1),
    ("pipeline/novel/a.c", "", 1),
]


def verdict(root, path):
    """What check_tree answers and prints for a tree of the shared headers and one sample."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = check_tree(root)
    return status, [line for line in printed.getvalue().splitlines() if line.startswith(path)]


def self_test():
    failures = 0
    for path, text, line in SAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for room in RULES:
                (root / room).mkdir(parents=True, exist_ok=True)
                (root / room / "a.h").write_text("")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
            status, lines = verdict(root, path)
        as_wanted = status == 0 and not lines if line is None else (
            status == 1 and len(lines) == 1 and lines[0].startswith(f"{path}:{line}: "))
        if not as_wanted:
            failures += 1
            print(f"{path}: wanted line {line}, got status {status} and {lines}")
    print(f"{len(SAMPLES)} samples, {failures} failures")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if not options.root:
        parser.error("ROOT is missing")
    return check_tree(options.root.resolve())


if __name__ == "__main__":
    sys.exit(main())
