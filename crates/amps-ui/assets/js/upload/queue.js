// The uploads of this window: three at a time, each until it is published or refused. They go on while other pages are looked at.
import { get } from '../api.js';
import { store } from '../store.js';
import { append, begin, forgetFile, giveUp, offset, status } from './tus.js';
import { meter } from './speed.js';

const AT_ONCE = 3;
const WAITS_S = [1, 2, 4, 8, 15, 30];
const MOST_TRIES = 40;
/** How often the server is asked what it has found; seldom when it has nothing new to say. */
const POLL_MS = 500;
const MOST_POLL_MS = 2000;
const ENDED = ['published', 'refused', 'failed', 'cancelled'];

/** `{ id, file, state, sent, speed, resumed, retryIn, problem, release, checks, checked }`, in the order in which they were chosen. */
export const uploads = store([]);
let last = 0;
const aborts = new Map();
const addresses = new Map();

export const hasEnded = (upload) => ENDED.includes(upload.state);
export const isRunning = () => uploads.get().some((upload) => !hasEnded(upload));

const change = (id, changes) => uploads.set((all) => all.map((upload) => (upload.id === id ? { ...upload, ...changes } : upload)));
const find = (id) => uploads.get().find((upload) => upload.id === id);

/** Adds files; one that is on its way already is not added twice. */
export function addFiles(files) {
  for (const file of files) {
    const same = (upload) => upload.file.name === file.name && upload.file.size === file.size && upload.file.lastModified === file.lastModified;
    if (uploads.get().some((upload) => same(upload) && !hasEnded(upload))) continue;
    uploads.set((all) => all.filter((upload) => !(same(upload) && hasEnded(upload))));
    last += 1;
    const isEmpty = file.size === 0;
    const entry = { id: last, file, state: isEmpty ? 'failed' : 'waiting', sent: 0, speed: NaN, problem: isEmpty ? { code: 'empty', detail: '' } : null };
    uploads.set((all) => [...all, entry]);
  }
  next();
}

export function retry(id) {
  change(id, { state: 'waiting', problem: null, sent: 0, retryIn: undefined, checks: undefined, checked: undefined });
  next();
}

export async function cancel(id) {
  const upload = find(id);
  if (!upload || hasEnded(upload)) return;
  change(id, { state: 'cancelled' });
  aborts.get(id)?.abort();
  const url = addresses.get(id);
  forgetFile(upload.file);
  if (url) await giveUp(url).catch(() => { /* the server forgets it by itself */ });
}

export const dismiss = (id) => uploads.set((all) => all.filter((upload) => upload.id !== id || !hasEnded(upload)));
export const clearEnded = () => uploads.set((all) => all.filter((upload) => !hasEnded(upload)));

function next() {
  const all = uploads.get();
  let free = AT_ONCE - all.filter((upload) => !hasEnded(upload) && upload.state !== 'waiting').length;
  for (const upload of all) {
    if (free <= 0) return;
    if (upload.state !== 'waiting') continue;
    free -= 1;
    change(upload.id, { state: 'starting' });
    run(upload.id, upload.file).finally(next);
  }
}

async function run(id, file) {
  const abort = new AbortController();
  aborts.set(id, abort);
  const set = (changes) => { if (!abort.signal.aborted) change(id, changes); };
  try {
    const release = await untilPublished(id, file, set, abort.signal);
    forgetFile(file);
    set({ state: 'published', sent: file.size, release: { sequence: release } });
    const said = await status(addresses.get(id), abort.signal).catch(() => null);
    if (said) set({ checks: said.checks });
    const { data } = await get(`/releases/${release}`);
    set({ release: data });
  } catch (problem) {
    if (abort.signal.aborted || find(id)?.state === 'published') return;
    const isRefusal = problem.isRefusal || problem.status === 422;
    if (isRefusal) {
      forgetFile(file);
      const url = addresses.get(id);
      if (url) giveUp(url).catch(() => {});
    }
    set({ state: isRefusal ? 'refused' : 'failed', problem, speed: NaN, checks: problem.checks });
  } finally {
    aborts.delete(id);
    addresses.delete(id);
  }
}

/** Whether it makes sense to try again by itself. */
const isPassing = (problem) => problem.isUnreachable || problem.status === 408 || problem.status === 429 || problem.status === 500
  || (problem.status === 409 && ['upload-busy', 'offset-conflict'].includes(problem.code));

async function untilPublished(id, file, set, signal) {
  let tries = 0;
  let known = null;
  const speed = meter();
  for (;;) {
    try {
      if (!known) {
        known = await begin(file, signal);
        addresses.set(id, known.url);
        if (known.resumed) set({ resumed: true });
      } else if (known.isOld) known = { url: known.url, ...await offset(known.url, signal) };
      if (known.isRefused || known.offset >= file.size) {
        set({ state: 'verifying', sent: file.size, speed: NaN });
        const ended = await verdict(known.url, set, signal);
        if (ended.release) return ended.release;
      }
      set({ state: 'sending', sent: known.offset });
      let follower = null;
      const sent = (bytes) => {
        speed.at(bytes);
        if (bytes >= file.size) follower ??= follow(known.url, set, signal);
        set({ sent: bytes, speed: speed.bytesPerSecond(), ...(bytes >= file.size ? { state: 'verifying' } : {}) });
      };
      const answer = await append(known.url, file, known.offset, sent, signal).finally(() => follower?.abort());
      tries = 0;
      if (answer.release) return answer.release;
      known = { url: known.url, offset: answer.offset, length: file.size };
    } catch (problem) {
      if (signal.aborted) throw problem;
      // The server has forgotten it: once more from the beginning.
      if (problem.status === 404 && known && !known.isOld) { known = null; forgetFile(file); tries += 1; if (tries > 3) throw problem; continue; }
      if (!isPassing(problem) || tries >= MOST_TRIES) throw problem;
      const wait = problem.retryAfter ?? WAITS_S[Math.min(tries, WAITS_S.length - 1)];
      tries += 1;
      if (known) known = { url: known.url, isOld: true };
      set({ state: 'reconnecting', speed: NaN, problem });
      for (let left = wait; left > 0; left -= 1) {
        set({ retryIn: left });
        await pause(1000, signal);
      }
      set({ retryIn: undefined, problem: null });
    }
  }
}

/** Asks what the server has found while it verifies, one question at a time, until it is aborted. */
function follow(url, set, signal) {
  const follower = new AbortController();
  const either = AbortSignal.any([signal, follower.signal]);
  const ask = async () => {
    let last = '';
    for (let wait = POLL_MS; ;) {
      await pause(wait, either);
      const said = await status(url, either).catch(() => null);
      either.throwIfAborted();
      if (said?.state === 'verifying') set({ checks: said.checks, checked: said.checkedBytes });
      const now = JSON.stringify([said?.checks, said?.checkedBytes]);
      wait = now === last ? Math.min(wait * 2, MOST_POLL_MS) : POLL_MS;
      last = now;
    }
  };
  ask().catch(() => { /* it was aborted */ });
  return follower;
}

/** Waits until the server has made up its mind; without a release it wants to be asked once more. */
async function verdict(url, set, signal) {
  for (;;) {
    const said = await status(url, signal);
    set({ checks: said.checks, checked: said.checkedBytes });
    if (said.state === 'published') return { release: said.release };
    if (said.state === 'refused') throw Object.assign(new Error(said.refusal.detail), { isRefusal: true, code: said.refusal.code, detail: said.refusal.detail, checks: said.checks });
    if (said.state === 'receiving') return {};
    await pause(POLL_MS, signal);
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); reject(new Error('aborted')); }, { once: true });
  });
}

addEventListener('beforeunload', (event) => { if (isRunning()) event.preventDefault(); });
