/** Error pages: what happened to what was sent, and the next step. */
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../../src/auth/index.js";
import { ask, form } from "../../support/raw-request.js";
import { setUp } from "../../support/sign-in.js";
import { openWorld, type World } from "../../support/world.js";

/** What the page says, by id, and where its one button leads. */
function read({ status, text }: { status: number; text: string }) {
  const [, card] = /<section class="card" data-message="([\w-]+)"/.exec(text) ?? [];
  const [, href, words] = /<a class="btn btn-primary" href="([^"]*)">([^<]*)</.exec(text) ?? [];
  return { status, card, href, words };
}

function breakDatabase(world: World): void {
  for (const table of Object.values(world.store)) {
    for (const name of Object.keys(table)) {
      Object.assign(table, { [name]: () => Promise.reject(new StoreUnavailable("down")) });
    }
  }
}

async function withoutDatabase(): Promise<World> {
  const world = await openWorld();
  breakDatabase(world);
  return world;
}

describe("an error page", () => {
  it.each([
    ["404 for an address that is none", { path: "/nothing" }, 404],
    ["403 for another site's form", { path: "/login", ...form({}, { "sec-fetch-site": "cross-site" }) }, 403],
    ["405 for a known address", { path: "/login", method: "DELETE" }, 405],
    ["413 for what is too large", { path: "/login", ...form({ username: "x".repeat(70_000) }) }, 413],
  ])("says %s, and leads to the start page", async (_, request, status) => {
    const answer = await ask(await openWorld(), request);
    expect(read(answer)).toEqual({
      status,
      card: `error-${status}`,
      href: "/",
      words: "Go to the start page",
    });
  });

  it("names a reference where something went wrong on our side, and nowhere else", async () => {
    const world = await openWorld();
    expect((await world.visitor().get("/nothing")).text).not.toContain("Reference");
    Object.assign(world.auth, { startLogin: () => Promise.reject(new Error("a bug")) });
    const { status, text, headers } = await world.visitor().password();
    expect(status).toBe(500);
    expect(text).toContain(`<code>${headers["x-request-id"]}</code>`);
    expect(text).not.toContain("a bug");
  });

  it("is one line of text, with the reference, when it cannot be made itself", async () => {
    const world = await openWorld();
    Object.assign(world.site, {
      render: () => {
        throw new Error("a bug");
      },
    });
    const { status, text, headers } = await world.visitor().get("/nothing");
    expect([status, headers["content-type"]]).toEqual([500, "text/plain; charset=utf-8"]);
    expect(text).toContain(headers["x-request-id"]);
    expect(text).not.toMatch(/a bug|\n/);
  });
});

describe("a 503", () => {
  it("of a submitted sign-in leads back to the form, and on to the wanted page", async () => {
    const world = await withoutDatabase();
    const answer = await ask(world, {
      path: "/login",
      ...form({ username: "test", password: "password", next: "/account?a=b" }),
    });
    expect(read(answer)).toEqual({
      status: 503,
      card: "error-503",
      href: "/login?next=%2Faccount%3Fa%3Db",
      words: "Try again",
    });
    expect(answer.headers["retry-after"]).toBe("5");
    // The store may have stored what was sent: nobody knows.
    expect(answer.text).not.toContain("Nothing was changed");
  });

  it("of a submitted sign-in leads to no other site", async () => {
    const sent = form({ username: "test", password: "password", next: "https://evil.example/" });
    expect(read(await ask(await withoutDatabase(), { path: "/login", ...sent })).href).toBe("/login");
  });

  it("of another form says to look first, and of a page leads back to it", async () => {
    const world = await openWorld();
    const visitor = world.visitor();
    await setUp(world, visitor);
    breakDatabase(world);
    const sent = await visitor.post("/account/sessions/end-others");
    expect(read(sent)).toMatchObject({ status: 503, href: "/", words: "Go to the start page" });
    expect(sent.text).toContain("look whether it was carried out");
    const page = await visitor.get("/account/history?page=2");
    expect(read(page)).toMatchObject({ status: 503, href: "/account/history?page=2", words: "Try again" });
    expect(page.text).toContain("Nothing was changed");
  });
});
