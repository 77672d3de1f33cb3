"""The benchmark's files, made once by `casepipe gen` and the ordinary compressors.

    gen --rows N --profile P ->  P-N.jsonl  --zstd-->  P-N.jsonl.zst   (one frame, the default level)
                                            --gzip-->  P-N.jsonl.gz    (the default level)
    gen --rows N --to struct ->  P-N.bin                               (15-byte records)

A file has its name only when it is whole: a run that was interrupted makes it again.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

MAKERS = {".zst": ["zstd", "-q", "-c"], ".gz": ["gzip", "-n", "-c"]}


@dataclass(frozen=True)
class DataFile:
    path: str
    rows: int
    plain_bytes: int  # when decompressed


class Data:
    def __init__(self, folder, casepipe):
        self.folder, self.casepipe = folder, casepipe

    def file(self, rows, kind, profile="regular"):
        """kind: jsonl, jsonl.zst, jsonl.gz or bin."""
        plain_kind, codec = os.path.splitext(kind) if "." in kind else (kind, "")
        plain = self._path(rows, profile, plain_kind)
        if not os.path.exists(plain):
            form = "struct" if plain_kind == "bin" else plain_kind
            self._make(plain, [self.casepipe, "gen", "--rows", str(rows), "--profile", profile,
                               "--to", form])
        path = plain + codec
        if not os.path.exists(path):
            self._make(path, [*MAKERS[codec], plain])
        return DataFile(path, rows, os.path.getsize(plain))

    def _path(self, rows, profile, kind):
        return os.path.join(self.folder, f"{profile}-{rows}.{kind}")

    def _make(self, path, command):
        print(f"bench: making {path}", file=sys.stderr)
        os.makedirs(self.folder, exist_ok=True)
        part = path + ".part"
        try:
            with open(part, "wb") as output:
                done = subprocess.run(command, stdout=output, check=False)
            if done.returncode:
                sys.exit(f"bench: {path}: {command[0]} ended with {done.returncode}")
            os.rename(part, path)
        finally:
            if os.path.exists(part):
                os.unlink(part)
