// Users: who can sign in, who may manage, their passwords.
import { html, useState } from '../../html.js';
import { send } from '../../api.js';
import { useListing } from '../../listing.js';
import { addTexts, t } from '../../strings.js';
import { exact, relative } from '../../format.js';
import { loadSession, useSession } from '../../session.js';
import { Badge } from '../../parts/badge.js';
import { CheckField } from '../../parts/check-field.js';
import { DataTable } from '../../parts/data-table.js';
import { Confirm } from '../../parts/dialog.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { TextField } from '../../parts/fields.js';
import { PasswordField, passwordRules } from '../../parts/password-field.js';
import { Empty, Shown } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { More } from '../../parts/more.js';
import { Words } from '../../parts/words.js';
import { toast } from '../../parts/toast.js';
import { ManagePage } from '../../manage/area.js';
import { change, named } from '../../manage/change.js';

addTexts({
  'users.new': 'New user',
  'users.create': 'Create user',
  'users.created': '{name} can sign in now',
  'users.name': 'User name',
  'users.name.hint': 'Letters, digits and @ . + - _',
  'users.name.required': 'Enter a user name.',
  'users.name.wrong': 'Only letters, digits and @ . + - _ are possible.',
  'users.password': 'Password',
  'users.password.new': 'New password',
  'users.password.wrong': 'The password does not keep the rules yet.',
  'users.active': 'May sign in',
  'users.active.hint': 'Without this, they are signed out at once, and stay known.',
  'users.staff': 'Administrator',
  'users.staff.hint': 'May do everything here: upload, remove and manage.',
  'users.column.user': 'User',
  'users.column.role': 'May',
  'users.column.state': 'State',
  'users.column.login': 'Last signed in',
  'users.column.created': 'Known since',
  'users.column.actions': 'Actions',
  'users.role.staff': 'Everything',
  'users.role.user': 'See and download',
  'users.state.active': 'Active',
  'users.state.inactive': 'Switched off',
  'users.never': 'never',
  'users.you': 'you',
  'users.edit': 'Change what {name} may do',
  'users.edit.title': 'What {name} may do',
  'users.edit.act': 'Save',
  'users.changed': '{name} was changed',
  'users.setpassword': 'Set another password for {name}',
  'users.setpassword.title': 'Another password for {name}',
  'users.setpassword.text': 'Everywhere they are signed in, they have to sign in again.',
  'users.setpassword.act': 'Set password',
  'users.password.changed': '{name} has another password',
  'users.delete': 'Delete {name}',
  'users.delete.title': 'Delete {name}?',
  'users.delete.text': 'They cannot sign in any more; their sessions end and what they have bought is forgotten. Packages that they uploaded stay. To keep them known, switch them off instead.',
  'users.delete.act': 'Delete user',
  'users.deleted': '{name} was deleted',
  'users.self.delete': 'This is you. You will be signed out, and cannot sign in again.',
  'users.self.edit': 'This is you. Without these, you cannot come back to this page.',
  'users.empty.title': 'No users yet',
  'users.empty.text': 'Users sign in here, and on the deployment server.',
});

const KEYS = ['isActive', 'isStaff'];
const NAME = /^[\p{L}\p{N}_@.+-]+$/u;

function Rights({ values, set }) {
  return html`<${CheckField} label=${t('users.active')} hint=${t('users.active.hint')} checked=${values.isActive} onChange=${(isActive) => set({ ...values, isActive })} name="isActive" />
    <${CheckField} label=${t('users.staff')} hint=${t('users.staff.hint')} checked=${values.isStaff} onChange=${(isStaff) => set({ ...values, isStaff })} name="isStaff" />`;
}

const isWeak = (password) => passwordRules(password).some(([, isMet]) => !isMet);

function NewDialog({ onClose, onDone }) {
  const [values, setValues] = useState({ name: '', password: '', isActive: true, isStaff: false });
  const check = () => {
    const name = values.name.trim();
    return {
      ...(name === '' ? { name: t('users.name.required') } : NAME.test(name) ? {} : { name: t('users.name.wrong') }),
      ...(isWeak(values.password) ? { password: t('users.password.wrong') } : {}),
    };
  };
  const act = async () => {
    const json = { ...values, name: values.name.trim() };
    await send('POST', '/users', json);
    toast(t('users.created', { name: json.name }));
    onDone();
  };
  return html`<${FormDialog} title=${t('users.new')} action=${t('users.create')} fields=${['name', 'password']} check=${check} act=${act} onClose=${onClose}>${(wrong) => html`
    <${TextField} label=${t('users.name')} hint=${t('users.name.hint')} error=${wrong('name')} name="name" value=${values.name} onInput=${(event) => setValues({ ...values, name: event.target.value })} maxlength="150" autocomplete="off" autocapitalize="off" spellcheck=${false} autofocus />
    <${PasswordField} label=${t('users.password')} value=${values.password} error=${wrong('password')} onInput=${(event) => setValues({ ...values, password: event.target.value })} />
    <${Rights} values=${values} set=${setValues} />`}</${FormDialog}>`;
}

function EditDialog({ user, isSelf, onClose, onDone }) {
  const [values, setValues] = useState({ isActive: user.isActive, isStaff: user.isStaff });
  const act = async () => {
    await change('PATCH', named('users', user.name), { seen: user, keys: KEYS, json: values, onStale: onDone });
    toast(t('users.changed', { name: user.name }));
    if (isSelf) await loadSession();
    onDone();
  };
  return html`<${FormDialog} title=${t('users.edit.title', { name: user.name })} action=${t('users.edit.act')} act=${act} onClose=${onClose}>${() => html`
    ${isSelf && html`<p class="notice notice-warn"><${Icon} name="alert" /><span>${t('users.self.edit')}</span></p>`}
    <${Rights} values=${values} set=${setValues} />`}</${FormDialog}>`;
}

function PasswordDialog({ user, isSelf, onClose, onDone }) {
  const [password, setPassword] = useState('');
  const act = async () => {
    await change('PATCH', named('users', user.name), { seen: user, keys: KEYS, json: { password }, onStale: onDone });
    toast(t('users.password.changed', { name: user.name }));
    if (isSelf) await loadSession();
    onDone();
  };
  return html`<${FormDialog} title=${t('users.setpassword.title', { name: user.name })} action=${t('users.setpassword.act')} fields=${['password']} act=${act} onClose=${onClose}
      check=${() => (isWeak(password) ? { password: t('users.password.wrong') } : {})}>${(wrong) => html`
    <p class="muted">${t('users.setpassword.text')}</p>
    <input class="sr-only" type="text" name="username" autocomplete="username" value=${user.name} readonly tabindex="-1" aria-hidden="true" />
    <${PasswordField} label=${t('users.password.new')} value=${password} error=${wrong('password')} onInput=${(event) => setPassword(event.target.value)} />`}</${FormDialog}>`;
}

function DeleteDialog({ user, isSelf, onClose, onDone }) {
  const act = async () => {
    await change('DELETE', named('users', user.name), { seen: user, keys: KEYS, onStale: onDone });
    toast(t('users.deleted', { name: user.name }));
    if (isSelf) await loadSession();
    onDone();
  };
  return html`<${Confirm} title=${t('users.delete.title', { name: user.name })} action=${t('users.delete.act')} act=${act} onClose=${onClose}>
    <p>${t('users.delete.text')}</p>${isSelf && html`<p class="notice notice-warn"><${Icon} name="alert" /><span>${t('users.self.delete')}</span></p>`}</${Confirm}>`;
}

const columns = (self, open) => [
  { key: 'user', label: t('users.column.user'), render: (user) => html`<${Words} text=${user.name} cut=${150} />${user.name === self && html` <span class="badge badge-quiet"><span>${t('users.you')}</span></span>`}` },
  { key: 'role', label: t('users.column.role'), render: (user) => t(user.isStaff ? 'users.role.staff' : 'users.role.user') },
  { key: 'state', label: t('users.column.state'), render: (user) => (user.isActive ? html`<${Badge} tone="ok" icon="check">${t('users.state.active')}</${Badge}>` : html`<${Badge} tone="quiet" icon="dash">${t('users.state.inactive')}</${Badge}>`) },
  { key: 'login', label: t('users.column.login'), kind: 'when', render: (user) => (user.lastLoginAt ? html`<time datetime=${user.lastLoginAt} title=${exact(user.lastLoginAt)}>${relative(user.lastLoginAt)}</time>` : t('users.never')) },
  { key: 'created', label: t('users.column.created'), kind: 'when', render: (user) => html`<time datetime=${user.createdAt} title=${exact(user.createdAt)}>${relative(user.createdAt)}</time>` },
  { key: 'actions', label: t('users.column.actions'), kind: 'actions', render: (user) => [['edit', 'pencil'], ['setpassword', 'lock'], ['delete', 'trash']].map(([what, icon]) => html`
    <button key=${what} type="button" class="icon-button" aria-label=${t(`users.${what}`, { name: user.name })} title=${t(`users.${what}`, { name: user.name })} onClick=${() => open(what, user)}><${Icon} name=${icon} /></button>`) },
];

const DIALOGS = { new: NewDialog, edit: EditDialog, setpassword: PasswordDialog, delete: DeleteDialog };

function Content({ asking, open, close }) {
  const who = useSession();
  const found = useListing('/users', 100);
  const self = who.user?.name;
  const Asked = asking && DIALOGS[asking.what];
  return html`<${Shown} resource=${found} lines=${6}>${() => (found.items.length === 0
    ? html`<${Empty} title=${t('users.empty.title')} text=${t('users.empty.text')}><button class="button primary" onClick=${() => open('new')}>${t('users.new')}</button></${Empty}>`
    : html`<${DataTable} caption=${t('manage.users')} columns=${columns(self, open)} rows=${found.items} keyOf=${(user) => user.name} /><${More} listing=${found} />`)}</${Shown}>
    ${Asked && html`<${Asked} user=${asking.user} isSelf=${asking.user?.name === self} onClose=${close} onDone=${found.reload} />`}`;
}

export default function Users() {
  const [asking, setAsking] = useState(null);
  const open = (what, user) => setAsking({ what, user });
  return html`<${ManagePage} name="users" actions=${html`<button class="button primary" onClick=${() => open('new')}><${Icon} name="plus" />${t('users.new')}</button>`}>
    <${Content} asking=${asking} open=${open} close=${() => setAsking(null)} /></${ManagePage}>`;
}
