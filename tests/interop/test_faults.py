#!/usr/bin/env python3
"""What goes wrong around a run: damaged input, full disks, signals, runs that meet.

For each fault: the exit status, what is said and of which place, and what is left behind. Outputs
are whole or as they were before, and no temporary file stays. Faults that need no more than a
command and its messages are case folders in tests/cli.

    test_faults.py [PART OF A NAME...]      only the tests whose names hold one of the parts
"""
import contextlib
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import time

from fault_support import (DEADLINE_S, NOBODY, OLD, RECORD, TEMPORARY, is_growing, run_faults,
                           small_disk)
from memory import has_sanitizer
from support import binary, casepipe, generate, json_lines, zstd

MIB = 1 << 20
RSS_LIMIT_BYTES = 64 * MIB
PLACES = 50


def repeated(piece, size):
    """`size` bytes of the piece over and over, in chunks: the parent stays small as well."""
    chunk = piece * (MIB // len(piece) + 1)
    for start in range(0, size, len(chunk)):
        yield chunk[:min(len(chunk), size - start)]


def long_record(size):
    """A good record of `size` bytes and its newline, in chunks."""
    head, tail = b'{"id":"', b'","status":"DRAFT"}'
    return itertools.chain([head], repeated(b"x", size - len(head) - len(tail)), [tail, b"\n"])


def peak_rss(test, *arguments):
    """(status, peak resident bytes) of one run."""
    with open(test.path("stderr"), "wb") as err:
        child = subprocess.Popen([binary(), *map(str, arguments)], cwd=test.folder,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    os.unlink(test.path("stderr"))
    return child.returncode, usage.ru_maxrss * 1024


# ---- damaged input ----

def reason_of(done):
    """Of the last message, said with --log-format json."""
    try:
        return json.loads(done.err.splitlines()[-1])["reason"]
    except (ValueError, KeyError, IndexError):
        return "?"


def compressed_log(test, rows):
    """One zstd frame with a checksum, and the report of what it holds."""
    generate(test.path("log.jsonl"), rows, "--seed", 11)
    with open(test.path("log.jsonl"), "rb") as plain:
        content = zstd("-c", stdin=plain.read())
    done = casepipe("report", "--schema", "case", "--to", "csv", test.path("log.jsonl"))
    test.checks.status(done, 0, "the undamaged log")
    return content, done.out


def report_damaged(test, content, *options):
    test.path("damaged.zst", content)
    test.path("report.csv", OLD)
    return casepipe("report", "--schema", "case", "--log-format", "json", "damaged.zst", "-o",
                    "report.csv", *options, folder=test.folder)


def check_cut(test, content, size):
    """A cut within the magic number leaves something that is no zstd at all."""
    for options in ((), ("--on-error", "skip"), ("--reader", "mmap")):
        done = report_damaged(test, content[:size], *options)
        expected = (65, "truncated_input") if size >= 4 else (64, "unknown_format")
        test.checks.equal((done.status, reason_of(done)), expected, "cut to", size, "of",
                          len(content), options, done.err)
        test.checks.equal(test.read("report.csv"), OLD, "report of a log cut to", size)


def test_truncated_zstd(test):
    content, _ = compressed_log(test, 20000)
    sizes = {1, 3, 4, 5, 6, 9, len(content) - 1, len(content) - 4, len(content) - 5}
    while len(sizes) < PLACES:
        sizes.add(test.rng.randrange(6, len(content) - 1))
    for size in sorted(sizes):
        check_cut(test, content, size)
    test.left("log.jsonl", "damaged.zst", "report.csv")


def test_truncated_zstd_says_the_place(test):
    frame = zstd("-c", stdin=RECORD * 100)
    test.path("cut.jsonl.zst", frame + frame[:-2])
    test.fails(65, ["cut.jsonl.zst: byte ", "inside a frame, at compressed byte "
                    f"{2 * len(frame) - 2}"], "report", "--schema", "case", "cut.jsonl.zst")


def test_flipped_bits_in_zstd(test):
    content, report = compressed_log(test, 20000)
    harmless = 0
    places = set(range(4, 12)) | {len(content) - 1, len(content) - 3}
    while len(places) < PLACES:
        places.add(test.rng.randrange(12, len(content)))
    for place, options in itertools.product(sorted(places), ((), ("--on-error", "skip"))):
        damaged = bytearray(content)
        damaged[place] ^= 1 << test.rng.randrange(8)
        done = report_damaged(test, bytes(damaged), *options)
        if done.status == 0:
            harmless += 1
            same = test.read("report.csv").split(b"\n")[1:] == report.split(b"\n")[1:]
            test.checks.that(same, "another report after a flip at", place)
        else:
            test.checks.equal(done.status, 65, "flip at", place, options, done.err)
            test.checks.equal(test.read("report.csv"), OLD, "report after a flip at", place)
    test.checks.that(harmless < 10, harmless, "flips were not noticed")
    test.left("log.jsonl", "damaged.zst", "report.csv")


def test_flipped_bits_in_the_magic_number(test):
    """What is no zstd any more is no log either."""
    content, _ = compressed_log(test, 2000)
    for bit in range(32):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        done = report_damaged(test, bytes(damaged))
        test.checks.that(done.status in (64, 65), "flip of bit", bit, done.status, done.err)
        test.checks.equal(test.read("report.csv"), OLD, "report after a flip of bit", bit)


def test_zstd_with_garbage_behind(test):
    frame = zstd("-c", stdin=RECORD * 10)
    for garbage in (b"\0", b"garbage", RECORD, b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd\x07\xff\xff\xff"):
        test.path("log.zst", frame + garbage)
        done = casepipe("report", "--schema", "case", "--log-format", "json", "log.zst",
                        folder=test.folder)
        test.checks.status(done, 65, "garbage", garbage)
        test.checks.that(reason_of(done) in ("corrupt_input", "truncated_input"), "garbage", garbage,
                         done.err)
        test.checks.equal(done.out, b"", "report with garbage", garbage)


def test_zstd_of_skippable_frames_alone(test):
    frame = b"\x5f\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    for content in (frame, frame + frame, frame[:8].replace(b"\x05", b"\x00")):
        test.path("log.zst", content)
        done = casepipe("report", "--schema", "case", "--to", "csv", "log.zst", folder=test.folder)
        test.checks.status(done, 0, "skippable frames")
        test.checks.that(b"records,read,0," in done.out, done.out)
    test.path("log.zst", frame[:-1])
    test.fails(65, ["log.zst", "inside a frame"], "report", "--schema", "case", "log.zst")


def test_zstd_with_a_large_window(test):
    generate(test.path("log.jsonl"), 1000)
    with open(test.path("log.jsonl"), "rb") as plain:
        content = plain.read()
    # From a pipe, so that the window is not cut down to the size of the content.
    frame = zstd("-c", "--long=28", stdin=content)
    expected = casepipe("report", "--schema", "case", "--to", "csv", "-", stdin=content)
    test.fails(65, ["-: ", "--max-window"], "report", "--schema", "case", "-", stdin=frame)
    test.fails(65, ["--max-window"], "report", "--schema", "case", "--max-window", "255MiB", "-",
               stdin=frame)
    done = casepipe("report", "--schema", "case", "--to", "csv", "--max-window", "256MiB", "-",
                    stdin=frame)
    test.checks.status(done, 0, "--max-window 256MiB")
    test.checks.equal(done.out, expected.out, "report")


def test_rejects_are_kept_when_the_input_is_cut(test):
    frame = zstd("-c", stdin=b"{}\n" + RECORD * 100000)
    test.path("log.zst", frame[:-1])
    test.path("report.txt", OLD)
    done = casepipe("report", "--schema", "case", "log.zst", "--rejects", "rejects.jsonl", "-o",
                    "report.txt", folder=test.folder)
    test.checks.status(done, 65, "cut input")
    rejects = json_lines(test.path("rejects.jsonl"))
    test.checks.equal([(r["line"], r["reason"]) for r in rejects], [(1, "missing_field")], "rejects")
    test.checks.equal(test.read("report.txt"), OLD, "report")


def test_read_error(test):
    """Address 0 of no process can be read."""
    for reader in ("auto", "chunked", "mmap"):
        test.fails(74, ["/proc/self/mem: ", "Input/output error"], "report", "--schema", "case",
                   "--reader", reader, "/proc/self/mem")
    test.left()


def is_mapped(process, name):
    with open(f"/proc/{process.pid}/maps", encoding="utf-8") as maps:
        return name in maps.read()


def shrink_under_a_run(test, name, size, *arguments):
    """(status, standard error) of a run whose input is cut to `size` bytes once it is mapped."""
    end = time.monotonic() + DEADLINE_S
    with test.start(*arguments, "--reader", "mmap", name) as run:
        while not is_mapped(run, name) and run.poll() is None and time.monotonic() < end:
            pass
        run.send_signal(signal.SIGSTOP)
        os.truncate(test.path(name), size)
        run.send_signal(signal.SIGCONT)
        return run.wait(DEADLINE_S), run.stderr.read().decode()


def test_mapped_input_shrinks(test):
    """The zeros in the place of lost bytes are no records, and no damage of the compressed stream."""
    generate(test.path("log.jsonl"), 300000)
    for name, packer in (("log.gz", ["gzip", "-1"]), ("log.zst", ["zstd", "-q", "-1"]), ("log", ["cat"])):
        with open(test.path("log.jsonl"), "rb") as plain, open(test.path(name), "wb") as packed:
            subprocess.run(packer, stdin=plain, stdout=packed, check=True)
        status, said = shrink_under_a_run(test, name, 100001, "report", "--schema", "case",
                                          "--rejects", "rejects.jsonl")
        test.checks.equal(status, 65, name, said)
        test.checks.that("the file shrank while it was read" in said, name, ":", said)
        test.checks.equal(test.read("rejects.jsonl"), b"", "rejects of", name)


# ---- records out of proportion ----

def write_chunks(path, *parts):
    with open(path, "wb") as file:
        for part in parts:
            for chunk in part:
                file.write(chunk)


def check_too_large(test, name, size, *options):
    """The record between two good ones is refused, with its place, in little memory."""
    status, rss = peak_rss(test, "validate", "--schema", "case", "--rejects", "r.jsonl", name, *options)
    test.checks.equal(status, 1, name, options)
    if not has_sanitizer():
        test.checks.that(rss < RSS_LIMIT_BYTES, name, options, "took", rss, "bytes")
    rejects = json_lines(test.path("r.jsonl"))
    places = [(r["record"], r["line"], r["offset"], r["length"], r["reason"]) for r in rejects]
    test.checks.equal(places, [(2, 2, len(RECORD), size, "record_too_large")], name, options)
    test.checks.that(not any("raw" in r or "raw_base64" in r for r in rejects), "raw bytes are kept")
    done = casepipe("report", "--schema", "case", "--to", "csv", "--on-error", "skip", name, *options,
                    folder=test.folder)
    test.checks.that(b"records,read,3," in done.out and b"records,accepted,2," in done.out
                     and b"sensors,1,2,0,2.5,2.5,2.5,0.0," in done.out, name, "neighbours", done.out)


def test_line_of_100_megabytes(test):
    size = 100 * 1000 * 1000
    write_chunks(test.path("log.jsonl"), [RECORD], long_record(size), [RECORD])
    for options in ((), ("--reader", "mmap"), ("--chunk-size", "1MiB")):
        check_too_large(test, "log.jsonl", size, *options)
    with open(test.path("log.jsonl"), "rb") as plain, open(test.path("log.zst"), "wb") as packed:
        subprocess.run(["zstd", "-q", "-1", "-c"], stdin=plain, stdout=packed, check=True)
    check_too_large(test, "log.zst", size)


def test_long_line_of_any_bytes(test):
    """Quotes, brackets, NUL and bytes that are no UTF-8 end nothing; a return before the end does."""
    size = 20 * 1000 * 1000
    for piece in (b'"', b"{[", b"\0", b"\xff", b" ", b"\\"):
        write_chunks(test.path("log.jsonl"), [RECORD], repeated(piece, size - 1), [b"x\r\n"], [RECORD])
        check_too_large(test, "log.jsonl", size)


def test_long_last_line(test):
    size = 20 * 1000 * 1000
    write_chunks(test.path("log.jsonl"), [RECORD], repeated(b"x", size))
    done = casepipe("validate", "--schema", "case", "--rejects", "r.jsonl", "log.jsonl",
                    folder=test.folder)
    test.checks.status(done, 1, "long last line")
    places = [(r["record"], r["line"], r["offset"], r["length"])
              for r in json_lines(test.path("r.jsonl"))]
    test.checks.equal(places, [(2, 2, len(RECORD), size)], "long last line")


def test_max_record_size(test):
    """A record of just that size passes, one byte more does not, below and above a block's MiB."""
    for limit in (1000, 65536, MIB - 1, MIB, MIB + 1, 3 * MIB + 7):
        write_chunks(test.path("log.jsonl"), [RECORD], long_record(limit), [RECORD])
        done = casepipe("validate", "--schema", "case", "--max-record-size", limit, "log.jsonl",
                        folder=test.folder)
        test.checks.status(done, 0, "a record of", limit)
        write_chunks(test.path("log.jsonl"), [RECORD], long_record(limit + 1), [RECORD])
        check_too_large(test, "log.jsonl", limit + 1, "--max-record-size", str(limit))


def test_default_max_record_size(test):
    write_chunks(test.path("log.jsonl"), [RECORD], long_record(16 * MIB), [RECORD])
    done = casepipe("validate", "--schema", "case", "log.jsonl", folder=test.folder)
    test.checks.status(done, 0, "a record of 16 MiB")
    write_chunks(test.path("log.jsonl"), [RECORD], long_record(16 * MIB + 1), [RECORD])
    check_too_large(test, "log.jsonl", 16 * MIB + 1)


def test_nesting_of_100000(test):
    for opened, closed in ((b"[", b"]"), (b'{"a":', b"}")):
        deep = (b'{"id":"deep","status":"DRAFT","x":' + opened * 100000 + b"1" + closed * 100000 + b"}")
        test.path("log.jsonl", RECORD + deep + b"\n" + RECORD)
        done = casepipe("validate", "--schema", "case", "--rejects", "r.jsonl", "log.jsonl",
                        folder=test.folder)
        test.checks.status(done, 1, "deep nesting")
        rejects = [(r["line"], r["length"], r["reason"]) for r in json_lines(test.path("r.jsonl"))]
        test.checks.equal(rejects, [(2, len(deep), "nesting_too_deep")], "deep nesting")


# ---- outputs that cannot be written ----

def check_full_disk(test, disk, *arguments):
    """The write fails, the old file stays, the temporary one goes."""
    target = os.path.join(disk, "out")
    with open(target, "wb") as file:
        file.write(OLD)
    test.fails(74, [target, "cannot write", "No space left on device"], *arguments, target)
    with open(target, "rb") as file:
        test.checks.equal(file.read(), OLD, "the old file")
    test.checks.equal([name for name in os.listdir(disk) if TEMPORARY in name], [], "left on the disk")


def test_full_disk(test):
    with small_disk(test, "64k") as disk:
        if not disk:
            return "no right to mount"
        check_full_disk(test, disk, "gen", "--rows", 10000, "-o")
        check_full_disk(test, disk, "gen", "--rows", 100000, "--compression", "zstd", "-o")
        test.path("bad.jsonl", b"{}\n" * 10000)
        check_full_disk(test, disk, "validate", "--schema", "case", "bad.jsonl", "--rejects")
        test.path("log.jsonl", RECORD)
        os.unlink(os.path.join(disk, "out"))
        with open(os.path.join(disk, "ballast"), "wb", buffering=0) as ballast, \
                contextlib.suppress(OSError):
            while True:
                ballast.write(b"x" * 4096)
        test.fails(74, ["out", "No space left on device"], "report", "--schema", "case", "log.jsonl",
                   "--to", "csv", "-o", os.path.join(disk, "out"))
        test.checks.equal(os.listdir(disk), ["ballast"], "left on the full disk")
    return None


def test_file_size_limit(test):
    test.path("out.jsonl", OLD)
    done = subprocess.run([binary(), "gen", "--rows", "10000", "-o", "out.jsonl"], cwd=test.folder,
                          capture_output=True, check=False, preexec_fn=lambda: resource.setrlimit(
                              resource.RLIMIT_FSIZE, (65536, 65536)))
    test.checks.equal(done.returncode, 74, "ulimit -f", done.stderr)
    test.checks.that(b"out.jsonl: cannot write: File too large" in done.stderr, done.stderr)
    test.checks.equal(test.read("out.jsonl"), OLD, "the old file")
    test.left("out.jsonl")


def test_report_to_a_full_device(test):
    test.path("log.jsonl", RECORD)
    for shape in ("text", "json", "csv"):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([binary(), "report", "--schema", "case", "--to", shape, "log.jsonl"],
                                  cwd=test.folder, stdout=full, stderr=subprocess.PIPE, check=False)
        test.checks.equal(done.returncode, 74, shape, "to a full device")
        test.checks.that(b"standard output: cannot write" in done.stderr, done.stderr)


def test_folder_without_right_to_write(test):
    shut = test.path("shut")
    os.mkdir(shut)
    os.chmod(shut, 0o555)
    test.path("log.jsonl", RECORD)
    os.chmod(test.folder, 0o755)
    options = {"user": NOBODY} if os.geteuid() == 0 else {}
    try:
        done = subprocess.run([binary(), "report", "--schema", "case", "log.jsonl", "-o", "shut/r.txt"],
                              cwd=test.folder, capture_output=True, check=False, **options)
    except PermissionError:
        return "the binary is not for everyone"
    test.checks.equal(done.returncode, 73, "folder without right to write", done.stderr)
    test.checks.that(b"shut/r.txt: cannot create: Permission denied" in done.stderr, done.stderr)
    test.checks.equal(os.listdir(shut), [], "left in the folder")
    return None


def test_file_without_right_to_read(test):
    os.chmod(test.path("log.jsonl", RECORD), 0)
    os.chmod(test.folder, 0o755)
    options = {"user": NOBODY} if os.geteuid() == 0 else {}
    try:
        done = subprocess.run([binary(), "report", "--schema", "case", "log.jsonl"], cwd=test.folder,
                              capture_output=True, check=False, **options)
    except PermissionError:
        return "the binary is not for everyone"
    test.checks.equal(done.returncode, 66, "file without right to read", done.stderr)
    test.checks.that(b"log.jsonl: cannot open: Permission denied" in done.stderr, done.stderr)
    return None


# ---- runs that are ended, runs that meet ----

def start_waiting_run(test):
    """A run that has begun its outputs and waits for more input."""
    test.path("rejects.jsonl", OLD)
    test.path("report.txt", OLD)
    run = test.start("report", "--schema", "case", "-", "--rejects", "rejects.jsonl", "-o",
                     "report.txt")
    run.stdin.write(RECORD * 1000 + b"{}\n")
    run.stdin.flush()
    test.wait_for(f".rejects.jsonl{TEMPORARY}")
    return run


def check_old_outputs(test):
    for name in ("rejects.jsonl", "report.txt"):
        test.checks.equal(test.read(name), OLD, name)


def test_ended_by_signal(test):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        with start_waiting_run(test) as run:
            run.send_signal(number)
            # The status that a shell shows is 128 and the signal's number.
            test.checks.equal(run.wait(DEADLINE_S), -number, "status after", number)
        check_old_outputs(test)
        test.left("rejects.jsonl", "report.txt")


def test_gen_ended_by_signal(test):
    for number in (signal.SIGTERM, signal.SIGINT):
        test.path("out.jsonl", OLD)
        with test.start("gen", "--rows", 2**30, "-o", "out.jsonl", "--planted", "planted.jsonl",
                        "--bad-rate", "0.1") as run:
            test.wait_for(f".out.jsonl{TEMPORARY}", is_growing)
            run.send_signal(number)
            test.checks.equal(run.wait(DEADLINE_S), -number, "status after", number)
        test.checks.equal(test.read("out.jsonl"), OLD, "out.jsonl")
        test.left("out.jsonl")


def test_hangup_under_nohup(test):
    """A signal that is ignored when casepipe starts stays ignored."""
    with test.start("validate", "--schema", "case", "-", "--rejects", "rejects.jsonl",
                    preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as run:
        run.stdin.write(RECORD)
        run.stdin.flush()
        test.wait_for(f".rejects.jsonl{TEMPORARY}")
        run.send_signal(signal.SIGHUP)
        run.stdin.close()
        test.checks.equal(run.wait(DEADLINE_S), 0, "status after a hangup under nohup")
    test.left("rejects.jsonl")


def test_killed_and_run_again(test):
    with start_waiting_run(test) as run:
        run.kill()
        run.wait(DEADLINE_S)
    check_old_outputs(test)
    done = casepipe("report", "--schema", "case", "-", "--rejects", "rejects.jsonl", "-o", "report.txt",
                    stdin=RECORD + b"{}\n", folder=test.folder)
    test.checks.status(done, 1, "the run after a kill")
    test.checks.equal(len(json_lines(test.path("rejects.jsonl"))), 1, "rejects")
    test.checks.that(b"2 read, 1 accepted, 1 rejected" in test.read("report.txt"), "report.txt")
    test.left("rejects.jsonl", "report.txt")


def test_gen_killed_and_run_again(test):
    with test.start("gen", "--rows", 2**30, "-o", "out.jsonl") as run:
        test.wait_for(f".out.jsonl{TEMPORARY}", is_growing)
        run.kill()
        run.wait(DEADLINE_S)
    test.left(f".out.jsonl{TEMPORARY}")
    generate(test.path("out.jsonl"), 10)
    test.checks.equal(test.read("out.jsonl").count(b"\n"), 10, "records")
    test.left("out.jsonl")


def test_two_runs_with_one_output(test):
    with start_waiting_run(test) as first:
        test.fails(75, ["rejects.jsonl: another run is writing this file"], "validate", "--schema",
                   "case", "-", "--rejects", "rejects.jsonl", stdin=RECORD)
        check_old_outputs(test)
        first.stdin.close()
        test.checks.equal(first.wait(DEADLINE_S), 1, "the first run")
    test.checks.equal(len(json_lines(test.path("rejects.jsonl"))), 1, "rejects of the first run")
    test.left("rejects.jsonl", "report.txt")


def test_reader_of_the_output_goes_away(test):
    with subprocess.Popen([binary(), "gen", "--rows", str(2**30)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.read(1000)
        run.stdout.close()
        test.checks.equal(run.wait(DEADLINE_S), -signal.SIGPIPE, "status without a reader")
        test.checks.equal(run.stderr.read(), b"", "standard error without a reader")


if __name__ == "__main__":
    sys.exit(run_faults(globals()))
