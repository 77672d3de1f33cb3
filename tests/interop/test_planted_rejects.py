#!/usr/bin/env python3
"""Every bad record that gen plants is found where it was planted, and nothing else is refused.

    gen --planted P  -->  data, P   report --rejects R data  -->  R holds what P holds

Also what a run does with them: budgets, the first error on stderr, outputs that are not touched.
"""
import base64
import collections
import json
import os
import sys
import tempfile

from support import Checks, casepipe, generate, json_lines, zstd

SEEDS = (1, 2026)
# Name of the file, rows, share of bad records, further options of gen.
SETS = (
    ("regular.jsonl", 60000, "0.001", ()),
    ("regular.jsonl.zst", 60000, "0.001", ()),
    ("messy.jsonl", 60000, "0.001", ("--profile", "messy")),
    ("messy.jsonl.zst", 60000, "0.001", ("--profile", "messy")),
    ("records.bin", 400000, "0.001", ()),
    ("records.bin.zst", 400000, "0.001", ()),
    ("dense.jsonl", 8000, "0.02", ()),
    ("dense.jsonl.zst", 8000, "0.02", ("--profile", "messy")),
    ("dense.bin", 20000, "0.02", ()),
    ("dense.json", 8000, "0.02", ()),
    ("half.json", 4000, "0.5", ("--profile", "messy")),
    ("half.jsonl", 4000, "0.5", ("--profile", "messy")),
)
OLD_REPORT = b"the report of yesterday\n"


class DataSet:
    """Generated data, where its bad records are, and how to report on it."""

    def __init__(self, folder, name, rows, rate, options, seed):
        self.path = os.path.join(folder, name)
        planted = os.path.join(folder, "planted")
        generate(self.path, rows, "--bad-rate", rate, "--planted", planted, "--seed", seed,
                 *options)
        self.planted = json_lines(planted)
        self.is_struct = ".bin" in name
        if ".jsonl" not in name:  # elements and struct records have no lines
            self.planted = [{**record, "line": None} for record in self.planted]
        self.read = rows + self.is_struct  # the cut-off record at its end
        self.label = f"{name} (seed {seed}, rate {rate})"
        self.folder = folder
        with open(self.path, "rb") as file:
            stored = file.read()
        self.bytes = zstd("-dc", stdin=stored) if name.endswith(".zst") else stored

    def report(self, *options):
        form = ("--from", "struct") if self.is_struct else ()
        return casepipe("report", "--schema", "case", "--to", "json", *form, *options, self.path)

    def file(self, name):
        return os.path.join(self.folder, name)


def raw_of(record):
    """The raw bytes of a planted or refused record."""
    if "raw_base64" in record:
        return base64.b64decode(record["raw_base64"], validate=True)
    return record["raw"].encode()


def place_of(record):
    keys = ("record", "line", "offset", "length", "field", "reason")
    return {**{key: record[key] for key in keys}, "raw": raw_of(record),
            "is_text": "raw" in record}


def check_rejects(checks, data, path, expected, label):
    """The file at `path` holds exactly the planted records `expected`, in order."""
    found = json_lines(path)
    checks.equal(len(found), len(expected), label, "number of rejects")
    for reject, planted in zip(found, expected):
        if not checks.equal(place_of(reject), place_of(planted), label, "reject"):
            break
    for reject in found:
        start, end = reject["offset"], reject["offset"] + reject["length"]
        checks.equal(data.bytes[start:end], raw_of(reject), label, "bytes at", start)
        checks.equal((reject["source"], reject["member"]), (data.path, None), label, "source")
        checks.that(reject["message"], label, "a reject without a message")


def check_quarantine(checks, data):
    rejects = data.file("rejects")
    result = data.report("--rejects", rejects)
    if not checks.status(result, 1, data.label, "--rejects"):
        return
    report = json.loads(result.out)
    check_rejects(checks, data, rejects, data.planted, data.label)
    books, bad = report["records"], len(data.planted)
    checks.equal(books, {"read": data.read, "accepted": data.read - bad, "rejected": bad,
                         "filtered": 0}, data.label, "books")
    checks.equal(report["inputs"][0]["records"], data.read, data.label, "records of the input")
    reasons = {row["reason"]: row["count"] for row in report["rejects"] if row["count"]}
    checks.equal(reasons, dict(collections.Counter(p["reason"] for p in data.planted)),
                 data.label, "reasons")
    checks.equal(sum(row["count"] for row in report["status"]), books["accepted"],
                 data.label, "sum of the status counts")
    checks.equal(sum(row["count"] + row["nulls"] for row in report["sensors"]), books["accepted"],
                 data.label, "sum of the sensors' counts")
    skipped = data.report("--on-error", "skip")
    checks.equal((skipped.status, skipped.out), (1, result.out), data.label, "--on-error skip")


def check_first_error(checks, data, result, planted, label):
    """stderr names the planted record, and the field where one is at fault."""
    line = "" if planted["line"] is None else f", line {planted['line']}"
    place = f"casepipe: {data.path}: record {planted['record']}{line}, byte {planted['offset']}: "
    if planted["field"]:
        place += f"{planted['field']}: "
    checks.that(result.err.startswith(place), label, "stderr:", result.err, "expected:", place)
    checks.equal(result.err.count("\n"), 1, label, "lines on stderr")
    checks.equal(result.out, b"", label, "stdout")


def check_json_error(checks, data, planted, label):
    result = data.report("--log-format", "json")
    error = json.loads(result.err)
    got = [error.get(key) for key in ("source", "record", "line", "byte", "field", "reason")]
    checks.equal(got, [data.path, planted["record"], planted["line"], planted["offset"],
                       planted["field"], planted["reason"]], label, "error as JSON")


def check_no_budget(checks, data):
    """The first bad record ends the run, and leaves no trace of a report."""
    label = f"{data.label} without a budget"
    result = data.report()
    if not checks.status(result, 65, label):
        return
    check_first_error(checks, data, result, data.planted[0], label)
    check_json_error(checks, data, data.planted[0], label)
    before = sorted(os.listdir(data.folder))
    result = data.report("-o", data.file("report"))
    checks.status(result, 65, label, "-o")
    checks.equal(sorted(os.listdir(data.folder)), before, label, "files in the folder")
    with open(data.file("report"), "wb") as file:
        file.write(OLD_REPORT)
    stamp = os.stat(data.file("report"))
    data.report("-o", data.file("report"))
    with open(data.file("report"), "rb") as file:
        checks.equal(file.read(), OLD_REPORT, label, "the older report")
    now = os.stat(data.file("report"))
    checks.equal((now.st_ino, now.st_mtime_ns), (stamp.st_ino, stamp.st_mtime_ns), label,
                 "the older report's file")
    os.remove(data.file("report"))


def check_max_errors(checks, data):
    """One allowed error too few fails, at the record that is one too many."""
    bad = len(data.planted)
    label = f"{data.label} --max-errors"
    checks.status(data.report("--max-errors", bad), 1, label, "N")
    checks.status(data.report("--max-errors", bad + 1), 1, label, "N + 1")
    for allowed in {0, bad // 2, bad - 1}:
        result = data.report("--max-errors", allowed)
        checks.status(result, 65, label, allowed)
        check_first_error(checks, data, result, data.planted[allowed], f"{label} {allowed}")
    rejects = data.file("rejects")
    result = data.report("--max-errors", bad - 1, "--rejects", rejects)
    checks.status(result, 65, label, "N - 1 with rejects")
    checks.equal(result.out, b"", label, "stdout")
    check_rejects(checks, data, rejects, data.planted, f"{label} N - 1")
    if bad > 2:
        data.report("--max-errors", 1, "--rejects", rejects)
        check_rejects(checks, data, rejects, data.planted[:2], f"{label} 1")


def check_max_ratio(checks, data):
    """The ratio is judged at the end: all rejects are there also where it fails."""
    ratio = len(data.planted) / data.read
    label = f"{data.label} --max-error-ratio"
    for factor, status in ((0.5, 65), (0.9999, 65), (1.0001, 1), (1.5, 1)):
        result = data.report("--max-error-ratio", f"{ratio * factor:.17f}")
        checks.status(result, status, label, factor, "times the true one")
        checks.equal(bool(result.out), status == 1, label, "a report on stdout")
    checks.status(data.report("--max-error-ratio", "0"), 65, label, 0)
    checks.status(data.report("--max-error-ratio", "1"), 1, label, 1)
    rejects = data.file("rejects")
    checks.status(data.report("--max-error-ratio", "0", "--rejects", rejects), 65, label, 0)
    check_rejects(checks, data, rejects, data.planted, label)


def check_exact_ratios(checks, folder):
    """n bad of 100 are allowed by the ratio n/100 as people write it, and not by less."""
    path = os.path.join(folder, "hundred.jsonl")
    good = b'{"id":"a","status":"DRAFT","timestamp":1,"sensor_id":1,"value":1}\n'
    for bad in range(1, 100):
        with open(path, "wb") as file:
            file.write(good * (100 - bad) + b"5\n" * bad)
        for ratio, status in ((f"0.{bad:02}", 1), (f"0.{bad - 1:02}9", 65)):
            result = casepipe("report", "--schema", "case", "--max-error-ratio", ratio, path)
            checks.status(result, status, f"{bad} bad records of 100, --max-error-ratio {ratio}")


def check_two_inputs(checks, folder):
    """Each input counts its own records, lines and bytes; rejects come input by input."""
    first = DataSet(folder, "one.jsonl", 3000, "0.01", (), 5)
    second = DataSet(folder, "two.jsonl.zst", 3000, "0.01", ("--profile", "messy"), 6)
    rejects = os.path.join(folder, "rejects")
    result = casepipe("report", "--schema", "case", "--to", "json", "--rejects", rejects,
                      second.path, first.path)
    checks.status(result, 1, "two inputs")
    found = json_lines(rejects)
    checks.equal([(r["source"], place_of(r)) for r in found],
                 [(data.path, place_of(p)) for data in (second, first) for p in data.planted],
                 "rejects of two inputs")


def main():
    checks = Checks()
    planted = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            for row in SETS:
                data = DataSet(folder, *row, seed)
                planted += len(data.planted)
                checks.that(data.planted, data.label, "nothing was planted")
                check_quarantine(checks, data)
                check_no_budget(checks, data)
                check_max_errors(checks, data)
                check_max_ratio(checks, data)
        check_exact_ratios(checks, folder)
        check_two_inputs(checks, folder)
    return checks.end(f"{planted} planted records in {len(SEEDS) * len(SETS)} data sets, "
                      f"seeds {SEEDS}")


if __name__ == "__main__":
    sys.exit(main())
