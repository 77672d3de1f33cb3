#!/usr/bin/env python3
"""convert gives the same bytes, whichever way the same records come in, in bounded memory.

    messy records --+-- plain, .zst, frames, .gz, .xz, .bz2, .lz4 ---+
                    +-- .tar.zst, .zip --------------------------------+--> one Parquet file,
                    +-- a pipe in pieces of 1000 bytes ----------------+    a folder of parts,
                        threads, readers, chunk sizes, random pauses        rejects

Two inputs side by side, with bad records, into small row groups and large ones. Then the peak
memory of runs over 1 x and 8 x the input.

    test_convert_same_bytes.py [SEED]
"""
import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from input_forms import PLACES, build_delays, make_inputs
from memory import IN_FLIGHT_KIB, LIMIT_KIB, adopt_grandchildren, has_sanitizer, peak_of
from support import Checks, binary, generate

ROWS, RUNS = 25000, 24
TIMES, MEMORY_ROWS = 8, 250000
THREADS = ("1", "2", "4", "7")
SIZES = {
    "default groups": (),
    "groups of 1000 rows": ("--row-group-size", "1000"),
    "groups of 7 KB": ("--row-group-bytes", "7000"),
}
TARGETS = {"file": (), "folder": ("--max-file-size", "200KiB")}
READERS = (
    ("--reader", "mmap"),
    ("--reader", "chunked"),
    ("--reader", "chunked", "--chunk-size", "4097"),
    ("--reader", "mmap", "--chunk-size", "1000"),
)


def digest(path):
    """Of a file, or {name: digest} of a folder."""
    if path.is_dir():
        return {entry.name: digest(entry) for entry in path.iterdir()}
    return hashlib.sha256(path.read_bytes()).hexdigest()


def convert(folder, inputs, target, *options, delays=None, to="parquet"):
    """(status, digests of what was written, rejects without their sources)."""
    environment = dict(os.environ)
    if delays is not None:
        environment.update(LD_PRELOAD=str(folder / "delays.so"), CASEPIPE_DELAYS=str(delays))
    out = folder / f"out.{target}"
    command = [binary(), "convert", "--schema", "case", "--to", to, "--rejects",
               folder / "rejects", "-o", out, *TARGETS[target], *options]
    if isinstance(inputs, str):
        done = subprocess.run(["sh", "-c", f'{inputs} | "$@" -', "sh", *command], cwd=folder,
                              env=environment, capture_output=True, check=False)
    else:
        done = subprocess.run([*command, *inputs], env=environment, capture_output=True,
                              check=False)
    if done.returncode not in (0, 1):
        return done.returncode, done.stderr, b""
    return (done.returncode, digest(out),
            PLACES.sub(b"", (folder / "rejects").read_bytes()))


def references(checks, folder, plain):
    """{(target, sizes): what one thread makes of the plain files}."""
    expected = {}
    for target in TARGETS:
        for name, sizes in SIZES.items():
            got = convert(folder, plain, target, "--threads", "1", *sizes)
            checks.equal(got[0], 1, target, name, "one thread, plain", got[1])
            checks.that(len(got[2].splitlines()) > 50, "few rejects")
            expected[target, name] = got
    for name in list(SIZES)[1:]:
        checks.that(len(expected["folder", name][1]) > 3, name, "in few parts")
    return expected


def check_ways(checks, folder, ways, expected):
    """Each way in with some of the threads, readers, sizes and targets, so that all meet all."""
    turn = 0
    for name, inputs in ways.items():
        for threads in THREADS:
            for target in TARGETS:
                sizes = list(SIZES)[turn % len(SIZES)]
                options = ("--threads", threads, *READERS[turn // 3 % len(READERS)])
                got = convert(folder, inputs, target, *options, *SIZES[sizes])
                checks.that(got == expected[target, sizes], name, target, sizes, options,
                            "differs from one thread over plain files")
                turn += 1


def check_pipes(checks, folder, ways):
    """One input alone: a pipe that delivers pieces of 1000 bytes, plain and compressed."""
    for target in TARGETS:
        expected = convert(folder, ways["plain"][:1], target, "--threads", "1")
        checks.equal(expected[0], 1, "one plain file")
        for path in (ways["plain"][0], ways[".zst"][0], ways[".frames.zst"][0], ways[".gz"][0]):
            for threads in THREADS[1:]:
                got = convert(folder, f"dd bs=1000 status=none if='{path}'", target, "--threads",
                              threads)
                checks.that(got == expected, path.name, "through a pipe into a", target)


def check_delays(checks, folder, ways, expected, rng):
    names = list(ways)
    for run in range(RUNS):
        name, target = names[run % len(names)], rng.choice(list(TARGETS))
        sizes, threads = rng.choice(list(SIZES)), rng.choice(THREADS[1:])
        delays = rng.randrange(1 << 32)
        got = convert(folder, ways[name], target, "--threads", threads, *SIZES[sizes],
                      delays=delays)
        checks.that(got == expected[target, sizes], name, target, sizes, threads,
                    "differs under delays", delays)


def check_other_formats(checks, folder, ways):
    """Parts of text and of fixed-width records, plain and compressed."""
    for to, options in (("jsonl", ()), ("json", ("--compression", "zstd")), ("csv", ()),
                        ("csv", ("--compression", "gzip")), ("struct", ("--compression", "zstd"))):
        options = (*options, "--row-group-size", "300", "--max-file-size", "100KiB")
        shutil.rmtree(folder / "out.folder")
        expected = convert(folder, ways["plain"], "folder", "--threads", "1", *options, to=to)
        checks.equal(expected[0], 1, to, expected[1])
        checks.that(len(expected[1]) > 2, to, "few parts", expected[1])
        large = [entry.name for entry in (folder / "out.folder").iterdir()
                 if entry.stat().st_size > 100 << 10]
        checks.equal(large, [], to, "parts that are too large")
        got = convert(folder, ways[".frames.zst"], "folder", "--threads", "4", *options, to=to)
        checks.that(got == expected, to, "differs with four threads over frames")


# ---- memory ----

def peak(checks, folder, path, *options):
    status, kib = peak_of([binary(), "convert", "--schema", "case", "--quiet", "--to", "parquet",
                           "--threads", "2", *options, path])
    checks.equal(status, 0, path.name, options)
    checks.that(kib <= LIMIT_KIB, path.name, options, f": {kib} KiB resident")
    return kib


def check_memory(checks, folder):
    """As the default is, with small parts, and with small row groups in small parts, where a footer
    of all groups would be largest."""
    small = generate(folder / "small.jsonl.zst", MEMORY_ROWS)
    large = generate(folder / "large.jsonl.zst", MEMORY_ROWS * TIMES)
    parts = ("-o", folder / "memory.folder", "--max-file-size")
    for options in (("-o", folder / "memory.file"), (*parts, "4MiB"),
                    (*parts, "1MiB", "--row-group-size", "200")):
        before = max(peak(checks, folder, small, *options) for _ in range(3))
        after = peak(checks, folder, large, *options)
        what = " ".join(map(str, options[2:])) or "one file"
        print(f"{what}: {before} KiB, {TIMES} x the input: {after} KiB")
        checks.that(after <= before + IN_FLIGHT_KIB, what, f": {before} KiB grew to {after} KiB")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    rng = random.Random(seed)
    print(f"seed {seed}", flush=True)
    checks = Checks()
    adopt_grandchildren()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build_delays(folder)
        ways = make_inputs(folder, ROWS)
        expected = references(checks, folder, ways["plain"])
        check_ways(checks, folder, ways, expected)
        check_pipes(checks, folder, ways)
        check_delays(checks, folder, ways, expected, rng)
        check_other_formats(checks, folder, ways)
        if not has_sanitizer():
            check_memory(checks, folder)
    return checks.end(f"{len(ways)} ways in, seed {seed}")


if __name__ == "__main__":
    sys.exit(main())
