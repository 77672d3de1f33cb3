"""Which contests there are: DESIGN.md's table of targets, as data.

A contest is one input read by casepipe (with some number of threads) and, in turn with it, by each of
its peers; where its job writes files, their sizes are compared, too. A section is what ONLY=... names.
A target is a limit beside a peer, or (Contest.speed) one of casepipe's own.
"""

from dataclasses import dataclass, field
from typing import Optional

# Targets are judged from this much input on: with less, the start of the processes is a good part of
# the time, and the buffers are not yet full.
JUDGED_BYTES = 90e6

STRUCT_TIMES = 10  # as many times more 15-byte records as JSON records
ARRAY_TIMES = 2.4  # and in the array: 2 GB at 5,000,000


@dataclass(frozen=True)
class Target:
    """at_most: casepipe's time over the peer's. at_least: casepipe's speed over the peer's."""

    kind: str
    limit: float


@dataclass(frozen=True)
class SizeTarget:
    """casepipe's file over the smallest one of these peers' files."""

    limit: float
    peers: tuple


@dataclass(frozen=True)
class Peer:
    tool: str
    target: Optional[Target] = None
    part: int = 1  # runs on one in so many of the records, and is scaled


@dataclass(frozen=True)
class Contest:
    title: str
    kind: str  # of data.py; the input
    peers: list = field(default_factory=list)
    profile: str = "regular"
    cache: str = "warm"
    subject: str = "casepipe"
    rows_times: float = 1
    job: str = "report"
    size: Optional[SizeTarget] = None
    speed: Optional[float] = None  # MB/s that casepipe must reach
    gives: Optional[str] = None    # a kind of data.py: casepipe's output must be those very bytes


def at_most(limit):
    return Target("at_most", limit)


def at_least(limit):
    return Target("at_least", limit)


ENGINES = [Peer("duckdb"), Peer("clickhouse")]
SCRIPTS = [Peer("jq", part=20), Peer("miller", part=20), Peer("python_json", part=5)]
ONE_THREAD = Peer("casepipe1", at_least(1.75))


def to_parquet(profile, peers=()):
    return Contest(".jsonl.zst to Parquet", "jsonl.zst",
                   [Peer("duckdb_v1", at_most(0.5)), Peer("duckdb_v2", at_most(0.5)), *peers],
                   profile=profile, subject="casepipe_parquet", job="convert",
                   size=SizeTarget(0.8, ("duckdb_v1", "duckdb_v2")))


def simdjson(limit):
    return [Peer("ondemand", at_least(limit)), Peer("fields", at_least(limit)), Peer("dom")]


SECTIONS = {
    "zst": [
        Contest("one-frame .jsonl.zst", "jsonl.zst", [Peer("zstd", at_most(1.05)), *ENGINES]),
        Contest("one-frame .jsonl.zst", "jsonl.zst", [Peer("zstd", at_most(1.05)), *ENGINES],
                profile="messy"),
        Contest("one-frame .jsonl.zst", "jsonl.zst", [Peer("zstd", at_most(1.05))], cache="cold"),
    ],
    "jsonl": [
        Contest("plain .jsonl, 1 thread", "jsonl", simdjson(1.5), subject="casepipe1"),
        Contest("plain .jsonl, 1 thread", "jsonl", simdjson(1.2), profile="messy",
                subject="casepipe1"),
        Contest("plain .jsonl, 2 threads", "jsonl", [ONE_THREAD, *ENGINES, *SCRIPTS],
                subject="casepipe2"),
        Contest("plain .jsonl, 2 threads", "jsonl", [ONE_THREAD, *ENGINES, *SCRIPTS],
                profile="messy", subject="casepipe2"),
        Contest("plain .jsonl, 2 threads", "jsonl", [Peer("read"), Peer("ondemand")], cache="cold",
                subject="casepipe2"),
    ],
    "gz": [
        Contest(".jsonl.gz", "jsonl.gz", [Peer("igzip", at_most(1.05)), Peer("gzip"), *ENGINES]),
        Contest(".jsonl.gz", "jsonl.gz", [Peer("igzip", at_most(1.05)), *ENGINES],
                profile="messy"),
        Contest(".jsonl.gz", "jsonl.gz", [Peer("igzip", at_most(1.05))], cache="cold"),
    ],
    "struct": [
        Contest("15-byte records, 2 threads", "bin",
                [Peer("read", at_most(1.6)), Peer("clickhouse"), Peer("numpy"),
                 Peer("python_struct", part=20)],
                subject="casepipe2", rows_times=STRUCT_TIMES),
        Contest("15-byte records, 2 threads", "bin", [Peer("read")], cache="cold",
                subject="casepipe2", rows_times=STRUCT_TIMES),
    ],
    "parquet": [to_parquet("regular", [Peer("clickhouse_parquet")]), to_parquet("messy")],
    # jq and Python hold the whole array as values in memory, which takes six times its bytes.
    "array": [
        Contest("JSON array to JSONL, 1 thread", "json",
                [Peer("casepipe_array"), Peer("duckdb_array"), Peer("jq_array", part=20),
                 Peer("python_array", part=20)],
                subject="casepipe_array1", rows_times=ARRAY_TIMES, job="convert", speed=1500,
                gives="jsonl"),
    ],
}

# Growth: the same job over 1, 4 and 16 times the records.
GROWTH_TIMES = [1, 4, 16]
GROWTH_KINDS = [("jsonl", 1), ("jsonl.zst", 1), ("jsonl.gz", 1), ("bin", STRUCT_TIMES)]
GROWTH_PART = 8              # 1 x is this part of the rows
GROWTH_PEAK_LIMIT = 1.05

START_PEERS = ["python_start", "node_start"]
START_LIMIT_SECONDS = 0.005
START_RUNS_TIMES = 5

PEAK_LIMIT_KIB = 64 << 10    # the windows of these files' codecs are below 8 MiB

OTHER_SECTIONS = ["start", "growth"]
