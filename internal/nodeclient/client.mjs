// An independent reader of DuckDB files, for tests: what an analyst's own client sees of a released file.
//
//   node client.mjs inspect FILE             prints its tables with columns, comments and row counts
//   node client.mjs query FILE|:memory:      runs the statements on standard input and prints each one's rows
//   node client.mjs watch FILE SQL           opens FILE once and runs SQL again and again until standard input ends; prints
//                                            `reading` after the first time, and at the end how often, every different
//                                            answer, and every different hash of the bytes of the file that it opened
//   node client.mjs follow FILE SQL          the same, opening FILE anew each time, as somebody who looks again
//
// Files are opened read-only. Output is JSON; integers beyond 2^53, decimals, dates and the like are text.
import { DuckDBInstance } from '@duckdb/node-api';
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

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

// fileHash reads an open file from its beginning.
function fileHash(descriptor) {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(1 << 20);
  for (let at = 0, size = fstatSync(descriptor).size; at < size; ) {
    const read = readSync(descriptor, buffer, 0, buffer.length, at);
    if (read === 0) throw new Error('the file has become shorter');
    hash.update(buffer.subarray(0, read));
    at += read;
  }
  return hash.digest('hex');
}

async function loop(once) {
  const answers = new Set();
  let reads = 0;
  let ended = false;
  process.stdin.on('end', () => (ended = true)).resume();
  while (!ended) {
    answers.add(JSON.stringify(await once()));
    if (++reads === 1) process.stdout.write('reading\n');
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { reads, answers: [...answers] };
}

async function watch(connection, file, sql) {
  const descriptor = openSync(file);
  const contents = new Set();
  const seen = await loop(async () => {
    contents.add(fileHash(descriptor));
    return rows(connection, sql);
  });
  closeSync(descriptor);
  return { ...seen, contents: [...contents] };
}

async function follow(file, sql) {
  return loop(async () => {
    const instance = await DuckDBInstance.create(file, options);
    const connection = await instance.connect();
    const answer = await rows(connection, sql);
    connection.closeSync();
    instance.closeSync();
    return answer;
  });
}

const [command, file, sql] = process.argv.slice(2);
const options = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
if (file !== ':memory:') options.access_mode = 'READ_ONLY';
async function answerOnce() {
  const instance = await DuckDBInstance.create(file, options);
  const connection = await instance.connect();
  const answer =
    command === 'inspect' ? await inspect(connection)
    : command === 'watch' ? await watch(connection, file, sql)
    : await query(connection, readFileSync(0, 'utf8'));
  connection.closeSync();
  return answer;
}

try {
  process.stdout.write(JSON.stringify(command === 'follow' ? await follow(file, sql) : await answerOnce()));
} catch (problem) {
  process.stderr.write(`${problem.message}\n`);
  process.exitCode = 1;
}
