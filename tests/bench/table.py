"""What was measured, as markdown for a README and as JSON with every sample."""

import plan

FIGURES = [
    ("s", lambda line: f"{line.runs.seconds():.3f}"),
    ("CPU s", lambda line: f"{line.runs.cpu_seconds():.3f}"),
    ("MB/s", lambda line: f"{line.mb_per_second():.0f}"),
    ("ns/record", lambda line: f"{line.seconds_a_record() * 1e9:.1f}"),
    ("peak MiB", lambda line: f"{line.runs.peak_kib() / 1024:.1f}"),
]

# Where files are written.
FILE_FIGURES = [
    ("file MB", lambda line: f"{line.stored_bytes / 1e6:.2f}" if line.stored_bytes else ""),
    ("of the reference's file", lambda line: f"{line.size_ratio:.3f} x" if line.size_ratio else ""),
]


def verdict(met):
    return {True: "met", False: "**not met**", None: "not judged"}[met]


def speed_text(ratio):
    return f"{ratio:.2f} x its time" if ratio >= 0.5 else f"{1 / ratio:.2f} x its speed"


def ratio_text(line):
    if line.ratio is None:
        return ""
    if line.target and line.target.kind == "at_least":
        return f"{1 / line.ratio:.2f} x its speed"
    if line.target:
        return f"{line.ratio:.2f} x its time"
    return speed_text(line.ratio)


def target_text(line):
    if line.speed_target:
        return f"at least {line.speed_target:,} MB/s: {verdict(line.speed_met())}"
    if line.size_target:
        return f"file at most {line.size_target.limit:.2f}: {verdict(line.size_met())}"
    if not line.target:
        return ""
    words = {"at_most": "at most", "at_least": "at least"}[line.target.kind]
    return f"{words} {line.target.limit:.2f}: {verdict(line.met())}"


def name_text(line):
    return "; ".join([line.name.replace("|", "\\|"), *line.notes])


def row_text(cells):
    return "| " + " | ".join(cells) + " |"


def line_row(line, figures):
    if line.missing:
        reason = line.missing.replace("|", "\\|").replace("\n", " ")
        return row_text([name_text(line), *("" for _ in figures), reason, target_text(line)])
    return row_text([name_text(line), *(text(line) for _, text in figures), ratio_text(line),
                     target_text(line)])


def contest_table(contest, lines):
    own = lines[0]
    figures = FIGURES + (FILE_FIGURES if contest.size else [])
    title = (f"**{contest.job}, {contest.title}, {contest.profile}, {contest.cache} cache** "
             f"({own.rows:,} records, {own.plain_bytes / 1e6:,.0f} MB)")
    head = row_text(["program", *(name for name, _ in figures), "casepipe against it", "must be"])
    rule = row_text(["---", *("---:" for _ in figures), "---", "---"])
    return [title, "", head, rule, *(line_row(line, figures) for line in lines), "",
            *columns_table(lines)]


def column_cell(column):
    return f"{column.bytes:,} {column.encodings}; {column.compression}"


def entropy_text(columns, looked):
    """Where values follow an order, as running numbers do, files are smaller than their entropy."""
    ordered = [column for column in columns if column.bytes < column.entropy_bytes]
    rest = sum(column.entropy_bytes for column in columns if column not in ordered)
    but = f"; without {', '.join(column.name for column in ordered)}, whose order tells their values, " \
          f"{rest / 1e6:.2f} MB" if ordered else ""
    files = ", ".join(f"{line.name} {line.stored_bytes / 1e6:.2f}" for line in looked)
    return (f"Sum of the entropies: {sum(column.entropy_bytes for column in columns) / 1e6:.2f} MB{but}. "
            f"Files, MB: {files}.")


def columns_table(lines):
    """The columns of the files: bytes of their pages beside what a code of single values needs."""
    looked = [line for line in lines if hasattr(line.answer, "columns")]
    if not looked or looked[0] is not lines[0]:
        return []
    columns = looked[0].answer.columns
    others = [{column.name: column for column in line.answer.columns} for line in looked[1:]]
    rows = [row_text([column.name, f"{column.entropy_bytes:,.0f}", column_cell(column),
                      *(column_cell(other[column.name]) for other in others)]) for column in columns]
    head = row_text(["column", "entropy, bytes", *(line.name for line in looked)])
    return [head, row_text(["---", "---:", *("---" for _ in looked)]), *rows, "",
            entropy_text(columns, looked), ""]


def start_table(lines, met):
    rows = ["**start to finish on one record**", "", "| program | ms | peak MiB | must be |",
            "| --- | ---: | ---: | --- |"]
    for line in lines:
        must = f"at most {plan.START_LIMIT_SECONDS * 1e3:.0f} ms: {verdict(met)}" \
            if line is lines[0] else ""
        shown = (f"{line.missing} | " if line.missing else
                 f"{line.runs.seconds() * 1e3:.2f} | {line.runs.peak_kib() / 1024:.1f}")
        rows.append(f"| {line.name} | {shown} | {must} |")
    return [*rows, ""]


def growth_table(growths):
    rows = ["**growth: the same job over 1, 4 and 16 times the records, warm cache**", "",
            "| file | records | MB | s | ns/record | peak MiB | peak, 16 x over 1 x |",
            "| --- | ---: | ---: | ---: | ---: | ---: | --- |"]
    for growth in growths:
        if growth.missing:
            rows.append(f"| {growth.kind} | | | | | | {growth.missing} |")
            continue
        for line in growth.lines:
            last = line is growth.lines[-1]
            peak = (f"{growth.peak():.3f}, must be at most {plan.GROWTH_PEAK_LIMIT:.2f}: "
                    f"{verdict(growth.met())}") if last else ""
            rows.append(f"| {growth.kind} | {line.rows:,} | {line.plain_bytes / 1e6:,.1f} "
                        f"| {line.runs.seconds():.3f} | {line.seconds_a_record() * 1e9:.1f} "
                        f"| {line.runs.usual_peak_kib() / 1024:.1f} | {peak} |")
    return [*rows, ""]


# The peers of the summary's last columns.
SUMMARY_PEERS = ["DuckDB", "ClickHouse"]


def engine_speeds(speeds):
    """Of an engine with several lines, the one that casepipe is nearest to."""
    for name in SUMMARY_PEERS:
        found = [speed for peer, speed in speeds.items() if peer.startswith(name)]
        yield f"{min(found):.1f} x" if found else ""


def size_row(own):
    """Of what casepipe wrote, where it was compared."""
    if "size_ratio" not in own:
        return []
    must = f"at most {own['size_target']['limit']:.2f}: {verdict(own['size_met'])}"
    return [row_text(["", f"file of {own['stored_bytes'] / 1e6:.2f} MB",
                      f"{own['size_ratio']:.3f} x the smallest one of the references", must,
                      *("" for _ in SUMMARY_PEERS), ""])]


def speed_verdict(own):
    """Reference and verdict, where the target is a speed of casepipe's own."""
    if "speed_target" in own:
        yield "", f"at least {own['speed_target']:,} MB/s: {verdict(own['speed_met'])}"


def peer_verdicts(peers):
    """Reference and verdict of each peer with a target."""
    for line in (line for line in peers if "target" in line and "casepipe_time_ratio" in line):
        at_most = line["target"]["kind"] == "at_most"
        ratio = line["casepipe_time_ratio"] if at_most else 1 / line["casepipe_time_ratio"]
        words = "time" if at_most else "speed"
        yield (f"{ratio:.2f} x the {words} of {line['name']}",
               f"at {'most' if at_most else 'least'} {line['target']['limit']:.2f}: {verdict(line['met'])}")


def summary_rows(contest):
    """A line for each target; only the first says what casepipe took."""
    own, *peers = contest["lines"]
    shown = f"{own['seconds']:.3f} s, {own['plain_bytes'] / own['seconds'] / 1e6:,.0f} MB/s"
    speeds = {line["name"]: 1 / line["casepipe_time_ratio"]
              for line in peers if "casepipe_time_ratio" in line}
    engines = list(engine_speeds(speeds))
    job = f"{contest['job']}, {contest['title']}, {contest['profile']}"
    peak = f"{own['peak_kib'] / 1024:.1f}"
    rows = []
    for reference, must in [*speed_verdict(own), *peer_verdicts(peers)]:
        rows.append(row_text([job, shown, reference, must, *engines, peak]))
        job = shown = peak = ""
        engines = [""] * len(SUMMARY_PEERS)
    return rows + size_row(own)


def summary_table(document):
    """Of the contests with a warm cache; `document` is what goes into the JSON."""
    heads = [f"speed against {name}" for name in SUMMARY_PEERS]
    rows = ["**summary, warm cache**", "",
            f"| job | casepipe | reference | must be | {' | '.join(heads)} | peak MiB |",
            "| --- | ---: | --- | --- |" + " ---: |" * (len(heads) + 1)]
    for contest in document["contests"]:
        if contest["cache"] == "warm" and not contest["lines"][0]["missing"]:
            rows += summary_rows(contest)
    return [*rows, ""]


def peak_text(peak_kib):
    return (f"Most memory that casepipe had resident in any of these runs: {peak_kib / 1024:.1f} MiB; "
            f"must be at most {plan.PEAK_LIMIT_KIB >> 10} MiB: "
            f"{verdict(peak_kib <= plan.PEAK_LIMIT_KIB)}.")


def machine_text(machine, versions):
    text = (f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, {machine['system']}, "
            f"Linux {machine['kernel']}, {machine['compiler']}; commit {machine['commit']}; load before "
            f"the first run {machine['load_before']}.")
    return [text, "", "Versions: " + "; ".join(versions) + ".", ""]


def line_json(line):
    out = {"name": line.name, "rows": line.rows, "plain_bytes": line.plain_bytes,
           "notes": line.notes, "missing": line.missing, "answer_differs": line.differs}
    if not line.missing:
        out |= {"seconds": line.runs.seconds(), "cpu_seconds": line.runs.cpu_seconds(),
                "peak_kib": line.runs.peak_kib(), "samples": [vars(s) for s in line.runs.samples]}
    if line.ratio is not None:
        out |= {"casepipe_time_ratio": line.ratio, "casepipe_cpu_ratio": line.cpu_ratio}
    if line.target:
        out |= {"target": vars(line.target), "met": line.met()}
    if line.stored_bytes is not None:
        out |= {"stored_bytes": line.stored_bytes}
    if line.size_ratio is not None:
        out |= {"size_ratio": line.size_ratio}
    if line.size_target:
        out |= {"size_target": vars(line.size_target), "size_met": line.size_met()}
    if line.speed_target:
        out |= {"speed_target": line.speed_target, "speed_met": line.speed_met()}
    if hasattr(line.answer, "columns"):
        out |= {"columns": [vars(column) for column in line.answer.columns]}
    return out


def contest_json(section, contest, lines):
    return {"section": section, "job": contest.job, "title": contest.title, "kind": contest.kind,
            "profile": contest.profile, "cache": contest.cache,
            "lines": [line_json(line) for line in lines]}


def growth_json(growth):
    out = {"kind": growth.kind, "missing": growth.missing}
    if not growth.missing:
        out |= {"lines": [line_json(line) for line in growth.lines], "peak_ratio": growth.peak(),
                "met": growth.met()}
    return out
