"""Parquet files as DuckDB sees them (peers/parquet_look.mjs): the answers of programs that write them.

    {"rows": COUNT, "hash": TEXT,                        of all rows, in any order
     "columns": [{"name", "hash", "bytes", "encodings", "compression", "entropy_bytes"}]}

`bytes` are those of the column's pages, `entropy_bytes` what an ideal code of single values would
need for the column: its order-0 entropy times its rows; asked for of casepipe's file alone, since the
others hold the same values.
"""

import json
import subprocess
from dataclasses import dataclass
from typing import Optional

from measure import TIMEOUT_SECONDS, telling_line


@dataclass
class Column:
    name: str
    hash: str
    bytes: int
    encodings: str
    compression: str
    entropy_bytes: Optional[float] = None


@dataclass
class Look:
    rows: int
    hash: str
    columns: list

    def difference(self, theirs):
        if (self.rows, self.hash) == (theirs.rows, theirs.hash):
            return None
        hashes = {column.name: column.hash for column in theirs.columns}
        differing = [column.name for column in self.columns if column.hash != hashes.get(column.name)]
        where = f"the columns {', '.join(differing)}" if differing else "which values share a row"
        return f"its file differs: {theirs.rows} rows for {self.rows}, {where}"


def looker(command, *what):
    """A function from the path of a Parquet file to its Look; `command` is parquet_look.mjs."""
    def look(path):
        try:
            done = subprocess.run([*command, path, *what], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, timeout=TIMEOUT_SECONDS,
                                  check=False)
        except subprocess.TimeoutExpired:
            raise ValueError(f"DuckDB took more than {TIMEOUT_SECONDS} s") from None
        if done.returncode:
            raise ValueError(telling_line(done.stderr))
        told = json.loads(done.stdout)
        return Look(told["rows"], told["hash"], [Column(**column) for column in told["columns"]])
    return look
