// Tokens: what programs may do. A new one is shown this once.
import { html, useEffect, useRef, useState } from '../../html.js';
import { send } from '../../api.js';
import { useListing } from '../../listing.js';
import { addTexts, t } from '../../strings.js';
import { bytes, day, exact, number, relative } from '../../format.js';
import { Badge } from '../../parts/badge.js';
import { CheckField } from '../../parts/check-field.js';
import { CopyButton } from '../../parts/copy.js';
import { DataTable } from '../../parts/data-table.js';
import { Confirm } from '../../parts/dialog.js';
import { Field, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { Empty, Shown } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { More } from '../../parts/more.js';
import { Words } from '../../parts/words.js';
import { toast } from '../../parts/toast.js';
import { ManagePage } from '../../manage/area.js';
import { change, named } from '../../manage/change.js';
import { StandingBadge } from '../../manage/standing.js';

const ROLES = ['read', 'upload', 'remove', 'admin'];
const KEYS = ['status', 'roles', 'packages'];
const SOON_DAYS = 14;
const GIGABYTE = 1e9;

addTexts({
  'tokens.new': 'New token',
  'tokens.create': 'Create token',
  'tokens.name': 'Name',
  'tokens.name.hint': 'What it is for, like “ci”: letters, digits and @ . + - _. A name is used once, also by a token that was revoked.',
  'tokens.name.required': 'Enter a name.',
  'tokens.name.wrong': 'Only letters, digits and @ . + - _ are possible.',
  'tokens.roles': 'Its owner may',
  'tokens.roles.required': 'Choose at least one.',
  'tokens.role.read': 'See and download packages',
  'tokens.role.upload': 'Upload packages',
  'tokens.role.upload.hint': 'And see and download them.',
  'tokens.role.remove': 'Remove packages',
  'tokens.role.remove.hint': 'And see and download them.',
  'tokens.role.admin': 'Everything',
  'tokens.role.admin.hint': 'All of the above, and what stands on these pages.',
  'tokens.packages': 'Only these packages',
  'tokens.packages.hint': 'Ids, one on each line; * stands for anything, ? for one character. Empty: all packages.',
  'tokens.expires': 'Good for how many days',
  'tokens.expires.hint': 'Empty: for ever. Tokens that end are safer.',
  'tokens.expires.wrong': 'Enter a whole number from 1 to 36500, or nothing.',
  'tokens.uploads': 'Most uploads a day',
  'tokens.uploads.hint': 'From midnight to midnight in UTC. Empty: any number.',
  'tokens.uploads.wrong': 'Enter a whole number, like 20, or nothing.',
  'tokens.bytes': 'Most bytes a day, in GB',
  'tokens.bytes.hint': 'Of all these uploads together. Empty: any size.',
  'tokens.bytes.wrong': 'Enter a number, like 5 or 0.5, or nothing.',
  'tokens.today': 'Since midnight in UTC',
  'tokens.today.uploads': '{used} of {quota} uploads today',
  'tokens.today.bytes': '{used} of {quota} today',
  'tokens.column.name': 'Token',
  'tokens.column.roles': 'May',
  'tokens.column.packages': 'Packages',
  'tokens.column.status': 'State',
  'tokens.column.created': 'Created',
  'tokens.column.actions': 'Actions',
  'tokens.allpackages': 'all',
  'tokens.for.ever': 'No end',
  'tokens.revoked': 'Revoked',
  'tokens.revoked.when': 'Revoked {when}',
  'tokens.fresh.title': 'Copy the token “{name}” now',
  'tokens.fresh.text': 'This is the only time that it is shown: the server keeps only its hash. Whoever has it can do what it allows, so keep it like a password.',
  'tokens.fresh.use': 'Programs send it in a header:',
  'tokens.fresh.copy': 'Copy the token',
  'tokens.fresh.done': 'I have kept it',
  'tokens.revoke': 'Revoke {name}',
  'tokens.revoke.word': 'Revoke',
  'tokens.revoke.title': 'Revoke {name}?',
  'tokens.revoke.text': 'It opens nothing any more, at once and for good: whatever uses it stops working. Its name stays in the list and cannot be used again.',
  'tokens.revoke.act': 'Revoke token',
  'tokens.revoked.toast': '{name} opens nothing any more',
  'tokens.empty.title': 'No tokens yet',
  'tokens.empty.text': 'Build servers and devices show a token instead of signing in. Each gets its own, with only the rights that it needs.',
});

const START = { name: '', roles: ['upload'], packages: '', days: '90', uploads: '', gigabytes: '' };

/** Bytes of a text in gigabytes. */
const bytesOf = (text) => Math.round(Number(text.trim().replace(',', '.')) * GIGABYTE);
const isQuota = (count) => Number.isSafeInteger(count) && count >= 1;

function NewDialog({ onClose, onCreated }) {
  const [values, setValues] = useState(START);
  const set = (key) => (event) => setValues({ ...values, [key]: event.target.value });
  const toggle = (role) => (isOn) => setValues({ ...values, roles: ROLES.filter((one) => (one === role ? isOn : values.roles.includes(one))) });
  const check = () => {
    const name = values.name.trim();
    const days = values.days.trim();
    const uploads = values.uploads.trim();
    return {
      ...(name === '' ? { name: t('tokens.name.required') } : /^[\p{L}\p{N}_@.+-]+$/u.test(name) ? {} : { name: t('tokens.name.wrong') }),
      ...(values.roles.length === 0 ? { roles: t('tokens.roles.required') } : {}),
      ...(days === '' || (/^\d{1,5}$/.test(days) && Number(days) >= 1 && Number(days) <= 36500) ? {} : { expiresInDays: t('tokens.expires.wrong') }),
      ...(uploads === '' || (/^\d+$/.test(uploads) && isQuota(Number(uploads))) ? {} : { uploadsPerDay: t('tokens.uploads.wrong') }),
      ...(values.gigabytes.trim() === '' || isQuota(bytesOf(values.gigabytes)) ? {} : { bytesPerDay: t('tokens.bytes.wrong') }),
    };
  };
  const act = async () => {
    const packages = values.packages.split(/[\s,]+/).filter(Boolean);
    const json = { name: values.name.trim(), roles: values.roles };
    if (packages.length > 0) json.packages = packages;
    if (values.days.trim()) json.expiresInDays = Number(values.days.trim());
    if (values.uploads.trim()) json.uploadsPerDay = Number(values.uploads.trim());
    if (values.gigabytes.trim()) json.bytesPerDay = bytesOf(values.gigabytes);
    const created = await send('POST', '/tokens', json);
    onCreated({ name: created.details.name, token: created.token });
  };
  const plain = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false };
  return html`<${FormDialog} title=${t('tokens.new')} action=${t('tokens.create')} fields=${['name', 'roles', 'packages', 'expiresInDays', 'uploadsPerDay', 'bytesPerDay']} check=${check} act=${act} onClose=${onClose}>${(wrong) => html`
    <${TextField} label=${t('tokens.name')} hint=${t('tokens.name.hint')} error=${wrong('name')} name="name" value=${values.name} onInput=${set('name')} maxlength="100" autofocus ...${plain} />
    <fieldset class="form-group"><legend>${t('tokens.roles')}</legend>
      ${ROLES.map((role) => html`<${CheckField} key=${role} name=${`role-${role}`} label=${t(`tokens.role.${role}`)} hint=${role === 'read' ? '' : t(`tokens.role.${role}.hint`)} checked=${values.roles.includes(role)} onChange=${toggle(role)} aria-invalid=${wrong('roles') ? 'true' : undefined} />`)}
      ${wrong('roles') && html`<p class="error" role="alert">${wrong('roles')}</p>`}</fieldset>
    <${Field} label=${t('tokens.packages')} hint=${t('tokens.packages.hint')} error=${wrong('packages')}>${(names) => html`<textarea class="input patterns" ...${names} name="packages" rows="3" value=${values.packages} onInput=${set('packages')} dir="ltr" placeholder="org.example.*" ...${plain} />`}</${Field}>
    <${TextField} label=${t('tokens.expires')} hint=${t('tokens.expires.hint')} error=${wrong('expiresInDays')} name="days" inputmode="numeric" value=${values.days} onInput=${set('days')} maxlength="5" class="short-field" ...${plain} />
    <div class="quota-fields">
      <${TextField} label=${t('tokens.uploads')} hint=${t('tokens.uploads.hint')} error=${wrong('uploadsPerDay')} name="uploads" inputmode="numeric" value=${values.uploads} onInput=${set('uploads')} maxlength="16" ...${plain} />
      <${TextField} label=${t('tokens.bytes')} hint=${t('tokens.bytes.hint')} error=${wrong('bytesPerDay')} name="gigabytes" inputmode="decimal" value=${values.gigabytes} onInput=${set('gigabytes')} maxlength="16" ...${plain} /></div>`}</${FormDialog}>`;
}

/** What was made, until its owner says that they have it. */
function Fresh({ fresh, isAsked, onDone }) {
  const head = useRef(null);
  useEffect(() => {
    // The dialog gives the focus back when it closes: after that.
    if (!isAsked) { head.current?.focus(); head.current?.scrollIntoView({ block: 'center' }); }
  }, [fresh, isAsked]);
  useEffect(() => {
    // Closing the page by mistake would lose it for good.
    const onLeave = (event) => event.preventDefault();
    addEventListener('beforeunload', onLeave);
    return () => removeEventListener('beforeunload', onLeave);
  }, []);
  return html`<section class="card fresh-token" aria-labelledby="fresh-title">
    <h2 id="fresh-title" tabindex="-1" ref=${head}><${Icon} name="key" />${t('tokens.fresh.title', { name: fresh.name })}</h2>
    <p>${t('tokens.fresh.text')}</p>
    <div class="command token"><code dir="ltr" data-token>${fresh.token}</code><${CopyButton} text=${fresh.token} label=${t('tokens.fresh.copy')} /></div>
    <p class="muted small">${t('tokens.fresh.use')} <code dir="ltr">Authorization: Bearer …</code></p>
    <div><button class="button primary" onClick=${onDone}>${t('tokens.fresh.done')}</button></div></section>`;
}

function RevokeDialog({ token, onClose, onDone }) {
  const act = async () => {
    await change('DELETE', named('tokens', token.name), { seen: token, keys: KEYS, onStale: onDone, etag: '*' });
    toast(t('tokens.revoked.toast', { name: token.name }));
    onDone();
  };
  return html`<${Confirm} title=${t('tokens.revoke.title', { name: token.name })} action=${t('tokens.revoke.act')} act=${act} onClose=${onClose}><p>${t('tokens.revoke.text')}</p></${Confirm}>`;
}

function Status({ token }) {
  if (token.status === 'revoked') return html`<${Badge} tone="quiet" icon="dash" title=${token.revokedAt && exact(token.revokedAt)}>${t('tokens.revoked')}</${Badge}>`;
  if (!token.expiresAt) return html`<${Badge} tone="ok" icon="check">${t('tokens.for.ever')}</${Badge}>`;
  return html`<${StandingBadge} until=${token.expiresAt} soonDays=${SOON_DAYS} /><span class="under">${day(token.expiresAt)}</span>`;
}

/** What a token may bring in a day, and has. */
function Today({ token }) {
  const parts = [
    token.uploadsPerDay != null && t('tokens.today.uploads', { used: number(token.uploadsToday), quota: number(token.uploadsPerDay) }),
    token.bytesPerDay != null && t('tokens.today.bytes', { used: bytes(token.bytesToday), quota: bytes(token.bytesPerDay) }),
  ].filter(Boolean);
  return parts.map((text) => html`<span key=${text} class="under" title=${t('tokens.today')}>${text}</span>`);
}

const columns = (open) => [
  { key: 'name', label: t('tokens.column.name'), render: (token) => html`<${Words} text=${token.name} cut=${100} />` },
  { key: 'roles', label: t('tokens.column.roles'), render: (token) => html`<span><span class="chips">${token.roles.map((role) => html`<span key=${role} class="chip">${role}</span>`)}</span><${Today} token=${token} /></span>` },
  { key: 'packages', label: t('tokens.column.packages'), render: (token) => (token.packages.length === 0 ? html`<span class="muted">${t('tokens.allpackages')}</span>`
    : html`<span class="chips">${token.packages.slice(0, 6).map((pattern) => html`<code key=${pattern} class="chip" dir="ltr"><${Words} text=${pattern} cut=${60} /></code>`)}${token.packages.length > 6 && html`<span class="chip" title=${token.packages.slice(6).join('\n')}>+${token.packages.length - 6}</span>`}</span>`) },
  { key: 'status', label: t('tokens.column.status'), render: (token) => html`<span><${Status} token=${token} /></span>` },
  { key: 'created', label: t('tokens.column.created'), kind: 'when', render: (token) => html`<time datetime=${token.createdAt} title=${exact(token.createdAt)}>${relative(token.createdAt)}</time>` },
  { key: 'actions', label: t('tokens.column.actions'), kind: 'actions', render: (token) => token.status !== 'revoked' && html`<button type="button" class="button small danger" aria-label=${t('tokens.revoke', { name: token.name })} onClick=${() => open('revoke', token)}>${t('tokens.revoke.word')}</button>` },
];

function Content({ asking, open, close }) {
  const found = useListing('/tokens', 100);
  const [fresh, setFresh] = useState(null);
  const onCreated = (created) => { setFresh(created); found.reload(); };
  const done = () => { setFresh(null); document.querySelector('h1')?.focus(); };
  return html`${fresh && html`<${Fresh} fresh=${fresh} isAsked=${Boolean(asking)} onDone=${done} />`}
    <${Shown} resource=${found} lines=${6}>${() => (found.items.length === 0
    ? html`<${Empty} drawing="locked" title=${t('tokens.empty.title')} text=${t('tokens.empty.text')}><button class="button primary" onClick=${() => open('new')}>${t('tokens.new')}</button></${Empty}>`
    : html`<${DataTable} class="tokens" caption=${t('manage.tokens')} columns=${columns(open)} rows=${found.items} keyOf=${(token) => token.name} /><${More} listing=${found} />`)}</${Shown}>
    ${asking?.what === 'new' && html`<${NewDialog} onClose=${close} onCreated=${onCreated} />`}
    ${asking?.what === 'revoke' && html`<${RevokeDialog} token=${asking.token} onClose=${close} onDone=${found.reload} />`}`;
}

export default function Tokens() {
  const [asking, setAsking] = useState(null);
  const open = (what, token) => setAsking({ what, token });
  return html`<${ManagePage} name="tokens" actions=${html`<button class="button primary" onClick=${() => open('new')}><${Icon} name="plus" />${t('tokens.new')}</button>`}>
    <${Content} asking=${asking} open=${open} close=${() => setAsking(null)} /></${ManagePage}>`;
}
