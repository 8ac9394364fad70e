// @ts-check
/** Notes: a small app of its own, in which Latchkey does the signing in. Start reading here. */
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
  views: folder("sign-in-views"),
});

const app = express();
app.disable("x-powered-by");
app.set("view engine", "ejs");
app.set("views", folder("views"));
app.locals.link = latchkey.link;

// Before what this app does to its own requests: Latchkey's pages bring their own headers, sessions and body parser.
app.use("/sign-in", latchkey.router);
// Password managers look for it at the root of the host, where Latchkey is not.
app.get("/.well-known/change-password", (_req, res) => res.redirect(303, latchkey.link("/account/password")));

const POLICY = ["default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'"];
app.use((_req, res, next) => {
  res.set("Content-Security-Policy", [...POLICY, "base-uri 'none'", "frame-ancestors 'none'"].join("; "));
  next();
});
app.use(express.static(folder("public")));
// This app's own session: what somebody has begun to write is kept before, while and after they sign in.
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

// Public: it says who is signed in, if anybody is.
app.get("/", async (req, res) => {
  // Or Back would show a name after signing out.
  res.set("Cache-Control", "no-store");
  res.render("home", { account: await latchkey.accountOf(req), draft: req.session.draft ?? "" });
});

app.post("/draft", fromHere, (req, res, next) => {
  req.session.draft = textOf(req);
  // Saved before the browser asks for the next page.
  req.session.save((error) => (error ? next(error) : res.redirect(303, "/notes")));
});

// Signed in. Whoever is not comes back here after signing in; a form that another site sent is refused with 403.
app.get("/notes", latchkey.requireSession(), (req, res) => {
  const { account } = req.latchkey;
  res.render("notes", { account, notes: notesOf(account.id), draft: req.session.draft ?? "" });
});

app.post("/notes", latchkey.requireSession(), (req, res) => {
  addNote(req.latchkey.account.id, textOf(req));
  delete req.session.draft;
  res.redirect(303, "/notes");
});

// Step-up: both factors were proved in the last five minutes, or are asked for again.
const proved = latchkey.requireSession({ maxAge: "5m" });

app.get("/notes/delete-all", proved, (req, res) => {
  const { account } = req.latchkey;
  res.render("delete-all", { account, notes: notesOf(account.id) });
});

app.post("/notes/delete-all", proved, (req, res) => {
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
 * For a form that anybody may send; requireSession asks the same where it stands.
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
 * Of what Latchkey refuses, too: 401 to a program, 403 to another site, 503 while its database does not answer.
 * @param {Error & { status?: number }} error
 * @param {express.Request} _req
 * @param {express.Response} res
 * @param {express.NextFunction} next
 */
function showProblem(error, _req, res, next) {
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  // Too late for a page: Express cuts the connection.
  if (res.headersSent) next(error);
  else res.status(status).render("problem", { account: undefined, status });
}
