// casepipe's report as one query of ClickHouse (chdb), over JSONL, plain or compressed, or over 15-byte
// records, which are its RowBinary.
//
//     node chdb_report.mjs NODE_MODULES FILE
//     node chdb_report.mjs NODE_MODULES --version
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , modules, file] = process.argv;
const load = createRequire(resolve(modules, 'any.js'));
const { query } = load('chdb');

const names = ['DRAFT', 'SUBMITTED', 'UNDER_REVIEW', 'ESCALATED', 'CLOSED'];
const binary = file.endsWith('.bin');
const source = binary
  ? "'RowBinary', 'timestamp Float64, sensor_id UInt16, value Float32, status UInt8'"
  : "'JSONEachRow', 'status String, sensor_id UInt16, value Float64, timestamp Float64'";

// The sums of Float32 are Float32 there: each value is widened first, as casepipe does it. Names are
// matched as they are spelled: by default a key "Status" would count as a second "status".
const sql = `
  SELECT grouping(status) AS by_sensor, status, sensor_id, count() AS records,
         count(value), min(value), max(value), avg(toFloat64(value)),
         stddevSampStable(toFloat64(value)), min(timestamp), max(timestamp)
  FROM file('${file.replaceAll("'", "\\'")}', ${source})
  GROUP BY GROUPING SETS ((status), (sensor_id))
  ORDER BY by_sensor, sensor_id
  SETTINGS input_format_column_name_matching_mode = 'match_case'`;

function report() {
  const status = {}, sensors = [];
  for (const line of query(sql, 'JSONCompactEachRow').trim().split('\n')) {
    const [bySensor, name, id, records, count, ...statistics] = JSON.parse(line);
    if (Number(bySensor)) sensors.push([id, Number(count), ...statistics]);
    else status[binary ? names[name] : name] = Number(records);
  }
  console.log(JSON.stringify({ status, sensors }));
}

if (file === '--version') console.log(`ClickHouse ${query('SELECT version()', 'TSV').trim()} (chdb)`);
else report();
