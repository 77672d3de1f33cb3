"""The other script that casepipe replaces: the same report from 15-byte records.

    struct_records.py FILE.bin
"""

import json
import mmap
import struct
import sys

STATUS = ["DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED", "CLOSED"]
record = struct.Struct("<dHfB")

statuses = {}
sensors = {}

with open(sys.argv[1], "rb") as file:
    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    for offset in range(0, len(data), record.size):
        time, sensor_id, value, status = record.unpack_from(data, offset)
        statuses[status] = statuses.get(status, 0) + 1
        stats = sensors.get(sensor_id)
        if stats is None:
            sensors[sensor_id] = {
                "count": 1, "sum": value, "squares": value * value,
                "min": value, "max": value, "first": time, "last": time,
            }
            continue
        stats["count"] += 1
        stats["sum"] += value
        stats["squares"] += value * value
        stats["min"] = min(stats["min"], value)
        stats["max"] = max(stats["max"], value)
        stats["first"] = min(stats["first"], time)
        stats["last"] = max(stats["last"], time)

rows = []
for sensor_id in sorted(sensors):
    s = sensors[sensor_id]
    n, mean = s["count"], s["sum"] / s["count"]
    deviation = ((s["squares"] - s["sum"] * mean) / (n - 1)) ** 0.5 if n > 1 else None
    rows.append([sensor_id, n, s["min"], s["max"], mean, deviation, s["first"], s["last"]])
json.dump({"status": {STATUS[code]: n for code, n in statuses.items()}, "sensors": rows}, sys.stdout)
