/** The import rule of the rings and floors, and that each breach of it is found. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { newFolder } from "./support/new-folder.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const depcruise = path.join(root, "node_modules/.bin/depcruise");

/** A rule, and a statement that breaks it. */
const BREACHES = [
  ["auth-is-alone", "src/auth/sign-in/second-step.ts", 'import "../../web/render/page.js";'],
  ["auth-without-http-and-sql", "src/auth/sign-in/second-step.ts", 'import "express";'],
  ["web-never-sees-storage", "src/web/pages/login.ts", 'import "../../storage/index.js";'],
  ["web-by-the-front-door", "src/web/pages/login.ts", 'import "../../auth/sign-in/password-step.js";'],
  ["storage-sees-the-store", "src/storage/accounts.ts", 'import "../auth/policy.js";'],
  ["otp-is-pure", "src/otp/totp.ts", 'import "../auth/authenticators/code.js";'],
  ["otplib-in-otp", "src/auth/authenticators/code.ts", 'import "otplib";'],
  ["otplib-in-otp", "src/auth/authenticators/code.ts", 'import "@otplib/totp";'],
  ["one-driver-one-file", "src/storage/sqlite/file.ts", 'import "@photostructure/sqlite";'],
  ["only-wiring-wires", "src/app.ts", 'import "./main.js";'],
  ["only-wiring-wires", "src/latchkey.ts", 'import "./storage/index.js";'],
  ["postgres-in-one-file", "src/storage/postgres/problems.ts", 'import "pg";'],
  ["kysely-in-storage", "src/main.ts", 'import "kysely";'],
  ["no-cycles", "src/auth/authenticators/code.ts", 'import "./authenticators.js";'],
  ["web-by-the-front-door", "src/testing/outage.ts", 'import "../auth/testing/shortcuts.js";'],
  ["floor-of-testing", "src/auth/testing/shortcuts.ts", 'import "../index.js";'],
  ["floor-of-operator", "src/auth/operator/pruning.ts", 'import "../index.js";'],
  ["floor-of-account", "src/auth/account/history.ts", 'import "../operator/pruning.js";'],
  ["floor-of-sign-in", "src/auth/sign-in/summary.ts", 'import "../account/history.js";'],
  ["floor-of-recovery", "src/auth/recovery/recovery-code.ts", 'import "../sign-in/summary.js";'],
  ["floor-of-sessions", "src/auth/sessions/forward-token.ts", 'import "../recovery/recovery-code.js";'],
  ["floor-of-throttle", "src/auth/throttle/known-browsers.ts", 'import "../sessions/sessions.js";'],
  ["floor-of-transaction", "src/auth/transaction.ts", 'import "./throttle/lockout.js";'],
  ["floor-of-transaction", "src/auth/events.ts", 'import type {} from "./throttle/lockout.js";'],
  ["floor-of-authenticators", "src/auth/authenticators/diagnosis.ts", 'import "../transaction.js";'],
  ["floor-of-clock", "src/auth/clock/drifts.ts", 'import "../authenticators/code.js";'],
  ["floor-of-passwords", "src/auth/passwords/username.ts", 'import "../clock/drifts.js";'],
  ["floor-of-keys", "src/auth/keys/encryption.ts", 'import "../passwords/username.js";'],
  ["floor-of-context", "src/auth/context.ts", 'import "./keys/encryption.js";'],
] as const;

describe("the import rule", () => {
  it("holds for every file of src", () => {
    const output = execFileSync(depcruise, ["src"], { cwd: root, encoding: "utf8" });
    const modules = Number(/\((\d+) modules/.exec(output)?.[1]);
    expect(output).toContain("no dependency violations found");
    // A checker that cannot read TypeScript finds no violations, and no modules either.
    expect(modules).toBeGreaterThan(40);
  });

  describe("a breach of the import rule", () => {
    let broken: { status: number | null; stdout: string };
    // All breaches at once: checking the whole of src takes seconds.
    beforeAll(() => {
      const copy = copyOfTheSources();
      for (const [, file, statement] of BREACHES) {
        writeFileSync(path.join(copy, file), `${statement}\n`, { flag: "a" });
      }
      broken = spawnSync(depcruise, ["src"], { cwd: copy, encoding: "utf8" });
    });

    it.each(BREACHES)("is found by %s when %s says %s", (rule, file) => {
      expect(broken.status).not.toBe(0);
      expect(broken.stdout).toMatch(
        new RegExp(`error ${rule}: (?:(?!error )[^])*${file.replaceAll(".", "\\.")}`),
      );
    });
  });
});

function copyOfTheSources(): string {
  const copy = newFolder();
  mkdirSync(path.join(copy, "src"), { recursive: true });
  for (const name of ["src", "package.json", "tsconfig.json", ".dependency-cruiser.cjs"]) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
  return copy;
}

describe("otplib", () => {
  it("is of the same release as its part for TOTP, so that both decide alike", () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    expect(dependencies["@otplib/totp"]).toBe(dependencies.otplib);
    const otplib = readFileSync(path.join(root, "node_modules/otplib/package.json"), "utf8");
    expect(JSON.parse(otplib).dependencies["@otplib/totp"]).toBe(dependencies["@otplib/totp"]);
  });
});
