#!/usr/bin/env python3
"""Access logs against a regular expression: the bundled log with odd lines, and lines made of odd
parts, good and bad; each value, each refusal.

    line --regular expression, datetime--> record or None
         --casepipe convert------------->  JSON line or reject      the same

    test_clf.py [SEED]
"""
import datetime
import decimal
import json
import os
import pathlib
import random
import re
import sys
import tempfile

from support import Checks, binary, casepipe, json_lines

FIXTURES = pathlib.Path(__file__).resolve().parent.parent.parent / "fixtures"
QUOTED = r'"((?:[^"\\]|\\.)*)"'
LINE = re.compile(
    r"([^ ]+) ([^ ]+) ((?:(?! \[).)*) \[([^]]*)\] " + QUOTED + r" ([^ ]+) ([^ ]+)"
    r"(?: " + QUOTED + r" " + QUOTED + r"(?: .*)?|(?: (?!\").*)?)")
REQUEST = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (.+) (HTTP/[0-9.]+)", re.S)
SIMPLE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (/[^ ]*)", re.S)
ESCAPE = re.compile(rb'\\(?:x([0-9A-Fa-f]{2})|(["\\bnrtv]))')
LETTERS = {b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def unescape(text):
    """What the server escaped, or the text as it stands where that is no UTF-8."""
    plain = ESCAPE.sub(lambda m: bytes([int(m[1], 16)]) if m[1] else LETTERS.get(m[2], m[2]),
                       text.encode())
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return text


def read_time(text):
    if not re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", text, re.ASCII):
        return None
    try:
        time = datetime.datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z")
        return time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def integer(text, limit):
    """A JSON number that is whole: 1e3 is one."""
    if not re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", text, re.ASCII):
        return None
    number = decimal.Decimal(text)
    return int(number) if number == int(number) and 0 <= number <= limit else None


def dash(text):
    return None if text is None or text == "-" else text


def expected(line):
    """The record as its JSON, or None where it has to be refused."""
    try:
        match = LINE.fullmatch(line.decode())
    except UnicodeDecodeError:
        return None
    if not match:
        return None
    host, ident, user, time, request, status, size, referer, agent = match.groups()
    time, status = read_time(time), integer(status, 65535)
    if time is None or status is None or (size != "-" and integer(size, 2 ** 64 - 1) is None):
        return None
    request = unescape(request)
    parts = REQUEST.fullmatch(request) or SIMPLE.fullmatch(request)
    method, path, protocol = ((parts.groups() + (None,))[:3]) if parts else (None, None, None)
    quoted = [None if part is None else dash(part) and unescape(part) for part in (referer, agent)]
    quoted = [dash(part) for part in quoted]
    return {"host": host, "ident": dash(ident), "user": dash(user), "time": time,
            "request": request, "method": method, "path": path, "protocol": protocol,
            "status": status, "bytes": None if size == "-" else integer(size, 2 ** 64 - 1),
            "referer": quoted[0], "agent": quoted[1]}


def check(checks, folder, content, *what):
    path, rejects = os.path.join(folder, "a.log"), os.path.join(folder, "r.jsonl")
    with open(path, "wb") as out:
        out.write(content)
    done = casepipe("convert", "--from", "clf", path, "--to", "jsonl", "-o", "-", "--rejects",
                    rejects)
    wanted = {}
    for number, line in enumerate(content.split(b"\n"), 1):
        line = line.removesuffix(b"\r")
        if line.strip(b" \t\r"):
            wanted[number] = line, expected(line)
    refused = {reject["line"] for reject in json_lines(rejects)}
    checks.equal(done.status, 1 if refused else 0, *what, done.err)
    got = iter(done.out.splitlines())
    for number, (line, record) in wanted.items():
        one = None if number in refused else json.loads(next(got, "{}"))
        checks.equal(one, record, *what, line)
    checks.equal(next(got, None), None, *what)


PARTS = (
    ("192.0.2.1", "2001:db8::1", "host.example", "", "a b", "é"),
    ("-", "ident", "", '"'),
    ("-", "frank", "john doe", "", '""', "[", "a [b"),
    ("10/Oct/2000:13:55:36 -0700", "29/Feb/2023:00:00:00 +0000", "29/Feb/2024:23:59:59 +1400",
     "1/Oct/2000:13:55:36 -0700", "10/Oct/2000:24:00:00 +0000", "10/oct/2000:13:55:36 -0700", "",
     "10/Oct/2000:13:55:36", "31/Dec/9999:12:00:00 +0000", "10/Oct/2000 13:55:36 -0700"),
    ("GET / HTTP/1.0", "GET /a b HTTP/1.1", "-", "", "GET", "GET /", "GET x", "GET  HTTP/1.1",
     r"\x16\x03\xFF", r"GET /\xC3\xA9 HTTP/1.1", r"GET /\xC3 HTTP/1.1", r'GET /\" HTTP/1.1', "\\",
     r"GET /\\ HTTP/1.1", "(x) / HTTP/1.1", "GET / HTTP/", "GET / http/1.1", r"\n\t\q\x4", "/ / /",
     " GET / HTTP/1.1", "GET /  HTTP/2"),
    ("200", "0", "65535", "65536", "-", "OK", "2.5", "020"),
    ("-", "0", "18446744073709551615", "18446744073709551616", "x", "1e3"),
    ("", "", ' "-" "-"', ' "http://www.example.com/" "curl/8"', ' "a"', ' "a" "b" "c"', " 0.003",
     ' "a""b"', r' "\"" "\\"', r' "x" "\xff"', " ", ' "" ""', ' "a" "b', ' "a" "b"c', '"a" "b"'),
)


def odd_line(rng):
    def pick(choices):
        return choices[0] if rng.random() < 0.6 else rng.choice(choices)
    host, ident, user, time, request, status, size, rest = map(pick, PARTS)
    line = f'{host} {ident} {user} [{time}] "{request}" {status} {size}{rest}'.encode()
    if rng.random() < 0.05:
        at = rng.randrange(len(line))
        line = line[:at] + rng.choice((b"", b'"', b"\\", b" ", b"\xff", b"]")) + line[at + 1:]
    return line


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}, {binary()}")
    rng, checks = random.Random(seed), Checks()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("valid", "invalid"):
            content = (FIXTURES / name / "access.log").read_bytes()
            # strptime knows no second 60; the test of times does.
            lines = [line for line in content.split(b"\n") if b":59:60" not in line]
            check(checks, folder, b"\n".join(lines), name)
        for newline in (b"\n", b"\r\n"):
            check(checks, folder, newline.join(odd_line(rng) for _ in range(20000)), "odd lines")
    return checks.end("clf")


if __name__ == "__main__":
    sys.exit(main())
