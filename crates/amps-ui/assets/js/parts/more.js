// The end of a list that comes in pages.
import { html } from '../html.js';
import { t } from '../strings.js';
import { number } from '../format.js';

export function More({ listing }) {
  const { items, total, more, isCapped, loadingMore, moreProblem } = listing;
  if (items.length === 0 || (items.length >= total && !more)) return null;
  return html`<div class="more">
    <p role="status">${t('browse.shown', { shown: number(items.length), total: number(total) })}</p>
    ${moreProblem && html`<p class="error" role="alert">${moreProblem.detail}</p>`}
    ${more && html`<button class="button" disabled=${loadingMore} aria-busy=${loadingMore} onClick=${more}>${loadingMore ? t('app.loading') : t('action.more')}</button>`}
    ${isCapped && html`<p>${t('browse.enough')}</p>`}
  </div>`;
}
