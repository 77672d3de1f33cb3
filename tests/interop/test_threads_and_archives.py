#!/usr/bin/env python3
"""The same bytes from every way to compute them, and never a count from a cut archive.

Reports (less "inputs") and rejects of messy data with bad records are compared byte for byte: one
thread against 2, 4 and 7, plain files against every codec and archive, with random pauses around
all locks (delays.c, preloaded) in twenty runs. Then each archive and compressed file is cut at 50
places: always an error, never a report.
"""
import bz2
import gzip
import io
import lzma
import os
import pathlib
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from support import Checks, binary, casepipe, generate, zstd

SEED = int(os.environ.get("CASEPIPE_SEED", "20261120"))
RUNS, CUTS = 20, 50
SKIPPABLE_FRAME = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
INPUTS = re.compile(rb' "inputs": \[.*?\],\n "records"', re.DOTALL)
PLACES = re.compile(rb'"source":"[^"]*"')


def zstd_frames(text):
    """Frames of every size, as tools that compress in parallel and rotated logs leave them."""
    sizes = (300000, 1, 700000, 0, 5000, 20, 2000000, 100)
    frames, at = [], 0
    while at < len(text):
        size = sizes[len(frames) % len(sizes)]
        frames.append(zstd("-c", stdin=text[at:at + size]))
        at += size
    return SKIPPABLE_FRAME.join(frames)


def make_inputs(folder):
    """Two plain files, and the same in every codec and archive; a list for each way."""
    plain = []
    for name, seed in (("a.jsonl", 1), ("b.jsonl", 2)):
        plain.append(generate(folder / name, 25000, "--profile", "messy", "--seed", seed,
                              "--bad-rate", "0.002"))
    texts = [path.read_bytes() for path in plain]
    ways = {"plain": [plain]}

    def files(extension, pack):
        paths = [folder / (path.name + extension) for path in plain]
        for path, text in zip(paths, texts):
            path.write_bytes(pack(text))
        ways[extension] = [paths]

    files(".zst", lambda text: zstd("-c", stdin=text))
    files(".frames.zst", zstd_frames)
    files(".gz", lambda text: gzip.compress(text[:999999], 1) + gzip.compress(text[999999:], 6))
    files(".xz", lambda text: lzma.compress(text, preset=0))
    files(".bz2", lambda text: bz2.compress(text, 1))
    files(".lz4", lambda text: subprocess.run(["lz4", "-qc"], input=text, check=True,
                                              stdout=subprocess.PIPE).stdout)

    def tar(paths, mode):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode) as archive:
            for path in paths:
                archive.add(path, arcname="day/" + path.name)
        return packed.getvalue()

    def archive(name, content):
        (folder / name).write_bytes(content)
        ways[name] = [[folder / name]]

    archive("all.tar", tar(plain, "w"))
    archive("all.tar.zst", zstd("-c", stdin=tar(plain, "w")))
    archive("gz_members.tar.gz", tar(ways[".gz"][0], "w:gz"))
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for path in plain:
            packed.write(path, "day/" + path.name)
    ways["all.zip"] = [[folder / "all.zip"]]
    for name, command in (("all.7z", ["7z", "a", "-bso0", "-mx1", "all.7z", "a.jsonl", "b.jsonl"]),
                          ("all.cpio", ["sh", "-c", "printf 'a.jsonl\nb.jsonl\n' | "
                                        "cpio --quiet -o -H newc >all.cpio"])):
        subprocess.run(command, cwd=folder, check=True)
        ways[name] = [[folder / name]]
    return {name: paths[0] for name, paths in ways.items()}


def report(folder, paths, *options, delays=None):
    environment = dict(os.environ)
    if delays is not None:
        environment.update(LD_PRELOAD=str(folder / "delays.so"), CASEPIPE_DELAYS=str(delays))
    done = subprocess.run([binary(), "report", "--schema", "case", "--to", "json", "--rejects",
                           folder / "rejects", *options, *paths], capture_output=True, check=False,
                          env=environment)
    return (done.returncode, INPUTS.sub(b"", done.stdout),
            PLACES.sub(b"", (folder / "rejects").read_bytes()))


def check_same(checks, folder, ways, generator):
    expected = report(folder, ways["plain"], "--threads", "1")
    checks.equal(expected[0], 1, "one thread, plain")
    checks.that(len(expected[1]) > 1000, "the report is short")
    checks.that(len(expected[2].splitlines()) > 50, "few rejects")
    for name, paths in ways.items():
        for options in (["--threads", 2], ["--threads", 7], ["--threads", 4, "--reader", "mmap"],
                        ["--threads", 2, "--chunk-size", 4097]):
            got = report(folder, paths, *map(str, options))
            checks.that(got == expected, name, options, "differs from one thread over plain files")
    names = list(ways)
    for run in range(RUNS):
        name = names[run % len(names)]
        delays = generator.randrange(1 << 32)
        got = report(folder, ways[name], "--threads", str(generator.choice((2, 4, 7))),
                     delays=delays)
        checks.that(got == expected, name, "differs under delays", delays)


def check_cuts(checks, folder, ways, generator):
    """Behind its end mark a tar has padding, which may be cut without loss; between two frames of
    zstd nothing tells that more should come."""
    for name, paths in ways.items():
        if name == "plain":
            continue
        content = paths[0].read_bytes()
        end = len(content)
        if name.endswith((".tar", ".cpio")):
            end = len(content.rstrip(b"\0"))
        edges = {at for edge in re.finditer(re.escape(SKIPPABLE_FRAME), content)
                 for at in edge.span()}
        whole = folder / ("cut_" + paths[0].name)
        places = [at for at in range(1, end) if at not in edges]
        for cut in sorted(generator.sample(places, CUTS - 1)) + [end - 1]:
            whole.write_bytes(content[:cut])
            done = casepipe("report", "--schema", "case", "--on-error", "skip", whole)
            alone = casepipe("report", "--schema", "case", "--on-error", "skip", "--threads", "1",
                             whole)
            checks.equal((done.status, done.err), (alone.status, alone.err),
                         f"{name} cut at {cut}: all threads and one")
            checks.that(done.status not in (0, 1) and not done.out, name, "cut at", cut, "gives",
                        done.status, done.out[:80])
            checks.that(whole.name in done.err, name, "cut at", cut, "is not named:", done.err)
        whole.unlink()


def main():
    print("seed", SEED)
    generator = random.Random(SEED)
    checks = Checks()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        source = pathlib.Path(__file__).resolve().parent / "delays.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", folder / "delays.so", source,
                        "-ldl"], check=True)
        ways = make_inputs(folder)
        check_same(checks, folder, ways, generator)
        check_cuts(checks, folder, ways, generator)
    sys.exit(checks.end("threads and archives"))


if __name__ == "__main__":
    main()
