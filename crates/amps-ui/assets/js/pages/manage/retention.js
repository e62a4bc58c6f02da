// Which releases are kept: the rules of the server, what they or others would remove, and removing it.
import { html, useEffect, useRef, useState } from '../../html.js';
import { send } from '../../api.js';
import { useResource } from '../../resource.js';
import { addTexts, counted, t } from '../../strings.js';
import { bytes, exact, number, relative } from '../../format.js';
import { Link, packagePath, setQuery, to, usePlace } from '../../router.js';
import { DataTable } from '../../parts/data-table.js';
import { Confirm } from '../../parts/dialog.js';
import { CheckField } from '../../parts/check-field.js';
import { TextField } from '../../parts/fields.js';
import { Command } from '../../parts/copy.js';
import { useKeptFocus } from '../../parts/keep-focus.js';
import { Empty, Failure, Shown, Skeleton } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { Words } from '../../parts/words.js';
import { toast } from '../../parts/toast.js';
import { ManagePage } from '../../manage/area.js';

const GIGABYTE = 1e9;
/** The API's limits. */
const MOST = { versions: 1e6, ageDays: 36500, totalBytes: 2 ** 50 };
/** Rows that are drawn; the API names up to 1,000. */
const SHOWN = 200;

addTexts({
  'retention.now': 'The rules of this server',
  'retention.now.everything': 'Everything is kept: no rules are set.',
  'retention.now.how': 'They stand in amps-config.yaml, and are followed by themselves after uploads and every hour. Others are set there:',
  'retention.rule.versions.one': 'Of each package, the newest version for each set of devices stays',
  'retention.rule.versions.other': 'Of each package, the newest {count} versions for each set of devices stay',
  'retention.rule.ageDays.one': 'What is older than {count} day goes',
  'retention.rule.ageDays.other': 'What is older than {count} days goes',
  'retention.rule.totalBytes': 'The oldest go while all together take more than {size}',
  'retention.rule.keep': 'What devices are shown stays, whatever its age and size',
  'retention.rule.remove': 'Age and size also take what devices are shown',
  'retention.try': 'Try rules',
  'retention.try.lead': 'This shows what would go. Nothing is removed until you say so.',
  'retention.versions': 'Newest versions that stay',
  'retention.versions.hint': 'Of each id, architecture and set of tags. Empty: all.',
  'retention.ageDays': 'Oldest age, in days',
  'retention.ageDays.hint': 'Since the upload. Empty: any age.',
  'retention.totalBytes': 'Most room for all, in GB',
  'retention.totalBytes.hint': 'Packages and icons together. Empty: any size.',
  'retention.newest': 'Also what devices are shown',
  'retention.newest.hint': 'Without this, age and size spare the newest version for each set of devices.',
  'retention.wrong.versions': 'Enter a whole number from 1 to 1,000,000, or nothing.',
  'retention.wrong.ageDays': 'Enter a whole number from 1 to 36,500, or nothing.',
  'retention.wrong.totalBytes': 'Enter a number, like 100 or 0.5, or nothing.',
  'retention.wrong.none': 'Enter at least one rule.',
  'retention.show': 'Show what would go',
  'retention.configured': 'Use the rules of this server',
  'retention.plan': 'What would go',
  'retention.plan.some.one': '{count} release would go',
  'retention.plan.some.other': '{count} releases would go',
  'retention.plan.frees': 'frees {size}; {kept} stay',
  'retention.plan.held.one': '{count} more is being downloaded or was bought, and stays for now',
  'retention.plan.held.other': '{count} more are being downloaded or were bought, and stay for now',
  'retention.plan.none.title': 'Nothing would go',
  'retention.plan.none.text': 'By these rules, all {kept} releases stay.',
  'retention.plan.first': 'The first {shown} of {total}, the oldest upload first.',
  'retention.column.package': 'Package',
  'retention.column.version': 'Version',
  'retention.column.architecture': 'Architecture',
  'retention.column.size': 'Size',
  'retention.column.uploaded': 'Uploaded',
  'retention.column.reason': 'Why it goes',
  'retention.reason.versions': 'There are enough newer versions',
  'retention.reason.age': 'It is too old',
  'retention.reason.size': 'All together are too large',
  'retention.reason.other': 'By the rules',
  'retention.run.one': 'Remove this release now',
  'retention.run.other': 'Remove these {count} releases now',
  'retention.run.title.one': 'Remove {count} release?',
  'retention.run.title.other': 'Remove {count} releases?',
  'retention.run.text': 'They will be gone for good, for devices as well: {size}. What is being downloaded at that moment stays.',
  'retention.run.type': 'Type {count} to confirm',
  'retention.run.act': 'Remove for good',
  'retention.run.done.one': '{count} release was removed',
  'retention.run.done.other': '{count} releases were removed',
  'retention.run.other-plan': 'The store has changed in the meantime: another number of releases would go now. Look at the list again, then decide.',
});

/** The rules of a query string as the API has them; what is no number is left out. */
function rulesOf(query) {
  const rules = {};
  for (const key of ['versions', 'ageDays', 'totalBytes']) {
    const value = Number(query.get(key));
    if (Number.isInteger(value) && value >= 1 && value <= MOST[key]) rules[key] = value;
  }
  if (Object.keys(rules).length > 0) rules.newest = query.get('newest') === 'remove' ? 'remove' : 'keep';
  return rules;
}

function sentences(rules) {
  return [
    rules.versions && counted('retention.rule.versions', rules.versions),
    rules.ageDays && counted('retention.rule.ageDays', rules.ageDays),
    rules.totalBytes && t('retention.rule.totalBytes', { size: bytes(rules.totalBytes) }),
    (rules.ageDays || rules.totalBytes) && t(rules.newest === 'remove' ? 'retention.rule.remove' : 'retention.rule.keep'),
  ].filter(Boolean);
}

const Now = ({ rules }) => html`<section class="card panel" aria-labelledby="rules-now"><h2 id="rules-now"><${Icon} name="clock" />${t('retention.now')}</h2>
  ${rules ? html`<ul class="rule-list">${sentences(rules).map((text) => html`<li key=${text}><${Icon} name="check" /><span>${text}</span></li>`)}</ul>` : html`<p>${t('retention.now.everything')}</p>`}
  <p class="muted small rule-how">${t('retention.now.how')}</p><${Command} text="retention: {versions: 3, ageDays: 365}" /></section>`;

const fieldsOf = (rules) => ({
  versions: rules.versions ? String(rules.versions) : '',
  ageDays: rules.ageDays ? String(rules.ageDays) : '',
  totalBytes: rules.totalBytes ? String(rules.totalBytes / GIGABYTE) : '',
  newest: rules.newest === 'remove',
});

function Form({ chosen, configured }) {
  const [values, setValues] = useState(() => fieldsOf(chosen));
  const [wrong, setWrong] = useState({});
  useEffect(() => setValues(fieldsOf(chosen)), [JSON.stringify(chosen)]);
  const set = (key) => (event) => setValues({ ...values, [key]: event.target.value });
  const submit = (event) => {
    event.preventDefault();
    const given = {
      versions: values.versions.trim(),
      ageDays: values.ageDays.trim(),
      totalBytes: values.totalBytes.trim() && String(Math.round(Number(values.totalBytes.trim().replace(',', '.')) * GIGABYTE)),
    };
    const found = {};
    for (const [key, text] of Object.entries(given)) {
      if (text !== '' && !(/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MOST[key])) found[key] = t(`retention.wrong.${key}`);
    }
    if (Object.values(given).every((text) => text === '')) found.versions = t('retention.wrong.none');
    setWrong(found);
    if (Object.keys(found).length > 0) {
      requestAnimationFrame(() => document.querySelector('.rules-form [aria-invalid=true]')?.focus());
      return;
    }
    setQuery({ ...given, newest: values.newest ? 'remove' : '' }, { replace: false });
  };
  const use = () => { setWrong({}); setQuery({ versions: configured.versions, ageDays: configured.ageDays, totalBytes: configured.totalBytes, newest: configured.newest === 'remove' ? 'remove' : '' }, { replace: false }); };
  const plain = { inputmode: 'decimal', autocomplete: 'off' };
  return html`<form class="card panel rules-form" onSubmit=${submit} novalidate aria-labelledby="rules-try"><h2 id="rules-try"><${Icon} name="sliders" />${t('retention.try')}</h2>
    <p class="muted">${t('retention.try.lead')}</p>
    <div class="rules-fields">
      ${['versions', 'ageDays', 'totalBytes'].map((key) => html`<${TextField} key=${key} label=${t(`retention.${key}`)} hint=${t(`retention.${key}.hint`)} error=${wrong[key]} name=${key} value=${values[key]} onInput=${set(key)} maxlength="16" ...${plain} />`)}</div>
    <${CheckField} label=${t('retention.newest')} hint=${t('retention.newest.hint')} checked=${values.newest} onChange=${(newest) => setValues({ ...values, newest })} name="newest" />
    <div class="form-actions"><button class="button primary" type="submit">${t('retention.show')}</button>
      ${configured && html`<button class="button" type="button" onClick=${use}>${t('retention.configured')}</button>`}</div></form>`;
}

/** What rules would remove: asked for again when they change. */
function usePlan(rules) {
  const key = JSON.stringify(rules);
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (Object.keys(rules).length === 0) { setState({}); return undefined; }
    const abort = new AbortController();
    setState({ loading: true });
    send('POST', '/retention/plan', rules, { signal: abort.signal }).then(
      (data) => setState({ data }),
      (problem) => { if (!abort.signal.aborted) setState({ problem }); },
    );
    return () => abort.abort();
  }, [key, turn]);
  return { ...state, reload: () => setTurn((count) => count + 1) };
}

const columns = () => [
  { key: 'package', label: t('retention.column.package'), render: (release) => html`<${Link} href=${to(packagePath(release.id), { release: release.sequence })}><${Words} text=${release.id} cut=${80} /></${Link}>` },
  { key: 'version', label: t('retention.column.version'), render: (release) => html`<${Words} text=${release.version || t('version.none')} cut=${30} />` },
  { key: 'architecture', label: t('retention.column.architecture'), render: (release) => html`<span class="chip"><${Words} text=${release.architecture === 'all' ? t('arch.all') : release.architecture} /></span>` },
  { key: 'reason', label: t('retention.column.reason'), render: (release) => t(['versions', 'age', 'size'].includes(release.reason) ? `retention.reason.${release.reason}` : 'retention.reason.other') },
  { key: 'size', label: t('retention.column.size'), kind: 'number', render: (release) => bytes(release.sizeBytes) },
  { key: 'uploaded', label: t('retention.column.uploaded'), kind: 'when', render: (release) => html`<time datetime=${release.uploadedAt} title=${exact(release.uploadedAt)}>${relative(release.uploadedAt)}</time>` },
];

function RunDialog({ plan, rules, onClose, onDone }) {
  const act = async () => {
    try {
      const done = await send('POST', '/retention/run', { ...rules, expectedReleases: plan.releaseCount });
      toast(counted('retention.run.done', done.releaseCount));
      document.querySelector('h1')?.focus({ preventScroll: true });
    } catch (problem) {
      if (problem.code !== 'other-plan') throw problem;
      toast(t('retention.run.other-plan'), 'bad');
    }
    onDone();
  };
  // One release is asked for as on its own page.
  const count = plan.releaseCount > 1 ? String(plan.releaseCount) : undefined;
  return html`<${Confirm} title=${counted('retention.run.title', plan.releaseCount)} action=${t('retention.run.act')} typed=${count} typedLabel=${t('retention.run.type', { count })} act=${act} onClose=${onClose}>
    <p>${t('retention.run.text', { size: bytes(plan.freedBytes) })}</p><ul class="rule-list">${sentences(rules).map((text) => html`<li key=${text}><${Icon} name="dash" /><span>${text}</span></li>`)}</ul></${Confirm}>`;
}

function Plan({ rules }) {
  const plan = usePlan(rules);
  const [asking, setAsking] = useState(false);
  const section = useRef(null);
  useKeptFocus(section);
  if (Object.keys(rules).length === 0) return null;
  const { data } = plan;
  return html`<section ref=${section} class="plan" aria-labelledby="plan-title"><h2 id="plan-title" class="sr-only">${t('retention.plan')}</h2>
    ${plan.loading && html`<${Skeleton} lines=${4} />`}
    ${plan.problem && html`<${Failure} problem=${plan.problem} reload=${plan.reload} />`}
    ${data && data.releaseCount === 0 && html`<div role="status"><${Empty} title=${t('retention.plan.none.title')} text=${t('retention.plan.none.text', { kept: number(data.keptReleases) })} /></div>`}
    ${data && data.releaseCount > 0 && html`<div class="plan-head"><p role="status"><span class="plan-count">${counted('retention.plan.some', data.releaseCount)}</span>
        <span class="muted">${t('retention.plan.frees', { size: bytes(data.freedBytes), kept: number(data.keptReleases) })}</span></p>
        <button class="button danger" onClick=${() => setAsking(true)}><${Icon} name="trash" />${counted('retention.run', data.releaseCount)}</button></div>
      <${DataTable} caption=${t('retention.plan')} columns=${columns()} rows=${data.releases.slice(0, SHOWN)} keyOf=${(release) => release.sequence} />
      ${data.releaseCount > SHOWN && html`<p class="muted small">${t('retention.plan.first', { shown: number(Math.min(SHOWN, data.releases.length)), total: number(data.releaseCount) })}</p>`}`}
    ${data?.heldReleases > 0 && html`<p class="muted small">${counted('retention.plan.held', data.heldReleases)}</p>`}
    ${asking && data && html`<${RunDialog} plan=${data} rules=${rules} onClose=${() => setAsking(false)} onDone=${plan.reload} />`}</section>`;
}

function Content() {
  const { query } = usePlace();
  const found = useResource('/retention');
  const rules = rulesOf(query);
  return html`<${Shown} resource=${found} lines=${6}>${(configured) => html`<div class="stack"><${Now} rules=${configured} /><${Form} chosen=${rules} configured=${configured} /></div>
    <${Plan} rules=${rules} />`}</${Shown}>`;
}

export default function Retention() {
  return html`<${ManagePage} name="retention"><${Content} /></${ManagePage}>`;
}
