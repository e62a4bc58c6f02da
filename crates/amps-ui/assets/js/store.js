// A value that parts of the page share, and that they are drawn again for when it changes.
import { useState, useEffect } from './html.js';

export function store(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      value = typeof next === 'function' ? next(value) : next;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore(shared) {
  const [value, setValue] = useState(shared.get());
  useEffect(() => {
    setValue(() => shared.get());
    return shared.subscribe((next) => setValue(() => next));
  }, [shared]);
  return value;
}

// What a browser remembers; without storage, for as long as the page lives.
const memory = new Map();
export const remembered = {
  get(key) {
    try { return localStorage.getItem(key); } catch { return memory.get(key) ?? null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, value); } catch { memory.set(key, value); }
  },
  remove(key) {
    try { localStorage.removeItem(key); } catch { memory.delete(key); }
  },
};
