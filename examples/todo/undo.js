// The bar that offers to undo a deletion, for some seconds, and for as long as it has the focus or the pointer.

const SECONDS = 8;

/** `restore(rows)` brings rows back. */
export function createUndo(bar, { restore, announce }) {
  const [text, button] = bar.children;
  let rows = [];
  let timer;

  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, SECONDS * 1000);
  };

  function hide() {
    // Who is on the button has not decided yet; the focus must not vanish under them.
    if (bar.matches(':hover, :focus-within')) return arm();
    bar.hidden = true;
    rows = [];
  }

  function undo() {
    if (rows.length === 0) return;
    const restored = rows;
    rows = [];
    clearTimeout(timer);
    restore(restored, bar.contains(document.activeElement));
    bar.hidden = true;
    announce(restored.length === 1 ? `${restored[0].text} is back` : `${restored.length} to-dos are back`);
  }

  button.addEventListener('click', undo);
  document.addEventListener('keydown', (event) => {
    const typing = event.target.matches?.('textarea, input[type="text"]');
    if (typing || event.shiftKey || event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    undo();
  });

  return {
    offer(removed) {
      rows = removed;
      const what = removed.length === 1 ? `“${removed[0].text}”` : `${removed.length} to-dos`;
      text.textContent = `Deleted ${what}`;
      bar.hidden = false;
      announce(`Deleted ${what}. Undo stands before the list; Control Z does it too.`);
      arm();
    },
  };
}
