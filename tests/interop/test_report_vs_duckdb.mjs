#!/usr/bin/env node
/* The main job against DuckDB, over the same JSONL.
 *
 *   gen --+-- jsonl, jsonl.zst --> report, in several ways --+
 *         |        '--> DuckDB: read_json, GROUP BY ---------+--> the same figures
 *         '-- struct ------------> report -------------------+
 *
 * Counts, min, max, first and last are the same exactly; mean and standard deviation within a
 * relative 1e-12. casepipe's own reports are the same in every digit.
 *
 *     test_report_vs_duckdb.mjs [SEED]
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

const ROWS = 200000;
const LIMIT = 1e-12;
const FAILURES_SHOWN = 20;
const STATUSES = ["DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED", "CLOSED"];

let checks = 0;
let failures = 0;

function check(holds, ...message) {
  checks++;
  if (!holds && ++failures <= FAILURES_SHOWN) console.log("FAILED:", ...message);
}

function checkEqual(got, expected, ...what) {
  check(isDeepStrictEqual(got, expected), ...what, "got", got, "expected", expected);
}

// ---- casepipe ----

function casepipe(args, input) {
  const done = spawnSync(resolve(process.env.CASEPIPE), args, { input, maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  if (done.status !== 0)
    throw new Error(`casepipe ${args.join(" ")}: status ${done.status}: ${done.stderr}`);
  return done.stdout.toString();
}

/* All of a report but its "inputs", as text: every digit counts. */
function figures(report) {
  const at = report.indexOf('\n "records"');
  check(at > 0, "no figures in", report.slice(0, 200));
  return report.slice(at);
}

function parse(report) {
  return JSON.parse(report);
}

/* The ways to the same report; `schema` false: guessed, which makes status a string whose rows
 * stand in byte order. */
function waysToReport(paths) {
  const { jsonl, zst, records } = paths;
  return [
    { name: "jsonl, mmap", args: [jsonl, "--reader", "mmap"] },
    { name: "jsonl, chunked", args: [jsonl, "--reader", "chunked"] },
    { name: "jsonl, stdin", args: ["-"], input: jsonl },
    { name: "zst, mmap", args: [zst, "--reader", "mmap"] },
    { name: "zst, chunked", args: [zst, "--reader", "chunked"] },
    { name: "zst, stdin", args: ["-"], input: zst },
    { name: "struct", args: [records, "--from", "struct"] },
    { name: "struct, mmap", args: [records, "--from", "struct", "--reader", "mmap"] },
    { name: "struct, stdin", args: ["-", "--from", "struct"], input: records },
    { name: "no schema", args: [jsonl], schema: false },
    { name: "no schema, zst from stdin", args: ["-"], input: zst, schema: false },
    { name: "no schema, mmap", args: [jsonl, "--reader", "mmap"], schema: false },
  ];
}

function reportOf({ args, input, schema = true }) {
  const options = schema ? ["--schema", "case"] : [];
  return casepipe(["report", "--to", "json", ...options, ...args],
                  input ? readFileSync(input) : undefined);
}

function inSymbolOrder(rows) {
  return [...rows].sort((a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status));
}

/* Every way gives the same figures; returns them. */
function checkWays(profile, paths) {
  const expectedText = reportOf({ args: [paths.zst] });
  const expected = parse(expectedText);
  for (const way of waysToReport(paths)) {
    const text = reportOf(way);
    const label = `${profile}, ${way.name}:`;
    if (way.schema ?? true) {
      check(figures(text) === figures(expectedText), label, "the figures differ from those of zst");
      continue;
    }
    const got = parse(text);
    checkEqual(got.status.map((row) => row.status), [...STATUSES].sort(), label, "status order");
    checkEqual({ ...got, status: inSymbolOrder(got.status), inputs: null },
               { ...expected, inputs: null }, label);
  }
  return expected;
}

// ---- DuckDB ----

/* The columns are told, so that no inference of DuckDB's takes part; times are numbers here and
 * whole microseconds below. */
function source(path) {
  return `read_json('${path.replaceAll("'", "''")}', format = 'newline_delimited', columns = {
      status: 'VARCHAR', "timestamp": 'DOUBLE', sensor_id: 'BIGINT', value: 'DOUBLE'})`;
}

const MICROSECONDS = `CAST(round("timestamp" * 1000000) AS BIGINT)`;

async function query(connection, sql) {
  return (await connection.runAndReadAll(sql)).getRowObjects();
}

async function askDuckDb(connection, path) {
  await connection.run(`CREATE OR REPLACE TABLE cases AS SELECT * FROM ${source(path)}`);
  return {
    status: await query(connection, "SELECT status, count(*) AS count FROM cases GROUP BY status"),
    sensors: await query(connection, `
      SELECT sensor_id, count(value) AS count, count(*) - count(value) AS nulls,
             min(value) AS min, max(value) AS max, avg(value) AS mean,
             stddev_samp(value) AS stddev, min(${MICROSECONDS}) AS first,
             max(${MICROSECONDS}) AS last
      FROM cases GROUP BY sensor_id ORDER BY sensor_id`),
    totals: (await query(connection, `
      SELECT count(*) AS records, min(${MICROSECONDS}) AS first, max(${MICROSECONDS}) AS last
      FROM cases`))[0],
  };
}

// ---- comparison ----

/* "2023-11-14T22:13:20.25Z" to microseconds, none of them lost. */
function microseconds(time) {
  const [, seconds, fraction = ""] = /^([^.]+?)(?:\.(\d+))?Z$/.exec(time);
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

let worst = 0;

function checkNear(got, expected, label) {
  if (got === null || expected === null) {
    checkEqual(got, expected, label);
    return;
  }
  const error = got === expected ? 0 : Math.abs(got - expected) / Math.abs(expected);
  worst = Math.max(worst, error);
  check(error <= LIMIT, label, got, "is off by", error, "from", expected);
}

function checkSensor(got, expected, label) {
  checkEqual(got.sensor_id, Number(expected.sensor_id), label, "sensor_id");
  checkEqual([got.count, got.nulls], [Number(expected.count), Number(expected.nulls)], label,
             "count and nulls");
  checkEqual([got.min, got.max], [expected.min, expected.max], label, "min and max");
  checkEqual([microseconds(got.first), microseconds(got.last)], [expected.first, expected.last],
             label, "first and last");
  checkNear(got.mean, expected.mean, `${label} mean`);
  checkNear(got.stddev, expected.stddev, `${label} stddev`);
}

function compare(profile, report, duckdb) {
  const counts = Object.fromEntries(duckdb.status.map((row) => [row.status, Number(row.count)]));
  checkEqual(Object.fromEntries(report.status.map((row) => [row.status, row.count])), counts,
             profile, "status counts");
  checkEqual(report.sensors.length, duckdb.sensors.length, profile, "number of sensors");
  report.sensors.forEach((row, i) => {
    if (i < duckdb.sensors.length)
      checkSensor(row, duckdb.sensors[i], `${profile}, sensor ${row.sensor_id}:`);
  });
  const { totals } = duckdb;
  checkEqual(report.records, { read: Number(totals.records), accepted: ROWS, rejected: 0,
                               filtered: 0 }, profile, "records");
  checkEqual([microseconds(report.time.first), microseconds(report.time.last)],
             [totals.first, totals.last], profile, "time");
}

// ---- the whole ----

function generate(folder, profile, seed) {
  const paths = {
    jsonl: join(folder, `${profile}.jsonl`),
    zst: join(folder, `${profile}.jsonl.zst`),
    records: join(folder, `${profile}.bin`),
  };
  for (const path of Object.values(paths))
    casepipe(["gen", "--rows", `${ROWS}`, "--seed", `${seed}`, "--profile", profile, "-o", path]);
  return paths;
}

async function main(folder, seed) {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  for (const profile of ["regular", "messy"]) {
    const paths = generate(folder, profile, seed);
    compare(profile, checkWays(profile, paths), await askDuckDb(connection, paths.jsonl));
    console.log(`${profile}: ${ROWS} records, ${waysToReport(paths).length + 1} reports`);
  }
}

if (!process.env.CASEPIPE) {
  console.error("CASEPIPE is not set: it names the binary under test");
  process.exit(1);
}
const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 32));
const folder = mkdtempSync(join(tmpdir(), "casepipe-"));
console.log(`seed ${seed}`);
try {
  await main(folder, seed);
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`report against DuckDB: ${checks} checks, ${failures} failed, `
            + `mean and stddev off by at most ${worst}`);
process.exit(failures || !checks ? 1 : 0);
