#!/usr/bin/env python3
"""CSV against Python's csv module, and against the same records as JSONL.

    rows of random text --csv.writer--> file --casepipe--> JSONL      the same texts
    bytes that are no CSV               file --csv.reader--> rows     the same records, good and bad
    cases.jsonl --convert--> .csv --convert--> .jsonl                 the same bytes
    cases.jsonl, cases.csv  --report-->                               the same report

    test_csv.py [SEED]
"""
import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading

from support import Checks, binary, casepipe, generate, json_lines

MIB = 1 << 20
DELIMITERS = {",": (), ";": ("--delimiter", ";"), "\t": ("--delimiter", "tab"),
              "|": ("--delimiter=|",)}
ALPHABET = ['"', '""', ",", ";", "\t", "|", "\n", "\r\n", " ", "a", "bc", "", "ü", "€", "😀", "x" * 70]


def schema_file(folder, names, rules=""):
    path = os.path.join(folder, "schema.yaml")
    fields = "".join(f"  - {{name: {name}, type: string}}\n" for name in names)
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"name: texts\nfields:\n{fields}{rules}")
    return path


def write(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(content)
    return path


def to_jsonl(path, schema, *options):
    return casepipe("convert", "--from", "csv", "--schema", schema, path, "--to", "jsonl", "-o", "-",
                    *options)


# ---- well-formed files ----

def random_text(rng):
    return "".join(rng.choice(ALPHABET) for _ in range(rng.choice((0, 1, 1, 2, 3, 8, 40))))


def spell(value, rng, delimiter):
    """A field: null is nothing, an empty text two quotes, quotes where they must be or at times."""
    if value is None:
        return ""
    must = value == "" or any(c in value for c in ('"', delimiter, "\n", "\r"))
    return '"' + value.replace('"', '""') + '"' if must or rng.random() < 0.2 else value


def spelled_file(rng, columns, rows):
    delimiter, newline = rng.choice(list(DELIMITERS)), rng.choice(("\n", "\r\n"))
    table = [[None if rng.random() < 0.15 else random_text(rng) for _ in range(columns)]
             for _ in range(rows)]
    lines = [delimiter.join(f"c{i}" for i in range(columns))]
    lines += [delimiter.join(spell(value, rng, delimiter) for value in row) for row in table]
    text = newline.join(lines) + (newline if columns == 1 or rng.random() < 0.7 else "")
    mark = "\ufeff" if rng.random() < 0.3 else ""
    return (mark + text).encode(), delimiter, table


def check_spelled(checks, rng, folder):
    """Nulls, empty texts, quotes, delimiters and line ends within: value for value."""
    for _ in range(120):
        columns, rows = rng.choice((1, 2, 3, 7, 60)), rng.choice((0, 1, 5, 300))
        content, delimiter, table = spelled_file(rng, columns, rows)
        names = [f"c{i}" for i in range(columns)]
        schema, path = schema_file(folder, names), write(folder, "t.csv", content)
        done = to_jsonl(path, schema, *DELIMITERS[delimiter])
        checks.status(done, 0, "spelled", columns, rows, delimiter)
        got = [list(json.loads(line).values()) for line in done.out.splitlines()]
        checks.equal(got, table, "spelled", columns, rows, delimiter)
        # Python tells no null from an empty text; all else is as it has it.
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        theirs = [row or [""] for row in csv.reader(text, delimiter=delimiter, strict=True)][1:]
        checks.equal([[value or "" for value in row] for row in got], theirs, "csv.reader")


def check_writer(checks, rng, folder):
    """What csv.writer makes in each of its styles."""
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC):
        for delimiter, options in DELIMITERS.items():
            table = [[random_text(rng) for _ in range(4)] for _ in range(400)]
            out = io.StringIO(newline="")
            writer = csv.writer(out, delimiter=delimiter, quoting=quoting,
                                lineterminator=rng.choice(("\n", "\r\n")))
            writer.writerows([["c0", "c1", "c2", "c3"], *table])
            path = write(folder, "w.csv", out.getvalue().encode())
            done = to_jsonl(path, schema_file(folder, ["c0", "c1", "c2", "c3"]), *options)
            got = [[value or "" for value in json.loads(line).values()]
                   for line in done.out.splitlines()]
            checks.status(done, 0, "csv.writer", quoting, delimiter)
            checks.equal(got, table, "csv.writer", quoting, delimiter)


def check_columns(checks, folder):
    """Columns by name, in any order; those that nobody asked for; no header at all."""
    schema = schema_file(folder, ["a", "b"])
    path = write(folder, "o.csv", b"b,x,a\n1,2,3\n4,5,6\n")
    lines = b'{"a":"3","b":"1"}\n{"a":"6","b":"4"}\n'
    checks.equal(to_jsonl(path, schema).out, lines, "order of columns")
    bare = write(folder, "n.csv", b"1,2,3\n4,5,6\n")
    checks.equal(to_jsonl(bare, schema, "--fields", "b,x,a").out, lines, "--fields")
    both = casepipe("convert", "--from", "csv", "--schema", schema, path,
                    write(folder, "p.csv", b"a,b\n7,8\n"), "--to", "jsonl", "-o", "-")
    checks.equal(both.out, lines + b'{"a":"7","b":"8"}\n', "two inputs, two headers")


# ---- files that are no CSV ----

def judge_record(fields_text, count):
    """Whether a record is plain CSV with `count` fields, told by a regular expression alone."""
    field = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
    return re.fullmatch(rf"{field}(?:,{field}){{{count - 1}}}", fields_text) is not None


def split_records(text):
    """(record, its line end) by RFC 4180 and README: a quote opens where a field begins only."""
    records, start, state = [], 0, "start"
    for i, c in enumerate(text):
        if state == "inside":
            state = "closed" if c == '"' else "inside"
        elif c == "\n":
            end = i - 1 if text[start:i].endswith("\r") else i
            records.append((text[start:end], text[end:i + 1]))
            start, state = i + 1, "start"
        elif c == ",":
            state = "start"
        else:
            state = "inside" if c == '"' and state in ("start", "closed") else "plain"
    rest = text[start:]
    end = len(rest) - (rest.endswith("\r") and state != "inside")
    return records + ([(rest[:end], rest[end:])] if rest else [])


def check_damaged(checks, rng, folder):
    """Random bytes of the kind that hurts: every record good or refused, in order, with its place."""
    schema = schema_file(folder, ["a", "b"])
    for _ in range(150):
        body = "".join(rng.choice(('"', '""', ",", ",", "\n", "\n", "\r\n", "\r", "x", "yy", " ", "é"))
                       for _ in range(rng.choice((5, 50, 3000))))
        content = "a,b\n" + body
        path, rejects = write(folder, "d.csv", content.encode()), os.path.join(folder, "r.jsonl")
        done = to_jsonl(path, schema, "--rejects", rejects)
        good, bad, offset, line, number = [], [], 4, 2, 0
        for record, end in split_records(body):
            if record:
                number += 1
                if judge_record(record, 2):
                    good.append(next(csv.reader(io.StringIO(record, newline=""), strict=True)))
                else:
                    bad.append((number, line, offset, record))
            offset, line = offset + len((record + end).encode()), line + (record + end).count("\n")
        got = [[value or "" for value in json.loads(text).values()]
               for text in done.out.splitlines()]
        checks.that(done.status == (1 if bad else 0), "damaged: status", done.status, done.err)
        checks.equal(got, good, "damaged: rows of", content)
        checks.equal([(r["record"], r["line"], r["offset"], r["raw"]) for r in json_lines(rejects)],
                     bad, "damaged: rejects of", content)


def check_resynchronised(checks, folder):
    """A quote that is never closed costs --max-record-size and the line it ends in, no more."""
    schema = schema_file(folder, ["a", "b"])
    line = b"aaaa,bbbb\n"
    for before, behind in ((0, 1000), (10, 200000), (200000, 300000)):
        content = b"a,b\n" + line * before + b'"open,x\n' + line * behind
        rejects = os.path.join(folder, "r.jsonl")
        for size in (100, 65536, MIB, MIB + 7):
            done = to_jsonl(write(folder, "q.csv", content), schema, "--rejects", rejects,
                            "--max-record-size", size)
            lost = min(behind, -(-(size + 1 - 8) // len(line)))
            reject = json_lines(rejects)
            ends = lost == behind and size >= 8 + behind * len(line) - 1
            checks.equal([r["reason"] for r in reject],
                         ["truncated_record" if ends else "record_too_large"], before, behind, size)
            checks.equal(reject[0]["length"], 8 + lost * len(line) - (0 if ends else 1), before,
                         behind, size)
            checks.equal(done.out.count(b"\n"), before + behind - lost, before, behind, size)


# ---- the same records ----

def check_round_trip(checks, folder):
    for profile in ("regular", "messy"):
        source = generate(os.path.join(folder, "c.jsonl"), 20000, "--profile", profile)
        first, second = os.path.join(folder, "c.csv"), os.path.join(folder, "back.jsonl")
        direct = os.path.join(folder, "direct.jsonl")
        for given, to in ((source, direct), (source, first), (first, second)):
            done = casepipe("convert", "--schema", "case", given, "-o", to)
            checks.status(done, 0, profile, given, to)
        with open(direct, "rb") as one, open(second, "rb") as two:
            checks.that(one.read() == two.read(), "round trip differs", profile)


def report(*arguments, stdin=None):
    done = casepipe("report", "--schema", "case", "--to", "json", *arguments, stdin=stdin)
    if done.status:
        return done.err
    tree = json.loads(done.out)
    del tree["inputs"]
    return tree


def pipe_report(content, pieces, *options):
    """The report of bytes that come through a pipe, piece by piece."""
    read_end, write_end = os.pipe()

    def feed():
        with os.fdopen(write_end, "wb", 0) as out:
            at = 0
            while at < len(content):
                size = pieces.choice((1, 100, 65536, MIB + 1))
                out.write(content[at:at + size])
                at += size

    thread = threading.Thread(target=feed)
    thread.start()
    with os.fdopen(read_end, "rb") as stdin:
        tree = report("-", *options, stdin=stdin)
    thread.join()
    return tree


def check_reports(checks, rng, folder):
    """One report, whichever way the records come."""
    source = generate(os.path.join(folder, "big.jsonl"), 200000)
    path = os.path.join(folder, "big.csv")
    checks.status(casepipe("convert", "--schema", "case", source, "-o", path), 0, "convert")
    expected = report(source)
    checks.equal(expected["records"]["accepted"], 200000, "accepted")
    for options in ((), ("--threads", 1), ("--threads", 5), ("--reader", "mmap"),
                    ("--reader", "chunked", "--chunk-size", 4099), ("--from", "csv")):
        checks.equal(report(path, *options), expected, "report", options)
    for command, extension in (("zstd", ".zst"), ("gzip", ".gz")):
        packed = path + extension
        with open(packed, "wb") as out:
            subprocess.run([command, "-qc", path], stdout=out, check=True)
        checks.equal(report(packed), expected, "report", command)
    with open(path, "rb") as file:
        content = file.read()
    checks.equal(pipe_report(content, rng), expected, "pipe")
    checks.equal(pipe_report(content, rng, "--threads", 3), expected, "pipe, threads")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}, {binary()}")
    rng, checks = random.Random(seed), Checks()
    csv.field_size_limit(1 << 30)
    with tempfile.TemporaryDirectory() as folder:
        check_spelled(checks, rng, folder)
        check_writer(checks, rng, folder)
        check_columns(checks, folder)
        check_damaged(checks, rng, folder)
        check_resynchronised(checks, folder)
        check_round_trip(checks, folder)
        check_reports(checks, rng, folder)
    return checks.end("csv")


if __name__ == "__main__":
    sys.exit(main())
