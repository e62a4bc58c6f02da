// How the server is, looked at again every few seconds unless somebody pauses that.
import { html, useEffect, useState } from '../../html.js';
import { useResource } from '../../resource.js';
import { addTexts, hasText, t } from '../../strings.js';
import { bytes, exact, number } from '../../format.js';
import { Badge } from '../../parts/badge.js';
import { Shown } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { Words } from '../../parts/words.js';
import { ManagePage } from '../../manage/area.js';

const EVERY_MS = 5000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Of the disk, the rest is little: as for `amps doctor`. */
const LOW = 0.05;
const LOW_BYTES = 2 * 1024 ** 3;

addTexts({
  'server.pause': 'Pause',
  'server.resume': 'Go on',
  'server.refresh.on': 'Looked at again every 5 seconds.',
  'server.refresh.off': 'Paused: this is how it was at {time}.',
  'server.checks': 'Checks',
  'server.check.catalog': 'The catalog answers',
  'server.check.disk': 'The disk takes what is written',
  'server.check.shutdown': 'The server is not shutting down',
  'server.check.time': 'Catalog and disk answer in time',
  'server.ok': 'In order',
  'server.bad': 'Not in order',
  'server.ready': 'The server can do its work',
  'server.unready': 'The server cannot do its work',
  'server.disk': 'Disk',
  'server.disk.free': '{free} of {size} free',
  'server.disk.used': '{percent} % are used',
  'server.disk.low': 'That is little: make room, or remove releases.',
  'server.disk.unknown': 'The disk does not tell its size.',
  'server.store': 'Store',
  'server.packages': 'Packages',
  'server.releases': 'Releases',
  'server.size': 'Size of all packages',
  'server.catalog': 'Catalog',
  'server.generation': 'Changes so far',
  'server.work': 'At the moment',
  'server.connections': 'Open connections',
  'server.requests': 'Requests being answered',
  'server.uploads': 'Uploads under way',
  'server.program': 'Program',
  'server.version': 'Version',
  'server.uptime': 'Running for',
  'server.started': 'Since',
  'server.project': 'Project id',
  'server.anonymous': 'Without signing in',
  'server.anonymous.none': 'nothing is possible',
  'server.anonymous.read': 'one may look and download',
  'server.anonymous.all': 'one may upload and remove, too',
  'server.signs': 'Signs downloads',
  'server.verifies': 'Verifies developers',
  'server.deployment': 'Deployment server',
  'server.yes': 'yes',
  'server.no': 'no',
  'server.limits': 'Limits',
  'server.limit': 'Limit',
  'server.value': 'Value',
  'server.seconds': '{count} seconds',
});

/** Days and hours, hours and minutes, or minutes. */
function uptime(seconds) {
  const parts = [[DAY, 'day'], [HOUR, 'hour'], [MINUTE, 'minute']];
  const first = Math.max(0, parts.findIndex(([size]) => seconds >= size));
  if (seconds < MINUTE) return t('server.seconds', { count: Math.round(seconds) });
  return parts.slice(first, first + 2).map(([size, unit], index) => {
    const count = Math.floor((index === 0 ? seconds : seconds % parts[first][0]) / size);
    return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(count);
  }).join(' ');
}

const Fact = ({ name, children }) => html`<dt>${t(`server.${name}`)}</dt><dd>${children}</dd>`;

function Checks({ checks }) {
  const isReady = checks.every((check) => check.problem === null);
  return html`<section class="card panel" aria-labelledby="checks"><h2 id="checks"><${Icon} name="shield" />${t('server.checks')}</h2>
    <p role="status" class=${`health ${isReady ? 'health-ok' : 'health-bad'}`}><${Icon} name=${isReady ? 'check' : 'alert'} /><span>${t(isReady ? 'server.ready' : 'server.unready')}</span></p>
    <ul class="check-list">${checks.map((check) => html`<li key=${check.name}><span>${hasText(`server.check.${check.name}`) ? t(`server.check.${check.name}`) : check.name}
      ${check.problem && html`<span class="under"><${Words} text=${check.problem} cut=${300} /></span>`}</span>
      <${Badge} tone=${check.problem ? 'bad' : 'ok'} icon=${check.problem ? 'alert' : 'check'}>${t(check.problem ? 'server.bad' : 'server.ok')}</${Badge}></li>`)}</ul></section>`;
}

function Disk({ disk }) {
  const used = disk && disk.sizeBytes > 0 ? 1 - disk.freeBytes / disk.sizeBytes : 0;
  const isLow = disk && (disk.freeBytes < disk.sizeBytes * LOW || disk.freeBytes < LOW_BYTES);
  return html`<section class="card panel" aria-labelledby="disk"><h2 id="disk"><${Icon} name="box" />${t('server.disk')}</h2>
    ${!disk ? html`<p class="muted">${t('server.disk.unknown')}</p>` : html`<p class="disk-free">${t('server.disk.free', { free: bytes(disk.freeBytes), size: bytes(disk.sizeBytes) })}</p>
      <meter class=${isLow ? 'low' : ''} min="0" max=${disk.sizeBytes} value=${disk.sizeBytes - disk.freeBytes} aria-label=${t('server.disk.used', { percent: Math.round(used * 100) })} />
      <p class="muted small">${t('server.disk.used', { percent: Math.round(used * 100) })}</p>
      ${isLow && html`<p class="notice notice-warn"><${Icon} name="alert" /><span>${t('server.disk.low')}</span></p>`}`}</section>`;
}

function Figures({ server }) {
  const { counts, state, settings } = server;
  return html`
    ${state && html`<section class="card panel" aria-labelledby="work"><h2 id="work"><${Icon} name="refresh" />${t('server.work')}</h2><dl class="facts">
      <${Fact} name="connections"><span class="number">${number(state.connections)}</span></${Fact}><${Fact} name="requests"><span class="number">${number(state.requests)}</span></${Fact}><${Fact} name="uploads"><span class="number">${number(state.openUploads)}</span></${Fact}></dl></section>`}
    <section class="card panel" aria-labelledby="store"><h2 id="store"><${Icon} name="list" />${t('server.store')}</h2><dl class="facts">
      <${Fact} name="packages"><span class="number">${number(counts.packages)}</span></${Fact}><${Fact} name="releases"><span class="number">${number(counts.releases)}</span></${Fact}>
      <${Fact} name="size">${bytes(counts.sizeBytes)}</${Fact}>
      ${state?.databaseBytes != null && html`<${Fact} name="catalog">${bytes(state.databaseBytes)}</${Fact}>`}
      <${Fact} name="generation"><span class="number">${number(server.generation)}</span></${Fact}></dl></section>
    <section class="card panel whole" aria-labelledby="program"><h2 id="program"><${Icon} name="server" />${t('server.program')}</h2><dl class="facts">
      <${Fact} name="version">amps ${server.version}</${Fact}>
      ${server.startedAt && html`<${Fact} name="uptime">${uptime(server.uptimeSeconds)}</${Fact}><${Fact} name="started"><time datetime=${server.startedAt}>${exact(server.startedAt)}</time></${Fact}>`}
      <${Fact} name="project"><${Words} text=${settings.projectId} /></${Fact}>
      <${Fact} name="anonymous">${hasText(`server.anonymous.${settings.anonymousAccess}`) ? t(`server.anonymous.${settings.anonymousAccess}`) : settings.anonymousAccess}</${Fact}>
      <${Fact} name="signs">${t(settings.signsDownloads ? 'server.yes' : 'server.no')}</${Fact}><${Fact} name="verifies">${t(settings.verifiesDevelopers ? 'server.yes' : 'server.no')}</${Fact}>
      <${Fact} name="deployment">${t(settings.hasDeploymentServer ? 'server.yes' : 'server.no')}</${Fact}></dl></section>`;
}

const Limits = ({ limits }) => html`<details class="limits"><summary>${t('server.limits')}</summary>
  <table class="data"><thead><tr><th scope="col">${t('server.limit')}</th><th scope="col" class="number">${t('server.value')}</th></tr></thead>
  <tbody>${Object.entries(limits).map(([name, value]) => html`<tr key=${name}><th scope="row"><code>${name}</code></th><td class="number">${number(value)}${name.endsWith('Bytes') && value >= 1000 && html`<span class="under">${bytes(value)}</span>`}</td></tr>`)}</tbody></table></details>`;

function Content() {
  const found = useResource('/server');
  const [paused, setPaused] = useState(null);
  const { reload, loading, problem } = found;
  useEffect(() => {
    // A server that does not answer is asked again anyway.
    if (paused || loading || problem) return undefined;
    const timer = setTimeout(() => { if (document.hidden) addEventListener('visibilitychange', reload, { once: true }); else reload(); }, EVERY_MS);
    return () => { clearTimeout(timer); removeEventListener('visibilitychange', reload); };
  }, [paused, loading, problem, found.data]);
  return html`<${Shown} resource=${found} lines=${8}>${(server) => html`
    <div class="refresh"><p class="muted small">${paused ? t('server.refresh.off', { time: new Date(paused).toLocaleTimeString('en') }) : t('server.refresh.on')}</p>
      <button class="button small" aria-pressed=${Boolean(paused)} onClick=${() => setPaused(paused ? null : Date.now())}><${Icon} name=${paused ? 'play' : 'pause'} />${t(paused ? 'server.resume' : 'server.pause')}</button></div>
    <div class="panels">${server.state && html`<${Checks} checks=${server.state.checks} /><${Disk} disk=${server.state.disk} />`}<${Figures} server=${server} /></div>
    <${Limits} limits=${server.settings.limits} />`}</${Shown}>`;
}

export default function Server() {
  return html`<${ManagePage} name="server"><${Content} /></${ManagePage}>`;
}
