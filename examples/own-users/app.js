// @ts-check
/** The app with Latchkey in it: its people keep their passwords, and turn a second factor on if they want. before.js is without. */
import { randomBytes } from "node:crypto";
import { compare, hash } from "@node-rs/bcrypt";
import { DatabaseSync } from "@photostructure/sqlite";
import express from "express";
import session from "express-session";
import { createLatchkey } from "latchkey";
import passport from "passport";
import { Strategy } from "passport-local";
import { form, page, refuseOtherSites } from "./pages.js";

const db = new DatabaseSync(process.env.USERS_FILE ?? "users.sqlite");
// `autoincrement`: an id is never given again, even after somebody leaves.
const columns = "id integer primary key autoincrement, username text unique not null, hash text not null";
db.exec(`create table if not exists users (${columns})`);

/** @type {(column: "id" | "username", value: string | number) => Express.User | undefined} */
const userBy = (column, value) =>
  /** @type {any} */ (db.prepare(`select * from users where ${column} = ?`).get(value));

/** The hash of a password that nobody has: an unknown name takes as long as a known one. */
const nobodys = await hash(randomBytes(32).toString("hex"));

/** @type {(username: string, password: string) => Promise<Express.User | false>} */
async function userWith(username, password) {
  const user = userBy("username", username);
  return (await compare(password, user?.hash ?? nobodys)) && user !== undefined && user;
}

passport.use(
  new Strategy((username, password, done) => {
    userWith(String(username), String(password)).then((user) => done(null, user), done);
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((/** @type {number} */ id, done) => done(null, userBy("id", id) ?? false));

/** Checks the username and password that a form holds; `req.user` is then whose they are. @param {string} failureRedirect */
const passwordChecked = (failureRedirect) =>
  passport.authenticate("local", { session: false, failureRedirect });

/** @type {(req: express.Request, user?: Express.User) => Promise<void>} */
const openSession = (req, user) =>
  new Promise((resolve, reject) => {
    if (user) req.login(user, (error) => (error ? reject(error) : resolve()));
    else reject(new Error("There is no such user any more."));
  });

const app = express();
const secret = process.env.SESSION_SECRET ?? randomBytes(32).toString("hex");
app.use(
  session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: "lax", secure: "auto" } }),
);
app.use(passport.session());
app.use(express.urlencoded(), refuseOtherSites);

const latchkey = await createLatchkey({
  name: "Own users",
  onSignIn: (req, _res, { account }) => openSession(req, userBy("id", Number(account.externalId))),
});
app.all("/2fa/login", (_req, res) => res.redirect(303, "/sign-in"));
app.use("/2fa", latchkey.router);

app.get("/", ({ user }, res) => {
  if (user) res.send(page(`Hello ${user.username}`, '<p><a href="/settings">Settings</a></p>'));
  else res.send(page("Welcome", '<p><a href="/sign-in">Sign in</a> or <a href="/sign-up">sign up</a></p>'));
});

app.get("/sign-up", ({ query }, res) => {
  const advice =
    "refused" in query ? "<p>Choose another name, and a password of 8 to 72 characters.</p>" : "";
  res.send(page("Sign up", advice + form("/sign-up", "Sign up", "username", "password")));
});
app.post("/sign-up", async (req, res) => {
  const { username, password } = req.body ?? {};
  const isUsable = /^[a-z0-9]{1,30}$/.test(username) && /^[!-~ ]{8,72}$/.test(password);
  if (!isUsable || userBy("username", username)) return res.redirect(303, "/sign-up?refused");
  db.prepare("insert into users (username, hash) values (?, ?)").run(username, await hash(password));
  await openSession(req, userBy("username", username));
  res.redirect(303, "/");
});

/** @param {express.Request} req */
const advice = ({ query }) => ("refused" in query ? "<p>That username and password don’t match.</p>" : "");

app.get("/sign-in", (req, res) => {
  res.send(page("Sign in", advice(req) + form("/sign-in", "Sign in", "username", "password")));
});
app.post("/sign-in", passwordChecked("/sign-in?refused"), async (req, res) => {
  const account = await latchkey.accounts.find({ externalId: String(req.user?.id) });
  if (req.user && account?.hasSecondFactor) return latchkey.startSecondFactor(req, res, req.user);
  await openSession(req, req.user);
  res.redirect(303, "/");
});

app.get("/settings", async (req, res) => {
  if (!req.user) return res.redirect(303, "/sign-in");
  const account = await latchkey.accounts.find({ externalId: String(req.user.id) });
  const secondFactor = account?.hasSecondFactor
    ? `<p><a href="${latchkey.link("/account")}">Your app and codes</a></p>${form("/second-factor/off", "Turn off")}`
    : advice(req) + form("/second-factor/on", "Turn on a second factor", "username", "password");
  res.send(page("Settings", secondFactor + form("/sign-out", "Sign out")));
});
app.post("/second-factor/on", passwordChecked("/settings?refused"), async (req, res) => {
  if (req.user) await latchkey.startSecondFactor(req, res, req.user, { next: "/settings" });
});
app.post("/second-factor/off", latchkey.requireSession({ maxAge: "5m" }), async (req, res) => {
  await latchkey.accounts.resetSecondFactor(req.latchkey.account.id, { withoutLink: true });
  res.redirect(303, "/settings");
});
app.post("/sign-out", async (req, res, next) => {
  await latchkey.signOut(req, res);
  req.logout((error) => (error ? next(error) : res.redirect(303, "/")));
});

const port = Number(process.env.PORT ?? 3000);
const server = app.listen(port, "127.0.0.1", () => console.log(`The app is at http://127.0.0.1:${port}`));
process.once("SIGTERM", () => server.close(() => latchkey.close()));
