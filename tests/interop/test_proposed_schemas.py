#!/usr/bin/env python3
"""A proposed schema holds for the records that it was proposed from: random data as JSON lines, CSV
and struct records, `casepipe schema -n` over all of them, then `casepipe validate` with what it said.
No record may be refused, and none lost. The seed is printed; it can be given as the argument.
"""
import csv
import io
import json
import pathlib
import random
import struct
import sys
import tempfile

from support import Checks, casepipe

ROUNDS = 25
NAMES = ["", "a", "time", "created_at", "n", "yes", "a.b", "ü", "x y", '"', "-", "1", "null", "ts"]
TEXTS = ["", "open", "closed", "yes", "null", "~", "1", "1.5", "true", "ü", "a,b", '"', "a\nb",
         "#", ": ", "- ", "\u2028", "\ufeff", "\x7f", "\U0001f600", " ", "2026-01-01"]


def random_time(chance, fraction_digits):
    year = chance.choice([0, 1, 1600, 1970, 2026, 2262, 2263, 9999, 9999])
    text = f"{year:04}-{chance.choice(['01-01', '12-31', '02-28'])}T{chance.choice(['00:00:00', '23:59:59'])}"
    if fraction_digits:
        digits = "".join(chance.choice("0999") for _ in range(fraction_digits))
        text += f".{digits}"
    return text


def time_texts(chance):
    """One way of spelling, as a column has it; now and then something else among it."""
    digits = chance.choice([0, 0, 3, 6, 7, 9, 12])
    offset = chance.choice(["Z", "Z", "", "+01:00", "-23:59"])
    odd = chance.random() < 0.2
    return lambda: chance.choice(TEXTS) if odd and chance.random() < 0.1 else \
        random_time(chance, chance.randint(0, digits)) + offset


def integers(chance):
    low, high = chance.choice([(0, 9), (-5, 300), (1_600_000_000, 1_800_000_000),
                               (1_600_000_000_000, 1_800_000_000_000), (-2**63, 2**63 - 1),
                               (2**53 - 2, 2**53 + 4), (0, 2**64 + 9)])
    return lambda: chance.randint(low, high)


def floats(chance):
    scale = chance.choice([1, 1e-300, 1e300, 1.7e9])
    return lambda: chance.random() * scale


def mixed(chance):
    makers = [integers(chance), floats(chance)]
    return lambda: chance.choice(makers)()


def words(chance):
    some = chance.sample(TEXTS, chance.randint(1, len(TEXTS)))
    return lambda: chance.choice(some)


def truths(chance):
    return lambda: chance.choice([True, False])


def anything(chance):
    return lambda: chance.choice([1, "x", [1, {"a": None}], {}, True, 1.5])


def with_gaps(chance, maker, share):
    return lambda: None if chance.random() < share else maker()


def columns(chance, kinds):
    return {name: with_gaps(chance, chance.choice(kinds)(chance), chance.choice([0, 0, 0.3, 1]))
            for name in chance.sample(NAMES, chance.randint(1, 6))}


def make_jsonl(chance, rows):
    makers = columns(chance, [time_texts, integers, floats, mixed, words, truths, anything])
    late = {"late": integers(chance)}
    lines = []
    for row in range(rows):
        record = {name: maker() for name, maker in (makers | (late if row > rows // 2 else {})).items()
                  if chance.random() > 0.02}
        lines.append(json.dumps(record, ensure_ascii=chance.random() < 0.5) + "\n")
    return "".join(lines).encode(), ["--from", "jsonl"]


def csv_text(value):
    return "" if value is None else json.dumps(value) if isinstance(value, bool) else str(value)


def make_csv(chance, rows):
    makers = columns(chance, [time_texts, integers, floats, mixed, words, truths])
    out = io.StringIO()
    writer = csv.writer(out, quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerow(makers)
    for _ in range(rows):
        writer.writerow([csv_text(maker()) for maker in makers.values()])
    return out.getvalue().encode(), ["--from", "csv"]


STRUCT_CODES = {
    "b": lambda chance: chance.randint(-128, 127), "B": lambda chance: chance.randint(0, 255),
    "H": lambda chance: chance.randint(0, 65535), "i": lambda chance: chance.randint(-9, 9),
    "q": lambda chance: 1_700_000_000 + chance.randint(0, 9), "?": lambda chance: chance.random() < 0.5,
    "d": lambda chance: 1.7e9 + chance.random(), "f": lambda chance: float(chance.randint(0, 9)),
    "3s": lambda chance: chance.choice([b"abc", b"a\0\0", b"", b"12"]),
    "20s": lambda chance: random_time(chance, 0).encode() + b"Z",
    "x": None,
}


def make_struct(chance, rows):
    codes = [chance.choice(list(STRUCT_CODES)) for _ in range(chance.randint(1, 8))] + ["d"]
    layout = chance.choice("<>=") + "".join(codes)
    makers = [STRUCT_CODES[code] for code in codes if STRUCT_CODES[code]]
    names = chance.sample(["time", "created_at", "n", "ts", "a", "b", "c", "d", "e"], len(makers))
    record = struct.Struct(layout)
    data = b"".join(record.pack(*(maker(chance) for maker in makers)) for _ in range(rows))
    return data, ["--layout", layout, "--fields", ",".join(names)]


def check(checks, folder, chance, number, make):
    rows = chance.choice([1, 2, 30, 1500])
    data, options = make(chance, rows)
    path, schema = folder / "data", folder / f"{number}.yaml"
    path.write_bytes(data)
    what = f"{make.__name__} number {number}"
    proposed = casepipe("schema", *options, "-n", rows, path, "-o", schema)
    if not data.strip() or b"{}\n" * rows == data:
        return
    if not checks.status(proposed, 0, what, options, data[:200]):
        return
    read = ["--from", "struct"] if "--layout" in options else options
    valid = casepipe("validate", "--schema", schema, *read, path)
    checks.status(valid, 0, what, schema.read_text())
    checks.equal(schema.read_text().split("\n")[0],
                 f"# A proposal from {rows} records, to be read and edited.", what)


def check_wtmp(checks, folder):
    """A schema with a layout of its own: proposed from, it still has it."""
    example = pathlib.Path(__file__).resolve().parent.parent.parent / "examples" / "wtmp.yaml"
    record = struct.pack("<hxxi32s4s32s256shhiii4I20x", 7, 1, b"tty1", b"1", b"root", b"", 0, 0, 1,
                         1_700_000_000, 5, 0, 0, 0, 0)
    path, schema = folder / "wtmp", folder / "wtmp.yaml"
    path.write_bytes(record * 20)
    checks.status(casepipe("schema", "--schema", example, "--from", "struct", path, "-o", schema), 0)
    checks.status(casepipe("validate", "--schema", schema, "--from", "struct", path), 0)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20261121
    print(f"seed {seed}")
    chance = random.Random(seed)
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="casepipe-proposed-") as name:
        folder = pathlib.Path(name)
        for number in range(ROUNDS):
            for make in (make_jsonl, make_csv, make_struct):
                check(checks, folder, chance, number, make)
        check_wtmp(checks, folder)
    return checks.end("proposed schemas")


if __name__ == "__main__":
    sys.exit(main())
