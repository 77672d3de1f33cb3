"""The report from 15-byte records with NumPy, the whole file at a time.

    numpy_records.py FILE.bin
"""

import json
import sys

import numpy as np

STATUS = ["DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED", "CLOSED"]
RECORD = np.dtype([("timestamp", "<f8"), ("sensor_id", "<u2"), ("value", "<f4"), ("status", "u1")])

data = np.memmap(sys.argv[1], dtype=RECORD, mode="r")
statuses = np.bincount(data["status"], minlength=len(STATUS))

# Sorted by sensor, each sensor's values are one run, which reduceat goes through.
order = np.argsort(data["sensor_id"], kind="stable")
sensor_id = data["sensor_id"][order]
value = data["value"][order].astype(np.float64)
time = data["timestamp"][order]
starts = np.flatnonzero(np.concatenate(([True], sensor_id[1:] != sensor_id[:-1])))
count = np.diff(np.append(starts, len(sensor_id)))
mean = np.add.reduceat(value, starts) / count
squares = np.add.reduceat((value - np.repeat(mean, count)) ** 2, starts)
columns = [
    sensor_id[starts], count, np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts),
    mean, np.sqrt(squares / np.maximum(count - 1, 1)),
    np.minimum.reduceat(time, starts), np.maximum.reduceat(time, starts),
]
rows = [list(row) for row in zip(*(column.tolist() for column in columns))]
for row in rows:
    if row[1] < 2:
        row[5] = None
json.dump(
    {"status": {name: int(n) for name, n in zip(STATUS, statuses) if n}, "sensors": rows}, sys.stdout
)
