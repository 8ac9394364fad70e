/** The public API: what other apps import and rely on, name by name. A change of this file is a change of the API. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT_TYPES, REFUSAL } from "./support/account-types.js";
import { newFolder } from "./support/new-folder.js";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The code in the two guides: in their sentences and in their snippets. */
const code = ["docs/embed.md", "docs/embed-reference.md"]
  .flatMap((guide) => readFileSync(path.join(root, guide), "utf8").match(/^```.*?^```$|`[^`\n]+`/gms) ?? [])
  .join("\n");

/** Each exported type, and its members as they are declared. */
const TYPES: Record<string, string[]> = {
  LatchkeyOptions: [
    "settings?: Readonly<Record<string, string | undefined>>",
    "name?: string",
    "colours?: { accent: string; accentOnDark?: string; }",
    "mark?: string",
    "views?: string",
    "messages?: Readonly<Record<string, string>>",
    "log?: Logger",
    "signUpUrl?: string",
    "users?: HostUsers",
    "onSignIn?(req: Request, res: Response, who: SignedIn & { next: string; }): void | Promise<void>",
  ],
  HostUsers: [
    "checkPassword(username: string, password: string): Promise<HostUser | null | undefined>",
    "normaliseUsername?(username: string): string",
    "changePasswordUrl?: string",
  ],
  HostUser: ["id: string | number", "username: string"],
  Latchkey: [
    "router: RequestHandler",
    "requireSession(demand?: Demand): RequestHandler",
    "accountOf(req: IncomingMessage): Promise<SessionAccount | undefined>",
    "link(path: string): string",
    "notFound: RequestHandler",
    "signOut(req: Request, res: Response): Promise<void>",
    "startSecondFactor(req: Request, res: Response, user: HostUser, options?: { next?: string | undefined; }): Promise<void>",
    "accounts: Accounts",
    "on(listener: (event: SecurityEvent) => void | Promise<void>): () => void",
    "drain(): void",
    "close(): Promise<void>",
  ],
  Demand: ["maxAge?: string", 'methods?: "totp"'],
  SessionAccount: [
    "id: string",
    "username: string",
    "externalId?: string",
    "name?: string",
    "email?: string",
    "groups: readonly string[]",
  ],
  SignedIn: ["account: SessionAccount", "methods: readonly string[]", "provedAt: Date | undefined"],
};

describe("the types of the package", () => {
  /** What is exported, as it is declared. */
  let exported: Map<string, ts.Declaration>;
  beforeAll(() => {
    const file = path.join(root, "dist/latchkey.d.ts");
    const program = ts.createProgram([file], {
      module: ts.ModuleKind.NodeNext,
      types: [],
      skipLibCheck: true,
    });
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    const names = source && checker.getSymbolAtLocation(source);
    if (!names) throw new Error("dist/latchkey.d.ts is no module.");
    exported = new Map();
    for (const symbol of checker.getExportsOfModule(names)) {
      const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
      const [declaration] = (isAlias ? checker.getAliasedSymbol(symbol) : symbol).declarations ?? [];
      if (declaration) exported.set(symbol.name, declaration);
    }
  });

  it("are these, createLatchkey, and two unions", () => {
    const names = [...Object.keys(TYPES), ...Object.keys(ACCOUNT_TYPES), "Refusal", "SecurityEvent"];
    expect([...exported.keys()].sort()).toEqual([...names, "createLatchkey"].sort());
  });

  it.each(Object.entries({ ...TYPES, ...ACCOUNT_TYPES }))("have in %s these members", (name, members) => {
    const declaration = exported.get(name);
    if (!declaration || !ts.isInterfaceDeclaration(declaration)) throw new Error(`${name} is no interface.`);
    expect(declaration.members.map(written)).toEqual(members);
  });

  it("have these refusals", () => {
    const declaration = exported.get("Refusal");
    expect(declaration && written(declaration)).toBe(REFUSAL);
  });

  it("have createLatchkey take options, or none, and promise a Latchkey", () => {
    const declaration = exported.get("createLatchkey");
    expect(declaration && written(declaration)).toBe(
      "export declare function createLatchkey(options?: LatchkeyOptions): Promise<Latchkey>",
    );
  });

  it("give a request of Express `latchkey`, and declare nothing else globally", () => {
    const face = exported.get("Latchkey")?.getSourceFile();
    const globals = face?.statements.filter(ts.isModuleDeclaration).map(written);
    expect(globals).toEqual([
      "declare global { namespace Express { interface Request { latchkey: SignedIn; } } }",
    ]);
  });
});

const printer = ts.createPrinter({ removeComments: true });

/** On one line, without comments. */
function written(node: ts.Node): string {
  const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
  return text.replace(/\s+/g, " ").replace(/;$/, "");
}

describe("the guides", () => {
  it.each(Object.entries(TYPES))("name %s and all its members", (name, members) => {
    expect(code).toContain(`\`${name}\``);
    for (const member of members) {
      const [word = ""] = /^\w+/.exec(member) ?? [];
      expect(code).toMatch(new RegExp(`\\b${word}\\b`));
    }
  });
});

describe("the package as a module", () => {
  const INSIDE = [
    "latchkey/dist/config.js",
    "latchkey/dist/latchkey.js",
    "latchkey/dist/testing.js",
    "latchkey/src/public-types.ts",
    "latchkey/src/latchkey.ts",
    "latchkey/views",
  ];
  /** What another package imports under each name: the exported names, or the error. In a process, for Vitest resolves names in its own way. */
  let imported: Record<string, unknown>;
  let project: string;
  beforeAll(() => {
    project = newFolder();
    mkdirSync(path.join(project, "node_modules"));
    symlinkSync(root, path.join(project, "node_modules/latchkey"));
    const program = `
      const found = {};
      for (const name of ${JSON.stringify(["latchkey", "latchkey/testing", ...INSIDE])}) {
        found[name] = await import(name).then(Object.keys, ({ code }) => code);
      }
      console.log(JSON.stringify(found));`;
    writeFileSync(path.join(project, "import.mjs"), program);
    imported = JSON.parse(execFileSync(process.execPath, ["import.mjs"], { cwd: project, encoding: "utf8" }));
  });

  it("exports createLatchkey, and nothing else", () => {
    expect(imported.latchkey).toEqual(["createLatchkey"]);
  });

  it("exports createTestLatchkey for tests, and nothing else", () => {
    expect(imported["latchkey/testing"]).toEqual(["createTestLatchkey"]);
  });

  it("gives CommonJS the same, without a flag or a warning", () => {
    const program =
      'console.log(Object.keys(require("latchkey")).join(), require("latchkey/package.json").name)';
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], {
      cwd: project,
      encoding: "utf8",
      env: { PATH: process.env.PATH },
    });
    expect([stdout, stderr]).toEqual(["createLatchkey latchkey\n", ""]);
  });

  it.each(INSIDE)("does not export %s", (name) => {
    expect(imported[name]).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});
