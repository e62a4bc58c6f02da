// The certificates that the server works with, and for how long they hold.
import { html } from '../../html.js';
import { useResource } from '../../resource.js';
import { addTexts, hasText, t } from '../../strings.js';
import { day, exact } from '../../format.js';
import { subjectName, visibleText } from '../../words.js';
import { CopyButton } from '../../parts/copy.js';
import { Empty, Shown } from '../../parts/states.js';
import { Icon } from '../../parts/icons.js';
import { Words } from '../../parts/words.js';
import { ManagePage } from '../../manage/area.js';
import { StandingBadge } from '../../manage/standing.js';

/** In this order; what the API has no word for here comes last. */
const PURPOSES = ['storeSigning', 'developerVerification', 'developerRevocationList', 'tls', 'tlsClientVerification'];

addTexts({
  'certificates.storeSigning': 'The store signs with',
  'certificates.storeSigning.why': 'What devices download is signed with its key, and devices must trust it. Renew it before it ends.',
  'certificates.developerVerification': 'Developers are verified with',
  'certificates.developerVerification.why': 'Only packages whose developer has a certificate of these authorities are taken.',
  'certificates.developerRevocationList': 'Revoked developers',
  'certificates.developerRevocationList.why': 'Lists of certificates that count no more. Get a new one before it is out of date.',
  'certificates.tls': 'Connections are encrypted with',
  'certificates.tls.why': 'What the server shows to those who speak TLS with it. It is read again when its file changes.',
  'certificates.tlsClientVerification': 'Clients are recognised with',
  'certificates.tlsClientVerification.why': 'Devices show a certificate of these authorities.',
  'certificates.until': 'Until',
  'certificates.from': 'From',
  'certificates.sha256': 'SHA-256',
  'certificates.store.off': 'The store signs nothing: downloads are as developers have signed them.',
  'certificates.developers.off': 'Developers are not verified: whoever may upload is believed.',
  'certificates.none.title': 'No certificates',
  'certificates.none.text': 'This server signs nothing, verifies nobody and does not speak TLS itself.',
});

const Certificate = ({ certificate }) => html`<li class="certificate">
  <div class="certificate-head"><p class="certificate-name" title=${visibleText(certificate.subject)}><${Words} text=${subjectName(certificate.subject)} cut=${100} /></p>
    <${StandingBadge} from=${certificate.notBefore} until=${certificate.notAfter} /></div>
  ${subjectName(certificate.subject) !== certificate.subject && html`<p class="muted small"><${Words} text=${certificate.subject} cut=${300} /></p>`}
  <dl class="certificate-facts">
    ${certificate.notBefore && html`<div><dt>${t('certificates.from')}</dt><dd><time datetime=${certificate.notBefore} title=${exact(certificate.notBefore)}>${day(certificate.notBefore)}</time></dd></div>`}
    <div><dt>${t('certificates.until')}</dt><dd><time datetime=${certificate.notAfter} title=${exact(certificate.notAfter)}>${day(certificate.notAfter)}</time></dd></div>
    ${certificate.sha256 && html`<div class="certificate-hash"><dt>${t('certificates.sha256')}</dt><dd><span class="hash"><code dir="ltr">${certificate.sha256}</code><${CopyButton} text=${certificate.sha256} /></span></dd></div>`}
  </dl></li>`;

function Groups({ server }) {
  const { certificates, settings } = server;
  if (certificates.length === 0) return html`<${Empty} drawing="locked" title=${t('certificates.none.title')} text=${t('certificates.none.text')} />`;
  const purposes = [...PURPOSES, ...new Set(certificates.map((one) => one.purpose).filter((purpose) => !PURPOSES.includes(purpose)))];
  const groups = purposes.map((purpose) => [purpose, certificates.filter((one) => one.purpose === purpose)]).filter(([, all]) => all.length > 0);
  return html`<div class="certificate-groups">${groups.map(([purpose, all]) => html`<section key=${purpose} class="card panel"><h2><${Icon} name="shield" />${hasText(`certificates.${purpose}`) ? t(`certificates.${purpose}`) : purpose}</h2>
      ${hasText(`certificates.${purpose}.why`) && html`<p class="muted">${t(`certificates.${purpose}.why`)}</p>`}
      <ul class="certificate-list">${all.map((certificate) => html`<${Certificate} key=${certificate.sha256 + certificate.subject} certificate=${certificate} />`)}</ul></section>`)}
    ${!settings.signsDownloads && html`<p class="muted">${t('certificates.store.off')}</p>`}
    ${!settings.verifiesDevelopers && html`<p class="muted">${t('certificates.developers.off')}</p>`}</div>`;
}

function Content() {
  const found = useResource('/server');
  return html`<${Shown} resource=${found} lines=${6}>${(server) => html`<${Groups} server=${server} />`}</${Shown}>`;
}

export default function Certificates() {
  return html`<${ManagePage} name="certificates"><${Content} /></${ManagePage}>`;
}
