/** Slow clients: hundreds of requests that are never finished delay nobody else. */
import { describe, expect, it } from "vitest";
import { headOfLogin, rawClient } from "../support/raw-client.js";
import { start } from "../support/server-process.js";

const HALF_OPEN = 500;

/** Where each of them stops: before a byte, within the headers, before the body, within the body. */
const BEGINNINGS = [
  "",
  "GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
  headOfLogin(10_000),
  `${headOfLogin(10_000)}username=test&password=`,
];

describe(`${HALF_OPEN} half-open requests`, () => {
  it("do not keep others from signing in", async () => {
    const server = await start({});
    const slow = await Promise.all(
      Array.from({ length: HALF_OPEN }, async (_, n) => {
        const client = await rawClient(server.address);
        const beginning = BEGINNINGS[n % BEGINNINGS.length] ?? "";
        client.send(beginning);
        return { ...client, beginning };
      }),
    );
    // Those that have begun send a little more now and then, so as not to seem dead.
    const trickle = setInterval(() => {
      for (const client of slow) if (client.beginning) client.send("x");
    }, 200);

    for (let n = 0; n < 10; n++) {
      const asked = performance.now();
      const page = await fetch(`${server.address}/login`);
      expect(page.status).toBe(200);
      const answer = await fetch(`${server.address}/login`, {
        method: "POST",
        body: new URLSearchParams({ username: "test", password: "password" }),
        redirect: "manual",
      });
      expect([answer.status, answer.headers.get("location")]).toEqual([303, "/login/2fa"]);
      expect(performance.now() - asked).toBeLessThan(2_000);
    }
    expect((await fetch(`${server.address}/readyz`)).status).toBe(200);
    expect(slow.every((client) => client.received() === "")).toBe(true); // all of them were still there
    clearInterval(trickle);
    for (const client of slow) client.end();
  });
});
