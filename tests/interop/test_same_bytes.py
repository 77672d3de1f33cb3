#!/usr/bin/env python3
"""Report, rejects and messages are the same bytes, whichever way the same input comes in.

    content --+-- file ----- mmap | chunked, reads of 1 byte to 5 MiB --+
              +-- .zst ----- levels 1 and 19, many frames --------------+--> report, rejects, stderr
              +-- pipe ----- odd pieces, plain and .zst ----------------+
                             1, 5, 7 threads, or one for each processor

Contents are generated ones with planted bad records, numbers whose sums depend on the cuts, and
lines, line ends and files that end at or near 1 MiB, where blocks are cut.

    test_same_bytes.py [SEED]
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import threading
import typing

from support import Checks, Result, binary, casepipe, generate, json_lines, zstd

MIB = 1 << 20
NAME = "cases"  # in every folder, so that messages can be the same
SKIPPABLE_MAGIC = 0x184D2A50  # RFC 8878, section 3.1.2

GOOD = b'{"id":"a","status":"DRAFT","timestamp":1700000000.5,"sensor_id":3,"value":20.5}'
OTHER = b'{"id":"b","status":"CLOSED","timestamp":1700000001,"sensor_id":900,"value":-1.25}'
BAD = b'{"id":"c","status":"CLOSD","timestamp":1700000002,"sensor_id":4,"value":1}'
HEAD = GOOD + b"\n" + OTHER + b"\n" + BAD + b"\n"
TAIL = OTHER + b"\n" + BAD + b"\n" + GOOD + b"\n"
BOM = b"\xef\xbb\xbf"


class Case(typing.NamedTuple):
    """A content, and what is known about it: the counts, and the lines that are refused."""
    name: str
    content: bytes
    accepted: int
    bad_lines: list | None  # None: not told, a struct record has no line
    options: tuple = ()
    schema: tuple = ("--schema", "case")


# ---- contents ----

def long_line(size, bad=False):
    """A record of exactly `size` bytes."""
    start = b'{"id":"d","status":"ESCALATED","timestamp":1700000003,"sensor_id":5,"value":'
    start += b'true,"title":"' if bad else b'2,"title":"'
    return start + b"x" * (size - len(start) - 2) + b'"}'


def long_line_cases():
    """A line around the size of a block: first, in the middle, last, bad, and too large."""
    for size in range(MIB - 3, MIB + 3):
        line = long_line(size)
        yield Case(f"line of {size} bytes in the middle", HEAD + line + b"\n" + TAIL, 5, [3, 6])
        yield Case(f"line of {size} bytes first", line + b"\n" + TAIL, 3, [3])
        yield Case(f"line of {size} bytes last, without newline", HEAD + line, 3, [3])
    for size in (MIB - 1, MIB, MIB + 1):
        bad = long_line(size, bad=True)
        yield Case(f"bad line of {size} bytes", HEAD + bad + b"\n" + TAIL, 4, [3, 4, 6])
        yield Case(f"line of {size} bytes and CRLF", HEAD + long_line(size) + b"\r\n" + TAIL, 5,
                   [3, 6])
        refused = [4] if size > MIB else []
        yield Case(f"line of {size} bytes, --max-record-size 1MiB",
                   HEAD + long_line(size) + b"\n" + TAIL, 5 - len(refused), [3, *refused, 6],
                   ("--max-record-size", "1MiB"))
    yield Case("line of 3 MiB passed over", HEAD + long_line(3 * MIB) + b"\r\n" + TAIL, 4,
               [3, 4, 6], ("--max-record-size", "1MiB"))
    yield Case("line of 3 MiB", HEAD + long_line(3 * MIB) + b"\n" + TAIL, 5, [3, 6])
    yield Case("two lines of 1 MiB", 2 * (long_line(MIB) + b"\n") + TAIL, 4, [4])


def filled(size, last_newline=True):
    """Good lines, of exactly `size` bytes together, and their number."""
    line = GOOD + b"\n"
    count = size // len(line) - 1
    rest = long_line(size - count * len(line) - (1 if last_newline else 0))
    return line * count + rest + (b"\n" if last_newline else b""), count + 1


def file_size_cases():
    """Files around one and two blocks long, and lines that end at a block's end."""
    for size in (MIB - 64, MIB - 1, MIB, MIB + 1, 2 * MIB):
        for last_newline in (True, False):
            content, count = filled(size, last_newline)
            ending = "with" if last_newline else "without"
            yield Case(f"file of {size} bytes {ending} its last newline", content, count, [])
    for size in range(MIB - 2, MIB + 2):
        content, count = filled(size)
        yield Case(f"newline at byte {size - 1}, then more", content + BAD + b"\n" + GOOD,
                   count + 1, [count + 1])
        content, count = filled(size, last_newline=False)
        yield Case(f"CRLF from byte {size} on", content + b"\r\n" + BAD + b"\r\n" + GOOD,
                   count + 1, [count + 1])


def spelling_cases():
    """Line ends, blank lines, marks and emptiness."""
    def lines(count, end):
        return (GOOD + end + BAD + end) * count

    evens = list(range(2, 20001, 2))
    yield Case("LF, without the last one", lines(10000, b"\n")[:-1], 10000, evens)
    yield Case("CRLF", lines(10000, b"\r\n"), 10000, evens)
    yield Case("CRLF, without the last one", lines(10000, b"\r\n")[:-2], 10000, evens)
    yield Case("CRLF, ending in CR", lines(10000, b"\r\n")[:-1], 10000, evens)
    yield Case("BOM", BOM + lines(10000, b"\n"), 10000, evens)
    yield Case("BOM and CRLF", BOM + lines(10000, b"\r\n"), 10000, evens)
    yield Case("BOM on the second line", GOOD + b"\n" + BOM + GOOD + b"\n", 1, [2])
    yield Case("two BOMs", BOM + BOM + GOOD + b"\n" + GOOD, 1, [1])
    yield Case("blank lines", lines(10000, b"\n \t\n\r\n"), 10000, list(range(4, 60001, 6)))
    yield Case("a block of newlines", GOOD + b"\n" * (2 * MIB) + BAD, 1, [2 * MIB + 1])
    yield Case("a block of spaces", GOOD + b"\n" + b" " * (2 * MIB) + b"\n" + BAD, 1, [3])
    yield Case("a quote that does not end", b'{"id":"' + b"\n" + lines(10000, b"\n"), 10000,
               [1, *range(3, 20002, 2)])
    yield Case("zero bytes", b"\0\n" + lines(10, b"\0\n"), 0, list(range(1, 22)),
               ("--from", "jsonl"))
    yield Case("empty", b"", 0, [])
    yield Case("one newline", b"\n", 0, [], ("--from", "jsonl"))
    yield Case("one record", GOOD, 1, [])


def generated_case(folder, name, rows, rate, *options, schema=("--schema", "case")):
    path, planted = os.path.join(folder, "generated"), os.path.join(folder, "planted")
    generate(path, rows, "--bad-rate", rate, "--planted", planted, "--seed", 11, *options)
    bad = json_lines(planted)
    is_struct = "struct" in options
    with open(path, "rb") as file:
        content = file.read()
    return Case(name, content, rows + is_struct - len(bad),
                None if is_struct else [record["line"] for record in bad],
                ("--from", "struct") if is_struct else (), schema)


def generated_cases(folder):
    """Several blocks and morsels."""
    yield generated_case(folder, "regular", 30000, "0.003")
    yield generated_case(folder, "messy", 26000, "0.003", "--profile", "messy")
    yield generated_case(folder, "struct", 160000, "0.003", "--to", "struct")
    guessed = generated_case(folder, "regular, schema guessed", 20000, "0.003", schema=())
    yield guessed._replace(accepted=None, bad_lines=None)


def hard_sum_cases(rng):
    """Numbers whose sums are not exact: cut into other blocks, other digits would come out."""
    values = []
    for _ in range(20000):
        huge = rng.uniform(1e25, 2e25)
        values += [huge, rng.uniform(1e3, 2e3), -huge]
    line = '{{"id":"e","status":"DRAFT","timestamp":{},"sensor_id":{},"value":{!r}}}\n'.format
    yield Case("hard sums", "".join(line(i, i % 2, v) for i, v in enumerate(values)).encode(),
               len(values), [])
    record = struct.Struct("<dHfB").pack
    yield Case("hard sums, struct", b"".join(record(i, i % 2, v, 0) for i, v in
                                             enumerate(values * 6)), 6 * len(values), None,
               ("--from", "struct"))


# ---- ways in ----

def feed(fd, content, rng):
    """Writes odd pieces. A reader that has seen enough closes its end."""
    at = 0
    with os.fdopen(fd, "wb", buffering=0) as pipe:
        while at < len(content):
            size = rng.choice((1, 2, 3, 7, 63, 64, 4095, 65536, rng.randrange(1, 200000)))
            try:
                at += pipe.write(content[at:at + size])
            except BrokenPipeError:
                return


def run_piped(arguments, content, rng, folder):
    reader, writer = os.pipe()
    feeder = threading.Thread(target=feed, args=(writer, content, rng))
    with os.fdopen(reader, "rb") as pipe:
        with subprocess.Popen([binary(), *arguments, "-"], stdin=pipe, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=folder) as process:
            pipe.close()
            feeder.start()
            out, err = process.communicate()
            feeder.join()
    return Result(process.returncode, out, err.decode(errors="backslashreplace"))


def frames(content, rng):
    """Many frames; skippable and empty ones between them."""
    cuts = sorted(rng.randrange(len(content) + 1) for _ in range(5))
    parts = []
    for start, end in zip([0, *cuts], [*cuts, len(content)]):
        parts.append(zstd(f"-{rng.choice((1, 3, 9))}", stdin=content[start:end]))
        if rng.random() < 0.5:
            junk = rng.randbytes(rng.choice((0, 1, 100, 70000)))
            parts.append(struct.pack("<II", SKIPPABLE_MAGIC + rng.randrange(16), len(junk)) + junk)
    junk = b"between"
    return struct.pack("<II", SKIPPABLE_MAGIC, len(junk)) + junk + b"".join(parts) + zstd("-1")


def chunked(size):
    return ("--reader", "chunked", "--chunk-size", size)


# Which form of the content, and the options; a pipe's odd pieces come in place of a file.
PLAIN_WAYS = [
    ("plain", ("--reader", "mmap")),
    ("plain", ("--reader", "mmap", "--threads", "1")),
    ("plain", ("--reader", "chunked", "--threads", "7")),
    *(("plain", chunked(size)) for size in ("7", "1000", "64KiB", "1MiB", "5MiB")),
    ("plain", ("--reader", "mmap", "--chunk-size", "1")),
    ("plain pipe", ()),
    ("plain pipe", ("--chunk-size", "1000")),
]
ZSTD_WAYS = [
    ("level 1", ()),
    ("level 1", ("--reader", "mmap")),
    ("level 1", chunked("1")),
    ("level 1", chunked("5MiB")),
    ("level 1 pipe", ("--chunk-size", "7")),
    ("frames", ("--reader", "mmap")),
    ("frames", chunked("1000")),
    ("frames pipe", ()),
    ("frames pipe", ("--threads", "5")),
    ("level 1", ("--threads", "1")),
]
# Costly, so every eighth content alone goes these ways: a system call a byte, a compressor's best.
SLOW_WAYS = [
    ("plain", chunked("1")),
    ("level 19", ()),
    ("level 19", chunked("1")),
]
SLOW_ONE_IN = 8


def write_forms(case, slow, folder, rng):
    """The content in its forms: a folder each, with a file of the same name."""
    forms = {
        "plain": case.content,
        "level 1": zstd("-1", stdin=case.content),
        "frames": frames(case.content, rng),
    }
    if slow:
        forms["level 19"] = zstd("-19", stdin=case.content)
    for form, content in forms.items():
        path = os.path.join(folder, form)
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, NAME), "wb") as file:
            file.write(content)
    return forms


class Outcome(typing.NamedTuple):
    """What must be the same; the input is called NAME in all of it."""
    status: int
    report: bytes
    err: str
    rejects: bytes
    read: object


def run_way(case, way, options, budget, forms, folder, rng):
    form, piped = way.removesuffix(" pipe"), way.endswith(" pipe")
    where = os.path.join(folder, form)
    rejects = os.path.join(where, "rejects")
    arguments = ["report", *case.schema, "--to", "json", *case.options, *options]
    if budget:
        arguments += ["--rejects", "rejects"]
    if piped:
        result = run_piped(arguments, forms[form], rng, where)
    else:
        result = casepipe(*arguments, NAME, folder=where)
    refused = b""
    if budget:
        with open(rejects, "rb") as file:
            refused = file.read()
        os.remove(rejects)
    if piped:
        refused = refused.replace(b'{"source":"-",', b'{"source":"%s",' % NAME.encode())
        result = result._replace(err=result.err.replace("casepipe: -: ", f"casepipe: {NAME}: "))
    return outcome_of(result, refused)


def outcome_of(result, refused):
    """The report without its "inputs", which tell path and stored size."""
    if not result.out:
        return Outcome(result.status, b"", result.err, refused, None)
    _, books, rest = result.out.partition(b'\n "records"')
    records = json.loads(result.out)["inputs"][0]["records"]
    return Outcome(result.status, books + rest, result.err, refused, records)


# ---- checks ----

def check_known(checks, case, outcome):
    """What is known of the content stands in the outcome."""
    checks.equal(outcome.status, 1 if outcome.rejects else 0, case.name, "exit status")
    if not checks.that(outcome.report, case.name, "no report:", outcome.err):
        return
    books = json.loads(b"{" + outcome.report)["records"]
    refused = [json.loads(line) for line in outcome.rejects.splitlines()]
    checks.equal(books["rejected"], len(refused), case.name, "rejected")
    checks.equal(outcome.read, books["read"], case.name, "records of the input")
    if case.accepted is not None:
        checks.equal(books["accepted"], case.accepted, case.name, "accepted")
    if case.bad_lines is not None:
        checks.equal([reject["line"] for reject in refused], case.bad_lines, case.name,
                     "refused lines")


def differing(got, expected):
    return [name for name, a, b in zip(Outcome._fields, got, expected) if a != b]


def check_ways(checks, case, ways, budget, forms, folder, rng):
    """All ways give what the first one gave."""
    expected = run_way(case, "plain", (), budget, forms, folder, rng)
    for way, options in ways:
        got = run_way(case, way, options, budget, forms, folder, rng)
        checks.that(got == expected, case.name, ":", way, options, "differs in",
                    differing(got, expected), f"(status {got.status}) {got.err}")
    return expected


def check_case(checks, case, slow, folder, rng):
    forms = write_forms(case, slow, folder, rng)
    ways = PLAIN_WAYS + ZSTD_WAYS
    outcome = check_ways(checks, case, ways + SLOW_WAYS * slow, True, forms, folder, rng)
    check_known(checks, case, outcome)
    strict = check_ways(checks, case, ways[::3], False, forms, folder, rng)
    expected = (65, False) if outcome.rejects else (0, True)
    checks.equal((strict.status, bool(strict.report)), expected, case.name,
                 "without a budget: status, a report")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    rng = random.Random(seed)
    print(f"seed {seed}")
    checks, cases = Checks(), 0
    with tempfile.TemporaryDirectory() as folder:
        for case in (*generated_cases(folder), *hard_sum_cases(rng), *long_line_cases(),
                     *file_size_cases(), *spelling_cases()):
            check_case(checks, case, cases % SLOW_ONE_IN == 1, folder, rng)
            cases += 1
    ways = len(PLAIN_WAYS + ZSTD_WAYS + SLOW_WAYS)
    return checks.end(f"{cases} contents, {ways} ways in, seed {seed}")


if __name__ == "__main__":
    sys.exit(main())
