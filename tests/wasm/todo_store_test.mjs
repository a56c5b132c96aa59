// The to-do app's store without a page: what an edit does to a row that is gone, and to a database that refuses.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { atEnd, scratch, sleep, until } from './support.mjs';

// Beside node_modules, as the page's import map has it.
for (const file of ['store.js', 'order.js', 'package.json']) {
  cpSync(fileURLToPath(new URL(`../../examples/todo/${file}`, import.meta.url)), scratch(`todo/${file}`));
}
const app = (file) => import(pathToFileURL(scratch(`todo/${file}`)));
const { openStore } = await app('store.js');
const { compareRows, hasPlace, makeRoom } = await app('order.js');

/** A store in memory that notes what it tells: `problems` and `saving`. */
async function opened() {
  const [problems, saving] = [[], []];
  const store = await openStore(undefined, {
    onProblem: (error, isEdit) => problems.push([isEdit ? 'edit' : 'load', error.message]),
    onSaving: (is) => saving.push(is),
  });
  const { execO } = store.db;
  atEnd.push(async () => {
    store.db.execO = () => new Promise(() => {}); // or it would go on trying, and the test would not end
    await store.db.close();
  });
  return Object.assign(store, {
    problems,
    saving,
    texts: () => store.rows().map((row) => row.text),
    row: (id) => store.rows().find((row) => row.id === id),
    stored: () => execO.call(store.db, 'SELECT id, text, done, place FROM todo ORDER BY place, id'),
    /** Lets statements fail, until what it returns is called. */
    refuse(which = /^(?!ROLLBACK)/) {
      store.db.execO = (sql, ...rest) =>
        which.test(sql) ? Promise.reject(new Error('refused')) : execO.call(store.db, sql, ...rest);
      return () => delete store.db.execO;
    },
  });
}

/** Waits until the page shows what the database has, and nothing is being loaded. */
async function settled(store) {
  const inOrder = (rows) => JSON.stringify(rows.map(({ id, text }) => [id, text ?? '']).sort());
  await until('the store is up to date', async () => inOrder(await store.stored()) === inOrder(store.rows()));
  await sleep(30);
}

test('ticking or moving a row that was just deleted brings nothing back', { timeout: 60000 }, async () => {
  const store = await opened();
  const edits = {
    done: (id) => store.setDone(id, true),
    move: (id) => store.move(id, () => 0),
    'move another over': (id) => store.move(store.rows().find((row) => row.id !== id).id, (others) => others.length),
  };
  for (const [name, edit] of Object.entries(edits)) {
    const id = await store.add(`to ${name}`);
    const other = await store.add('stays');
    await settled(store);
    const gone = store.db.exec('DELETE FROM todo WHERE id = ?', [id]);
    assert.equal(await edit(id), true);
    await gone;
    await settled(store);
    assert.deepEqual((await store.stored()).map((row) => row.text), ['stays'], name);
    await store.remove([other]);
  }
  assert.deepEqual(store.problems, []);
});

test('rows that a merge deletes while they are edited, many times', { timeout: 60000 }, async () => {
  const store = await opened();
  const edits = [];
  for (let i = 0; i < 60; ++i) {
    const id = await store.add(`row ${i}`);
    edits.push(sleep(Math.random() * 20).then(() => store.db.exec('DELETE FROM todo WHERE id = ?', [id])));
    for (let j = 0; j < 4; ++j) {
      edits.push(store.setDone(id, j % 2 === 0), store.move(id, () => 0));
      await sleep(Math.random() * 8);
    }
  }
  await Promise.all(edits);
  await settled(store);
  assert.deepEqual(await store.stored(), []);
  assert.deepEqual(store.problems, []);
});

test('who writes to a row that was just deleted has all of it back', { timeout: 60000 }, async () => {
  const store = await opened();
  const id = await store.add('Tea');
  await store.setDone(id, true);
  await store.add('after it');
  await settled(store);
  const row = store.row(id);
  const gone = store.db.exec('DELETE FROM todo WHERE id = ?', [id]);
  assert.equal(await store.setText(row, 'Green tea'), true);
  await gone;
  await settled(store);
  assert.deepEqual((await store.stored())[0], { id, text: 'Green tea', done: 1, place: row.place });
});

test('an edit that fails for a while is saved in the end, whether loading fails too or not', async () => {
  const store = await opened();
  const id = await store.add('Milk');
  for (const [text, which] of [['Oat milk', /^(INSERT|UPDATE)/], ['Soy milk', undefined]]) {
    setTimeout(store.refuse(which), 400);
    assert.equal(await store.setText(store.row(id), text), true);
    assert.deepEqual((await store.stored()).map((row) => row.text), [text]);
    assert.deepEqual(store.texts(), [text]);
  }
  assert.deepEqual(store.problems, []);
});

test('an edit that cannot be saved is said to be lost, and is', { timeout: 120000 }, async () => {
  const store = await opened();
  const id = await store.add('Milk');
  await settled(store);
  store.saving.length = 0;
  const allow = store.refuse();
  assert.equal(await store.setText(store.row(id), 'Oat milk'), false);
  assert.deepEqual(store.problems, [['edit', 'refused']]);
  await until('nothing is being saved', () => store.saving.join() === 'true,false');
  allow();
  await until('the store has what is stored', () => store.texts().join() === 'Milk');
  assert.equal(await store.setText(store.row(id), 'Oat milk'), true);
  assert.deepEqual((await store.stored()).map((row) => row.text), ['Oat milk']);
});

test('nothing is saved in a database that is closed, and it is told', { timeout: 120000 }, async () => {
  const edits = {
    add: [(store) => store.add('Bread'), undefined],
    setText: [(store, row) => store.setText(row, 'Oat milk'), false],
    remove: [(store, row) => store.remove([row.id]), false],
  };
  await Promise.all(Object.values(edits).map(async ([edit, result]) => {
    const store = await opened();
    const row = store.row(await store.add('Milk'));
    await settled(store);
    await store.db.close();
    assert.equal(await edit(store, row), result);
    assert.equal(store.problems.length, 1);
    assert.equal(store.problems[0][0], 'edit');
  }));
});

test('a list that cannot be loaded is told once, and loaded when it can be', { timeout: 60000 }, async () => {
  const store = await opened();
  const allow = store.refuse();
  await store.db.exec("INSERT INTO todo (id, text) VALUES ('x', 'by another tab')");
  await until('it is told', () => store.problems.length > 0);
  await sleep(3500);
  assert.deepEqual(store.problems, [['load', 'refused']]);
  allow();
  await until('it is there', () => store.texts().join() === 'by another tab');
});

test('places that the engine refuses are none', { timeout: 60000 }, async () => {
  const store = await opened();
  const letters = ['A', 'B', 'Y', 'Z', 'a', 'b', 'z', ' ', '!', '~', '0', 'é', '\n'];
  const pick = () => letters[Math.floor(Math.random() * letters.length)];
  const places = ['', 'zz', 'a', 'a ', 'a  ', 'a !', 'Z ', `A${' '.repeat(26)}`, `A${' '.repeat(26)}!`,
    `z${'~'.repeat(26)}`, 'a \n', 1, null, undefined];
  for (let i = 0; i < 3000; ++i) places.push(Array.from({ length: 1 + Math.random() * 5 }, pick).join(''));
  let taken = 0;
  const sql = 'SELECT crsql_fract_key_between(?, NULL)';
  for (const place of places) {
    const isTaken = typeof place === 'string' && await store.db.execA(sql, [place]).then(() => true, () => false);
    assert.equal(hasPlace({ place }), isTaken, JSON.stringify(place));
    taken += isTaken;
  }
  assert.ok(taken > 100 && taken < places.length - 100, `${taken} of ${places.length} are places`);
});

test('rows with places that SQL gave them can be added to and moved', { timeout: 60000 }, async () => {
  const store = await opened();
  for (const place of ['zz', 'a ', null, 'A', 7]) {
    await store.db.exec('INSERT INTO todo (id, text, place) VALUES (?1, ?1, ?2)', [`${place}`, place]);
  }
  await settled(store);
  assert.deepEqual(store.texts(), ['a ', '7', 'A', 'null', 'zz']);
  const began = performance.now();
  await store.add('last');
  await store.move('zz', () => 0);
  assert.ok(performance.now() - began < 3000, 'nothing was tried again and again');
  await settled(store);
  assert.deepEqual(store.texts(), ['zz', 'a ', '7', 'A', 'null', 'last']);
  assert.deepEqual(store.problems, []);
});

test('any move puts the row where it is to be', () => {
  const spots = ['a ', 'a!', 'a"', 'zz', '', undefined];
  for (let round = 0; round < 2000; ++round) {
    const rows = Array.from({ length: 1 + Math.floor(Math.random() * 6) }, (_, i) =>
      ({ id: `${i}`, place: spots[Math.floor(Math.random() * spots.length)] })).sort(compareRows);
    const index = Math.floor(Math.random() * (rows.length + 1));
    const { ids, lower, upper } = makeRoom(rows, index, 'new');
    assert.ok(lower === null || upper === null || lower < upper);
    const after = [...rows, { id: 'new' }].map((row) => {
      const at = ids.indexOf(row.id);
      // Any keys between the two will do; these are no shorter than the engine's.
      return at < 0 ? row : { ...row, place: lower === null ? `Z${'!"#$%&'[at]}` : `${lower}${'!"#$%&'[at]}` };
    }).sort(compareRows).map((row) => row.id);
    const wanted = rows.map((row) => row.id);
    wanted.splice(index, 0, 'new');
    assert.deepEqual(after, wanted, JSON.stringify({ rows, index }));
  }
});
