"""Reports and JSONL as peers print them, and whether they say the same as casepipe's.

As a report every peer prints one JSON object:

    {"status": {NAME: COUNT},
     "sensors": [[SENSOR_ID, COUNT, MIN, MAX, MEAN, STDDEV, FIRST, LAST]]}    times as epoch seconds

casepipe's own report (--to json) is turned into the same shape. Counts, extremes and times must be
equal. Mean and deviation may differ in the last digits, because peers add up in other orders.

Every answer has `rows` (None where the program does not tell them) and difference(theirs): None, or in
words how a peer's answer differs from casepipe's. A third kind of answer is in parquet_look.py.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional

TOLERANCE = 1e-9
STATUS_NAMES = ["DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED", "CLOSED"]  # by code
COLUMNS = ["count", "min", "max", "mean", "stddev", "first", "last"]
EXACT = {"count", "min", "max", "first", "last"}
BLOCK_BYTES = 1 << 20
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def epoch_seconds(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH).total_seconds()


def padded(text):
    """fromisoformat before Python 3.11 takes fractions of 3 or 6 digits alone."""
    whole, dot, fraction = text.rstrip("Z").partition(".")
    return whole + dot + (fraction.ljust(6, "0") if dot else "") + "Z"


def status_name(status):
    return STATUS_NAMES[status] if isinstance(status, int) else status


def read_casepipe(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    sensors = {}
    for row in report["sensors"]:
        times = [epoch_seconds(padded(row[name])) for name in ("first", "last")]
        sensors[row["sensor_id"]] = [row[name] for name in COLUMNS[:5]] + times
    statuses = {status_name(row["status"]): row["count"] for row in report["status"]}
    return Report(statuses, sensors, report["records"]["accepted"])


def read_peer(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    # Miller has no null: it writes an empty string.
    sensors = {row[0]: [None if cell == "" else cell for cell in row[1:]] for row in report["sensors"]}
    return Report(report["status"], sensors)


def same(column, ours, theirs):
    if column in EXACT or ours is None or theirs is None:
        return ours == theirs
    return abs(ours - theirs) <= TOLERANCE * max(1.0, abs(ours))


def same_row(ours, theirs):
    if ours is None or theirs is None or len(ours) != len(theirs):
        return False
    return all(map(same, COLUMNS, ours, theirs))


def count_differing(ours, theirs, same_value):
    return sum(not same_value(ours.get(key), theirs.get(key)) for key in ours.keys() | theirs.keys())


@dataclass
class Report:
    statuses: dict  # by name: count
    sensors: dict   # by id: a row of COLUMNS
    rows: Optional[int] = None

    def difference(self, theirs):
        statuses = count_differing(self.statuses, theirs.statuses, lambda a, b: (a or 0) == (b or 0))
        sensors = count_differing(self.sensors, theirs.sensors, same_row)
        if not statuses and not sensors:
            return None
        total = len(self.sensors.keys() | theirs.sensors.keys())
        return f"its answer differs: {statuses} status counts, {sensors} of {total} sensors"


@dataclass
class Lines:
    """JSONL, in its order: digests of its bytes, and of its bytes with whole numbers spelled alike."""

    rows: int
    digest: str
    values_digest: str

    def difference(self, theirs):
        if (self.rows, self.values_digest) == (theirs.rows, theirs.values_digest):
            return None
        what = "values" if self.rows == theirs.rows else f"{theirs.rows} records for {self.rows}"
        return f"its output differs: {what}"


def read_lines(path):
    """Some programs, jq 1.6 for one, write 26.0 as 26. In case records a comma stands behind each number."""
    rows, digest, values_digest = 0, hashlib.sha256(), hashlib.sha256()
    with open(path, "rb") as file:
        while lines := b"".join(file.readlines(BLOCK_BYTES)):
            rows += lines.count(b"\n")
            digest.update(lines)
            values_digest.update(lines.replace(b".0,", b","))
    return Lines(rows, digest.hexdigest(), values_digest.hexdigest())
