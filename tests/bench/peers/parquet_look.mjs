// What DuckDB sees in a Parquet file of case records, as parquet_look.py reads it. Hashes are sums over
// the rows, so that their order does not matter. notes are hashed as DuckDB writes JSON anew: it does
// not keep the spelling of numbers and escapes, and casepipe does.
//
//     node parquet_look.mjs NODE_MODULES FILE [entropy]
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , modules, file, what] = process.argv;
const load = createRequire(resolve(modules, 'any.js'));
const { DuckDBInstance } = load('@duckdb/node-api');

const names = ['id', 'title', 'status', 'timestamp', 'sensor_id', 'value', 'unit', 'notes'];
const quoted = `'${file.replaceAll("'", "''")}'`;
const hashed = (name) =>
  ({ timestamp: 'epoch_us("timestamp")', notes: 'json(notes)' })[name] ?? name;
const hashes = [names.map(hashed).join(', '), ...names.map(hashed)].map((of) => `sum(hash(${of}))::VARCHAR`);

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();

async function chunks() {
  const found = await rows(`
    SELECT path_in_schema, string_agg(DISTINCT encodings, ', '), string_agg(DISTINCT compression, ', '),
           sum(total_compressed_size)
    FROM parquet_metadata(${quoted}) GROUP BY 1`);
  return Object.fromEntries(found.map(([name, encodings, compression, bytes]) =>
    [name, { encodings: [...new Set(encodings.split(', '))].sort().join(', '), compression,
             bytes: Number(bytes) }]));
}

// Of which rows are null, and of the values (entropy() passes over nulls). One column after the other:
// each needs a table of all its distinct values.
async function entropyBytes(name) {
  const [[bits]] = await rows(`
    SELECT count(*) * entropy("${name}" IS NULL) + count("${name}") * entropy("${name}") FROM ${quoted}`);
  return bits / 8;
}

const [[count, hash, ...columnHashes]] = await rows(`SELECT count(*), ${hashes.join(', ')} FROM ${quoted}`);
const stored = await chunks();
const columns = [];
for (const [i, name] of names.entries()) {
  const entropy = what === 'entropy' ? { entropy_bytes: await entropyBytes(name) } : {};
  columns.push({ name, hash: columnHashes[i], ...stored[name], ...entropy });
}
console.log(JSON.stringify({ rows: Number(count), hash, columns }));
