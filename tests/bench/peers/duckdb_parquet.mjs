// JSONL, plain or compressed, to Parquet by DuckDB, in casepipe's types and with its compression.
//
//     node duckdb_parquet.mjs NODE_MODULES FILE OUT v1|v2
//     node duckdb_parquet.mjs NODE_MODULES --version
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , modules, file, out, parquetVersion] = process.argv;
const load = createRequire(resolve(modules, 'any.js'));
const { DuckDBInstance, version } = load('@duckdb/node-api');

const quoted = (path) => `'${path.replaceAll("'", "''")}'`;

// Times are numbers of seconds there, exact in quarters: DuckDB takes them as whole microseconds.
async function convert() {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`
    COPY (
      SELECT id, title, status, make_timestamp(CAST(round("timestamp" * 1000000) AS BIGINT)) AS "timestamp",
             sensor_id, value, unit, notes
      FROM read_json(${quoted(file)}, format = 'newline_delimited',
                     columns = {id: 'VARCHAR', title: 'VARCHAR', status: 'VARCHAR',
                                "timestamp": 'DOUBLE', sensor_id: 'USMALLINT', value: 'DOUBLE',
                                unit: 'VARCHAR', notes: 'JSON'})
    ) TO ${quoted(out)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION ${parquetVersion})`);
}

if (file === '--version') console.log(`DuckDB ${version()}`);
else await convert();
