// casepipe's report as one query of DuckDB, over JSONL, plain or compressed; it names the four columns,
// so that nothing is guessed.
//
//     node duckdb_report.mjs NODE_MODULES FILE
//     node duckdb_report.mjs NODE_MODULES --version
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , modules, file] = process.argv;
const load = createRequire(resolve(modules, 'any.js'));
const { DuckDBInstance, version } = load('@duckdb/node-api');

const sql = `
  SELECT grouping(status) AS by_sensor, status, sensor_id, count(*) AS records,
         count(value), min(value), max(value), avg(value), stddev_samp(value),
         min("timestamp"), max("timestamp")
  FROM read_json('${file.replaceAll("'", "''")}', format = 'newline_delimited',
                 columns = {status: 'VARCHAR', sensor_id: 'USMALLINT', value: 'DOUBLE',
                            "timestamp": 'DOUBLE'})
  GROUP BY GROUPING SETS ((status), (sensor_id))
  ORDER BY by_sensor, sensor_id`;

async function report() {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = (await connection.runAndReadAll(sql)).getRowsJson();
  const status = {}, sensors = [];
  for (const [bySensor, name, id, records, count, ...statistics] of rows) {
    if (Number(bySensor)) sensors.push([Number(id), Number(count), ...statistics]);
    else status[name] = Number(records);
  }
  console.log(JSON.stringify({ status, sensors }));
}

if (file === '--version') console.log(`DuckDB ${version()}`);
else await report();
