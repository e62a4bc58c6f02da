// The manifest as it stands in the package, with keys, texts and comments told apart. It is put together from text nodes.
import { html, useEffect, useState } from '../html.js';
import { request } from '../api.js';
import { t } from '../strings.js';
import { visible } from '../words.js';
import { CopyButton } from '../parts/copy.js';
import { Failure, Skeleton } from '../parts/states.js';

/** More than this is shown without colours, and cut: nobody reads it here. */
const COLOURED_CHARS = 60000;
const MOST_CHARS = 400000;

/** Pieces of a line of YAML: `[kind, text]`. Only for colours: nothing depends on it. */
export function pieces(line) {
  const found = [];
  const pattern = /(\s#.*$|^#.*$)|("(?:\\.|[^"\\])*"|'(?:''|[^'])*')(\s*:(?=\s|$))?|([\w.$/-]+)(\s*:(?=\s|$))|(^---.*$|^\.\.\.\s*$|^%.*$)/g;
  let end = 0;
  for (const match of line.matchAll(pattern)) {
    if (match.index > end) found.push(['', line.slice(end, match.index)]);
    const [whole, comment, quoted, afterQuoted, key, , marker] = match;
    if (comment || marker) found.push(['y-quiet', whole]);
    else if (key || afterQuoted) found.push(['y-key', whole]);
    else if (quoted) found.push(['y-text', whole]);
    end = match.index + whole.length;
  }
  if (end < line.length) found.push(['', line.slice(end)]);
  return found;
}

const shown = (text) => visible(text).map((part) => (part.hidden ? html`<span class="hidden-char">${part.hidden}</span>` : part.text));

export function Manifest({ sequence }) {
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState({});
    request('GET', `/releases/${sequence}/manifest`, { signal: abort.signal, headers: { accept: 'application/yaml' } })
      .then((response) => response.text())
      .then((text) => setState({ text }), (problem) => { if (!abort.signal.aborted) setState({ problem }); });
    return () => abort.abort();
  }, [sequence, turn]);
  if (state.problem) return html`<${Failure} problem=${state.problem} reload=${() => setTurn(turn + 1)} />`;
  if (state.text === undefined) return html`<${Skeleton} lines=${8} />`;
  const text = state.text.slice(0, MOST_CHARS);
  const lines = text.replace(/\n$/, '').split('\n');
  const isColoured = text.length <= COLOURED_CHARS;
  return html`<figure class="code card">
    <figcaption><span class="mono">${t('manifest.file')}</span><span class="sr-only">${t('manifest.caption')}</span><${CopyButton} text=${state.text} /></figcaption>
    <pre tabindex="0" dir="ltr" aria-label=${t('manifest.caption')}><code>${lines.map((line, index) => html`<span class="line" key=${index}>${isColoured ? pieces(line).map(([kind, piece]) => (kind ? html`<span class=${kind}>${shown(piece)}</span>` : shown(piece))) : shown(line)}${'\n'}</span>`)}</code></pre>
    ${state.text.length > MOST_CHARS && html`<p class="muted view-note">…</p>`}
  </figure>`;
}
