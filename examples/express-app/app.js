// @ts-check
/** Notes: a small Express app that uses Latchkey for its sign-in. Start reading here. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import express from "express";
import session from "express-session";
import { createLatchkey } from "latchkey";
import { addNote, deleteNotes, notesOf } from "./notes.js";

/** @param {string} name */
const folder = (name) => fileURLToPath(new URL(name, import.meta.url));

const latchkey = await createLatchkey({
  name: "Notes",
  colours: { accent: "#9a3412" },
  mark: "/icon.svg",
  views: folder("sign-in-views"),
});

const app = express();
app.disable("x-powered-by");
app.set("view engine", "ejs");
app.set("views", folder("views"));
app.locals.link = latchkey.link;

// Before this app's own middleware: Latchkey's pages have their own headers, sessions and body parser.
app.use("/sign-in", latchkey.router);
// Password managers look for this address at the root of the host, but Latchkey is mounted under /sign-in.
app.get("/.well-known/change-password", (_req, res) => res.redirect(303, latchkey.link("/account/password")));

const POLICY = ["default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'"];
app.use((_req, res, next) => {
  res.set("Content-Security-Policy", [...POLICY, "base-uri 'none'", "frame-ancestors 'none'"].join("; "));
  next();
});
app.use(express.static(folder("public")));
// This app's own session keeps a draft before, during and after the sign-in.
app.use(
  session({
    name: "notes",
    secret: process.env.NOTES_SECRET ?? randomBytes(32).toString("hex"),
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: "lax", secure: "auto" },
  }),
);
app.use(express.urlencoded());

// A public page, which shows who is signed in, if anyone is.
app.get("/", async (req, res) => {
  // Otherwise the Back button would show a name after signing out.
  res.set("Cache-Control", "no-store");
  res.render("home", { account: await latchkey.accountOf(req), draft: req.session.draft ?? "" });
});

app.post("/draft", fromHere, (req, res, next) => {
  req.session.draft = textOf(req);
  // Saves the session before the browser requests the next page.
  req.session.save((error) => (error ? next(error) : res.redirect(303, "/notes")));
});

// For signed-in people. Others sign in first and then return here; a form sent by another site is refused with 403 (CSRF).
app.get("/notes", latchkey.requireSession(), (req, res) => {
  const { account } = req.latchkey;
  res.render("notes", { account, notes: notesOf(account.id), draft: req.session.draft ?? "" });
});

app.post("/notes", latchkey.requireSession(), (req, res) => {
  addNote(req.latchkey.account.id, textOf(req));
  delete req.session.draft;
  res.redirect(303, "/notes");
});

// Step-up: asks for both factors again, unless they were proved in the last five minutes.
const steppedUp = latchkey.requireSession({ maxAge: "5m" });

app.get("/notes/delete-all", steppedUp, (req, res) => {
  const { account } = req.latchkey;
  res.render("delete-all", { account, notes: notesOf(account.id) });
});

app.post("/notes/delete-all", steppedUp, (req, res) => {
  deleteNotes(req.latchkey.account.id);
  res.redirect(303, "/notes");
});

app.use(latchkey.notFound);
app.use(showProblem);

const port = Number(process.env.PORT ?? 3000);
const server = app.listen(port, "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`Notes is at http://127.0.0.1:${port}`);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    latchkey.drain();
    server.close(() => latchkey.close());
  });
}

/**
 * Refuses a form that another site sent (CSRF), on routes without requireSession, which does the same.
 * @param {express.Request} req
 * @param {express.Response} res
 * @param {express.NextFunction} next
 */
function fromHere(req, res, next) {
  const site = req.get("Sec-Fetch-Site") ?? "none";
  if (site === "same-origin" || site === "none") next();
  else res.sendStatus(403);
}

/** @param {express.Request} req */
function textOf(req) {
  const text = req.body?.text;
  return typeof text === "string" ? text.trim().slice(0, 2_000) : "";
}

/**
 * Shows errors, including Latchkey's: 401 for a program, 403 for another site, 503 while its database does not answer.
 * @param {Error & { status?: number }} error
 * @param {express.Request} _req
 * @param {express.Response} res
 * @param {express.NextFunction} next
 */
function showProblem(error, _req, res, next) {
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  // Too late for a page; Express closes the connection.
  if (res.headersSent) next(error);
  else res.status(status).render("problem", { account: undefined, status });
}
