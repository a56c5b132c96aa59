// The list of this device: a table that Rejoin merges, and a TinyBase Store as the page's view of it.
//
// TinyBase's persister carries rows both ways. Left to itself it would lose edits: a load puts the database's content
// over the store's, and what is changed meanwhile is neither saved nor kept. So here everything goes through one queue,
// and the store is changed only while nothing is being loaded.
import { createStore } from 'tinybase/store';
import { createCrSqliteWasmPersister } from 'tinybase/persisters/persister-cr-sqlite-wasm';
import { open } from '@rejoin/wasm';
import { compareRows, makeRoom } from './order.js';

// TinyBase has texts and numbers: ids are texts, as its row ids are, and `done` is 0 or 1, since a boolean would come
// back from SQLite as a number.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS todo (id TEXT PRIMARY KEY NOT NULL, text TEXT, done INTEGER DEFAULT 0, place TEXT);
  SELECT crsql_as_crr('todo')`;

const TABULAR = {
  mode: 'tabular',
  tables: {
    load: { todo: { tableId: 'todos', rowIdColumnName: 'id' } },
    save: { todos: { tableName: 'todo', rowIdColumnName: 'id' } },
  },
};

const COLUMNS = 3; // of a row, beside its id
const IDLE = 0; // a status of TinyBase's persisters
const FIRST_PAUSE = 50; // ms before what failed is tried again; doubles each time
const LAST_PAUSE = 3000; // where that ends

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// crypto.randomUUID is missing where a page comes by plain http from another machine.
const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** TinyBase saves a changed cell by an INSERT that updates what is there: that as an UPDATE; undefined: it is none. */
function updateOf(sql) {
  const columns = /^INSERT INTO"todo"\("id",([^)]*)\)/.exec(sql)?.[1].split(',');
  if (!columns || columns.length === COLUMNS) return undefined;
  return `UPDATE todo SET ${columns.map((name, i) => `${name} = ?${i + 2}`).join(', ')} WHERE id = ?1 RETURNING id`;
}

/**
 * Opens the list that database `name` holds. `onProblem(error, isEdit)` hears of an edit that could not be saved, else
 * of a list that cannot be loaded; `onSaving(saving)` of whether there is something on its way to the disk.
 */
export async function openStore(name, { onProblem, onSaving }) {
  const db = await open(name);
  await db.exec(SCHEMA);

  const store = createStore();
  let starting = true;
  let failure;
  let told = false; // of a failure; and no load has succeeded since

  async function execO(sql, params) {
    // The first thing startAutoSave does is to write the whole store over the table, which would take back what another
    // tab or a merge wrote since it was loaded. Only reads pass until that is over.
    if (starting && /^(INSERT|DELETE)/.test(sql)) return [];
    const update = updateOf(sql);
    if (!update) return db.execO(sql, params);
    // A row that was deleted meanwhile would come back with that one cell. So this fails, and the edit is done again on
    // the list as it is then.
    if ((await db.execO(update, params)).length === 0) throw new Error('what was edited is gone');
    return [];
  }
  const persister = createCrSqliteWasmPersister(store, { execO }, TABULAR, undefined, (error) => {
    failure = error;
  });

  // The store is not what the database has: something was written there, or not written.
  let stale = false;

  /** Whether that has put it right. */
  async function load() {
    failure = undefined;
    stale = false;
    await persister.load();
    if (failure) stale = true;
    else told = false;
    return !failure;
  }

  const saved = () =>
    new Promise((resolve) => {
      if (persister.getStatus() === IDLE) return resolve();
      const id = persister.addStatusListener((_, status) => {
        if (status !== IDLE) return;
        persister.delListener(id);
        resolve();
      });
    });

  // --- the queue: one edit at a time, loads in between ---

  const jobs = [];
  let working = true; // until the list is there

  async function save(edit) {
    failure = undefined;
    try {
      await edit();
      await saved();
    } catch (error) {
      failure = error;
    }
    if (failure) stale = true;
    return !failure;
  }

  /** Whether it succeeds within some seconds: the database may be busy for a while, with a write of another tab. */
  async function insist(attempt) {
    for (let pause = FIRST_PAUSE; pause < LAST_PAUSE; pause *= 2) {
      if (await attempt()) return true;
      await sleep(pause);
    }
    return false;
  }

  async function work() {
    if (working) return;
    working = true;
    while (jobs.length > 0 || stale) {
      const [job] = jobs;
      // In this order also when it is tried again: a store that has an edit which was not saved does not change by the
      // same edit, and TinyBase would save nothing.
      const isDone = await insist(async () => (!stale || (await load())) && (!job || (await save(job.edit))));
      if (!isDone) {
        if (job || !told) onProblem(failure, job !== undefined);
        told = true;
        await load();
      }
      if (!job) continue;
      job.resolve(isDone);
      jobs.shift();
      if (jobs.length === 0) onSaving(false);
    }
    working = false;
  }

  const enqueue = (edit) =>
    new Promise((resolve) => {
      jobs.push({ edit, resolve });
      if (jobs.length === 1) onSaving(true);
      work();
    });

  db.onUpdate((type, dbName, tableName) => {
    if (tableName !== 'todo') return;
    stale = true;
    work();
  });

  if (!(await load())) throw failure;
  await persister.startAutoSave();
  starting = false;
  working = false;
  work();

  // --- reading ---

  let sorted;
  store.addTableListener('todos', () => {
    sorted = undefined;
  });
  const rows = () =>
    (sorted ??= Object.entries(store.getTable('todos'))
      .map(([id, { text, done, place }]) => ({ id, text: String(text ?? ''), done: Boolean(done), place }))
      .sort(compareRows));

  // --- writing: each is true when it is saved, false when it could not be ---

  /** The new places that put row `id` at `index` among the others, by id. */
  async function placesFor(id, index) {
    const others = rows().filter((row) => row.id !== id);
    const { ids, lower, upper } = makeRoom(others, index ?? others.length, id);
    const places = new Map();
    let last = lower;
    for (const next of ids) {
      [{ place: last }] = await db.execO('SELECT crsql_fract_key_between(?, ?) AS place', [last, upper]);
      places.set(next, last);
    }
    return places;
  }

  const setPlaces = (places) => places.forEach((place, id) => store.setCell('todos', id, 'place', place));

  return {
    db,
    rows,

    onChange: (listener) => store.addTableListener('todos', () => listener()),

    /** The new row's id; undefined: it could not be saved. */
    async add(text) {
      const id = newId();
      const isSaved = await enqueue(async () => {
        const places = await placesFor(id);
        store.transaction(() => {
          store.setRow('todos', id, { text, done: 0 });
          setPlaces(places);
        });
      });
      return isSaved ? id : undefined;
    },

    /** `row` is what the user saw: if somebody deleted it meanwhile, who writes to it wants to have it. */
    setText: (row, text) =>
      enqueue(() =>
        store.hasRow('todos', row.id)
          ? store.setCell('todos', row.id, 'text', text)
          : store.setRow('todos', row.id, { text, done: Number(row.done), place: row.place ?? '' }),
      ),

    setDone: (id, done) =>
      enqueue(() => {
        if (store.hasRow('todos', id)) store.setCell('todos', id, 'done', Number(done));
      }),

    remove: (ids) => enqueue(() => store.transaction(() => ids.forEach((id) => store.delRow('todos', id)))),

    restore: (removed) =>
      enqueue(() =>
        store.transaction(() =>
          removed.forEach(({ id, text, done, place }) =>
            store.setRow('todos', id, { text, done: Number(done), place: place ?? '' }),
          ),
        ),
      ),

    /** Moves row `id` to `indexAmong(others)`, worked out when it is its turn; undefined: it stays where it is. */
    move: (id, indexAmong) =>
      enqueue(async () => {
        const index = store.hasRow('todos', id) ? indexAmong(rows().filter((row) => row.id !== id)) : undefined;
        if (index === undefined) return;
        const places = await placesFor(id, index);
        store.transaction(() => setPlaces(places));
      }),
  };
}
