/** Walks through the pages and their states, in the order in which a person may meet them. The caller watches the pages. */
import type { Look } from "../../src/app.js";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { aHostsPerson, HOST_USERS } from "./host-walk.js";
import { lockUntilUnlocked } from "./lockout.js";
import { addAccount, codesOn, setUp, setUpWithSheet } from "./sign-in.js";
import { secretOn, type Visitor } from "./visitor.js";
import { theLinks } from "./walk-links.js";
import { HOUR, MINUTE, type World } from "./world.js";
import { nextWrongCode } from "./wrong-codes.js";

interface Walk {
  settings?: Record<string, string>;
  look?: Look;
  walk: (world: World) => Promise<void>;
}

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0";

/** All pages that a browser with this state can open, refused or not. */
async function openAll(visitor: Visitor, paths: readonly string[]): Promise<void> {
  for (const path of paths) await visitor.get(path);
}

const ALL_PAGES = [
  "/",
  "/?next=%2Faccount",
  "/login",
  "/login?next=%2Faccount",
  "/login/2fa",
  "/login/recovery-code",
  "/login/2fa/resync",
  "/logout",
  "/logout?next=%2Faccount",
  "/confirm",
  "/confirm?next=%2Faccount%2Fpassword",
  "/confirm?next=%2F",
  "/account",
  "/account?check=copy",
  "/account/history",
  "/account/history?show=problems",
  "/account/history?page=2",
  "/account/password",
  "/account/recovery-codes",
  "/account/recovery-codes/current",
  "/account/authenticators/new",
  "/dev/authenticator",
  "/no-such-page",
];

const NOTICES = [
  "signed-out",
  "start-again",
  "sign-in",
  "not-carried-out",
  "signed-out-here",
  "cookies-blocked",
  "expired",
  "set-up-expired",
];

/** Password refused, delayed; set-up, refused, locked; recovery codes, their check; signing out and in again. */
async function theWayIn(world: World): Promise<void> {
  const visitor = world.visitor({ "User-Agent": FIREFOX });
  await openAll(visitor, [...ALL_PAGES, ...NOTICES.map((notice) => `/login?notice=${notice}`)]);
  for (let n = 0; n < 7; n++) await visitor.password("test", "wrong");
  world.advance(HOUR);
  await visitor.password();
  await openAll(visitor, ALL_PAGES);
  const secret = await visitor.secret();
  const now = world.now() / 1000;
  const sha256 = totpAt(fromBase32(secret), now, { algorithm: "SHA256", digits: 6, period: 30 });
  for (const code of ["12", "0123-4567-89AB-CDEFG", sha256, nextWrongCode(world, secret)])
    await visitor.code(code);
  for (let n = 0; n < 5; n++) await visitor.code(nextWrongCode(world, secret));
  await openAll(visitor, ALL_PAGES);
  world.advance(2 * MINUTE);
  await visitor.code(world.code(secret));
  const codes = codesOn((await visitor.get("/account/recovery-codes/current")).text);
  await openAll(visitor, ALL_PAGES);
  await visitor.post("/account/recovery-codes/proof", { recovery_code: "nonsense" });
  await visitor.post("/account/recovery-codes/proof", { recovery_code: "123456" });
  await visitor.post("/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" });
  await openAll(visitor, ALL_PAGES);
  await visitor.post("/account/recovery-codes/later");
  await visitor.post("/account/recovery-codes/proof", { recovery_code: "nonsense" });
  await visitor.post("/logout");

  world.advance(MINUTE);
  await visitor.password();
  await openAll(visitor, ALL_PAGES);
  for (let n = 0; n < 6; n++) await visitor.code(nextWrongCode(world, secret));
  await openAll(visitor, ALL_PAGES);
  world.advance(2 * MINUTE);
  await lockUntilUnlocked(world);
  await openAll(visitor, ALL_PAGES);
  await visitor.post("/no-such-page");
  await visitor.post("/account");
  await visitor.agent
    .post("/login")
    .set("Sec-Fetch-Site", "cross-site")
    .type("form")
    .send({ username: "test" });
  await visitor.agent.post("/login").type("json").send({ username: "test" });
  await visitor.post("/login", { username: "x".repeat(70_000) });
}

/** A recovery code at sign-in, few codes left, the lost app replaced, new codes. */
async function aLostPhone(world: World): Promise<void> {
  const visitor = world.visitor({ "User-Agent": FIREFOX });
  const { codes } = await setUpWithSheet(world, visitor);
  for (const code of codes.slice(0, 8)) {
    const other = world.visitor({ "User-Agent": FIREFOX });
    await other.password();
    await other.get("/login/recovery-code");
    await other.recoveryCode("nonsense");
    await other.recoveryCode(code);
    await openAll(other, ALL_PAGES);
  }
  await visitor.get("/account");
  const other = world.visitor();
  await other.password();
  await other.recoveryCode(codes[8] ?? "");
  const last = world.visitor({ "User-Agent": FIREFOX });
  await last.password();
  await last.recoveryCode(codes[9] ?? "");
  await openAll(last, ALL_PAGES);
  const home = await other.get("/");
  const replace = /\/account\/authenticators\/new\?replaces=[^"]+/.exec(home.text)?.[0] ?? "";
  const page = await other.get(replace);
  const secret = secretOn(page.text);
  await other.post(replace, { name: "Pixel 9".repeat(20), otp: world.code(secret) });
  await other.post(replace, { name: "Pixel 9", otp: nextWrongCode(world, secret) });
  await other.post(replace, { name: "Pixel 9", otp: world.code(secret) });
  await openAll(other, ALL_PAGES);
  await other.post("/account/recovery-codes", { sheet: "2" });
  await openAll(other, ALL_PAGES);
  await other.post("/account/recovery-codes/later");
  await other.post("/account/recovery-codes/proof", { recovery_code: "nonsense" });

  const account = await other.get("/account");
  await other.get(/\/account\/authenticators\/new\?replaces=[^"]+/.exec(account.text)?.[0] ?? "");
  const third = world.visitor();
  await third.password();
  await third.get("/login/2fa");
}

/** The last recovery code spent, with two apps; and an account that has none, as in a database of the first version. */
async function noCodes(world: World): Promise<void> {
  const visitor = world.visitor({ "User-Agent": FIREFOX });
  const { codes } = await setUpWithSheet(world, visitor);
  const secret = secretOn((await visitor.get("/account/authenticators/new")).text);
  await visitor.post("/account/authenticators/new", { name: "KeePassXC", otp: world.code(secret) });
  for (const code of codes) {
    const other = world.visitor();
    await other.password();
    await other.recoveryCode(code);
  }
  const account = await visitor.get("/account");
  await visitor.get(/\/account\/authenticators\/[^/]+\/remove/.exec(account.text)?.[0] ?? "");
  await openAll(visitor, ALL_PAGES);
  Object.assign(world.store.recoveryCodes, { sheetOf: () => Promise.resolve(undefined) });
  await openAll(visitor, ALL_PAGES);
}

/** The demo authenticator in all its states, and a failure of ours. */
async function aDeveloper(world: World): Promise<void> {
  const visitor = world.visitor();
  await visitor.get("/dev/authenticator");
  const secret = await setUp(world, visitor);
  await visitor.post("/logout");
  await visitor.password();
  await visitor.code(world.code(secret, 1));
  await visitor.get("/dev/authenticator");
  await world.auth.resetSecondFactor("test");
  Object.assign(world.config, { demo: "off" });
  await visitor.get("/dev/authenticator");
  await world.auth.removeAccount("test");
  await visitor.get("/dev/authenticator");
  Object.assign(world.config, { demo: "loopback" });
  await visitor.get("/dev/authenticator");
  Object.assign(world.auth, { startLogin: () => Promise.reject(new Error("a bug")) });
  await visitor.password();
}

/** Several apps, sessions and trusted browsers; renaming, removing; the password; step-up, refused and locked. */
async function theAccount(world: World): Promise<void> {
  const visitor = world.visitor({ "User-Agent": FIREFOX });
  const first = await setUp(world, visitor);
  const secret = secretOn((await visitor.get("/account/authenticators/new")).text);
  await visitor.post("/account/authenticators/new", { name: "KeePassXC", otp: world.code(secret) });
  for (const agent of [FIREFOX, "", "curl/8"]) {
    const other = world.visitor({ "User-Agent": agent });
    await other.password();
    await other.get("/login/2fa");
    world.advance(MINUTE);
    await other.code(world.code(secret), { trust_device: "on" });
    await other.post("/logout");
    await other.password();
    await openAll(other, ["/", "/account"]);
  }
  const account = await visitor.get("/account");
  const ids = [...account.text.matchAll(/authenticators\/([^/"]+)\/remove/g)].map(([, id = ""]) => id);
  for (const id of ids) {
    await openAll(visitor, [`/account?rename=${id}`, `/account/authenticators/${id}/remove`]);
    await visitor.post(`/account/authenticators/${id}/rename`, { name: "" });
  }
  await visitor.post("/account/password", {
    current_password: "wrong",
    new_password: "correct horse battery staple",
  });
  await visitor.post("/account/password", { current_password: "password", new_password: "short" });
  await visitor.post(`/account/authenticators/${ids[0]}/remove`);
  for (const id of ids) await visitor.get(`/account/authenticators/${id}/remove`);
  for (let line = 0; line < 60; line++) await world.auth.updateAccount("test", { name: `Tess ${line}` });
  await openAll(visitor, ALL_PAGES);

  world.advance(20 * MINUTE);
  await openAll(visitor, ALL_PAGES);
  await visitor.confirm("wrong", world.code(secret));
  await visitor.confirm("password", nextWrongCode(world, first, secret));
  await openAll(visitor, ["/confirm"]);
  await visitor.post("/confirm", { recovery_code: "nonsense", password: "password" });
  for (let n = 0; n < 5; n++) await visitor.confirm("password", nextWrongCode(world, first, secret));
  await openAll(visitor, ALL_PAGES);
  await lockUntilUnlocked(world);
  await openAll(visitor, ["/confirm"]);
}

/** RESYNC=on, with an app whose clock is behind. */
async function aWrongClock(world: World): Promise<void> {
  const visitor = world.visitor({ "User-Agent": FIREFOX });
  const secret = await setUp(world, visitor);
  await visitor.post("/logout");
  world.advance(HOUR);
  await visitor.password();
  await visitor.code(world.code(secret, -5));
  await openAll(visitor, ["/login/2fa/resync"]);
  await visitor.post("/login/2fa/resync", { otp: "1", otp_next: "2" });
  for (let n = 0; n < 5; n++) {
    await visitor.post("/login/2fa/resync", {
      otp: nextWrongCode(world, secret),
      otp_next: nextWrongCode(world, secret),
    });
  }
  for (const minutes of [1, 2, 4]) {
    world.advance(minutes * MINUTE);
    await visitor.code(nextWrongCode(world, secret));
  }
  await openAll(visitor, ["/login/2fa/resync", "/login/2fa"]);
  world.advance(8 * MINUTE);
  await visitor.password();
  await visitor.post("/login/2fa/resync", { otp: world.code(secret, -5), otp_next: world.code(secret, -4) });
  await openAll(visitor, ["/account"]);
}

/** Behind a proxy for several apps, without trusted browsers, with somebody to contact. */
async function appsBehind(world: World): Promise<void> {
  await addAccount(world, "alice");
  const visitor = world.visitor({ "User-Agent": FIREFOX, Host: "sign-in.example.org" });
  await openAll(visitor, ALL_PAGES);
  await visitor.password("alice", "correct horse battery");
  await openAll(visitor, ALL_PAGES);
  const secret = await visitor.secret();
  await visitor.code(world.code(secret));
  await openAll(visitor, ALL_PAGES);
  await visitor.get("/auth/verify?methods=other");
}

export const WALKS: Record<string, Walk> = {
  "the way in": { walk: theWayIn },
  "a lost phone": { walk: aLostPhone },
  "no recovery codes": { walk: noCodes },
  "the demo authenticator": { walk: aDeveloper },
  "the account": { walk: theAccount },
  "one-time links": { settings: { DEMO: "off" }, walk: theLinks },
  "a wrong clock": { settings: { RESYNC: "on", CONTACT: "help@example.org" }, walk: aWrongClock },
  "apps behind a proxy": {
    settings: {
      BASE_URL: "http://sign-in.example.org",
      COOKIE_DOMAIN: "example.org",
      ALLOWED_HOSTS: "wiki.example.org",
      TRUSTED_DEVICE: "0",
      SESSION_MAX: "1h",
      DEMO: "off",
    },
    walk: appsBehind,
  },
  "a host that checks passwords": {
    settings: { DEMO: "off" },
    look: { users: HOST_USERS },
    walk: aHostsPerson,
  },
  "a host's sign-up": {
    look: { signUpUrl: "/sign-up" },
    walk: (world) => openAll(world.visitor(), ["/login"]),
  },
};
