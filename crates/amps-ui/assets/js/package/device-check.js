// What a device would get: it is described in a form whose values stand in the address, and the API decides.
import { html, useState } from '../html.js';
import { query as queryOf } from '../api.js';
import { useResource } from '../resource.js';
import { hasText, t } from '../strings.js';
import { setQuery } from '../router.js';
import { SelectField, TextField } from '../parts/fields.js';
import { Badge } from '../parts/badge.js';
import { Empty, Shown } from '../parts/states.js';
import { Words } from '../parts/words.js';

const FIELDS = ['dialect', 'architecture', 'tags', 'conflicts', 'hardwareId'];
const DIALECTS = ['package-server', 'deployment-server'];
const isOther = (dialect) => dialect !== 'deployment-server';

function Form({ chosen, releases, problem }) {
  const [values, setValues] = useState(chosen);
  const set = (name) => (event) => setValues({ ...values, [name]: event.target.value });
  const submit = (event) => {
    event.preventDefault();
    const tagged = isOther(values.dialect) ? { tags: '', conflicts: '' } : {};
    setQuery({ ...values, ...tagged, dialect: values.dialect || 'package-server', asked: '1' }, { replace: false });
  };
  const known = releases.map((release) => (isOther(values.dialect) ? release.architecture : release.deploymentArchitecture));
  const architectures = [...new Set(known.filter((name) => name && name.toLowerCase() !== 'all'))].sort();
  const wrong = (name) => (problem?.field === name ? problem.detail : undefined);
  const plain = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false, dir: 'ltr', maxlength: '1000' };
  return html`<form class="card panel device-form" onSubmit=${submit}>
    <p class="muted">${t('device.lead')}</p>
    <${SelectField} label=${t('device.dialect')} value=${values.dialect || DIALECTS[0]} onChange=${set('dialect')} name="dialect" options=${DIALECTS.map((word) => [word, t(`device.${word}`)])} />
    <${TextField} label=${t('device.architecture')} hint=${t(`device.architecture.hint.${values.dialect || DIALECTS[0]}`)} error=${wrong('architecture')} value=${values.architecture} onInput=${set('architecture')} name="architecture" list="architectures" ...${plain} />
    <datalist id="architectures">${architectures.map((name) => html`<option key=${name} value=${name} />`)}</datalist>
    ${!isOther(values.dialect) && html`
      <${TextField} label=${t('device.tags')} hint=${t('device.tags.hint')} error=${wrong('tags')} value=${values.tags} onInput=${set('tags')} name="tags" ...${plain} />
      <${TextField} label=${t('device.conflicts')} error=${wrong('conflicts')} value=${values.conflicts} onInput=${set('conflicts')} name="conflicts" ...${plain} />`}
    <${TextField} label=${t('device.hardwareid')} hint=${t('device.hardwareid.hint')} error=${wrong('hardwareId')} value=${values.hardwareId} onInput=${set('hardwareId')} name="hardwareId" ...${plain} />
    <button class="button primary" type="submit">${t('device.ask')}</button>
  </form>`;
}

/** The one that is offered first, then the newest. */
const inOrder = (releases, offered) => [...releases].sort((left, right) => (right.sequence === offered) - (left.sequence === offered) || right.sequence - left.sequence);

function Verdict({ data }) {
  const offered = data.releases.find((release) => release.sequence === data.offered);
  return html`<div class="verdict" role="status">
    ${offered ? html`<div class="card panel gets"><p class="muted">${t('device.gets')}</p>
        <p class="gets-version"><${Words} text=${offered.version || t('version.none')} cut=${60} /> <span class="chip"><${Words} text=${offered.architecture} /></span></p>
        <p class="muted small">${hasText(`device.sign.${data.signature}`) ? t(`device.sign.${data.signature}`) : ''}</p></div>`
    : html`<${Empty} drawing="search" title=${t('device.nothing.title')} text=${t('device.nothing.text')} />`}
    <table class="data reasons"><caption class="sr-only">${t('device.why')}</caption>
      <thead><tr><th scope="col">${t('package.release')}</th><th scope="col">${t('device.decision')}</th><th scope="col">${t('device.why')}</th></tr></thead>
      <tbody>${inOrder(data.releases, data.offered).map((release) => html`<tr key=${release.sequence} class=${release.decision === 'offered' ? 'offered' : undefined}>
        <th scope="row"><${Words} text=${release.version || t('version.none')} cut=${30} /> <span class="muted small"><${Words} text=${release.architecture} /></span></th>
        <td><${Badge} tone=${release.decision === 'offered' ? 'ok' : 'quiet'} icon=${release.decision === 'offered' ? 'check' : 'dash'}>${t(hasText(`device.decision.${release.decision}`) ? `device.decision.${release.decision}` : 'device.decision.other')}</${Badge}></td>
        <td class="muted"><${Words} text=${release.reason} cut=${300} /></td></tr>`)}</tbody></table></div>`;
}

export function DeviceCheck({ item, releases, query }) {
  const chosen = Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? '']));
  const isAsked = query.has('asked');
  const tagged = isOther(chosen.dialect) ? { tags: '', conflicts: '' } : {};
  const found = useResource(isAsked ? `/packages/${encodeURIComponent(item.id)}/visibility${queryOf({ ...chosen, ...tagged })}` : null);
  const isField = found.problem && FIELDS.includes(found.problem.field);
  return html`<div class="device"><${Form} key=${FIELDS.map((name) => chosen[name]).join('\n')} chosen=${chosen} releases=${releases} problem=${found.problem} />
    <div>${isAsked && !isField && html`<${Shown} resource=${found} lines=${4}>${(data) => html`<${Verdict} data=${data} />`}</${Shown}>`}</div></div>`;
}
