// The focus, where what had it goes: a removed row takes the focus along, and it would begin again at the top of the page.
import { useLayoutEffect, useRef } from '../html.js';

const toHeading = () => document.querySelector('h1')?.focus({ preventScroll: true });
const hasFocus = (element) => Boolean(element?.contains(document.activeElement));

/** Gives the focus to the page's heading if it was within `element` and is lost. */
export function useKeptFocus(element) {
  const had = useRef(false);
  had.current = hasFocus(element.current);
  useLayoutEffect(() => { if (had.current && document.activeElement === document.body) toHeading(); });
  useLayoutEffect(() => () => { if (hasFocus(element.current)) toHeading(); }, []);
}
