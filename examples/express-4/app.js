// @ts-check
/** Guest book: an Express 4 app in CommonJS that uses Latchkey for its sign-in. Start reading here. */
const express = require("express");
const { createLatchkey } = require("latchkey");
const { page, text } = require("./page.js");

/** @type {{ by: string, text: string }[]} */
const entries = [];

// CommonJS has no top-level await.
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

async function main() {
  const latchkey = await createLatchkey({ name: "Guest book" });
  const app = express();
  app.disable("x-powered-by");

  // Before this app's own middleware: Latchkey's pages have their own headers, sessions and body parser.
  app.use("/sign-in", latchkey.router);
  app.use(express.urlencoded({ extended: false }));

  // Express 4 does not pass a rejection on: an async handler needs `catch(next)`. Latchkey's own guards do that themselves.
  app.get("/", (req, res, next) => {
    latchkey
      .accountOf(req)
      .then((account) => {
        // Otherwise the Back button would show a name after signing out.
        res.set("Cache-Control", "no-store");
        res.send(page("Guest book", startPage(account?.username, latchkey.link)));
      })
      .catch(next);
  });

  // For signed-in people. Others sign in first and then return here; a form sent by another site is refused with 403 (CSRF).
  app.get("/write", latchkey.requireSession(), (req, res) => {
    res.send(page("Write in the book", writePage(req.latchkey.account.username)));
  });

  app.post("/write", latchkey.requireSession(), (req, res) => {
    const written = typeof req.body.text === "string" ? req.body.text.trim().slice(0, 500) : "";
    if (written !== "") entries.unshift({ by: req.latchkey.account.username, text: written });
    res.redirect(303, "/");
  });

  app.use(latchkey.notFound);
  app.use(showProblem);

  const port = Number(process.env.PORT ?? 3000);
  const server = app.listen(port, "127.0.0.1", () =>
    console.log(`Guest book is at http://127.0.0.1:${port}`),
  );
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.once(signal, () => {
      latchkey.drain();
      server.close(() => latchkey.close());
    });
  }
}

/**
 * @param {string | undefined} username
 * @param {(path: string) => string} link
 */
function startPage(username, link) {
  const list = entries.map((entry) => `<li>${text(entry.text)} <small>by ${text(entry.by)}</small></li>`);
  const who = username
    ? `<form method="post" action="${link("/logout?next=/")}">Signed in as ${text(username)}. <button>Sign out</button></form>`
    : "";
  return `<ul>${list.join("")}</ul><p><a href="/write">Write in the book</a></p>${who}`;
}

/** @param {string} username */
function writePage(username) {
  return `<form method="post"><label>As ${text(username)}: <input name="text" maxlength="500" required></label>
<button>Write</button></form>`;
}

/**
 * Shows errors, including Latchkey's: 401 for a program, 403 for another site, 503 while its database does not answer.
 * @param {Error & { status?: number }} error
 * @param {import("express").Request} _req
 * @param {import("express").Response} res
 * @param {import("express").NextFunction} next
 */
function showProblem(error, _req, res, next) {
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  // Too late for a page; Express closes the connection.
  if (res.headersSent) next(error);
  else res.status(status).send(page(status === 401 ? "Sign in first" : "That did not work", ""));
}
