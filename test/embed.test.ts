/** docs/embed.md: every snippet compiles against the package, and does what the text beside it says. */
import { beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type AppProcess, startApp } from "./support/app-process.js";
import { codeOf, enter } from "./support/by-the-clock.js";
import { allHeldBy } from "./support/cookies.js";
import { guideProject, problemsOf, programsOf } from "./support/guide.js";
import { secretOn, type Visitor } from "./support/visitor.js";

const GUIDE = "docs/embed.md";

/** What each does, seen from outside. */
const CASES: Record<string, (app: AppProcess) => Promise<void>> = {
  async "app.ts"(app) {
    const visitor = app.visitor();
    const refused = await visitor.get("/private");
    expect(refused.headers.location).toBe("/sign-in/login?notice=sign-in&next=%2Fprivate");
    await enter(visitor, "/sign-in");
    expect((await visitor.get("/private")).text).toBe("Only for test.");
    expect((await visitor.get("/")).text).toContain("My page");
  },

  async "guards.ts"(app) {
    const nobody = app.visitor();
    expect((await nobody.get("/reports/2026?page=2")).headers.location).toMatch(
      /login\?.*next=%2Freports%2F2026%3Fpage%3D2$/,
    );
    expect((await nobody.get("/reports/2026").set("Accept", "application/json")).status).toBe(401);
    expect((await nobody.post("/export").set("Sec-Fetch-Site", "cross-site")).status).toBe(403);

    const visitor = app.visitor();
    await enter(visitor, "/sign-in");
    const report = await visitor.get("/reports/2026");
    expect(report.text).toMatch(/^2026, for account \S+$/);
    expect(report.headers["cache-control"]).toBe("no-store");
    expect((await visitor.get("/export")).text).toBe("All that there is.");
    expect((await visitor.post("/export")).headers.location).toBe("/export");
    expect((await visitor.post("/export").set("Sec-Fetch-Site", "same-site")).status).toBe(403);
    const { methods, provedAt } = (await visitor.get("/payout")).body;
    expect(methods).toEqual(["password", "totp"]);
    expect(Date.now() - Date.parse(provedAt)).toBeLessThan(60_000);
  },

  async "links.ts"(app) {
    const visitor = app.visitor();
    expect((await visitor.get("/welcome")).text).toBe('<a href="/sign-in/login?next=/welcome">Sign in</a>');
    await enter(visitor, "/sign-in");
    const inside = (await visitor.get("/welcome")).text;
    expect(inside).toContain('href="/sign-in/account"');
    const signOut = /method="post" action="([^"]+)"/.exec(inside)?.[1] ?? "";
    expect((await visitor.post(signOut)).headers.location).toBe("/sign-in/login?notice=signed-out");
    expect((await visitor.get("/welcome")).text).toContain("Sign in</a>");
  },

  async "second-factor.ts"(app) {
    const visitor = app.visitor();
    expect((await visitor.get("/private")).headers.location).toContain("/2fa/login?");
    expect((await visitor.get("/2fa/login?notice=sign-in")).headers.location).toBe("/sign-in");
    const wrong = await visitor.post("/sign-in", { username: "alice", password: "wrong" });
    expect(wrong.headers.location).toBe("/sign-in");
    await visitor.post("/sign-in", ALICE);
    expect((await visitor.get("/private")).status).toBe(303);
    await setUpAtHost(visitor, "/2fa");
    const { account, methods } = (await visitor.get("/private")).body;
    expect(account).toMatchObject({ username: "alice", externalId: "7" });
    expect(methods).toEqual(["host", "totp"]);
  },

  async "by-choice.ts"(app) {
    const visitor = app.visitor();
    expect((await visitor.post("/sign-in", ALICE)).headers.location).toBe("/private");
    expect((await visitor.get("/private")).text).toBe("7");
    expect((await visitor.post("/second-factor/on", ALICE)).headers.location).toBe("/2fa/login/2fa");
    const secret = await setUpAtHost(visitor, "/2fa");
    await visitor.post("/sign-out");
    expect((await visitor.get("/private")).text).toBe("nobody");

    expect((await visitor.post("/sign-in", ALICE)).headers.location).toBe("/2fa/login/2fa");
    expect((await visitor.get("/private")).text).toBe("nobody");
    const answer = await visitor.post("/2fa/login/2fa", { otp: codeOf(secret, 1) });
    expect(answer.headers.location).toBe("/private");
    expect((await visitor.get("/private")).text).toBe("7");
    expect((await visitor.post("/second-factor/off")).headers.location).toBe("/private");
    expect((await app.visitor().post("/sign-in", ALICE)).headers.location).toBe("/private");
  },

  async "own-passwords.ts"(app) {
    const visitor = app.visitor();
    const page = await visitor.get("/sign-in/login");
    expect(page.text).toContain('<a href="/sign-up">Create an account</a>');
    expect((await visitor.get("/sign-up")).headers.location).toBe("/sign-in/login?username=alice");
    expect((await visitor.post("/sign-in/login", { ...ALICE, password: "wrong" })).status).toBe(401);
    expect((await visitor.post("/sign-in/login", { username: "test", password: "password" })).status).toBe(
      401,
    );
    await visitor.post("/sign-in/login", ALICE);
    await setUpAtHost(visitor, "/sign-in");
    expect((await visitor.get("/private")).body).toEqual({ externalId: "7", methods: ["password", "totp"] });
  },

  async "websocket.ts"(app) {
    const visitor = app.visitor();
    await enter(visitor, "/sign-in");
    const open = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(app.address, { headers });
        socket.once("message", (data) => resolve(String(data)));
        socket.once("unexpected-response", (_req, { statusCode }) => resolve(statusCode));
        socket.once("error", resolve);
      });
    const cookie = allHeldBy(visitor);
    expect(await open({ cookie, origin: app.address })).toBe("Hello test");
    expect(await open({ cookie, origin: "https://evil.example" })).toBe(401);
    expect(await open({ origin: app.address })).toBe(401);
  },

  async "invite.ts"(app) {
    const visitor = app.visitor();
    await enter(visitor, "/sign-in");
    const made = await visitor.post("/people", { username: "carol", email: "carol@example.org" });
    expect(made.status).toBe(201);
    const link = /carol@example\.org Choose your password until \S+: (http\S+\/sign-in\/link\/\S+)/.exec(
      app.output(),
    )?.[1];
    expect((await app.visitor().get(new URL(link ?? "").pathname)).text).toContain("carol");
    const again = await visitor.post("/people", { username: "carol", email: "carol@example.org" });
    expect([again.status, again.body.outcome]).toEqual([422, "taken"]);
  },
};

let project: string;
let files: string[];
beforeAll(() => {
  ({ project, files } = guideProject(
    GUIDE,
    programsOf(GUIDE).find(({ title }) => title === "app.ts")?.text ?? "",
  ));
});

describe("docs/embed.md", () => {
  it("has no snippet without a name and a case, and no case without its snippet", () => {
    const titles = programsOf(GUIDE).map(({ title }) => title);
    expect(titles.filter((title) => title !== "users.ts").sort()).toEqual(Object.keys(CASES).sort());
  });

  it("compiles against the types of the package, strictly", () => {
    expect(problemsOf(project, files)).toEqual([]);
  });
});

describe("each snippet of docs/embed.md", () => {
  it.each(Object.entries(CASES))("does what the guide says: %s", async (title, look) => {
    const app = await startApp(project, [title.replace(/\.ts$/, ".js")]);
    await look(app);
    await app.stop();
  });
});

const ALICE = { username: "alice", password: "her own password" };

/** Sets up an authenticator, after the app has checked the password itself. @returns its secret */
async function setUpAtHost(visitor: Visitor, mountedAt: string): Promise<string> {
  const secret = secretOn((await visitor.get(`${mountedAt}/login/2fa`)).text);
  expect((await visitor.post(`${mountedAt}/login/2fa`, { otp: codeOf(secret) })).status).toBe(303);
  return secret;
}
