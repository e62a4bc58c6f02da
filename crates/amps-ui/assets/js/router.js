// Where the reader is: the path below /ui and the parameters, both kept in the address so that every view is a link.
import { html } from './html.js';
import { store, useStore } from './store.js';

export const BASE = '/ui';

function read() {
  const path = location.pathname.replace(/^\/ui(?=\/|$)/, '').replace(/\/+$/, '') || '/';
  return { path, query: new URLSearchParams(location.search), key: history.state?.key ?? 0 };
}

export const place = store(read());
let keys = Date.now();

addEventListener('popstate', () => place.set(read()));

/** Goes somewhere: `to` is a path below /ui with its query. `replace` leaves no trace in the history. */
export function navigate(to, { replace = false } = {}) {
  const url = BASE + to;
  const before = place.get();
  if (replace) history.replaceState({ key: history.state?.key ?? 0 }, '', url);
  else history.pushState({ key: ++keys }, '', url);
  place.set(read());
  const { path, query } = place.get();
  // Another page, or another part of a long list.
  if (!replace && (path !== before.path || query.get('after') !== before.query.get('after'))) scrollTo(0, 0);
}

/** The address of a path below /ui with parameters; those that are empty are left out. */
export function to(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** Changes parameters of the place where the reader is. How far a list was read goes with it: it is another list. */
export function setQuery(changes, options = { replace: true }) {
  const { path, query } = place.get();
  const all = { ...Object.fromEntries(query), after: '', skipped: '', shown: '', ...changes };
  navigate(to(path, all), options);
}

/** The path of a package's page. */
export const packagePath = (id) => `/packages/${encodeURIComponent(id)}`;

export const usePlace = () => useStore(place);

/** A link within the interface. Without a script of its own it is a link like any other. */
export function Link({ href, children, ...rest }) {
  const onClick = (event) => {
    rest.onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return html`<a ...${rest} href=${BASE + href} onClick=${onClick}>${children}</a>`;
}

/** The values of a path like `/packages/:id`; null if it is another one. */
export function match(pattern, path) {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const values = {};
  for (let index = 0; index < wanted.length; index += 1) {
    if (wanted[index].startsWith(':')) {
      try { values[wanted[index].slice(1)] = decodeURIComponent(given[index]); } catch { return null; }
      if (!given[index]) return null;
    } else if (wanted[index] !== given[index]) return null;
  }
  return values;
}
