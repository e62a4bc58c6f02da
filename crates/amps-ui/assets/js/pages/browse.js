// What is there: search, filters and the list. Everything that is chosen stands in the address.
import { html } from '../html.js';
import { query as queryOf } from '../api.js';
import { useListing } from '../listing.js';
import { counted, t } from '../strings.js';
import { setQuery, usePlace } from '../router.js';
import { Page } from '../parts/page.js';
import { Empty, Failure, Skeleton, Stale } from '../parts/states.js';
import { More } from '../parts/more.js';
import { Filters, FILTERS } from '../parts/filters.js';
import { PackageTable } from '../parts/package-table.js';
import { NothingYet } from '../parts/nothing-yet.js';
import { DropAnywhere } from '../parts/drop-anywhere.js';

/** Packages at a time. */
const STEP = 50;
/** What the address calls an order, and what the API does. */
const ORDERS = {
  id: {},
  name: { sort: 'name' },
  uploadedAt: { sort: 'uploadedAt', descending: 'true' },
  sizeBytes: { sort: 'sizeBytes', descending: 'true' },
};

export default function Browse() {
  const { query } = usePlace();
  const chosen = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? '']));
  const isFiltered = Object.values(chosen).some(Boolean);
  const order = ORDERS[query.get('sort')] ?? {};
  const listing = useListing(`/packages${queryOf({ ...chosen, ...order })}`, STEP);
  const { data, problem, loading, slow, reload, items, total } = listing;
  const isEmptyStore = data && total === 0 && !isFiltered;

  const count = data ? counted(isFiltered ? 'browse.found' : 'browse.count', total) : '';
  const content = () => {
    if (!data) return problem ? html`<${Failure} problem=${problem} reload=${reload} />` : html`<${Skeleton} lines=${8} slow=${slow} />`;
    if (isEmptyStore) return html`<${NothingYet} />`;
    if (total === 0) {
      const clear = () => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ''])), { replace: false });
      return html`<${Empty} drawing="search" title=${t('browse.none.title')} text=${t('browse.none.text')}><button class="button" onClick=${clear}>${t('browse.clear')}</button></${Empty}>`;
    }
    return html`<${PackageTable} packages=${items} /><${More} listing=${listing} />`;
  };
  return html`<${DropAnywhere}><${Page} title=${t('browse.title')} class="browse"
      lead=${html`<span class="count" role="status" aria-live="polite">${count}</span>`}>
    ${!isEmptyStore && html`<${Filters} chosen=${chosen} sort=${query.get('sort') ?? 'id'} />`}
    ${data && problem && html`<${Stale} problem=${problem} reload=${reload} />`}
    <div class=${`results ${loading ? 'loading' : ''}`} aria-busy=${loading}>${content()}</div>
  </${Page}></${DropAnywhere}>`;
}
