// A table of things with columns; on a phone each row is a card that names its columns.
import { html, useRef } from '../html.js';
import { useKeptFocus } from './keep-focus.js';

/**
 * `columns`: `{ key, label, render, kind }`; the first is the row's head. `kind` is `number`, `when`, or `actions`, whose label only
 * screen readers get.
 */
export function DataTable({ caption, columns, rows, keyOf, class: extra = '' }) {
  const table = useRef(null);
  useKeptFocus(table);
  return html`<table ref=${table} class=${`data cards ${extra}`} role="table">
  <caption class="sr-only">${caption}</caption>
  <thead role="rowgroup"><tr role="row">${columns.map(({ key, label, kind }) => html`
    <th key=${key} scope="col" role="columnheader" class=${kind === 'number' ? 'number' : undefined}>${kind === 'actions' ? html`<span class="sr-only">${label}</span>` : label}</th>`)}</tr></thead>
  <tbody role="rowgroup">${rows.map((row, index) => html`<tr key=${keyOf(row)} role="row">${columns.map(({ key, label, kind, render }, place) => (place === 0
    ? html`<th key=${key} scope="row" role="rowheader" class=${`col-${key}`}>${render(row, index)}</th>`
    : html`<td key=${key} role="cell" class=${`col-${key} ${kind === 'actions' ? 'row-actions' : kind ?? ''}`} data-label=${kind === 'actions' ? undefined : label}>${render(row, index)}</td>`))}</tr>`)}</tbody></table>`;
}
