#!/usr/bin/env node
/* What two other readers find in Parquet files, for test_parquet_sink.py.
 *
 *   parquet_read.mjs < requests    one JSON object a line, answered by one each
 *
 *   {"do": "duckdb", "path"}       {"names", "types", "rows"}: rows of cells as text
 *   {"do": "hyparquet", "path"}    the same, without types
 *   {"do": "query", "sql"}         rows as objects, bigints as text
 *
 * Cells: integers and times in decimal, floats as their bits in hex ("nan" for any NaN), bools as
 * true or false, texts and JSON as they are, null for null. */
import { DuckDBInstance } from "@duckdb/node-api";
import { decompress } from "fzstd";
import {
  asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema,
} from "hyparquet";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function float64Bits(value) {
  if (Number.isNaN(value)) return "nan";
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

function float32Bits(value) {
  if (Number.isNaN(value)) return "nan";
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0).toString(16).padStart(8, "0");
}

// ---- DuckDB ----

const TIME_PARTS = ["nanos", "micros", "millis", "seconds"];

function duckdbCell(value, type) {
  if (value === null) return null;
  if (type === "DOUBLE") return float64Bits(value);
  if (type === "FLOAT") return float32Bits(value);
  if (typeof value === "object") {
    const part = TIME_PARTS.find((name) => value[name] !== undefined);
    if (part) return value[part].toString();
  }
  return value.toString();
}

async function readWithDuckDb(connection, path) {
  const result = await connection.runAndReadAll(`SELECT * FROM '${path}'`);
  const types = result.columnTypes().map((type) => type.alias ?? type.toString());
  const rows = result.getRows().map((row) => row.map((cell, i) => duckdbCell(cell, types[i])));
  return { names: result.columnNames(), types, rows };
}

async function query(connection, sql) {
  const rows = (await connection.runAndReadAll(sql)).getRowObjects();
  return rows.map((row) => Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, plain(cell)])));
}

function plain(cell) {
  if (typeof cell === "bigint") return cell.toString();
  if (cell !== null && typeof cell === "object") return cell.toString();
  return cell;
}

// ---- hyparquet ----

/* Node has gzip; zstd comes from fzstd. */
const compressors = {
  GZIP: (input) => new Uint8Array(gunzipSync(input)),
  ZSTD: (input, size) => {
    const out = decompress(input);
    if (out.length !== size) throw new Error(`zstd: ${out.length} bytes instead of ${size}`);
    return out;
  },
};

/* Values as they stand in the file. */
const parsers = {
  timestampFromMilliseconds: (value) => value,
  timestampFromMicroseconds: (value) => value,
  timestampFromNanoseconds: (value) => value,
  stringFromBytes: (bytes) => bytes && decoder.decode(bytes),
  jsonFromBytes: (bytes) => bytes && decoder.decode(bytes),
};

function hyparquetCell(value, type) {
  if (value === null || value === undefined) return null;
  if (type === "DOUBLE") return float64Bits(value);
  if (type === "FLOAT") return float32Bits(value);
  return value.toString();
}

async function readWithHyparquet(path) {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map((child) => child.element);
  const objects = await parquetReadObjects({ file, metadata, compressors, parsers });
  const rows = objects.map((row) => columns.map(({ name, type }) => hyparquetCell(row[name], type)));
  return { names: columns.map(({ name }) => name), rows };
}

// ---- requests ----

async function answer(connection, request) {
  switch (request.do) {
  case "duckdb":
    return readWithDuckDb(connection, request.path);
  case "hyparquet":
    return readWithHyparquet(request.path);
  case "query":
    return query(connection, request.sql);
  default:
    throw new Error(`no such request: ${request.do}`);
  }
}

const connection = await (await DuckDBInstance.create(":memory:")).connect();
await connection.run("SET threads = 1; SET TimeZone = 'UTC'");
for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = await answer(connection, JSON.parse(line));
  } catch (error) {
    result = { error: `${error}` };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
