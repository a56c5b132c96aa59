// Starts the page: the store, what shows it, and what the controls do.
import { openStore } from './store.js';
import { createList } from './list.js';
import { createUndo } from './undo.js';
import { startSync } from './sync.js';

const find = (selector) => document.querySelector(selector);
const { dataset } = document.documentElement;

const address = new URLSearchParams(location.search);
const nameIn = (key) => (/^[\w-]{1,40}$/.test(address.get(key) ?? '') ? address.get(key) : undefined);
const device = nameIn('device') ?? 'this-device';
const room = nameIn('room');
// A list of its own for each room that is asked for, or visiting another room would pour this one's list into it.
const database = room ? `${device}.${room}.db` : `${device}.db`;

const EMPTY = {
  all: 'Nothing to do yet. Write down the first thing above.',
  open: 'Nothing is open.',
  done: 'Nothing is done yet.',
};

function complain(text) {
  find('#problem').textContent = text;
  find('#problem').hidden = false;
}

function announce(text) {
  find('#news').textContent = text;
}

async function start() {
  find('#device').textContent = device;
  document.title = `To-do · ${device}`;

  const store = await openStore(database, {
    onProblem: (error, isEdit) =>
      complain(`${isEdit ? 'An edit could not be saved' : 'The list could not be loaded anew'}: ${error.message}`),
    onSaving(saving) {
      dataset.saving = saving;
    },
  });
  // Saving takes some milliseconds; who closes the window within them is asked to stay.
  addEventListener('beforeunload', (event) => {
    if (dataset.saving === 'true') event.preventDefault();
  });
  if (store.db.storage === 'memory') {
    complain('This browser gives pages no file system: what is not synced is gone when this window closes.');
  }

  const undo = createUndo(find('#undo'), {
    announce,
    async restore(rows, focus) {
      await store.restore(rows);
      list.reveal(rows[0].id, focus && 'text');
    },
  });

  const remove = async (rows) => {
    undo.offer(rows);
    await store.remove(rows.map((row) => row.id));
  };

  // Where the focus goes when what had it is gone; not the field, which brings up the keyboard of a phone.
  const chosenFilter = () => find('#filter input:checked');

  const list = createList(find('#list'), store, { remove, announce, fallback: chosenFilter });

  // --- adding ---

  find('#composer').addEventListener('submit', async (event) => {
    event.preventDefault();
    const field = find('#new');
    const text = field.value.replace(/\s+/g, ' ').trim();
    field.value = '';
    field.focus();
    if (!text) return;
    const id = await store.add(text);
    if (id) list.reveal(id);
    // In front of what was typed since.
    else field.value = `${text} ${field.value}`.trim();
  });

  // --- the line above the list ---

  const filter = () => chosenFilter().value;

  function count() {
    const rows = store.rows();
    const done = rows.filter((row) => row.done).length;
    const open = rows.length - done;
    find('#counter').textContent = `${open} open`;
    find('#clear').hidden = done === 0;
    const shown = { all: rows.length, open, done }[filter()];
    find('#empty').textContent = EMPTY[rows.length === 0 ? 'all' : filter()];
    find('#empty').hidden = shown > 0;
  }

  find('#filter').addEventListener('change', () => {
    list.show(filter());
    count();
  });
  find('#clear').addEventListener('click', () => {
    chosenFilter().focus();
    remove(store.rows().filter((row) => row.done));
  });
  // After a reload the browser may have kept the choice.
  list.show(filter());
  store.onChange(count);
  count();
  dataset.ready = 'true';
  return store;
}

const sync = ({ db }) =>
  startSync(db, device, {
    toggle: find('#sync'),
    room,
    onState(state) {
      dataset.sync = state;
    },
    onText(text) {
      if (find('#state').textContent !== text) find('#state').textContent = text;
    },
  });

start().then(
  (store) => sync(store).catch((error) => complain(`Sync could not be started: ${error.message}`)),
  (error) => complain(`The list could not be opened: ${error.message}`),
);

// Browsers have it on https and on this machine only. Without it the page needs the network to load.
navigator.serviceWorker?.register('./sw.js').catch((error) => console.warn(error));
