#!/usr/bin/env python3
"""What goes wrong while records are converted, into one file and into a folder of parts.

    run --write, fsync, rename, ...--> faults.c: fails, or a signal --> the kernel

After each fault the target is what it was or the whole new result, byte for byte; no temporary name
stays, or, after SIGKILL, none but the one that the next run removes; and the next run succeeds.

    test_convert_faults.py [PART OF A NAME...]      only the tests whose names hold one of the parts
"""
import errno
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

from fault_support import DEADLINE_S, NOBODY, OLD, TEMPORARY, run_faults, small_disk
from parquet_reader import Reader
from support import binary, casepipe, generate

HERE = pathlib.Path(__file__).resolve().parent
OLD_ROWS, NEW_ROWS, LARGE_ROWS = 3000, 4000, 60000
MOMENTS = 12  # random ones for each signal and kind of target
PARTS = ("--max-file-size", "64KiB", "--row-group-size", "1000")
CAUGHT = (signal.SIGTERM, signal.SIGINT)


class Kind:
    """One file, or a folder of parts; what to ask for, and what has to come of it."""

    def __init__(self, name, options):
        self.name, self.options = name, options
        self.target = f"out.{name}"
        self.arguments = ("convert", "--schema", "case", "--to", "parquet", "--threads", "2",
                          *options, "-o")

    def convert(self, test, source, target=None, **options):
        return casepipe(*self.arguments, target or self.target, source, folder=test.folder,
                        **options)


KINDS = (Kind("file", ("--row-group-size", "1000")), Kind("folder", PARTS))


def content(path):
    """Of a file, or {name: bytes} of a folder; None where there is nothing."""
    if os.path.isdir(path):
        return {entry.name: pathlib.Path(entry).read_bytes() for entry in os.scandir(path)}
    return pathlib.Path(path).read_bytes() if os.path.lexists(path) else None


class Scene:
    """Inputs old and new, and what becomes of each in one kind of target."""

    def __init__(self, test, kind, new_rows=NEW_ROWS):
        self.test, self.kind = test, kind
        generate(test.path("old.jsonl"), OLD_ROWS, "--seed", 1)
        generate(test.path("new.jsonl"), new_rows, "--seed", 2)
        self.results = {}
        for name in ("old", "new"):
            test.checks.status(kind.convert(test, f"{name}.jsonl", f"{name}.reference"), 0, name)
            self.results[name] = content(test.path(f"{name}.reference"))
        self.kept = ("old.jsonl", "new.jsonl", "old.reference", "new.reference")

    def put_old(self):
        self.test.checks.status(self.kind.convert(self.test, "old.jsonl"), 0, "the run before")

    def state(self):
        """Of the target: old, new, None for nothing, or what should not be."""
        found = content(self.test.path(self.kind.target))
        if found is None:
            return None
        return next((name for name, result in self.results.items() if result == found), "broken")

    def extra(self):
        """Names beside the target that do not belong there."""
        return sorted(set(os.listdir(self.test.folder)) - {*self.kept, self.kind.target})

    def check(self, states, *what, may_leave=False):
        self.test.checks.that(self.state() in states, self.kind.name, *what, ": the target is",
                              self.state(), "and none of", states)
        extra = self.extra()
        if may_leave:
            extra = [name for name in extra if name != f".{self.kind.target}{TEMPORARY}"]
        self.test.checks.equal(extra, [], self.kind.name, *what, "left behind")

    def check_next_run(self, *what):
        self.test.checks.status(self.kind.convert(self.test, "new.jsonl"), 0, self.kind.name,
                                "the run after", *what)
        self.check(("new",), "the run after", *what)


def scenes(function):
    """A test of each kind of target, in a folder of its own."""
    def run(test):
        root, why_not = test.folder, None
        for kind in KINDS:
            test.folder = os.path.join(root, kind.name)
            os.mkdir(test.folder)
            why_not = function(test, kind) or why_not
        test.folder = root
        return why_not
    run.__name__ = function.__name__
    return run


# ---- every call ----

def build_faults(test):
    library = test.path("faults.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"],
                   check=True)
    return library


def run_with_fault(scene, library, at, fault, after):
    """(status, stderr, whether the fault has come)."""
    reader, writer = os.pipe()
    environment = {**os.environ, "LD_PRELOAD": library, "CASEPIPE_FAULT_AT": str(at),
                   "CASEPIPE_FAULT_ERRNO": str(fault),
                   **({"CASEPIPE_FAULT_AFTER": "1"} if after else {})}
    command = [binary(), *scene.kind.arguments, scene.kind.target, "new.jsonl"]
    # The pipe becomes descriptor 3 in the child.
    shell = ["sh", "-c", f'exec "$@" 3>&{writer}', "sh", *command]
    done = subprocess.run(shell, cwd=scene.test.folder, env=environment, capture_output=True,
                          check=False, pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        struck = pipe.read() == b"struck"
    return done.returncode, done.stderr.decode(), struck


def check_every_call(scene, library, fault, before, after=False):
    """Each call in turn, until a run ends before its turn comes; a signal before it or `after`."""
    checks, struck, at = scene.test.checks, True, 0
    while struck:
        before()
        start = scene.state()
        what = (f"fault {fault} {'after' if after else 'at'} call {at}",)
        status, said, struck = run_with_fault(scene, library, at, fault, after)
        if not struck:
            checks.equal(status, 0, scene.kind.name, *what, said)
            scene.check(("new",), *what)
        elif fault < 0:
            checks.equal(status, fault, scene.kind.name, *what, said)
            scene.check((start, "new"), *what, may_leave=-fault == signal.SIGKILL)
        else:
            checks.that(status in (73, 74), scene.kind.name, *what, "status", status, said)
            checks.that(os.strerror(fault) in said and said.count("\n") == 1, *what, said)
            checks.that(TEMPORARY not in said, *what, "says the temporary name:", said)
            scene.check((start, "new"), *what)
        scene.check_next_run(*what)
        at += 1
    return at


@scenes
def test_every_call(test, kind):
    scene, library = Scene(test, kind), build_faults(test)
    scene.kept += ("faults.so",)
    for fault in (errno.ENOSPC, errno.EIO, -signal.SIGKILL, -signal.SIGTERM):
        calls = check_every_call(scene, library, fault, scene.put_old)
        test.checks.that(calls > 6, kind.name, "only", calls, "calls")
    for fault in (-signal.SIGKILL, -signal.SIGTERM):
        check_every_call(scene, library, fault, scene.put_old, after=True)


def remove(path):
    if os.path.isdir(path):
        for entry in os.scandir(path):
            os.unlink(entry)
        os.rmdir(path)
    elif os.path.lexists(path):
        os.unlink(path)


@scenes
def test_every_call_of_a_first_run(test, kind):
    scene, library = Scene(test, kind), build_faults(test)
    scene.kept += ("faults.so",)
    for fault in (errno.ENOSPC, -signal.SIGKILL, -signal.SIGINT):
        for after in (False, True) if fault < 0 else (False,):
            check_every_call(scene, library, fault, lambda: remove(test.path(kind.target)), after)


# ---- any moment ----

def end_at_a_moment(scene, number, longest):
    test, kind = scene.test, scene.kind
    what = (f"signal {number}",)
    with test.start(*kind.arguments, kind.target, "new.jsonl") as run:
        time.sleep(test.rng.uniform(0, longest))
        run.send_signal(number)
        status = run.wait(DEADLINE_S)
    test.checks.that(status in (0, -number), kind.name, *what, "status", status)
    scene.check(("old", "new") if status else ("new",), *what,
                may_leave=number == signal.SIGKILL)
    return status


@scenes
def test_any_moment(test, kind):
    scene = Scene(test, kind, LARGE_ROWS)
    began = time.monotonic()
    scene.check_next_run("nothing")
    longest = 1.1 * (time.monotonic() - began)
    for number in (signal.SIGKILL, *CAUGHT):
        statuses = []
        for _ in range(MOMENTS):
            scene.put_old()
            statuses.append(end_at_a_moment(scene, number, longest))
        scene.check_next_run(f"signal {number}")
        print(f"  {kind.name}: {statuses.count(-number)} of {MOMENTS} runs ended by {number}")


@scenes
def test_killed_again_and_again(test, kind):
    """No run in between is let go to its end."""
    scene = Scene(test, kind, LARGE_ROWS)
    scene.put_old()
    for _ in range(MOMENTS):
        with test.start(*kind.arguments, kind.target, "new.jsonl") as run:
            test.wait_for(f".{kind.target}{TEMPORARY}")
            run.kill()
            run.wait(DEADLINE_S)
        scene.check(("old", "new"), "killed again", may_leave=True)
    scene.check_next_run("kills")


def test_leftovers_of_the_other_kind(test):
    """A killed run that wrote parts, then one that writes a file, and the other way round."""
    generate(test.path("large.jsonl"), LARGE_ROWS)
    for first, second in (KINDS, KINDS[::-1]):
        with test.start(*first.arguments, "out", "large.jsonl") as run:
            test.wait_for(f".out{TEMPORARY}")
            run.kill()
            run.wait(DEADLINE_S)
        remove(test.path("out"))
        test.checks.status(second.convert(test, "large.jsonl", "out"), 0, second.name, "after",
                           first.name)
        test.left("large.jsonl", "out")
        remove(test.path("out"))


# ---- readers ----

def test_parts_are_the_file(test):
    """DuckDB finds the same rows in the file and in all parts together."""
    generate(test.path("log.jsonl"), LARGE_ROWS, "--profile", "messy")
    sizes = {}
    for kind in KINDS:
        test.checks.status(kind.convert(test, "log.jsonl"), 0, kind.name)
    parts = content(test.path("out.folder"))
    for name, part in sorted(parts.items()):
        sizes[name] = len(part)
        test.checks.that(len(part) <= 65536, name, "has", len(part), "bytes")
    test.checks.equal(sorted(parts), [f"part-{i:05}.parquet" for i in range(len(parts))], "names")
    reader = Reader()
    file, folder = test.path("out.file"), test.path("out.folder/*.parquet")
    count = reader.query(f"SELECT count(*) AS n FROM read_parquet('{folder}')")
    test.checks.equal(count, [{"n": str(LARGE_ROWS)}], "rows")
    same = reader.query(f"SELECT count(*) AS n FROM read_parquet('{file}') a POSITIONAL JOIN "
                        f"read_parquet('{folder}') b WHERE a IS DISTINCT FROM b")
    test.checks.equal(same, [{"n": "0"}], "rows that differ")
    groups = reader.query("SELECT count(DISTINCT (file_name, row_group_id)) AS n FROM "
                          f"parquet_metadata('{folder}')")
    test.checks.equal(groups, [{"n": str(LARGE_ROWS // 1000)}], "groups")
    test.checks.equal(reader.close(), 0, "the reader")


# ---- disks ----

@scenes
def test_full_disk(test, kind):
    with small_disk(test, "512k") as disk:
        if not disk:
            return "no right to mount"
        scene = Scene(test, kind, LARGE_ROWS)
        target = os.path.join(disk, "out")
        test.checks.status(kind.convert(test, "old.jsonl", target), 0, "old")
        done = kind.convert(test, "new.jsonl", target)
        test.checks.status(done, 74, "full disk")
        test.checks.that("cannot write: No space left on device" in done.err
                         and f"{target}" in done.err and TEMPORARY not in done.err, done.err)
        test.checks.equal(content(target), scene.results["old"], "the old result")
        test.checks.equal(os.listdir(disk), ["out"], "left on the disk")
        test.checks.status(kind.convert(test, "old.jsonl", target), 0, "the run after")
        test.checks.equal(os.listdir(disk), ["out"], "left on the disk")
    return None


def test_mount_point(test):
    """It cannot change places with another folder, which is told before anything is read."""
    with small_disk(test, "1m") as disk:
        if not disk:
            return "no right to mount"
        test.fails(73, ["disk: is a mount point"], *KINDS[1].arguments, "disk", "no such input")
        test.checks.equal(os.listdir(disk), [], "on the disk")
        test.left("disk")
    return None


@scenes
def test_file_size_limit(test, kind):
    scene = Scene(test, kind, LARGE_ROWS)
    scene.put_old()
    limit = 100000 if kind.name == "file" else 30000
    done = subprocess.run([binary(), *kind.arguments, kind.target, "new.jsonl"], cwd=test.folder,
                          capture_output=True, check=False, preexec_fn=lambda: resource.setrlimit(
                              resource.RLIMIT_FSIZE, (limit, limit)))
    test.checks.equal(done.returncode, 74, "ulimit -f", done.stderr)
    test.checks.that(b"File too large" in done.stderr, done.stderr)
    scene.check(("old",), "ulimit -f")
    scene.check_next_run("ulimit -f")


@scenes
def test_folder_without_right_to_write(test, kind):
    generate(test.path("log.jsonl"), 10)
    os.mkdir(test.path("shut"))
    os.chmod(test.path("shut"), 0o555)
    os.chmod(test.folder, 0o755)
    os.chmod(os.path.dirname(test.folder), 0o755)
    options = {"user": NOBODY} if os.geteuid() == 0 else {}
    try:
        done = subprocess.run([binary(), *kind.arguments, "shut/out", "log.jsonl"],
                              cwd=test.folder, capture_output=True, check=False, **options)
    except PermissionError:
        return "the binary is not for everyone"
    test.checks.equal(done.returncode, 73, "no right to write", done.stderr)
    test.checks.that(b"shut/out: cannot create: Permission denied" in done.stderr, done.stderr)
    test.checks.equal(os.listdir(test.path("shut")), [], "left in the folder")
    return None


# ---- targets that must not be replaced ----

def test_target_is_of_the_other_kind(test):
    scene = Scene(test, KINDS[1])
    scene.put_old()
    test.path("file", OLD)
    test.fails(73, ["file: is no folder"], *KINDS[1].arguments, "file", "no such input")
    test.checks.equal(test.read("file"), OLD, "the file")
    test.fails(73, ["out.folder: cannot create: Is a directory"], *KINDS[0].arguments, "out.folder",
               "no such input")
    scene.kept += ("file",)
    scene.check(("old",), "the other kind")


def test_folder_with_a_stranger(test):
    scene = Scene(test, KINDS[1])
    for name in ("notes.txt", "part-00000.csv", ".part-00000.parquet", "part-1.parquet"):
        scene.put_old()
        test.path(f"out.folder/{name}", OLD)
        test.fails(73, ["out.folder: holds " + name], *KINDS[1].arguments, "out.folder",
                   "no such input")
        test.checks.equal(test.read(f"out.folder/{name}"), OLD, "the stranger")
        os.unlink(test.path(f"out.folder/{name}"))
        scene.check(("old",), "a stranger")
    scene.check_next_run("strangers")


@scenes
def test_output_is_an_input(test, kind):
    generate(test.path("log.jsonl"), 10)
    before = test.read("log.jsonl")
    test.fails(64, ["log.jsonl is an input"], *kind.arguments, "log.jsonl", "log.jsonl")
    os.mkdir(test.path("logs"))
    os.rename(test.path("log.jsonl"), test.path("logs/log.jsonl"))
    if kind.name == "folder":
        test.fails(64, ["logs holds the input logs/log.jsonl"], *kind.arguments, "logs",
                   "logs/log.jsonl")
        test.fails(64, [" holds the input "], *kind.arguments, "logs/../logs/", "./logs/log.jsonl")
    test.checks.equal(test.read("logs/log.jsonl"), before, "the input")
    test.left("logs")


# ---- runs that meet ----

@scenes
def test_two_runs(test, kind):
    scene = Scene(test, kind)
    scene.put_old()
    with test.start(*kind.arguments, kind.target, "-") as first:
        with open(test.path("new.jsonl"), "rb") as lines:
            first.stdin.write(lines.read())
        first.stdin.flush()
        test.wait_for(f".{kind.target}{TEMPORARY}")
        test.fails(75, [f"{kind.target}: another run is writing this {kind.name}"],
                   *kind.arguments, kind.target, "old.jsonl")
        scene.check(("old",), "while another run writes", may_leave=True)
        first.stdin.close()
        test.checks.equal(first.wait(DEADLINE_S), 0, "the first run")
    scene.check(("new",), "the first run")


@scenes
def test_failed_run(test, kind):
    """Bad data: nothing is published but the rejects."""
    scene = Scene(test, kind)
    scene.put_old()
    with open(test.path("new.jsonl"), "ab") as log:
        log.write(b"bad\n")
    done = casepipe(*kind.arguments, kind.target, "new.jsonl", "--rejects", "rejects",
                    "--max-errors", "0", folder=test.folder)
    test.checks.status(done, 65, "a bad record")
    test.checks.equal(test.read("rejects").count(b"\n"), 1, "rejects")
    scene.kept += ("rejects",)
    scene.check(("old",), "a bad record")


@scenes
def test_rejects_come_first(test, kind):
    """Each call fails in turn: where the new rows are published, so are the rejects to them."""
    kind = Kind(kind.name, (*kind.options, "--rejects", "rejects"))
    scene, library = Scene(test, kind), build_faults(test)
    with open(test.path("new.jsonl"), "ab") as log:
        log.write(b"bad\n")
    scene.kept += ("faults.so", "rejects")
    struck, at, states = True, 0, set()
    while struck:
        scene.put_old()
        status, said, struck = run_with_fault(scene, library, at, errno.EIO, False)
        test.checks.that(status in ((73, 74) if struck else (1,)), kind.name, "status", status, said)
        rejected = test.read("rejects").count(b"\n")
        scene.check(("new",) if rejected and not struck else ("old", "new"), "fault at call", at)
        test.checks.that(rejected or scene.state() == "old", "rows without their rejects at", at)
        states.add((rejected, scene.state()))
        at += 1
    test.checks.equal(states, {(0, "old"), (1, "old"), (1, "new")}, kind.name, "states seen")


if __name__ == "__main__":
    sys.exit(run_faults(globals()))
