#!/usr/bin/env python3
"""casepipe's mean and standard deviation against exact ones, on data that is hard to sum.

    values --+-- JSONL ----------------+--> report --> mean, stddev, min, max
             +-- struct (d) -----------+                    | relative error at most 1e-12
             '-- fractions.Fraction, decimal (60 digits) ---'

Most data sets take more than five blocks of 1 MiB, so that the partials of several morsels are
combined, and some take several inputs.

    test_exact_statistics.py [SEED]
"""
import collections
import decimal
import json
import math
import os
import random
import struct
import sys
import tempfile
import typing
from fractions import Fraction

from support import Checks, casepipe

LIMIT = Fraction(1, 10**12)
SMALLEST = Fraction(math.ulp(0.0))  # results have no finer steps than the subnormals
LARGEST = Fraction(sys.float_info.max)
ROWS = 6000
PADDING = 900  # bytes: 6000 records are over 5 MiB
SCHEMA = """\
fields:
  - {{name: key, type: uint32, required: true}}
  - {{name: value, type: {type}{rules}}}
  - {{name: time, type: "timestamp[us]", encoding: epoch_s}}
  - {{name: status, type: enum, symbols: [ONE]}}
layout: "<I{code}dB{padding}x"
layout_fields: [key, value, time, status]
"""
CODES = {"float64": "d", "float32": "f", "int64": "q", "uint64": "Q"}
DIGITS = decimal.Context(prec=60, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)


class Case(typing.NamedTuple):
    name: str
    rows: list  # of (key, value)
    type: str = "float64"
    padding: int = PADDING
    inputs: int = 1


# ---- the data ----

def one_key(values):
    return [(0, value) for value in values]


def float_cases(rng):
    """Name and values, all of one key."""
    noise = [rng.gauss(0, 1) for _ in range(ROWS)]
    small = [rng.uniform(15, 35) for _ in range(ROWS)]
    yield "regular", [rng.randrange(240, 561) / 16 for _ in range(ROWS)]
    yield "1e9 and a noise of 1e-3", [1e9 + 1e-3 * x for x in noise]
    yield "1e15 and a noise of 1", [1e15 + x for x in noise]
    for place in (0, 1, ROWS // 2, ROWS - 1):
        yield f"an outlier of 1e9 at {place}", small[:place] + [1e9] + small[place + 1:]
    yield "an outlier of 1e200 first", [1e200] + small
    yield "alternating +-1e9 and a rest of 1e-3", alternating(1e9, 1e-3, rng)
    yield "alternating +-1e15 and a rest of 1", alternating(1e15, 1.0, rng)
    yield "alternating +-1e15 and a rest of 1e-3", alternating(1e15, 1e-3, rng)
    yield "alternating +-1e300", [x for y in noise[:ROWS // 2] for x in (1e300 + 1e290 * y, -1e300)]
    yield "all equal", [0.1] * ROWS
    yield "all equal, large", [1.7e308] * ROWS
    yield "all equal but one", [0.1] * (ROWS - 1) + [math.nextafter(0.1, 1)]
    yield "two values", [0.1, 0.2]
    yield "two neighbours", [1.0, math.nextafter(1.0, 2)]
    yield "one value", [math.pi]
    yield "1e300", [1e300 * x for x in small]
    yield "1e-300", [1e-300 * x for x in small]
    yield "1e-300 to 1e300", [10.0 ** rng.uniform(-300, 300) for _ in range(ROWS)]
    yield "1e150, where squares overflow", [1e150 * x for x in noise]
    yield "1e-160, where squares vanish", [1e-160 * x for x in noise]
    yield "mean near 0", noise
    yield "mean near 0, nearly symmetric", symmetric(noise, 1e-9)
    yield "mean exactly 0", symmetric([float(rng.randrange(1, 1 << 40)) for _ in range(ROWS)], 0)
    yield "subnormals", [rng.randrange(1 << 40) * math.ulp(0.0) for _ in range(ROWS)]
    yield "the smallest subnormals", [rng.randrange(-3, 4) * math.ulp(0.0) for _ in range(ROWS)]
    yield "a drift from 0 to 1e12", [1e12 * i / (ROWS - 1) for i in range(ROWS)]
    yield "a noisy drift to 1e12", [1e12 * i / ROWS + x for i, x in enumerate(noise)]
    yield "sorted, then a step", sorted(small) + [1e6 + x for x in noise]
    yield "the smallest number", [math.ulp(0.0)] * ROWS
    yield "zeros of both signs", [0.0, -0.0] * (ROWS // 2)


def alternating(huge, rest, rng):
    """Huge values that cancel, and what is left."""
    rows = []
    for _ in range(ROWS // 3):
        rows += [huge, -huge, rest * rng.uniform(1, 2)]
    return rows


def symmetric(values, shift):
    half = values[:ROWS // 2]
    return [x for value in half for x in (value + shift, shift - value)]


def integers(low, high, rng):
    """Of a range, its ends and numbers that no double holds among them."""
    return [low, high, low + 1, high - 1] + [rng.randint(low, high) for _ in range(ROWS)]


def integer_cases(rng):
    yield Case("int64, all", one_key(integers(-2**63, 2**63 - 1, rng)), "int64")
    yield Case("int64 above 2^53", one_key(integers(2**53 + 1, 2**53 + 99, rng)), "int64")
    yield Case("int64, near the top", one_key(integers(2**63 - 1000, 2**63 - 1, rng)), "int64")
    yield Case("int64, near the bottom", one_key(integers(-2**63, -2**63 + 999, rng)), "int64")
    yield Case("uint64, all", one_key(integers(0, 2**64 - 1, rng)), "uint64")
    yield Case("uint64, near the top", one_key(integers(2**64 - 1000, 2**64 - 1, rng)), "uint64")
    yield Case("uint64, all equal", one_key([2**64 - 1] * ROWS), "uint64")


def key_cases(rng):
    """Many keys; keys with few values; keys that some blocks do not have."""
    yield Case("many keys", [(rng.randrange(20000), rng.gauss(1e6, 1)) for _ in range(100000)],
               padding=60)
    yield Case("many keys, few values", [(i // 3 * 7919 % 9001, rng.uniform(-1, 1) * 10.0**(i % 9))
                                         for i in range(27000)], padding=200)
    yield Case("keys by turns", [(i * 40 // ROWS, rng.gauss(i, 1)) for i in range(ROWS)])
    yield Case("float32", [(i % 7, as_float32(rng.gauss(1e4, 1e-2))) for i in range(ROWS)],
               "float32")
    yield Case("float32, all equal", one_key([as_float32(0.1)] * ROWS), "float32")


def as_float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def all_cases(rng):
    for name, values in float_cases(rng):
        yield Case(name, one_key(values))
        if len(values) > ROWS // 2:
            yield Case(name + ", three inputs", one_key(values), inputs=3)
            yield Case(name + ", one block", one_key(values), padding=0)
    yield from integer_cases(rng)
    yield from key_cases(rng)


# ---- files ----

def jsonl_record(key, value, index, padding):
    return (f'{{"key":{key},"value":{value!r},"time":{index},"status":"ONE",'
            f'"padding":"{"x" * padding}"}}\n').encode()


def struct_record(code, key, value, index, padding):
    return struct.pack(f"<I{code}dB{padding}x", key, value, index, 0)


def write_schema(path, kind, padding, rules=""):
    with open(path, "w", encoding="utf-8") as file:
        file.write(SCHEMA.format(type=kind, rules=rules, code=CODES[kind], padding=padding))


def write_inputs(case, folder, form):
    """The case's rows in consecutive files; their paths."""
    paths = []
    for part in range(case.inputs):
        start, end = (len(case.rows) * i // case.inputs for i in (part, part + 1))
        paths.append(os.path.join(folder, f"part{part}"))
        with open(paths[-1], "wb") as file:
            for index in range(start, end):
                key, value = case.rows[index]
                file.write(jsonl_record(key, value, index, case.padding) if form == "jsonl" else
                           struct_record(CODES[case.type], key, value, index, case.padding))
    return paths


def report(checks, label, schema, form, paths):
    """The sensor rows by key."""
    result = casepipe("report", "--schema", schema, "--from", form, "--by", "key", "--time",
                      "time", "--to", "json", *paths)
    if not checks.status(result, 0, label):
        return {}
    return {row["key"]: row for row in json.loads(result.out)["sensors"]}


# ---- exact figures ----

class Exact:
    """Mean and deviation of values whose sums are kept as whole numbers of their finest step."""

    def __init__(self, values):
        fractions = [Fraction(value) for value in values]
        step = max(fraction.denominator for fraction in fractions)  # powers of two
        whole = [fraction.numerator * (step // fraction.denominator) for fraction in fractions]
        n, total = len(whole), sum(whole)
        self.count, self.min, self.max = n, min(values), max(values)
        self.mean = Fraction(total, n * step)
        self.deviation = None
        if n > 1:
            squares = n * sum(x * x for x in whole) - total * total
            self.deviation = square_root(Fraction(squares, n * (n - 1) * step * step))


def square_root(fraction):
    quotient = DIGITS.divide(decimal.Decimal(fraction.numerator),
                             decimal.Decimal(fraction.denominator))
    return Fraction(DIGITS.sqrt(quotient))


def relative_error(got, exact):
    """0 where the error is below one step of the subnormals; both may be 0."""
    error = abs(Fraction(got) - exact)
    if error <= SMALLEST:
        return Fraction(0)
    return error / abs(exact) if exact else Fraction(1)


# ---- checks ----

class Worst:
    def __init__(self):
        self.error, self.label = Fraction(0), "none"

    def note(self, error, label):
        if error > self.error:
            self.error, self.label = error, label


def check_figure(checks, worst, got, exact, label):
    if exact is None or exact > LARGEST:
        checks.equal(got, None, label)
        return
    if not checks.that(got is not None, label, "is null"):
        return
    error = relative_error(got, exact)
    checks.that(error <= LIMIT, label, f": {got!r} is off by {float(error):.3g}")
    worst.note(error, label)


def check_row(checks, worst, row, kind, values, label):
    exact = Exact(values)
    checks.equal((row["count"], row["nulls"]), (exact.count, 0), label, "count and nulls")
    bounds = [row["min"], row["max"]]
    checks.equal(list(map(type, bounds)), [type(exact.min)] * 2, label, "types of min and max")
    if kind == "float32":  # written with the digits that a float32 needs
        bounds = list(map(as_float32, bounds))
    checks.equal(bounds, [exact.min, exact.max], label, "min and max")
    check_figure(checks, worst, row["mean"], exact.mean, f"{label}, mean")
    check_figure(checks, worst, row["stddev"], exact.deviation, f"{label}, stddev")


def check_case(checks, worst, case, folder):
    schema = os.path.join(folder, "schema.yaml")
    write_schema(schema, case.type, case.padding)
    groups = collections.defaultdict(list)
    for key, value in case.rows:
        groups[key].append(value)
    for form in ("jsonl", "struct"):
        paths = write_inputs(case, folder, form)
        rows = report(checks, f"{case.name} ({form})", schema, form, paths)
        checks.equal(list(rows), sorted(groups), case.name, "keys")
        for key, row in rows.items():
            label = f"{case.name} ({form}), key {key}"
            check_row(checks, worst, row, case.type, groups[key], label)


def check_kept_not_finite(checks, folder, rng):
    """nan: keep - where a key has such a value its mean and deviation cannot be told; min and max
    pass over NaN; other keys are as they were. JSON has no such numbers, struct records have."""
    schema, path = os.path.join(folder, "schema.yaml"), os.path.join(folder, "part0")
    write_schema(schema, "float64", PADDING, ", nan: keep")
    nan, inf = math.nan, math.inf
    extra = {0: [], 1: [nan], 2: [inf], 3: [-inf], 4: [inf, -inf, nan], 5: [nan, nan]}
    rows = [(key, rng.gauss(key, 1)) for key in range(5) for _ in range(1200)]
    rows += [(key, value) for key, values in extra.items() for value in values]
    rng.shuffle(rows)
    with open(path, "wb") as file:
        for index, (key, value) in enumerate(rows):
            file.write(struct_record("d", key, value, index, PADDING))
    found = report(checks, "nan: keep", schema, "struct", [path])
    checks.equal(sorted(found), sorted(extra), "nan: keep: keys")
    for key, row in found.items():
        check_not_finite_row(checks, row, [v for k, v in rows if k == key], f"nan: keep, key {key}")


def check_not_finite_row(checks, row, values, label):
    numbers = [value for value in values if not math.isnan(value)] or values
    bounds = [spelled(bound(numbers)) for bound in (min, max)]
    checks.equal((row["count"], row["nulls"]), (len(values), 0), label, "count and nulls")
    checks.equal([row["min"], row["max"]], bounds, label, "min and max")
    if all(map(math.isfinite, values)):
        check_row(checks, Worst(), row, "float64", values, label)
    else:
        checks.equal((row["mean"], row["stddev"]), (None, None), label, "mean and stddev")


def spelled(value):
    """As a report in JSON has it."""
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    rng = random.Random(seed)
    print(f"seed {seed}")
    checks, worst, cases = Checks(), Worst(), 0
    with tempfile.TemporaryDirectory() as folder:
        for case in all_cases(rng):
            check_case(checks, worst, case, folder)
            cases += 1
        check_kept_not_finite(checks, folder, rng)
    print(f"worst relative error: {float(worst.error):.3g} in {worst.label}")
    return checks.end(f"{cases} data sets in two formats, seed {seed}")


if __name__ == "__main__":
    sys.exit(main())
