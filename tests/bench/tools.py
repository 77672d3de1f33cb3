"""The programs that are compared: where they are, how they are called, which version, or why not there.

A Tool makes the command line of a job over one file: one that prints, or one that writes a file. `read`
reads the answer from what it printed or wrote, and is None where there is none to read.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Callable, Optional

import answers
from measure import Failed, telling_line
from parquet_look import looker

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = sys.executable  # and not "python3", which may be a wrapper script that takes its own time
STRUCT = ["--layout", "<dHfB", "--fields", "timestamp,sensor_id,value,status"]


@dataclass
class Tool:
    name: str
    command: Callable  # path of a data file (and of the file to write) -> argv
    read: Optional[Callable] = answers.read_peer  # path of what it printed or wrote -> answer
    missing: Optional[str] = None  # the reason, where it is not there
    version: Optional[str] = None
    writes: Optional[str] = None  # the extension of the files that it writes; None: it prints

    def answer(self, path):
        try:
            return self.read(path) if self.read else None
        except (ValueError, KeyError, TypeError) as error:
            raise Failed(f"its answer cannot be read: {error}") from None

    def stored_bytes(self, path):
        return os.path.getsize(path) if self.writes else None


def ask_version(command):
    """What a program says of its version, and None; or None, and why it does not run."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=60, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return None, str(error)
    if done.returncode:
        return None, telling_line(done.stdout)
    first = (done.stdout.strip().splitlines() or ["no version told"])[0].strip("* ")
    return (f"{command[0]} {first}" if first.startswith("v") else first), None


def casepipe_command(program, threads):
    def command(path):
        rules = STRUCT if path.endswith(".bin") else ["--schema", "case"]
        count = ["--threads", str(threads)] if threads else []
        return [program, "report", *rules, "--to", "json", *count, path]
    return command


def casepipe_name(threads):
    return f"casepipe, {threads} thread{'s' if threads > 1 else ''}" if threads else "casepipe"


def peer(name):
    return os.path.join(HERE, "peers", name)


def python_with_numpy():
    """Debian's NumPy belongs to Debian's Python, which need not be the first one in PATH."""
    for python in (PYTHON, "/usr/bin/python3"):
        version, _ = ask_version([python, "-c", "import numpy, sys; "
                                 "print('NumPy', numpy.__version__, '(Python %d.%d)' % sys.version_info[:2])"])
        if version:
            return python, version
    return PYTHON, None


class Tools:
    """All tools by key. `only`: keys that are wanted, or None for all."""

    def __init__(self, casepipe, folder, modules, only=None):
        self.folder, self.modules, self.only = folder, modules, only
        self.table = {}
        self._casepipes(casepipe)
        self._readers()
        self._engines()
        self._scripts()
        self._parquet_writers(casepipe)
        self._array_readers(casepipe)
        unknown = sorted(set(only or ()) - set(self.table))
        if unknown:
            raise ValueError(f"no such peer: {', '.join(unknown)}; there are {', '.join(self.table)}")

    def wanted(self, key):
        return self.only is None or key in self.only or key.startswith("casepipe")

    def _add(self, key, tool, probe, package=None):
        """probe: a command that tells the version. package: whose reason setup.sh wrote down."""
        tool.version, reason = ask_version(probe)
        if reason:
            tool.missing = f"not installed: {self._reason(package or key) or reason}"
        self.table[key] = tool

    def _reason(self, package):
        path = os.path.join(self.folder, "missing", package)
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as file:
            return file.readline().strip()

    def _casepipes(self, program):
        for threads in (None, 1, 2):
            tool = Tool(casepipe_name(threads), casepipe_command(program, threads),
                        answers.read_casepipe)
            self._add(f"casepipe{threads or ''}", tool, [program, "--version"])

    def _readers(self):
        read_file = os.path.join(self.folder, "read_file")
        self._add("zstd", Tool("zstd -dc >/dev/null", lambda p: ["zstd", "-q", "-dc", p], None),
                  ["zstd", "--version"])
        self._add("igzip", Tool("igzip -dc >/dev/null", lambda p: ["igzip", "-dc", p], None),
                  ["igzip", "--version"])
        self._add("gzip", Tool("gzip -dc >/dev/null", lambda p: ["gzip", "-dc", p], None),
                  ["gzip", "--version"])
        self._add("read", Tool("bare read()", lambda p: [read_file, p], None), [read_file, "--version"])
        self._add("node_start", Tool("node, empty script", lambda p: ["node", "-e", "0"], None),
                  ["node", "--version"], "node")
        self._add("python_start", Tool("python3, empty script", lambda p: [PYTHON, "-c", ""], None),
                  [PYTHON, "--version"])

    def _engines(self):
        duckdb = ["node", peer("duckdb_report.mjs"), self.modules]
        chdb = ["node", peer("chdb_report.mjs"), self.modules]
        self._add("duckdb", Tool("DuckDB", lambda p: [*duckdb, os.path.abspath(p)]),
                  [*duckdb, "--version"], "npm")
        self._add("clickhouse", Tool("ClickHouse", lambda p: [*chdb, os.path.abspath(p)]),
                  [*chdb, "--version"], "npm")
        program = os.path.join(self.folder, "simdjson_report")
        for key, manner, name in (
            ("ondemand", "ondemand", "simdjson On-Demand, by name"),
            ("fields", "fields", "simdjson On-Demand, key by key"),
            ("dom", "dom", "simdjson DOM"),
        ):
            self._add(key, Tool(name, lambda p, m=manner: [program, m, p]),
                      [program, "--version"], "simdjson")

    def _scripts(self):
        self._add("jq", Tool("jq", lambda p: ["jq", "-n", "-c", "-f", peer("report.jq"), p]),
                  ["jq", "--version"])
        self._add("miller", Tool("Miller", lambda p: ["mlr", "--ijsonl", "--ojsonl", "put", "-q", "-f",
                                                      peer("report.mlr"), p]), ["mlr", "--version"])
        self._add("python_json", Tool("Python, json.loads", lambda p: [
            PYTHON, peer("json_lines.py"), p]), [PYTHON, "--version"])
        self._add("python_struct", Tool("Python, struct", lambda p: [
            PYTHON, peer("struct_records.py"), p]), [PYTHON, "--version"])
        python, version = python_with_numpy()
        self._add("numpy", Tool("NumPy", lambda p: [python, peer("numpy_records.py"), p]),
                  [python, "-c", f"import numpy; print({version!r})"])

    def _parquet_writers(self, program):
        """Their answers are read by DuckDB: without it there is none to compare with, either."""
        node = lambda script: ["node", peer(script), self.modules]
        look = ["node", peer("parquet_look.mjs"), self.modules]
        has_duckdb = not self.table["duckdb"].missing
        self._add("casepipe_parquet", Tool(
            "casepipe", lambda p, out: [program, "convert", "--schema", "case", p, "-o", out],
            looker(look, "entropy") if has_duckdb else None, writes=".parquet"), [program, "--version"])
        for version in ("v1", "v2"):
            self._add(f"duckdb_{version}", Tool(
                f"DuckDB {version}",
                lambda p, out, v=version: [*node("duckdb_parquet.mjs"), os.path.abspath(p), out, v],
                looker(look), writes=".parquet"), [*node("duckdb_parquet.mjs"), "--version"], "npm")
        self._add("clickhouse_parquet", Tool(
            "ClickHouse", lambda p, out: [*node("chdb_parquet.mjs"), os.path.abspath(p), out],
            looker(look), writes=".parquet"), [*node("chdb_parquet.mjs"), "--version"], "npm")

    def _array_readers(self, program):
        """They print their JSONL: measured runs then write to /dev/null."""
        convert = [program, "convert", "--to", "jsonl", "-o", "-"]
        duckdb = ["node", peer("duckdb_array.mjs"), self.modules]
        self._add("casepipe_array", Tool("casepipe, all cores", lambda p: [*convert, p],
                                         answers.read_lines), [program, "--version"])
        self._add("casepipe_array1", Tool(casepipe_name(1), lambda p: [*convert, "--threads", "1", p],
                                          answers.read_lines), [program, "--version"])
        self._add("duckdb_array", Tool("DuckDB", lambda p: [*duckdb, os.path.abspath(p)],
                                       answers.read_lines), [*duckdb, "--version"], "npm")
        self._add("jq_array", Tool("jq -c '.[]'", lambda p: ["jq", "-c", ".[]", p], answers.read_lines),
                  ["jq", "--version"], "jq")
        self._add("python_array", Tool("Python, json.load", lambda p: [
            PYTHON, peer("array_lines.py"), p], answers.read_lines), [PYTHON, "--version"])

    def get(self, key):
        return self.table[key]

    def versions(self):
        found = {t.version for k, t in self.table.items() if self.wanted(k) and t.version}
        return sorted(found, key=str.lower)
