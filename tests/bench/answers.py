"""Reports as peers print them, and whether they say the same as casepipe's.

Every peer prints one JSON object:

    {"status": {NAME: COUNT},
     "sensors": [[SENSOR_ID, COUNT, MIN, MAX, MEAN, STDDEV, FIRST, LAST]]}    times as epoch seconds

casepipe's own report (--to json) is turned into the same shape. Counts, extremes and times must be
equal. Mean and deviation may differ in the last digits, because peers add up in other orders.
"""

import json
from datetime import datetime, timezone

TOLERANCE = 1e-9
STATUS_NAMES = ["DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED", "CLOSED"]  # by code
COLUMNS = ["count", "min", "max", "mean", "stddev", "first", "last"]
EXACT = {"count", "min", "max", "first", "last"}
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
    return report["records"]["accepted"], statuses, sensors


def read_peer(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    # Miller has no null: it writes an empty string.
    sensors = {row[0]: [None if cell == "" else cell for cell in row[1:]] for row in report["sensors"]}
    return report["status"], sensors


def same(column, ours, theirs):
    if column in EXACT or ours is None or theirs is None:
        return ours == theirs
    return abs(ours - theirs) <= TOLERANCE * max(1.0, abs(ours))


def same_row(ours, theirs):
    return len(ours) == len(theirs) and all(map(same, COLUMNS, ours, theirs))


def difference(ours, theirs):
    """None, or in words how a peer's answer differs from casepipe's."""
    our_statuses, our_sensors = ours
    their_statuses, their_sensors = theirs
    our_statuses = {name: n for name, n in our_statuses.items() if n}
    keys = our_statuses.keys() | their_statuses.keys()
    statuses = sum(our_statuses.get(key, 0) != their_statuses.get(key, 0) for key in keys)
    keys = our_sensors.keys() | their_sensors.keys()
    sensors = sum(not same_row(our_sensors.get(key, []), their_sensors.get(key, [])) for key in keys)
    if not statuses and not sensors:
        return None
    return f"its answer differs: {statuses} status counts, {sensors} of {len(keys)} sensors"
