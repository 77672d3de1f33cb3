"""The kind of script that casepipe replaces: status counts and per-sensor statistics of a JSONL file.

    json_lines.py FILE.jsonl
"""

import json
import sys
from collections import Counter

statuses = Counter()
sensors = {}

with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        if not line.strip():
            continue
        case = json.loads(line)
        statuses[case["status"]] += 1
        value, time = case["value"], case["timestamp"]
        stats = sensors.get(case["sensor_id"])
        if stats is None:
            sensors[case["sensor_id"]] = {
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
json.dump({"status": statuses, "sensors": rows}, sys.stdout)
