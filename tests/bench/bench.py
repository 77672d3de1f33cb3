#!/usr/bin/env python3
"""The benchmark's driver: runs the sections of plan.py, prints their tables, writes every sample.

    plan.py   what is compared with what, and the targets
    tools.py  how the programs are called          data.py     the files
    measure.py  one run        contest.py  runs in turn        answers.py  are the results the same
    table.py  markdown and JSON

Standard output: the tables. Standard error: what is being done. Exit status: 0; with --strict 1 where a
line has no figures or an answer differs from casepipe's. A missed target never fails a run: timings
are reported, not asserted.
"""

import argparse
import json
import os
import sys
import tempfile

import extras
import machine
import plan
import table
from contest import Arena
from data import Data
from measure import Measurer
from tools import Tools


def names(text):
    return [name for name in text.split(",") if name]


def arguments():
    parser = argparse.ArgumentParser(description="casepipe beside its references and peers")
    add = parser.add_argument
    add("--casepipe", required=True, help="the program")
    add("--tools", required=True, help="folder of the compiled tools")
    add("--modules", required=True, help="folder of the npm packages")
    add("--data", required=True, help="folder of the data, made where it is not there")
    add("--out", required=True, help="JSON with every sample")
    add("--rows", type=int, default=5_000_000)
    add("--growth-rows", type=int, help="1 x of the growth section (default: rows / 8)")
    add("--runs", type=int, default=5)
    add("--only", type=names, help="sections, separated by commas")
    add("--peers", type=names, help="peers, separated by commas")
    add("--strict", action="store_true", help="fail where a line is missing or an answer differs")
    return parser.parse_args(), parser


def chosen_sections(only, parser):
    known = [*plan.SECTIONS, *plan.OTHER_SECTIONS]
    unknown = [name for name in only or [] if name not in known]
    if unknown:
        parser.error(f"no such section: {', '.join(unknown)}; there are {', '.join(known)}")
    return [name for name in known if not only or name in only]


class Bench:
    """Prints each table when it is there; keeps what the JSON and the exit status need."""

    def __init__(self, arena, growth_rows):
        self.arena, self.growth_rows = arena, growth_rows
        self.document = {"contests": []}
        self.faults = []     # lines without figures, answers that differ
        self.peak_kib = 0    # of casepipe, anywhere

    def run(self, section):
        if section == "start":
            self._start()
        elif section == "growth":
            self._growth()
        else:
            for contest in plan.SECTIONS[section]:
                lines = self.arena.hold(contest)
                self._show(table.contest_table(contest, lines), lines)
                self.document["contests"].append(table.contest_json(section, contest, lines))

    def _start(self):
        lines = extras.hold_start(self.arena)
        self._show(table.start_table(lines, extras.start_met(lines[0])), lines)
        self.document["start"] = [table.line_json(line) for line in lines]

    def _growth(self):
        growths = extras.hold_growth(self.arena, self.growth_rows)
        self._show(table.growth_table(growths), [line for g in growths for line in g.lines])
        self.faults += [f"growth, {g.kind}: {g.missing}" for g in growths if g.missing]
        self.document["growth"] = [table.growth_json(g) for g in growths]

    def _show(self, rows, lines):
        print("\n".join(rows), flush=True)
        self.faults += [f"{rows[0]}: {line.name}: {line.missing or line.notes}"
                        for line in lines if line.missing or line.differs]
        own = [line for line in lines if line.name.startswith("casepipe") or line.name.endswith(" x")]
        self.peak_kib = max([self.peak_kib, *(line.runs.peak_kib() for line in own
                                              if line.runs.samples)])

    def finish(self):
        print("\n".join(table.summary_table(self.document)))
        print(table.peak_text(self.peak_kib))
        self.document["casepipe_peak_kib"] = self.peak_kib


def main():
    options, parser = arguments()
    sections = chosen_sections(options.only, parser)
    try:
        tools = Tools(options.casepipe, options.tools, options.modules, options.peers)
    except ValueError as error:
        parser.error(str(error))
    about = machine.describe()
    print("\n".join(table.machine_text(about, tools.versions())), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        arena = Arena(tools, Data(options.data, options.casepipe),
                      Measurer(os.path.join(options.tools, "measured")), options.rows, options.runs,
                      scratch)
        bench = Bench(arena, options.growth_rows or max(options.rows // plan.GROWTH_PART, 1))
        for section in sections:
            bench.run(section)
        bench.finish()
    bench.document |= {"machine": about, "versions": tools.versions(), "rows": options.rows}
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(bench.document, file, indent=1)
    for fault in bench.faults:
        print(f"bench: {fault}", file=sys.stderr)
    return 1 if options.strict and bench.faults else 0


if __name__ == "__main__":
    sys.exit(main())
