"""The kind of script that casepipe replaces: one JSON array to a line for each of its elements.

    array_lines.py FILE.json >FILE.jsonl
"""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
for case in cases:
    sys.stdout.write(json.dumps(case, ensure_ascii=False, separators=(",", ":")) + "\n")
