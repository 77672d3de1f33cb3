"""What the interop tests share: running casepipe, and keeping score.

The variable CASEPIPE is the path of the binary. A test makes its data in a temporary folder,
counts what it checks, and ends with a summary and a status.
"""
import json
import os
import subprocess
import sys
import typing

FAILURES_SHOWN = 20
SHOWN_BYTES = 400


def binary():
    path = os.environ.get("CASEPIPE")
    if not path:
        sys.exit("CASEPIPE is not set: it names the binary under test")
    return os.path.abspath(path)


class Result(typing.NamedTuple):
    status: int
    out: bytes
    err: str


def casepipe(*arguments, stdin=None, folder=None):
    """Runs the binary; `stdin` is a file object, bytes, or None for nothing."""
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin or subprocess.DEVNULL}
    done = subprocess.run([binary(), *map(str, arguments)], capture_output=True, cwd=folder,
                          check=False, **given)
    return Result(done.returncode, done.stdout, done.stderr.decode(errors="backslashreplace"))


def generate(path, rows, *options):
    """Makes a data set, or ends the test."""
    done = casepipe("gen", "--rows", rows, "-o", path, *options)
    if done.status != 0:
        sys.exit(f"casepipe gen: status {done.status}: {done.err}")
    return path


def zstd(*arguments, stdin=b""):
    """Output of the zstd program, which is the reference for what it writes and reads."""
    return subprocess.run(["zstd", "-q", *map(str, arguments)], input=stdin,
                          stdout=subprocess.PIPE, check=True).stdout


def json_lines(path):
    with open(path, encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def cut(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN_BYTES else text[:SHOWN_BYTES] + " ..."


class Checks:
    """Counts what was checked and prints what failed."""

    def __init__(self):
        self.count = 0
        self.failures = 0

    def that(self, holds, *message):
        self.count += 1
        if holds:
            return True
        self.failures += 1
        if self.failures <= FAILURES_SHOWN:
            print("FAILED:", *map(cut, message))
        elif self.failures == FAILURES_SHOWN + 1:
            print("more failures are not shown")
        return False

    def equal(self, got, expected, *what):
        return self.that(got == expected, *what, ": got", got, "expected", expected)

    def status(self, result, expected, *what):
        return self.that(result.status == expected, *what, f": status {result.status} instead of",
                         f"{expected}: {result.err}")

    def end(self, summary):
        """Prints the summary; the status to exit with."""
        print(f"{summary}: {self.count} checks, {self.failures} failed")
        return 1 if self.failures or not self.count else 0
