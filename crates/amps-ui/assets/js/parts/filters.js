// The search field and the filters of the list of packages.
import { html, useEffect, useMemo, useRef, useState } from '../html.js';
import { useResource } from '../resource.js';
import { t } from '../strings.js';
import { setQuery } from '../router.js';
import { number } from '../format.js';
import { visibleText } from '../words.js';
import { Choice, TypedChoice, isTooLong } from './choice.js';
import { Icon } from './icons.js';

/** The parameters of the list, by the names that both the address and the API have for them. */
export const FILTERS = ['text', 'architecture', 'tag', 'category', 'vendor', 'signer'];

const FACETS = { architecture: 'architectures', tag: 'tags', category: 'categories', vendor: 'vendors' };
const SIGNERS = ['valid', 'expired', 'unsigned'];
const SORTS = ['id', 'name', 'uploadedAt', 'sizeBytes'];
const SIGNER_OPTIONS = [['', t('browse.any')], ...SIGNERS.map((word) => [word, t(`signature.${word}`)])];
const SORT_OPTIONS = SORTS.map((word) => [word, t(`browse.sort.${word}`)]);
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

/** The values that packages have of a kind: `[value, text]`. */
const optionsOf = (found = []) => found.map((facet) => [facet.name, `${visibleText(facet.name).slice(0, 60)} (${number(facet.packageCount)})`]);

/** A filter by what packages have; nothing if none of them has any. */
function Facet({ name, found, value }) {
  const known = useMemo(() => optionsOf(found), [found]);
  const isListed = !value || known.some(([key]) => key === value);
  const options = useMemo(() => [['', t('browse.any')], ...known, ...(isListed ? [] : [[value, visibleText(value)]])], [known, isListed, value]);
  if (options.length === 1) return null;
  const shared = { name, label: t(`browse.${name}`), value, onChoose: choose(name) };
  return isTooLong(known) ? html`<${TypedChoice} ...${shared} suggestions=${known} />` : html`<${Choice} ...${shared} options=${options} />`;
}

const choose = (name, usual = '') => (value) => setQuery({ [name]: value === usual ? '' : value }, { replace: false });

export function Filters({ chosen, sort }) {
  const facets = useResource('/facets');
  const [open, setOpen] = useState(false);
  const count = FILTERS.filter((name) => name !== 'text' && chosen[name]).length;
  const clear = () => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ''])), { replace: false });
  return html`<section class="filters" aria-label=${t('browse.filters')}>
    <div class="filters-main">
      <${Search} text=${chosen.text} />
      <button class="button filters-toggle" aria-expanded=${open} aria-controls="filters" onClick=${() => setOpen(!open)}><${Icon} name="sliders" />${t('browse.filters')}${count > 0 && html`<span class="count-dot">${count}</span>`}</button>
    </div>
    <div id="filters" class=${`choices ${open ? 'open' : ''}`}>
      ${Object.entries(FACETS).map(([name, key]) => html`<${Facet} key=${name} name=${name} found=${facets.data?.[key]} value=${chosen[name]} />`)}
      <${Choice} name="signer" label=${t('browse.signer')} value=${chosen.signer} options=${SIGNER_OPTIONS} onChoose=${choose('signer')} />
      <${Choice} name="sort" usual="id" label=${t('browse.sort')} value=${SORTS.includes(sort) ? sort : 'id'} options=${SORT_OPTIONS} onChoose=${choose('sort', 'id')} />
      ${(count > 0 || chosen.text) && html`<button class="button quiet small" onClick=${clear}><${Icon} name="close" />${t('browse.clear')}</button>`}
    </div>
  </section>`;
}
