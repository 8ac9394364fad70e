/** The Cookie header that /auth/verify hands back for the app: without our cookies, and only to a proxy that asks for a page. */
import { describe, expect, it } from "vitest";
import { heldBy } from "../../support/cookies.js";
import { BEHIND_A_PROXY, signedIn, verify, WANTED } from "../../support/forward.js";
import { setUp } from "../../support/sign-in.js";
import { openWorld } from "../../support/world.js";

describe("the Cookie header for the app", () => {
  it("holds the app's own cookies and none of ours when the proxy asks for a page", async () => {
    const { world, host, forward } = await signedIn();
    const sent: [string, string | undefined][] = [
      [`theme=dark; ${host}; lang=en`, "theme=dark; lang=en"],
      ["__Host-latchkey=x; __Host-latchkey_forward=x;a=1", "a=1"],
      ["latchkey_trusted=x; __Host-latchkey_trusted=x; latchkey_browser=x; a=1; a=2", "a=1; a=2"],
      ["latchkeys=1; my_latchkey=2; a=latchkey=3;;", "latchkeys=1; my_latchkey=2; a=latchkey=3"],
      [" latchkey_browser =x; latchkey_browser;", undefined],
    ];
    for (const [cookies, left] of sent) {
      const cookie = `${cookies}; ${forward}`;
      const { status, headers } = await verify(world, { cookie, wanted: WANTED });
      expect({ status, cookie: headers.cookie }, cookies).toEqual({ status: 200, cookie: left });
      expect((await verify(world, { cookie })).headers.cookie, cookies).toBeUndefined();
    }
  });

  it("comes back for an app's page, and never when the question came to our own host", async () => {
    const { world, host, forward } = await signedIn();
    const told = async (headers: Record<string, string>) => {
      const answers = [host, forward].map((ours) => verify(world, { cookie: `secret=1; ${ours}`, headers }));
      const [one, other] = await Promise.all(answers);
      expect([one?.status, other?.status, one?.headers.cookie]).toEqual([200, 200, other?.headers.cookie]);
      return one?.headers.cookie;
    };
    const app = { "x-original-url": WANTED };
    const parts = (name: string) => ({
      "x-forwarded-proto": "http",
      "x-forwarded-host": name,
      "x-forwarded-uri": "/",
    });
    for (const headers of [
      app,
      { "x-original-url": "https://app.example.org:443" },
      { "x-original-url": `http://app.example.org/${"x".repeat(5_000)}` },
      { "x-original-url": "http://app.example.org/a b" },
      { "x-original-url": "http://sign-in.example.org:81/" },
      { ...app, host: "app.example.org" },
      { ...app, host: "latchkey" },
      { ...app, host: "sign-in.example.org:81" },
      { ...app, host: "sign-in.example.org.evil.example" },
      parts("app.example.org"),
      parts("wiki.example.org:8443"),
    ]) {
      expect([headers, await told(headers)]).toEqual([headers, "secret=1"]);
    }
    for (const headers of [
      // A script in a page of ours, or of an app in which we are mounted, by way of a proxy that passes on what it says.
      { ...app, host: "sign-in.example.org" },
      { ...app, host: "SIGN-IN.example.org:80" },
      { ...app, host: "sign-in.example.org:443" },
      { ...app, "x-forwarded-host": "sign-in.example.org" },
      { ...app, "x-forwarded-host": "app.example.org, Sign-In.example.org:80" },
      { ...parts("sign-in.example.org") },
      // What is no app of ours, or no page.
      { "x-original-url": "http://sign-in.example.org/account" },
      { "x-original-url": "http://other.example.org/" },
      { "x-original-url": "http://app.example.org@evil.example/" },
      { "x-original-url": "http://app.example.org.evil.example/" },
      { "x-original-url": "http://app.example.org:8080/" },
      { "x-original-url": "//app.example.org/" },
      { "x-original-url": "x" },
      { "x-original-url": "" },
      parts("other.example.org"),
      parts("app.example.org, evil.example"),
      { "x-forwarded-uri": "/" },
    ] as Record<string, string>[]) {
      expect([headers, await told(headers)]).toEqual([headers, undefined]);
    }
  });

  it("does not come back when our own host is in ALLOWED_HOSTS by mistake", async () => {
    const { world, host } = await signedIn({ ALLOWED_HOSTS: "sign-in.example.org" });
    const answer = await verify(world, {
      cookie: `secret=1; ${host}`,
      wanted: "http://sign-in.example.org/",
    });
    expect([answer.status, answer.headers.cookie]).toEqual([200, undefined]);
  });

  it("does not come back when Latchkey stands before no app, where a script of the host could ask", async () => {
    const world = await openWorld({ ...BEHIND_A_PROXY, ALLOWED_HOSTS: "", COOKIE_DOMAIN: "" });
    const visitor = world.visitor();
    await setUp(world, visitor);
    const cookie = `theme=dark; ${heldBy(visitor)}`;
    const { status, headers } = await verify(world, { cookie, wanted: "http://sign-in.example.org/" });
    expect({ status, cookie: headers.cookie }).toEqual({ status: 200, cookie: undefined });
  });
});
