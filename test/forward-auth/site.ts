/** A site as an operator sets it up by the guide: a proxy, and behind it Latchkey in a process of its own and an app. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeEach, expect } from "vitest";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { startEchoApp } from "../support/echo-app.js";
import { latchkey as command } from "../support/latchkey-command.js";
import { newFolder } from "../support/new-folder.js";
import { randomBytes } from "../support/random.js";
import { programs, type StartProxy } from "../support/reverse-proxy.js";
import { freePort, productionOn, start } from "../support/server-process.js";
import { CURRENT_CODES } from "../support/sign-in.js";
import { secretOn } from "../support/visitor.js";
import { Person } from "./person.js";

export const PASSWORD = "correct horse battery";

export type Site = Awaited<ReturnType<typeof openSite>>;

/** One site for all tests of a file; ask for it inside a test. */
export function siteOfThisFile(startProxy: StartProxy): () => Site {
  let site: Site | undefined;
  // Not before all: without the proxies each of these tests is skipped.
  beforeEach(async () => {
    programs();
    site ??= await openSite(startProxy);
  });
  afterAll(() => site?.close());
  return () => {
    if (!site) throw new Error("Ask for the site inside a test.");
    return site;
  };
}

async function openSite(startProxy: StartProxy) {
  const app = await startEchoApp();
  const [port, latchkeyPort] = [await freePort(), await freePort()];
  const signIn = `https://sign-in.example.test:${port}`;
  const env = {
    ...productionOn(latchkeyPort, newFolder()),
    BASE_URL: signIn,
    ALLOWED_HOSTS: `app.example.test:${port}`,
    COOKIE_DOMAIN: "example.test",
    TRUST_PROXY: "loopback",
  };
  const startLatchkey = () => start(env, { forAllTests: true });
  let running = await startLatchkey();
  const proxy = await startProxy({ proxy: port, latchkey: latchkeyPort, app: app.port });
  const people: Person[] = [];

  function person(): Person {
    const someone = new Person();
    people.push(someone);
    return someone;
  }

  return {
    port,
    /** Origins, as people see them. */
    signIn,
    app: `https://app.example.test:${port}`,
    heard: app.heard,
    proxy,
    person,
    /** An account that has set up its authenticator, signed in on this person's browser. */
    async join(name: string) {
      await addAccount(name, env);
      const someone = person();
      await someone.send(`${signIn}/login`, { username: name, password: PASSWORD });
      const phone = new Phone(await secretShownTo(someone, signIn));
      const { headers } = await someone.send(`${signIn}/login/2fa`, { otp: await phone.code() });
      expect(headers.location).toBe(CURRENT_CODES);
      return { someone, phone };
    },
    addAccount: (name: string) => addAccount(name, env),
    async stopLatchkey() {
      running.child.kill("SIGKILL");
      await running.exit;
    },
    async startLatchkey() {
      running = await startLatchkey();
    },
    async close() {
      for (const someone of people) someone.close();
      await proxy.close();
      await app.close();
    },
  };
}

async function addAccount(name: string, env: Record<string, string>): Promise<void> {
  const io = { stdin: `${PASSWORD}\n`, env, now: Date.now(), random: randomBytes };
  const { exit, err } = await command(["account", "add", name], io);
  expect(exit, err).toBe(0);
}

/** The secret on the set-up page. */
export async function secretShownTo(someone: Person, signIn: string): Promise<string> {
  const { text } = await someone.ask(`${signIn}/login/2fa`);
  return secretOn(text);
}

/** An authenticator app that gives the codes of the step before and after too: three sign-ins without a wait. */
export class Phone {
  #spent = 0;

  constructor(readonly secret: string) {}

  async code(): Promise<string> {
    // Near the end of a step, the code of the step before would arrive too late.
    const now = Math.floor((Date.now() + 5_000) / 30_000);
    this.#spent = Math.max(this.#spent + 1, now - 1);
    const early = (this.#spent - 1) * 30_000 - Date.now();
    if (early > 0) await delay(early + 100);
    return totpAt(fromBase32(this.secret), this.#spent * 30);
  }
}
