/** Malformed input, randomly generated: no request, from anyone, causes a 5xx or opens anything. */
import { METHODS } from "node:http";
import { describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import fc from "../support/properties.js";
import { ask, type RawRequest } from "../support/raw-request.js";
import { addAccount, setUp } from "../support/sign-in.js";
import type { Visitor } from "../support/visitor.js";
import { MINUTE, openWorld, type World } from "../support/world.js";

/** Every row of the URL table, with the ids of this account's authenticator and session. */
async function pathsOf(world: World): Promise<string[]> {
  const account = await world.store.accounts.byUsername(USER.username);
  const [authenticator] = await world.store.authenticators.of(account?.id ?? "");
  const [session] = await world.store.sessions.live(account?.id ?? "", world.now(), 0, 10);
  const rows = world.urls.pages.flatMap(([, path]) => [
    path.replace(":id", authenticator?.id ?? "x"),
    // Ending this session would make all later requests anonymous.
    path.replace(":id", path.endsWith("/end") ? "x" : (session?.family ?? "y")),
  ]);
  return [...new Set([...rows, "/assets/x.css", "/no-such-page"])];
}

/** Characters that an HTTP client allows in a header. */
const LATIN1 = Array.from({ length: 0xe0 }, (_, n) => String.fromCharCode(n + 0x20)).filter(
  (c) => c !== "\x7f",
);
const headerText = fc.string({ unit: fc.constantFrom(...LATIN1) });
const urlText = fc.oneof(
  fc.webQueryParameters(),
  fc.string({ unit: fc.constantFrom(..."/\\.%0aAfF?&=#:@;[]'\"<>{}") }),
);

const JOINTS = ["", "/", "?", "?next=", "?notice=", "?replaces=", "?page=", "/..", "%"];
function anyPath(paths: string[]): fc.Arbitrary<string> {
  const spelt = fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom(...JOINTS), urlText)
    .map(([start, joint, rest]) => `${start}${joint}${rest}`);
  return fc.oneof(fc.constantFrom(...paths), spelt);
}

const HEADERS = [
  ..."accept accept-encoding accept-language content-encoding content-type cookie forwarded from host".split(
    " ",
  ),
  ..."if-modified-since if-none-match origin range referer sec-fetch-site user-agent via x-csrf-token".split(
    " ",
  ),
  ..."x-forwarded-for x-forwarded-host x-forwarded-proto x-http-method-override x-real-ip".split(" "),
];
const headers = fc.oneof(
  fc.constant({}),
  fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 4 }),
);

const field = fc.tuple(
  fc.constantFrom(
    ..."username password otp next recovery_code trust_device name sheet current_password new_password".split(
      " ",
    ),
    ..."secret __proto__ x".split(" "),
  ),
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("test", "123456", "\0", "//evil.example", "x".repeat(3_000), "2", "0000-0000-0000-00000"),
  ),
);
const body = fc.oneof(
  { weight: 3, arbitrary: fc.array(field).map((fields) => new URLSearchParams(fields).toString()) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constant("x=y&".repeat(5_000)) },
);

const method = fc.oneof(
  fc.constantFrom("GET", "POST", "POST"),
  fc.constantFrom(...METHODS.filter((name) => name !== "CONNECT")),
);
const anyRequest = (paths: string[]): fc.Arbitrary<RawRequest> =>
  fc.record({ method, path: anyPath(paths), headers, body }).map(({ body, ...request }) => {
    if (request.method === "GET" || request.method === "HEAD") return request;
    return {
      ...request,
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", ...request.headers },
    };
  });

/** Who sends the requests: not the demo account, whose sessions end at a proxy's header. */
const SENDERS: Record<string, (visitor: Visitor, world: World) => Promise<unknown>> = {
  anonymous: async () => {},
  pending: (visitor) => visitor.password(USER.username, USER.password),
  "signed in": (visitor, world) => setUp(world, visitor, USER.username, USER.password),
};
const USER = { username: "someone", password: "correct horse battery" };

describe("300 random requests", () => {
  it.each(Object.entries(SENDERS))("cause no failure and open nothing: %s", async (sender, begin) => {
    const world = await openWorld();
    await addAccount(world, USER.username, USER.password);
    const visitor = world.visitor();
    await begin(visitor, world);
    const cookie = heldBy(visitor);
    const whoAmI = async () =>
      (await ask(world, { path: "/login/2fa", headers: { cookie } })).headers.location;
    const before = await whoAmI();
    await fc.assert(
      fc.asyncProperty(anyRequest(await pathsOf(world)), async (request) => {
        // Time passes for anonymous requests, so that the throttle does not answer all of them.
        if (sender === "anonymous") world.advance(MINUTE);
        // Signing out would make all later requests anonymous.
        const path = cookie ? request.path.replace(/^\/logout/i, "/account") : request.path;
        const headers = cookie ? { ...request.headers, cookie } : (request.headers ?? {});
        const answer = await ask(world, { ...request, path, headers });
        expect(answer.status).toBeLessThan(500);
        expect(answer.text).not.toMatch(/node_modules|\n\s+at /);
        expect(answer.headers["x-powered-by"]).toBeUndefined();
        if (sender !== "signed in")
          expect(answer.text).not.toMatch(/signed in as|<h1>Your|Recovery codes for/i);
        expect(answer.headers.location ?? "/").toMatch(/^\/(?![/\\])/);
      }),
      { numRuns: 300 },
    );
    expect(await whoAmI()).toBe(before);
    expect(world.logLines.join("")).not.toContain("request failed");
  });
});
