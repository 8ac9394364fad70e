/** Hidden pages: no method, header or body tells them from an unknown path. */
import { describe, expect, it } from "vitest";
import { openHost } from "../support/host.js";
import { ask, bytesOf, form, type RawRequest } from "../support/raw-request.js";
import { pendingCookie } from "../support/sign-in.js";
import { openWorld } from "../support/world.js";

/** Each with an unknown path of the same length. */
const HIDDEN: [page: string, hidden: string, unknown: string, env: Record<string, string>][] = [
  ["the demo authenticator, from elsewhere", "/dev/authenticator", "/dev/authenticatoz", {}],
  ["the demo authenticator, in any case and with a slash", "/DEV/Authenticator/", "/DEV/Authenticatoz/", {}],
  ["two codes in a row, while RESYNC is off", "/login/2fa/resync", "/login/2fa/resynz", {}],
];

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "SEARCH"];

const BODIES: [kind: string, sent: Pick<RawRequest, "headers" | "body">][] = [
  ["no body", {}],
  ["a form", { headers: form({}).headers ?? {}, body: "a=b" }],
  ["JSON", { headers: { "content-type": "application/json" }, body: "{}" }],
  ["malformed JSON", { headers: { "content-type": "application/json" }, body: "{" }],
  ["several parts", { headers: { "content-type": "multipart/form-data; boundary=x" }, body: "--x--" }],
  [
    "a form in an unknown encoding",
    {
      headers: { "content-type": "application/x-www-form-urlencoded; charset=x", "content-encoding": "br" },
      body: "a=b",
    },
  ],
  ["a form that is too large", { headers: form({}).headers ?? {}, body: `a=${"b".repeat(20_000)}` }],
  ["a form of too many fields", { headers: form({}).headers ?? {}, body: "a=b&".repeat(60) }],
  ["a body without a type", { body: "x" }],
  ["chunks", { headers: { "transfer-encoding": "chunked", "content-type": "text/plain" }, body: "x" }],
];

/** With Content-Length, which Node's client omits for methods that seldom have a body. */
function withLength({
  headers = {},
  body = "",
}: Pick<RawRequest, "headers" | "body">): Record<string, string | string[]> {
  const isBare = body === "" || "transfer-encoding" in headers;
  return isBare ? headers : { ...headers, "content-length": String(body.length) };
}

const HEADERS: [kind: string, headers: Record<string, string>][] = [
  ["nothing else", {}],
  ["a cross-site form's", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["a program's", { accept: "application/json", "x-requested-with": "XMLHttpRequest" }],
  ["another method's", { "x-http-method-override": "GET" }],
  ["a range", { range: "bytes=0-0", "if-none-match": "*", expect: "200-ok" }],
  ["a condition", { "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" }],
  ["a preflight's", { origin: "https://evil.example", "access-control-request-method": "POST" }],
];

/** The header that makes the request a stranger's. */
const FROM_ELSEWHERE = { "x-forwarded-for": "203.0.113.7" };

describe("a hidden page", () => {
  it.each(HIDDEN)("answers like an unknown path, byte for byte: %s", async (_page, hidden, unknown, env) => {
    const world = await openWorld(env);
    const pending = await pendingCookie(world);
    // A waiting message is shown once.
    await ask(world, { path: "/login/2fa", headers: { cookie: pending } });
    for (const method of METHODS) {
      for (const [body, sent] of BODIES) {
        for (const [kind, headers] of HEADERS) {
          // Each body with each header would add nothing.
          if (sent.body !== undefined && kind !== "nothing else") continue;
          for (const cookie of body === "no body" ? ["", pending] : [""]) {
            const asked = {
              method,
              ...sent,
              headers: { ...FROM_ELSEWHERE, ...withLength(sent), ...headers, ...(cookie && { cookie }) },
            };
            const [one, other] = [
              await answerTo(world, { ...asked, path: hidden }),
              await answerTo(world, { ...asked, path: unknown }),
            ];
            expect([method, body, kind, one]).toEqual([method, body, kind, other]);
          }
        }
      }
    }
  });

  it.each(HIDDEN)("leaves the answer to the host app that mounts Latchkey: %s", async (_page, hidden) => {
    const heard: string[] = [];
    const host = await openHost((app, latchkey) => {
      app.use("/sign-in", latchkey.router);
      app.use((req, res) => {
        heard.push(`${req.method} ${req.originalUrl} ${Object.keys(res.getHeaders()).sort()}`);
        res.status(418).set("X-Host", "yes").end("the host's");
      });
    });
    for (const method of METHODS) {
      for (const [body, sent] of BODIES) {
        const path = `/sign-in${hidden}`;
        const asked = { method, path, ...sent, headers: { ...FROM_ELSEWHERE, ...withLength(sent) } };
        const { status, headers } = await ask(host, asked);
        expect([method, body, status, headers["x-request-id"], headers["set-cookie"]]).toEqual([
          method,
          body,
          418,
          undefined,
          undefined,
        ]);
        expect(heard.splice(0)).toEqual([`${method} ${path} x-powered-by`]);
      }
    }
  });

  it("answers whoever may see it, and lists its methods in Allow", async () => {
    const world = await openWorld({ RESYNC: "on" });
    expect((await ask(world, { path: "/dev/authenticator" })).status).toBe(200);
    const posted = await ask(world, { path: "/dev/authenticator", ...form({}) });
    expect([posted.status, posted.headers.allow]).toEqual([405, "GET, HEAD"]);
    expect((await ask(world, { path: "/login/2fa/resync" })).status).toBe(303);
  });
});

/** Without what always differs; a cut connection counts as an answer. */
async function answerTo(world: Parameters<typeof ask>[0], request: RawRequest) {
  try {
    return bytesOf(await ask(world, request));
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}
