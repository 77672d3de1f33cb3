#!/usr/bin/env node
/* report --to parquet holds the figures of report --to csv: DuckDB reads both, row for row, and the
 * columns have the types of the fields.
 *
 *   gen --> casepipe report --to csv -------> DuckDB --+
 *      '--> casepipe report --to parquet ---> DuckDB --+--> the same rows
 *
 *     test_report_parquet.mjs
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import assert from "node:assert/strict";

const folder = mkdtempSync(join(tmpdir(), "casepipe-report-parquet-"));
const connection = await (await DuckDBInstance.create(":memory:")).connect();
let checks = 0;

function casepipe(...args) {
  const done = spawnSync(resolve(process.env.CASEPIPE), args, { encoding: "utf8" });
  if (done.error) throw done.error;
  assert.equal(done.status, 0, `casepipe ${args.join(" ")}: ${done.stderr}`);
}

async function query(sql) {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/* Types as DuckDB has them, in the order of the columns. */
async function typesOf(path) {
  return (await query(`DESCRIBE SELECT * FROM '${path}'`)).map(([name, type]) => `${name} ${type}`);
}

/* What the CSV says, read with the Parquet file's types. */
async function compare(parquet, csv, types) {
  const columns = types.map((type) => {
    const [name, ...words] = type.split(" ");
    return `'${name}': '${words.join(" ")}'`;
  });
  const fromCsv = `read_csv('${csv}', header = true, allow_quoted_nulls = false,
                            columns = {${columns.join(", ")}})`;
  const ours = await query(`SELECT * FROM '${parquet}'`);
  const theirs = await query(`SELECT * FROM ${fromCsv}`);
  assert.ok(ours.length > 10);
  assert.deepEqual(ours, theirs);
  checks += ours.length * types.length;
}

const TIME = "TIMESTAMP WITH TIME ZONE";

async function check(name, types, ...args) {
  const parquet = join(folder, `${name}.parquet`), csv = join(folder, `${name}.csv`);
  casepipe("report", ...args, "-o", parquet);
  casepipe("report", ...args, "-o", csv);
  const [min, time] = types;
  const expected = ["table VARCHAR", "key VARCHAR", "count UBIGINT", "nulls UBIGINT",
    `min ${min}`, `max ${min}`, "mean DOUBLE", "stddev DOUBLE", `first ${time}`, `last ${time}`];
  assert.deepEqual(await typesOf(parquet), expected);
  await compare(parquet, csv, expected);
}

try {
  await query("SET TimeZone = 'UTC'");
  const [cases, messy, odd, empty, many] = ["cases", "messy", "odd", "empty", "many"].map(
    (name) => join(folder, `${name}.jsonl`));
  casepipe("gen", "--rows", "20000", "--seed", "5", "-o", cases);
  casepipe("gen", "--rows", "20000", "--seed", "5", "--profile", "messy", "-o", messy);
  writeFileSync(empty, "");
  writeFileSync(odd, [
    '{"level": "a \\"b\\", c", "device": "x\\ny", "reading": -5, "at": "2026-01-01T00:00:00Z"}',
    '{"level": "é", "device": "", "reading": 9007199254740993, "at": "2026-01-01T00:00:00.25Z"}',
    '{"level": null, "device": null, "reading": null, "at": null}',
  ].join("\n"));
  await check("case", ["DOUBLE", TIME], cases, "--schema", "case");
  await check("messy", ["DOUBLE", TIME], messy, "--schema", "case");
  await check("guessed", ["DOUBLE", TIME], cases);
  await check("empty", ["DOUBLE", TIME], empty, "--schema", "case");
  casepipe("gen", "--rows", "30000", "--sensors", "30000", "-o", many);
  await check("many", ["DOUBLE", TIME], many, "--schema", "case");
  const schema = join(folder, "odd.yaml");
  writeFileSync(schema, `fields:
  - {name: level, type: string}
  - {name: device, type: string}
  - {name: reading, type: int64}
  - {name: at, type: "timestamp[ms]"}
`);
  await check("odd", ["BIGINT", TIME], odd, "--schema", schema, "--status", "level", "--by", "device",
    "--value", "reading", "--time", "at");
  console.log(`report --to parquet: ${checks} cells as in --to csv`);
} finally {
  rmSync(folder, { recursive: true });
}
