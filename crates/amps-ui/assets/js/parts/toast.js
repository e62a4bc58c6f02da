// Messages that come and go at the edge of the page, read out by screen readers.
import { html, useEffect } from '../html.js';
import { store, useStore } from '../store.js';
import { t } from '../strings.js';
import { Icon } from './icons.js';

const toasts = store([]);
const SHOWN_MS = 8000;
let last = 0;

/** Says something; `tone` is `ok` or `bad`. What is bad stays until it is dismissed. */
export function toast(text, tone = 'ok') {
  last += 1;
  const entry = { id: last, text, tone };
  toasts.set((all) => [...all.slice(-3), entry]);
}

const dismiss = (id) => toasts.set((all) => all.filter((entry) => entry.id !== id));

function Toast({ entry }) {
  useEffect(() => {
    if (entry.tone === 'bad') return undefined;
    const timer = setTimeout(() => dismiss(entry.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [entry.id]);
  return html`<li class=${`toast toast-${entry.tone}`}>
    <${Icon} name=${entry.tone === 'bad' ? 'alert' : 'check'} /><span>${entry.text}</span>
    <button class="icon-button small" aria-label=${t('toast.dismiss')} onClick=${() => dismiss(entry.id)}><${Icon} name="close" /></button></li>`;
}

export function Toasts() {
  const all = useStore(toasts);
  return html`<section class="toasts" aria-label=${t('toast.region')} aria-live="polite">
    <ul>${all.map((entry) => html`<${Toast} key=${entry.id} entry=${entry} />`)}</ul></section>`;
}
