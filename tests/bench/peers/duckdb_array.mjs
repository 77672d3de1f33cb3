// One JSON array to JSONL by DuckDB, on standard output; it names the columns, so that nothing is guessed.
//
//     node duckdb_array.mjs NODE_MODULES FILE
//     node duckdb_array.mjs NODE_MODULES --version
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , modules, file] = process.argv;
const load = createRequire(resolve(modules, 'any.js'));
const { DuckDBInstance, version } = load('@duckdb/node-api');

const quoted = (path) => `'${path.replaceAll("'", "''")}'`;

async function convert() {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`
    COPY (
      SELECT *
      FROM read_json(${quoted(file)}, format = 'array',
                     columns = {id: 'VARCHAR', title: 'VARCHAR', status: 'VARCHAR',
                                "timestamp": 'DOUBLE', sensor_id: 'USMALLINT', value: 'DOUBLE',
                                unit: 'VARCHAR', notes: 'JSON'})
    ) TO '/dev/stdout' (FORMAT json)`);
}

if (file === '--version') console.log(`DuckDB ${version()}`);
else await convert();
