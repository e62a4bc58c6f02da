// Changes of what somebody has seen in a list: only if it still is what they saw.
import { get, Problem, send } from '../api.js';
import { addTexts, t } from '../strings.js';

addTexts({
  'change.gone': 'Somebody has removed it in the meantime.',
});

/** What readers have been told that is there now, by what they saw before. */
const told = new WeakMap();

/**
 * Sends a change of the thing at `path`, which the reader saw as `seen`; `keys` are the fields that count. What has become another
 * since is a `Problem` with status 412 and, in `changes`, what these fields are now: whoever has been told may do it again. `onStale`
 * fetches the list again. `etag` stands for that of what is there now, where its `ETag` changes with things that do not count.
 */
export async function change(method, path, { seen, keys, json, onStale, etag }) {
  try {
    const now = await get(path);
    const known = told.get(seen) ?? seen;
    const changes = keys.filter((key) => JSON.stringify(now.data[key]) !== JSON.stringify(known[key])).map((key) => [key, now.data[key]]);
    if (changes.length > 0) {
      told.set(seen, now.data);
      throw new Problem({ status: 412, code: 'precondition-failed', detail: t('refusal.changed'), changes });
    }
    return await send(method, path, json, { etag: etag ?? now.etag });
  } catch (problem) {
    if (problem.status === 412 || problem.status === 404) onStale();
    if (problem.status === 404) throw new Problem({ status: 404, code: problem.code, detail: t('change.gone') });
    throw problem;
  }
}

/** The path of something that has a name. */
export const named = (list, name) => `/${list}/${encodeURIComponent(name)}`;
