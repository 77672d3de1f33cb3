// JSONL, plain or compressed, to Parquet by ClickHouse (chdb), in casepipe's types and with its
// compression. It has no JSON type for Parquet: notes are strings there.
//
//     node chdb_parquet.mjs NODE_MODULES FILE OUT
//     node chdb_parquet.mjs NODE_MODULES --version
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , modules, file, out] = process.argv;
const load = createRequire(resolve(modules, 'any.js'));
const { query } = load('chdb');

const quoted = (text) => `'${text.replaceAll("'", "\\'")}'`;
const columns = `id String, title Nullable(String), status String, timestamp Float64,
                 sensor_id Nullable(UInt16), value Nullable(Float64), unit Nullable(String),
                 notes Nullable(String)`;

const sql = () => `
  INSERT INTO FUNCTION file(${quoted(out)}, 'Parquet')
  SELECT id, title, status, fromUnixTimestamp64Micro(toInt64(round(timestamp * 1000000)), 'UTC') AS timestamp,
         sensor_id, value, unit, notes
  FROM file(${quoted(file)}, 'JSONEachRow', ${quoted(columns)})
  SETTINGS input_format_column_name_matching_mode = 'match_case',
           output_format_parquet_compression_method = 'zstd', engine_file_truncate_on_insert = 1`;

if (file === '--version') console.log(`ClickHouse ${query('SELECT version()', 'TSV').trim()} (chdb)`);
else query(sql());
