/** docs/embed-reference.md: every snippet compiles against the package, and does what the text beside it says. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type AppProcess, startApp } from "./support/app-process.js";
import { enter } from "./support/by-the-clock.js";
import { guideProject, problemsOf, programsOf } from "./support/guide.js";
import { root } from "./support/project.js";

const GUIDE = "docs/embed-reference.md";

/** What each does, seen from outside. */
const CASES: Record<string, (app: AppProcess) => Promise<void>> = {
  async "options.ts"(app) {
    const page = (await app.visitor().get("/sign-in/login")).text;
    expect(page).toContain("<title>Sign in to your allotment – Allotment</title>");
    expect(page).toContain("help@example.org");
    expect(page).toContain('<a href="/help">Help with Allotment</a>');
    const stylesheet = /href="([^"]+\.css)"/.exec(page)?.[1] ?? "";
    const css = (await app.visitor().get(stylesheet)).text;
    for (const colour of ["#1f6f3f", "#7fd19b"]) expect(css).toContain(`--lk-accent:${colour}`);
    // Nothing worth a warning has happened, and the log is that of the options.
    expect(app.output()).toBe("");

    const visitor = app.visitor();
    await enter(visitor, "/sign-in");
    const account = (await visitor.get("/sign-in/account")).text;
    expect(account).toMatch(/Signed in as <b>test<\/b> until <time [^>]*>\d\d:\d\d/);
    expect(account).toContain('<a href="/sign-in/account">Your account</a>');
  },

  async "well-known.ts"(app) {
    const answer = await app.visitor().get("/.well-known/change-password");
    expect([answer.status, answer.headers.location]).toEqual([303, "/sign-in/account/password"]);
  },

  async "beside.ts"(app) {
    const visitor = app.visitor();
    await enter(visitor, "/sign-in");
    const answer = await visitor.post("/basket", { item: "seeds" });
    expect(answer.body).toEqual({ by: "test", item: "seeds", session: 32 });
    expect(answer.headers["content-security-policy"]).toBe("default-src 'self'");
    const page = await visitor.get("/sign-in/account");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
  },

  async "behind-a-proxy.ts"(app) {
    const direct = await app.visitor().get("/sign-in/login");
    expect(direct.status).toBe(400);
    expect(direct.text).toContain("TRUST_PROXY");
    const visitor = app.visitor({ "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9" });
    expect((await visitor.get("/sign-in/login")).status).toBe(200);
    expect((await visitor.get("/whoami")).body).toEqual({ address: "203.0.113.9", secure: true });
  },

  async "errors.ts"(app) {
    const missing = await app.visitor().get("/no-such-page");
    expect(missing.status).toBe(404);
    expect(missing.text).toContain('data-message="error-404"');
    expect((await app.visitor().agent.post("/no-such-page").send({ json: true })).status).toBe(404);
    const refused = await app.visitor().get("/private").set("Accept", "application/json");
    expect([refused.status, refused.text]).toEqual([401, "Sign in first."]);
  },

  async "stop.ts"(app) {
    expect((await app.visitor().get("/sign-in/readyz")).status).toBe(200);
    expect(await app.stop()).toBe(0);
  },

  async "app.cjs"(app) {
    const visitor = app.visitor();
    await enter(visitor, "/sign-in");
    expect((await visitor.get("/private")).text).toBe("test");
  },
};

let project: string;
let files: string[];
beforeAll(() => {
  ({ project, files } = guideProject(
    GUIDE,
    programsOf("docs/embed.md").find(({ title }) => title === "app.ts")?.text ?? "",
  ));
});

describe("docs/embed-reference.md", () => {
  it("has no snippet without a name and a case, and no case without its snippet", () => {
    const titles = programsOf(GUIDE).map(({ title }) => title);
    expect(titles.sort()).toEqual(Object.keys(CASES).sort());
  });

  it("compiles against the types of the package, strictly", () => {
    expect(problemsOf(project, files)).toEqual([]);
  });

  it("names every view that an app can replace", () => {
    const guide = readFileSync(path.join(root, GUIDE), "utf8");
    for (const view of readdirSync(path.join(root, "views"))) {
      if (view.endsWith(".ejs")) expect(guide).toContain(`\`${path.basename(view, ".ejs")}\``);
    }
  });
});

describe("each snippet of docs/embed-reference.md", () => {
  it.each(Object.entries(CASES))("does what the guide says: %s", async (title, look) => {
    const app = await startApp(project, [title.replace(/\.ts$/, ".js")]);
    await look(app);
    await app.stop();
  });
});
