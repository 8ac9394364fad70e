/** The demo authenticator shows codes to whoever asks: it exists only for a developer on the same machine. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { fromBase32, toHex } from "../../src/otp/index.js";
import { rawClient } from "../support/raw-client.js";
import { ask, bytesOf, form, type RawRequest } from "../support/raw-request.js";
import { freePort, productionOn, start } from "../support/server-process.js";
import { setUp } from "../support/sign-in.js";
import { secretOn } from "../support/visitor.js";
import { openWorld, sharedDataDir, type World } from "../support/world.js";

const PAGE = "/dev/authenticator";
/** An unknown path of the same length. */
const UNKNOWN = "/dev/authenticatoz";

const FROM_ELSEWHERE: [string, Record<string, string>][] = [
  ["Forwarded", { forwarded: "for=127.0.0.1" }],
  ["Via", { via: "1.1 proxy" }],
  ["X-Real-IP", { "x-real-ip": "127.0.0.1" }],
  ["X-Forwarded-For", { "x-forwarded-for": "127.0.0.1" }],
  ["X-Forwarded-For, empty", { "x-forwarded-for": "" }],
  ["X-Forwarded-Host", { "x-forwarded-host": "localhost" }],
  ["X-Forwarded-Proto", { "x-forwarded-proto": "http" }],
  ["X-Forwarded-Port", { "x-forwarded-port": "3000" }],
  ["X-Forwarded-Server", { "X-FORWARDED-SERVER": "x" }],
  ["Host of another name", { host: "latchkey.example" }],
  ["Host that leads here by its owner's DNS", { host: "127.0.0.1.evil.example" }],
  ["Host in the local network", { host: "192.168.1.10:3000" }],
  ["Host that is everywhere", { host: "0.0.0.0:3000" }],
];

/** Sends the same request to the page and to an unknown path: the answers must not differ. */
async function expectNoSuchPage(world: Pick<World, "port">, request: Omit<RawRequest, "path"> = {}) {
  for (const end of ["", "/", "?x=1"]) {
    const answer = await ask(world, { ...request, path: PAGE + end });
    expect(answer.status).toBe(404);
    expect(bytesOf(answer)).toEqual(bytesOf(await ask(world, { ...request, path: UNKNOWN + end })));
  }
}

const isThere = async (world: Pick<World, "port">) => (await ask(world, { path: PAGE })).status === 200;

describe("the hidden demo authenticator", () => {
  it.each(FROM_ELSEWHERE)(
    "answers like an unknown path when the request may come from elsewhere: %s",
    async (_name, headers) => {
      for (const env of [{}, { DEMO: "on" }, { TRUST_PROXY: "loopback" }]) {
        const world = await openWorld(env as Record<string, string>);
        await setUp(world, world.visitor());
        expect(await isThere(world)).toBe(true);
        await expectNoSuchPage(world, { headers });
      }
    },
  );

  it("answers like an unknown path to any other method", async () => {
    const world = await openWorld();
    const headers = { "x-forwarded-for": "203.0.113.7" };
    for (const method of ["HEAD", "PUT", "DELETE", "OPTIONS"]) {
      await expectNoSuchPage(world, { method, headers });
    }
    await expectNoSuchPage(world, form({}, headers));
    // On this machine the page exists, for reading only.
    const answer = await ask(world, { path: PAGE, ...form({}) });
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  it("answers like an unknown path to HTTP/1.0, which a proxy that adds no header may speak", async () => {
    const world = await openWorld();
    const answerTo = async (path: string, version: string) => {
      const client = await rawClient(world.address);
      client.send(
        `GET ${path} HTTP/${version}\r\nHost: 127.0.0.1:${world.port}\r\nConnection: close\r\n\r\n`,
      );
      await client.closed;
      return client.received().replace(/^(Date|X-Request-Id): .*\r\n/gm, "");
    };
    expect(await answerTo(PAGE, "1.1")).toMatch(/^HTTP\/1\.1 200 /);
    expect(await answerTo(PAGE, "1.0")).toMatch(/^HTTP\/1\.1 404 /);
    expect(await answerTo(PAGE, "1.0")).toBe(await answerTo(UNKNOWN, "1.0"));
  });

  it.each(["192.168.1.20", "203.0.113.7", "::ffff:10.0.0.1", "fe80::1", "2001:db8::1"])(
    "answers like an unknown path to another machine that names this one as Host: %s",
    async (address) => {
      const world = await openWorld();
      const connected = { as: address };
      // The connection is local; the address that it reports is not.
      const server = createServer((req, res) => {
        Object.defineProperty(req.socket, "remoteAddress", { value: connected.as });
        world.app(req, res);
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      await expectNoSuchPage({ port }, { headers: { host: "127.0.0.1:3000" } });
      connected.as = "::1";
      expect(await isThere({ port })).toBe(true);
    },
  );

  it("answers like an unknown path in production, even to its own machine and with an old demo account", async () => {
    const DATA_DIR = sharedDataDir();
    const before = await openWorld({ DATA_DIR });
    await setUp(before, before.visitor());
    expect(await isThere(before)).toBe(true);
    await before.close();
    const port = await freePort();
    const server = await start(productionOn(port, DATA_DIR));
    expect((await fetch(`${server.address}/login`)).status).toBe(200);
    await expectNoSuchPage({ port });
    for (const method of ["HEAD", "OPTIONS"]) await expectNoSuchPage({ port }, { method });
    await expectNoSuchPage({ port }, form({}));
  });
});

describe("the demo authenticator on its own machine", () => {
  it("shows codes and no secret, and is unreadable to scripts of other sites", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    const secrets = [await setUp(world, visitor)];
    const { text: form } = await visitor.get("/account/authenticators/new");
    secrets.push(secretOn(form));
    const { text, headers } = await ask(world, { path: PAGE });
    for (const secret of secrets) {
      const bare = text.replace(/\s/g, "").toLowerCase();
      expect(bare).toContain(world.code(secret));
      expect(bare).not.toContain(secret.toLowerCase());
      expect(bare).not.toContain(toHex(fromBase32(secret)));
    }
    expect(text).not.toContain("otpauth:");
    expect(headers["access-control-allow-origin"]).toBeUndefined();
    expect(headers["cache-control"]).toBe("no-store");
  });

  it("leaves one line in the log, without query or code", async () => {
    const world = await openWorld();
    const secret = await setUp(world, world.visitor());
    world.logLines.length = 0;
    await ask(world, { path: `${PAGE}?code=1` });
    await expect.poll(() => world.logLines.length).toBe(1);
    const [line = ""] = world.logLines;
    expect(JSON.parse(line)).toMatchObject({ path: PAGE, status: 200, msg: "request" });
    for (const steps of [0, 1]) expect(line).not.toContain(world.code(secret, steps));
  });
});
