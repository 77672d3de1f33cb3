#!/usr/bin/env node
// --where against DuckDB: generated conditions over generated rows keep the same rows.
//
//   test_where_vs_duckdb.mjs [SEED]     WHERE_DRIVER and CASEPIPE name the binaries under test
//
//   a tree --> its text for casepipe --> where_driver  --> kept rows
//          --> its text for DuckDB   --> SELECT        --> kept rows
//
// Both texts have the same operators with only the parentheses that precedence asks for. They differ
// where DuckDB's types would round or overflow before casepipe's do:
//
//   whole numbers   HUGEINT, DuckDB's 128 bits
//   floats          DOUBLE; 2.5 alone would be a DECIMAL
//   x / y           of doubles, also where both are whole
//   times           whole nanoseconds, from the columns' integers
//   enums           as DuckDB's ENUM, whose order is that of the symbols, too
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const ROWS = 2600; // more than two frames of 1024, and no multiple of 64
const CONDITIONS = 3000;
const FILES = 12;

// ---- random choices ----

let state = 0n;

/* splitmix64, as tests/unit/random.h has it. */
function bits() {
  state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
  let z = state;
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

const below = (limit) => Number(bits() % BigInt(limit));
const chance = (percent) => below(100) < percent;
const pick = (list) => list[below(list.length)];

// ---- fields and rows ----

const SYMBOLS = ["NEW", "OPEN", "SHUT", "a b", "ä_%"];
const OTHERS = ["SHUT", "NEW", "LOST"]; // other symbols, other order
const TEXTS = ["", "a", "b", "ab", "aab", "abc", "a%b", "a_b", "%", "_", "ä", "äb", "a\u{1F600}b",
               "NEW", "OPEN", "it's", "x".repeat(17), "x".repeat(17) + "y", "[]", "zz", "B", "ß"];
const INTEGERS = { int8: [8, true], int16: [16, true], int32: [32, true], int64: [64, true],
                   uint8: [8, false], uint16: [16, false], uint32: [32, false],
                   uint64: [64, false] };
const UNITS = { s: 1000000000n, ms: 1000000n, us: 1000n, ns: 1n };

function someInteger([size, signed]) {
  const high = (1n << BigInt(signed ? size - 1 : size)) - 1n;
  const low = signed ? -high - 1n : 0n;
  if (chance(25))
    return pick([low, low + 1n, high, high - 1n, high / 2n]);
  const small = BigInt(below(40)) - (signed ? 20n : 0n);
  return chance(80) ? small : BigInt.asUintN(size, bits()) % (high + 1n);
}

const SPECIAL = [0, -0, 1, -1, 0.5, 2.5, NaN, Infinity, -Infinity, 1e300, -1e300, 5e-324, 1e-5,
                 2 ** 53, -(2 ** 53), 2 ** 31];
const someFloat = () => (chance(40) ? pick(SPECIAL) : (below(80) - 40) / 4);

/* Around one day, and now and then the ends of what nanoseconds hold. */
function someTime(unit) {
  const around = 1700000000n * 1000000000n + BigInt(below(40)) * 500000000n;
  return chance(5) ? pick([-1n, 0n, 1n]) : around / unit + (chance(10) ? BigInt(below(3)) : 0n);
}

function makeFields() {
  const fields = [{ name: "flag", type: "bool", kind: "truth", make: () => BigInt(below(2)) }];
  for (const [type, shape] of Object.entries(INTEGERS))
    fields.push({ name: `i_${type}`, type, kind: "whole", bits: shape[0],
                  make: () => someInteger(shape) });
  fields.push({ name: "f32", type: "float32", kind: "float", make: () => Math.fround(someFloat()) });
  fields.push({ name: "f64", type: "float64", kind: "float", make: someFloat });
  fields.push({ name: "g64", type: "float64", kind: "float", make: someFloat });
  fields.push({ name: "s", type: "string", kind: "text", make: () => pick(TEXTS) });
  fields.push({ name: "t", type: "string", kind: "text", make: () => pick(TEXTS) });
  fields.push({ name: "j", type: "json", kind: "json", make: () => pick(['{"a":1}', "[]", "1"]) });
  for (const [name, symbols] of [["e", SYMBOLS], ["e2", SYMBOLS], ["o", OTHERS]])
    fields.push({ name, type: "enum", kind: "enum", symbols, make: () => pick(symbols) });
  for (const [unit, size] of Object.entries(UNITS))
    fields.push({ name: `t_${unit}`, type: `timestamp[${unit}]`, kind: "time", unit: size,
                  make: () => someTime(size) });
  return fields;
}

const FIELDS = makeFields();
const ofKind = (kind) => FIELDS.filter((field) => field.kind === kind);

function makeRows() {
  return Array.from({ length: ROWS }, () =>
    FIELDS.map((field) => (field.name !== "i_int8" && chance(15) ? null : field.make())));
}

function driverCell(field, value) {
  if (value === null)
    return "-";
  if (field.kind === "text" || field.kind === "json")
    return `x${Buffer.from(value).toString("hex")}`;
  if (field.kind === "enum")
    return `${field.symbols.indexOf(value)}`;
  if (field.kind !== "float")
    return `${value}`;
  const bytes = Buffer.alloc(8);
  if (field.type === "float32")
    bytes.writeFloatLE(value);
  else
    bytes.writeDoubleLE(value);
  return `${bytes.readBigUInt64LE()}`;
}

/* Symbols with spaces do not go through the driver's words: they get other bytes there. */
function driverText(rows) {
  const described = FIELDS.map((field) => {
    const symbols = field.symbols ? `=${field.symbols.map(inDriver).join(",")}` : "";
    return `${field.name}:${field.type}${symbols}`;
  });
  const lines = [`schema ${described.join(" ")}`];
  for (const row of rows)
    lines.push(`r ${row.map((value, i) => driverCell(FIELDS[i], value)).join(" ")}`);
  return lines.join("\n") + "\n";
}

const inDriver = (symbol) => symbol.replaceAll(" ", "\u00a0");

// ---- the table ----

const quote = (text) => `'${text.replaceAll("'", "''")}'`;
const sqlFloat = (value) =>
  Number.isNaN(value) ? "'nan'::DOUBLE"
  : Number.isFinite(value) ? `'${Object.is(value, -0) ? "-0.0" : value}'::DOUBLE`
  : `'${value > 0 ? "" : "-"}inf'::DOUBLE`;

function sqlType(field) {
  const types = { truth: "BOOLEAN", float: field.type === "float32" ? "FLOAT" : "DOUBLE",
                  text: "VARCHAR", json: "VARCHAR", time: "BIGINT" };
  if (field.kind === "whole")
    return { int8: "TINYINT", int16: "SMALLINT", int32: "INTEGER", int64: "BIGINT",
             uint8: "UTINYINT", uint16: "USMALLINT", uint32: "UINTEGER",
             uint64: "UBIGINT" }[field.type];
  if (field.kind === "enum")
    return `ENUM(${field.symbols.map((symbol) => quote(inDriver(symbol))).join(",")})`;
  return types[field.kind];
}

function sqlCell(field, value) {
  if (value === null)
    return "NULL";
  if (field.kind === "truth")
    return value ? "TRUE" : "FALSE";
  if (field.kind === "float")
    return sqlFloat(value);
  if (field.kind === "enum")
    return quote(inDriver(value));
  return typeof value === "bigint" ? `${value}` : quote(value);
}

async function makeTable(connection, rows) {
  const columns = FIELDS.map((field) => `${field.name} ${sqlType(field)}`).join(", ");
  await connection.run(`CREATE OR REPLACE TABLE rows (i INTEGER, ${columns})`);
  for (let first = 0; first < rows.length; first += 500) {
    const values = rows.slice(first, first + 500).map((row, i) =>
      `(${first + i}, ${row.map((value, k) => sqlCell(FIELDS[k], value)).join(", ")})`);
    await connection.run(`INSERT INTO rows VALUES ${values.join(", ")}`);
  }
}

// ---- conditions: { ours, duck, level }, and for numbers the bits that they need ----

const LEVEL = { or: 1, and: 2, not: 3, is: 4, order: 5, range: 6, sum: 7, term: 8, sign: 9,
                atom: 10 };

/* In parentheses where it binds less than what is around it asks for. */
function at(node, level) {
  const open = node.level < level || (node.level < LEVEL.atom && chance(5));
  return open ? { ...node, ours: `(${node.ours})`, duck: `(${node.duck})`, level: LEVEL.atom } : node;
}

const atom = (ours, duck, rest = {}) => ({ ours, duck, level: LEVEL.atom, ...rest });

const anyCase = (word) => (chance(50) ? word : chance(50) ? word.toLowerCase()
                           : word[0] + word.slice(1).toLowerCase());

/* An operator between two nodes, the right one binding tighter. */
function infix(left, operator, right, level, chains) {
  const a = at(left, chains ? level : level + 1), b = at(right, level + 1);
  const word = /[A-Z]/.test(operator) ? anyCase(operator) : operator;
  return { ours: `${a.ours} ${word} ${b.ours}`, duck: `${a.duck} ${operator} ${b.duck}`, level };
}

function signed(number) {
  const of = at(number, LEVEL.sign), sign = chance(70) ? "-" : "+";
  return { ...of, ours: `${sign} ${of.ours}`, duck: `${sign} ${of.duck}`, level: LEVEL.sign };
}

function wholeField(most) {
  const field = pick(ofKind("whole").filter((one) => one.bits <= most));
  const name = chance(20) ? `"${field.name}"` : field.name;
  return atom(name, `CAST(${field.name} AS HUGEINT)`, { bits: field.bits, whole: true });
}

function wholeLiteral(most) {
  const size = Math.min(most, chance(85) ? 6 : chance(50) ? 63 : 127);
  const value = BigInt.asUintN(size, (bits() << 64n) | bits());
  return atom(`${value}`, `CAST('${value}' AS HUGEINT)`, { bits: size, whole: true });
}

/* A whole number of at most so many bits. */
function whole(depth, most) {
  if (depth === 0 || chance(30))
    return chance(60) && most >= 8 ? wholeField(most) : wholeLiteral(most);
  const kind = pick(["+", "-", "*", "%", "sign"]);
  if (kind === "sign")
    return signed(whole(depth - 1, most));
  const half = kind === "*" ? Math.floor(most / 2) : most - 1;
  if (half < 4)
    return wholeLiteral(most);
  const left = whole(depth - 1, half), right = whole(depth - 1, half);
  const level = kind === "+" || kind === "-" ? LEVEL.sum : LEVEL.term;
  const size = kind === "*" ? left.bits + right.bits : Math.max(left.bits, right.bits) + 1;
  return { ...infix(left, kind, right, level, true), bits: size, whole: true };
}

/* The same number, which DuckDB has as a DOUBLE. */
const asDouble = (node) => ({ ...node, duck: `CAST(${node.duck} AS DOUBLE)` });

function quotientOfWholes(depth) {
  const a = at(whole(depth, 50), LEVEL.term), b = at(whole(depth, 50), LEVEL.term + 1);
  return infix(asDouble(a), "/", asDouble(b), LEVEL.term, true);
}

function floatLeaf() {
  if (chance(60)) {
    const field = pick(ofKind("float"));
    return atom(field.name, `CAST(${field.name} AS DOUBLE)`);
  }
  const value = chance(20) ? pick([1e300, 2 ** 53, 1e-5, 0]) : below(80) / 4;
  const text = Number.isInteger(value) && value < 1e15 ? `${value}.0` : `${value}`;
  const short = text.replace(/^0\.(?!0$)/, ".").replace(/\.0$/, ".");
  return atom((chance(50) ? text : short).replace("+", ""), `'${text}'::DOUBLE`);
}

/* A float; what is whole in it is small enough for a double, so that both sides convert alike. */
function float(depth) {
  if (depth === 0 || chance(30))
    return floatLeaf();
  const kind = pick(["+", "-", "*", "/", "%", "sign"]);
  const level = kind === "+" || kind === "-" ? LEVEL.sum : LEVEL.term;
  if (kind === "sign")
    return signed(float(depth - 1));
  if (kind === "/" && chance(40))
    return quotientOfWholes(depth - 1);
  return infix(float(depth - 1), kind, float(depth - 1), level, true);
}

/* Two numbers that compare alike on both sides: DuckDB compares HUGEINT with DOUBLE as doubles. */
function numbers(depth) {
  const kind = below(3);
  if (kind === 0)
    return [whole(depth, 120), whole(depth, 120), whole(depth, 120)];
  if (kind === 1)
    return [float(depth), float(depth), float(depth)];
  return [0, 1, 2].map(() => (chance(50) ? whole(depth, 50) : float(depth)));
}

function text() {
  if (chance(60)) {
    const field = pick(ofKind("text"));
    return atom(field.name, field.name);
  }
  const value = pick(TEXTS);
  return atom(quote(value), quote(value));
}

function time() {
  if (chance(60)) {
    const field = pick(ofKind("time"));
    return atom(field.name, `(CAST(${field.name} AS HUGEINT) * ${field.unit})`);
  }
  const seconds = 1700000000 + below(20), part = pick(["", ".5", ".000000001", ".25"]);
  const nanoseconds = BigInt(seconds) * 1000000000n
                      + BigInt((part.slice(1) || "0").padEnd(9, "0"));
  const spelled = new Date(seconds * 1000).toISOString().slice(0, 19) + part;
  const shown = pick([`${spelled}Z`, spelled, `${spelled.replace("T", " ")}Z`]);
  return atom(`${anyCase("TIMESTAMP")} '${shown}'`, `CAST('${nanoseconds}' AS HUGEINT)`);
}

const FULL = ["=", "<>", "!=", "<", "<=", ">", ">="];
const EQUAL = ["=", "<>", "!="];
const NULL_NODE = atom("NULL", "NULL");

/* Three things to compare, and with which operators: an enum with its symbols, and so on. */
function comparables(depth) {
  const kind = pick(["number", "number", "number", "text", "time", "truth", "enum", "enums", "json",
                     "mixed"]);
  const e = pick(ofKind("enum")), type = sqlType(e);
  const symbol = () => {
    const spelled = quote(inDriver(pick(e.symbols)));
    return atom(spelled, `CAST(${spelled} AS ${type})`);
  };
  switch (kind) {
  case "number":
    return [numbers(depth), FULL];
  case "text":
    return [[text(), text(), text()], FULL];
  case "time":
    return [[time(), time(), time()], FULL];
  case "truth":
    return [[truth(depth - 1), truth(depth - 1), truth(depth - 1)], FULL];
  case "enum":
    return [[atom(e.name, e.name), symbol(), symbol()], FULL];
  case "enums":
    return [[atom("e", "e"), atom("e2", "e2"), atom("e", "e")], FULL];
  case "json":
    return [[atom("j", "j"), text(), atom("j", "j")], EQUAL];
  default: { // strings of enums: with a field, since a string that is no symbol is an error
    const o = pick(["e", "o"]), field = pick(ofKind("text"));
    return [[atom(o, `CAST(${o} AS VARCHAR)`), atom(field.name, field.name),
             atom("o", "CAST(o AS VARCHAR)")], EQUAL];
  }
  }
}

const orNull = (node) => (chance(4) ? NULL_NODE : node);

function comparison(depth) {
  const [[a, b], operators] = comparables(depth);
  const [x, y] = chance(50) ? [a, b] : [b, a];
  return infix(orNull(x), pick(operators), orNull(y), LEVEL.order, false);
}

function between(depth) {
  const [[x, low, high], operators] = comparables(depth);
  if (operators === EQUAL)
    return comparison(depth);
  const not = chance(30), word = not ? "NOT BETWEEN" : "BETWEEN";
  const a = at(orNull(x), LEVEL.range + 1);
  const b = at(orNull(low), LEVEL.sum), c = at(orNull(high), LEVEL.sum);
  return { ours: `${a.ours} ${anyCase(word)} ${b.ours} ${anyCase("AND")} ${c.ours}`,
           duck: `${a.duck} ${word} ${b.duck} AND ${c.duck}`, level: LEVEL.range };
}

function inList(depth) {
  const [[x, ...items]] = comparables(Math.min(depth, 1));
  const list = [];
  for (let i = 1 + below(chance(10) ? 40 : 4); i > 0; i--)
    list.push(orNull(pick(items)));
  const word = chance(40) ? "NOT IN" : "IN";
  const a = at(orNull(x), LEVEL.range + 1);
  return { ours: `${a.ours} ${anyCase(word)} (${list.map((one) => one.ours).join(", ")})`,
           duck: `${a.duck} ${word} (${list.map((one) => one.duck).join(", ")})`,
           level: LEVEL.range };
}

const PATTERNS = ["%", "_", "a%", "%b", "%a%", "a_b", "_%", "%_", "a%%b", "__", "%a_%", "ä%", "_b",
                  "", "x%y", "x_%", "%a%b%", "a!%b", "a!_b", "!!%", "a%b", "%[%", "_%_", "a_%_",
                  "N%", "%W", "_P%", "%aa%b"];

function like() {
  const subject = pick([text(), text(), atom("j", "j"), atom("e", "CAST(e AS VARCHAR)"),
                        atom("o", "CAST(o AS VARCHAR)"), NULL_NODE]);
  const pattern = pick(PATTERNS), word = chance(30) ? "NOT LIKE" : "LIKE";
  const escape = pattern.includes("!") || chance(10) ? ` ESCAPE ${chance(5) ? "NULL" : "'!'"}` : "";
  const spelled = chance(5) ? "NULL" : quote(pattern);
  return { ours: `${subject.ours} ${anyCase(word)} ${spelled}${escape}`,
           duck: `CAST(${subject.duck} AS VARCHAR) ${word} ${spelled}${escape}`,
           level: LEVEL.range };
}

function is(depth) {
  const not = chance(40) ? "NOT " : "";
  const field = pick(FIELDS);
  const [of, what] = pick([
    () => [atom(field.name, field.name), "NULL"],
    () => [truth(depth - 1), "NULL"],
    () => [float(1), "NULL"],
    () => [truth(depth - 1), "TRUE"],
    () => [truth(depth - 1), "FALSE"],
  ])();
  const a = at(of, LEVEL.is + 1);
  return { ours: `${a.ours} ${anyCase("IS")} ${not}${what}`, duck: `${a.duck} IS ${not}${what}`,
           level: LEVEL.is };
}

function truthLeaf() {
  return pick([atom("flag", "flag"), atom("TRUE", "TRUE"), atom("FALSE", "FALSE"),
               atom("NULL", "CAST(NULL AS BOOLEAN)"), atom("flag", "flag")]);
}

function not(depth) {
  const of = at(truth(depth - 1), LEVEL.not);
  return { ours: `${anyCase("NOT")} ${of.ours}`, duck: `NOT ${of.duck}`, level: LEVEL.not };
}

function truth(depth) {
  if (depth <= 0)
    return truthLeaf();
  const kind = below(12);
  if (kind < 2)
    return infix(truth(depth - 1), "AND", truth(depth - 1), LEVEL.and, true);
  if (kind < 4)
    return infix(truth(depth - 1), "OR", truth(depth - 1), LEVEL.or, true);
  return [comparison, comparison, comparison, between, inList, like, is, not][kind - 4](depth);
}

// ---- comparison ----

let checks = 0, failures = 0;

function fail(...what) {
  failures++;
  if (failures <= 10)
    console.error(...what);
}

async function keptByDuckDb(connection, condition) {
  const reader = await connection.runAndReadAll(`SELECT i FROM rows WHERE ${condition} ORDER BY i`);
  const kept = Array(ROWS).fill("0");
  for (const [i] of reader.getRows())
    kept[i] = "1";
  return kept.join("");
}

function firstDifference(a, b) {
  const i = [...a].findIndex((one, k) => one !== b[k]);
  return `row ${i}, where casepipe says ${a[i]}`;
}

async function compareAll(connection, rows) {
  const conditions = Array.from({ length: CONDITIONS }, () => truth(1 + below(4)));
  const input = driverText(rows) + conditions.map((one) => `w ${one.ours}\n`).join("");
  const answers = execFileSync(process.env.WHERE_DRIVER, ["1500"],
                               { input, maxBuffer: 1 << 30, encoding: "utf8" }).split("\n");
  let mixed = 0;
  for (const [i, condition] of conditions.entries()) {
    checks++;
    const ours = answers[i];
    if (ours.startsWith("error")) {
      fail(condition.ours, "\n ", ours);
      continue;
    }
    mixed += ours.includes("0") && ours.includes("1");
    const duck = await keptByDuckDb(connection, condition.duck);
    if (ours !== duck)
      fail(`${condition.ours}\n  DuckDB: ${condition.duck}\n  ${firstDifference(ours, duck)}`,
           rows[[...ours].findIndex((one, k) => one !== duck[k])]);
  }
  checks++;
  if (mixed < CONDITIONS / 3)
    fail(`only ${mixed} conditions keep some rows and not all`);
  return mixed;
}

// ---- the whole program: convert writes the rows that DuckDB keeps ----

async function compareFiles(connection, rows, folder) {
  const names = ["i_int32", "s", "e"];
  const input = join(folder, "rows.jsonl"), output = join(folder, "kept.parquet");
  const schema = join(folder, "schema.yaml");
  const symbols = SYMBOLS.map((symbol) => JSON.stringify(inDriver(symbol))).join(", ");
  writeFileSync(schema, "name: rows\nfields:\n  - {name: i, type: int32}\n"
    + "  - {name: i_int32, type: int32}\n  - {name: s, type: string}\n"
    + `  - {name: e, type: enum, symbols: [${symbols}]}\n`);
  const numbers = names.map((name) => FIELDS.findIndex((field) => field.name === name));
  writeFileSync(input, rows.map((row, i) => JSON.stringify({
    i, i_int32: row[numbers[0]] === null ? null : Number(row[numbers[0]]), s: row[numbers[1]],
    e: row[numbers[2]] === null ? null : inDriver(row[numbers[2]]),
  })).join("\n"));
  for (let i = 0; i < FILES; i++) {
    const where = pick([`i_int32 > ${below(20) - 10}`, "s LIKE '%a%'", "e < 'SHUT'",
                        "i_int32 IS NULL OR s = 'it''s'", "s IN ('a', 'b', NULL)"]);
    execFileSync(process.env.CASEPIPE, ["convert", "--schema", schema, "--where", where, "--select",
                                        "s,i", "--threads", `${1 + below(3)}`, input, "-o",
                                        output]);
    const sql = where.replace("'SHUT'", `CAST('SHUT' AS ${sqlType(FIELDS[numbers[2]])})`);
    const wanted = await connection.runAndReadAll(`SELECT s, i FROM rows WHERE ${sql} ORDER BY i`);
    const got = await connection.runAndReadAll(`SELECT * FROM '${output}'`);
    checks++;
    if (JSON.stringify([got.columnNames(), got.getRowsJson()])
        !== JSON.stringify([wanted.columnNames(), wanted.getRowsJson()]))
      fail(`convert --where "${where}" writes other rows than DuckDB keeps`);
  }
}

if (!process.env.CASEPIPE || !process.env.WHERE_DRIVER) {
  console.error("CASEPIPE and WHERE_DRIVER are not set: they name the binaries under test");
  process.exit(1);
}
const seed = BigInt(process.argv[2] ?? Math.floor(Math.random() * 2 ** 32));
state = seed;
console.log(`seed ${seed}`);
const folder = mkdtempSync(join(tmpdir(), "casepipe-"));
const connection = await (await DuckDBInstance.create(":memory:")).connect();
let mixed;
try {
  const rows = makeRows();
  await makeTable(connection, rows);
  mixed = await compareAll(connection, rows);
  await compareFiles(connection, rows, folder);
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`--where against DuckDB: ${checks} checks, ${failures} failed; ${mixed} of ${CONDITIONS} `
            + `conditions keep some of ${ROWS} rows and not all`);
process.exit(failures || !checks ? 1 : 0);
