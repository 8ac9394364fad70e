/** A rolling restart: two nodes behind a proxy are restarted one after the other, and nobody notices. */
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { newFolder } from "./support/new-folder.js";
import { startProxy } from "./support/proxy.js";
import { randomInt } from "./support/random.js";
import { freePort, productionOn, start } from "./support/server-process.js";

/** How many clients, and how long each rests between two requests (ms). */
const READING = { clients: 18, rest: 50 };
/** Few, because each costs a password hash: on a busy machine many would rightly get a 503. */
const SIGNING_IN = { clients: 2, rest: 200 };

describe("a rolling restart", () => {
  it("loses no request under load", async () => {
    const DATA_DIR = newFolder();
    const settings = [await freePort(), await freePort()].map((port) => ({
      ...productionOn(port, DATA_DIR),
      TRUST_PROXY: "loopback",
    }));
    const startNode = (n: number) => start(settings[n] ?? {});
    const nodes = [await startNode(0), await startNode(1)];
    const addresses = nodes.map(({ address }) => address);
    const proxy = await startProxy(addresses);
    onTestFinished(() => proxy.close());
    await becomes(proxy, 2);

    const load = putUnderLoad(proxy.address);
    await wait(500);
    for (const n of [0, 1]) {
      const before = load.answered();
      const node = nodes[n];
      node?.child.kill("SIGTERM");
      await becomes(proxy, 1);
      expect(proxy.ready()).toEqual([addresses[1 - n]]);
      expect(await node?.exit).toBe(0);
      expect(node?.output().err).toBe("");
      expect((await startNode(n)).address).toBe(addresses[n]);
      await becomes(proxy, 2);
      await wait(500);
      expect(load.answered() - before).toBeGreaterThan(100);
    }
    expect(await load.end()).toEqual(["GET 200", "POST 401"]);
  });
});

/** Waits until the proxy sends requests to so many nodes. */
async function becomes(proxy: { ready(): string[] }, count: number): Promise<void> {
  while (proxy.ready().length !== count) await wait(20);
}

/** Many clients, each with one request after the other; `end` tells every kind of answer that there was. */
function putUnderLoad(address: string) {
  const seen = new Set<string>();
  let ended = false;
  let answered = 0;

  async function client(method: "GET" | "POST", rest: number): Promise<void> {
    while (!ended) {
      // Another address each time: the throttle is not the subject here.
      const headers = { "x-forwarded-for": `198.51.${randomInt(0, 256)}.${randomInt(0, 256)}` };
      const body = new URLSearchParams({ username: `nobody-${randomInt(0, 1e9)}`, password: "wrong" });
      const answer = await fetch(`${address}/login`, {
        method,
        headers,
        ...(method === "POST" && { body }),
      }).catch((error) => ({ status: String(error), text: async () => "</html>" }));
      const whole = (await answer.text().catch(String)).includes("</html>");
      seen.add(`${method} ${answer.status}${whole ? "" : ", cut off"}`);
      answered += 1;
      await wait(rest);
    }
  }

  const clients = [
    ...Array.from({ length: READING.clients }, () => client("GET", READING.rest)),
    ...Array.from({ length: SIGNING_IN.clients }, () => client("POST", SIGNING_IN.rest)),
  ];
  return {
    answered: () => answered,
    async end(): Promise<string[]> {
      ended = true;
      await Promise.all(clients);
      return [...seen].sort();
    },
  };
}
