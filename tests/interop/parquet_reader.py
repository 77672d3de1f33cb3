"""Other readers of Parquet files: DuckDB and hyparquet, through parquet_read.mjs."""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


class Reader:
    """parquet_read.mjs, asked as often as need be."""

    def __init__(self):
        self.process = subprocess.Popen(["node", HERE / "parquet_read.mjs"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, what, **request):
        self.process.stdin.write(json.dumps({"do": what, **request}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("parquet_read.mjs ended")
        return json.loads(line)

    def query(self, sql):
        rows = self.ask("query", sql=sql)
        if isinstance(rows, dict):
            sys.exit(f"{sql}: {rows['error']}")
        return rows

    def close(self):
        self.process.stdin.close()
        return self.process.wait()
