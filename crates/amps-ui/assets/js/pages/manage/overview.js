// What there is to manage, and what of it wants somebody's attention.
import { html } from '../../html.js';
import { useResource } from '../../resource.js';
import { addTexts, counted, t } from '../../strings.js';
import { Link } from '../../router.js';
import { Icon } from '../../parts/icons.js';
import { Badge } from '../../parts/badge.js';
import { ManagePage } from '../../manage/area.js';
import { SECTIONS } from '../../manage/sections.js';
import { soonest, StandingBadge } from '../../manage/standing.js';

addTexts({
  'manage.overview.what': 'Everything that keeps this store in order.',
  'overview.things.one': '{count} entry',
  'overview.things.other': '{count} entries',
  'overview.everything': 'Everything is kept',
  'overview.rules': 'Rules are set',
  'overview.well': 'All is well',
  'overview.unwell.one': '{count} check failed',
  'overview.unwell.other': '{count} checks failed',
  'overview.nocertificates': 'None',
});

/** How many things a list has: asks for one of them. */
function Count({ path }) {
  const { data } = useResource(`${path}?limit=1`);
  return data?.total === undefined ? null : html`<span class="muted">${counted('overview.things', data.total)}</span>`;
}

function Rules() {
  const { data } = useResource('/retention');
  if (data === undefined) return null;
  return html`<span class="muted">${t(data === null ? 'overview.everything' : 'overview.rules')}</span>`;
}

function Certificates({ server }) {
  if (!server) return null;
  const next = soonest(server.certificates);
  return next ? html`<${StandingBadge} until=${next.notAfter} />` : html`<span class="muted">${t('overview.nocertificates')}</span>`;
}

function Checks({ server }) {
  const checks = server?.state?.checks;
  if (!checks) return null;
  const failed = checks.filter((check) => check.problem !== null).length;
  return failed === 0 ? html`<${Badge} tone="ok" icon="check">${t('overview.well')}</${Badge}>` : html`<${Badge} tone="bad" icon="alert">${counted('overview.unwell', failed)}</${Badge}>`;
}

function State({ name, server }) {
  if (name === 'retention') return html`<${Rules} />`;
  if (name === 'certificates') return html`<${Certificates} server=${server} />`;
  if (name === 'server') return html`<${Checks} server=${server} />`;
  return name === 'audit' ? null : html`<${Count} path=${`/${name}`} />`;
}

function Cards() {
  const { data } = useResource('/server');
  return html`<ul class="sections">${SECTIONS.map(({ name, icon }) => html`<li key=${name} class="card section-card">
    <span class="section-sign"><${Icon} name=${icon} /></span>
    <h2><${Link} href=${`/manage/${name}`}>${t(`manage.${name}`)}</${Link}></h2>
    <p>${t(`manage.${name}.what`)}</p>
    <div class="section-state small"><${State} name=${name} server=${data} /></div></li>`)}</ul>`;
}

export default function Overview() {
  return html`<${ManagePage} name="overview" title=${t('manage.title')}><${Cards} /></${ManagePage}>`;
}
