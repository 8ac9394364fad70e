/** The types of the package in hosts of every kind: Express 4 and 5, ES modules and CommonJS, each way to find modules. */
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { newFolder } from "./support/new-folder.js";

const root = fileURLToPath(new URL("../", import.meta.url));

/** A host in CommonJS. Where an error is expected and there is none, the compiler says so too. */
const host = (version: number) => `
import express = require("express");
import { createLatchkey, type LatchkeyOptions, type Latchkey } from "latchkey";
import { createTestLatchkey, type TestAccount, type TestLatchkey } from "latchkey/testing";

const options: LatchkeyOptions = {
  name: "Host",
  settings: process.env,
  async onSignIn(req: express.Request, res: express.Response, { account, next }) {
    res.locals.seen = [req.path, account.id, next];
  },
};
export async function start(): Promise<Latchkey> {
  const latchkey = await createLatchkey(options);
  const app = express();
  app.use("/sign-in", latchkey.router);
  const guard: express.RequestHandler = latchkey.requireSession({ maxAge: "5m" });
  app.use("/reports", guard);
  app.get("/reports/:year", latchkey.requireSession(), (req, res) => {
    res.send(req.latchkey.account.username);
  });
  express.Router().get("/name", latchkey.requireSession(), (req: express.Request, res: express.Response) => {
    res.send(req.latchkey.account.username);
  });
  app.get("/", async (req, res) => {
    res.json(await latchkey.accountOf(req));
  });
  app.post("/sign-in", async (req, res) => {
    await latchkey.startSecondFactor(req, res, { id: 7, username: "alice" }, { next: "/reports" });
  });
  app.post("/sign-out/:where", async (req, res) => {
    await latchkey.signOut(req, res);
    res.redirect("/");
  });
  app.use(latchkey.notFound);
  // @ts-expect-error no such option
  createLatchkey({ nmae: "Host" });
  return latchkey;
}

export async function check(): Promise<string> {
  const kit: TestLatchkey = await createTestLatchkey(options);
  const ann: TestAccount = await kit.account({ username: "ann", secondFactor: "totp" });
  kit.clock.advance("5m");
  express().use(kit.latchkey.router);
  // @ts-expect-error no such method
  kit.signIn(ann, { method: "password" });
  // @ts-expect-error a clock of the caller's
  createTestLatchkey({ clock: () => 0 });
  const { cookie, cookies } = await kit.signIn(ann);
  const names: string[] = cookies("http://127.0.0.1").map(({ name }) => name);
  return kit.outage(async () => cookie + names + (await kit.code(ann)));
}
export const isExpress4: "param" extends keyof express.Request ? true : false = ${version === 4};
`;

/** The same lines as an ES module. */
const asModule = (text: string) =>
  text.replace('import express = require("express")', 'import express from "express"');

const { ModuleKind, ModuleResolutionKind } = ts;
const KINDS: [name: string, file: string, how: ts.CompilerOptions][] = [
  ["an ES module, by nodenext", "host.mts", { module: ModuleKind.NodeNext }],
  ["an ES module, by node16", "host.mts", { module: ModuleKind.Node16 }],
  ["CommonJS, by nodenext", "host.cts", { module: ModuleKind.NodeNext }],
  ["CommonJS, by node16", "host.cts", { module: ModuleKind.Node16 }],
  [
    "CommonJS, by bundler",
    "host.cts",
    { module: ModuleKind.CommonJS, moduleResolution: ModuleResolutionKind.Bundler },
  ],
  [
    "CommonJS, by node10",
    "host.cts",
    {
      module: ModuleKind.CommonJS,
      moduleResolution: ModuleResolutionKind.Node10,
      ignoreDeprecations: "6.0",
    },
  ],
];

const projects = new Map<number, string>();
beforeAll(() => {
  for (const version of [4, 5]) projects.set(version, projectFor(version));
});

describe.each([4, 5])("the types of the package beside those of Express %i", (version) => {
  it.each(KINDS)("fit %s", (_kind, file, how) => {
    const project = projects.get(version) ?? "";
    expect(problemsIn(project, [file], how)).toEqual([]);
  });
});

describe("the example on Express 4", () => {
  it("is right by the types of that version", () => {
    const project = projects.get(4) ?? "";
    cpSync(path.join(root, "examples/express-4"), project, { recursive: true });
    expect(problemsIn(project, ["app.js", "page.js"], { module: ModuleKind.Node16, allowJs: true })).toEqual(
      [],
    );
  });
});

function problemsIn(project: string, files: string[], how: ts.CompilerOptions): string[] {
  const program = ts.createProgram(
    files.map((file) => path.join(project, file)),
    {
      ...how,
      strict: true,
      noEmit: true,
      esModuleInterop: true,
      target: ts.ScriptTarget.ES2022,
      types: ["node"],
      // The declarations of others are theirs. An error in ours makes a type `any`, of which the host expects an error in vain.
      skipLibCheck: true,
      typeRoots: [path.join(project, "node_modules/@types")],
    },
  );
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const name = file && path.basename(file.fileName);
    return `${name}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

/** A project with the declarations of the package, and with the types of one version of Express alone. */
function projectFor(version: number): string {
  const folder = newFolder();
  const modules = path.join(folder, "node_modules");
  const types = path.join(modules, "@types");
  const latchkey = path.join(modules, "latchkey");
  mkdirSync(types, { recursive: true });
  mkdirSync(path.join(latchkey, "dist"), { recursive: true });
  cpSync(path.join(root, "package.json"), path.join(latchkey, "package.json"));
  for (const file of readdirSync(path.join(root, "dist"))) {
    if (/\.d\.c?ts$/.test(file)) cpSync(path.join(root, "dist", file), path.join(latchkey, "dist", file));
  }
  const ours = path.join(root, "node_modules");
  // The types of Express 4 bring those that they are made of, in a folder of their own.
  const express = version === 4 ? path.join(ours, "types-express4") : path.join(ours, "@types/express");
  cpSync(express, path.join(types, "express"), { recursive: true });
  const inside = path.join(express, "node_modules/@types");
  for (const from of [inside, path.join(ours, "@types")]) {
    if (!existsSync(from)) continue;
    for (const name of readdirSync(from)) {
      const to = path.join(types, name);
      if (!existsSync(to)) cpSync(path.join(from, name), to, { recursive: true });
    }
  }
  symlinkSync(path.join(ours, "pino"), path.join(modules, "pino"));
  writeFileSync(path.join(folder, "host.cts"), host(version));
  writeFileSync(path.join(folder, "host.mts"), asModule(host(version)));
  return folder;
}
