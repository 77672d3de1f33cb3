#!/usr/bin/env node
/* inspect against DuckDB, over Parquet files of both.
 *
 *   gen, convert, DuckDB's COPY --> file --+-- inspect --to json --metadata --+--> the same
 *                                          +-- parquet_metadata() and others -+
 *
 * Every number and name that both tell, for types, nulls, row groups, page versions, codecs, nested
 * columns. Then a small file cut at every byte (refused with 65), and with bits flipped: refused
 * with 65, or described as DuckDB describes it.
 *
 *     test_inspect.mjs [SEED]
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

const FAILURES_SHOWN = 20;
const CODECS = ["snappy", "zstd", "gzip", "uncompressed", "brotli", "lz4_raw"];
const DAMAGED = 65;
const FLIP_STEP = 6; /* every bit is flipped by tests/unit/test_parquet_survey.c */

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

function run(args) {
  const done = spawnSync(resolve(process.env.CASEPIPE), args, { maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  return { status: done.status, out: done.stdout.toString(), err: done.stderr.toString() };
}

function casepipe(...args) {
  const done = run(args);
  if (done.status !== 0)
    throw new Error(`casepipe ${args.join(" ")}: status ${done.status}: ${done.err}`);
  return done.out;
}

/* Integers of the output that a double cannot hold stay text. */
function parse(json) {
  return JSON.parse(json.replace(/([:\[ ])(-?\d{16,})(?=[,}\]])/g, '$1"$2"'));
}

// ---- DuckDB ----

async function ask(connection, table, path) {
  const result = await connection.runAndReadAll(`SELECT * FROM ${table}('${path}')`);
  return result.getRowObjectsJson();
}

/* DuckDB's "2020-01-01 00:00:00+00" and casepipe's "2020-01-01T00:00:00Z"; numbers by value; bytes
 * that are no text stand as \xNN in one and in hex in the other. A bound that the type cannot hold
 * is null to DuckDB, and what the file says to casepipe: only flipped bits make such. */
function plainBound(value, logical, type) {
  if (value === null || value === undefined) return null;
  const text = String(value);
  if (/^TIMESTAMP/.test(logical ?? "")) return text.replace("T", " ").replace(/(Z|\+00)$/, "");
  if (text.startsWith("0x")) return Buffer.from(text.slice(2), "hex").toString("latin1");
  if (type === "BYTE_ARRAY" && /\\x[0-9A-F]{2}/.test(text)) return decodeBlob(text);
  const isNumber = ["INT32", "INT64", "FLOAT", "DOUBLE"].includes(type) && !/^\d+-/.test(text);
  return isNumber && /^-?[\d.]+(e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
}

const count = (value) => (value === null || value === undefined ? null : String(value));

function sameBound(ours, theirs, leaf, isFlipped) {
  if (isFlipped && theirs === null && /^INTEGER/.test(leaf.logical_type ?? "")) return true;
  const isTime = /^(TIMESTAMP|DATE)/.test(leaf.logical_type ?? "");
  if (isTime && /^[-+]\d+-/.test(ours ?? "")) return isFlipped; /* years spelled in two ways */
  const a = plainBound(ours, leaf.logical_type, leaf.type);
  const b = plainBound(theirs, leaf.logical_type, leaf.type);
  return a === b || (leaf.type === "FLOAT" && Math.fround(a) === Math.fround(b));
}

function compareChunk(name, leaf, ours, theirs, isFlipped) {
  const what = `${name}: group ${theirs.row_group_id}, ${leaf.path}:`;
  const pairs = [
    ["type", ours.type, theirs.type],
    ["path", ours.path.split(".").join(", "), theirs.path_in_schema],
    ["codec", ours.codec, theirs.compression],
    ["values", count(ours.values), theirs.num_values],
    ["nulls", count(ours.nulls), theirs.stats_null_count],
    ["distinct", count(ours.distinct), theirs.stats_distinct_count],
    ["data_offset", count(ours.data_offset), theirs.data_page_offset],
    ["stored_bytes", count(ours.stored_bytes), theirs.total_compressed_size],
    ["plain_bytes", count(ours.plain_bytes), theirs.total_uncompressed_size],
    ["dictionary", count(ours.dictionary?.offset), theirs.dictionary_page_offset],
    ["bloom offset", count(ours.bloom_filter?.offset), theirs.bloom_filter_offset],
    ["bloom bytes", count(ours.bloom_filter?.bytes), theirs.bloom_filter_length],
    ["min_exact", ours.min_exact, theirs.min_is_exact],
    ["max_exact", ours.max_exact, theirs.max_is_exact],
    ["encodings", [...ours.encodings].sort(),
      theirs.encodings.split(", ").filter((e) => e).sort()],
  ];
  for (const [part, got, expected] of pairs) checkEqual(got, expected, what, part);
  for (const [got, expected] of [["min", "stats_min_value"], ["max", "stats_max_value"],
    ["old_min", "stats_min"], ["old_max", "stats_max"]])
    check(sameBound(ours[got], theirs[expected], leaf, isFlipped), what, got, "got", ours[got], "expected",
      theirs[expected]);
}

function compareSchema(name, ours, theirs) {
  checkEqual(ours.length, theirs.length, name, "schema elements");
  ours.forEach((element, i) => {
    const other = theirs[i];
    const pairs = [
      ["name", element.name, other.name],
      ["type", element.type, other.type],
      ["type_length", count(element.type_length), other.type_length],
      ["repetition", element.repetition, other.repetition_type],
      ["converted_type", element.converted_type, other.converted_type],
      ["children", count(element.children), other.num_children],
      ["field_id", count(element.field_id), other.field_id],
    ];
    for (const [part, got, expected] of pairs)
      checkEqual(got, expected, name, `element ${i}`, part);
    const logical = { JSON: "JsonType", STRING: "StringType", UUID: "UUIDType", LIST: "ListType",
      MAP: "MapType", TIMESTAMP: "TimestampType", TIME: "TimeType", INTEGER: "IntType",
      DECIMAL: "DecimalType", DATE: "DateType" };
    if (other.logical_type)
      check(other.logical_type.startsWith(logical[element.logical_type?.replace(/\(.*/, "")]),
        name, element.name, element.logical_type, other.logical_type);
  });
}

async function compareFile(connection, name, path, ours, isFlipped = false) {
  const [file] = await ask(connection, "parquet_file_metadata", path);
  const schema = await ask(connection, "parquet_schema", path);
  const chunks = await ask(connection, "parquet_metadata", path);
  const keys = await ask(connection, "parquet_kv_metadata", path);
  checkEqual(ours.created_by, file.created_by, name, "created_by");
  checkEqual(count(ours.rows), file.num_rows, name, "rows");
  checkEqual(count(ours.row_groups.length), file.num_row_groups, name, "row groups");
  checkEqual(count(ours.version), file.format_version, name, "version");
  checkEqual(count(ours.bytes), file.file_size_bytes, name, "bytes");
  checkEqual(count(ours.footer_bytes), file.footer_size, name, "footer");
  compareSchema(name, ours.schema, schema);
  checkEqual(ours.key_values.map((entry) => [entry.key, entry.bytes]),
    keys.map((entry) => [decodeBlob(entry.key), decodeBlob(entry.value).length]),
    name, "key values");
  const leaves = ours.schema.filter((element) => element.type !== null);
  checkEqual(chunks.length, ours.row_groups.length * leaves.length, name, "chunks");
  chunks.forEach((chunk) => {
    const group = ours.row_groups[Number(chunk.row_group_id)];
    const column = Number(chunk.column_id);
    checkEqual(count(group.rows), chunk.row_group_num_rows, name, "rows of a group");
    checkEqual(count(group.total_bytes), chunk.row_group_bytes, name, "bytes of a group");
    compareChunk(name, leaves[column], group.columns[column], chunk, isFlipped);
  });
}

/* A blob as DuckDB prints it: \xNN for what is no printable ASCII. */
function decodeBlob(text) {
  return text.replace(/\\x([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

// ---- files ----

const WIDE = `
  SELECT i::TINYINT % 7 AS t, i::SMALLINT AS s16, i::INTEGER AS i, (i * 1000000007)::BIGINT AS b,
    (i % 200)::UTINYINT AS u8, i::UINTEGER AS u, i::UBIGINT * 1000000007 AS ub,
    (i / 3.0)::DOUBLE AS d, (i / 7.0)::FLOAT AS f,
    CASE WHEN i % 3 = 0 THEN NULL ELSE 's' || (i % 100) END AS s, i % 2 = 0 AS bo,
    CASE WHEN i % 5 > 0 THEN NULL ELSE i % 2 = 0 END AS sparse,
    DATE '1969-12-01' + (i % 1000)::INTEGER AS dt, TIMESTAMP '1969-12-31' + INTERVAL (i) SECOND AS ts,
    (TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND)::TIMESTAMPTZ AS tz,
    TIME '00:00:00.5' + INTERVAL (i % 80000) SECOND AS tm,
    (i / 100.0 - 5)::DECIMAL(9, 2) AS de9, (i / 100.0 - 5)::DECIMAL(18, 4) AS de18,
    (i / 100.0 - 5)::DECIMAL(30, 4) AS de30, md5(i::VARCHAR)::UUID AS uu, ('x' || i)::BLOB AS bl,
    [i, i + 1, NULL] AS li, {'a': i, 'b': 'x' || i} AS st, MAP {'k' || i: i} AS mp,
    INTERVAL (i) DAY AS iv, ('a' || i % 3)::ENUM('a0', 'a1', 'a2') AS en, '{"a":1}'::JSON AS js,
    NULL::INTEGER AS nothing, (TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND)::TIMESTAMP_NS AS tns`;

async function duckdbFiles(connection, folder) {
  const files = [];
  for (const codec of CODECS)
    for (const version of ["V1", "V2"]) {
      const path = join(folder, `duckdb_${version}_${codec}.parquet`);
      await connection.run(`COPY (${WIDE} FROM range(100) r(i) ORDER BY i) TO '${path}'
        (FORMAT parquet, CODEC '${codec}', PARQUET_VERSION '${version}', ROW_GROUP_SIZE 2048,
         KV_METADATA {one: '1', "two words": 'x'})`);
      files.push([path, codec]);
    }
  const groups = join(folder, "duckdb_groups.parquet");
  await connection.run(`COPY (SELECT i, i % 100 AS few, CASE WHEN i % 7 = 0 THEN NULL ELSE i END AS n,
    [x FOR x IN range(i % 4)] AS li FROM range(10000) r(i)) TO '${groups}'
    (FORMAT parquet, CODEC 'zstd', ROW_GROUP_SIZE 2048)`);
  const none = join(folder, "duckdb_none.parquet");
  await connection.run(`COPY (${WIDE} FROM range(0) r(i)) TO '${none}' (FORMAT parquet)`);
  const symbols = join(folder, "duckdb_enum.parquet"); /* more of them than rows */
  await connection.run(`COPY (SELECT (CASE i % 2 WHEN 0 THEN 'DRAFT' ELSE 'CLOSED' END)
    ::ENUM('DRAFT', 'SUBMITTED', 'UNDER_REVIEW', 'ESCALATED', 'CLOSED') AS status, i
    FROM range(3) r(i)) TO '${symbols}' (FORMAT parquet)`);
  return [...files, [groups, "zstd"], [none, "snappy"], [symbols, "snappy"]];
}

function casepipeFiles(folder, seed) {
  const files = [];
  const records = join(folder, "cases.jsonl");
  casepipe("gen", "--rows", "7000", "--seed", seed, "--profile", "messy", "-o", records);
  for (const compression of ["zstd", "gzip", "none"])
    for (const rows of ["100000", "1000"]) {
      const path = join(folder, `casepipe_${compression}_${rows}.parquet`);
      casepipe("convert", records, "--schema", "case", "--compression", compression,
        "--row-group-size", rows, "-o", path);
      files.push([path, compression]);
    }
  return files;
}

// ---- what else is promised ----

/* Which pages are decompressed, and what is said of the others. */
function checkPages(name, ours, codec, isOurs) {
  const unpacks = ["zstd", "gzip", "uncompressed", "none"].includes(codec);
  for (const group of ours.row_groups)
    for (const { path, pages, dictionary } of group.columns) {
      const all = pages.data + pages.dictionary + pages.index;
      check(pages.data > 0 && (dictionary !== null) === (pages.dictionary === 1), name, path);
      check(!unpacks || pages.unpacked === all, name, path, "not all pages unpacked", pages);
      check(!isOurs || pages.checksums === all, name, path, "not all checksums", pages);
    }
}

async function checkFile(connection, path, codec, isOurs) {
  const ours = parse(casepipe("inspect", path, "--to", "json", "--metadata"));
  await compareFile(connection, path, path, ours);
  checkPages(path, ours, codec, isOurs);
  const text = casepipe("inspect", path);
  const opaque = ["snappy", "brotli", "lz4_raw"].includes(codec) && ours.rows > 0;
  checkEqual(text.includes("codec that is not decompressed here"), opaque, path, "text");
}

function checkCuts(folder, whole) {
  const path = join(folder, "cut.parquet");
  for (let size = 1; size < whole.length; size++) {
    writeFileSync(path, whole.subarray(0, size));
    const done = run(["inspect", path]);
    const isHead = size < 4; /* no magic, and nothing to tell a Parquet file by */
    check(isHead ? done.status === 0 : done.status === DAMAGED && / byte \d+: /.test(done.err),
      `cut to ${size} bytes: status ${done.status}`, done.err);
  }
}

/* Either refused, or what DuckDB says of it, too; or DuckDB cannot read it. */
async function checkFlips(connection, folder, whole, random) {
  let described = 0, flips = 0;
  for (let at = random(FLIP_STEP); at < whole.length; at += FLIP_STEP, flips++) {
    const path = join(folder, `flipped${at}.parquet`); /* DuckDB may remember a path */
    const flipped = Buffer.from(whole);
    flipped[at] ^= 1 << random(8);
    writeFileSync(path, flipped);
    const done = run(["inspect", path, "--to", "json"]);
    if (done.status === DAMAGED) {
      check(/ byte \d+: /.test(done.err), `byte ${at}: no place in`, done.err);
      continue;
    }
    checkEqual(done.status, 0, `byte ${at} flipped: status`);
    described++;
    await compareFlipped(connection, path, parse(done.out));
  }
  console.log(`${described} of ${flips} flipped bits change what nothing else says`);
}

async function compareFlipped(connection, path, ours) {
  try {
    await ask(connection, "parquet_metadata", path);
    await ask(connection, "parquet_schema", path);
    await ask(connection, "parquet_kv_metadata", path);
  } catch (error) {
    return; /* it refuses what inspect describes: a bound that is no UTF-8, for example */
  }
  await compareFile(connection, path, path, ours, true);
}

/* Numerical Recipes' linear congruential generator: enough to choose bits. */
function randomOf(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

async function main() {
  const seed = Number(process.argv[2] ?? 20261121);
  console.log(`seed ${seed}`);
  const folder = mkdtempSync(join(tmpdir(), "casepipe-inspect-"));
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("SET TimeZone = 'UTC'");
  try {
    for (const [path, codec] of casepipeFiles(folder, String(seed)))
      await checkFile(connection, path, codec, true);
    for (const [path, codec] of await duckdbFiles(connection, folder))
      await checkFile(connection, path, codec, false);
    const small = join(folder, "small.parquet");
    casepipe("gen", "--rows", "20", "-o", join(folder, "small.jsonl"));
    casepipe("convert", join(folder, "small.jsonl"), "--schema", "case", "-o", small);
    checkCuts(folder, readFileSync(small));
    await checkFlips(connection, folder, readFileSync(small), randomOf(seed));
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${checks} checks, ${failures} failed`);
  process.exitCode = failures || checks === 0 ? 1 : 0;
}

await main();
