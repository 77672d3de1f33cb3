// casepipe's report against DuckDB's answer from the same file.
//
//     node report_vs_duckdb.mjs CASEPIPE
//
// The data are generated, regular and messy. Counts, minima, maxima and times must be equal; means
// and deviations within 1e-9, since DuckDB sums in another order.
import { DuckDBInstance } from "@duckdb/node-api";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const casepipe = process.argv[2];
const ROWS = 60000;
const SEED = 20260101;

function close(a, b) {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

const failures = [];
function same(what, ours, theirs, equal = Object.is) {
  if (!equal(ours, theirs)) failures.push(`${what}: casepipe ${ours}, DuckDB ${theirs}`);
}

// Generated times are quarters of a second: milliseconds hold them exactly.
function milliseconds(time) {
  return time === null ? null : Date.parse(time);
}

async function rows(connection, sql) {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJS();
}

async function compareStatus(connection, table, report) {
  const theirs = await rows(
    connection, `SELECT status, count(*)::DOUBLE AS n FROM ${table} GROUP BY status`);
  const counts = new Map(theirs.map((row) => [row.status, row.n]));
  same("statuses", report.status.length, counts.size);
  for (const row of report.status) same(`status ${row.status}`, row.count, counts.get(row.status));
}

async function compareSensors(connection, table, report) {
  const theirs = await rows(connection, `
    SELECT sensor_id, count(value)::DOUBLE AS n, min(value) AS low, max(value) AS high,
           avg(value) AS mean, stddev_samp(value) AS deviation,
           min(timestamp) * 1000 AS first, max(timestamp) * 1000 AS last
    FROM ${table} GROUP BY sensor_id ORDER BY sensor_id`);
  same("sensors", report.sensors.length, theirs.length);
  report.sensors.forEach((ours, i) => {
    const row = theirs[i];
    const name = `sensor ${ours.sensor_id}`;
    same(`${name} key`, ours.sensor_id, row.sensor_id);
    same(`${name} count`, ours.count, row.n);
    same(`${name} min`, ours.min, row.low);
    same(`${name} max`, ours.max, row.high);
    same(`${name} mean`, ours.mean, row.mean, close);
    same(`${name} stddev`, ours.stddev, row.deviation, close);
    same(`${name} first`, milliseconds(ours.first), row.first);
    same(`${name} last`, milliseconds(ours.last), row.last);
  });
}

async function compare(connection, folder, profile) {
  const path = join(folder, `${profile}.jsonl.zst`);
  execFileSync(casepipe, ["gen", "--rows", ROWS, "--seed", SEED, "--profile", profile, "-o", path]);
  const report = JSON.parse(
    execFileSync(casepipe, ["report", "--schema", "case", "--to", "json", path],
                 { maxBuffer: 1 << 28 }));
  await connection.run(`
    CREATE TABLE ${profile} AS SELECT * FROM read_json('${path}', format = 'newline_delimited',
      columns = {status: 'VARCHAR', timestamp: 'DOUBLE', sensor_id: 'USMALLINT', value: 'DOUBLE'})`);
  const [total] = await rows(connection, `SELECT count(*)::DOUBLE AS n FROM ${profile}`);
  same("rows made", total.n, ROWS);
  same("records read", report.records.read, total.n);
  same("records accepted", report.records.accepted, total.n);
  await compareStatus(connection, profile, report);
  await compareSensors(connection, profile, report);
  console.log(`${profile}: ${ROWS} records, ${report.sensors.length} sensors`);
}

const folder = mkdtempSync(join(tmpdir(), "casepipe-interop-"));
try {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await compare(connection, folder, "regular");
  await compare(connection, folder, "messy");
} finally {
  rmSync(folder, { recursive: true });
}
for (const failure of failures.slice(0, 20)) console.error(failure);
console.log(`${failures.length} differences (seed ${SEED})`);
process.exitCode = failures.length ? 1 : 0;
