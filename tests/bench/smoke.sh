#!/bin/sh
# The test of the benchmark's driver: every section at 2000 records, one run each, with the cheap peers.
#
#     tests/bench/smoke.sh CASEPIPE
#
# Fails where a row is missing, where a program failed, or where an answer differs from casepipe's, and
# where the driver does not notice a wrong answer. What it measures is thrown away.
set -eu
casepipe=$1
bench=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

for tool in measured read_file; do
    "${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -o "$work/$tool" "$bench/$tool.c"
done

drive() { # ARGUMENT...
    python3 "$bench/bench.py" --casepipe "$casepipe" --tools "$work" --modules "$work/none" \
        --data "$work/data" --out "$work/bench.json" --rows 2000 --runs 1 --strict "$@" \
        >"$work/tables" 2>"$work/messages"
}

fail() {
    echo "smoke: $1" >&2
    cat "$work/messages" "$work/tables" >&2
    exit 1
}

drive --peers zstd,gzip,read,python_json,python_struct,python_array,python_start ||
    fail "a row is missing or an answer differs"

python3 - "$work/bench.json" "$work/data" <<'PROGRAM' || fail "not all that was asked for is in bench.json"
import json, sys
document = json.load(open(sys.argv[1]))
seen = {(c["section"], c["profile"], c["cache"], line["name"]): line
        for c in document["contests"] for line in c["lines"]}
wanted = [
    ("zst", "regular", "warm", "casepipe"), ("zst", "regular", "warm", "zstd -dc >/dev/null"),
    ("zst", "messy", "warm", "zstd -dc >/dev/null"), ("zst", "regular", "cold", "zstd -dc >/dev/null"),
    ("jsonl", "regular", "warm", "casepipe, 1 thread"), ("jsonl", "messy", "warm", "casepipe, 2 threads"),
    ("jsonl", "regular", "warm", "Python, json.loads"), ("jsonl", "messy", "warm", "Python, json.loads"),
    ("jsonl", "regular", "cold", "bare read()"),
    ("gz", "regular", "warm", "gzip -dc >/dev/null"), ("gz", "messy", "warm", "casepipe"),
    ("struct", "regular", "warm", "bare read()"), ("struct", "regular", "warm", "Python, struct"),
    ("parquet", "regular", "warm", "casepipe"), ("parquet", "messy", "warm", "casepipe"),
    ("array", "regular", "warm", "casepipe, 1 thread"), ("array", "regular", "warm", "casepipe, all cores"),
    ("array", "regular", "warm", "Python, json.load"),
]
for key in wanted:
    line = seen[key]
    assert line["seconds"] > 0 and line["peak_kib"] > 0 and len(line["samples"]) >= 1, key
    assert not line["missing"] and not line["answer_differs"], key
assert seen[("zst", "regular", "warm", "zstd -dc >/dev/null")]["casepipe_time_ratio"] > 0
for profile in ("regular", "messy"):
    line = seen[("parquet", profile, "warm", "casepipe")]
    assert line["stored_bytes"] > 2000 and "size_ratio" not in line and line["size_met"] is None
array = [seen[("array", "regular", "warm", name)] for name in ("casepipe, 1 thread", "Python, json.load")]
assert (array[0]["speed_target"], array[0]["speed_met"]) == (1500, None) and "speed_target" not in array[1]
for line, rows in zip(array, (4800, 240)):
    text = open(f"{sys.argv[2]}/regular-{rows}.json", encoding="utf-8").read()
    assert line["rows"] == rows and line["plain_bytes"] == len(text) and "\n" not in text, rows
    ids = [case["id"] for case in json.loads(text)]
    assert ids == [f"CASE-{i:08}" for i in range(rows)], rows
assert [g["kind"] for g in document["growth"]] == ["jsonl", "jsonl.zst", "jsonl.gz", "bin"]
for growth in document["growth"]:
    first = 2500 if growth["kind"] == "bin" else 250
    assert [line["rows"] for line in growth["lines"]] == [first, 4 * first, 16 * first], growth["kind"]
assert document["start"][0]["seconds"] > 0
PROGRAM
grep -q '^| casepipe, 1 thread | .* | at least 1,500 MB/s: not judged |$' "$work/tables" ||
    fail "the table does not tell the speed that must be reached"
grep -q '^| convert, JSON array to JSONL, 1 thread, regular | .* | at least 1,500 MB/s: not judged |' \
    "$work/tables" || fail "the summary does not tell the speed that must be reached"

drive --only jsonl --peers ondemand && fail "a peer that is not there went unnoticed"
grep -q 'simdjson On-Demand, by name.*not installed' "$work/tables" || fail "its row does not say so"

drive --only parquet --peers duckdb_v1,duckdb_v2 && fail "DuckDB is not there, which went unnoticed"
for row in 'DuckDB v1 .*not installed' 'DuckDB v2 .*not installed' 'casepipe .* 0\.[0-9]* | .*file at most 0.80: not judged'; do
    [ "$(grep -c "^| $row" "$work/tables")" = 2 ] || fail "not twice in the tables: $row"
done

# A casepipe whose JSONL has the right values in another spelling; a jq that changes one value.
cat >"$work/respelling" <<PROGRAM
#!/bin/sh
if [ "\$1" = convert ]; then "$casepipe" "\$@" | sed 's/\\.0,/,/'; else exec "$casepipe" "\$@"; fi
PROGRAM
mkdir "$work/bin"
cat >"$work/bin/jq" <<PROGRAM
#!/bin/sh
if [ "\$1" = --version ]; then echo jq; else python3 "$bench/peers/array_lines.py" "\$3" | sed '7s/CASE/CAKE/'; fi
PROGRAM
chmod +x "$work/respelling" "$work/bin/jq"
drive --only array --peers python_array --casepipe "$work/respelling" && fail "other bytes went unnoticed"
grep -q '^| casepipe, 1 thread |.*is not what casepipe gen --to jsonl writes' "$work/tables" ||
    fail "casepipe's row does not say that its bytes are others"
PATH=$work/bin:$PATH drive --only array --peers jq_array && fail "a wrong value went unnoticed"
grep -q "^| jq -c '.\[\]'; on 240 records, scaled; .*its output differs: values" "$work/tables" ||
    fail "jq's row does not say that its values are others"

python3 - "$bench" "$work/lines" <<'PROGRAM' || fail "a wrong answer was not noticed"
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from answers import Report, read_lines
from parquet_look import Column, Look
row = [2, 1.0, 2.0, 1.5, 0.5, 0.0, 9.0]
ours = Report({"CLOSED": 2, "DRAFT": 0}, {7: row})
assert ours.difference(Report({"CLOSED": 2}, {7: row})) is None
assert ours.difference(Report({"CLOSED": 2}, {7: [*row[:3], 1.5 + 1e-12, *row[4:]]})) is None
for statuses, sensors in [
    ({"CLOSED": 1}, {7: row}), ({"CLOSED": 2, "X": 1}, {7: row}), ({"CLOSED": 2}, {}),
    ({"CLOSED": 2}, {7: row, 8: row}), ({"CLOSED": 2}, {7: row[:6]}),
    *(({"CLOSED": 2}, {7: [*row[:i], row[i] + 1e-6, *row[i + 1:]]}) for i in range(len(row))),
]:
    assert ours.difference(Report(statuses, sensors)), (statuses, sensors)

def look(rows, whole, **hashes):
    return Look(rows, whole, [Column(name, text, 1, "PLAIN", "ZSTD") for name, text in hashes.items()])
ours = look(2, "5", id="7", title="8")
assert ours.difference(look(2, "5", id="7", title="8")) is None
assert "title" in ours.difference(look(2, "6", id="7", title="9"))
assert "id" in ours.difference(look(2, "6", title="8"))
assert ours.difference(look(2, "6", id="7", title="8")) and ours.difference(look(3, "5", id="7", title="8"))

def lines(text):
    with open(sys.argv[2], "wb") as file:
        file.write(text)
    return read_lines(sys.argv[2])
text = b'{"a":26.0,"b":"x"}\n{"a":1.5,"b":"y"}\n'
ours = lines(text)
assert ours == lines(text) and ours.rows == 2
respelled = lines(text.replace(b"26.0", b"26"))
assert respelled != ours and ours.difference(respelled) is None
for theirs in (text[:19], text[:-1], text + b"\n", text[19:] + text[:19], text.replace(b"1.5", b"1.25"), b""):
    assert ours.difference(lines(theirs)), theirs
PROGRAM
