// The search field and the filters of the list of packages.
import { html, useEffect, useRef, useState } from '../html.js';
import { useResource } from '../resource.js';
import { t } from '../strings.js';
import { setQuery } from '../router.js';
import { number } from '../format.js';
import { visibleText } from '../words.js';
import { Icon } from './icons.js';

/** The parameters of the list, by the names that both the address and the API have for them. */
export const FILTERS = ['text', 'architecture', 'tag', 'category', 'vendor', 'signer'];

const FACETS = { architecture: 'architectures', tag: 'tags', category: 'categories', vendor: 'vendors' };
const SIGNERS = ['valid', 'expired', 'unsigned'];
const SORTS = ['id', 'name', 'uploadedAt', 'sizeBytes'];
const SETTLED_MS = 200;

function Search({ text }) {
  const [typed, setTyped] = useState(text);
  const field = useRef(null);
  const timer = useRef(null);
  const sent = useRef(text);
  useEffect(() => {
    // The address has changed by other means, like the button back.
    if (text !== sent.current) { sent.current = text; setTyped(text); }
  }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const onKey = (event) => {
      const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName) || document.querySelector('dialog[open]');
      if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); field.current?.focus(); }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const apply = (value) => {
    clearTimeout(timer.current);
    const wanted = value.trim();
    if (wanted === sent.current) return;
    // The first letter is a step of the history, those after it are not: back leads to the whole list.
    const replace = sent.current !== '';
    sent.current = wanted;
    setQuery({ text: wanted }, { replace });
  };
  const onInput = (event) => {
    const { value } = event.target;
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => apply(value), SETTLED_MS);
  };
  const clear = () => { setTyped(''); apply(''); field.current?.focus(); };
  return html`<form class="search" role="search" onSubmit=${(event) => { event.preventDefault(); apply(typed); }}>
    <${Icon} name="search" />
    <input ref=${field} type="search" aria-label=${t('browse.search')} placeholder=${t('browse.search')} value=${typed} onInput=${onInput} dir="auto" autocomplete="off" spellcheck=${false} maxlength="200" />
    ${typed ? html`<button type="button" class="icon-button small" aria-label=${t('browse.clearsearch')} onClick=${clear}><${Icon} name="close" /></button>` : html`<kbd aria-hidden="true">/</kbd>`}
  </form>`;
}

function Choice({ name, label, options, value, usual = '' }) {
  const onChange = (event) => setQuery({ [name]: event.target.value === usual ? '' : event.target.value }, { replace: false });
  return html`<label class=${`choice ${value === usual ? '' : 'chosen'}`}><span>${label}</span>
    <select value=${value} onChange=${onChange} name=${name}>${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}</select>
    <${Icon} name="more" /></label>`;
}

export function Filters({ chosen, sort }) {
  const facets = useResource('/facets');
  const [open, setOpen] = useState(false);
  const count = FILTERS.filter((name) => name !== 'text' && chosen[name]).length;
  const optionsOf = (name) => {
    const found = facets.data?.[FACETS[name]] ?? [];
    const known = found.map((facet) => [facet.name, `${visibleText(facet.name).slice(0, 60)} (${number(facet.packageCount)})`]);
    if (chosen[name] && !found.some((facet) => facet.name === chosen[name])) known.push([chosen[name], visibleText(chosen[name])]);
    return [['', t('browse.any')], ...known];
  };
  const clear = () => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ''])), { replace: false });
  return html`<section class="filters" aria-label=${t('browse.filters')}>
    <div class="filters-main">
      <${Search} text=${chosen.text} />
      <button class="button filters-toggle" aria-expanded=${open} aria-controls="filters" onClick=${() => setOpen(!open)}><${Icon} name="sliders" />${t('browse.filters')}${count > 0 && html`<span class="count-dot">${count}</span>`}</button>
    </div>
    <div id="filters" class=${`choices ${open ? 'open' : ''}`}>
      ${Object.keys(FACETS).map((name) => [name, optionsOf(name)]).filter(([, options]) => options.length > 1)
    .map(([name, options]) => html`<${Choice} key=${name} name=${name} label=${t(`browse.${name}`)} options=${options} value=${chosen[name]} />`)}
      <${Choice} name="signer" label=${t('browse.signer')} value=${chosen.signer} options=${[['', t('browse.any')], ...SIGNERS.map((word) => [word, t(`signature.${word}`)])]} />
      <${Choice} name="sort" usual="id" label=${t('browse.sort')} value=${SORTS.includes(sort) ? sort : 'id'} options=${SORTS.map((word) => [word, t(`browse.sort.${word}`)])} />
      ${(count > 0 || chosen.text) && html`<button class="button quiet small" onClick=${clear}><${Icon} name="close" />${t('browse.clear')}</button>`}
    </div>
  </section>`;
}
