/**
 * Peer: the tutorial from which Latchkey began, ported to Express as one would in an afternoon. It has a form for the password,
 * then a page that generates a secret, shows it and takes a code for it; each reports its result in a flash message. As in the
 * tutorial, the secret travels through the form, nothing stores who is signed in, and no attempt is counted. Two things are
 * better than in the tutorial, so that the comparison is not with its mistakes: it accepts a code one step either side, and
 * with USERS it hashes passwords.
 *
 * USERS: a JSON file of name → argon2id hash; without it there is one user, defined below. HASHES_AT_ONCE: the number of
 * concurrent hashes; unset, there is no limit.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import flash from "connect-flash";
import express from "express";
import session from "express-session";
import { generateSecret, verifySync } from "otplib";

const { PORT, USERS, HASHES_AT_ONCE } = process.env;
const here = path.dirname(fileURLToPath(import.meta.url));
const bootstrap = path.dirname(createRequire(import.meta.url).resolve("bootstrap/package.json"));
const isRight = USERS ? await hashedPasswords(USERS, Number(HASHES_AT_ONCE ?? Infinity)) : onePassword;

const app = express();
app.set("view engine", "ejs");
app.set("views", path.join(here, "views"));
app.use("/static/bootstrap", express.static(path.join(bootstrap, "dist")));
app.use(express.urlencoded({ extended: false }));
app.use(session({ secret: "APP_SECRET_KEY", resave: false, saveUninitialized: true }));
app.use(flash());

app.get("/", (_req, res) => res.send("<h1>Hello World!</h1>"));

app.get("/login", (req, res) => res.render("login", { messages: req.flash() }));

app.post("/login", async (req, res) => {
  const { username, password } = req.body;
  if (await isRight(username, password)) return res.redirect("/login/2fa");
  req.flash("danger", "You have supplied invalid login credentials!");
  res.redirect("/login");
});

app.get("/login/2fa", (req, res) => {
  res.render("login-2fa", { messages: req.flash(), secret: generateSecret() });
});

app.post("/login/2fa", (req, res) => {
  const { secret, otp } = req.body;
  if (verifySync({ secret, token: otp, epochTolerance: 30 }).valid) {
    req.flash("success", "The TOTP 2FA token is valid");
  } else {
    req.flash("danger", "You have supplied an invalid 2FA token!");
  }
  res.redirect("/login/2fa");
});

app.listen(Number(PORT), "127.0.0.1");

function onePassword(username, password) {
  return username === "test" && password === "password";
}

async function hashedPasswords(file, atOnce) {
  const { verify } = await import("@node-rs/argon2");
  const users = new Map(Object.entries(JSON.parse(readFileSync(file, "utf8"))));
  const waiting = [];
  let running = 0;

  return async function isRight(username, password) {
    const hash = users.get(username);
    if (hash === undefined) return false;
    if (running < atOnce) running++;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await verify(hash, password);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
