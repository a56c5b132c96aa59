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

const IDLE = 0; // a status of TinyBase's persisters
const FIRST_PAUSE = 50; // ms before an edit that could not be saved is tried again; doubles each time
const LAST_PAUSE = 3000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// crypto.randomUUID is missing where a page comes by plain http from another machine.
const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Opens the list that database `name` holds. `onProblem(error)` hears of what could not be saved, `onSaving(saving)` of
 * whether there is something on its way to the disk.
 */
export async function openStore(name, { onProblem, onSaving }) {
  const db = await open(name);
  await db.exec(SCHEMA);

  const store = createStore();
  let starting = true;
  let failure;
  // The first thing startAutoSave does is to write the whole store over the table, which would take back what another
  // tab or a merge wrote since it was loaded. Only reads pass until that is over.
  const face = {
    execO: async (sql, params) => (starting && /^(INSERT|DELETE)/.test(sql) ? [] : db.execO(sql, params)),
  };
  const persister = createCrSqliteWasmPersister(store, face, TABULAR, undefined, (error) => {
    failure = error;
  });

  const load = async () => {
    failure = undefined;
    await persister.load();
  };

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
  let stale = false;
  let working = true; // until the list is there

  /** Does the edit until it is saved: the database may be busy for a moment, with a write of another tab. */
  async function finish({ edit, resolve }) {
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      failure = undefined;
      try {
        await edit();
        await saved();
      } catch (error) {
        failure = error;
      }
      if (!failure) return resolve(true);
      const reason = failure;
      await load();
      if (pause > LAST_PAUSE) {
        onProblem(reason);
        return resolve(false);
      }
      await sleep(pause);
    }
  }

  async function work() {
    if (working) return;
    working = true;
    while (jobs.length > 0 || stale) {
      if (jobs.length > 0) {
        await finish(jobs[0]);
        jobs.shift();
        if (jobs.length === 0) onSaving(false);
      } else {
        stale = false;
        await load();
        if (failure) {
          stale = true;
          await sleep(LAST_PAUSE);
        }
      }
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

  await load();
  if (failure) throw failure;
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

  // --- writing ---

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

    async add(text) {
      const id = newId();
      await enqueue(async () => {
        const places = await placesFor(id);
        store.transaction(() => {
          store.setRow('todos', id, { text, done: 0 });
          setPlaces(places);
        });
      });
      return id;
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
