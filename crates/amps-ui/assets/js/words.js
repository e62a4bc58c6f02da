// Text that comes from packages: which language to show, and how to show what cannot be seen.

/** Characters that are invisible or turn text around (Unicode's bidirectional controls, zero widths, C0 and C1). */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/u;

/** Splits text into what can be shown as it is and what is shown by its number: `[{ text }, { hidden: 'U+202E' }]`. */
export function visible(given) {
  const text = String(given);
  // Nearly all is.
  if (!HIDDEN.test(text)) return [{ text }];
  const parts = [];
  let plain = '';
  for (const character of text) {
    if (!HIDDEN.test(character)) { plain += character; continue; }
    if (plain) parts.push({ text: plain });
    plain = '';
    parts.push({ hidden: `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}` });
  }
  if (plain) parts.push({ text: plain });
  return parts;
}

/** The same as one string, for titles and labels. */
export const visibleText = (text) => visible(text).map((part) => part.text ?? `[${part.hidden}]`).join('');

const wanted = () => [...(navigator.languages ?? ['en']), 'en', 'en_US'];

/** The entry of a map by language that suits the reader; null if there is none. */
export function inLanguage(map) {
  const entries = Object.entries(map ?? {}).filter(([, text]) => typeof text === 'string' && text.trim() !== '');
  const simple = (language) => language.replace('_', '-').toLowerCase();
  for (const language of wanted()) {
    const name = simple(language);
    const found = entries.find(([key]) => simple(key) === name)
      ?? entries.find(([key]) => simple(key).split('-')[0] === name.split('-')[0]);
    if (found) return { language: found[0].replace('_', '-'), text: found[1] };
  }
  return entries[0] ? { language: entries[0][0].replace('_', '-'), text: entries[0][1] } : null;
}

/** What a package is called: its name for this reader, else its id. */
export const nameOf = (thing) => inLanguage(thing.names) ?? { language: undefined, text: thing.id };

const languageNames = (() => {
  try { return new Intl.DisplayNames(['en'], { type: 'language' }); } catch { return null; }
})();
/** What a language is called. */
export function languageName(code) {
  try { return languageNames?.of(code.replace('_', '-')) ?? code; } catch { return code; }
}

/** The name in a certificate's subject (RFC 4514): its CN, else O, else the whole. */
export function subjectName(subject) {
  const text = String(subject ?? '');
  const value = (key) => text.match(new RegExp(`(?:^|,|\\+)\\s*${key}=((?:\\\\.|[^,+\\\\])*)`, 'i'))?.[1]
    ?.replace(/\\([0-9a-f]{2}|.)/gi, (whole, escaped) => (escaped.length === 2 ? whole : escaped)).trim();
  return value('CN') || value('O') || text;
}
