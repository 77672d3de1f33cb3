#!/usr/bin/env python3
"""casepipe's struct records against Python's struct module, on generated layouts and bytes.

    struct_vs_python.py DRIVER [--seed N] [--cases N]

DRIVER is the program made from struct_driver.c. Compared are the verdict on the layout, the
record size, every decoded value, and the reject of a tail. A failure prints the seed to repeat it.
"""
import argparse
import json
import math
import random
import struct
import subprocess
import sys

CODES = "xcbB?hHiIlLqQefds"
LIMIT = 1 << 20
FIELDS_MAX = 64  # of the driver
INTEGERS = "bBhHiIlLqQ"
# Characters of one to four bytes in UTF-8.
ALPHABET = "aZ09 ~\u00e9\u03a9\u20ac\ud7ff\U0001f600"


def make_layout(rng):
    """A layout that is valid most of the time, as text."""
    parts = [rng.choice(["", "@", "=", "<", ">", "!"])]
    for _ in range(rng.randint(1, 8)):
        parts.append(rng.choice(["", "", "", " ", "\t", "\n\r", "\v\f"]))
        parts.append(rng.choice(["", "", "", "0", "1", "2", "3", "007", "12"]))
        parts.append(rng.choice(CODES))
    if rng.random() < 0.15:
        at = rng.randint(0, len(parts))
        parts.insert(at, rng.choice(["n", "N", "p", "P", "Z", "3 ", "9", "<", "@", ",", "F", "é",
                                     "1048576", "99999999999999999999"]))
    return "".join(parts)


def python_codes(layout):
    """The codes of the layout's values, counts unfolded; None where Python refuses it."""
    try:
        struct.calcsize(layout)
    except (struct.error, UnicodeEncodeError):
        return None
    codes, count = [], ""
    for char in layout.lstrip("@=<>!"):
        if char.isdigit():
            count += char
        elif not char.isspace():
            times = int(count) if count else 1
            if char == "s":
                codes.append("s")
            elif char != "x":
                codes.extend(char * min(times, FIELDS_MAX + 1))
            count = ""
    return codes


def field_type(code, size, rng):
    if code in INTEGERS:
        return ("int" if code.islower() else "uint") + str(8 * size)
    if code == "?":
        return "bool"
    if code in "cs":
        return "string"
    return "float64" if code == "d" else rng.choice(["float32", "float64"])


def is_expected_error(layout, codes):
    if codes is None or any(char in "nNpPFD" for char in layout):
        return True
    return not 0 < struct.calcsize(layout) <= LIMIT


def text_bytes(size, rng):
    """Valid UTF-8 of at most `size` bytes, NUL bytes behind and sometimes inside."""
    out = bytearray()
    for _ in range(rng.randint(0, size)):
        char = rng.choice(ALPHABET + "\0").encode()
        if len(out) + len(char) <= size:
            out += char
    return bytes(out)


def make_value(code, size, rng):
    """Something that struct.pack takes for the code."""
    if code in INTEGERS:
        bits = 8 * size
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if code.islower() else (0, (1 << bits) - 1)
        return rng.choice([low, high, 0, 1, rng.randint(low, high), rng.randint(low, high)])
    if code == "?":
        return rng.random() < 0.5
    if code == "c":
        return bytes([rng.randrange(0x80)])
    # A pattern of bits is any float, also a subnormal, an infinity or NaN.
    raw = rng.choice([rng.getrandbits(8 * size), rng.getrandbits(4 * size),
                      0x7C00 << 8 * size - 16, 1 << 8 * size - 1])
    return struct.unpack("<" + code, raw.to_bytes(size, "little"))[0]


def sizes_of(layout, codes):
    native = layout[0] not in "=<>!"
    return [struct.calcsize(("@" if native else "=") + code) for code in codes]


def string_sizes(layout):
    """The count of each `s`, in order."""
    sizes, count = [], ""
    for char in layout:
        if char == "s":
            sizes.append(int(count) if count else 1)
        count = count + char if char.isdigit() else ""
    return sizes


def make_record(layout, codes, sizes, rng):
    texts = iter(string_sizes(layout))
    values = [text_bytes(next(texts), rng) if code == "s" else make_value(code, size, rng)
              for code, size in zip(codes, sizes)]
    record = bytearray(struct.pack(layout, *values))
    # Python packs a bool as 0 or 1 and pads with zeros: reading must not depend on either.
    if set(codes) == {"?"}:
        record = bytearray(rng.choice([0, 1, 2, 128, 255]) for _ in record)
    return bytes(record)


def make_case(rng):
    """`codes` is None where the layout must be refused."""
    layout = make_layout(rng)
    codes = python_codes(layout)
    if is_expected_error(layout, codes):
        return {"layout": layout, "types": [], "bytes": b"", "codes": None}
    if len(codes) > FIELDS_MAX:
        return make_case(rng)
    sizes = sizes_of(layout, codes)
    types = [field_type(code, size, rng) for code, size in zip(codes, sizes)]
    records = [make_record(layout, codes, sizes, rng) for _ in range(rng.choice([0, 1, 2, 5, 70]))]
    tail = bytes(rng.randrange(struct.calcsize(layout)))
    return {"layout": layout, "types": types, "bytes": b"".join(records) + tail, "codes": codes,
            "tail": len(tail)}


def plain(code, value):
    """A value of Python's as the driver prints it."""
    if code == "s":
        return list(value.rstrip(b"\0"))
    if code == "c":
        return list(value)
    if code in "efd":
        return "nan" if math.isnan(value) else struct.unpack("<Q", struct.pack("<d", value))[0]
    return value


def printed(code, value):
    if code in "efd" and math.isnan(struct.unpack("<d", struct.pack("<Q", value))[0]):
        return "nan"
    return value


def check(case, answer):
    """None, or what differs."""
    layout, codes = case["layout"], case["codes"]
    if codes is None:
        return None if answer.get("refused") == "layout" else "it should be refused"
    if "refused" in answer:
        return "casepipe refuses its " + answer["refused"]
    size = struct.calcsize(layout)
    if answer["size"] != size:
        return f"calcsize is {size}, casepipe says {answer['size']}"
    whole = case["bytes"][:len(case["bytes"]) - case["tail"]]
    expected = [[plain(c, v) for c, v in zip(codes, row)] for row in struct.iter_unpack(layout, whole)]
    found = [[printed(c, v) for c, v in zip(codes, row)] for row in answer["rows"]]
    if found != expected:
        row = next((i for i, (a, b) in enumerate(zip(expected, found)) if a != b),
                   min(len(expected), len(found)))
        return f"record {row}: Python {expected[row:row + 1]}, casepipe {found[row:row + 1]}"
    rejects = [[len(expected), "truncated_record"]] if case["tail"] else []
    return None if answer["rejects"] == rejects else f"rejects {answer['rejects']}"


def hex_of(data):
    return data.hex() or "-"


def run(driver, cases):
    lines = "".join("{} {} {}\n".format(hex_of(c["layout"].encode()), hex_of(",".join(c["types"]).encode()),
                                        hex_of(c["bytes"])) for c in cases)
    done = subprocess.run([driver], input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--cases", type=int, default=3000)
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.cases} cases")
    rng = random.Random(options.seed)
    cases = [make_case(rng) for _ in range(options.cases)]
    answers = run(options.driver, cases)
    if len(answers) != len(cases):
        sys.exit(f"{len(answers)} answers to {len(cases)} cases")
    for case, answer in zip(cases, answers):
        wrong = check(case, answer)
        if wrong:
            sys.exit(f"layout {case['layout']!r}, types {case['types']}: {wrong}")
    valid = sum(case["codes"] is not None for case in cases)
    if not 0 < valid < len(cases):
        sys.exit("the cases are all of one kind")
    print(f"{valid} layouts decoded, {len(cases) - valid} refused, as they should")


if __name__ == "__main__":
    main()
