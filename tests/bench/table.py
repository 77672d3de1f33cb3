"""What was measured, as markdown for a README and as JSON with every sample."""

import plan

HEAD = "| program | s | CPU s | MB/s | ns/record | peak MiB | casepipe against it | must be |"
RULE = "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |"


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
    if not line.target:
        return ""
    words = {"at_most": "at most", "at_least": "at least"}[line.target.kind]
    return f"{words} {line.target.limit:.2f}: {verdict(line.met())}"


def figures(line):
    runs = line.runs
    seconds = runs.seconds()
    return [f"{seconds:.3f}", f"{runs.cpu_seconds():.3f}", f"{line.plain_bytes / seconds / 1e6:.0f}",
            f"{line.seconds_a_record() * 1e9:.1f}", f"{runs.peak_kib() / 1024:.1f}"]


def name_text(line):
    return "; ".join([line.name.replace("|", "\\|"), *line.notes])


def line_row(line):
    if line.missing:
        reason = line.missing.replace("|", "\\|").replace("\n", " ")
        return f"| {name_text(line)} | | | | | | {reason} | {target_text(line)} |"
    cells = [name_text(line), *figures(line), ratio_text(line), target_text(line)]
    return "| " + " | ".join(cells) + " |"


def contest_table(contest, lines):
    own = lines[0]
    title = (f"**report, {contest.title}, {contest.profile}, {contest.cache} cache** "
             f"({own.rows:,} records, {own.plain_bytes / 1e6:,.0f} MB)")
    return [title, "", HEAD, RULE, *map(line_row, lines), ""]


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


def summary_row(contest):
    """A line for each reference with a target; only the first says what casepipe took."""
    own, *peers = contest["lines"]
    shown = f"{own['seconds']:.3f} s, {own['plain_bytes'] / own['seconds'] / 1e6:,.0f} MB/s"
    speeds = {line["name"]: 1 / line["casepipe_time_ratio"]
              for line in peers if "casepipe_time_ratio" in line}
    engines = [f"{speeds[name]:.1f} x" if name in speeds else "" for name in SUMMARY_PEERS]
    job = f"{contest['title']}, {contest['profile']}"
    peak = f"{own['peak_kib'] / 1024:.1f}"
    rows = []
    for line in (line for line in peers if "target" in line and "casepipe_time_ratio" in line):
        at_most = line["target"]["kind"] == "at_most"
        ratio = line["casepipe_time_ratio"] if at_most else 1 / line["casepipe_time_ratio"]
        words = "time" if at_most else "speed"
        must = f"at {'most' if at_most else 'least'} {line['target']['limit']:.2f}: {verdict(line['met'])}"
        rows.append(f"| {job} | {shown} | {ratio:.2f} x the {words} of {line['name']} | {must} "
                    f"| {' | '.join(engines)} | {peak} |")
        job = shown = peak = ""
        engines = [""] * len(SUMMARY_PEERS)
    return rows


def summary_table(document):
    """Of the contests with a warm cache; `document` is what goes into the JSON."""
    heads = [f"speed against {name}" for name in SUMMARY_PEERS]
    rows = ["**summary, warm cache**", "",
            f"| report from | casepipe | reference | must be | {' | '.join(heads)} | peak MiB |",
            "| --- | ---: | --- | --- |" + " ---: |" * (len(heads) + 1)]
    for contest in document["contests"]:
        if contest["cache"] == "warm" and not contest["lines"][0]["missing"]:
            rows += summary_row(contest)
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
    return out


def contest_json(section, contest, lines):
    return {"section": section, "title": contest.title, "kind": contest.kind,
            "profile": contest.profile, "cache": contest.cache,
            "lines": [line_json(line) for line in lines]}


def growth_json(growth):
    out = {"kind": growth.kind, "missing": growth.missing}
    if not growth.missing:
        out |= {"lines": [line_json(line) for line in growth.lines], "peak_ratio": growth.peak(),
                "met": growth.met()}
    return out
