// Changes of what somebody has seen in a list: only if it still is what they saw.
import { get, Problem, send } from '../api.js';
import { addTexts, t } from '../strings.js';

addTexts({
  'change.gone': 'Somebody has removed it in the meantime.',
});

/**
 * Sends a change of the thing at `path`, which the reader saw as `seen`; `keys` are the fields that count. What has become another
 * since is a `Problem` with status 412, as if the API had said it; `onStale` then fetches the list again. `etag` stands for that of
 * what is there now, where its `ETag` changes with things that do not count.
 */
export async function change(method, path, { seen, keys, json, onStale, etag }) {
  try {
    const now = await get(path);
    const isSame = keys.every((key) => JSON.stringify(now.data[key]) === JSON.stringify(seen[key]));
    if (!isSame) throw new Problem({ status: 412, code: 'precondition-failed', detail: t('remove.changed') });
    return await send(method, path, json, { etag: etag ?? now.etag });
  } catch (problem) {
    if (problem.status === 412 || problem.status === 404) onStale();
    if (problem.status === 404) throw new Problem({ status: 404, code: problem.code, detail: t('change.gone') });
    throw problem;
  }
}

/** The path of something that has a name. */
export const named = (list, name) => `/${list}/${encodeURIComponent(name)}`;
