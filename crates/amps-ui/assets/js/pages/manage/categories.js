// Categories in their order, which can be changed and is saved at once for all of them.
import { html, useEffect, useState } from '../../html.js';
import { get, Problem, send } from '../../api.js';
import { useResource } from '../../resource.js';
import { addTexts, counted, t } from '../../strings.js';
import { visibleText } from '../../words.js';
import { Confirm } from '../../parts/dialog.js';
import { FormDialog } from '../../parts/form-dialog.js';
import { TextField } from '../../parts/fields.js';
import { Empty, Shown } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { Words } from '../../parts/words.js';
import { toast } from '../../parts/toast.js';
import { ManagePage } from '../../manage/area.js';
import { change, named } from '../../manage/change.js';
import { CategoryIcon, IconDialog } from '../../manage/category-icon.js';
import { Reorder } from '../../manage/reorder.js';

addTexts({
  'categories.new': 'New category',
  'categories.name': 'Name',
  'categories.name.hint': 'As people see it, on one line.',
  'categories.create': 'Create',
  'categories.created': '{name} was created',
  'categories.rename': 'Rename {name}',
  'categories.rename.text': 'Releases stay in it: they go with the new name.',
  'categories.rename.act': 'Rename',
  'categories.renamed': '{old} is now {name}',
  'categories.icon': 'Icon of {name}',
  'categories.delete': 'Delete {name}',
  'categories.delete.title': 'Delete {name}?',
  'categories.delete.text': 'The category and its icon will be gone, for the store and for devices. No package is deleted: this only works while no release stands in it.',
  'categories.delete.act': 'Delete category',
  'categories.deleted': '{name} was deleted',
  'categories.inuse.one': '{count} release is listed in this category now. Give it another one first.',
  'categories.inuse.other': '{count} packages are listed in this category now. Give them another one first.',
  'categories.empty.title': 'No categories yet',
  'categories.empty.text': 'Categories sort the packages of the store for the people who choose from it.',
  'categories.unsaved': 'The order is not saved yet.',
  'categories.save': 'Save order',
  'categories.undo': 'Undo',
  'categories.saved': 'The order is saved',
  'categories.conflict': 'Somebody else has changed the categories in the meantime. Here is how they are now; your order was not saved.',
  'categories.required': 'Enter a name.',
});

/** Its place is the business of the order. */
const KEYS = ['name', 'hasIcon'];
const short = (name) => visibleText(name).slice(0, 80);

function NameDialog({ category, onClose, onDone }) {
  const [name, setName] = useState(category?.name ?? '');
  const act = async () => {
    const json = { name: name.trim() };
    if (!category) await send('POST', '/categories', json);
    else if (json.name !== category.name) await change('PATCH', named('categories', category.name), { seen: category, keys: KEYS, json, onStale: onDone });
    toast(category ? t('categories.renamed', { old: short(category.name), name: short(json.name) }) : t('categories.created', { name: short(json.name) }));
    onDone();
  };
  return html`<${FormDialog} title=${category ? t('categories.rename', { name: short(category.name) }) : t('categories.new')} action=${t(category ? 'categories.rename.act' : 'categories.create')}
      fields=${['name']} check=${() => (name.trim() ? {} : { name: t('categories.required') })} act=${act} onClose=${onClose}>${(wrong) => html`
    ${category && html`<p class="muted">${t('categories.rename.text')}</p>`}
    <${TextField} label=${t('categories.name')} hint=${t('categories.name.hint')} error=${wrong('name')} name="name" value=${name} onInput=${(event) => setName(event.target.value)} maxlength="200" dir="auto" autocomplete="off" autofocus />`}</${FormDialog}>`;
}

/** Asks; says how many packages are in the way, if that is known. */
function DeleteDialog({ category, onClose, onDone }) {
  const facets = useResource('/facets');
  const listed = facets.data?.categories.find((facet) => facet.name === category.name)?.packageCount ?? 0;
  const name = short(category.name);
  const act = async () => {
    await change('DELETE', named('categories', category.name), { seen: category, keys: KEYS, onStale: onDone });
    toast(t('categories.deleted', { name }));
    onDone();
  };
  return html`<${Confirm} title=${t('categories.delete.title', { name })} action=${t('categories.delete.act')} act=${act} onClose=${onClose}>
    <p>${t('categories.delete.text')}</p>${listed > 0 && html`<p class="notice notice-warn"><${Icon} name="alert" /><span>${counted('categories.inuse', listed)}</span></p>`}</${Confirm}>`;
}

/** The list as the reader has ordered it; `known` is the order that the server had, with its tag. */
function Order({ categories, known, version, open, reload }) {
  const [order, setOrder] = useState(categories);
  const [busy, setBusy] = useState(false);
  const [conflict, setConflict] = useState(false);
  useEffect(() => setOrder(categories), [categories]);
  const isChanged = order.some((category, index) => category.name !== categories[index]?.name);
  const save = async () => {
    setBusy(true);
    setConflict(false);
    try {
      // List and order come separately: they must say the same, or the tag is that of another order.
      const isKnown = known.data?.names.length === categories.length && categories.every((category, index) => category.name === known.data.names[index]);
      if (!isKnown) throw new Problem({ status: 412, code: 'precondition-failed', detail: t('categories.conflict') });
      await send('PUT', '/category-order', { names: order.map((category) => category.name) }, { etag: known.etag });
      toast(t('categories.saved'));
      document.querySelector('h1')?.focus({ preventScroll: true });
      reload();
    } catch (problem) {
      if (problem.status === 412 || problem.status === 409) {
        setConflict(true);
        reload();
      } else toast(problem.detail, 'bad');
    }
    setBusy(false);
  };
  return html`
    ${conflict && html`<p class="notice notice-warn" role="alert"><${Icon} name="alert" /><span>${t('categories.conflict')}</span></p>`}
    <${Reorder} entries=${order} nameOf=${(category) => category.name} onOrder=${setOrder}
      actions=${(category) => html`
        <button type="button" class="icon-button" aria-label=${t('categories.icon', { name: short(category.name) })} title=${t('categories.icon', { name: short(category.name) })} onClick=${() => open('icon', category)}><${Icon} name="image" /></button>
        <button type="button" class="icon-button" aria-label=${t('categories.rename', { name: short(category.name) })} title=${t('categories.rename', { name: short(category.name) })} onClick=${() => open('name', category)}><${Icon} name="pencil" /></button>
        <button type="button" class="icon-button" aria-label=${t('categories.delete', { name: short(category.name) })} title=${t('categories.delete', { name: short(category.name) })} onClick=${() => open('delete', category)}><${Icon} name="trash" /></button>`}>
      ${(category) => html`<${CategoryIcon} category=${category} version=${version} /><span class="order-name"><${Words} text=${category.name} cut=${120} /></span>`}</${Reorder}>
    ${isChanged && html`<div class="unsaved"><p role="status">${t('categories.unsaved')}</p>
      <button class="button" disabled=${busy} onClick=${() => setOrder(categories)}>${t('categories.undo')}</button>
      <button class="button primary" disabled=${busy} aria-busy=${busy} onClick=${save}>${t('categories.save')}</button></div>`}`;
}

/** All pages of the list: an order is that of all. */
async function everything(first) {
  const items = [...first.items];
  let cursor = first.nextCursor;
  while (cursor) {
    const { data } = await get(`/categories?limit=500&cursor=${encodeURIComponent(cursor)}`);
    items.push(...data.items);
    cursor = data.nextCursor;
  }
  return items;
}

function List({ found, order, open, version, reload }) {
  const [all, setAll] = useState(found.data.nextCursor ? null : found.data.items);
  useEffect(() => {
    if (!found.data.nextCursor) { setAll(found.data.items); return; }
    everything(found.data).then(setAll, () => setAll(found.data.items));
  }, [found.data]);
  if (!all) return null;
  if (all.length === 0) return html`<${Empty} title=${t('categories.empty.title')} text=${t('categories.empty.text')}><button class="button primary" onClick=${() => open('name', null)}><${Icon} name="plus" />${t('categories.new')}</button></${Empty}>`;
  return html`<${Order} categories=${all} known=${order} version=${version} open=${open} reload=${reload} />`;
}

function Content({ asking, close, open }) {
  const found = useResource('/categories?limit=500');
  const order = useResource('/category-order');
  const reload = () => { found.reload(); order.reload(); };
  const { what, category } = asking ?? {};
  return html`<${Shown} resource=${found} lines=${6}>${() => html`<${List} found=${found} order=${order} open=${open} version=${found.data} reload=${reload} />`}</${Shown}>
    ${what === 'name' && html`<${NameDialog} category=${category} onClose=${close} onDone=${reload} />`}
    ${what === 'icon' && html`<${IconDialog} category=${category} onClose=${close} onChanged=${reload} />`}
    ${what === 'delete' && html`<${DeleteDialog} category=${category} onClose=${close} onDone=${reload} />`}`;
}

export default function Categories() {
  const [asking, setAsking] = useState(null);
  const open = (what, category) => setAsking({ what, category });
  return html`<${ManagePage} name="categories" actions=${html`<button class="button primary" onClick=${() => open('name', null)}><${Icon} name="plus" />${t('categories.new')}</button>`}>
    <${Content} asking=${asking} open=${open} close=${() => setAsking(null)} /></${ManagePage}>`;
}
