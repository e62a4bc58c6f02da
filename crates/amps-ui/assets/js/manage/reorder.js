// A list whose entries can be moved: by dragging, with the arrow keys on the handle, and with a pair of buttons.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.js';
import { addTexts, t } from '../strings.js';
import { Icon } from '../parts/icons.js';
import { useKeptFocus } from '../parts/keep-focus.js';

addTexts({
  'reorder.grip': 'Move {name}: drag, or use the arrow keys',
  'reorder.up': 'Move {name} up',
  'reorder.down': 'Move {name} down',
  'reorder.moved': '{name} is now number {place} of {count}',
  'reorder.first': '{name} is the first already',
  'reorder.last': '{name} is the last already',
});

/** Within so many pixels of its upper and its lower end the window goes along with what is dragged. */
const EDGE = 96;
/** Pixels in a frame, at the very end. */
const FASTEST = 24;

/** How far the window moves with the next frame; `y` is where the pointer is in it. */
function stepAt(y) {
  const depth = y < EDGE ? y - EDGE : Math.max(0, y - (innerHeight - EDGE));
  return Math.round((Math.max(-1, Math.min(1, depth / EDGE))) * FASTEST);
}

/** The list with the entry of one place at another. */
export function moved(list, from, to) {
  const rest = list.filter((_, index) => index !== from);
  return [...rest.slice(0, to), list[from], ...rest.slice(to)];
}

/**
 * `entries` in their order; `nameOf` is the key of one and what it is called. `onOrder` gets the new list with each move; `children`
 * is called with an entry, and draws what stands between the handle and the buttons; `actions` draws what stands behind them.
 */
export function Reorder({ entries, nameOf, onOrder, children, actions }) {
  const [dragged, setDragged] = useState(null);
  const [said, setSaid] = useState('');
  const list = useRef(null);
  const focus = useRef(null);
  const pointer = useRef(0);
  const latest = useRef(null);
  useKeptFocus(list);

  useLayoutEffect(() => {
    // Moving its row takes the focus away from a button.
    if (!focus.current) return;
    const { name, part } = focus.current;
    focus.current = null;
    const row = [...list.current.children].find((item) => item.dataset.name === name);
    const button = row?.querySelector(`[data-part=${part}]`);
    // The end of the list is reached: the other button is still of use.
    (button?.disabled ? row.querySelector('[data-part=grip]') : button)?.focus();
  }, [entries]);

  const move = (from, to, part) => {
    const name = nameOf(entries[from]);
    if (to < 0 || to >= entries.length) {
      setSaid(t(to < 0 ? 'reorder.first' : 'reorder.last', { name }));
      return;
    }
    if (part) focus.current = { name, part };
    setSaid(t('reorder.moved', { name, place: to + 1, count: entries.length }));
    onOrder(moved(entries, from, to));
  };
  const onKey = (index) => (event) => {
    const step = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: entries.length - 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(index, step, 'grip');
  };
  const onDown = (name) => (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.focus();
    event.currentTarget.setPointerCapture(event.pointerId);
    pointer.current = event.clientY;
    setDragged(name);
  };
  const follow = (y) => {
    const from = entries.findIndex((entry) => nameOf(entry) === dragged);
    // It was let go a moment ago.
    if (from < 0) return;
    const rows = [...list.current.children].map((row) => row.getBoundingClientRect());
    // Its place is behind all rows whose middle the pointer has passed.
    const to = rows.filter((row, index) => index !== from && y > row.top + row.height / 2).length;
    if (to !== from) {
      // The handle has the pointer, and keeps it only while it stays where it is in the document: the others move around it.
      onOrder(moved(entries, from, to));
      setSaid(t('reorder.moved', { name: dragged, place: to + 1, count: entries.length }));
    }
  };
  // Of the last drawing: a frame later the entries are others.
  latest.current = follow;
  const onMove = (event) => {
    if (dragged === null) return;
    pointer.current = event.clientY;
    follow(event.clientY);
  };
  const onUp = () => setDragged(null);
  useEffect(() => {
    if (dragged === null) return undefined;
    let frame;
    const go = () => {
      const before = scrollY;
      scrollBy({ top: stepAt(pointer.current), behavior: 'instant' });
      if (scrollY !== before) latest.current(pointer.current);
      frame = requestAnimationFrame(go);
    };
    frame = requestAnimationFrame(go);
    return () => cancelAnimationFrame(frame);
  }, [dragged]);

  return html`<ol class="order-list" ref=${list} onPointerMove=${onMove} onPointerUp=${onUp} onPointerCancel=${onUp}>${entries.map((entry, index) => {
    const name = nameOf(entry);
    return html`<li key=${name} data-name=${name} class=${`card order-row ${dragged === name ? 'dragged' : ''}`}>
      <button type="button" class="icon-button grip" data-part="grip" aria-label=${t('reorder.grip', { name })} onPointerDown=${onDown(name)} onKeyDown=${onKey(index)}><${Icon} name="grip" /></button>
      <span class="order-place" aria-hidden="true">${index + 1}</span>
      ${children(entry)}
      <span class="order-actions">
        <button type="button" class="icon-button" data-part="up" aria-label=${t('reorder.up', { name })} title=${t('reorder.up', { name })} disabled=${index === 0} onClick=${() => move(index, index - 1, 'up')}><${Icon} name="up" /></button>
        <button type="button" class="icon-button" data-part="down" aria-label=${t('reorder.down', { name })} title=${t('reorder.down', { name })} disabled=${index === entries.length - 1} onClick=${() => move(index, index + 1, 'down')}><${Icon} name="down" /></button>
        ${actions(entry)}</span></li>`;
  })}</ol><p class="sr-only" role="status">${said}</p>`;
}
