// The list on the page: each row keeps its element for as long as it lives, whatever merges bring, and the one that has
// the focus is never taken out of the page to be moved.
import { createItem } from './item.js';
import { makeDraggable } from './drag.js';

const FILTERS = { all: () => true, open: (row) => !row.done, done: (row) => row.done };

/** The positions of a longest rising run in `numbers`: what can stay where it is while the rest is moved. */
function longestRise(numbers) {
  const tails = [];
  const before = new Array(numbers.length);
  numbers.forEach((number, i) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[tails[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before[i] = tails[low - 1];
    tails[low] = i;
  });
  const rise = new Set();
  for (let i = tails.at(-1); i !== undefined; i = before[i]) rise.add(i);
  return rise;
}

/** Puts `wanted` in this order into `parent` with few moves, and none of `anchor` or what holds it. */
function arrange(parent, wanted, anchor) {
  const present = new Map([...parent.children].map((element, i) => [element, i]));
  const old = wanted.map((element) => present.get(element) ?? -1);
  const fixed = wanted.findIndex((element) => element.contains(anchor));
  const stays = (i) => old[i] >= 0 && (fixed < 0 || i === fixed || (i < fixed) === (old[i] < old[fixed]));
  const candidates = [...wanted.keys()].filter(stays);
  const rise = longestRise(candidates.map((i) => old[i]));
  const kept = new Set(candidates.filter((_, i) => rise.has(i)));
  let next = null;
  for (let i = wanted.length - 1; i >= 0; i -= 1) {
    if (!kept.has(i)) parent.insertBefore(wanted[i], next);
    next = wanted[i];
  }
}

/**
 * The list in `root`, of `store`. `remove(rows)` deletes them, with an undo; `announce(text)` is for screen readers;
 * what `fallback()` is gets the focus when no row can.
 */
export function createList(root, store, { remove, announce, fallback }) {
  const items = new Map();
  let filter = 'all';
  let dragging = false;
  let scheduled = false;

  const visible = () => store.rows().filter(FILTERS[filter]);
  const elements = () => [...root.children].filter((element) => !element.hidden);
  const itemOf = (event) => items.get(event.target.closest('.item')?.dataset.id);

  function schedule() {
    if (scheduled) return;
    scheduled = true;
    // Not with the next frame: windows in the background have none, and what they show is read out and looked at too.
    queueMicrotask(render);
  }

  const handlers = {
    onCommit: (row, text) => (text ? store.setText(row, text) : remove([row])),
    onEnd: schedule,
  };

  /** Where the focus goes when its row goes: to the same control of the next row, else of the one before. */
  function heirOf(control, gone) {
    const all = elements();
    const at = all.findIndex((element) => element.contains(control));
    const heir = [...all.slice(at + 1), ...all.slice(0, at).reverse()].find((element) => !gone.has(element));
    return heir?.querySelector(`.${control.classList[0]}`) ?? fallback();
  }

  function render() {
    scheduled = false;
    if (dragging) return;
    const rows = store.rows();
    const alive = new Set(rows.map((row) => row.id));
    const gone = new Set();
    for (const [id, item] of items) {
      if (!alive.has(id) && !item.editing) gone.add(item.element);
    }
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    for (const row of rows) {
      const item = items.get(row.id) ?? createItem(row, handlers);
      items.set(row.id, item);
      item.update(row);
      if (!FILTERS[filter](row) && !item.editing) gone.add(item.element);
    }
    const heir = focused && gone.has(focused.closest('.item')) ? heirOf(focused, gone) : null;
    for (const [id, item] of items) {
      item.element.hidden = gone.has(item.element);
      if (!alive.has(id) && !item.editing) {
        item.element.remove();
        items.delete(id);
      }
    }
    const wanted = rows.map((row) => items.get(row.id).element);
    // A row that was deleted elsewhere while it is being edited stays where it is until that is over.
    for (const element of root.children) {
      if (!alive.has(element.dataset.id)) wanted.splice([...root.children].indexOf(element), 0, element);
    }
    arrange(root, wanted, document.activeElement);
    heir?.focus({ preventScroll: true });
  }

  /** Moves a row to where it stands behind `behind(shown)`, an id or null, among the rows that are shown. */
  async function move(row, behind) {
    await store.move(row.id, (others) => {
      const id = behind(visible().map((other) => other.id));
      if (id === undefined || id === row.id) return undefined;
      const at = others.findIndex((other) => other.id === id);
      // The one before may have been deleted since.
      return id === null ? 0 : at < 0 ? undefined : at + 1;
    });
    const shown = visible();
    const at = shown.findIndex((other) => other.id === row.id);
    if (at >= 0) announce(`${row.text} is number ${at + 1} of ${shown.length}`);
    schedule();
  }

  const STEPS = {
    ArrowUp: (ids, at) => (at < 1 ? undefined : (ids[at - 2] ?? null)),
    ArrowDown: (ids, at) => ids[at + 1],
    Home: (ids, at) => (at < 1 ? undefined : null),
    End: (ids) => ids.at(-1),
  };

  root.addEventListener('keydown', (event) => {
    const item = itemOf(event);
    if (!item) return;
    if (event.key === 'F2' && !item.editing) item.startEditing();
    const step = event.target.closest('.move') && STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    move(item.row, (ids) => step(ids, ids.indexOf(item.row.id)));
  });

  root.addEventListener('click', (event) => {
    const item = itemOf(event);
    if (event.target.closest('.text')) item.startEditing();
    if (event.target.closest('.delete')) remove([item.row]);
  });

  root.addEventListener('change', (event) => {
    if (!event.target.matches('.done')) return;
    const item = itemOf(event);
    const done = event.target.checked;
    item.showAhead({ done }, store.setDone(item.row.id, done));
  });

  makeDraggable(root, {
    elements,
    onStart: () => {
      dragging = true;
    },
    onEnd: (element, dropped) => {
      dragging = false;
      const shown = elements();
      const before = shown[shown.indexOf(element) - 1]?.dataset.id ?? null;
      const item = items.get(element.dataset.id);
      if (dropped && item) move(item.row, () => before);
      else render();
    },
  });

  store.onChange(schedule);
  render();
  return {
    show(name) {
      filter = name;
      render();
    },
    /** Scrolls to a row that is new or came back; `focus` names the control that gets the focus. */
    reveal(id, focus) {
      render();
      const element = items.get(id)?.element;
      if (!element || element.hidden) {
        if (focus) fallback().focus({ preventScroll: true });
        return;
      }
      element.scrollIntoView({ block: 'nearest' });
      element.classList.add('is-new');
      // Or it would light up again each time it is moved in the document.
      element.addEventListener('animationend', () => element.classList.remove('is-new'), { once: true });
      if (focus) element.querySelector(`.${focus}`).focus({ preventScroll: true });
    },
  };
}
