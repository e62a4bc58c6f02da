// How often a package was downloaded: a plot, and the same figures as a table.
import { html } from '../html.js';
import { useResource } from '../resource.js';
import { counted, t } from '../strings.js';
import { setQuery } from '../router.js';
import { number, utcDay } from '../format.js';
import { Empty, Shown } from '../parts/states.js';
import { Words } from '../parts/words.js';
import { Icon } from '../parts/icons.js';

const SPANS = [30, 90, 365];
const WIDTH = 960;
const HEIGHT = 200;
const BOTTOM = 28;
const SIDE = 44;

/** A round number at least as large, for the end of the axis. */
function roundUp(value) {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((step) => step * power).find((step) => step >= value);
}

function Plot({ days }) {
  const counts = days.map((entry) => entry.downloads);
  const most = Math.max(...counts);
  const top = roundUp(most);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const step = (WIDTH - SIDE) / days.length;
  const height = (count) => ((HEIGHT - BOTTOM - 12) * count) / top;
  const ground = HEIGHT - BOTTOM;
  const ticks = [0, top / 2, top];
  const labels = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * (days.length - 1))))];
  const title = t('downloads.plot', { from: utcDay(days[0].date), until: utcDay(days.at(-1).date), total: number(total), most: number(most) });
  return html`<svg class="plot" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${title}>
    ${ticks.map((tick) => html`<g key=${tick}><path class="plot-line" d=${`M${SIDE} ${ground - height(tick)}H${WIDTH}`} /><text class="plot-text" x=${SIDE - 10} y=${ground - height(tick) + 4} text-anchor="end">${number(tick)}</text></g>`)}
    ${days.map((entry, index) => html`<g key=${entry.date} class="plot-day"><rect class="plot-space" x=${SIDE + index * step} y="0" width=${step} height=${ground}><title>${`${utcDay(entry.date)}: ${counted('downloads.total', entry.downloads)}`}</title></rect>
      ${entry.downloads > 0 && html`<rect class="plot-bar" x=${SIDE + index * step + step * 0.14} y=${ground - height(entry.downloads)} width=${step * 0.72} height=${height(entry.downloads)} rx=${Math.min(3, step * 0.2)} />`}</g>`)}
    ${labels.map((index) => html`<text key=${index} class="plot-text" x=${SIDE + (index + 0.5) * step} y=${HEIGHT - 6} text-anchor=${index === 0 ? 'start' : index === days.length - 1 ? 'end' : 'middle'}>${utcDay(days[index].date)}</text>`)}
  </svg>`;
}

function PerRelease({ releases, totals }) {
  const known = new Map(releases.map((release) => [release.sequence, release]));
  const rows = (totals ?? []).filter((entry) => entry.downloads > 0).sort((left, right) => right.downloads - left.downloads).slice(0, 20);
  if (rows.length === 0) return null;
  const most = rows[0].downloads;
  return html`<section class="per-release"><h2>${t('downloads.perrelease')}</h2><ul>${rows.map((entry) => {
    const release = known.get(entry.sequence);
    return html`<li key=${entry.sequence}><span class="per-name">${release ? html`<${Words} text=${release.version || t('version.none')} cut=${40} /> <span class="muted small"><${Words} text=${release.architecture} /></span>` : html`<span class="muted">#${entry.sequence}</span>`}</span>
      <meter min="0" max=${most} value=${entry.downloads} aria-label=${counted('downloads.total', entry.downloads)} /><span class="number">${number(entry.downloads)}</span></li>`;
  })}</ul></section>`;
}

export function Downloads({ item, releases, query }) {
  const wanted = Number(query.get('days'));
  const span = SPANS.includes(wanted) ? wanted : 90;
  const found = useResource(`/packages/${encodeURIComponent(item.id)}/downloads?days=${span}`);
  if (found.problem?.status === 404 && !found.data) return html`<${Empty} title=${t('downloads.unknown.title')} text=${t('downloads.unknown.text')} />`;
  return html`<label class="choice release-choice"><span>${t('downloads.days')}</span>
      <select name="days" value=${String(span)} onChange=${(event) => setQuery({ days: event.target.value })}>${SPANS.map((days) => html`<option key=${days} value=${String(days)} selected=${days === span}>${t('downloads.lastdays', { days })}</option>`)}</select><${Icon} name="more" /></label>
    <${Shown} resource=${found} lines=${5}>${({ days, perRelease }) => {
    const total = days.reduce((sum, entry) => sum + entry.downloads, 0);
    if (total === 0) return html`<${Empty} title=${t('downloads.none.title')} text=${t('downloads.none.text', { days: days.length })} />`;
    const busiest = days.reduce((best, entry) => (entry.downloads > best.downloads ? entry : best));
    return html`<div class="card panel">
        <p class="big-number">${number(total)}<span>${counted('downloads.total', total).replace(number(total), '').trim()}</span></p>
        <p class="muted small">${t('downloads.busiest')}: ${utcDay(busiest.date)}, ${number(busiest.downloads)}</p>
        <${Plot} days=${days} /></div>
      <${PerRelease} releases=${releases} totals=${perRelease} />
      <details class="figures"><summary>${t('downloads.table')}</summary>
        <table class="data"><thead><tr><th scope="col">${t('downloads.day')}</th><th scope="col" class="number">${t('downloads.count')}</th></tr></thead>
        <tbody>${[...days].reverse().filter((entry) => entry.downloads > 0).map((entry) => html`<tr key=${entry.date}><th scope="row">${entry.date}</th><td class="number">${number(entry.downloads)}</td></tr>`)}</tbody></table></details>`;
  }}</${Shown}>`;
}
