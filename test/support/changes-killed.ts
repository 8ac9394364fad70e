/** Processes that make the four changes of changes-in-flight.ts, and are killed (SIGKILL) in the middle. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { on, once } from "node:events";
import { symlinkSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { beforeAll, expect } from "vitest";
import { createKeyring } from "../../src/auth/index.js";
import type { Location } from "../../src/storage/index.js";
import { type Change, SECRET } from "./changes-in-flight.js";
import type { Prepared } from "./changes-prepared.js";
import { newFolder } from "./new-folder.js";
import { start } from "./server-process.js";

let program = "";
beforeAll(async () => {
  program = await compiled(fileURLToPath(new URL("changes-in-flight.ts", import.meta.url)));
});

/** How long (ms) the four changes take together, here and now, when nothing kills them. */
export async function timeOfChanges(location: Location, prepared: Prepared): Promise<number> {
  const { child, lines } = await startProgram(location, prepared);
  const begun = performance.now();
  for await (const [line] of on(lines, "line")) if (line === "over") break;
  const took = performance.now() - begun;
  await killed(child, 0);
  return took;
}

/** Kills the program after some time (ms). @returns the changes that it had answered */
export async function killProgram(
  location: Location,
  prepared: Prepared,
  after: number,
): Promise<Set<string>> {
  const { child, said, closed } = await startProgram(location, prepared);
  await killed(child, after);
  await closed;
  for (const line of said) expect(line).toMatch(/^(begun|over|.+ signed-in|.+ changed)$/);
  return new Set(said.map((line) => line.split(" ")[0] ?? ""));
}

/** Starts changes-in-flight.ts, and answers when it has begun its changes. */
async function startProgram(location: Location, { begun, address }: Prepared) {
  const words = [program, JSON.stringify(location), JSON.stringify(begun), address];
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env.PATH, TEST_SEED: process.env.TEST_SEED, CHANGES_IN_FLIGHT: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => said.push(line));
  const closed = once(lines, "close");
  await once(lines, "line");
  return { child, lines, said, closed };
}

/** Bundles a file of the tests, so that it starts quickly. */
async function compiled(entry: string): Promise<string> {
  const dir = newFolder();
  symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), path.join(dir, "node_modules"));
  const bundle = await rolldown({
    input: { program: entry },
    platform: "node",
    external: (id) => !/^[./]/.test(id) && id !== "kysely",
  });
  await bundle.write({ dir, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" });
  await bundle.close();
  return path.join(dir, "program.mjs");
}

/** The same with the whole server, over HTTP. */
export async function killServer(
  location: Location,
  { begun }: Prepared,
  after: number,
): Promise<Set<string>> {
  const { dataDir: DATA_DIR, databaseUrl } = location;
  const server = await start({
    DATA_DIR,
    APP_SECRETS: SECRET,
    DEMO: "off",
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  });
  if (server.address === "") throw new Error(server.output().err);
  const answered = new Set<string>();
  async function post(where: string, cookie: string, fields: Record<string, string>) {
    const answer = await fetch(`${server.address}${where}`, {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    // A redirect to the login page means that the cookie was not accepted.
    expect(answer.headers.get("location") ?? "", where).not.toMatch(/^\/login(\?|$)/);
    return { status: answer.status, cookie: answer.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "" };
  }
  const cookieOf = (id: string) => `latchkey=${signed(id)}`;
  const changes: Record<Change, () => Promise<number>> = {
    async "sign-in"() {
      const { username, password, otp } = begun["sign-in"];
      const first = await post("/login", "", { username, password });
      return (await post("/login/2fa", first.cookie, { otp })).status;
    },
    async "set-up"() {
      const { login, otp } = begun["set-up"];
      return (await post("/login/2fa", cookieOf(login), { otp })).status;
    },
    async recovery() {
      const { login, recoveryCode } = begun.recovery;
      return (await post("/login/recovery-code", cookieOf(login), { recovery_code: recoveryCode })).status;
    },
    async "password-change"() {
      const { session, current, next } = begun["password-change"];
      const fields = { current_password: current, new_password: next };
      return (await post("/account/password", cookieOf(session), fields)).status;
    },
  };
  const all = Object.entries(changes).map(async ([name, change]) => {
    const status = await change().catch(ignoreCutConnection);
    if (status !== undefined) expect([200, 303], name).toContain(status);
    if (status !== undefined) answered.add(name);
  });
  await killed(server.child, after);
  await Promise.all(all);
  return answered;
}

/** A session's id as its cookie carries it. */
function signed(id: string): string {
  const [secret = ""] = createKeyring([SECRET]).cookieSecrets;
  const signature = createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "");
  return encodeURIComponent(`s:${id}.${signature}`);
}

/** A request that the kill cut off got no answer; any other error is one. */
function ignoreCutConnection(error: Error): undefined {
  if (error instanceof TypeError) return undefined;
  throw error;
}

async function killed(child: ChildProcess, after: number): Promise<void> {
  await sleep(after);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
