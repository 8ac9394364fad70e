/** The page cache: one text serves all strangers, and nobody gets what is another's. */
import { sign } from "cookie-signature";
import { describe, expect, it } from "vitest";
import { openHost } from "../../support/host.js";
import { newFolder } from "../../support/new-folder.js";
import { openWorld, type World } from "../../support/world.js";

describe("the page cache", () => {
  it("keeps nothing of a sign-in page that one person has filled in", async () => {
    const world = await openWorld();
    const blank = (await world.visitor().get("/login")).text;
    const somebody = world.visitor();
    const filledIn = await somebody.post("/login", { username: "somebody", password: "wrong" });
    expect(filledIn.text).toContain('value="somebody"');
    expect((await somebody.get("/login?next=/account")).text).toContain('name="next"');
    expect((await somebody.get("/login?notice=signed-out")).text).not.toBe(blank);
    for (const visitor of [somebody, world.visitor()]) {
      expect((await visitor.get("/login")).text).toBe(blank);
    }
  });

  it("shows the demo account to those alone who may use it", async () => {
    const world = await openWorld();
    const far = world.visitor({ "X-Forwarded-For": "203.0.113.9" });
    for (const turn of [1, 2]) {
      expect((await world.visitor().get("/login")).text, `turn ${turn}`).toContain("<code>test</code>");
      expect((await far.get("/login")).text, `turn ${turn}`).not.toContain("<code>test</code>");
    }
  });

  it("keeps nothing of the start page of a pending login", async () => {
    const world = await openWorld();
    const stranger = (await world.visitor().get("/")).text;
    const person = world.visitor();
    await person.password();
    expect((await person.get("/")).text).not.toBe(stranger);
    expect((await person.get("/")).text).toContain("Not test?");
    expect((await world.visitor().get("/")).text).toBe(stranger);
  });

  it("needs no database for strangers, whatever cookies they bring", async () => {
    const world = await openWorld();
    for (const table of Object.values(world.store)) {
      for (const name of Object.keys(table)) {
        Object.assign(table, { [name]: () => Promise.reject(new Error("the database was asked")) });
      }
    }
    for (const Cookie of ["", "other=1", "latchkey_browser=a.b.c", "latchkey_trusted=a.b"]) {
      const stranger = world.visitor({ Cookie });
      for (const page of ["/", "/login", "/login?next=/account"]) {
        expect((await stranger.get(page)).status, `${page} with ${Cookie}`).toBe(200);
      }
    }
    const asked = await world.visitor({ Cookie: signedCookie(world) }).get("/login");
    expect(asked.status).toBe(500);
  });

  /** A session cookie of ours, whose id stands for nothing. */
  function signedCookie({ keys }: World): string {
    return `latchkey=${encodeURIComponent(`s:${sign("an-id", keys.cookieSecrets[0] ?? "")}`)}`;
  }

  it("renders a host's views for each request, because what they show may differ", async () => {
    const views = newFolder({ "partials/foot.ejs": "<footer><%= host.shop %></footer>" });
    let visits = 0;
    const host = await openHost(
      (app, latchkey) => {
        app.use((_req, res, next) => {
          res.locals.shop = `visit ${++visits}`;
          next();
        });
        app.use(latchkey.router);
      },
      { views },
    );
    for (const page of ["/login", "/"]) {
      const first = (await host.visitor().get(page)).text;
      expect(first).toContain(`visit ${visits}</footer>`);
      expect((await host.visitor().get(page)).text).toContain(`visit ${visits}</footer>`);
    }
  });
});
