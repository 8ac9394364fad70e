/** The icons: of the key, in the host's colours, or the host's own mark; at the root only where Latchkey runs alone. */
import { describe, expect, it } from "vitest";
import { openHost } from "../../support/host.js";
import { openWorld } from "../../support/world.js";

/** The `<link>`s of a page that name an icon: rel and address, without the hash. */
function iconsOn(html: string): string[] {
  return [...html.matchAll(/<link rel="([\w-]*icon)"(?: type="[^"]*")? href="([^"]*)"/g)].map(
    ([, rel, href = ""]) => `${rel} ${href.replace(/\.[0-9a-f]{8}\./, ".")}`,
  );
}

describe("the icons of Latchkey alone", () => {
  it.each([
    ["/favicon.ico", "image/x-icon"],
    ["/apple-touch-icon.png", "image/png"],
  ])("answer at %s, for browsers that read no page", async (path, type) => {
    const world = await openWorld();
    const answer = await world.visitor().get(path);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
    expect(answer.headers["cache-control"]).toBe("public,max-age=86400");
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await world.visitor().post(path)).status).toBe(404);
  });

  it("are one drawing on pages, and pictures at the root alone", async () => {
    const { text } = await (await openWorld()).visitor().get("/login");
    expect(iconsOn(text)).toEqual(["icon /assets/mark.svg"]);
  });
});

describe("the icons in a host app", () => {
  it("leave the host its own /favicon.ico and /apple-touch-icon.png", async () => {
    const host = await openHost((app, latchkey) => {
      app.use(latchkey.router);
      app.get(["/favicon.ico", "/apple-touch-icon.png"], (_req, res) => res.send("the host's"));
    });
    for (const path of ["/favicon.ico", "/apple-touch-icon.png"]) {
      expect((await host.visitor().get(path)).text).toBe("the host's");
    }
  });

  it("are a drawing in the host's colours", async () => {
    const host = await openHost((app, latchkey) => app.use("/sign-in", latchkey.router), {
      colours: { accent: "#7a1fa2" },
    });
    const { text } = await host.visitor().get("/sign-in/login");
    expect(iconsOn(text)).toEqual(["icon /sign-in/assets/mark.svg"]);
    expect(
      [...text.matchAll(/name="theme-color" content="(#[0-9a-f]{6})"/g)].map(([, tone]) => tone),
    ).toEqual(["#47125e", "#351445"]);
  });

  it("are the host's mark where it names one, on the band too", async () => {
    const host = await openHost((app, latchkey) => app.use(latchkey.router), { mark: '/icon.svg?"a"&b' });
    const { text } = await host.visitor().get("/login");
    expect(iconsOn(text)).toEqual(["icon /icon.svg?&#34;a&#34;&amp;b"]);
    expect(text).toContain('<img src="/icon.svg?&#34;a&#34;&amp;b" alt=""');
    expect(text).not.toContain('<svg viewBox="0 0 118 40"');
  });
});
