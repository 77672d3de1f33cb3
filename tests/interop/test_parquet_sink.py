#!/usr/bin/env python3
"""Parquet files of the sink, read back by DuckDB and by hyparquet.

    test_parquet_sink.py [--seed N]

    rows --parquet_driver--> file --+--> DuckDB     --+--> the same rows
                                    +--> hyparquet  --+
                                    +--> pages, checksums and indexes, looked at here

The variable PARQUET_DRIVER is the path of the program made from parquet_driver.c. Every type,
extremes, nulls, groups of every size, every compression; what parquet_metadata says of encodings and
statistics; filters that prune.
"""
import argparse
import itertools
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import typing
import zlib

from parquet_reader import Reader
from support import Checks

PAGE_ROWS = 122880
BOUND_BYTES = 64
CODECS = ("zstd", "gzip", "none")
SYMBOLS = ("NEW", "OPEN", "SHUT", "b", "\u00e9t\u00e9")
UNITS = ("s", "ms", "us", "ns")
INTEGERS = {f"{sign}int{bits}": (0, 2**bits - 1) if sign else (-2**(bits - 1), 2**(bits - 1) - 1)
            for sign in ("", "u") for bits in (8, 16, 32, 64)}
DUCKDB_TYPES = {
    "bool": "BOOLEAN", "float32": "FLOAT", "float64": "DOUBLE", "string": "VARCHAR",
    "enum": "VARCHAR", "json": "JSON", "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER",
    "int64": "BIGINT", "uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER",
    "uint64": "UBIGINT", "timestamp[s]": "TIMESTAMP WITH TIME ZONE",
    "timestamp[ms]": "TIMESTAMP WITH TIME ZONE", "timestamp[us]": "TIMESTAMP WITH TIME ZONE",
    "timestamp[ns]": "TIMESTAMP WITH TIME ZONE"}


class Field(typing.NamedTuple):
    name: str
    type: str
    required: bool = False

    @property
    def is_text(self):
        return self.type in ("string", "json")

    @property
    def spelled(self):
        symbols = "=" + ",".join(SYMBOLS) if self.type == "enum" else ""
        return f"{self.name}:{self.type}{'!' if self.required else ''}{symbols}"


# ---- values ----
# Integers, times and enum codes are int, floats their bits, bools bool, texts str, null None.

def float_bits(value, field_type):
    if field_type == "float32":
        return struct.unpack("<I", struct.pack("<f", value))[0]
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def float_of(bits, field_type):
    if field_type == "float32":
        return struct.unpack("<f", struct.pack("<I", bits))[0]
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def command_cell(field, value):
    if value is None:
        return "-"
    if field.is_text:
        return "x" + value.encode().hex()
    return str(int(value))


def expected_cell(field, value):
    """As parquet_read.mjs tells it."""
    if value is None:
        return None
    if field.type == "bool":
        return "true" if value else "false"
    if field.type == "enum":
        return SYMBOLS[value]
    if field.type in ("float32", "float64"):
        number = float_of(value, field.type)
        return "nan" if number != number else f"{value:0{8 if field.type == 'float32' else 16}x}"
    if field.type == "timestamp[s]":
        return str(value * 1000)
    return str(value)


def in_micros(field, cell):
    """A time as DuckDB has it: it keeps no nanoseconds of times in UTC."""
    if cell is None or not field.type.startswith("timestamp") or field.type == "timestamp[us]":
        return cell
    if field.type == "timestamp[ns]":
        return str(abs(int(cell)) // 1000 * (-1 if int(cell) <= -1000 else 1))
    return str(int(cell) * 1000)


SPECIAL_FLOATS = (0.0, -0.0, 1.5, -1.5, float("inf"), float("-inf"), float("nan"), 5e-324, -5e-324,
                  1.7976931348623157e308, 0.1)
SPECIAL_FLOATS_32 = (0.0, -0.0, 1.5, -1.5, float("inf"), float("-inf"), float("nan"), 1e-45, 3.4028235e38,
                     0.1)
SPECIAL_TEXTS = ("", "a", "\0", "a\0b", "x" * 16, "x" * 17, "x" * 63, "x" * 64, "x" * 65, "\u00e9" * 40,
                 "\U0010ffff" * 17, "\ud7ff" * 30, "\ue000", "zz\U0001f600", "y" * 3000, "null", "-")
SPECIAL_JSON = ("{}", "[]", "null", "0", "-1.5E-3", '"\\u00e9"', '{"a":[1,{"b":null}]}', "true",
                '["' + "n" * 100 + '"]')
YEAR_9999 = 253402300799  # 9999-12-31T23:59:59Z


def times(unit):
    """Times that DuckDB can tell: years 1 to 9999, and of nanoseconds those that there are."""
    if unit == "ns":
        return (0, 1, -1, 2**62, -2**62, 1700000000123456789)
    scale = {"s": 1, "ms": 10**3, "us": 10**6}[unit]
    return (0, 1, -1, 1700000000 * scale + scale // 4, -62135596800 * scale, YEAR_9999 * scale)


def special_values(field_type):
    if field_type == "bool":
        return (False, True)
    if field_type in INTEGERS:
        low, high = INTEGERS[field_type]
        return (low, high, 0, 1, high - 1, low + 1, high // 2, high // 2 + 1)
    if field_type == "float32":
        return tuple(float_bits(value, field_type) for value in SPECIAL_FLOATS_32)
    if field_type == "float64":
        return tuple(float_bits(value, field_type) for value in SPECIAL_FLOATS)
    if field_type == "enum":
        return tuple(range(len(SYMBOLS)))
    if field_type.startswith("timestamp"):
        return times(field_type[10:-1])
    return SPECIAL_JSON if field_type == "json" else SPECIAL_TEXTS


ALL_TYPES = tuple(DUCKDB_TYPES)


def every_type(required=False):
    return [Field(f"f{i}", field_type, required) for i, field_type in enumerate(ALL_TYPES)]


def random_value(field, rng):
    if rng.random() < 0.5 or field.type in ("bool", "enum", "json"):
        return rng.choice(special_values(field.type))
    if field.type in INTEGERS:
        return rng.randint(*INTEGERS[field.type])
    if field.type.startswith("timestamp"):
        return rng.randint(-10**9, 10**9)
    if field.type == "string":
        return "".join(rng.choices("abc\u00e9\u20ac", k=rng.randint(0, 30)))
    return float_bits(rng.uniform(-1e6, 1e6), field.type)


def random_rows(fields, count, rng, null_rate=0.1):
    return [[None if not field.required and rng.random() < null_rate else random_value(field, rng)
             for field in fields] for _ in range(count)]


# ---- programs ----

def write_file(driver, path, fields, groups, codec="zstd", level=0, batch=1000):
    """Groups are lists of rows. What the driver printed."""
    def lines():
        yield "schema " + " ".join(field.spelled for field in fields)
        yield f"options {codec} {level} {batch}"
        for rows in groups:
            for row in rows:
                yield "r " + " ".join(map(command_cell, fields, row))
            yield "group"
    done = subprocess.run([driver, path], input="\n".join(lines()) + "\n", capture_output=True,
                          text=True, check=False, encoding="utf-8")
    if done.returncode:
        sys.exit(f"parquet_driver: {done.stderr}")
    return json.loads(done.stdout)


class Bench:
    """A folder, the two programs, and the score."""

    def __init__(self, driver, folder):
        self.driver, self.folder = driver, pathlib.Path(folder)
        self.reader, self.checks = Reader(), Checks()
        self.numbers = itertools.count()

    def write(self, fields, groups, **options):
        path = str(self.folder / f"{next(self.numbers)}.parquet")
        return path, write_file(self.driver, path, fields, groups, **options)

    def same_rows(self, label, got, names, expected):
        if not self.checks.that("error" not in got, label, got.get("error")):
            return
        self.checks.equal(got["names"], names, label, "names")
        self.checks.equal(len(got["rows"]), len(expected), label, "number of rows")
        wrong = [(i, a, b) for i, (a, b) in enumerate(zip(got["rows"], expected)) if a != b]
        self.checks.that(not wrong, label, f"{len(wrong)} rows differ; row, got, expected:", wrong[:1])

    def reads_back(self, label, path, fields, groups, duckdb=True):
        """Both readers find the rows."""
        expected = [list(map(expected_cell, fields, row)) for rows in groups for row in rows]
        names = [field.name for field in fields]
        self.same_rows(f"{label}, hyparquet:", self.ask_hyparquet(path), names, expected)
        if duckdb:
            expected = [list(map(in_micros, fields, row)) for row in expected]
            got = self.reader.ask("duckdb", path=path)
            self.same_rows(f"{label}, DuckDB:", got, names, expected)
            self.checks.equal(got.get("types"), [DUCKDB_TYPES[field.type] for field in fields], label, "types")

    def ask_hyparquet(self, path):
        return self.reader.ask("hyparquet", path=path)


# ---- pages, read here ----

class Thrift:
    """Structs of the compact protocol as dicts by field id."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def integer(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def value(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self.byte()
        if kind in (4, 5, 6):
            return self.integer()
        if kind == 8:
            size = self.varint()
            self.at += size
            return self.data[self.at - size:self.at]
        if kind == 9:
            return self.items()
        assert kind == 12, kind
        return self.struct()

    def items(self):
        header = self.byte()
        count = header >> 4 if header >> 4 != 15 else self.varint()
        if header & 15 == 1:
            return [self.byte() == 1 for _ in range(count)]
        return [self.value(header & 15) for _ in range(count)]

    def struct(self):
        found, last = {}, 0
        while header := self.byte():
            last = last + (header >> 4) if header >> 4 else self.integer()
            found[last] = self.value(header & 15)
        return found


def footer_of(data):
    size = struct.unpack("<I", data[-8:-4])[0]
    return Thrift(data, len(data) - 8 - size).struct()


def check_pages(bench, label, path):
    """Magic, sizes and checksums of every page; chunks lie end to end."""
    data = pathlib.Path(path).read_bytes()
    bench.checks.equal((data[:4], data[-4:]), (b"PAR1", b"PAR1"), label, "magic")
    at = 4
    for group in footer_of(data)[4]:
        for chunk in group[1]:
            meta = chunk[3]
            start = meta.get(11, meta[9])
            bench.checks.equal(start, at, label, "start of a chunk")
            plain = 0
            while at < start + meta[7]:
                thrift = Thrift(data, at)
                header = thrift.struct()
                stored = data[thrift.at:thrift.at + header[3]]
                bench.checks.equal(header[4] & 0xFFFFFFFF, zlib.crc32(stored), label, "checksum")
                plain += thrift.at - at + header[2]
                at = thrift.at + header[3]
            bench.checks.equal((at, plain), (start + meta[7], meta[6]), label, "sizes of a chunk")


def comparable(field, value):
    """By the order that the column has; NaN is None, and so is null."""
    if value is None or field.type == "bool":
        return value
    if field.type in ("float32", "float64"):
        number = float_of(value, field.type)
        return None if number != number else number
    if field.type == "enum":
        return SYMBOLS[value].encode()
    if field.is_text:
        return value.encode()
    return value * 1000 if field.type == "timestamp[s]" else value


def stored_bound(field, data):
    """A bound of the column index in the same order."""
    if field.type == "bool":
        return data == b"\1"
    if field.type in ("float32", "float64"):
        return float_of(int.from_bytes(data, "little"), field.type)
    if field.is_text or field.type == "enum":
        return data
    return int.from_bytes(data, "little", signed=not field.type.startswith("u"))


def check_offsets(bench, label, pages, meta, rows):
    """Pages of the offset index lie end to end in the chunk; where their rows start and end."""
    starts = [page[3] for page in pages] + [rows]
    bench.checks.that(starts[0] == 0 and all(0 < b - a <= PAGE_ROWS for a, b in itertools.pairwise(starts)),
                      label, "rows of pages", starts)
    bench.checks.equal(pages[0][1], meta[9], label, "first page")
    places = [page[1] for page in pages] + [meta.get(11, meta[9]) + meta[7]]
    bench.checks.equal([page[2] for page in pages], [b - a for a, b in itertools.pairwise(places)], label, "page sizes")
    return list(itertools.pairwise(starts))


def has_no_bounds(field, values):
    """A page that keeps its chunk from having a column index: a NaN in it, or no short text above."""
    known = [value for value in values if value is not None]
    if field.type.startswith("float"):
        return any(comparable(field, value) is None for value in known)
    return field.is_text and max(value.encode() for value in known or [""]) > b"\xf4\x8f\xbf\xbf" * 16


def check_bounds(bench, label, field, index, page, values):
    known = [value for value in (comparable(field, value) for value in values) if value is not None]
    bench.checks.equal(index[1][page], not known, label, "null page")
    bench.checks.equal(index[5][page], sum(value is None for value in values), label, "null count")
    if field.type.startswith("float"):
        nans = sum(value is not None and comparable(field, value) is None for value in values)
        bench.checks.equal(index[8][page], nans, label, "NaN count")
    if not known:
        bench.checks.equal((index[2][page], index[3][page]), (b"", b""), label, "bounds of no values")
        return
    low, high = (stored_bound(field, index[i][page]) for i in (2, 3))
    least, greatest = min(known), max(known)
    short = [not isinstance(value, bytes) or len(value) <= BOUND_BYTES for value in (least, greatest)]
    bench.checks.that(low == least if short[0] else low < least, label, "lower bound", low, "of", least)
    bench.checks.that(high == greatest if short[1] else high > greatest, label, "upper bound", high, "of", greatest)


def check_order(bench, label, field, index):
    bounds = [[stored_bound(field, data) for data, null in zip(index[i], index[1]) if not null] for i in (2, 3)]
    ascends = all(a <= b for values in bounds for a, b in itertools.pairwise(values))
    descends = all(a >= b for values in bounds for a, b in itertools.pairwise(values))
    bench.checks.equal(index[4], 1 if ascends else 2 if descends else 0, label, "boundary order")


def check_chunk(bench, label, field, data, chunk, values):
    """One chunk's offset index and column index against its values."""
    pages = Thrift(data, chunk[4]).struct()[1]
    parts = [values[a:b] for a, b in check_offsets(bench, label, pages, chunk[3], len(values))]
    if 6 not in chunk:
        bench.checks.that(any(has_no_bounds(field, part) for part in parts), label, "has no column index")
        return
    index = Thrift(data, chunk[6]).struct()
    for page, part in enumerate(parts):
        check_bounds(bench, f"{label} page {page}:", field, index, page, part)
    check_order(bench, label, field, index)


def check_indexes(bench, label, path, fields, groups):
    data = pathlib.Path(path).read_bytes()
    found = footer_of(data)[4]
    groups = [rows for rows in groups if rows]
    bench.checks.equal(len(found), len(groups), label, "row groups")
    for rows, group in zip(groups, found):
        for i, (field, chunk) in enumerate(zip(fields, group[1])):
            check_chunk(bench, f"{label}, {field.name} {field.type}:", field, data, chunk, [row[i] for row in rows])


def check_file(bench, label, fields, groups, duckdb=True, **options):
    """All that holds of any file. Its path."""
    path, told = bench.write(fields, groups, **options)
    bench.checks.equal(told.get("rows"), sum(map(len, groups)), label, "rows written")
    size = pathlib.Path(path).stat().st_size
    bench.checks.equal(told.get("bytes"), size, label, "bytes written")
    bench.checks.that(0 <= told["told"] - told["bytes"] <= 0.2 * told["footer_bytes"] + 30, label,
                      "size foretold", told)
    bench.reads_back(label, path, fields, groups, duckdb)
    check_pages(bench, label, path)
    check_indexes(bench, label, path, fields, groups)
    return path


# ---- tests ----

def test_every_type(bench, rng):
    """Groups of every size, with and without nulls."""
    for required in (False, True):
        fields = every_type(required)
        special = [[values[i % len(values)] for values in map(special_values, ALL_TYPES)] for i in range(20)]
        cases = {
            "no groups": [], "an empty group": [[]], "one row": [special[:1]],
            "special values": [special], "one group": [random_rows(fields, 3000, rng)],
            "many groups": [random_rows(fields, rng.choice((0, 1, 2, 63, 64, 65, 500)), rng) for _ in range(12)],
        }
        if not required:
            nulls = [[None] * len(fields)]
            cases.update({"one null row": [nulls], "nulls": [nulls * 70],
                          "null groups": [special, nulls * 5, special, nulls * 130],
                          "half nulls": [random_rows(fields, 2000, rng, null_rate=0.5)]})
        for (name, groups), codec in itertools.product(cases.items(), CODECS):
            check_file(bench, f"{name}, {'required' if required else 'optional'}, {codec}", fields, groups, codec=codec)


def test_pages(bench, rng):
    """Groups of several pages, pages of nulls alone among them; of a few types for each codec."""
    for codec, fields in zip(CODECS, (every_type()[i::len(CODECS)] for i in range(len(CODECS)))):
        rows = random_rows(fields, PAGE_ROWS + 100, rng, null_rate=0.02)
        nulls = [[None] * len(fields)] * PAGE_ROWS
        check_file(bench, f"pages, {codec}", fields, [rows + nulls, nulls + rows[:100], rows[:PAGE_ROWS]], codec=codec)


def test_large_texts(bench, rng):
    """Pages are cut by bytes, and a text beyond a page's size is a page of its own."""
    fields = [Field("s", "string"), Field("n", "int32")]
    rows = [["".join(rng.choices("abcdef", k=rng.choice((10, 60000)))), i] for i in range(100)]
    rows[50][0] = "z" * (3 << 20)
    rows[51][0] = None
    path = check_file(bench, "large texts", fields, [rows])
    data = pathlib.Path(path).read_bytes()
    pages = Thrift(data, footer_of(data)[4][0][1][0][4]).struct()[1]
    bench.checks.that(len(pages) > 3, "large texts are in", len(pages), "pages")


def test_extreme_times(bench):
    """All 64 bits, which DuckDB cannot tell; seconds that milliseconds cannot hold are refused."""
    low, high = INTEGERS["int64"]
    fields = [Field(unit, f"timestamp[{unit}]") for unit in UNITS]
    seconds = high // 1000
    rows = [[seconds, high, high, high], [-seconds, low, low, low], [0, -1, -1, -1]]
    check_file(bench, "extreme times", fields, [rows], duckdb=False)
    for value in (seconds + 1, -seconds - 1, high, low):
        told = bench.write(fields, [[[value, 0, 0, 0]]])[1]
        bench.checks.equal(told, {"refused": "s: time_out_of_range"}, "a time of", value)


def test_null_in_required(bench):
    told = bench.write([Field("a", "int32"), Field("id", "string", True)], [[[None, None]]])[1]
    bench.checks.equal(told, {"refused": "id: null_value"}, "a null in a required field")


SHAPE_ROWS = 40000
SHAPES = (  # name, type, value of row i, encoding
    ("sequence", "int64", lambda i, rng: 10**12 + 250000 * i, "DELTA_BINARY_PACKED"),
    ("narrow_steps", "int32", lambda i, rng: 100 * i + rng.randrange(64), "DELTA_BINARY_PACKED"),
    ("jumps", "timestamp[us]",
     lambda i, rng: 10**15 + 250000 * (i + (rng.random() < 0.1) * rng.randrange(-14400, 14400)), "DELTA_BINARY_PACKED"),
    ("any_int", "int64", lambda i, rng: rng.randint(*INTEGERS["int64"]), "PLAIN"),
    ("few_ints", "uint16", lambda i, rng: rng.randrange(1000) * 60, "RLE_DICTIONARY"),
    ("even_ints", "int32", lambda i, rng: rng.randrange(2600) * 700001, "RLE_DICTIONARY"),
    ("any_float", "float64", lambda i, rng: float_bits(rng.random(), "float64"), "BYTE_STREAM_SPLIT"),
    ("few_floats", "float64", lambda i, rng: float_bits(rng.choice((0.1, 0.7, 1 / 3)), "float64"),
     "RLE_DICTIONARY"),
    ("grid", "float32", lambda i, rng: float_bits(rng.randrange(60000) / 16, "float32"), "BYTE_STREAM_SPLIT"),
    ("ids", "string", lambda i, rng: f"CASE-{i:08d}", "DELTA_BYTE_ARRAY"),
    ("any_text", "string", lambda i, rng: "%030x" % rng.getrandbits(120), "DELTA_LENGTH_BYTE_ARRAY"),
    ("few_texts", "string", lambda i, rng: f"Battery low {rng.randrange(100)}", "RLE_DICTIONARY"),
    ("symbols", "enum", lambda i, rng: rng.randrange(3), "RLE_DICTIONARY"),
    ("documents", "json", lambda i, rng: f'["call back",{rng.randrange(9)}]', "RLE_DICTIONARY"),
    ("long_runs", "bool", lambda i, rng: i // 5000 % 2 == 1, "RLE"),
    ("any_bool", "bool", lambda i, rng: rng.random() < 0.5, "PLAIN"),
)


def test_shapes(bench, rng):
    """Each encoding is chosen where it is the smallest, and is small."""
    fields = [Field(name, field_type, True) for name, field_type, _, _ in SHAPES]
    rows = [[value(i, rng) for _, _, value, _ in SHAPES] for i in range(SHAPE_ROWS)]
    for codec in CODECS:
        path = check_file(bench, f"shapes, {codec}", fields, [rows], codec=codec)
        found = metadata_of(bench, path)
        for (name, _, _, encoding), chunk in zip(SHAPES, found):
            if codec == "none" and encoding == "BYTE_STREAM_SPLIT":
                continue  # it is no smaller by itself
            bench.checks.that(encoding in chunk["encodings"].split(", "), codec, name, "is", chunk["encodings"])
        by_name = {chunk["path_in_schema"]: chunk for chunk in found}
        for name in ("any_int", "any_bool"):  # nothing is to be gained
            bench.checks.equal(by_name[name]["compression"], "UNCOMPRESSED", codec, name)
        if codec == "zstd":
            compressed = {name for name in by_name if by_name[name]["compression"] == "ZSTD"}
            bench.checks.that({"ids", "few_texts", "grid", "symbols"} <= compressed, "compressed are", compressed)
            limits = {"sequence": 400, "ids": 6000, "jumps": 41000, "few_texts": 40000, "even_ints": 69200,
                      "symbols": 9000, "long_runs": 200, "any_bool": 5200}
            for name, limit in limits.items():
                size = int(by_name[name]["total_compressed_size"])
                bench.checks.that(size <= limit, name, "takes", size, "bytes")


def test_three_byte_indices(bench, rng):
    """More distinct values in a group than two bytes can number."""
    distinct, count = 2**16 + 500, 140000
    numbers = [i // 2 if i // 2 < distinct else rng.randrange(distinct) for i in range(count)]
    rows = [[n * 0x9E3779B97F4A7C15 % 2**63] for n in numbers]
    path = check_file(bench, "three bytes", [Field("n", "int64", True)], [rows], codec="none")
    chunk, = metadata_of(bench, path)
    bench.checks.equal(chunk["encodings"], "PLAIN, RLE_DICTIONARY", "indices of 17 bits")


def metadata_of(bench, path):
    return bench.reader.query(f"SELECT * FROM parquet_metadata('{path}') ORDER BY row_group_id, column_id")


def test_metadata(bench, rng):
    """Row groups, statistics, key-value metadata and schema, as DuckDB tells them."""
    fields = every_type()
    groups = [random_rows(fields, count, rng, null_rate=0.2) for count in (500, 1, 77)]
    path = check_file(bench, "metadata", fields, groups)
    found = metadata_of(bench, path)
    bench.checks.equal([int(chunk["row_group_num_rows"]) for chunk in found],
                       [len(rows) for rows in groups for _ in fields], "rows of groups")
    for (rows, (i, field)), chunk in zip(itertools.product(groups, enumerate(fields)), found):
        nulls = sum(row[i] is None for row in rows)
        bench.checks.equal(int(chunk["stats_null_count"]), nulls, field.type, "null count")
        if field.type in INTEGERS and nulls < len(rows):
            values = [row[i] for row in rows if row[i] is not None]
            bench.checks.equal((int(chunk["stats_min_value"]), int(chunk["stats_max_value"])),
                               (min(values), max(values)), field.type, "statistics")
    pairs = bench.reader.query(f"SELECT key::VARCHAR AS k, value::VARCHAR AS v FROM parquet_kv_metadata('{path}')")
    bench.checks.equal(pairs, [{"k": "casepipe.schema", "v": "name: test\\x0A"}], "key-value metadata")
    file = bench.reader.query(f"SELECT created_by, num_rows FROM parquet_file_metadata('{path}')")
    bench.checks.equal(file, [{"created_by": "casepipe version test", "num_rows": "578"}], "file metadata")
    check_schema(bench, path, fields)


def check_schema(bench, path, fields):
    columns = "name, repetition_type, converted_type, logical_type"
    found = bench.reader.query(f"SELECT {columns} FROM parquet_schema('{path}')")[1:]
    bench.checks.equal([row["name"] for row in found], [field.name for field in fields], "schema")
    for field, row in zip(fields, found):
        bench.checks.equal(row["repetition_type"], "OPTIONAL", field.type)
        if field.type in INTEGERS:
            bits = field.type.rsplit("t", 1)[1]
            sign = "UINT" if field.type[0] == "u" else "INT"
            bench.checks.equal(row["converted_type"], f"{sign}_{bits}", field.type)
            # DuckDB prints the width as a character.
            bench.checks.equal(row["logical_type"], f"IntType(bitWidth={chr(int(bits))}, "
                               f"isSigned={int(sign == 'INT')})", field.type)
        elif field.type.startswith("timestamp"):
            bench.checks.that("isAdjustedToUTC=1" in row["logical_type"], field.type, row["logical_type"])
        elif field.type in ("string", "enum", "json"):
            bench.checks.equal(row["converted_type"], "JSON" if field.type == "json" else "UTF8", field.type)


def test_float_statistics(bench):
    """Zeros widen to both signs, infinities are values, NaNs are counted and forbid an upper bound."""
    nan, inf = float("nan"), float("inf")
    cases = {(0.0, 2.0): (-0.0, 2.0, 0), (-1.0, -0.0): (-1.0, 0.0, 0), (nan, 1.5): (1.5, None, 1),
             (nan, nan): (None, None, 2), (-inf, nan, inf): (-inf, None, 1), (-inf, inf): (-inf, inf, 0)}
    for (values, (low, high, nans)), field_type in itertools.product(cases.items(), ("float32", "float64")):
        path = check_file(bench, f"{values} {field_type}", [Field("f", field_type)],
                          [[[float_bits(value, field_type)] for value in values]])
        statistics = footer_of(pathlib.Path(path).read_bytes())[4][0][1][0][3][12]
        size = 4 if field_type == "float32" else 8
        expected = [value if value is None else float_bits(value, field_type).to_bytes(size, "little")
                    for value in (low, high)]
        bench.checks.equal([statistics.get(6), statistics.get(5), statistics[9]], [*expected, nans], field_type, values)


def test_text_statistics(bench):
    """Long bounds are cut, the upper one is rounded up or left out, and they say so."""
    high = "\U0010ffff" * 17
    cases = {("a", "b" * 64): ("a", "b" * 64, True, True), ("a" * 65, "b"): ("a" * 64, "b", False, True),
             ("a", "b" * 65): ("a", "b" * 63 + "c", True, False), ("a", high): ("a", None, True, None)}
    for values, (low, up, low_exact, up_exact) in cases.items():
        path = check_file(bench, f"texts of {len(values[0])} and {len(values[1])}", [Field("s", "string")],
                          [[[value] for value in values]])
        statistics = footer_of(pathlib.Path(path).read_bytes())[4][0][1][0][3][12]
        bench.checks.equal((statistics[6], statistics.get(5), statistics[8], statistics.get(7)),
                           (low.encode(), up and up.encode(), low_exact, up_exact), "bounds of", values)


def literal(field, value):
    if field.type == "enum":
        return f"'{SYMBOLS[value]}'"
    if field.is_text:
        return "'" + value.replace("'", "''") + "'"
    if field.type in ("float32", "float64"):
        return f"'{float_of(value, field.type)!r}'::{DUCKDB_TYPES[field.type]}"
    if field.type.startswith("timestamp"):
        scale = {"s": 10**6, "ms": 10**3, "us": 1}[field.type[10:-1]]
        return f"make_timestamptz({value * scale})"
    return str(value).lower()


def test_filters_prune(bench, rng):
    """Filters over the file find what they find in a table without statistics."""
    fields = [field for field in every_type() if field.type not in ("timestamp[ns]", "json")]
    groups = [[[None if rng.random() < 0.05 else value for value in row]
               for row in random_rows(fields, 400, rng, null_rate=0)] for _ in range(5)]
    for group in groups:  # narrow ranges, so that there is something to skip
        pivot = [rng.choice(special_values(field.type)) for field in fields]
        for row in group[:300]:
            row[:] = [None if value is None else kept for value, kept in zip(row, pivot)]
        del group[300 + rng.choice((0, 3)):]
    path = check_file(bench, "filters", fields, groups)
    bench.reader.query(f"CREATE OR REPLACE TABLE t AS SELECT * FROM '{path}'")
    for field in fields:
        values = [value for value in special_values(field.type) if not (field.is_text and "\0" in value)]
        conditions = [f"{field.name} IS NULL", f"{field.name} IS NOT NULL"]
        conditions += [f"{field.name} {op} {literal(field, value)}"
                       for op in ("=", "<", ">", "<=", ">=", "<>") for value in values]
        counts = ", ".join(f"(SELECT count(*) FROM {{0}} WHERE {condition})" for condition in conditions)
        pruned, full = (list(bench.reader.query("SELECT " + counts.format(source))[0].values())
                        for source in (f"'{path}'", "t"))
        for condition, a, b in zip(conditions, pruned, full):
            bench.checks.equal(a, b, condition)


def test_same_bytes(bench, rng):
    """A group is what its rows are, however they came together; levels change sizes alone."""
    fields = every_type()
    groups = [random_rows(fields, 700, rng), random_rows(fields, 5, rng)]
    for codec in CODECS:
        paths = [bench.write(fields, groups, codec=codec, batch=batch)[0] for batch in (1, 100, 4096)]
        files = {pathlib.Path(path).read_bytes() for path in paths}
        bench.checks.equal(len(files), 1, codec, "different files")
    for codec, level in (("zstd", 1), ("zstd", 19), ("gzip", 1), ("gzip", 9)):
        check_file(bench, f"{codec}, level {level}", fields, groups, codec=codec, level=level)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    driver = os.environ.get("PARQUET_DRIVER")
    if not driver:
        sys.exit("PARQUET_DRIVER is not set: it names the program that writes")
    print(f"seed {options.seed}")
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(driver, folder)
        test_every_type(bench, rng)
        test_pages(bench, rng)
        test_large_texts(bench, rng)
        test_extreme_times(bench)
        test_null_in_required(bench)
        test_shapes(bench, rng)
        test_three_byte_indices(bench, rng)
        test_metadata(bench, rng)
        test_float_statistics(bench)
        test_text_statistics(bench)
        test_filters_prune(bench, rng)
        test_same_bytes(bench, rng)
        bench.checks.equal(bench.reader.close(), 0, "parquet_read.mjs")
    return bench.checks.end("Parquet files")


if __name__ == "__main__":
    sys.exit(main())
