/** The bench of hostile inputs: it notices a server that one request blocks, and its inputs can be sent. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { hostileInputs } from "../../bench/support/hostile-inputs.mjs";
import { newFolder } from "../support/new-folder.js";

const support = fileURLToPath(new URL("../../bench/support/", import.meta.url));

interface Sent {
  path: string;
  headers: Record<string, string>;
  body?: string;
}

const HOLDS_MS = 300;

/** Answers GET with 200 at once, and POST with 401 after it has blocked the event loop for a while. */
const SERVER = `
require("node:http").createServer((req, res) => {
  const until = performance.now() + (req.method === "POST" ? ${HOLDS_MS} : 0);
  while (performance.now() < until);
  res.writeHead(req.method === "POST" ? 401 : 200).end(req.headers["x-forwarded-for"]);
}).listen(process.env.PORT, "127.0.0.1");
`;

/** Runs in its own process, as benches do. It is a file because it forks, and a fork of `node -e` would run the script again. */
const SCRIPT = `
import { aroundOne, loopTimeOf, underMany } from "${support}hostile.mjs";
import { startProbes } from "${support}probes.mjs";
import { startServer } from "${support}server.mjs";
const { origin, loopMs } = await startServer(["-e", ${JSON.stringify(SERVER)}]);
const { probe } = await startProbes(origin, [{ path: "/login" }], 100);
const server = { origin, probe, loopMs };
const request = { path: "/login", method: "POST", headers: {}, body: "x" };
const one = await aroundOne(server, request);
const none = await aroundOne(server);
const loop = await loopTimeOf(server, request);
const many = await underMany(server, request, 0.5);
console.log(JSON.stringify({ one, none, loop, many }));
process.exit();
`;

interface Window {
  status?: number;
  others: unknown[];
}
let found: {
  one: Window & { longest: number };
  none: Window & { longest: number };
  loop: number;
  many: Window & { p99: number };
};

beforeAll(async () => {
  const script = path.join(newFolder(), "hostile-input.mjs");
  writeFileSync(script, SCRIPT);
  const options = { env: { PATH: process.env.PATH }, timeout: 60_000 };
  const { stdout } = await promisify(execFile)(process.execPath, [script], options);
  found = JSON.parse(stdout);
});

describe("the bench of hostile inputs", () => {
  it("measures how long one request delays the others, and its answer", () => {
    expect(found.one.status).toBe(401);
    expect(found.one.longest).toBeGreaterThan(HOLDS_MS / 2);
    expect(found.none.status).toBeUndefined();
    expect([...found.one.others, ...found.none.others, ...found.many.others]).toEqual([]);
  });

  it("measures how long it takes of the event loop", () => {
    expect(found.loop).toBeGreaterThan(HOLDS_MS / 10);
    expect(found.loop).toBeLessThan(HOLDS_MS + 100);
  });

  it("measures the effect of many of them a second", () => {
    // Ten of them, and each delays the next one too.
    expect(found.many.p99).toBeGreaterThan(2 * HOLDS_MS);
  });
});

describe("each kind of hostile input", () => {
  const inputs = Object.entries<Sent>(
    hostileInputs({
      username: "someone",
      session: `latchkey=${"s".repeat(90)}`,
      pending: `latchkey=${"p".repeat(90)}`,
      cookie: "__Host-latchkey",
      forward: "__Secure-latchkey_forward",
      asset: "/assets/latchkey.00000000.css",
    }),
  );

  it.each(inputs)("can be sent, and is hostile: %s", (_, { path, headers, body = "" }) => {
    const line = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = Buffer.byteLength(`POST ${path} HTTP/1.1\r\n${line.join("")}`, "latin1");
    // Node answers 431 by itself where the head is longer.
    expect(head).toBeLessThan(16_000);
    expect(path).toMatch(/^\/[\x21-\x7e]*$/);
    expect(Math.max(head, Buffer.byteLength(body))).toBeGreaterThan(1_024);
  });
});
