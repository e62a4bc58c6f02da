// The end of a list that comes in pages: more of it, or the way to what comes behind and back to the beginning.
import { html, useRef } from '../html.js';
import { t } from '../strings.js';
import { Link } from '../router.js';
import { number } from '../format.js';
import { useKeptFocus } from './keep-focus.js';

/** `shown` says how many there are, where the API has no total. */
export function More({ listing, shown }) {
  const end = useRef(null);
  useKeptFocus(end);
  const { items, total, skipped, more, next, start, loadingMore, moreProblem } = listing;
  if (!shown && items.length >= total && !more && !start) return null;
  const values = { shown: items.length, total, first: skipped + Math.min(1, items.length), last: skipped + items.length };
  const text = t(start ? 'list.range' : 'list.shown', Object.fromEntries(Object.entries(values).map(([key, value]) => [key, number(value)])));
  // Whoever presses it may press it again: it keeps the focus while more is on its way.
  return html`<div ref=${end} class="more">
    <p role="status">${shown ?? text}</p>
    ${moreProblem && html`<p class="error" role="alert">${moreProblem.detail}</p>`}
    ${start && html`<${Link} class="button quiet" href=${start}>${t('list.start')}</${Link}>`}
    ${more && html`<button class="button" aria-disabled=${loadingMore} aria-busy=${loadingMore} onClick=${loadingMore ? undefined : more}>${loadingMore ? t('app.loading') : t('action.more')}</button>`}
    ${next && html`<${Link} class="button" href=${next}>${t('list.next')}</${Link}>`}
  </div>`;
}
