// Something that is fetched and shown: loading, there, or failed. What is there stays while it is fetched again.
import { useState, useEffect, useRef, useCallback } from './html.js';
import { get } from './api.js';

/** Waits that grow before a server that does not answer is asked again. */
const RETRY_MS = [2000, 4000, 8000, 15000, 30000];
/** After this it is said that it takes long. */
const LONG_MS = 4000;

/**
 * Fetches `path` of the API, again when it changes; null fetches nothing. A server that does not answer is asked again by itself.
 * Returns `{ data, etag, problem, loading, slow, reload }`.
 */
export function useResource(path, { keep = true } = {}) {
  const [state, setState] = useState({ path: null, loading: path !== null });
  const [turn, setTurn] = useState(0);
  const tries = useRef(0);
  const reload = useCallback(() => { tries.current = 0; setTurn((number) => number + 1); }, []);

  useEffect(() => {
    if (path === null) {
      setState({ path, loading: false });
      return undefined;
    }
    const abort = new AbortController();
    let timer;
    const slow = setTimeout(() => setState((old) => (old.loading ? { ...old, slow: true } : old)), LONG_MS);
    setState((old) => ({ ...(keep || old.path === path ? old : {}), loading: true, slow: false }));
    get(path, { signal: abort.signal }).then(
      ({ data, etag }) => {
        clearTimeout(slow);
        tries.current = 0;
        setState({ path, data, etag, loading: false });
      },
      (problem) => {
        clearTimeout(slow);
        if (abort.signal.aborted) return;
        const shown = problem.isUnreachable ? {} : { data: undefined };
        setState((old) => ({ ...old, ...shown, path, problem, loading: false, slow: false }));
        if (problem.isUnreachable) {
          const wait = RETRY_MS[Math.min(tries.current, RETRY_MS.length - 1)];
          tries.current += 1;
          timer = setTimeout(() => setTurn((number) => number + 1), wait);
        }
      },
    );
    return () => { abort.abort(); clearTimeout(slow); clearTimeout(timer); };
  }, [path, turn]);

  return { ...state, reload };
}

/** The value, once it has not changed for a moment. */
export function useDebounced(value, ms) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === settled) return undefined;
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
