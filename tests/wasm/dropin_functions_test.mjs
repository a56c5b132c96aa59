// The drop-in's SQL functions beside crsqlite-wasm's: each call below on both, with its type and its error.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { differs, mine, originalReady, oursReady, same } from './dropin_pair.mjs';

const OF_ONE = ['acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'ceil', 'cos', 'cosh', 'cot', 'coth', 'degrees',
  'exp', 'floor', 'log', 'log10', 'radians', 'sign', 'sin', 'sinh', 'sqrt', 'square', 'tan', 'tanh'];
const OF_TWO = ['atan2', 'atn2', 'power'];
const AGGREGATES = ['stdev', 'variance', 'median', 'mode', 'lower_quartile', 'upper_quartile'];
// Where the last digit may differ: the drop-in has the smaller of Emscripten's two logarithms and powers.
const NEAR = /^(acosh|asinh|log|power)\(/;

const NUMBERS = ['NULL', '0', '1', '-1', '2', '3', '-3', '100', '-0.0', '0.5', '-0.5', '1.5', '-2.5', '1e15', '1e-308',
  '2147483648', '710', "'abc'", "''", "'12'", "'-3x'", "'1.5'", "' 7'", "x''", "x'616263'", "x'32'"];
const HUGE = ['1e19', '-1e19', '1e308', '1e400', '-1e400', '9223372036854775807', '-9223372036854775807-1'];
const TEXTS = ['NULL', "'abc'", "'aBc DeF-ghi 1x'", "''", "' a  b '", "'äöü'", "'ÄÖß élan vital'", "'日本語テキスト'",
  "'a😀b'", "'MICROSOFT'", "'abcabc'", "'o''neil (x)' || char(9, 97, 10, 97)", '12', '-1.5', '0', "x'616263'", "x''",
  'char(97, 0, 98)', "'%_x'"];
const COUNTS = ['NULL', '0', '1', '2', '3', '4', '10', '1.7', "'2'", "'x'", "'3z'", "''", "x'32'", "x''"];
const SETS = ['NULL', '1', '1.5', '-0.0', '1 1', '1 2', '1 2 3', '1 2 3 4', '5 4 3 2 1', '5 4 3 2 1 6', '1 2 3 4 5 6 7',
  '8 1 2 7 6 3 4 5', '1 2 3 4 5 6 7 8 9', '1 1 2', '1 1 2 2', '1 1 2 2 2', '1 NULL 3', '1.5 2.5', '1.5 1.5 2', '1 2.0',
  '1 1.0', '2.0 1 1', '1 2 2.5', '2.5 1 2', "'a'", "'a' 'b'", "'1' '2'", "'1'", "1 '2' 'x'", "1 '2.7' x'32' '2z'",
  "x'31' 2", "x'31' x'31' '3'", '1e308 1e308 -1e308', '1e308 1.1e308', '1e400 1', '1e400 -1e400', '0.1 0.2 0.3',
  '1e15 1e15+1 1e15+2', 'NULL 1.0 2', "'abc' 2.5", "2 'abc'", '3 1 2 3 1 2', '1 4 4 9 16 16 25', '10 20 30 40.0',
  '-5 -6', '-5 -8', '2147483647 2147483645', '0.0 0'];

const each = (names, ...lists) => names.flatMap((name) => lists
  .reduce((tuples, list) => tuples.flatMap((tuple) => list.map((it) => [...tuple, it])), [[]])
  .map((tuple) => `${name}(${tuple.join(', ')})`));
const over = (call, set) => `(SELECT ${call} FROM (VALUES ${set.split(' ').map((it) => `(${it})`).join(', ')}))`;

/** What comes of an expression: its type, and its number or its bytes. */
async function value(db, expression) {
  const [[type, result, bytes]] = await db.execA(
    `SELECT typeof(it), it, hex(CAST(it AS BLOB)) FROM (SELECT ${expression} AS it)`);
  if (type === 'text' || type === 'blob') return [type, bytes];
  return [type, type === 'real' && NEAR.test(expression) ? result.toPrecision(14) : result];
}

/** A test that all `expressions` are the same on both. */
function alike(name, expressions) {
  same(`${name} (${expressions.length} calls)`, async ({ open, say }) => {
    const db = await open();
    for (const expression of expressions) await say(expression, () => value(db, expression));
    await db.close();
  });
}

test('what the original has, the drop-in has', async () => {
  const lists = [];
  for (const sqlite of [originalReady, oursReady]) {
    const db = await sqlite.open();
    lists.push(await db.execA('SELECT name, narg, type, builtin, flags FROM pragma_function_list'));
    await db.close();
  }
  const [theirs, ours] = lists.map((list) => new Map(list.map(([name, count, ...rest]) => [`${name}/${count}`, rest])));
  // SQLite tells how many arguments a function has at least, since 3.46.
  const renamed = { 'coalesce/-1': 'coalesce/-4', 'concat/-1': 'concat/-3', 'concat_ws/-1': 'concat_ws/-4',
    'iif/3': 'iif/-4', 'max/-1': 'max/-3', 'min/-1': 'min/-3' };
  const missing = [...theirs.keys()].filter((key) => !ours.has(renamed[key] ?? key));
  assert.deepEqual(missing, []);
  const own = [...theirs].filter(([key, [, builtin]]) => !builtin && !/^(crsql|fts5|pi\/)/.test(key));
  assert.ok(own.length > 40);
  for (const [key, rest] of own) assert.deepEqual(ours.get(key), rest, key);
});

const WHOLE = ['ceil', 'floor', 'square'];
alike('numbers', ['pi()', ...each(OF_ONE, NUMBERS), ...each(OF_ONE.filter((it) => !WHOLE.includes(it)), HUGE)]);
alike('two numbers', each(OF_TWO, [...NUMBERS, ...HUGE], [...NUMBERS, ...HUGE]));
alike('text', [...each(['reverse', 'proper'], TEXTS), ...each(['leftstr'], TEXTS, [...COUNTS, '-1', '-10']),
  ...each(['rightstr'], TEXTS, COUNTS), ...each(['padl', 'padr', 'padc'], TEXTS, [...COUNTS, '-1', '-10']),
  ...each(['replicate'], TEXTS.filter((it) => !it.startsWith('char(')),
    ['1', '2', '5', '1.7', "'2'", "'3z'", '-1', '-10'])]);
alike('two texts', each(['charindex', 'strfilter', 'difference'], [...TEXTS, "'b'", "'bc'", "'ö'", "'語'", "'😀'"],
  TEXTS));
alike('a text from a place on', each(['charindex'], ["'b'", "'bc'", "''", "'ö'", 'NULL', '2', "'😀'"],
  ["'abcabc'", "'äöüö'", "'a😀b😀'", '1212', 'NULL'], [...COUNTS, '5', '6', '7', '-1']));
alike('words', each(['difference'], ["'Robert'", "'Ashcraft'", "'Tymczak'", "'Pfister'", "'Müller'", "'Honeyman'"],
  ["'Rupert'", "'Rubin'", "'Ashcroft'", "'Mueller'", "'Miller'", "'Pfizer'", "'honey man'", "'b-B b'"]));
alike('aggregates', SETS.flatMap((set) => AGGREGATES.map((name) => over(`${name}(column1)`, set))));
alike('wrong calls', ["reverse('a', 'b')", "charindex('a')", 'sqrt()', 'pi(1)', 'median(1, 2)', 'mode(*)']);

same('aggregates of groups', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE t (g, x)');
  await db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO t SELECT i % 7, CASE WHEN i % 11 = 0 THEN NULL ELSE (i * 7919) % 101 END FROM n`);
  await db.exec('INSERT INTO t VALUES (8, NULL), (9, 2.5)');
  for (const name of AGGREGATES) {
    await say('groups', () => db.execA(`SELECT g, ${name}(x), typeof(${name}(x)) FROM t GROUP BY g ORDER BY g`));
    await say('nothing', () => db.execA(`SELECT ${name}(x), typeof(${name}(x)) FROM t WHERE g > 9`));
    await say('no groups', () => db.execA(`SELECT ${name}(x) FROM t WHERE g > 9 GROUP BY g`));
    await say('distinct', () => db.execA(`SELECT ${name}(DISTINCT x) FROM t`));
    await say('filter', () => db.execA(`SELECT ${name}(x) FILTER (WHERE g > 3) FROM t`));
    await say('having', () => db.execA(`SELECT g FROM t GROUP BY g HAVING ${name}(x) > 1 ORDER BY g`));
    await say('window', () => db.execA(`SELECT ${name}(x) OVER () FROM t`));
    await say('an error in the middle', () => db.execA(`SELECT ${name}(padl(x, 50 - x)) FROM t`));
  }
  await db.close();
});

same('functions in schemas', async ({ open, say }) => {
  const db = await open();
  await db.exec('CREATE TABLE t (x REAL CHECK (square(x) < 100))');
  await say('index', () => db.exec('CREATE INDEX i ON t (log(x))'));
  await say('generated column', () => db.exec('CREATE TABLE g (x, y AS (sqrt(x)))'));
  await say('view', () => db.exec("CREATE VIEW v AS SELECT padl(ceil(x), 5) AS p FROM t WHERE floor(x) = 2"));
  await say('insert', () => db.exec('INSERT INTO t VALUES (2.5), (3.5)'));
  await say('check', () => db.exec('INSERT INTO t VALUES (-10)'));
  await say('select', () => db.execA('SELECT * FROM v'));
  await db.close();
});

differs('integers that overflow there', async ({ open, say }) => {
  const db = await open();
  for (const it of ['ceil(1e19)', 'floor(-1e400)', 'square(4294967296)', "leftstr('abc', 4294967297)",
    "rightstr('abc', 9223372036854775807)", "charindex('b', 'abc', 4294967298)",
    over('median(column1)', '1700000000000 1700000000001 1700000000002'),
    over('mode(column1)', '5000000000 5000000000 1'), over('upper_quartile(column1)', '1 9007199254740993')]) {
    await say(it, async () => (await db.execA(`SELECT ${it}`))[0][0]);
  }
  await db.close();
}, ['-9223372036854775808n', '-9223372036854775808n', 0, 'a', 'error 7: out of memory', 2,
  -807049215, 705032704, 1],
[1e19, -Infinity, 18446744073709552000, 'abc', 'abc', 0, 1700000000001, 5000000000, '9007199254740993n']);

differs('what there is no memory for there', async ({ open, say }) => {
  const db = await open();
  await say('rightstr', () => db.execA("SELECT rightstr('abc', -1)"));
  await say('padl', () => db.execA("SELECT padl('abc', 9223372036854775807)"));
  await say('replicate', () => db.execA("SELECT replicate('abc', 9223372036854775807)"));
  await db.close();
}, ['error 7: out of memory', 'error 7: out of memory', 'error 7: out of memory'],
['error 1: domain error', 'error 18: string or blob too big', 'error 18: string or blob too big']);

// There: whatever is in memory, text up to a NUL, a trap, and a gigabyte of memory.
test('differs: no text repeated, and limits', async () => {
  const results = await mine.play(async ({ open, say }) => {
    const db = await open();
    await say('no time', () => db.execA("SELECT replicate('abc', 0), replicate('abc', NULL), replicate('', 1e18)"));
    await say('NUL', () => db.execA('SELECT replicate(char(97, 0, 98), 3)'));
    await say('2^31', () => db.execA("SELECT padr('a', 1500000000)"));
    await say('2^32', () => db.execA("SELECT padl('a', 4294967300)"));
    await say('2^64', () => db.execA("SELECT replicate('abcd', 4611686018427387904)"));
    await db.close();
  });
  assert.deepEqual(results.map(([, it]) => it), [[['', '', '']], [['aaa']],
    ...Array(3).fill('error 18: string or blob too big')]);
});
