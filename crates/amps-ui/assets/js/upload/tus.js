// Uploads in pieces by tus 1.0: begin, ask how far it is, send the next piece, give up. What the server has of a file is remembered, so
// that the same file goes on where it stopped, also after a reload.
import { API, Problem, problemOf, request } from '../api.js';
import { remembered } from '../store.js';
import { t } from '../strings.js';

const PIECE_BYTES = 8 * 1024 * 1024;
const PREFIX = 'amps.upload.';
const TUS = { 'tus-resumable': '1.0.0' };
/** A piece that makes no progress for so long is sent again. */
const SILENT_MS = 60000;

const keyOf = (file) => `${PREFIX}${file.size}.${file.lastModified}.${file.name}`;

/** Text as base64 of its UTF-8, as tus wants it. */
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** Uploads that were begun and have not ended: `{ key, url, name, size }`. */
export function unfinished() {
  const found = [];
  try {
    for (let index = 0; index < localStorage.length; index += 1) {
      const key = localStorage.key(index);
      if (!key.startsWith(PREFIX)) continue;
      const kept = JSON.parse(localStorage.getItem(key));
      if (isOurs(kept?.url)) found.push({ ...kept, key });
    }
  } catch { /* no storage: nothing was kept */ }
  return found;
}

/** Only what looks like an upload of this server is asked for. */
const isOurs = (url) => typeof url === 'string' && /^\/api\/v1\/uploads\/tus\/[\w-]+$/.test(url);

export const forget = (key) => remembered.remove(key);
export const forgetFile = (file) => remembered.remove(keyOf(file));

/** Begins an upload, or finds the one that was begun: its address. */
export async function begin(file, signal) {
  let kept = null;
  try { kept = JSON.parse(remembered.get(keyOf(file))); } catch { /* not ours */ }
  if (isOurs(kept?.url)) {
    const known = await offset(kept.url, signal).catch((problem) => { if (problem.status !== 404) throw problem; return null; });
    if (known && known.length === file.size) return { url: kept.url, ...known, resumed: known.offset > 0 };
    remembered.remove(keyOf(file));
  }
  const response = await request('POST', '/uploads/tus', {
    signal,
    headers: { ...TUS, 'upload-length': String(file.size), 'upload-metadata': `filename ${base64(file.name.slice(0, 500))}` },
  });
  const url = new URL(response.headers.get('location') ?? '', location.origin).pathname;
  if (!isOurs(url)) throw new Problem({ code: 'unreachable', detail: t('problem.unreachable') });
  remembered.set(keyOf(file), JSON.stringify({ url, name: file.name, size: file.size }));
  return { url, offset: 0, length: file.size, resumed: false };
}

/** How much has come. One that was refused is told as such. */
export async function offset(url, signal) {
  try {
    const response = await request('HEAD', url, { signal, headers: TUS });
    return { offset: Number(response.headers.get('upload-offset')), length: Number(response.headers.get('upload-length')) };
  } catch (problem) {
    if (problem.status === 410) return { offset: NaN, length: NaN, isRefused: true };
    throw problem;
  }
}

/** What the server says of an upload: `{ state, offsetBytes, release, refusal, checks, checkedBytes }`. */
export async function status(url, signal) {
  const response = await request('GET', url, { signal });
  return response.json();
}

/** Sends what comes next; resolves to `{ offset, release }`. `onProgress` gets the bytes that have left. */
export function append(url, file, from, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const piece = file.slice(from, from + PIECE_BYTES);
    const xhr = new XMLHttpRequest();
    let silent;
    const alive = () => {
      clearTimeout(silent);
      silent = setTimeout(() => xhr.abort(), SILENT_MS);
    };
    const gone = (code) => () => {
      clearTimeout(silent);
      reject(new Problem({ code, detail: t(`problem.${code}`) }));
    };
    const stop = () => xhr.abort();
    xhr.open('PATCH', url);
    xhr.setRequestHeader('tus-resumable', '1.0.0');
    xhr.setRequestHeader('upload-offset', String(from));
    xhr.setRequestHeader('content-type', 'application/offset+octet-stream');
    xhr.setRequestHeader('accept', 'application/json');
    xhr.upload.onprogress = (event) => { alive(); onProgress(from + Math.min(event.loaded, piece.size)); };
    // When all has left, the server may take its time to verify.
    xhr.upload.onload = () => { clearTimeout(silent); onProgress(from + piece.size); };
    xhr.onerror = gone('unreachable');
    xhr.onabort = gone('timeout');
    xhr.onload = async () => {
      clearTimeout(silent);
      signal.removeEventListener('abort', stop);
      if (xhr.status >= 200 && xhr.status < 300) {
        const release = xhr.getResponseHeader('content-location')?.match(/\/releases\/(\d+)$/)?.[1];
        resolve({ offset: Number(xhr.getResponseHeader('upload-offset')), release: release && Number(release) });
      } else {
        const headers = new Headers();
        for (const name of ['content-type', 'retry-after']) if (xhr.getResponseHeader(name)) headers.set(name, xhr.getResponseHeader(name));
        reject(await problemOf(new Response(xhr.responseText || null, { status: xhr.status < 200 ? 502 : xhr.status, headers })));
      }
    };
    signal.addEventListener('abort', stop, { once: true });
    alive();
    xhr.send(piece);
  });
}

/** Gives an upload up; what has come of it goes. */
export const giveUp = (url) => request('DELETE', url.startsWith(API) ? url : `/uploads/tus/${url}`, { headers: TUS, quiet: true });
