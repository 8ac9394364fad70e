// @ts-check
/** The frame of this app's pages. */

module.exports = { page, text };

/**
 * @param {string} title
 * @param {string} body HTML
 */
function page(title, body) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<style>
body { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui; }
body { background: light-dark(#fff, #16181c); color: light-dark(#1c1c1c, #ececec); }
a { color: light-dark(#0a4fb3, #9ec5ff); }
</style>
<main>
<h1>${text(title)}</h1>
${body}
</main>
</html>
`;
}

/**
 * Escapes what people wrote.
 * @param {string} written
 */
function text(written) {
  return written.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
