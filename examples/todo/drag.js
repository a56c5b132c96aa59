// Reordering with a finger, a pen or a mouse, by the handle of a row.
//
// The dragged element stays in its place in the document, or the browser would take the pointer from it: its neighbours
// are put to its other side as it passes them.

const EDGE = 72; // px from the edge of the window where it begins to scroll
const SPEED = 14; // px a frame, at the very edge
const SLACK = 5; // px that who only presses may move

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * `elements()` are the rows that are shown, in order. `onStart()`, then `onEnd(element, dropped)`, when the element is
 * where it was dropped, or, if it was not, the order is to be restored.
 */
export function makeDraggable(root, { elements, onStart, onEnd }) {
  root.addEventListener('pointerdown', (event) => {
    const handle = event.target.closest('.move');
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    drag(handle, event);
  });

  function drag(handle, down) {
    const element = handle.closest('.item');
    const grip = down.clientY - element.getBoundingClientRect().top;
    const order = elements();
    const start = order.indexOf(element);
    let at = start;
    let pointer = down.clientY;
    let offset = 0;
    let frame;
    let isMoving = false; // a press alone moves nothing, not even near the edge of the window

    const slide = (other, distance) => {
      if (calm.matches) return;
      other.animate([{ transform: `translateY(${distance}px)` }, { transform: 'none' }], {
        duration: 140,
        easing: 'ease-out',
      });
    };

    /** Puts the neighbour on the side `step` (-1: above, 1: below) to the other side. */
    function pass(step) {
      const other = order[at + step];
      const before = other.offsetTop;
      if (step > 0) element.before(other);
      else element.after(other);
      order[at] = other;
      order[at + step] = element;
      at += step;
      slide(other, before - other.offsetTop);
    }

    const middle = (other) => other.offsetTop + other.offsetHeight / 2;

    function follow() {
      // From the top of the list, as offsetTop is.
      const top = pointer - grip - root.getBoundingClientRect().top;
      while (at < order.length - 1 && top + element.offsetHeight > middle(order[at + 1])) pass(1);
      while (at > 0 && top < middle(order[at - 1])) pass(-1);
      offset = Math.min(Math.max(top, 0), root.offsetHeight - element.offsetHeight) - element.offsetTop;
      element.style.transform = `translateY(${offset}px)`;
    }

    function scroll() {
      const below = pointer - (innerHeight - EDGE);
      const above = EDGE - pointer;
      const pull = below > 0 ? below : above > 0 ? -above : 0;
      if (pull !== 0) {
        scrollBy(0, (Math.min(Math.max(pull, -EDGE), EDGE) / EDGE) * SPEED);
        follow();
      }
      frame = requestAnimationFrame(scroll);
    }

    const moved = (event) => {
      pointer = event.clientY;
      if (!isMoving && Math.abs(pointer - down.clientY) < SLACK) return;
      if (!isMoving) scroll();
      isMoving = true;
      follow();
    };

    function end(dropped) {
      cancelAnimationFrame(frame);
      listening.abort();
      element.classList.remove('is-dragged');
      element.style.transform = '';
      if (offset !== 0) slide(element, offset);
      onEnd(element, dropped && at !== start);
    }

    const listening = new AbortController();
    const { signal } = listening;
    handle.setPointerCapture(down.pointerId);
    handle.addEventListener('pointermove', moved, { signal });
    handle.addEventListener('pointerup', () => end(true), { signal });
    handle.addEventListener('pointercancel', () => end(false), { signal });
    handle.addEventListener('lostpointercapture', () => end(false), { signal });
    document.addEventListener('keydown', (event) => event.key === 'Escape' && end(false), { signal });
    element.classList.add('is-dragged');
    onStart();
  }
}
