// @ts-check
/** The pages of both apps as HTML, and their defence against forms of other sites. */

/**
 * @param {string} title
 * @param {string} body HTML
 */
export function page(title, body) {
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
label, input { display: block; }
</style>
<main>
<h1>${text(title)}</h1>
${body}
</main>
</html>
`;
}

const FIELDS = {
  username: '<label>Username <input name="username" autocomplete="username" required></label>',
  password:
    '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>',
};

/**
 * A form as HTML.
 * @param {string} action
 * @param {string} button
 * @param {...keyof typeof FIELDS} fields
 */
export function form(action, button, ...fields) {
  const inputs = fields.map((field) => FIELDS[field]).join("\n");
  return `<form method="post" action="${action}">${inputs}<p><button>${text(button)}</button></p></form>`;
}

/** @param {string} written */
function text(written) {
  return written.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Refuses forms that another site sent (CSRF).
 * @param {import("express").Request} req
 * @param {import("express").Response} res
 * @param {import("express").NextFunction} next
 */
export function refuseOtherSites(req, res, next) {
  const site = req.get("Sec-Fetch-Site") ?? "none";
  if (req.method === "POST" && site !== "same-origin" && site !== "none") res.sendStatus(403);
  else next();
}
