// The order of the list. Each row has a place, a text that sorts byte by byte; Rejoin makes new places between two
// others (docs/ordered-lists.md). Two devices can choose the same place without knowing of each other, and a row that
// was written elsewhere, in SQL, may have none: both must look the same everywhere and stay movable.

const NOTHING_BEFORE = `A${' '.repeat(26)}`;

/**
 * Whether Rejoin takes the row's place for one, and makes others beside it: a letter, which says how many digits follow
 * at least (a: 1 … z: 26, Z: 1 … A: 26), from space to ~, and more of them, but no space at the end of those.
 */
export function hasPlace({ place }) {
  if (typeof place !== 'string' || !/^[A-Za-z][ -~]*$/.test(place) || place === NOTHING_BEFORE) return false;
  const digits = place < 'a' ? 'Z'.charCodeAt() - place.charCodeAt() : place.charCodeAt() - 'a'.charCodeAt();
  return place.length >= digits + 2 && !/ $/.test(place.slice(digits + 2));
}

const compare = (a, b) => (a < b ? -1 : Number(a > b));

/** By place; equal places by id, so that all devices agree; rows without a place come last. */
export const compareRows = (a, b) =>
  Number(hasPlace(b)) - Number(hasPlace(a)) ||
  (hasPlace(a) ? compare(a.place, b.place) : 0) ||
  compare(a.id, b.id);

/**
 * What is to be written so that row `id` stands at `index` of `rows` (ordered, without that row): the `ids` that need
 * new places, in order, all between the places `lower` and `upper` (null: an open end). Mostly that is the row alone.
 * Neighbours come with it where they have no place, or share theirs, since nothing fits between equal places.
 */
export function makeRoom(rows, index, id) {
  let from = index;
  while (from > 0 && !hasPlace(rows[from - 1])) from -= 1;
  const lower = rows[from - 1]?.place ?? null;
  let to = index;
  const isAbove = (row) => hasPlace(row) && (lower === null || row.place > lower);
  // Behind the last row nobody needs a place: those without one stay the last.
  while (to < rows.length && hasPlace(rows[to]) && !isAbove(rows[to])) to += 1;
  const upper = to < rows.length && isAbove(rows[to]) ? rows[to].place : null;
  const idsOf = (part) => part.map((row) => row.id);
  return { ids: [...idsOf(rows.slice(from, index)), id, ...idsOf(rows.slice(index, to))], lower, upper };
}
