// Vendors: their names, who stands for them, and by which certificate their packages must be signed.
import { html, useState } from '../../html.js';
import { send } from '../../api.js';
import { useListing } from '../../listing.js';
import { useResource } from '../../resource.js';
import { addTexts, counted, t } from '../../strings.js';
import { subjectName, visibleText } from '../../words.js';
import { Badge } from '../../parts/badge.js';
import { DataTable } from '../../parts/data-table.js';
import { Confirm } from '../../parts/dialog.js';
import { Field, SelectField, SuggestField, TextField } from '../../parts/fields.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { Empty, Shown } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { More } from '../../parts/more.js';
import { Words } from '../../parts/words.js';
import { toast } from '../../parts/toast.js';
import { ManagePage } from '../../manage/area.js';
import { change, named } from '../../manage/change.js';

addTexts({
  'vendors.new': 'New vendor',
  'vendors.create': 'Create vendor',
  'vendors.created': '{name} was created',
  'vendors.name': 'Name',
  'vendors.name.hint': 'As people see it, on one line.',
  'vendors.required': 'Enter a name.',
  'vendors.user': 'User who stands for it',
  'vendors.user.none': 'Choose a user',
  'vendors.user.required': 'Choose a user.',
  'vendors.user.empty': 'There are no users yet: create one first.',
  'vendors.certificate': 'Certificate (PEM)',
  'vendors.certificate.hint': 'Optional. With one, only packages that are signed by it are taken in its name.',
  'vendors.certificate.now': 'What happens to its certificate',
  'vendors.certificate.keep': 'Keep: {name}',
  'vendors.certificate.keepnone': 'None, as now',
  'vendors.certificate.put': 'Put another one in its place',
  'vendors.certificate.putfirst': 'Put one in',
  'vendors.certificate.remove': 'Take it away: any signature counts',
  'vendors.certificate.required': 'Paste a certificate: it begins with -----BEGIN CERTIFICATE-----',
  'vendors.certificate.any': 'Any signature',
  'vendors.column.vendor': 'Vendor',
  'vendors.column.user': 'User',
  'vendors.column.certificate': 'Must be signed by',
  'vendors.column.actions': 'Actions',
  'vendors.edit': 'Change {name}',
  'vendors.edit.text': 'Its releases go with it.',
  'vendors.edit.act': 'Save',
  'vendors.changed': '{name} was changed',
  'vendors.delete': 'Delete {name}',
  'vendors.delete.title': 'Delete {name}?',
  'vendors.delete.text': 'The vendor will be gone. Its user stays, and no package is deleted: this only works while no release is offered in its name.',
  'vendors.delete.act': 'Delete vendor',
  'vendors.deleted': '{name} was deleted',
  'vendors.inuse.one': '{count} package is offered in its name now.',
  'vendors.inuse.other': '{count} packages are offered in its name now.',
  'vendors.empty.title': 'No vendors yet',
  'vendors.empty.text': 'A vendor is who stands behind packages in the store, with a user who uploads them.',
});

const KEYS = ['name', 'user', 'certificate'];
const short = (name) => visibleText(name).slice(0, 80);

const Certificate = ({ value, onInput, error }) => html`<${Field} label=${t('vendors.certificate')} hint=${t('vendors.certificate.hint')} error=${error}>${(names) => html`
  <textarea class="input" ...${names} name="certificate" rows="6" value=${value} onInput=${onInput} dir="ltr" spellcheck=${false} autocomplete="off" placeholder="-----BEGIN CERTIFICATE-----" />`}</${Field}>`;

function VendorDialog({ vendor, onClose, onDone }) {
  const users = useResource('/users?limit=500');
  const [values, setValues] = useState({ name: vendor?.name ?? '', user: vendor?.user ?? '', certificate: '', fate: 'keep' });
  const set = (key) => (event) => setValues({ ...values, [key]: event.target.value });
  const names = (users.data?.items ?? []).map((user) => user.name);
  if (values.user && !names.includes(values.user)) names.unshift(values.user);
  const hasText = !vendor || values.fate === 'put';
  const check = () => ({
    ...(values.name.trim() ? {} : { name: t('vendors.required') }),
    ...(values.user ? {} : { user: users.data?.items.length === 0 ? t('vendors.user.empty') : t('vendors.user.required') }),
    ...(vendor && values.fate === 'put' && !values.certificate.trim() ? { certificate: t('vendors.certificate.required') } : {}),
  });
  const act = async () => {
    const json = { name: values.name.trim(), user: values.user };
    if (hasText && values.certificate.trim()) json.certificate = `${values.certificate.trim()}\n`;
    if (vendor && values.fate === 'remove') json.certificate = null;
    if (vendor) await change('PATCH', named('vendors', vendor.name), { seen: vendor, keys: KEYS, json, onStale: onDone });
    else await send('POST', '/vendors', json);
    toast(t(vendor ? 'vendors.changed' : 'vendors.created', { name: short(json.name) }));
    onDone();
  };
  const has = Boolean(vendor?.certificate);
  const fates = [
    ['keep', has ? t('vendors.certificate.keep', { name: short(subjectName(vendor.certificate.subject)) }) : t('vendors.certificate.keepnone')],
    ['put', t(has ? 'vendors.certificate.put' : 'vendors.certificate.putfirst')],
    ...(has ? [['remove', t('vendors.certificate.remove')]] : []),
  ];
  return html`<${FormDialog} title=${vendor ? t('vendors.edit', { name: short(vendor.name) }) : t('vendors.new')} action=${t(vendor ? 'vendors.edit.act' : 'vendors.create')} fields=${['name', 'user', 'certificate']} check=${check} act=${act} onClose=${onClose}>${(wrong) => html`
    ${vendor && html`<p class="muted">${t('vendors.edit.text')}</p>`}
    <${TextField} label=${t('vendors.name')} hint=${t('vendors.name.hint')} error=${wrong('name')} name="name" value=${values.name} onInput=${set('name')} maxlength="200" dir="auto" autocomplete="off" autofocus />
    ${users.data?.nextCursor
    ? html`<${SuggestField} label=${t('vendors.user')} error=${wrong('user')} name="user" value=${values.user} onInput=${set('user')} suggestions=${names} maxlength="150" dir="auto" autocomplete="off" />`
    : html`<${SelectField} label=${t('vendors.user')} error=${wrong('user')} name="user" value=${values.user} onChange=${set('user')} options=${[['', t('vendors.user.none')], ...names.map((name) => [name, name])]} />`}
    ${vendor && html`<${SelectField} label=${t('vendors.certificate.now')} name="fate" value=${values.fate} onChange=${set('fate')} options=${fates} />`}
    ${hasText && html`<${Certificate} value=${values.certificate} onInput=${set('certificate')} error=${wrong('certificate')} />`}`}</${FormDialog}>`;
}

function DeleteDialog({ vendor, onClose, onDone }) {
  const facets = useResource('/facets');
  const offered = facets.data?.vendors.find((facet) => facet.name === vendor.name)?.packageCount ?? 0;
  const name = short(vendor.name);
  const act = async () => {
    await change('DELETE', named('vendors', vendor.name), { seen: vendor, keys: KEYS, onStale: onDone });
    toast(t('vendors.deleted', { name }));
    onDone();
  };
  return html`<${Confirm} title=${t('vendors.delete.title', { name })} action=${t('vendors.delete.act')} act=${act} onClose=${onClose}>
    <p>${t('vendors.delete.text')}</p>${offered > 0 && html`<p class="notice notice-warn"><${Icon} name="alert" /><span>${counted('vendors.inuse', offered)}</span></p>`}</${Confirm}>`;
}

const columns = (open) => [
  { key: 'vendor', label: t('vendors.column.vendor'), render: (vendor) => html`<${Words} text=${vendor.name} cut=${120} />` },
  { key: 'user', label: t('vendors.column.user'), render: (vendor) => html`<${Words} text=${vendor.user} cut=${150} />` },
  { key: 'certificate', label: t('vendors.column.certificate'), render: ({ certificate }) => (certificate
    ? html`<span title=${`${visibleText(certificate.subject)}\nSHA-256 ${certificate.sha256}`}><${Badge} tone="ok" icon="shield"><${Words} text=${subjectName(certificate.subject)} cut=${40} /></${Badge}></span>`
    : html`<span class="muted">${t('vendors.certificate.any')}</span>`) },
  { key: 'actions', label: t('vendors.column.actions'), kind: 'actions', render: (vendor) => [['edit', 'pencil'], ['delete', 'trash']].map(([what, icon]) => html`
    <button key=${what} type="button" class="icon-button" aria-label=${t(`vendors.${what}`, { name: short(vendor.name) })} title=${t(`vendors.${what}`, { name: short(vendor.name) })} onClick=${() => open(what, vendor)}><${Icon} name=${icon} /></button>`) },
];

function Content({ asking, open, close }) {
  const found = useListing('/vendors', 100);
  return html`<${Shown} resource=${found} lines=${6}>${() => (found.items.length === 0
    ? html`<${Empty} title=${t('vendors.empty.title')} text=${t('vendors.empty.text')}><button class="button primary" onClick=${() => open('new')}>${t('vendors.new')}</button></${Empty}>`
    : html`<${DataTable} caption=${t('manage.vendors')} columns=${columns(open)} rows=${found.items} keyOf=${(vendor) => vendor.name} /><${More} listing=${found} />`)}</${Shown}>
    ${(asking?.what === 'new' || asking?.what === 'edit') && html`<${VendorDialog} vendor=${asking.vendor} onClose=${close} onDone=${found.reload} />`}
    ${asking?.what === 'delete' && html`<${DeleteDialog} vendor=${asking.vendor} onClose=${close} onDone=${found.reload} />`}`;
}

export default function Vendors() {
  const [asking, setAsking] = useState(null);
  const open = (what, vendor) => setAsking({ what, vendor });
  return html`<${ManagePage} name="vendors" actions=${html`<button class="button primary" onClick=${() => open('new')}><${Icon} name="plus" />${t('vendors.new')}</button>`}>
    <${Content} asking=${asking} open=${open} close=${() => setAsking(null)} /></${ManagePage}>`;
}
