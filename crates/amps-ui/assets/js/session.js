// Who asks, and what they may do. The API decides; this only decides what is shown.
import { get, send, onUnauthorised } from './api.js';
import { store, useStore } from './store.js';

/** Until a server that did not answer is asked again. */
const AGAIN_MS = 4000;

const NOBODY = { user: null, token: null, roles: ['read'], packages: null, expiresAt: null, canSignIn: true };

/** `undefined` until the server has said it. */
export const session = store(undefined);

/** Changes whenever somebody else asks than before: what was fetched for the other goes. */
export const identity = store(0);

/** Whether the session of the one who is signed in has ended, so that they are asked to sign in again. */
export const ended = store(false);
let waiting = null;

function become(data) {
  const before = session.get();
  session.set({ ...NOBODY, ...data });
  const isOther = before && before.user?.name !== session.get().user?.name;
  if (isOther) identity.set((number) => number + 1);
  if (!waiting) return;
  const { resolve } = waiting;
  waiting = null;
  ended.set(false);
  resolve(!isOther);
}

/** Becomes true when the one whose session has ended is back; false if somebody else is, or nobody. */
function untilBack() {
  if (!session.get()?.user) return false;
  if (!waiting) {
    waiting = {};
    waiting.promise = new Promise((resolve) => { waiting.resolve = resolve; });
    ended.set(true);
  }
  return waiting.promise;
}

/** Goes on without signing in again. */
export function giveUp() {
  become({});
  loadSession();
}

export async function loadSession() {
  try {
    const { data } = await get('/session', { quiet: true });
    become(data);
  } catch {
    // The page itself says that the server does not answer.
    if (session.get() === undefined) session.set({ ...NOBODY, unknown: true });
    if (session.get().unknown) setTimeout(loadSession, AGAIN_MS);
  }
}

export async function signIn(userName, password) {
  const data = await send('POST', '/session', { userName, password }, { quiet: true });
  become(data);
}

export async function signOut() {
  await send('DELETE', '/session', undefined, { quiet: true });
  await loadSession();
}

/** Whether the one who asks may do what needs a role. */
export const may = (who, role) => Boolean(who?.roles?.includes(role));

export const useSession = () => useStore(session);

// What was refused because a session has ended is sent again: nothing that was typed is lost.
onUnauthorised(untilBack);
