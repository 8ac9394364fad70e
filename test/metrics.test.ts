/** The metrics page: each number, what is left out of it, and that it never tells about whom. */
import { afterEach, describe, expect, it } from "vitest";
import type { HashLoad, ServerClock } from "../src/auth/index.js";
import { createMetrics } from "../src/metrics.js";
import { ACCOUNTS, EVENTS, HASHES, OFFSET, SESSIONS, samples } from "./support/metrics-page.js";
import { freePort } from "./support/server-process.js";

describe("the metrics page", () => {
  const served: { close(): void }[] = [];
  afterEach(() => {
    for (const server of served.splice(0)) server.close();
  });

  const QUIET: HashLoad = { running: 0, waiting: 0, refused: { full: 0, tooLong: 0 } };

  /** Metrics on a server whose clock is judged like this, and a way to read them. */
  async function metricsOn(
    verdict: { now: ServerClock },
    { sessionCount = async () => 0, passwordHashes = () => QUIET } = {},
  ) {
    const port = await freePort();
    const metrics = createMetrics(port);
    const serverClock = async () => verdict.now;
    const withDeadline = <T>(work: () => T) => work();
    served.push(await metrics.serve({ serverClock, sessionCount, passwordHashes, withDeadline }));
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return { metrics, read };
  }

  it("says by how many seconds the clock is off, as long as that is known", async () => {
    const since = new Date();
    const verdict: { now: ServerClock } = { now: { verdict: "off", seconds: -45, accounts: 61, since } };
    const { read } = await metricsOn(verdict);
    expect(samples(await read(), OFFSET)).toEqual([`${OFFSET} -45`]);
    verdict.now = { verdict: "right", seconds: 0, accounts: 61, since };
    expect(samples(await read(), OFFSET)).toEqual([`${OFFSET} 0`]);
    verdict.now = { verdict: "too-few", accounts: 9 };
    expect(samples(await read(), OFFSET)).toEqual([]);
    expect(await read()).not.toContain("NaN");
  });

  it("rounds the accounts to tens: one more would betray that a guess fits a time to come", async () => {
    const verdict: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const { read } = await metricsOn(verdict);
    const told: string[] = [];
    for (const accounts of [0, 9, 10, 19, 20]) {
      verdict.now =
        accounts < 10
          ? { verdict: "too-few", accounts }
          : { verdict: "right", seconds: 1, accounts, since: new Date() };
      told.push(...samples(await read(), ACCOUNTS));
    }
    expect(told).toEqual([0, 0, 10, 10, 20].map((accounts) => `${ACCOUNTS} ${accounts}`));
    // Durations have buckets; clocks have none.
    expect(await read()).not.toMatch(/^latchkey_\w*clock\w*_bucket/m);
  });

  it("counts an event as `other` when only a newer version knows its type", async () => {
    const { metrics, read } = await metricsOn({ now: { verdict: "too-few", accounts: 0 } });
    const counted = (type: string) => metrics.count({ type, reason: "canary" } as never);
    for (const type of ["canary", "constructor", "__proto__", 'x"} 1']) counted(type);
    metrics.count({ type: "account-unlocked" });
    metrics.count({ type: "account-unlocked", reason: "clock-ahead", subject: "2" });
    expect(samples(await read(), EVENTS)).toEqual([
      `${EVENTS}{type="other",reason=""} 4`,
      `${EVENTS}{type="account-unlocked",reason=""} 1`,
      `${EVENTS}{type="account-unlocked",reason="clock-ahead"} 1`,
    ]);
  });

  it("says how busy the password hashes are, and counts each refusal once however often it is read", async () => {
    const load = { now: QUIET };
    const clock: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const { read } = await metricsOn(clock, { passwordHashes: () => load.now });
    load.now = { running: 3, waiting: 64, refused: { full: 7, tooLong: 2 } };
    for (let n = 0; n < 2; n++) {
      expect(samples(await read(), HASHES)).toEqual([
        `${HASHES}_running 3`,
        `${HASHES}_waiting 64`,
        `${HASHES}_refused_total{reason="full"} 7`,
        `${HASHES}_refused_total{reason="too-long"} 2`,
      ]);
    }
  });

  it("leaves the sessions out while they cannot be counted, and counts them again afterwards", async () => {
    const count = { now: async () => 5 };
    const clock: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const { read } = await metricsOn(clock, { sessionCount: () => count.now() });
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 5`]);
    count.now = () => Promise.reject(new Error("no database"));
    const text = await read();
    expect(samples(text, SESSIONS)).toEqual([]);
    expect(samples(text, ACCOUNTS)).toEqual([`${ACCOUNTS} 0`]);
    count.now = async () => 6;
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 6`]);
  });

  it("counts very many sessions once for several readers", async () => {
    let counts = 0;
    const clock: { now: ServerClock } = { now: { verdict: "too-few", accounts: 0 } };
    const sessionCount = async () => {
      counts += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 1_000_000;
    };
    const { read } = await metricsOn(clock, { sessionCount });
    for (const text of await Promise.all([read(), read()])) {
      expect(samples(text, SESSIONS)).toEqual([`${SESSIONS} 1000000`]);
    }
    expect(samples(await read(), SESSIONS)).toEqual([`${SESSIONS} 1000000`]);
    expect(counts).toBe(1);
  });

  it("never says what or whom an event was about", async () => {
    const { metrics, read } = await metricsOn({ now: { verdict: "too-few", accounts: 0 } });
    metrics.count({
      type: "authenticator-removed",
      subject: "my subject",
      username: "my-name",
      accountId: "my-id",
      address: "my-address",
      device: "my-browser",
      requestId: "my-request",
    });
    const text = await read();
    expect(samples(text, EVENTS)).toEqual([`${EVENTS}{type="authenticator-removed",reason=""} 1`]);
    expect(text).not.toMatch(/my[ -]/);
  });
});
