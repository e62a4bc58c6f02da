// Talks to the native API. Every failure becomes a `Problem` with words for people.
import { t } from './strings.js';

export const API = '/api/v1';
const SLOW_MS = 30000;

/** Why a request has no answer that could be used. `code` is the API's stable word; `more` has `field`, `checks` and `retryAfter`, if they are known. */
export class Problem extends Error {
  constructor({ status = 0, code = 'unreachable', detail = '', ...more }) {
    super(detail);
    Object.assign(this, { status, code, detail, ...more });
  }

  get isUnreachable() { return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504; }
}

const unauthorised = new Set();
/** Calls back whenever the API answers that it does not know who asks. If what comes of a call is true, it is asked once more. */
export function onUnauthorised(listener) {
  unauthorised.add(listener);
  return () => unauthorised.delete(listener);
}

/** What an answer that is no success says. */
export async function problemOf(response) {
  let body = {};
  if ((response.headers.get('content-type') ?? '').includes('json')) body = await response.json().catch(() => ({}));
  const retry = Number(response.headers.get('retry-after'));
  return new Problem({
    status: response.status,
    code: typeof body.code === 'string' ? body.code : `http-${response.status}`,
    detail: typeof body.detail === 'string' ? body.detail : t('problem.status', { status: response.status }),
    field: body.field,
    checks: body.checks,
    retryAfter: Number.isFinite(retry) && retry > 0 ? retry : undefined,
  });
}

/** A request to the API; `path` begins behind /api/v1. Resolves to the `Response` of a success. */
export async function request(method, path, { body, json, headers = {}, signal, timeoutMs = SLOW_MS, quiet = false } = {}) {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signals = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const init = { method, headers: { accept: 'application/json', ...headers }, signal: signals, credentials: 'same-origin' };
  if (json !== undefined) {
    init.body = JSON.stringify(json);
    init.headers['content-type'] = 'application/json';
  } else if (body !== undefined) init.body = body;
  let response;
  try {
    response = await fetch(path.startsWith('/api/') ? path : API + path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    const code = timeout.aborted ? 'timeout' : 'unreachable';
    throw new Problem({ code, detail: t(`problem.${code}`) });
  }
  if (response.ok || response.status === 304) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && !quiet) {
    const answers = await Promise.all([...unauthorised].map((listener) => listener(problem)));
    if (signal?.aborted) throw problem;
    if (answers.includes(true)) return request(method, path, { body, json, headers, signal, timeoutMs, quiet: true });
  }
  throw problem;
}

/** Fetches JSON: the value, and its `ETag` for `If-Match`. */
export async function get(path, options = {}) {
  const response = await request('GET', path, options);
  try {
    return { data: await response.json(), etag: response.headers.get('etag') };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem({ code: 'unreachable', detail: t('problem.unreachable') });
  }
}

/** Sends JSON, or nothing; resolves to the value of the answer, or null if it has none. */
export async function send(method, path, json, { etag, ...options } = {}) {
  const headers = etag ? { ...options.headers, 'if-match': etag.replace(/^W\//, '') } : options.headers;
  const response = await request(method, path, { ...options, headers, json });
  if (response.status === 204) return null;
  return (response.headers.get('content-type') ?? '').includes('json') ? response.json() : null;
}

/** A query string of what is not empty. */
export function query(parameters) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}
