"""What the tests of faults share: a folder and a score for each fault, small disks, the list of
faults that can be chosen from.
"""
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from support import Checks, binary, casepipe

OLD = b"what yesterday's run left\n"
RECORD = b'{"id":"good","status":"DRAFT","sensor_id":1,"value":2.5,"timestamp":1700000000}\n'
TEMPORARY = ".casepipe-tmp"
DEADLINE_S = 60
NOBODY = 65534


class Test:
    """A folder of its own, and the score."""

    def __init__(self, checks, folder, seed):
        self.checks, self.folder, self.rng = checks, folder, random.Random(seed)

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def fails(self, status, said, *arguments, stdin=None):
        """The run ends with `status` and one line on stderr that holds all of `said`."""
        done = casepipe(*arguments, stdin=stdin, folder=self.folder)
        what = f"casepipe {' '.join(map(str, arguments))}"
        self.checks.status(done, status, what)
        self.checks.equal(done.out, b"", what, "standard output")
        self.checks.equal(done.err.count("\n"), 1, what, "lines of", done.err)
        for part in said:
            self.checks.that(part in done.err, what, ":", repr(part), "is not in", done.err)
        return done

    def left(self, *names):
        """The folder holds these files and nothing else, so no temporary one either."""
        self.checks.equal(sorted(os.listdir(self.folder)), sorted(names), "files left behind")

    def start(self, *arguments, **options):
        return subprocess.Popen([binary(), *map(str, arguments)], cwd=self.folder,
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, **options)

    def wait_for(self, name, holds=lambda path: True):
        """Until the file is there; False where it does not come."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if os.path.exists(self.path(name)) and holds(self.path(name)):
                return True
            time.sleep(0.002)
        return self.checks.that(False, name, "does not appear")


def is_growing(path):
    return os.path.getsize(path) > 0


@contextlib.contextmanager
def small_disk(test, size):
    """A mounted tmpfs in the test's folder, or None where we may not mount."""
    folder = test.path("disk")
    os.mkdir(folder)
    mounted = os.geteuid() == 0 and shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        stderr=subprocess.DEVNULL, check=False).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)


def run_fault(function, checks, seed):
    """None, or why it could not run."""
    with tempfile.TemporaryDirectory(prefix="casepipe-fault-") as folder:
        return function(Test(checks, folder, seed))


def run_faults(names):
    """Runs the functions of a module that are called test_*, or those whose names hold one of the
    command line's words; the status to exit with."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed {seed} (SEED={seed} repeats it)", flush=True)
    checks = Checks()
    chosen = [test for name, test in sorted(names.items()) if name.startswith("test_")
              and (len(sys.argv) == 1 or any(part in name for part in sys.argv[1:]))]
    for function in chosen:
        before = checks.failures
        why_not = run_fault(function, checks, seed)
        state = f"not run: {why_not}" if why_not else "failed" if checks.failures > before else "ok"
        print(f"{function.__name__}: {state}", flush=True)
    return checks.end(f"{len(chosen)} faults")
