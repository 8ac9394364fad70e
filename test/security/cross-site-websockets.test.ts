/**
 * Cross-site WebSocket hijacking (RFC 6455 §10.2): a page of another site opens a WebSocket with the victim's cookie, and reads
 * along.
 */

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { StoreUnavailable } from "../../src/auth/index.js";
import { hostGuards } from "../../src/web/host-guards.js";
import { heldBy } from "../support/cookies.js";
import { setUp } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

let world: World;
let port: number;
let cookie: string;
/** What `accountOf` threw, if it did. */
let failures: unknown[];
beforeEach(async () => {
  await open();
});

/** A server of Node's own, without Express, that asks who opens a WebSocket. */
async function open(settings: Record<string, string> = {}): Promise<void> {
  world = await openWorld(settings);
  const visitor = world.visitor();
  await setUp(world, visitor);
  cookie = heldBy(visitor);
  failures = [];
  const { accountOf } = hostGuards(world.site, world.keys.cookieSecrets);
  const server = createServer((_req, res) => void res.end());
  server.on("upgrade", async (req: IncomingMessage, socket) => {
    const account = await accountOf(req).catch((error: unknown) => void failures.push(error));
    socket.end(
      `HTTP/1.1 ${account ? "101 Switching Protocols" : "401 Unauthorized"}\r\n\r\n${account?.username ?? ""}`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  ({ port } = server.address() as AddressInfo);
}

/** Opens a WebSocket as a browser does, and returns the status line's code and the name that follows. */
async function opened(headers: Record<string, string>): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET /live HTTP/1.1\r\n${lines.join("")}\r\n`);
  let text = "";
  for await (const chunk of socket) text += chunk;
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return `${head.split(" ")[1]} ${body}`.trim();
}

const SIGNED_IN = "101 test";
const NOBODY = "401";

describe("a WebSocket that a page of ours opens", () => {
  it("is its owner's, by Origin, by Fetch Metadata, and of a program that sends neither", async () => {
    const origin = `http://127.0.0.1:${port}`;
    for (const headers of [{ Origin: origin }, { Origin: origin, "Sec-Fetch-Site": "same-origin" }, {}]) {
      expect(await opened({ Cookie: cookie, ...headers }), JSON.stringify(headers)).toBe(SIGNED_IN);
    }
  });

  it("is nobody's without a session, for a pending login, or a disabled account", async () => {
    expect(await opened({})).toBe(NOBODY);
    expect(await opened({ Cookie: cookie.slice(0, -3) })).toBe(NOBODY);
    const pending = world.visitor();
    await pending.password();
    expect(await opened({ Cookie: heldBy(pending) })).toBe(NOBODY);
    await world.auth.disableAccount("test");
    expect(await opened({ Cookie: cookie })).toBe(NOBODY);
  });

  it("is refused by a rejection with the status 503 while the database does not answer", async () => {
    world.site.auth.findSession = async () => {
      throw new StoreUnavailable("gone");
    };
    expect(await opened({ Cookie: cookie })).toBe(NOBODY);
    expect(failures).toMatchObject([{ status: 503, statusCode: 503, expose: false }]);
  });
});

describe("a WebSocket that a page of another site opens", () => {
  const FOREIGN: Record<string, Record<string, string>> = {
    "another site": { Origin: "https://evil.example" },
    "another port": { Origin: "http://127.0.0.1:1" },
    "a sandboxed page": { Origin: "null" },
    "a name that ends in ours": { Origin: "http://evil127.0.0.1" },
    "several origins": { Origin: "http://127.0.0.1, https://evil.example" },
    "an empty origin": { Origin: "" },
    "a subdomain, by Fetch Metadata": { "Sec-Fetch-Site": "same-site" },
    "another site, by Fetch Metadata": { "Sec-Fetch-Site": "cross-site" },
  };

  it.each(Object.entries(FOREIGN))("is nobody's when it is of %s", async (_what, headers) => {
    for (const Upgrade of ["websocket", "WebSocket", "foo, websocket"]) {
      expect(await opened({ Cookie: cookie, Upgrade, ...headers }), Upgrade).toBe(NOBODY);
    }
    expect(failures).toEqual([]);
  });

  it("is nobody's when only BASE_URL's scheme tells it from ours", async () => {
    await open({ BASE_URL: "http://localhost:7" });
    const Host = "localhost:7";
    expect(await opened({ Cookie: cookie, Host, Origin: "https://localhost:7" })).toBe(NOBODY);
    expect(await opened({ Cookie: cookie, Host, Origin: "http://localhost:7" })).toBe(SIGNED_IN);
  });

  it("does not keep the session alive", async () => {
    world.advance(59 * 60_000);
    expect(await opened({ Cookie: cookie, Origin: "https://evil.example" })).toBe(NOBODY);
    world.advance(2 * 60_000);
    expect(await opened({ Cookie: cookie })).toBe(NOBODY);
  });
});
