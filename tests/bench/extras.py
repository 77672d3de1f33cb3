"""The jobs that are no contests: start to finish on one record, and growth."""

import sys
from dataclasses import dataclass, field
from typing import Optional

import plan
from contest import Line
from measure import Failed, Runs


@dataclass
class Growth:
    """The job over one kind of file, at each of plan.GROWTH_TIMES."""

    kind: str
    lines: list = field(default_factory=list)  # of contest.Line
    missing: Optional[str] = None

    def peak(self):
        """Peak memory (medians) at the largest input over that at the smallest."""
        return self.lines[-1].runs.usual_peak_kib() / self.lines[0].runs.usual_peak_kib()

    def judged(self):
        return self.lines[0].plain_bytes >= plan.JUDGED_BYTES

    def met(self):
        return self.peak() <= plan.GROWTH_PEAK_LIMIT if self.judged() else None


def hold_growth(arena, rows):
    """Sizes take turns, so that a busy moment falls on all of them."""
    result = []
    for kind, rows_times in plan.GROWTH_KINDS:
        print(f"bench: growth, {kind}", file=sys.stderr)
        growth = Growth(kind)
        files = [arena.data.file(rows * rows_times * times, kind) for times in plan.GROWTH_TIMES]
        growth.lines = [Line(f"{times} x", file.rows, file.plain_bytes)
                        for times, file in zip(plan.GROWTH_TIMES, files)]
        command = arena.tools.get("casepipe").command
        try:
            for number in range(arena.runs + 1):
                for line, file in zip(growth.lines, files):
                    sample = arena.measurer.run_from("warm", file.path, command(file.path))
                    if number:
                        line.runs.samples.append(sample)
        except Failed as failure:
            growth.missing = str(failure)
        result.append(growth)
    return result


def hold_start(arena):
    """Lines of casepipe over one record, and of interpreters that do nothing at all."""
    file = arena.data.file(1, "jsonl")
    keys = ["casepipe"] + [key for key in plan.START_PEERS if arena.tools.wanted(key)]
    lines = []
    for key in keys:
        tool = arena.tools.get(key)
        line = Line(tool.name, 1, file.plain_bytes, missing=tool.missing)
        lines.append(line)
        if line.missing:
            continue
        try:
            runs = [arena.measurer.run_from("warm", file.path, tool.command(file.path))
                    for _ in range(plan.START_RUNS_TIMES * arena.runs + 1)]
            line.runs = Runs(runs[1:])
        except Failed as failure:
            line.missing = str(failure)
    return lines


def start_met(line):
    return None if line.missing else line.runs.seconds() <= plan.START_LIMIT_SECONDS
