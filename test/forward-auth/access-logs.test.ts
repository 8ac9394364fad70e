/** The logs of real nginx and Caddy, configured as docs/forward-auth.md says: no address of a one-time link stands in them. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ReverseProxy, startCaddy, startNginx } from "../support/reverse-proxy.js";
import { freePort } from "../support/server-process.js";
import { sendRaw } from "./person.js";

const HOST = "sign-in.example.test";
const TOKEN = "t".repeat(43);

/** Spellings of one address that reach the page, or might. */
const SPELLINGS = [
  `/link/${TOKEN}`,
  `/link/${TOKEN}/`,
  `/LINK/${TOKEN}`,
  `/link/${TOKEN}?from=mail`,
  `//link/${TOKEN}`,
  `/%6cink/${TOKEN}`,
];

describe.each([
  ["nginx", startNginx],
  ["Caddy", startCaddy],
] as const)("the access log of %s", (_name, startProxy) => {
  let upstream: Server;
  let proxy: ReverseProxy;
  let port: number;

  beforeEach(async () => {
    upstream = createServer((_req, res) => res.end("a page")).listen(0, "127.0.0.1");
    await new Promise((resolve) => upstream.once("listening", resolve));
    const latchkey = (upstream.address() as AddressInfo).port;
    port = await freePort();
    proxy = await startProxy({ proxy: port, latchkey, app: latchkey }, { logsRequests: true });
  });
  afterEach(async () => {
    await proxy.close();
    upstream.close();
  });

  it("has other pages, and no one-time link", async () => {
    for (const path of [...SPELLINGS, "/login"]) {
      const request = `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`;
      expect(await sendRaw(port, HOST, request)).toMatch(/^HTTP\/1.1 200 /);
    }
    await expect.poll(() => proxy.output()).toContain("/login");
    expect(proxy.output()).not.toContain(TOKEN);
  });
});
