"""One run of one program: what the operating system charged for it, from a warm or a cold cache."""

import json
import os
import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field

READ_BYTES = 1 << 20
TIMEOUT_SECONDS = 1200  # longer than this a peer is given up


class Failed(Exception):
    """A program that did not end with 0; the text says how and why."""


@dataclass
class Sample:
    seconds: float
    cpu_seconds: float
    peak_kib: int
    read_bytes: int  # from storage, not from the page cache


@dataclass
class Runs:
    """Samples of one program over one file, and what they say."""

    samples: list = field(default_factory=list)

    def seconds(self):
        return statistics.median(s.seconds for s in self.samples)

    def cpu_seconds(self):
        return statistics.median(s.cpu_seconds for s in self.samples)

    def peak_kib(self):
        return max(s.peak_kib for s in self.samples)

    def usual_peak_kib(self):
        """For comparing sizes of input: the largest of a few runs says more of chance."""
        return statistics.median(s.peak_kib for s in self.samples)

    def read_bytes(self):
        return statistics.median(s.read_bytes for s in self.samples)


def warm(path):
    """Brings every byte into the page cache: what ran before may have dropped them."""
    buffer = bytearray(READ_BYTES)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def chill(path):
    """Drops the file from the page cache; dirty pages cannot be dropped, hence fsync."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


PREPARE = {"warm": warm, "cold": chill}


def telling_line(text):
    """The line of a program's messages that names the error; else the first one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"[Ee]rror: ", line)]
    return (errors or lines or ["no message"])[0][:300]


def failure_text(stderr, line):
    ending = f"signal {line['signal']}" if line["signal"] else f"exit {line['exit']}"
    return f"{ending}: {telling_line(stderr.read().decode('utf-8', 'replace'))}"


class Measurer:
    def __init__(self, program):
        self.program = program  # the compiled measured.c

    def run(self, command, output=None):
        """One run; its standard output goes to the file `output`, or nowhere."""
        with tempfile.TemporaryFile() as stderr, open(output or os.devnull, "wb") as stdout:
            line = self._spawn(command, stdout, stderr)
            stderr.seek(0)
            if line["exit"] or line["signal"]:
                raise Failed(failure_text(stderr, line))
        return Sample(line["seconds"], line["user"] + line["system"], line["peak_kib"],
                      line["read_bytes"])

    def _spawn(self, command, stdout, stderr):
        reader, writer = os.pipe()
        with os.fdopen(reader) as answer:
            child = subprocess.Popen(
                [self.program, str(writer), *command], stdin=subprocess.DEVNULL, stdout=stdout,
                stderr=stderr, pass_fds=[writer],
            )
            os.close(writer)
            try:
                child.wait(TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                raise Failed(f"took more than {TIMEOUT_SECONDS} s, given up") from None
            finally:
                child.kill()
                child.wait()
            text = answer.read()
        if not text:
            raise Failed(f"the measurer ended with {child.returncode}")
        return json.loads(text)

    def run_from(self, cache, path, command, output=None):
        PREPARE[cache](path)
        return self.run(command, output)
