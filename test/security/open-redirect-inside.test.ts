/** Open redirect in a session: a link to a page behind the sign-in that ends on a page of the attacker's (CWE-601). */
import { beforeEach, describe, expect, it } from "vitest";
import { heldBy } from "../support/cookies.js";
import { ask } from "../support/raw-request.js";
import { addAccount, codesOn, enrolled } from "../support/sign-in.js";
import { openWorld, type World } from "../support/world.js";

/** One of each kind; open-redirect.test.ts has every spelling. */
const ELSEWHERE = [
  ..."//evil.example /\\evil.example \\\\evil.example https://evil.example javascript:alert(1) evil.example".split(
    " ",
  ),
  ..."/.//evil.example /x/..//evil.example /%2e//evil.example //127.0.0.1 http://127.0.0.1@evil.example".split(
    " ",
  ),
  "/\t/evil.example",
  "\n//evil.example",
  " //evil.example",
  "\u2028//evil.example",
  "",
  `/${"x".repeat(4_000)}`,
];

/** What a browser makes of a Location or a link. */
const landsOn = (location = "", base = "https://here.example/confirm") => new URL(location, base);

let world: World;
let secret: string;
beforeEach(async () => {
  world = await openWorld();
  secret = await enrolled(world);
});

/** Where a form's hidden field or a link would lead. */
const leadsElsewhere = (html: string) => {
  const targets = [...html.matchAll(/(?:href|action)="([^"]*)"|name="next" value="([^"]*)"/g)];
  return targets
    .map(([, link, field]) => (link ?? field ?? "").replaceAll("&amp;", "&"))
    .filter((target) => target.includes("evil") || !landsOn(target).href.startsWith("https://here.example/"))
    .filter((target) => !/^(data:text\/plain|https:\/\/(?!evil))/.test(target));
};

async function signedIn() {
  const visitor = world.visitor();
  await visitor.password();
  await visitor.code(world.code(secret));
  world.advance(30_000);
  return visitor;
}

describe("`next` in a session", () => {
  it("leads nowhere else from the start page or the step-up page", async () => {
    const visitor = await signedIn();
    for (const next of ELSEWHERE) {
      for (const path of ["/", "/confirm"]) {
        const page = await visitor.get(`${path}?next=${encodeURIComponent(next)}`);
        expect(page.status).toBe(200);
        expect(leadsElsewhere(page.text), `${path} ${JSON.stringify(next)}`).toEqual([]);
        expect(page.text).not.toMatch(/name="next"|Continue to where/);
      }
    }
    for (const path of ["/", "/confirm"]) {
      const page = await visitor.get(`${path}?next=%2Faccount%2Fhistory`);
      expect(page.text).toMatch(/name="next" value="\/account\/history"|href="\/account\/history">Continue/);
      const doubled = await visitor.get(`${path}?next=%2Faccount&next=%2F%2Fevil.example`);
      expect(leadsElsewhere(doubled.text)).toEqual([]);
    }
  });

  it("leads nowhere else after a step-up, confirmed or refused", async () => {
    const visitor = await signedIn();
    for (const next of ELSEWHERE) {
      const refused = await visitor.confirm("password", "12345", { next });
      expect(refused.text, JSON.stringify(next)).not.toMatch(/name="next"|evil\.example/);
      const confirmed = await visitor.confirm("password", world.code(secret), { next });
      expect(confirmed.status).toBe(303);
      expect(confirmed.headers.location, JSON.stringify(next)).toBe("/account");
      world.advance(30_000);
    }
    const ours = await visitor.confirm("password", world.code(secret), { next: "/account/history?page=2" });
    expect(ours.headers.location).toBe("/account/history?page=2");
  });

  it("leads nowhere else after the recovery codes are checked, refused or put off", async () => {
    const visitor = await signedIn();
    await visitor.post("/account/recovery-codes", { sheet: "2" });
    const sheet = await visitor.get("/account/recovery-codes/current");
    const [recovery_code = ""] = codesOn(sheet.text);
    expect(leadsElsewhere(sheet.text)).toEqual([]);
    for (const next of ELSEWHERE) {
      const refused = await visitor.post("/account/recovery-codes/proof", { recovery_code: "x", next });
      expect(refused.status).toBe(401);
      expect(leadsElsewhere(refused.text), JSON.stringify(next)).toEqual([]);
      expect(refused.text).toContain('name="next" value="/account"');
      const proved = await visitor.post("/account/recovery-codes/proof", { recovery_code, next });
      expect(proved.headers.location, JSON.stringify(next)).toBe("/account");
    }
    for (const next of ELSEWHERE) {
      const later = await visitor.post("/account/recovery-codes/later", { next });
      expect(later.headers.location, JSON.stringify(next)).toBe("/account");
    }
    const ours = await visitor.post("/account/recovery-codes/proof", {
      recovery_code,
      next: "/account/history",
    });
    expect(ours.headers.location).toBe("/account/history");
  });

  it("leads nowhere else after a recovery code, or from the first recovery codes", async () => {
    const { username, password } = await addAccount(world, "new");
    const first = world.visitor();
    await first.password(username, password, { next: "//evil.example" });
    await first.code(world.code(await first.secret()));
    const sheet = await first.get("/account/recovery-codes/current");
    expect(sheet.text).toContain('name="next" value="/"');
    expect(leadsElsewhere(sheet.text)).toEqual([]);
    const codes = codesOn(sheet.text);
    for (const [next, leadsTo] of [
      ["//evil.example", "/"],
      ["/\\evil.example", "/"],
      ["/account?x=//evil.example", "/?next=%2Faccount%3Fx%3D%2F%2Fevil.example"],
    ] as const) {
      const visitor = world.visitor();
      await visitor.password(username, password, { next });
      expect((await visitor.recoveryCode(codes.pop() ?? "")).headers.location).toBe(leadsTo);
    }
  });

  it("stays on this site when a guard makes it from the address", async () => {
    const visitor = await signedIn();
    world.advance(11 * 60_000);
    for (const path of [
      "/account/password?x=//evil.example",
      "/account/authenticators/new?replaces=//evil.example",
      "//evil.example/..//account/password",
      "http://evil.example/account/password",
    ]) {
      const answer = await ask(world, { path, headers: { cookie: heldBy(visitor) } });
      if (answer.status === 404) continue;
      expect(answer.headers.location, path).toMatch(/^\/confirm\?next=%2F(?!%2F|\/|\\)/);
      const next = landsOn(answer.headers.location).searchParams.get("next") ?? "";
      expect(landsOn(next).origin).toBe("https://here.example");
    }
  });
});
