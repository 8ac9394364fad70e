/** Starts the peers that sign people in; see bench/peers/. */
import { execFileSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compiled } from "./compile.mjs";
import { freePort, newFolder, startServer } from "./server.mjs";

const peers = fileURLToPath(new URL("../peers/", import.meta.url));
const betterAuth = path.join(peers, "better-auth");

/** The one user whom the naive port knows by itself. */
export const NAIVE_USER = { username: "test", password: "password" };

/**
 * @param people of whom each { username, password } is hashed with argon2id, or undefined for NAIVE_USER in the clear
 * @param hashesAtOnce how many hashes may run at the same time
 */
export async function startNaivePort({ people, hashesAtOnce } = {}) {
  const env = {};
  if (people) {
    env.USERS = path.join(newFolder(), "users.json");
    writeFileSync(env.USERS, JSON.stringify(await hashesOf(people)));
  }
  if (hashesAtOnce !== undefined) env.HASHES_AT_ONCE = String(hashesAtOnce);
  return startServer([path.join(peers, "naive-port/server.mjs")], env);
}

/** By Latchkey's own parameters, each password hashed once. */
async function hashesOf(people) {
  const { createPasswords } = await compiled("src/auth/passwords/password.ts");
  const passwords = createPasswords(randomBytes);
  const hashes = new Map();
  for (const { password } of people) {
    if (!hashes.has(password)) hashes.set(password, await passwords.hash(password));
  }
  return Object.fromEntries(people.map(({ username, password }) => [username, hashes.get(password)]));
}

/**
 * better-auth with a database of its own; its packages are installed into its folder when they are missing.
 * @param count how many people
 * @returns start(), which may be called again once its server was stopped, and person(n) → { email, password, secret };
 *   undefined, once the reason is printed, where its packages cannot be had
 */
export function prepareBetterAuth(count) {
  if (!isInstalled()) return undefined;
  const folder = newFolder();
  const env = { DATABASE: path.join(folder, "auth.sqlite"), SECRET: randomBytes(32).toString("hex") };
  const person = (n) => ({
    name: `person-${n}`,
    email: `person-${n}@example.org`,
    password: "seven tall ships at anchor",
    secret: createHmac("sha256", env.SECRET).update(String(n)).digest("base64url").slice(0, 32),
  });
  const file = path.join(folder, "people.json");
  writeFileSync(file, JSON.stringify(Array.from({ length: count }, (_, n) => person(n))));
  execFileSync(process.execPath, [path.join(betterAuth, "fill.mjs")], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...env, PORT: "3000", PEOPLE: file },
  });
  return {
    person,
    start: async () =>
      startServer(
        [path.join(betterAuth, "server.mjs")],
        { ...env, PORT: String(await freePort()) },
        { ask: "/api/auth/ok" },
      ),
  };
}

function isInstalled() {
  if (existsSync(path.join(betterAuth, "node_modules/better-auth"))) return true;
  process.stderr.write("Installing better-auth into bench/peers/better-auth …\n");
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"], {
      cwd: betterAuth,
      stdio: ["ignore", "ignore", "inherit"],
    });
    return true;
  } catch {
    console.log("better-auth is left out: its packages could not be installed from npm.");
    return false;
  }
}
