#!/usr/bin/env python3
"""JSON to JSON without a schema keeps every element's text, but for the white space between tokens.

    random elements, tight --> a.jsonl --convert--> b.json --convert--> c.jsonl   the same bytes
                    loose  --> array on many lines, under a pointer, values one behind the other
    bad elements among them cost themselves alone

Keys in their order and twice, numbers of any size, every escape, scalars as records. Python's json
reads every array that comes out.

    test_verbatim.py [--seed N]
"""
import argparse
import json
import os
import random
import sys
import tempfile

from support import Checks, casepipe

ROUNDS = 12
SCALARS = ["0", "-0", "-0.0", "1E+400", "123456789012345678901234567890.5", "true", "false", "null", '""',
           '"\\u0041\\ud83d\\ude00"', '"\\\\"', '"a \\" b"', '"{]"', '"\\/"', '" , "', '"\u2028\U0001f600"',
           '"tab\\t"', '"' + "x" * 100 + '"']
KEYS = ['"id"', '"id"', '"a b"', '"\\u0069d"', '""', '"a,b"', '"{"', '"\\""']
GAPS = ["", "", " ", "\n", "\t", "\r\n  "]
# Balanced, or of no brackets at all: each ends where it should.
BAD = ['{"a":01}', "{'a':1}", '{"a" 1}', "[1,,2]", '{"a":1,}', "tru", "1.", '{"a":"\x01"}', '{"a":"\\x"}', "[1 2]",
       "{1:2}", '"\\ud800"', "NaN", "+1"]


def value(rng, depth):
    """The tokens of a random value."""
    if depth == 0 or rng.random() < 0.3:
        return [rng.choice(SCALARS)]
    tokens = []
    for _ in range(rng.randrange(5)):
        tokens += [","] if tokens else []
        if depth % 2:
            tokens += [rng.choice(KEYS), ":"]
        tokens += value(rng, depth - 1)
    return ["{", *tokens, "}"] if depth % 2 else ["[", *tokens, "]"]


def element(rng):
    return value(rng, rng.choice([0, 1, 3, 3, 3, 4, 5]))


def loose(rng, tokens, gaps=GAPS):
    return "".join(token + rng.choice(gaps) for token in tokens)


class Files:
    def __init__(self, folder):
        self.folder = folder

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", newline="") as file:
            return file.read()

    def path(self, name):
        return os.path.join(self.folder, name)


def lines_of(texts):
    return "".join(text + "\n" for text in texts)


def array_of(texts):
    return "[" + ",\n".join(texts) + "]\n"


def check_good(rng, checks, files):
    elements = [element(rng) for _ in range(rng.choice([0, 1, 50, 3000]))]
    tight = ["".join(tokens) for tokens in elements]
    if tight and tight[0][0] != "{":
        tight.insert(0, '{"first":1}')  # what a file is shall be told by its content
        elements.insert(0, ["{", '"first"', ":", "1", "}"])
    files.write("a.jsonl", lines_of(tight))
    options = ["--threads", rng.choice([1, 2, 3]), "--row-group-size", rng.choice([1, 100, 100000])]
    if not tight:
        options += ["--from", "jsonl"]

    def convert(source, target, *more):
        done = casepipe("convert", files.path(source), "-o", files.path(target), *options, *more)
        return checks.status(done, 0, "convert", source, target, *more)

    if convert("a.jsonl", "b.json"):
        checks.equal(files.read("b.json"), array_of(tight) if tight else "[]\n", "array")
        checks.equal(len(json.loads(files.read("b.json"))), len(tight), "elements")
    if tight and convert("b.json", "c.jsonl"):
        checks.equal(files.read("c.jsonl"), files.read("a.jsonl"), "there and back")
    if not tight:
        return
    files.write("loose.jsonl", "".join(loose(rng, e, ["", " ", "\t"]) + rng.choice(["\n", "\r\n"]) for e in elements))
    inside = ",".join(rng.choice(GAPS) + loose(rng, e) for e in elements)
    files.write("loose.json", rng.choice(GAPS) + "[" + inside + "]" + rng.choice(GAPS))
    files.write("deep.json", '{"x":[1,{"cases":2}],"data" : {"n":"]", "cases":[' + inside + ']\n, "y":[]}, "z":"}"}')
    files.write("values.json", "\n".join(loose(rng, e) + " " for e in elements))
    for source, more in [("loose.jsonl", ["--from", "jsonl"]), ("loose.json", []),
                         ("deep.json", ["--at", "/data/cases"]), ("values.json", ["--from", "json"])]:
        if convert(source, "d.jsonl", *[m for m in more if "--from" not in options or m != "--from"]):
            checks.equal(files.read("d.jsonl"), lines_of(tight), source)


def alike(rng):
    """A record of one shape, and how it is spelled: tight, loose inside of values, or all over."""
    tokens, spelled = ["{"], "{"
    how = rng.choice(["tight", "tight", "values", "keys", "all"])
    gaps = {"tight": [""], "values": [""], "keys": [" "], "all": ["", " "]}[how]
    for key in ('"id"', '"a b"', '"n"'):
        inner = value(rng, rng.choice([0, 0, 2, 3]))
        before = [",", key, ":"] if len(tokens) > 1 else [key, ":"]
        tokens += before + inner
        spelled += loose(rng, before, gaps) + loose(rng, inner, [" ", ""] if how in ("values", "all") else [""])
    return "".join(tokens) + "}", spelled + rng.choice(gaps) + "}"


def check_alike(rng, checks, files):
    """Records that are read by their shape."""
    tight, spelled = zip(*[alike(rng) for _ in range(3000)])
    files.write("alike.jsonl", lines_of(spelled))
    files.write("alike.json", "[" + ", ".join(spelled) + "]")
    for source in ("alike.jsonl", "alike.json"):
        done = casepipe("convert", files.path(source), "-o", files.path("d.jsonl"))
        if checks.status(done, 0, source):
            checks.equal(files.read("d.jsonl"), lines_of(tight), source)


def check_bad(rng, checks, files):
    """Where the bad ones stand, and nothing else, is missing from what comes out."""
    texts = ["".join(element(rng)) for _ in range(200)]
    where = sorted(rng.sample(range(1, len(texts)), 20))
    texts[0] = '{"first":1}'
    for place in where:
        texts[place] = rng.choice(BAD)
    good = [text for place, text in enumerate(texts) if place not in where]
    files.write("bad.json", "[" + ", ".join(texts) + "]")
    files.write("bad.jsonl", lines_of(texts))
    for source in ("bad.json", "bad.jsonl"):
        done = casepipe("convert", files.path(source), "-o", files.path("good.jsonl"), "--rejects",
                        files.path("rejects"))
        checks.status(done, 1, source)
        checks.equal(files.read("good.jsonl"), lines_of(good), source, "what is good")
        rejects = [json.loads(line) for line in files.read("rejects").split("\n")[:-1]]
        checks.equal([r["record"] - 1 for r in rejects], where, source, "what is not")
        checks.equal([r["raw"] for r in rejects], [texts[p] for p in where], source, "as it stands")
        text = files.read(source).encode()
        for reject in rejects:
            start = reject["offset"]
            checks.equal(text[start:start + reject["length"]].decode(), reject["raw"], source, "place")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    seed = parser.parse_args().seed
    print(f"seed {seed}")
    rng = random.Random(seed)
    checks = Checks()
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            check_good(rng, checks, Files(folder))
            check_alike(rng, checks, Files(folder))
            check_bad(rng, checks, Files(folder))
    return checks.end("verbatim")


if __name__ == "__main__":
    sys.exit(main())
