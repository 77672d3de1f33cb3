#!/usr/bin/env python3
"""casepipe convert changes no value: random schemas and records, through every format and back.

    records --json.dumps, odd spellings--> in.jsonl --convert--> a.jsonl   read by Python's json
                                                      a.json    one array, read by Python's json
                                                      a.csv     read by Python's csv
                                                      a.parquet read by DuckDB
                                                      a.bin     read by Python's struct
                                           a.bin    --convert--> b.jsonl   the same values again

    test_convert_round_trips.py [--seed N] [--rounds N]
"""
import argparse
import csv
import datetime
import io
import json
import math
import os
import random
import re
import struct
import sys
import tempfile
import typing

from parquet_reader import Reader
from support import Checks, casepipe

ROWS = 150
DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
ENCODINGS = {"epoch_s": 0, "epoch_ms": 3, "epoch_us": 6, "epoch_ns": 9}
INTEGERS = {f"{sign}int{bits}": ((0, 2**bits - 1) if sign else (-(2**(bits - 1)), 2**(bits - 1) - 1))
            for bits in (8, 16, 32, 64) for sign in ("", "u")}
CODES = {"int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H",
         "uint32": "I", "uint64": "Q", "float32": "f", "float64": "d", "bool": "?"}
SYMBOLS = ["DRAFT", "a b", "", "é,\"x\"", "CLOSED", "0"]
YEAR_1, YEAR_9999 = -62135596800, 253402300799


class Field(typing.NamedTuple):
    name: str
    type: str        # "timestamp" without its unit
    unit: str = ""   # of a timestamp
    encoding: str = ""
    null_if: object = None
    path: tuple = ()  # keys; () is the name

    def keys(self):
        return self.path or (self.name,)

    def yaml(self, required):
        type_name = f'"timestamp[{self.unit}]"' if self.unit else self.type
        parts = [f"name: {json.dumps(self.name)}", f"type: {type_name}"]
        if self.encoding:
            parts.append(f"encoding: {self.encoding}")
        if self.type == "enum":
            parts.append("symbols: [" + ", ".join(json.dumps(s) for s in SYMBOLS) + "]")
        if self.path:
            parts.append("path: " + json.dumps(".".join(self.path)))
        if self.null_if is not None:
            parts.append(f"null_if: [{json.dumps(self.null_if)}]")
        elif required:
            parts.append("required: true")
        return "  - {" + ", ".join(parts) + "}\n"


# ---- values: int (times in the unit), float, bool, str (enums, JSON text, too), None ----

TEXTS = ["", " ", "a", "x" * 16, "x" * 17, 'quote " comma , line \n end', "\r\n", "\t", "\\", "/",
         "\0", "é", "\u2028", "\U0001f600", "null", "true", "1e5", "'", "\x7f", "\x1f", "a\0b"]
JSON_TEXTS = ["{}", "[]", "0", "-0.0", "1e400", '"\\u00e9"', '{"a":[1,{"b":null}],"a":2}', "true",
              "12345678901234567890123", '["x, y","\\"z\\""]']


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def random_float(rng, is_single):
    special = [0.0, -0.0, 1.5, -273.15, 0.1, 1e10, 123456789.0]
    special += [1e-45, 3.4028234e38] if is_single else [5e-324, 1.7976931348623157e308, 1e22, 1e17]
    value = rng.choice(special)
    if rng.random() < 0.6:
        value = rng.uniform(-1, 1) * 10.0 ** rng.randrange(-30, 30)
    return single(value) if is_single else value


def random_time(rng, unit):
    scale = 10**DIGITS[unit]
    low, high = (-2**62, 2**62) if unit == "ns" else (YEAR_1 * scale, (YEAR_9999 + 1) * scale - 1)
    return rng.choice([0, 1, -1, 1700000000 * scale + scale // 4, low, high, rng.randrange(low, high)])


def random_value(rng, field):
    if field.type in INTEGERS:
        low, high = INTEGERS[field.type]
        return rng.choice([low, high, 0 if low else 1, rng.randrange(low, high + 1)])
    if field.type in ("float32", "float64"):
        return random_float(rng, field.type == "float32")
    if field.type == "bool":
        return rng.random() < 0.5
    if field.type == "enum":
        return rng.choice(SYMBOLS)
    if field.type == "timestamp":
        return random_time(rng, field.unit)
    return rng.choice(TEXTS if field.type == "string" else JSON_TEXTS)


def epoch_text(value, field):
    """The exact decimal number of an epoch time."""
    shift = DIGITS[field.unit] - ENCODINGS[field.encoding]
    if shift <= 0:
        return str(value * 10**-shift)
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(shift + 1, "0")
    return sign + digits[:-shift] + "." + digits[-shift:]


def rfc3339(value, unit):
    seconds, part = divmod(value, 10**DIGITS[unit])
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).isoformat()
    fraction = f".{part:0{DIGITS[unit]}d}".rstrip("0").rstrip(".") if DIGITS[unit] else ""
    return text + fraction + "Z"


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"]+')


def loose(rng, text):
    """JSON with white space between its tokens, now and then."""
    if rng.random() < 0.5:
        return text
    return "".join(token + rng.choice(["", " ", "\t "]) for token in TOKEN.findall(text))


def json_text(rng, field, value):
    """One of the spellings of a value in JSON."""
    if value is None:
        return "null"
    if field.type == "json":
        return loose(rng, value)
    if field.type == "timestamp":
        return (json.dumps(rfc3339(value, field.unit)) if field.encoding == "rfc3339"
                else epoch_text(value, field))
    if isinstance(value, float):
        return rng.choice([repr(value), f"{value:.17e}", repr(value).upper()])
    return json.dumps(value, ensure_ascii=rng.random() < 0.5)


# ---- what formats hold, read by others ----

class Number(typing.NamedTuple):
    text: str


def parse(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def bits(value):
    return struct.pack("<d", value)


def same_in_json(field, value, found):
    """`found` comes from `parse`; JSON fields are compared as text elsewhere."""
    if value is None or isinstance(value, (bool, str)):
        return found is value or found == value
    if field.type == "timestamp" and field.encoding == "rfc3339":
        return found == rfc3339(value, field.unit)
    if not isinstance(found, Number):
        return False
    if field.type == "timestamp":
        plain = epoch_text(value, field)
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return found.text == ("0" if plain in ("-0", "0") else plain)
    if isinstance(value, float):
        return bits(float(found.text)) == bits(value) if field.type == "float64" \
            else bits(single(float(found.text))) == bits(value)
    return found.text == str(value)


def csv_text(field, value):
    """None where any spelling of the number will do."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.type == "timestamp" and field.encoding == "rfc3339":
        return rfc3339(value, field.unit)
    if isinstance(value, float) or field.type == "timestamp":
        return None
    return str(value)


def parquet_cell(field, value):
    """As parquet_read.mjs tells it; times as DuckDB has them."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.type == "float64":
        return f"{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}"
    if field.type == "float32":
        return f"{struct.unpack('<I', struct.pack('<f', value))[0]:08x}"
    if field.type == "timestamp":
        if field.unit == "ns":
            return str(abs(value) // 1000 * (-1 if value <= -1000 else 1))
        return str(value * 10**(6 - DIGITS[field.unit]))
    return str(value)


def nested(pairs):
    """Objects by key, each at the place of its first key; `pairs`: (keys, value)."""
    tree = {}
    for keys, value in pairs:
        node = tree
        for key in keys[:-1]:
            node = node.setdefault(key, {})
        node[keys[-1]] = value
    return tree


def print_object(tree, gap):
    """JSON of what `nested` made of texts."""
    return "{" + f",{gap}".join(
        f"{json.dumps(key)}:{gap}{print_object(inner, gap) if isinstance(inner, dict) else inner}"
        for key, inner in tree.items()) + "}"


def at(record, keys):
    """The value at the end of the way, or None."""
    for key in keys:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def key_order(record, ways):
    """All ways into the record's objects, those that lie below one of `ways` aside."""
    found, known = [], set(ways)

    def visit(node, before):
        for key, inner in node.items():
            way = before + (key,)
            if way in known or not isinstance(inner, dict):
                found.append(way)
            else:
                visit(inner, way)

    visit(record, ())
    return found


def leaves(node, before=()):
    """The ways to what is no object in what `nested` made, in order."""
    for key, inner in node.items():
        if isinstance(inner, dict):
            yield from leaves(inner, before + (key,))
        else:
            yield before + (key,), inner


class Case:
    """One schema, its records, and the files made of them."""

    def __init__(self, rng, checks, folder, fields, rows, layout=None):
        self.rng, self.checks, self.folder = rng, checks, folder
        self.fields, self.rows, self.layout = fields, rows, layout
        self.schema = self.path("schema.yaml")
        with open(self.schema, "w", encoding="utf-8") as file:
            file.write("fields:\n" + "".join(f.yaml(layout is not None) for f in fields))
            if layout:
                names = ", ".join(json.dumps(f.name) for f in fields)
                file.write(f"layout: {json.dumps(layout)}\nlayout_fields: [{names}]\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def convert(self, source, target, *options):
        done = casepipe("convert", "--schema", self.schema, self.path(source), "-o",
                        self.path(target), *options)
        return self.checks.status(done, 0, "convert", source, target, self.describe())

    def describe(self):
        with open(self.schema, encoding="utf-8") as file:
            return file.read()

    def write_input(self, name):
        with open(self.path(name), "w", encoding="utf-8", newline="\n") as file:
            for row in self.rows:
                members = [(f, v) for f, v in zip(self.fields, row)
                           if v is not None or self.rng.random() < 0.5]
                self.rng.shuffle(members)
                gap = self.rng.choice(["", " "])
                tree = nested((f.keys(), json_text(self.rng, f, v)) for f, v in members)
                file.write(print_object(tree, gap) + "\n")

    def check_objects(self, what, texts):
        """texts: the records' own, in order."""
        self.checks.equal(len(texts), len(self.rows), what, "records")
        order = list(leaves(nested((f.keys(), f) for f in self.fields)))
        for text, row in zip(texts, self.rows):
            record = parse(text)
            values = dict(zip(self.fields, row))
            self.checks.equal(key_order(record, [keys for keys, _ in order]),
                              [keys for keys, _ in order], what, "keys", text)
            for keys, field in order:
                value, found = values[field], at(record, keys)
                if field.type == "json" and value is not None:
                    start = json.dumps(keys[-1], ensure_ascii=False) + ":" + value
                    self.checks.that(start in text, what, field, value, text)
                else:
                    self.checks.that(same_in_json(field, value, found), what, field, value, found)

    def check_jsonl(self, name):
        with open(self.path(name), encoding="utf-8", newline="\n") as file:
            self.check_objects(name, file.read().split("\n")[:-1])

    def check_json(self, name):
        with open(self.path(name), encoding="utf-8", newline="\n") as file:
            text = file.read()
        self.checks.equal(len(json.loads(text)), len(self.rows), name, "elements")
        self.check_objects(name, text[1:-2].split(",\n") if self.rows else [])

    def check_csv(self, name):
        with open(self.path(name), encoding="utf-8", newline="") as file:
            text = file.read()
        lines = list(csv.reader(io.StringIO(text, newline="")))
        self.checks.equal(lines[0], [f.name for f in self.fields], name, "header")
        rows = [row for row in lines[1:]]
        if len(self.fields) == 1:
            rows = [row or [""] for row in rows]  # a line without bytes is a null in one column
        self.checks.equal(len(rows), len(self.rows), name, "rows")
        for found, row in zip(rows, self.rows):
            for field, value, cell in zip(self.fields, row, found):
                expected = csv_text(field, value)
                if expected is not None:
                    self.checks.equal(cell, expected, name, field)
                else:
                    self.checks.that(same_in_json(field, value, Number(cell)), name, field, value, cell)

    def check_parquet(self, name, reader):
        found = reader.ask("duckdb", path=self.path(name))
        if not self.checks.that("error" not in found, name, found):
            return
        self.checks.equal(found["names"], [f.name for f in self.fields], name, "names")
        expected = [[parquet_cell(f, v) for f, v in zip(self.fields, row)] for row in self.rows]
        self.checks.equal(found["rows"], expected, name, self.describe())

    def check_struct(self, name):
        with open(self.path(name), "rb") as file:
            data = file.read()
        size = struct.calcsize(self.layout)
        self.checks.equal(len(data), size * len(self.rows), name, "bytes", self.layout)
        for number, row in enumerate(self.rows):
            found = struct.unpack_from(self.layout, data, number * size)
            for field, value, cell in zip(self.fields, row, found):
                self.checks.that(same_in_struct(field, value, cell), name, self.layout, field, value, cell)


def same_in_struct(field, value, cell):
    if value is None:
        value = field.null_if
        if value is None:
            return isinstance(cell, float) and math.isnan(cell)
    if field.type == "string":
        return cell.rstrip(b"\0") == value.encode()
    if field.type == "enum":
        return cell == SYMBOLS.index(value)
    if isinstance(value, float):
        return bits(cell) == bits(value)
    if field.type == "timestamp" and isinstance(cell, float):
        return cell == float(epoch_text(value, field))
    if field.type == "timestamp":
        return str(cell) == epoch_text(value, field)
    return cell == value


def random_name(rng, number):
    return rng.choice(["id", "value", "Zeit", "température", "a b", 'q"', "x,y", "tab\t"]) + str(number)


def random_field(rng, number, types):
    kind = rng.choice(types)
    name = random_name(rng, number)
    if kind != "timestamp":
        return Field(name, kind)
    return Field(name, kind, rng.choice(list(DIGITS)), rng.choice(["rfc3339", *ENCODINGS]))


def random_path(rng, number):
    """Mostly below objects that others are in, too; the last key is the field's own."""
    shared = rng.choice([None, (), ("r",), ("r", "s"), ("r", "s", "t"), ("é\"u", "r")])
    return () if shared is None else (*shared, f"k{number}")


def text_formats(rng, checks, folder, reader):
    types = [*INTEGERS, "float32", "float64", "bool", "enum", "string", "json", "timestamp"]
    fields = [random_field(rng, n, types) for n in range(rng.randrange(1, 9))]
    fields = [f._replace(encoding="epoch_ms" if f.unit == "ms" else f.encoding) for f in fields]
    fields = [f._replace(path=random_path(rng, n)) for n, f in enumerate(fields)]
    rows = [[None if rng.random() < 0.15 else random_value(rng, f) for f in fields]
            for _ in range(rng.choice([0, 1, ROWS]))]
    rows = [[None if f.type == "json" and v == "null" else v for f, v in zip(fields, row)] for row in rows]
    case = Case(rng, checks, folder, fields, rows)
    case.write_input("in.jsonl")
    if case.convert("in.jsonl", "a.jsonl"):
        case.check_jsonl("a.jsonl")
    if case.convert("in.jsonl", "a.json", "--row-group-size", rng.choice([1, 7, 1000])):
        case.check_json("a.json")
    if case.convert("a.jsonl", "b.jsonl"):
        checks.equal(open(case.path("b.jsonl"), "rb").read(), open(case.path("a.jsonl"), "rb").read(),
                     "jsonl -> jsonl again")
    if case.convert("in.jsonl", "a.csv"):
        case.check_csv("a.csv")
    if case.convert("a.jsonl", "a.parquet", "--row-group-size", rng.choice([1, 7, 1000])):
        case.check_parquet("a.parquet", reader)


def struct_field(rng, number):
    """A field, its layout code, and a maker of values that it holds."""
    kind = rng.choice([*INTEGERS, "float32", "float64", "bool", "enum", "string", "timestamp"])
    name = random_name(rng, number)
    if kind == "timestamp":
        unit = rng.choice(list(DIGITS))
        if rng.random() < 0.5:  # a double holds microseconds of these centuries
            field = Field(name, kind, rng.choice(["s", "ms", "us"]), "epoch_s")
            return field, "d", lambda: rng.randrange(10**9, 2 * 10**9) * 10**DIGITS[field.unit] // 4
        encoding = next(e for e, digits in ENCODINGS.items() if digits == DIGITS[unit])
        field = Field(name, kind, unit, encoding)
        return field, "q", lambda: random_time(rng, unit)
    if kind == "string":
        size = rng.randrange(1, 24)
        texts = [t for t in TEXTS if len(t.encode()) <= size and not t.endswith("\0")]
        return Field(name, kind), f"{size}s", lambda: rng.choice(texts)
    if kind == "enum":
        return Field(name, kind), rng.choice("bBhHiIqQ"), lambda: rng.choice(SYMBOLS)
    field = Field(name, kind)
    if kind in INTEGERS and rng.random() < 0.4:
        field = field._replace(null_if=INTEGERS[kind][1])
    code = CODES[kind]
    if kind in INTEGERS and rng.random() < 0.3 and kind not in ("int64", "uint64"):
        code = "q"
    return field, code, lambda: random_value(rng, field)


def struct_records(rng, checks, folder):
    chosen = [struct_field(rng, n) for n in range(rng.randrange(1, 9))]
    layout = rng.choice("<>=@!") + "".join(
        (f"{rng.randrange(1, 4)}x" if rng.random() < 0.2 else "") + code for _, code, _ in chosen)
    fields = [field for field, _, _ in chosen]
    rows = []
    for _ in range(rng.choice([0, 1, ROWS])):
        row = [make() for _, _, make in chosen]
        rows.append([None if f.null_if is not None and (v == f.null_if or rng.random() < 0.2) else v
                     for f, v in zip(fields, row)])
    case = Case(rng, checks, folder, fields, rows, layout)
    case.write_input("in.jsonl")
    if case.convert("in.jsonl", "a.bin"):
        case.check_struct("a.bin")
    if case.convert("a.bin", "b.jsonl", "--from", "struct"):
        case.check_jsonl("b.jsonl")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    print(f"seed {options.seed}")
    rng = random.Random(options.seed)
    checks, reader = Checks(), Reader()
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            text_formats(rng, checks, folder, reader)
            struct_records(rng, checks, folder)
    checks.equal(reader.close(), 0, "parquet_read.mjs")
    return checks.end("round trips")


if __name__ == "__main__":
    sys.exit(main())
