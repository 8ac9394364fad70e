/** Starts the peers that can sign people in; see bench/peers/. */
import { execFileSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compiled } from "./compile.mjs";
import { freePort, newFolder, startServer } from "./server.mjs";

const peers = fileURLToPath(new URL("../peers/", import.meta.url));
const betterAuth = path.join(peers, "better-auth");

/** The only user of the naive port without USERS. */
export const NAIVE_USER = { username: "test", password: "password" };

/**
 * Starts the naive port.
 * @param people { username, password } of each user, hashed with argon2id; undefined for NAIVE_USER with a password in the clear
 * @param hashesAtOnce the number of concurrent hashes
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

/** Hashes passwords with Latchkey's parameters, each different password once. */
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
 * Prepares better-auth with a new database, and installs its packages into its folder if they are missing.
 * @param count the number of users
 * @returns start(), which may be called again after its server was stopped, and person(n) → { email, password, secret };
 * undefined if its   packages cannot be installed, after printing the reason
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
