/** The first use of modules and views in a running server: they are loaded before it, and a failed load is tried again. */
import { cpSync, existsSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { codeOf } from "./support/by-the-clock.js";
import { latchkey } from "./support/latchkey-command.js";
import { newFolder } from "./support/new-folder.js";
import { randomBytes } from "./support/random.js";
import { freePort, productionOn, start } from "./support/server-process.js";
import { CURRENT_CODES } from "./support/sign-in.js";
import { Visitor } from "./support/visitor.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const [OLD, NEW] = ["a quiet orange harbour", "umbrella drawer kettle"];

/**
 * Preloaded before the server's own modules: reports each module that is loaded, and fails like a process without file handles
 * until told otherwise.
 */
const PRELOAD = `
const Module = require("node:module");
const { existsSync } = require("node:fs");
const load = Module._load;
Module._load = function (request, ...rest) {
  if (!request.startsWith("@zxcvbn-ts")) return load.call(this, request, ...rest);
  const isAllowed = existsSync(process.env.ALLOWED);
  process.stderr.write((isAllowed ? "loads " : "cannot load ") + request + "\\n");
  if (!isAllowed) throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
  return load.call(this, request, ...rest);
};`;

async function serverWith(allowed: boolean) {
  const folder = newFolder({ "preload.cjs": PRELOAD });
  const ALLOWED = path.join(folder, "allowed");
  const allow = () => writeFileSync(ALLOWED, "");
  if (allowed) allow();
  const settings = productionOn(await freePort(), path.join(folder, "data"));
  const added = await latchkey(["account", "add", "alice"], {
    env: settings,
    stdin: `${OLD}\n`,
    random: randomBytes,
    now: Date.now(),
  });
  expect(added.exit, added.err).toBe(0);
  const server = await start({
    ...settings,
    ALLOWED,
    NODE_OPTIONS: `--require=${path.join(folder, "preload.cjs")}`,
  });
  expect(server.address, server.output().err).not.toBe("");
  const heard = (text: string) => server.output().err.split(text).length - 1;
  const until = async (text: string, times = 1) => {
    for (const end = Date.now() + 20_000; Date.now() < end && heard(text) < times; ) await delay(20);
    expect(heard(text), server.output().err).toBeGreaterThanOrEqual(times);
  };
  return { server, allow, heard, until };
}

/** Signs alice in for the first time, which allows her to change her password. */
async function signedIn(address: string): Promise<Visitor> {
  const visitor = new Visitor(address, {});
  await visitor.password("alice", OLD);
  const secret = await visitor.secret();
  expect((await visitor.code(codeOf(secret))).headers.location).toBe(CURRENT_CODES);
  return visitor;
}

const change = (visitor: Visitor) =>
  visitor.post("/account/password", { current_password: OLD, new_password: NEW });

describe("the password estimator", () => {
  it("is loaded soon after the start, and by no request", async () => {
    const { server, heard, until } = await serverWith(true);
    await until("loads @zxcvbn-ts/language-common");
    await delay(1_000);
    const before = heard("loads");
    const answer = await change(await signedIn(server.address));
    expect([answer.status, answer.headers.location]).toEqual([303, "/account"]);
    expect(heard("loads")).toBe(before);
  });

  it("answers 503 and changes nothing when it cannot be loaded, and works at the next try", async () => {
    const { server, allow, until } = await serverWith(false);
    await until("cannot load");
    const visitor = await signedIn(server.address);
    for (let n = 0; n < 2; n++) {
      const refused = await change(visitor);
      expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "5"]);
      expect(refused.text).not.toMatch(/EMFILE|zxcvbn|\n\s+at /);
    }
    expect((await new Visitor(server.address, {}).password("alice", OLD)).headers.location).toBe(
      "/login/2fa",
    );
    allow();
    expect((await change(visitor)).status).toBe(303);
    expect((await new Visitor(server.address, {}).password("alice", NEW)).headers.location).toBe(
      "/login/2fa",
    );
    expect(server.output().out).toContain(
      "what the first requests need could not be loaded; trying again later",
    );
  });
});

describe("the views", () => {
  it("stay those of the start while an upgrade replaces the files", async () => {
    const folder = newFolder();
    for (const part of ["dist", "locales", "views", "package.json"])
      cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    const server = await start({}, { main: path.join(folder, "dist/main.js") });
    expect(server.address, server.output().err).not.toBe("");
    await delay(4_000);
    renameSync(path.join(folder, "views"), path.join(folder, "views-before"));
    expect(existsSync(path.join(folder, "views"))).toBe(false);
    const visitor = new Visitor(server.address, {});
    expect((await visitor.get("/login")).status).toBe(200);
    await visitor.password();
    expect((await visitor.code(codeOf(await visitor.secret()))).headers.location).toBe(CURRENT_CODES);
    for (const page of ["/account", "/account/password", "/account/recovery-codes", "/account/history"]) {
      expect((await visitor.get(page)).status, page).toBe(200);
    }
    expect((await visitor.get("/nowhere")).status).toBe(404);
  });
});
