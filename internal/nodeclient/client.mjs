// An independent reader of DuckDB files, for tests: what an analyst's own client sees of a released file.
//
//   node client.mjs inspect FILE             prints its tables with columns, comments and row counts
//   node client.mjs query FILE|:memory:      runs the statements on standard input and prints each one's rows
//   node client.mjs watch FILE SQL           runs SQL again and again until standard input ends; prints `reading` after
//                                            the first time, and at the end how often and every different answer
//
// Files are opened read-only. Output is JSON; integers beyond 2^53, decimals, dates and the like are text.
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync } from 'node:fs';

const columnsOf = `
  select schema_name, table_name, column_name, data_type, comment
  from duckdb_columns()
  where not internal and database_name = current_database()
  order by schema_name, table_name, column_index`;

const tablesOf = `
  select schema_name, table_name, 'table' as kind, comment
  from duckdb_tables()
  where not internal and not temporary and database_name = current_database()
  union all by name
  select schema_name, view_name as table_name, 'view' as kind, comment
  from duckdb_views()
  where not internal and not temporary and database_name = current_database()
  order by schema_name, table_name`;

async function rows(connection, sql) {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

async function inspect(connection) {
  const columns = await rows(connection, columnsOf);
  const tables = [];
  for (const t of await rows(connection, tablesOf)) {
    const [{ n }] = await rows(connection, `select count(*) as n from ${quoted(t.schema_name)}.${quoted(t.table_name)}`);
    tables.push({
      schema: t.schema_name,
      name: t.table_name,
      kind: t.kind,
      comment: t.comment ?? '',
      rows: Number(n),
      columns: columns
        .filter((c) => c.schema_name === t.schema_name && c.table_name === t.table_name)
        .map((c) => ({ name: c.column_name, type: c.data_type, comment: c.comment ?? '' })),
    });
  }
  const [{ version }] = await rows(connection, 'select version() as version');
  return { version, tables };
}

async function query(connection, sql) {
  const statements = await connection.extractStatements(sql);
  const results = [];
  for (let i = 0; i < statements.count; i++) {
    const statement = await statements.prepare(i);
    const reader = await statement.runAndReadAll();
    results.push({
      columns: reader.columnNames().map((name, k) => ({ name, type: String(reader.columnType(k)) })),
      rows: reader.getRowsJson(),
    });
  }
  return results;
}

async function watch(connection, sql) {
  const answers = new Set();
  let reads = 0;
  let ended = false;
  process.stdin.on('end', () => (ended = true)).resume();
  while (!ended) {
    answers.add(JSON.stringify(await rows(connection, sql)));
    if (++reads === 1) process.stdout.write('reading\n');
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { reads, answers: [...answers] };
}

const [command, file, sql] = process.argv.slice(2);
const options = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
if (file !== ':memory:') options.access_mode = 'READ_ONLY';
try {
  const instance = await DuckDBInstance.create(file, options);
  const connection = await instance.connect();
  const answer =
    command === 'inspect' ? await inspect(connection)
    : command === 'watch' ? await watch(connection, sql)
    : await query(connection, readFileSync(0, 'utf8'));
  connection.closeSync();
  process.stdout.write(JSON.stringify(answer));
} catch (problem) {
  process.stderr.write(`${problem.message}\n`);
  process.exitCode = 1;
}
