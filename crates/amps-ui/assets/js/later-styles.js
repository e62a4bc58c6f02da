// The styles of all pages but the first: put into the page once, when one of them is gone to.
let styles = null;

/** Settles when they are there, or cannot be had. */
export function laterStyles() {
  styles ??= new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL('../later.css', import.meta.url).href;
    link.onload = resolve;
    link.onerror = () => { link.remove(); styles = null; reject(new Error('no styles')); };
    document.head.append(link);
  });
  return styles;
}
