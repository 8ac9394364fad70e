/** `latchkey.on`: every event once, in order, after the commit and outside of any answer, whatever the listeners do. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import type { ReportedEvent } from "../src/auth/index.js";
import { createListeners } from "../src/event-listeners.js";
import { createLatchkey } from "../src/public-api.js";
import type { SecurityEvent } from "../src/public-events.js";
import { enter } from "./support/by-the-clock.js";
import { openHost } from "./support/host.js";
import { latchkey as command } from "./support/latchkey-command.js";
import { newFolder } from "./support/new-folder.js";

function listeners() {
  const lines: string[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  const failures = () => lines.map((line) => JSON.parse(line));
  return { ...createListeners(log), failures };
}

const event = (id: string): ReportedEvent => ({
  type: "signed-out",
  id,
  at: new Date(1_000),
  by: { kind: "operator", name: "olga" },
});

describe("a listener", () => {
  it("hears each event in a turn of its own, in order, with its severity and outcome", async () => {
    const { on, publish } = listeners();
    const heard: SecurityEvent[] = [];
    on((one) => void heard.push(one));
    publish(event("1"));
    publish(event("2"));
    await Promise.resolve();
    expect(heard).toEqual([]);
    await nextTurn();
    expect(heard).toMatchObject([
      { id: "1", type: "signed-out", at: new Date(1_000), severity: "info", outcome: "success" },
      { id: "2", by: { kind: "operator", name: "olga" } },
    ]);
  });

  it("hears nothing from before it was added, and nothing once it was removed", async () => {
    const { on, publish } = listeners();
    const [first, second] = [vi.fn(), vi.fn()];
    const stop = on(first);
    publish(event("1"));
    on(second);
    stop();
    stop();
    publish(event("2"));
    await nextTurn();
    expect(first).not.toHaveBeenCalled();
    expect(second.mock.calls.map(([{ id }]) => id)).toEqual(["2"]);
  });

  it("may add and remove listeners: those added hear the next event, those removed not even this one", async () => {
    const { on, publish } = listeners();
    const [removed, added] = [vi.fn(), vi.fn()];
    const stopFirst = on(() => {
      stopFirst();
      stopSecond();
      on(added);
    });
    const stopSecond = on(removed);
    publish(event("1"));
    await nextTurn();
    expect([removed, added].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    publish(event("2"));
    await nextTurn();
    expect(added.mock.calls.map(([{ id }]) => id)).toEqual(["2"]);
  });

  it("is called for each time it was added", async () => {
    const { on, publish } = listeners();
    const twice = vi.fn();
    on(twice);
    const stop = on(twice);
    publish(event("1"));
    await nextTurn();
    expect(twice).toHaveBeenCalledTimes(2);
    stop();
    publish(event("2"));
    await nextTurn();
    expect(twice).toHaveBeenCalledTimes(3);
  });

  it("has an event of its own: what it changes nobody else sees", async () => {
    const { on, publish } = listeners();
    on((one) => {
      one.at.setTime(0);
      Object.assign(one.by ?? {}, { name: "mallory" });
      Object.assign(one, { type: "signed-in" });
    });
    const seen = vi.fn();
    on(seen);
    publish(event("1"));
    await nextTurn();
    expect(seen.mock.calls[0]?.[0]).toMatchObject(event("1"));
  });

  it("is a function, or `on` throws", () => {
    const { on } = listeners();
    for (const wrong of [undefined, null, {}, "signed-in", []]) {
      expect(() => on(wrong as never)).toThrow(/^latchkey\.on takes a function/);
    }
  });
});

describe("a listener that fails", () => {
  const FAILURES: [how: string, listener: () => unknown][] = [
    [
      "throws",
      () => {
        throw new Error("canary");
      },
    ],
    ["rejects", () => Promise.reject(new Error("canary"))],
    ["rejects with nothing", () => Promise.reject()],
    [
      "returns what throws when it is taken for a promise",
      () =>
        // biome-ignore lint/suspicious/noThenProperty: it is the property that a listener could break.
        Object.defineProperty({}, "then", {
          get() {
            throw new Error("canary");
          },
        }),
    ],
  ];

  it.each(FAILURES)(
    "is logged with the event's id and type when it %s, and the others are called",
    async (_how, listener) => {
      const { on, publish, failures } = listeners();
      const after = vi.fn();
      on(listener as () => void);
      on(after);
      publish(event("1"));
      publish(event("2"));
      await nextTurn();
      await nextTurn();
      expect(after).toHaveBeenCalledTimes(2);
      expect(failures()).toMatchObject([
        { level: 50, event: { id: "1", type: "signed-out" } },
        { level: 50, event: { id: "2", type: "signed-out" } },
      ]);
    },
  );

  it("holds up nobody when it never comes to an end", async () => {
    const { on, publish, flush, failures } = listeners();
    const after = vi.fn();
    on(() => new Promise(() => {}));
    on(after);
    for (let n = 0; n < 1_000; n++) publish(event(String(n)));
    await nextTurn();
    publish(event("last"));
    flush();
    expect(after).toHaveBeenCalledTimes(1_001);
    expect(failures()).toEqual([]);
  });
});

describe("what waits", () => {
  it("is delivered by a flush, once", async () => {
    const { on, publish, flush } = listeners();
    const heard = vi.fn();
    on(heard);
    publish(event("1"));
    flush();
    expect(heard).toHaveBeenCalledTimes(1);
    await nextTurn();
    expect(heard).toHaveBeenCalledTimes(1);
  });
});

describe("latchkey.on", () => {
  it("tells a host of a sign-in, with the request's id and one session, and of nothing after it ended", async () => {
    const heard: SecurityEvent[] = [];
    let stop = () => {};
    const host = await openHost((app, latchkey) => {
      stop = latchkey.on((one) => void heard.push(one));
      app.use(latchkey.router);
    });
    const visitor = host.visitor({ "User-Agent": "curl/8.14.1" });
    await visitor.password("test", "a wrong password");
    await enter(visitor);
    await vi.waitFor(() =>
      expect(heard.map(({ type }) => type)).toEqual([
        "password-refused",
        "password-accepted",
        "authenticator-set-up",
        "recovery-codes-made",
        "signed-in",
      ]),
    );
    const [refused, ...rest] = heard;
    expect(refused?.session).toBeUndefined();
    expect(new Set(rest.map(({ session }) => session)).size).toBe(1);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(5);
    for (const one of heard) {
      expect(one).toMatchObject({ username: "test", address: "127.0.0.1", device: "curl/8.14.1" });
      expect(one.requestId).toMatch(/^[\w-]+$/);
      expect(Math.abs(one.at.getTime() - Date.now())).toBeLessThan(60_000);
    }
    stop();
    await visitor.post("/logout");
    await nextTurn();
    expect(heard).toHaveLength(5);
  });

  it("tells of the command line's acts, with who did them and when, and `close` delivers what waits", async () => {
    const DATA_DIR = newFolder();
    const settings = { DATA_DIR, NODE_ENV: "development" };
    // The first opens the database and makes the key; the command works on it while no server runs.
    await (await createLatchkey({ settings, log: pino({ level: "silent" }) })).close();
    const argv = ["account", "add", "alice"];
    const { exit } = await command(argv, { env: settings, stdin: "violet otter seven\n" });
    expect(exit).toBe(0);
    const added = Date.now();
    const latchkey = await createLatchkey({ settings, log: pino({ level: "silent" }) });
    const heard: SecurityEvent[] = [];
    latchkey.on((one) => void heard.push(one));
    await latchkey.close();
    const by = { kind: "operator", name: "olga" };
    expect(heard).toMatchObject([{ type: "account-added", username: "alice", by, severity: "info" }]);
    expect(heard[0]?.at.getTime()).toBeLessThanOrEqual(added);
    expect(heard[0]).not.toHaveProperty("session");
  });
});
