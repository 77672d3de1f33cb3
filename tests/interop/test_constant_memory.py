#!/usr/bin/env python3
"""Peak resident memory does not grow with the input.

    data, 1 x and 8 x   file through mmap | file through reads | pipe   -->  report, validate

Each run stays below 64 MiB. With one thread the larger run stays within 5 % of the smaller, or
within what has nothing to do with the size: 256 KiB, a few pages more or less; with mmap 1 MiB
more for the end of a window that no block reached, which counts as resident where the page cache
holds it in one piece with what is before it, and 1 MiB for the rest of a file that ends a little
behind a window, which is read into memory while the window's last block is still at work. With two
threads chance decides how many of the blocks that may be in flight ever are, so the peaks may
differ by all of them.

Inputs of several codecs side by side stay below 64 MiB too, reported on by seven threads and
converted to Parquet by two.
"""
import os
import subprocess
import sys
import tempfile

from memory import IN_FLIGHT_KIB, LIMIT_KIB, adopt_grandchildren, peak_of
from support import Checks, binary, generate

GROWTH = 1.05
NOISE_KIB = {"mmap": 2 * 1024 + 256, "chunked": 256, "pipe": 256}
SMALL_RUNS = 3  # the smaller input's peak is the highest of these: the kernel counts in batches
TIMES = 8
# Name, rows of the smaller one (60 MB, 60 MB, 60 MB, 30 MB, 12 MB), options of gen and of casepipe.
JSONL, STRUCT = ("--schema", "case"), ("--schema", "case", "--from", "struct")
SETS = (
    ("cases.jsonl", 350000, (), JSONL),
    ("cases.jsonl.zst", 350000, ("--compression-level", "1"), JSONL),
    ("cases.json", 350000, (), JSONL),
    ("cases.bin", 2000000, (), STRUCT),
    ("bad.jsonl", 40000, ("--bad-rate", "1"), JSONL),
)


def run_piped(arguments, path):
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
        return peak_of([*arguments, "-"], cat.stdout)


def run_file(arguments, path):
    return peak_of([*arguments, path], subprocess.DEVNULL)


WAYS = {
    "mmap": (run_file, ("--reader", "mmap")),
    "chunked": (run_file, ("--reader", "chunked")),
    "pipe": (run_piped, ()),
}


def peak_of_runs(checks, way, arguments, path, runs, expected, label):
    run, options = WAYS[way]
    peaks = []
    for _ in range(runs):
        status, peak = run([binary(), *arguments, *options], path)
        checks.equal(status, expected, label, "exit status")
        checks.that(peak <= LIMIT_KIB, label, f": {peak} KiB resident, more than {LIMIT_KIB}")
        peaks.append(peak)
    return max(peaks)


def measure(checks, arguments, way, threads, small, large, expected):
    """The peaks of the two sizes."""
    label = f"{arguments[0]} {os.path.basename(small)}, {way}, threads: {threads}"
    arguments = [*arguments, "--quiet", "--threads", str(threads)]
    before = peak_of_runs(checks, way, arguments, small, SMALL_RUNS, expected, label)
    after = peak_of_runs(checks, way, arguments, large, 1, expected, label)
    spare = NOISE_KIB[way] if threads == 1 else IN_FLIGHT_KIB
    checks.that(after <= max(before * GROWTH, before + spare), label,
                f": {before} KiB grew to {after} KiB")
    print(f"{label}: {before} KiB, {TIMES} x the input: {after} KiB")


def measure_set(checks, folder, name, rows, gen_options, options):
    small = generate(os.path.join(folder, name), rows, *gen_options)
    large = generate(os.path.join(folder, "large-" + name), rows * TIMES, *gen_options)
    is_bad = name.startswith("bad")
    rejects = ("--rejects", os.path.join(folder, "rejects")) if is_bad else ()
    for way in WAYS:
        for command, threads in (("report", 1), ("report", 2), ("validate", 1)):
            measure(checks, [command, *options, *rejects], way, threads, small, large, int(is_bad))
    os.remove(small)
    os.remove(large)


# ---- side by side ----

def compressed(path, command, ending):
    with open(path, "rb") as plain, open(path + ending, "wb") as out:
        subprocess.run(command, stdin=plain, stdout=out, check=True)
    return path + ending


def zstd_of_frames(path, lines):
    """One frame for each so many lines."""
    out = path + ".frames.zst"
    script = f"split -l {lines} --filter='zstd -q -c' {path} >{out}"
    subprocess.run(["sh", "-c", script], check=True)
    return out


def measure_side_by_side(checks, folder):
    path = generate(os.path.join(folder, "mixed.jsonl"), 350000)
    inputs = [path, compressed(path, ["gzip", "-1"], ".gz"), zstd_of_frames(path, 5000),
              compressed(path, ["lz4", "-q", "-B7", "-BD"], ".lz4"),
              compressed(path, ["zstd", "-q", "-1"], ".zst")]
    convert = ("convert", "-o", os.path.join(folder, "mixed.parquet"))
    for command, threads in ((("report",), 1), (("report",), 7), (convert, 1), (convert, 2)):
        for reader in ("mmap", "chunked"):
            label = f"{command[0]} side by side, {reader}, threads: {threads}"
            status, peak = peak_of([binary(), *command, "--schema", "case", "--threads",
                                    str(threads), "--reader", reader, *inputs, *inputs])
            checks.equal(status, 0, label, "exit status")
            checks.that(peak <= LIMIT_KIB, label, f": {peak} KiB, more than {LIMIT_KIB}")
            print(f"{label}: {peak} KiB")


def main():
    checks = Checks()
    adopt_grandchildren()
    floor = peak_of(["true"], subprocess.DEVNULL)[1]
    print(f"a program that does nothing: {floor} KiB")
    with tempfile.TemporaryDirectory() as folder:
        for row in SETS:
            measure_set(checks, folder, *row)
        measure_side_by_side(checks, folder)
    return checks.end(f"peak memory at 1 x and {TIMES} x")


if __name__ == "__main__":
    sys.exit(main())
