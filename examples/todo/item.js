// One row of the list on the page, and editing its text in place.

const template = document.querySelector('#item');

const fit = (field) => {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
};

/**
 * `onCommit(row, text)` when another text was entered, a promise of whether it was saved; `onEnd()` when the row may
 * look otherwise than the store has it: after any editing, and after any edit.
 */
export function createItem(row, { onCommit, onEnd }) {
  const element = template.content.firstElementChild.cloneNode(true);
  const part = (name) => element.querySelector(`.${name}`);
  const [move, done, text, remove] = ['move', 'done', 'text', 'delete'].map(part);
  let shown = {};
  let field;
  let ahead = {}; // what the user has changed and the store does not have yet
  let awaited;

  function update(stored) {
    const next = { ...stored, ...ahead };
    if (next.text !== shown.text) {
      move.ariaLabel = `Move ${next.text}`;
      done.ariaLabel = next.text;
      text.ariaLabel = `Edit ${next.text}`;
      text.textContent = next.text;
      remove.ariaLabel = `Delete ${next.text}`;
    }
    if (next.done !== done.checked) done.checked = next.done;
    element.classList.toggle('is-done', next.done);
    shown = next;
  }

  /** Shows `change` at once, and whatever merges bring meanwhile, until `saved` is settled. */
  function showAhead(change, saved) {
    ahead = { ...ahead, ...change };
    awaited = saved;
    update(shown);
    saved.then(() => {
      if (awaited !== saved) return; // the user went on
      ahead = {};
      onEnd();
    });
  }

  function stopEditing({ commit, refocus }) {
    if (!field) return;
    const [edited, entered] = [field, field.value.replace(/\s+/g, ' ').trim()];
    // Taken away first: removing a field that has the focus makes it say that it lost it.
    field = undefined;
    text.hidden = false;
    edited.remove();
    element.classList.remove('is-editing');
    if (refocus) text.focus();
    if (commit && entered !== edited.dataset.before) {
      const saved = onCommit(shown, entered);
      if (entered) {
        showAhead({ text: entered }, saved);
        // Without the focus: the user is elsewhere by now.
        saved.then((isSaved) => isSaved || field || openField(entered, edited.dataset.before));
      }
    }
    onEnd();
  }

  function openField(value, before) {
    field = document.createElement('textarea');
    field.className = 'field';
    field.rows = 1;
    field.maxLength = 2000;
    field.ariaLabel = `Edit ${shown.text}`;
    field.enterKeyHint = 'done';
    // The edit counts as one if it differs from what stood here when it began, not from what a merge brought since.
    field.dataset.before = before;
    field.value = value;
    field.addEventListener('input', () => fit(field));
    field.addEventListener('blur', () => {
      // When the whole window loses the focus, the field keeps it within the page: who comes back goes on typing.
      if (document.activeElement !== field) stopEditing({ commit: true });
    });
    field.addEventListener('keydown', (event) => {
      if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
      event.preventDefault();
      stopEditing({ commit: event.key === 'Enter', refocus: true });
    });
    element.classList.add('is-editing');
    text.hidden = true;
    text.after(field);
    fit(field);
  }

  function startEditing() {
    if (field) return field.focus();
    openField(shown.text, shown.text);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  element.dataset.id = row.id;
  update(row);
  return {
    element,
    update,
    showAhead,
    startEditing,
    get row() {
      return shown;
    },
    get editing() {
      return field !== undefined;
    },
  };
}
