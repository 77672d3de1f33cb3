#!/usr/bin/env python3
"""JSON documents against the same records as JSON lines, and against Python's json and jq.

    gen, bad ones put in --+-- jsonl ------------------------------------+
                           +-- array: one line, one a line, pretty, --at +--> report, rejects
                           +-- values one behind the other, as jq prints +
                                 mmap, chunked, pipe, zstd; 1 to 3 threads

    random documents, often damaged --> validate: what Python finds in each element, and what it
                                        says of the document

    test_json_arrays.py [SEED]
"""
import json
import os
import random
import subprocess
import sys
import tempfile

from support import Checks, casepipe, generate, json_lines, zstd

ROWS = 200000
DOCUMENTS = 400
WHAT = ("record", "field", "reason", "message", "raw", "raw_base64")
WAYS = (
    ("--threads", "1"),
    ("--threads", "3", "--reader", "mmap"),
    ("--threads", "2", "--reader", "chunked", "--chunk-size", "1000"),
    ("--threads", "1", "--reader", "chunked", "--chunk-size", "5MiB"),
)


# ---- the same records in other forms ----

# Bad ones whose strings and brackets balance, so that they end in an array as in a line.
BAD = [b'{"id":"a","status":"CLOSD"}', b"5", b'"a, b"', b'[{"id":"a"}]', b"{}", b'{"id" 1}',
       b'{"id":"a","status":"DRAFT"}}', b'{"id":"a","status":"DRAFT",}', b"nul", b'{"id":[1}}',
       b'{"id":"\\ud800","status":"DRAFT"}', b'{"id":"\xff","status":"DRAFT"}']
BAD_ONE_IN = 500


def elements_of(lines, bad):
    with open(lines, "rb") as file:
        elements = [line.strip() for line in file.read().split(b"\n") if line.strip()]
    for i in range(0, len(elements) if bad else 0, BAD_ONE_IN):
        elements[i] = BAD[i // BAD_ONE_IN % len(BAD)]
    return elements


def jq(elements):
    """What jq prints of them; it reads numbers as doubles, and so does the report."""
    return subprocess.run(["jq", "."], input=b"\n".join(elements), stdout=subprocess.PIPE,
                          check=True).stdout


def array_forms(elements):
    """Name, options, content; what is between elements differs, they do not."""
    yield "one line", (), b"[" + b",".join(elements) + b"]"
    yield "one a line", (), b"\xef\xbb\xbf[\n" + b",\n".join(elements) + b"\n]\n"
    yield "leading commas", (), b"[\r\n" + b"\r\n , ".join(elements) + b"\r\n]"
    yield "below a pointer", ("--at", "/data/cases"), (
        b'{"skip": {"cases": [1, "]"]}, "data": {"n": 2, "cases" : [' + b" , ".join(elements) +
        b' ], "z":0}, "y": "}"}\n')


def value_forms(elements):
    """Of good records alone: their own brackets end them."""
    records = [json.loads(element) for element in elements]
    yield "on one line", (), b"".join(elements)
    yield "as lines, but said to be json", ("--from", "json"), b"\n".join(elements)
    yield "as jq prints them", (), jq(elements)
    yield "pretty array", (), json.dumps(records, indent=2).encode()
    yield "array of json.dumps", (), json.dumps(records).encode()


def report(folder, path, *options, stdin=None):
    """Status, the report without its inputs, the rejects."""
    rejects = os.path.join(folder, "rejects")
    result = casepipe("report", "--schema", "case", "--to", "json", "--rejects", rejects, *options,
                      path, stdin=stdin)
    if not result.out:
        return result.status, result.err, []
    return result.status, result.out.partition(b'\n "records"')[2], json_lines(rejects)


def words(rejects):
    return [[reject.get(key) for key in WHAT] for reject in rejects]


def check_places(checks, content, rejects, label):
    """Offset and length lead to the raw bytes; lines are not told."""
    for reject in rejects:
        start, end = reject["offset"], reject["offset"] + reject["length"]
        checks.equal(reject["line"], None, label, "line")
        if "raw" in reject:
            checks.equal(content[start:end], reject["raw"].encode(), label, "bytes at", start)


def check_way(checks, got, expected, label):
    checks.equal((*got[:2], words(got[2])), (*expected[:2], words(expected[2])), label)


def check_form(checks, folder, form, ways, expected, label):
    """However the document comes, it gives what the lines gave."""
    name, options, content = form
    label = f"{label}, {name}"
    path = os.path.join(folder, "cases.json")
    with open(path, "wb") as file:
        file.write(content)
    for way in ways:
        got = report(folder, path, *options, *way)
        check_way(checks, got, expected, f"{label} {way}")
        check_places(checks, content, got[2], label)
    with open(path, "rb") as file:
        piped = report(folder, "-", *options, "--chunk-size", "1000", stdin=file)
    check_way(checks, piped, expected, f"{label}, pipe")
    with open(path, "wb") as file:
        file.write(zstd("-1", stdin=content))
    check_way(checks, report(folder, path, *options), expected, f"{label}, zstd")


def check_forms(checks, folder, profile, bad, forms):
    """The first form goes all ways, the others one each."""
    lines = generate(os.path.join(folder, "cases.jsonl"), ROWS, "--profile", profile, "--seed", "5")
    elements = elements_of(lines, bad)
    checks.equal(len(elements), ROWS, profile, "elements")
    with open(lines, "wb") as file:
        file.write(b"\n".join(elements))
    expected = report(folder, lines)
    refused = (ROWS - 1) // BAD_ONE_IN + 1 if bad else 0
    checks.equal((expected[0], len(expected[2])), (int(bad), refused), profile, "the lines' rejects")
    for i, form in enumerate(forms(elements)):
        ways = WAYS[i % len(WAYS):][:1] if i else WAYS
        check_form(checks, folder, form, ways, expected, f"{profile}, bad: {bad}")


def check_generated(checks, folder):
    """gen's own array, messy as it comes, has the report of gen's lines."""
    options = ("--profile", "messy", "--seed", "5")
    array = generate(os.path.join(folder, "gen.json"), ROWS, *options)
    lines = generate(os.path.join(folder, "gen.jsonl"), ROWS, *options)
    checks.equal(report(folder, array), report(folder, lines), "gen's array")


# ---- random documents against Python ----

def random_text(rng):
    return "".join(rng.choice('ab ,:{}[]"\\\n\t\x01é€😀/0') for _ in range(rng.randrange(9)))


def random_json(rng, depth=0):
    kind = rng.randrange(7 if depth < 4 else 5)
    if kind == 5:
        return [random_json(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 6:
        return {random_text(rng): random_json(rng, depth + 1) for _ in range(rng.randrange(4))}
    return (None, rng.random() < 0.5, rng.randrange(-99, 9999), rng.uniform(-1e9, 1e9),
            random_text(rng))[kind]


def print_json(rng, value):
    indent = rng.choice((None, None, 0, 1, 4, "\t"))
    separators = rng.choice((None, (",", ":"), (" ,\r", " : ")))
    return json.dumps(value, indent=indent, separators=separators, ensure_ascii=rng.random() < 0.5)


def damaged(rng, text):
    """One byte more, less, or another."""
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(('"', "{", "}", "[", "]", ",", "\\", "x", "\n", "")) + text[
        at + rng.randrange(2):]


def wrapped(rng, array):
    """The document that holds the array, the pointer to it, and how to find it in Python."""
    way = rng.randrange(4)
    outer = {"a/b~c": {"é": [[], 0, array]}, "x": random_json(rng)}
    if rng.random() < 0.5:
        outer = dict(reversed(outer.items()))
    return ((array, None), (array, ""), ({"cases": array, "z": random_json(rng)}, "/cases"),
            (outer, "/a~1b~0c/é/2"))[way]


def read_by_casepipe(folder, content, pointer):
    path, rejects = os.path.join(folder, "random.json"), os.path.join(folder, "rejects")
    with open(path, "wb") as file:
        file.write(content)
    schema = os.path.join(folder, "any.yaml")
    with open(schema, "w", encoding="utf-8") as file:
        file.write("name: any\nfields:\n  - {name: never, type: json}\nduplicate_keys: last\n")
    at = ("--at", pointer) if pointer is not None else ("--from", "json")
    result = casepipe("validate", "--schema", schema, "--rejects", rejects, *at, path)
    return result, json_lines(rejects)


def check_good_document(checks, rng, folder, number):
    """Objects are accepted; everything else is refused with its own bytes."""
    array = [random_json(rng) for _ in range(rng.randrange(12))]
    value, pointer = wrapped(rng, array)
    content = print_json(rng, value).encode()
    result, refused = read_by_casepipe(folder, content, pointer)
    label = f"document {number} at {pointer}: {content[:300]!r}"
    others = [(i + 1, item) for i, item in enumerate(array) if not isinstance(item, dict)]
    checks.status(result, 1 if others else 0, label)
    checks.equal([reject["record"] for reject in refused], [i for i, _ in others], label)
    for reject, (_, item) in zip(refused, others):
        raw = content[reject["offset"]:reject["offset"] + reject["length"]]
        checks.equal((reject["reason"], json.loads(raw)), ("not_an_object", item), label)


def check_damaged_document(checks, rng, folder, number):
    """What Python takes has no refusal but of what is no object, or of half a surrogate pair. What
    it refuses is refused here, some record of it or all."""
    array = [{"id": i, "text": random_text(rng)} for i in range(rng.randrange(1, 12))]
    value, pointer = wrapped(rng, array)
    text = damaged(rng, print_json(rng, value))
    result, refused = read_by_casepipe(folder, text.encode(), pointer)
    label = f"damaged {number} at {pointer}: {text[:300]!r}"
    try:
        json.loads(text)
        is_json = True
    except ValueError:
        is_json = False
    if is_json:
        checks.that(result.status != 0 or not refused, label, result.err)
        checks.that(all(r["reason"] in ("not_an_object", "invalid_escape") for r in refused), label, refused)
    else:
        checks.that(result.status in (1, 65), label, "accepted whole:", result.status, refused)
    for reject in refused:
        raw = text.encode()[reject["offset"]:reject["offset"] + reject["length"]]
        checks.equal(raw, reject["raw"].encode(), label, "raw bytes")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    rng = random.Random(seed)
    print(f"seed {seed}")
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        for profile in ("regular", "messy"):
            check_forms(checks, folder, profile, True, array_forms)
            check_forms(checks, folder, profile, False, value_forms)
        check_generated(checks, folder)
        for number in range(DOCUMENTS):
            check_good_document(checks, rng, folder, number)
            check_damaged_document(checks, rng, folder, number)
    return checks.end(f"{ROWS} records in 9 forms, twice; {2 * DOCUMENTS} random documents, "
                      f"seed {seed}")


if __name__ == "__main__":
    sys.exit(main())
