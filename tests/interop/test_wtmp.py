#!/usr/bin/env python3
"""examples/wtmp.yaml against the C library's own struct utmp.

    wtmp_writer --struct utmp--> wtmp --convert--> JSON lines  =  what it says it wrote

The variable WTMP_WRITER is the path of the program made from wtmp_writer.c. Also: a header before the
records (--skip-bytes), and the way back to the same bytes.
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from support import Checks, casepipe

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "examples" / "wtmp.yaml"
ROWS = 5000
RECORD_BYTES = 384


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    seed = parser.parse_args().seed
    print(f"seed {seed}")
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "wtmp")
        told = subprocess.run([os.environ["WTMP_WRITER"], str(ROWS), str(seed), path],
                              capture_output=True, check=True).stdout
        data = pathlib.Path(path).read_bytes()
        checks.equal(len(data), ROWS * RECORD_BYTES, "bytes")
        options = ["--schema", SCHEMA, "--from", "struct"]

        read = casepipe("convert", *options, path, "--to", "jsonl", "-o", "-")
        checks.status(read, 0, "convert")
        lines, expected = read.out.split(b"\n"), told.split(b"\n")
        checks.equal(len(lines), len(expected), "records")
        for line, wanted in zip(lines, expected):
            checks.equal(line, wanted, "record")

        back = os.path.join(folder, "back.bin")
        checks.status(casepipe("convert", *options, path, "-o", back), 0, "convert back")
        checks.equal(pathlib.Path(back).read_bytes(), data, "the same bytes")

        for header in (1, 384, 1 << 20, (1 << 20) + 7):
            behind = casepipe("convert", *options, "--skip-bytes", header, "-", "--to", "jsonl", "-o", "-",
                              stdin=random.Random(header).randbytes(header) + data)
            checks.status(behind, 0, "--skip-bytes", header)
            checks.equal(behind.out, told, "--skip-bytes", header)
        short = casepipe("convert", *options, "--skip-bytes", 100, "-", "--to", "jsonl", "-o", "-",
                         stdin=b"x" * 99)
        checks.status(short, 65, "an input shorter than its header")
        cut = casepipe("convert", *options, "-", "--to", "jsonl", "-o", "-", "--max-errors", 1,
                       stdin=data[:-1])
        checks.status(cut, 1, "a record that is cut")
        checks.equal(cut.out, b"\n".join(expected[:ROWS - 1]) + b"\n", "the records before it")
    return checks.end("wtmp")


if __name__ == "__main__":
    sys.exit(main())
