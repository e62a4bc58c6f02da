// The audit trail: newest first, by actor, action, package, time and result, which stand in the address.
import { html, useEffect, useState } from '../../html.js';
import { query as queryOf } from '../../api.js';
import { useListing } from '../../listing.js';
import { addTexts, counted, t } from '../../strings.js';
import { exact, number, relative } from '../../format.js';
import { Link, packagePath, setQuery, usePlace } from '../../router.js';
import { Badge } from '../../parts/badge.js';
import { SelectField, TextField } from '../../parts/fields.js';
import { CopyButton } from '../../parts/copy.js';
import { Empty, Shown } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { More } from '../../parts/more.js';
import { Words } from '../../parts/words.js';
import { ManagePage } from '../../manage/area.js';
import { ACTIONS, actionWords, actorWords, channelWords, resultWords } from '../../manage/audit-words.js';

const FILTERS = ['actor', 'action', 'package', 'since', 'until', 'result'];
const RESULTS = ['ok', 'refused', 'failed'];
const TONES = { ok: ['ok', 'check'], refused: ['warn', 'alert'], failed: ['bad', 'alert'] };
const DAY_MS = 86400000;
/** Entries at a time. */
const STEP = 50;

addTexts({
  'audit.filter': 'Filter',
  'audit.filter.actor': 'Who',
  'audit.filter.actor.hint': 'A user or a token',
  'audit.filter.action': 'What',
  'audit.filter.package': 'Package id',
  'audit.filter.since': 'From day',
  'audit.filter.until': 'To day',
  'audit.filter.result': 'Result',
  'audit.filter.day.hint': 'Days are those of UTC.',
  'audit.any': 'Anything',
  'audit.apply': 'Show',
  'audit.clear': 'Clear the filters',
  'audit.list': 'Entries, the newest first',
  'audit.shown.one': '{count} entry is shown',
  'audit.shown.other': '{count} entries are shown',
  'audit.times': '{count} times',
  'audit.by': '{kind} {name}',
  'audit.number': 'Number',
  'audit.when': 'When',
  'audit.who': 'Who',
  'audit.how': 'By way of',
  'audit.address': 'Address',
  'audit.request': 'Request',
  'audit.code': 'Reason',
  'audit.package': 'Package',
  'audit.object': 'About',
  'audit.device': 'Device',
  'audit.device.why': 'This stands for a device: a hash of its hardware id with a secret salt. The same device always has the same, but the id cannot be read from it.',
  'audit.count': 'How often',
  'audit.hash': 'Hash',
  'audit.hash.why': 'Over this entry and the hash of the one before: amps audit verify finds what was changed.',
  'audit.none.title': 'Nothing like this was entered',
  'audit.none.text': 'No entry fits the filters. Logins and downloads come up to two minutes later.',
  'audit.empty.title': 'Nothing has happened yet',
  'audit.empty.text': 'What is done to this store will stand here.',
});

/** The day after, which the API wants: its end is exclusive. */
function dayAfter(text) {
  const date = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? text : new Date(date.getTime() + DAY_MS).toISOString().slice(0, 10);
}

function Filters({ chosen, problem }) {
  const [values, setValues] = useState(chosen);
  // The address may change by other means, like the button back.
  useEffect(() => setValues(chosen), FILTERS.map((name) => chosen[name]));
  const set = (name) => (event) => setValues({ ...values, [name]: event.target.value });
  const choose = (name) => (event) => { setValues({ ...values, [name]: event.target.value }); setQuery({ ...trimmed(values), [name]: event.target.value }, { replace: false }); };
  const trimmed = (all) => Object.fromEntries(FILTERS.map((name) => [name, all[name].trim()]));
  const submit = (event) => { event.preventDefault(); setQuery(trimmed(values), { replace: false }); };
  const clear = () => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ''])), { replace: false });
  const wrong = (name) => (problem?.field === name ? problem.detail : undefined);
  const plain = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false };
  const known = chosen.action && !ACTIONS.includes(chosen.action) ? [chosen.action, ...ACTIONS] : ACTIONS;
  return html`<form class="card audit-filters" role="search" aria-label=${t('audit.filter')} onSubmit=${submit}>
    <${SelectField} label=${t('audit.filter.action')} name="action" value=${values.action} error=${wrong('action')} onChange=${choose('action')} options=${[['', t('audit.any')], ...known.map((action) => [action, actionWords(action)])]} />
    <${SelectField} label=${t('audit.filter.result')} name="result" value=${values.result} error=${wrong('result')} onChange=${choose('result')} options=${[['', t('audit.any')], ...RESULTS.map((result) => [result, resultWords(result)])]} />
    <${TextField} label=${t('audit.filter.actor')} name="actor" value=${values.actor} error=${wrong('actor')} onInput=${set('actor')} maxlength="200" placeholder=${t('audit.filter.actor.hint')} ...${plain} />
    <${TextField} label=${t('audit.filter.package')} name="package" value=${values.package} error=${wrong('package')} onInput=${set('package')} maxlength="300" dir="ltr" placeholder="org.example.hello" ...${plain} />
    <${TextField} label=${t('audit.filter.since')} name="since" type="date" value=${values.since} error=${wrong('since')} onInput=${set('since')} />
    <${TextField} label=${t('audit.filter.until')} name="until" type="date" value=${values.until} error=${wrong('until')} onInput=${set('until')} />
    <div class="audit-apply"><p class="hint">${t('audit.filter.day.hint')}</p>
      ${FILTERS.some((name) => chosen[name]) && html`<button type="button" class="button quiet" onClick=${clear}><${Icon} name="close" />${t('audit.clear')}</button>`}
      <button class="button primary" type="submit"><${Icon} name="search" />${t('audit.apply')}</button></div></form>`;
}

const Who = ({ entry }) => html`<span class="audit-who">${entry.actor && !['anonymous', 'server'].includes(entry.actorKind) ? html`<span class="muted">${actorWords(entry.actorKind)}</span> <${Words} text=${entry.actor} cut=${60} />`
  : html`<span>${actorWords(entry.actorKind)}</span>`}</span>`;

function Fact({ name, note, children }) {
  return html`<div><dt>${t(`audit.${name}`)}</dt><dd>${children}${note && html`<span class="under">${note}</span>`}</dd></div>`;
}

function Details({ entry }) {
  return html`<dl class="audit-facts">
    <${Fact} name="number">${number(entry.sequence)}</${Fact}>
    <${Fact} name="when">${exact(entry.at)}</${Fact}>
    <${Fact} name="who"><${Who} entry=${entry} />${entry.actor && ['anonymous', 'server'].includes(entry.actorKind) && html` <span class="muted"><${Words} text=${entry.actor} cut=${60} /></span>`}</${Fact}>
    <${Fact} name="how">${channelWords(entry.channel)}</${Fact}>
    ${entry.address && html`<${Fact} name="address"><code dir="ltr"><${Words} text=${entry.address} /></code></${Fact}>`}
    ${entry.request && html`<${Fact} name="request"><code dir="ltr"><${Words} text=${entry.request} cut=${80} /></code></${Fact}>`}
    ${entry.code && html`<${Fact} name="code"><code dir="ltr"><${Words} text=${entry.code} /></code></${Fact}>`}
    ${entry.package && html`<${Fact} name="package"><${Link} href=${packagePath(entry.package)}><${Words} text=${entry.package} cut=${120} /></${Link}></${Fact}>`}
    ${entry.object && html`<${Fact} name="object"><${Words} text=${entry.object} cut=${200} /></${Fact}>`}
    ${entry.device && html`<${Fact} name="device" note=${t('audit.device.why')}><code dir="ltr"><${Words} text=${entry.device} /></code></${Fact}>`}
    ${entry.count > 1 && html`<${Fact} name="count">${number(entry.count)}</${Fact}>`}
    ${Object.entries(entry.details).map(([key, text]) => html`<div key=${key}><dt><${Words} text=${key} cut=${40} /></dt><dd><${Words} text=${text} cut=${400} /></dd></div>`)}
    <${Fact} name="hash" note=${t('audit.hash.why')}><span class="hash"><code dir="ltr">${entry.hash}</code><${CopyButton} text=${entry.hash} /></span></${Fact}>
  </dl>`;
}

function Entry({ entry }) {
  const [open, setOpen] = useState(false);
  const [tone, icon] = TONES[entry.result] ?? ['quiet', 'dash'];
  const about = entry.package ?? entry.object;
  return html`<li class="audit-entry"><details open=${open} onToggle=${(event) => setOpen(event.target.open)}>
    <summary><span class="audit-what">${actionWords(entry.action)}${entry.count > 1 && html` <span class="chip">${t('audit.times', { count: number(entry.count) })}</span>`}
        ${about && html`<span class="audit-about"><${Words} text=${about} cut=${80} /></span>`}</span>
      <${Who} entry=${entry} />
      <${Badge} tone=${tone} icon=${icon}>${resultWords(entry.result)}</${Badge}>
      <time datetime=${entry.at} title=${exact(entry.at)}>${relative(entry.at)}</time>
      <${Icon} name="more" /></summary>
    ${open && html`<${Details} entry=${entry} />`}</details></li>`;
}

function Content() {
  const { query } = usePlace();
  const chosen = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
  const isFiltered = FILTERS.some((name) => chosen[name]);
  const found = useListing(`/audit${queryOf({ ...chosen, until: chosen.until && dayAfter(chosen.until) })}`, STEP);
  const isField = found.problem && FILTERS.includes(found.problem.field);
  return html`<${Filters} chosen=${chosen} problem=${found.problem} />
    ${!isField && html`<${Shown} resource=${found} lines=${8}>${() => (found.items.length === 0
    ? html`<${Empty} drawing="search" title=${t(isFiltered ? 'audit.none.title' : 'audit.empty.title')} text=${t(isFiltered ? 'audit.none.text' : 'audit.empty.text')} />`
    : html`<ol class="audit-list" aria-label=${t('audit.list')}>${found.items.map((entry) => html`<${Entry} key=${entry.sequence} entry=${entry} />`)}</ol><${More} listing=${found} shown=${counted('audit.shown', found.items.length)} />`)}</${Shown}>`}`;
}

export default function Audit() {
  return html`<${ManagePage} name="audit"><${Content} /></${ManagePage}>`;
}
