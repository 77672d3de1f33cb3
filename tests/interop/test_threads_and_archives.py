#!/usr/bin/env python3
"""The same bytes from every way to compute them, and never a count from a cut archive.

Reports (less "inputs") and rejects of messy data with bad records are compared byte for byte: one
thread against 2, 4 and 7, plain files against every codec and archive, with random pauses around
all locks (delays.c, preloaded) in twenty runs. Then each archive and compressed file is cut at 50
places: always an error, never a report.
"""
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from input_forms import PLACES, SKIPPABLE_FRAME, build_delays, make_inputs
from support import Checks, binary, casepipe

SEED = int(os.environ.get("CASEPIPE_SEED", "20261120"))
ROWS, RUNS, CUTS = 25000, 20, 50
INPUTS = re.compile(rb' "inputs": \[.*?\],\n "records"', re.DOTALL)


def report(folder, paths, *options, delays=None):
    environment = dict(os.environ)
    if delays is not None:
        environment.update(LD_PRELOAD=str(folder / "delays.so"), CASEPIPE_DELAYS=str(delays))
    done = subprocess.run([binary(), "report", "--schema", "case", "--to", "json", "--rejects",
                           folder / "rejects", *options, *paths], capture_output=True, check=False,
                          env=environment)
    return (done.returncode, INPUTS.sub(b"", done.stdout),
            PLACES.sub(b"", (folder / "rejects").read_bytes()))


def check_same(checks, folder, ways, generator):
    expected = report(folder, ways["plain"], "--threads", "1")
    checks.equal(expected[0], 1, "one thread, plain")
    checks.that(len(expected[1]) > 1000, "the report is short")
    checks.that(len(expected[2].splitlines()) > 50, "few rejects")
    for name, paths in ways.items():
        for options in (["--threads", 2], ["--threads", 7], ["--threads", 4, "--reader", "mmap"],
                        ["--threads", 2, "--chunk-size", 4097]):
            got = report(folder, paths, *map(str, options))
            checks.that(got == expected, name, options, "differs from one thread over plain files")
    names = list(ways)
    for run in range(RUNS):
        name = names[run % len(names)]
        delays = generator.randrange(1 << 32)
        got = report(folder, ways[name], "--threads", str(generator.choice((2, 4, 7))),
                     delays=delays)
        checks.that(got == expected, name, "differs under delays", delays)


def check_cuts(checks, folder, ways, generator):
    """Behind its end mark a tar has padding, which may be cut without loss; between two frames of
    zstd nothing tells that more should come."""
    for name, paths in ways.items():
        if name == "plain":
            continue
        content = paths[0].read_bytes()
        end = len(content)
        if name.endswith((".tar", ".cpio")):
            end = len(content.rstrip(b"\0"))
        edges = {at for edge in re.finditer(re.escape(SKIPPABLE_FRAME), content)
                 for at in edge.span()}
        whole = folder / ("cut_" + paths[0].name)
        places = [at for at in range(1, end) if at not in edges]
        for cut in sorted(generator.sample(places, CUTS - 1)) + [end - 1]:
            whole.write_bytes(content[:cut])
            done = casepipe("report", "--schema", "case", "--on-error", "skip", whole)
            alone = casepipe("report", "--schema", "case", "--on-error", "skip", "--threads", "1",
                             whole)
            checks.equal((done.status, done.err), (alone.status, alone.err),
                         f"{name} cut at {cut}: all threads and one")
            checks.that(done.status not in (0, 1) and not done.out, name, "cut at", cut, "gives",
                        done.status, done.out[:80])
            checks.that(whole.name in done.err, name, "cut at", cut, "is not named:", done.err)
        whole.unlink()


def main():
    print("seed", SEED)
    generator = random.Random(SEED)
    checks = Checks()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build_delays(folder)
        ways = make_inputs(folder, ROWS)
        check_same(checks, folder, ways, generator)
        check_cuts(checks, folder, ways, generator)
    sys.exit(checks.end("threads and archives"))


if __name__ == "__main__":
    main()
