"""The same two messy logs as plain files, in every codec and in every archive; and the pauses that
are preloaded into casepipe (delays.c).
"""
import bz2
import gzip
import io
import lzma
import pathlib
import re
import subprocess
import tarfile
import zipfile

from support import generate, zstd

SKIPPABLE_FRAME = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
PLACES = re.compile(rb'"source":"[^"]*","member":(null|"[^"]*")')  # of a reject, which tell the way


def build_delays(folder):
    """delays.so, to be preloaded."""
    source = pathlib.Path(__file__).resolve().parent / "delays.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", folder / "delays.so", source, "-ldl"],
                   check=True)


def zstd_frames(text):
    """Frames of every size, as tools that compress in parallel and rotated logs leave them."""
    sizes = (300000, 1, 700000, 0, 5000, 20, 2000000, 100)
    frames, at = [], 0
    while at < len(text):
        size = sizes[len(frames) % len(sizes)]
        frames.append(zstd("-c", stdin=text[at:at + size]))
        at += size
    return SKIPPABLE_FRAME.join(frames)


def make_inputs(folder, rows):
    """Two plain files, and the same in every codec and archive; a list for each way."""
    plain = []
    for name, seed in (("a.jsonl", 1), ("b.jsonl", 2)):
        plain.append(generate(folder / name, rows, "--profile", "messy", "--seed", seed,
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
                                        "cpio --quiet -o -H newc >all.cpio"]),
                          ("old.cpio", ["sh", "-c", "printf 'a.jsonl\nb.jsonl\n' | "
                                        "cpio --quiet -o -H bin >old.cpio"])):
        subprocess.run(command, cwd=folder, check=True)
        ways[name] = [[folder / name]]
    return {name: paths[0] for name, paths in ways.items()}
