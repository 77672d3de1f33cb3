#!/usr/bin/env python3
"""casepipe's verdict on JSON against that of Python's json module, record by record.

    fixtures/{valid,invalid}/json_{values,lines}.jsonl  --+
    mutations of valid records (seed printed)           --+-->  one file  -->  casepipe validate
                                                          |                        | rejects
                                                          +-->  verdict() below  <-+  compare

Python reads strictly here: bytes are UTF-8, no NaN and no Infinity, no lone surrogates, 1024 levels.
On top of that stand the rules of the schema `case`, so that a record is either accepted by both or
refused by both, and refused for its JSON by both or for a rule by both.

    test_json_verdicts.py [SEED]
"""
import decimal
import json
import os
import random
import re
import sys
import tempfile
import threading

from support import Checks, casepipe, generate, json_lines

MUTANTS = 20000
DEPTH_MAX = 1024
# Python's own decoder calls itself for each level.
STACK_BYTES = 256 << 20
RECURSION_MAX = 50000

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLLECTION = [(verdict, os.path.join(ROOT, "fixtures", verdict, name + ".jsonl"))
              for verdict in ("valid", "invalid") for name in ("json_values", "json_lines")]
GOOD_LINE = b'{"id":"first","status":"DRAFT"}'
JSON_REASONS = {"json_syntax", "invalid_utf8", "invalid_escape", "nesting_too_deep"}
KNOWN = {"id", "title", "status", "timestamp", "sensor_id", "value", "unit", "notes"}
SYMBOLS = {"DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED", "CLOSED"}
EXPONENT_MAX = 10**6
NOT_JSON = object()
BLANK = re.compile(rb"[ \t\r]*")
ACCEPTED, NO_JSON, BROKEN_RULE, NO_RECORD = "accepted", "no JSON", "broken rule", "blank"

# What mutations put in: bytes and pieces on which readers of JSON differ.
PIECES = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"-", b"+", b".", b"e", b"E", b"0", b"1",
          b"9", b" ", b"\t", b"\r", b"\x00", b"\x01", b"\x0b", b"\x0c", b"\x1f", b"\x7f", b"\x80",
          b"\xa0", b"\xbf", b"\xc0\x80", b"\xc2", b"\xc3\xa9", b"\xe2\x82\xac", b"\xed\xa0\x80",
          b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"\xf4\x90\x80\x80", b"\xff", b"\\u0000", b"\\u00e9",
          b"\\ud83d", b"\\ude00", b"\\ud83d\\ude00", b"\\u12", b"\\x", b"\\/", b"true", b"false",
          b"null", b"NaN", b"-Infinity", b"1e400", b"1e-400", b"-0", b"00", b"1.", b".5", b"[[", b"]]",
          b"{}", b"[]", b'""', b'"a":1,', b'"id":"b",', b'"status":"CLOSD"', b'"value":1e308,',
          b"18446744073709551616", b"65535", b"65536", b"0.5", b"/*", b"//", b"'"]


class Refused(Exception):
    """Python's json would take it, strict JSON does not."""


# And whole values, in the place of others.
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null')
VALUES = [b"null", b"true", b"false", b"0", b"-0", b"-1", b"1.5", b"1.0", b"65535", b"65536", b"6.5535e4",
          b"65535.5", b"1e400", b"-1e400", b"1e-400", b"1.7976931348623157e308",
          b"1.7976931348623158e308", b"1.7976931348623159e308", b"9223372036854.775807",
          b"9223372036854.7758074", b"9223372036854.7758075", b"-9223372036854.7758085",
          b"-9223372036854.7758086", b'""', b'"DRAFT"', b'"\\u0044RAFT"', b'"draft"', b'"id"', b'"status"',
          b'"val\\u0075e"', b"[]", b"{}", b'{"id":1,"id":2}']


def refuse_constant(name):
    raise Refused(name)


def depth(text):
    """Open brackets at the deepest point, those in strings not counted."""
    level = deepest = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', text, re.DOTALL):
        if token[0] in "[{":
            level += 1
            deepest = max(deepest, level)
        elif token[0] in "]}":
            level -= 1
    return deepest


def has_lone_surrogate(value):
    if isinstance(value, str):
        return any(0xD800 <= ord(c) <= 0xDFFF for c in value)
    if isinstance(value, Pairs):
        return any(has_lone_surrogate(key) or has_lone_surrogate(item) for key, item in value.items)
    if isinstance(value, list):
        return any(has_lone_surrogate(item) for item in value)
    return False


class Pairs:
    """An object with all its members, repeated keys too."""

    def __init__(self, items):
        self.items = items


class Number:
    """A number by its spelling: int() refuses what is longer than 4300 digits."""

    def __init__(self, text):
        self.text = text

    def value(self):
        """Exact, but for exponents beyond a million, which are cut to that: no type reaches there."""
        digits, _, exponent = self.text.lower().partition("e")
        clipped = max(-EXPONENT_MAX, min(EXPONENT_MAX, decimal.Decimal(exponent or 0)))
        return decimal.Decimal(digits).scaleb(int(clipped))


def read(line):
    """The value, or NOT_JSON."""
    try:
        text = line.decode("utf-8")
        if depth(text) > DEPTH_MAX:
            return NOT_JSON
        value = json.loads(text, object_pairs_hook=Pairs, parse_constant=refuse_constant,
                           parse_int=Number, parse_float=Number)
    except (ValueError, Refused):
        return NOT_JSON
    return NOT_JSON if has_lone_surrogate(value) else value


def is_integer(value, low, high):
    if not isinstance(value, Number):
        return False
    number = value.value()
    return number == number.to_integral_value() and low <= number <= high


def is_time(value):
    """Fits int64 in microseconds once rounded, ties to even."""
    if not isinstance(value, Number):
        return False
    micro = value.value() * 1000000
    return -(2**63) - decimal.Decimal("0.5") <= micro < 2**63 - decimal.Decimal("0.5")


def is_float(value):
    """Not beyond the largest double once rounded."""
    return isinstance(value, Number) and abs(value.value()) < 2**1024 - 2**970


RULES = {
    "id": lambda v: isinstance(v, str),
    "title": lambda v: v is None or isinstance(v, str),
    "status": lambda v: isinstance(v, str) and v in SYMBOLS,
    "timestamp": lambda v: v is None or is_time(v),
    "sensor_id": lambda v: v is None or is_integer(v, 0, 65535),
    "value": lambda v: v is None or is_float(v),
    "unit": lambda v: v is None or isinstance(v, str),
    "notes": lambda v: True,
}


def keeps_rules(record):
    if not isinstance(record, Pairs):
        return False
    keys = [key for key, _ in record.items if key in KNOWN]
    if len(keys) != len(set(keys)) or not {"id", "status"} <= set(keys):
        return False
    return all(RULES[key](value) for key, value in record.items if key in KNOWN)


def verdict(line):
    if BLANK.fullmatch(line):
        return NO_RECORD
    value = read(line)
    if value is NOT_JSON:
        return NO_JSON
    return ACCEPTED if keeps_rules(value) else BROKEN_RULE


def mutate(rng, line):
    """One to three small changes; never a newline, which would make two records of one."""
    text = bytearray(line)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(10)
        if kind == 0:
            text[at:at] = rng.choice(PIECES)
        elif kind == 1:
            text[at:at + rng.choice((1, 1, 2, 5))] = rng.choice(PIECES)
        elif kind == 2:
            del text[at:at + rng.choice((1, 1, 1, 2, 4, 16))]
        elif kind == 3 and at < len(text):
            text[at] = rng.randrange(256)
        elif kind == 4:
            end = at + rng.randrange(1, 24)
            text[at:at] = text[at:end]
        elif kind == 5:
            del text[at:]
        elif kind > 5:
            tokens = [token.span() for token in TOKEN.finditer(text)] or [(at, at)]
            start, end = rng.choice(tokens)
            text[start:end] = rng.choice(VALUES)
    return bytes(text).replace(b"\n", b" ")


def lines_of(path):
    with open(path, "rb") as file:
        return file.read().split(b"\n")[:-1]


def verdicts_of_casepipe(folder, lines):
    """One verdict a line, from the rejects."""
    path, rejects = os.path.join(folder, "lines.jsonl"), os.path.join(folder, "rejects.jsonl")
    with open(path, "wb") as file:
        file.write(b"".join(line + b"\n" for line in lines))
    done = casepipe("validate", "--schema", "case", "--from", "jsonl", "--rejects", rejects, path)
    if done.status not in (0, 1):
        sys.exit(f"casepipe validate: status {done.status}: {done.err}")
    result = [NO_RECORD if BLANK.fullmatch(line) else ACCEPTED for line in lines]
    for reject in json_lines(rejects):
        result[reject["line"] - 1] = NO_JSON if reject["reason"] in JSON_REASONS else BROKEN_RULE
    return result


def compare(checks, folder, lines, what):
    for line, got in zip(lines, verdicts_of_casepipe(folder, lines), strict=True):
        checks.equal(got, verdict(line), what, line)


def check_collection(checks, folder):
    """casepipe, Python and the folder that a fixture lies in agree."""
    for expected, path in COLLECTION:
        lines = lines_of(path)
        compare(checks, folder, [GOOD_LINE, *lines], os.path.basename(path))
        for line in lines:
            passes = verdict(line) in (ACCEPTED, NO_RECORD)
            checks.equal("valid" if passes else "invalid", expected, "Python on", path, line)


def check_mutants(checks, folder, rng):
    origins = lines_of(generate(os.path.join(folder, "regular.jsonl"), 500, "--seed", 1))
    origins += lines_of(generate(os.path.join(folder, "messy.jsonl"), 1500, "--seed", 2,
                                 "--profile", "messy"))
    origins += [line for line in lines_of(COLLECTION[0][1]) if len(line) < 400]
    mutants = [mutate(rng, rng.choice(origins)) for _ in range(MUTANTS)]
    compare(checks, folder, [GOOD_LINE, *mutants], "mutant")
    seen = {kind: sum(verdict(line) == kind for line in mutants)
            for kind in (ACCEPTED, NO_JSON, BROKEN_RULE)}
    for kind, count in seen.items():
        checks.that(count > MUTANTS // 20, "too few mutants are", kind, count)
    return seen


def run(seed):
    checks = Checks()
    # Numbers here are exact: room for all digits of a record.
    decimal.setcontext(decimal.Context(prec=20000, Emax=10 * EXPONENT_MAX, Emin=-10 * EXPONENT_MAX))
    with tempfile.TemporaryDirectory() as folder:
        check_collection(checks, folder)
        seen = check_mutants(checks, folder, random.Random(seed))
    counts = ", ".join(f"{count} {kind}" for kind, count in seen.items())
    return checks.end(f"seed {seed}, mutants: {counts}")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}", flush=True)
    status = []
    sys.setrecursionlimit(RECURSION_MAX)
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=lambda: status.append(run(seed)))
    thread.start()
    thread.join()
    return status[0] if status else 1


if __name__ == "__main__":
    sys.exit(main())
