"""The benchmark's files, made once by `casepipe gen` and the ordinary compressors.

    gen --rows N --profile P ->  P-N.jsonl  --zstd-->  P-N.jsonl.zst   (one frame, the default level)
                                            --gzip-->  P-N.jsonl.gz    (the default level)
    gen --rows N --to struct ->  P-N.bin                               (15-byte records)
    gen --rows N --to json   ->  P-N.json                              (one array, on one line)

A file has its name only when it is whole: a run that was interrupted makes it again.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

MAKERS = {".zst": ["zstd", "-q", "-c"], ".gz": ["gzip", "-n", "-c"]}
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class DataFile:
    path: str
    rows: int
    plain_bytes: int  # when decompressed


def as_printed(command, output):
    return subprocess.run(command, stdout=output, check=False).returncode


def on_one_line(command, output):
    """Without its line ends, which in JSON stand between values alone."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        while block := child.stdout.read(BLOCK_BYTES):
            output.write(block.replace(b"\n", b""))
    return child.returncode


class Data:
    def __init__(self, folder, casepipe):
        self.folder, self.casepipe = folder, casepipe

    def file(self, rows, kind, profile="regular"):
        """kind: jsonl, jsonl.zst, jsonl.gz, bin or json."""
        plain_kind, codec = os.path.splitext(kind) if "." in kind else (kind, "")
        plain = self._path(rows, profile, plain_kind)
        if not os.path.exists(plain):
            self.generate(plain, rows, plain_kind, profile)
        path = plain + codec
        if not os.path.exists(path):
            self._make(path, [*MAKERS[codec], plain])
        return DataFile(path, rows, os.path.getsize(plain))

    def generate(self, path, rows, kind, profile):
        """kind: jsonl, bin or json."""
        form = "struct" if kind == "bin" else kind
        self._make(path, [self.casepipe, "gen", "--rows", str(rows), "--profile", profile, "--to", form],
                   on_one_line if kind == "json" else as_printed)

    def _path(self, rows, profile, kind):
        return os.path.join(self.folder, f"{profile}-{rows}.{kind}")

    def _make(self, path, command, run=as_printed):
        print(f"bench: making {path}", file=sys.stderr)
        os.makedirs(self.folder, exist_ok=True)
        part = path + ".part"
        try:
            with open(part, "wb") as output:
                status = run(command, output)
            if status:
                sys.exit(f"bench: {path}: {command[0]} ended with {status}")
            os.rename(part, path)
        finally:
            if os.path.exists(part):
                os.unlink(part)
