/** The package as others get it: packed, installed into the example app, compiled against, and used in a real browser. */
import { execFile, execFileSync } from "node:child_process";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { startApp } from "./support/app-process.js";
import {
  browserOfThisFile,
  closePage,
  headingOf,
  openPage,
  pathOf,
  press,
  signInWith,
  signOut,
  submitCode,
} from "./support/browser.js";
import { codeOf } from "./support/by-the-clock.js";
import { copyOfTheCheckout } from "./support/checkout.js";
import { look } from "./support/look.js";
import { newFolder } from "./support/new-folder.js";
import { root } from "./support/project.js";

const execute = promisify(execFile);
const browser = browserOfThisFile();

/** The example in a folder of its own, with the packed package and what else it needs installed. */
let project: string;
beforeAll(async () => {
  const checkout = await copyOfTheCheckout();
  project = newFolder();
  const example = path.join(checkout, "examples/express-app");
  const isOfTheSources = (file: string) => !/^(node_modules|data)$/.test(path.relative(example, file));
  await cp(example, project, { recursive: true, filter: isOfTheSources });
  const packed = await run(checkout, "npm", "pack", "--silent", "--pack-destination", project);
  const quietly = ["--silent", "--no-audit", "--ignore-scripts", "--prefer-offline"];
  await run(project, "npm", "install", ...quietly, `./${packed}`);
}, 180_000);

const installed = () => path.join(project, "node_modules/latchkey");

async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, npm_config_update_notifier: "false" };
  return (await execute(command, args, { cwd, env })).stdout.trim();
}

describe("the installed package", () => {
  it("has what it needs to run, and no other file", async () => {
    const files = await readdir(installed());
    expect(files.sort()).toEqual([
      ".env.example",
      "CHANGELOG.md",
      "CONTRIBUTING.md",
      "LICENSE",
      "README.md",
      "SECURITY.md",
      "bin",
      "dist",
      "docs",
      "examples",
      "locales",
      "package.json",
      "views",
    ]);
    const app = await readdir(path.join(installed(), "examples/express-app"));
    const own = await readdir(path.join(root, "examples/express-app"));
    const leftOut = ["node_modules", "data", ".npmrc"];
    expect(app.sort()).toEqual(own.filter((name) => !leftOut.includes(name)).sort());
  });

  it("has documents whose links and pictures lead to files of it, but for what it says is in the repository alone", async () => {
    const all = await readdir(installed(), { recursive: true });
    const broken = [];
    for (const document of all.filter((file) => /\.md$/.test(file) && !file.includes("node_modules"))) {
      const text = await readFile(path.join(installed(), document), "utf8");
      for (const [, link, picture] of text.matchAll(
        /\]\((?!https?:)([^)#]+)[^)]*\)|<(?:img|source)[^>]* src(?:set)?="([^"]+)"/g,
      )) {
        const target = path.join(path.dirname(document), link ?? picture ?? "");
        const isElsewhere = /^(src|test|bench)\/|^docs\/tour\.md$/.test(target);
        if (!isElsewhere && !all.includes(target.replace(/\/$/, ""))) broken.push(`${document}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
    const index = await readFile(path.join(installed(), "docs/README.md"), "utf8");
    expect(index).toMatch(/package leaves out the tour.*`src\/`, `test\/` and `bench\/`/s);
  });

  it("brings the command, and a server with its pages and styles", async () => {
    const hotp = ["hotp", "at", "base32secret3232", "1"];
    expect(await run(project, "npx", "--no", "latchkey", ...hotp)).toBe("055283");
    const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    expect(await run(project, "npx", "latchkey", "--version")).toBe(version);
    const app = await startApp(project, ["node_modules/latchkey/bin/latchkey.js", "serve"]);
    const page = await app.visitor().get("/login");
    expect(page.status).toBe(200);
    const stylesheet = /href="(\/assets\/latchkey\.[0-9a-f]{8}\.css)"/.exec(page.text)?.[1] ?? "";
    expect((await app.visitor().get(stylesheet)).status).toBe(200);
    expect(await app.stop()).toBe(0);
  });

  it("adds accounts and looks after them by the command", async () => {
    const DATA_DIR = newFolder();
    const command = (...args: string[]) =>
      execFileSync("npx", ["--no", "latchkey", ...args], {
        cwd: project,
        encoding: "utf8",
        env: { PATH: process.env.PATH, DATA_DIR },
        input: "a long passphrase\n",
      });
    command("account", "add", "alice");
    expect(command("account", "list")).toContain("alice");
    const checks: { state: string }[] = JSON.parse(command("doctor", "--json"));
    expect(checks.filter(({ state }) => state === "problem")).toEqual([]);
  });

  it.each([
    ["nodenext", { module: ts.ModuleKind.NodeNext }],
    [
      "bundler",
      {
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        skipLibCheck: true,
      },
    ],
  ])("has types that a strict compiler finds and enforces, with %s", async (_name, how) => {
    await writeFile(path.join(project, "host.ts"), HOST);
    expect(problemsOf(["host.ts", "app.js", "types.d.ts"], how)).toEqual([]);
  });
});

/** A host app that the compiler checks. Where an error is expected and there is none, the compiler says so too. */
const HOST = `
import express, { type Request } from "express";
import { createLatchkey, type Latchkey, type LatchkeyOptions, type SessionAccount } from "latchkey";

const options: LatchkeyOptions = { name: "Host", settings: process.env };
const latchkey: Latchkey = await createLatchkey(options);
const app = express();
app.use("/sign-in", latchkey.router);
app.get("/", latchkey.requireSession({ maxAge: "5m", methods: "totp" }), (req, res) => {
  const name: string = req.latchkey.account.username;
  const since: Date | undefined = req.latchkey.provedAt;
  res.json({ name, since });
  // @ts-expect-error an account has no such thing
  req.latchkey.account.nope;
});
export const whoIs = (req: Request): Promise<SessionAccount | undefined> => latchkey.accountOf(req);

// @ts-expect-error no such option
await createLatchkey({ nmae: "Host" });
// @ts-expect-error settings are written as in the environment
await createLatchkey({ settings: { PORT: 3000 } });
// @ts-expect-error a duration has a unit
latchkey.requireSession({ maxAge: 5 });
// @ts-expect-error no such method
latchkey.requireSession({ methods: "password" });
`;

function problemsOf(files: string[], how: ts.CompilerOptions): string[] {
  const program = ts.createProgram(
    files.map((file) => path.join(project, file)),
    {
      ...how,
      strict: true,
      allowJs: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      types: ["node"],
      typeRoots: [path.join(project, "node_modules/@types")],
    },
  );
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

describe("the example app", () => {
  it("keeps a note begun before signing in, opens only after both factors, asks again before deleting, and closes", async () => {
    const app = await startApp(project, ["app.js"]);
    const page = await openPage(browser(), app.address);
    await page.goto("/");
    await look(page);
    await page.getByLabel("Your note").fill("Milk & <b>bread</b>");
    await press(page, page.getByRole("button", { name: "Keep it" }));

    expect(pathOf(page)).toBe("/sign-in/login");
    expect(await page.title()).toBe("Sign in – Notes");
    await signInWith(page, "password");
    const secret = (await page.locator("#key").textContent())?.replaceAll(" ", "") ?? "";
    await submitCode(page, codeOf(secret));
    await press(page, page.getByRole("button", { name: "Check later" }));

    expect(pathOf(page)).toBe("/notes");
    await look(page);
    expect(await page.getByLabel("A new note").inputValue()).toBe("Milk & <b>bread</b>");
    await press(page, page.getByRole("button", { name: "Add note" }));
    expect(await page.getByRole("listitem").locator("p").allTextContents()).toEqual(["Milk & <b>bread</b>"]);
    await look(page);

    await press(page, page.getByRole("link", { name: "Delete all notes" }));
    expect(await headingOf(page)).toBe("Delete all notes?");
    await look(page);

    await press(page, page.getByRole("link", { name: "Notes", exact: true }));
    expect(await headingOf(page)).toBe("Welcome back, test");
    await look(page);

    await press(page, page.getByRole("link", { name: "test", exact: true }));
    expect(pathOf(page)).toBe("/sign-in/account");
    await press(page, page.getByRole("link", { name: "Go to your notes" }));
    await signOut(page);
    expect(page.url()).toMatch(/\/sign-in\/login\?notice=signed-out$/);
    await page.goto("/notes");
    expect(pathOf(page)).toBe("/sign-in/login");

    // On a trusted browser the password alone opens the notes, but not the step that demands both factors.
    await signInWith(page, "password");
    await page.locator("#trust_device").check();
    await submitCode(page, codeOf(secret, 1));
    await signOut(page);
    await page.goto("/notes");
    await signInWith(page, "password");
    expect(pathOf(page)).toBe("/notes");
    await press(page, page.getByRole("link", { name: "Delete all notes" }));
    expect(pathOf(page)).toBe("/sign-in/confirm");
    await closePage(page);
    expect(await app.stop()).toBe(0);
  }, 60_000);

  it("has error pages in its own look", async () => {
    const app = await startApp(project, ["app.js"]);
    const page = await openPage(browser(), app.address);
    await page.route("**/notes", (route) =>
      route.continue({ headers: { ...route.request().headers(), accept: "application/json" } }),
    );
    expect((await page.goto("/notes"))?.status()).toBe(401);
    expect(await headingOf(page)).toBe("Sign in first");
    await look(page);
    await closePage(page);
    for (const form of ["/notes", "/draft"]) {
      const foreign = await app.visitor({ "Sec-Fetch-Site": "cross-site" }).post(form, { text: "not mine" });
      expect(foreign.status).toBe(403);
    }
    expect((await app.visitor().get("/no-such-page")).text).toContain('data-message="error-404"');
    await app.stop();
  });
});
