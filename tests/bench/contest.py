"""Runs one contest: casepipe and each peer in turn, and the ratio of the medians.

    for each peer:   warm-up (both; answers compared)   casepipe, peer, casepipe, peer, ...

An answer is what a program prints or, where its tool writes a file, that file. It is read once, and
removed: what was left of it to write back would fall into the measured runs.
"""

import os
import sys
from dataclasses import dataclass, field
from typing import Optional

import plan
from measure import Failed, Runs

# A peer that takes longer than so many seconds is run fewer times, its warm-up counting as one run.
SLOW = [(60, 1), (20, 3)]


@dataclass
class Line:
    """One line of a table: what a program took, and what that says of casepipe."""

    name: str
    rows: int = 0
    plain_bytes: int = 0
    runs: Runs = field(default_factory=Runs)
    ratio: Optional[float] = None  # casepipe's time for a record over this program's
    cpu_ratio: Optional[float] = None  # the same of CPU time; steadier on a busy machine
    target: Optional[object] = None
    stored_bytes: Optional[int] = None  # of the file that it wrote
    size_ratio: Optional[float] = None  # of that file to the smallest one of the size target's peers
    size_target: Optional[object] = None
    speed_target: Optional[float] = None  # MB/s, at least
    answer: Optional[object] = None
    notes: list = field(default_factory=list)
    missing: Optional[str] = None  # why there are no figures
    differs: bool = False

    def seconds_a_record(self):
        return self.runs.seconds() / self.rows

    def mb_per_second(self):
        return self.plain_bytes / self.runs.seconds() / 1e6

    def compare(self, casepipe, casepipe_rows):
        self.ratio = casepipe.seconds() / casepipe_rows / self.seconds_a_record()
        theirs = self.runs.cpu_seconds() / self.rows
        if theirs > 0:
            self.cpu_ratio = casepipe.cpu_seconds() / casepipe_rows / theirs

    def met(self):
        if self.target is None or self.ratio is None or self.plain_bytes < plan.JUDGED_BYTES:
            return None
        if self.target.kind == "at_most":
            return self.ratio <= self.target.limit
        return 1 / self.ratio >= self.target.limit

    def size_met(self):
        if self.size_ratio is None or self.size_target is None or self.plain_bytes < plan.JUDGED_BYTES:
            return None
        return self.size_ratio <= self.size_target.limit

    def speed_met(self):
        if self.missing or self.speed_target is None or self.plain_bytes < plan.JUDGED_BYTES:
            return None
        return self.mb_per_second() >= self.speed_target


def judge_cache(line, cache, file):
    """Cold runs must have read their file from storage; warm ones must not have."""
    read, stored = line.runs.read_bytes(), os.path.getsize(file.path)
    if cache == "cold" and read < 0.9 * stored:
        line.notes.append("the cache could not be dropped")
    if cache == "warm" and read > 0.1 * stored and file.plain_bytes >= plan.JUDGED_BYTES:
        line.notes.append(f"its runs read {read / 1e6:.0f} MB from storage")


def check_rows(answer, file):
    if answer and answer.rows != file.rows:
        raise Failed(f"accepted {answer.rows} records of {file.rows}")


class Arena:
    """What all contests share."""

    def __init__(self, tools, data, measurer, rows, runs, scratch):
        self.tools, self.data, self.measurer = tools, data, measurer
        self.rows, self.runs = rows, runs
        self.scratch = scratch    # folder for answers
        self.reference = {}       # subject, path of a data file: its answer and size, or how it Failed

    def hold(self, contest):
        """The lines of one contest; casepipe's own is the first."""
        rows = round(self.rows * contest.rows_times)
        file = self.data.file(rows, contest.kind, contest.profile)
        tool = self.tools.get(contest.subject)
        own = Line(tool.name, rows, file.plain_bytes, size_target=contest.size,
                   speed_target=contest.speed)
        try:
            own.answer, own.stored_bytes = self.casepipe_answer(contest.subject, file)
            check_rows(own.answer, file)
            self._check_bytes(contest, tool, own)
            self._run(tool, contest.cache, file)
        except Failed as failure:
            own.missing = str(failure)
        lines = [own]
        for peer in contest.peers:
            if self.tools.wanted(peer.tool):
                lines.append(self._against(contest, peer, own, file))
        if not own.missing and not own.runs.samples:
            own.runs.samples = [self._run(tool, contest.cache, file) for _ in range(self.runs)]
        if own.runs.samples:
            judge_cache(own, contest.cache, file)
        self._compare_sizes(contest, lines)
        return lines

    def _check_bytes(self, contest, tool, own):
        """The generator writes, too, what the job makes of the same records."""
        if not contest.gives:
            return
        path = self._scratch("expected", tool)
        self.data.generate(path, own.rows, contest.gives, contest.profile)
        if self._taken(tool, path)[0] != own.answer:
            raise Failed(f"its output is not what casepipe gen --to {contest.gives} writes")

    def _compare_sizes(self, contest, lines):
        names = [self.tools.get(key).name for key in contest.size.peers] if contest.size else []
        sizes = [line.stored_bytes for line in lines if line.name in names and line.stored_bytes]
        for line in lines:
            if sizes and line.stored_bytes:
                line.size_ratio = line.stored_bytes / min(sizes)

    def _against(self, contest, peer, own, file):
        tool = self.tools.get(peer.tool)
        line = Line(tool.name, file.rows, file.plain_bytes, target=peer.target)
        if tool.missing:
            line.missing = tool.missing
            return line
        theirs = self._part_of(contest, peer, file)
        if peer.part > 1:
            line.rows, line.plain_bytes = theirs.rows, theirs.plain_bytes
            line.notes.append(f"on {theirs.rows:,} records, scaled")
        print(f"bench: {contest.title}, {contest.profile}, {contest.cache}: {tool.name}",
              file=sys.stderr)
        try:
            answer = self._scratch("answer", tool)
            first = self._run(tool, contest.cache, theirs, answer)
            line.answer, line.stored_bytes = self._taken(tool, answer)
            self._compare(contest.subject, theirs, line)
            self._rounds(contest, own, file, tool, theirs, line, first)
            judge_cache(line, contest.cache, theirs)
        except Failed as failure:
            line.missing = f"failed: {failure}"
        return line

    def _rounds(self, contest, own, file, tool, theirs, line, first):
        rounds = next((n for limit, n in SLOW if first.seconds > limit), self.runs)
        rounds = min(rounds, self.runs)
        subject = self.tools.get(contest.subject)
        paired = Runs()
        if rounds < self.runs:
            line.runs.samples.append(first)
            line.notes.append(f"{rounds} run{'s' if rounds > 1 else ''}")
        for number in range(rounds):
            if not own.missing:
                paired.samples.append(self._run(subject, contest.cache, file))
            if len(line.runs.samples) <= number:
                line.runs.samples.append(self._run(tool, contest.cache, theirs))
        own.runs.samples += paired.samples
        if paired.samples:
            line.compare(paired, file.rows)

    def _part_of(self, contest, peer, file):
        if peer.part == 1:
            return file
        return self.data.file(max(file.rows // peer.part, 1), contest.kind, contest.profile)

    def _run(self, tool, cache, file, answer=None):
        """`answer`: where its answer goes; None: nobody reads it."""
        if not tool.writes:
            return self.measurer.run_from(cache, file.path, tool.command(file.path), answer)
        command = tool.command(file.path, answer or self._scratch("run", tool))
        return self.measurer.run_from(cache, file.path, command)

    def _scratch(self, name, tool):
        return os.path.join(self.scratch, name + (tool.writes or ".json"))

    def _taken(self, tool, path):
        """The answer in a file and its size; the file goes."""
        try:
            return tool.answer(path), tool.stored_bytes(path)
        finally:
            os.unlink(path)

    def casepipe_answer(self, subject, file):
        """The subject's answer over `file` and what the file that it wrote takes, made once; raises
        Failed each time where they cannot be had."""
        key = subject, file.path
        if key not in self.reference:
            tool = self.tools.get(subject)
            try:
                path = self._scratch("casepipe", tool)
                self._run(tool, "warm", file, path)
                self.reference[key] = self._taken(tool, path)
            except Failed as failure:
                self.reference[key] = failure
        if isinstance(self.reference[key], Failed):
            raise self.reference[key]
        return self.reference[key]

    def _compare(self, subject, file, line):
        if line.answer is None:
            return
        try:
            ours = self.casepipe_answer(subject, file)[0]
        except Failed:
            return  # casepipe's own line says so
        difference = ours.difference(line.answer)
        if difference:
            line.differs = True
            line.notes.append(difference)
