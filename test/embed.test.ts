/** docs/embed.md: every snippet compiles against the package, and does what the text beside it says. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { type AppProcess, startApp } from "./support/app-process.js";
import { enter } from "./support/by-the-clock.js";
import { linkedProject, root } from "./support/project.js";

const guide = readFileSync(path.join(root, "docs/embed.md"), "utf8");

interface Snippet {
  language: string;
  title: string;
  text: string;
}

const snippets: Snippet[] = [...guide.matchAll(/^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$/gms)].map(
  ([, language = "", title = "unnamed.ts", text = ""]) => ({ language, title, text }),
);
const programs = snippets.filter(({ language }) => /^([cm]?[jt]s|javascript|typescript)$/.test(language));
const views = snippets.filter(({ language }) => language === "ejs");

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

  async "tests.ts"(app) {
    await expect.poll(app.output, { timeout: 20_000 }).toContain("With the cookie: Only for test.");
  },
};

/** What a test adds to a snippet that shows nothing by itself. */
const ADDED: Record<string, string> = {
  "tests.ts": `
const seen = await fetch(\`http://127.0.0.1:\${process.env.PORT}/private\`, { headers: { cookie } });
console.log("With the cookie:", await seen.text());
`,
};

let project: string;
beforeAll(() => {
  project = linkedProject(["@types", "express", "express-session", "pino"]);
  for (const { title, text } of views) write(title, text);
  for (const { title, text } of programs) {
    const app = programs.find((snippet) => snippet.title === "app.ts")?.text ?? "";
    const whole = text.includes("createLatchkey(") ? text : `${app}\n${text}`;
    write(title, whole + (ADDED[title] ?? ""));
    const { outputText } = ts.transpileModule(readFileSync(path.join(project, title), "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    write(title.replace(/\.ts$/, ".js"), outputText);
  }
});

describe("docs/embed.md", () => {
  it("has no snippet without a name and a case, and no case without its snippet", () => {
    expect(programs.map(({ title }) => title).sort()).toEqual(Object.keys(CASES).sort());
  });

  it("compiles against the types of the package, strictly", () => {
    const files = programs.map(({ title }) => path.join(project, title));
    const program = ts.createProgram(files, {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: ["node"],
      typeRoots: [path.join(project, "node_modules/@types")],
    });
    const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file && path.basename(file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
    expect(problems).toEqual([]);
  });

  it("names every view that an app can replace", () => {
    for (const view of readdirSync(path.join(root, "views"))) {
      if (view.endsWith(".ejs")) expect(guide).toContain(`\`${path.basename(view, ".ejs")}\``);
    }
  });
});

describe("each snippet of docs/embed.md", () => {
  it.each(Object.entries(CASES))("does what the guide says: %s", async (title, look) => {
    const app = await startApp(project, [title.replace(/\.ts$/, ".js")]);
    await look(app);
    await app.stop();
  });
});

function write(name: string, text: string): void {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
