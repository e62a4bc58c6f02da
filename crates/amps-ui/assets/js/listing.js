// A list of the API that comes in pages: the first by itself, the others when somebody asks for more. How far somebody has come
// stands in the address: `after` is the API's cursor, `skipped` how many come before it, `shown` how many are shown.
import { useState, useEffect, useRef, useCallback } from './html.js';
import { get } from './api.js';
import { useResource } from './resource.js';
import { setQuery, to, usePlace } from './router.js';

/** More is never kept on a page, or browsers get slow: what comes behind has an address of its own. As many as the API gives at once. */
export const MOST_SHOWN = 500;

const whole = (text, least, most) => Math.min(Math.max(Math.trunc(Number(text)) || 0, least), most);

/**
 * `path` is the list with its filters, without `cursor` and `limit`; `step` is how many come at a time. Returns what `useResource` does,
 * and `items`, `total`, `skipped`, `more`, `loadingMore`, and the addresses `next` and `start`: what comes behind, and the beginning.
 */
export function useListing(path, step) {
  const { path: page, query } = usePlace();
  const after = query.get('after') ?? '';
  const asked = (values) => `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(values)}`;
  // How many it begins with is decided once: showing more changes the address, but not the list.
  const begun = useRef({});
  const of = `${path} ${after}`;
  if (begun.current.of !== of) begun.current = { of, limit: whole(query.get('shown'), step, MOST_SHOWN) };
  const first = useResource(asked({ ...(after && { cursor: after }), limit: begun.current.limit }));
  const [rest, setRest] = useState({ of: null, items: [], cursor: null });
  const [loadingMore, setLoadingMore] = useState(false);
  const [moreProblem, setMoreProblem] = useState(null);
  const abort = useRef(null);

  useEffect(() => {
    // Another list, or the same one again: what was added to the old one goes.
    abort.current?.abort();
    setRest({ of: first.data, items: [], cursor: first.data?.nextCursor ?? null });
    setLoadingMore(false);
    setMoreProblem(null);
  }, [first.data]);
  useEffect(() => () => abort.current?.abort(), []);

  const isCurrent = rest.of === first.data;
  const items = [...(first.data?.items ?? []), ...(isCurrent ? rest.items : [])];
  const cursor = isCurrent ? rest.cursor : null;
  const room = Math.min(step, MOST_SHOWN - items.length);
  const skipped = after ? whole(query.get('skipped'), 0, Number.MAX_SAFE_INTEGER) : 0;
  const more = useCallback(async () => {
    const own = new AbortController();
    abort.current = own;
    setLoadingMore(true);
    setMoreProblem(null);
    try {
      const { data } = await get(asked({ cursor, limit: room }), { signal: own.signal });
      if (own.signal.aborted) return;
      setRest((old) => ({ ...old, items: [...old.items, ...data.items], cursor: data.nextCursor ?? null }));
      setQuery({ after, skipped: skipped || '', shown: items.length + data.items.length });
    } catch (problem) {
      if (!own.signal.aborted) setMoreProblem(problem);
    }
    if (!own.signal.aborted) setLoadingMore(false);
  }, [path, cursor, items.length]);

  const address = (values) => to(page, { ...Object.fromEntries(query), after: '', skipped: '', shown: '', ...values });
  return {
    ...first, items, total: first.data?.total ?? 0, skipped, loadingMore, moreProblem,
    more: cursor && room > 0 ? more : null,
    next: cursor && room <= 0 ? address({ after: cursor, skipped: skipped + items.length }) : null,
    start: after ? address({}) : null,
  };
}
