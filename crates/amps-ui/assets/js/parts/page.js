// A page: its title in the window and as its one heading, which gets the focus when the reader has come from another page.
import { html, useEffect, useRef } from '../html.js';
import { t } from '../strings.js';
import { visibleText } from '../words.js';

let isFirst = true;

export function Page({ title, heading, lead, actions, class: extra = '', children }) {
  const head = useRef(null);
  useEffect(() => {
    document.title = t('app.title', { page: visibleText(title) });
  }, [title]);
  useEffect(() => {
    // With the first page the browser begins at the top by itself.
    if (!isFirst) head.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return html`<div class=${`page ${extra}`}>
    <div class="page-head">
      <div class="page-title"><h1 ref=${head} tabindex="-1">${heading ?? title}</h1>${lead && html`<div class="lead">${lead}</div>`}</div>
      ${actions && html`<div class="page-actions">${actions}</div>`}
    </div>
    ${children}</div>`;
}
