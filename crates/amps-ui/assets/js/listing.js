// A list of the API that comes in pages: the first by itself, the others when somebody asks for more.
import { useState, useEffect, useRef, useCallback } from './html.js';
import { get } from './api.js';
import { useResource } from './resource.js';

/** More is never kept on a page: nobody looks through it, and browsers get slow. */
export const MOST_SHOWN = 1000;

/** `path` is the list with its filters, without `cursor`. Returns what `useResource` does, and `items`, `total`, `more`, `loadingMore`. */
export function useListing(path) {
  const first = useResource(path);
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
  const more = useCallback(async () => {
    const own = new AbortController();
    abort.current = own;
    setLoadingMore(true);
    setMoreProblem(null);
    try {
      const { data } = await get(`${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`, { signal: own.signal });
      if (own.signal.aborted) return;
      setRest((old) => ({ ...old, items: [...old.items, ...data.items], cursor: data.nextCursor ?? null }));
    } catch (problem) {
      if (!own.signal.aborted) setMoreProblem(problem);
    }
    if (!own.signal.aborted) setLoadingMore(false);
  }, [path, cursor]);

  return { ...first, items, total: first.data?.total ?? 0, more: cursor && items.length < MOST_SHOWN ? more : null, isCapped: Boolean(cursor) && items.length >= MOST_SHOWN, loadingMore, moreProblem };
}
