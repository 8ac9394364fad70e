/**
 * The recipes of docs/moving-in.md, each on a small export of the real system: people sign in with the old password, and with a code
 * of the old app.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromBase32, totpAt } from "../../src/otp/index.js";
import { read } from "../docs/document.js";
import { emptyDatabase } from "../support/database.js";
import { askPostgres, askSqlite, fixture, imported, type Row, runScript } from "../support/recipes.js";
import { openWorld, type World } from "../support/world.js";

const [ANNA, BEN, CLEO] = ["correct horse battery", "staple battery horse", "horse staple correct"] as const;

/** Signs in with the old password, and with the code that the old app shows. */
async function signsIn(world: World, row: Row | undefined, password: string) {
  const { username, totp = "" } = row ?? { username: "" };
  const visitor = world.visitor();
  expect(await visitor.password(username, password)).toMatchObject({ status: 303 });
  const secret = totp.startsWith("otpauth:") ? (new URL(totp).searchParams.get("secret") ?? "") : totp;
  const answer = await visitor.code(totpAt(fromBase32(secret), world.now() / 1000));
  expect(answer).toMatchObject({ status: 303, headers: { location: "/" } });
}

/** Signs in with the old password, and is shown a QR code: the old system had no app for them. */
async function setsUp(world: World, username: string, password: string) {
  const visitor = world.visitor();
  expect(await visitor.password(username, password)).toMatchObject({ status: 303 });
  expect(await visitor.secret()).toMatch(/^[A-Z2-7]{32}$/);
}

describe("a users table with bcrypt", () => {
  it.each([
    ["SQLite", async () => askSqlite("users-table.sql", "users-table.sqlite.sql")],
    [
      "PostgreSQL",
      async () => askPostgres(await emptyDatabase(), "users-table.sql", "users-table.postgres.sql"),
    ],
  ])("moves in from %s", async (_engine, query) => {
    const { DATA_DIR, done, rows } = await imported(await query());
    expect(JSON.parse(done.out)).toEqual({ imported: 3, skipped: 0, refused: [] });
    const world = await openWorld({ DATA_DIR });
    await signsIn(world, rows[0], ANNA);
    await setsUp(world, "ben", BEN);
    expect(await world.store.accounts.byUsername("ben")).toMatchObject({
      name: "Ben O'Example",
      email: null,
    });
    expect(await world.store.accounts.byUsername("cleo")).toMatchObject({ passwordHash: "" });
    await world.close();
  });
});

describe("Django with django-otp", () => {
  it("moves in", async () => {
    const { out, err } = await runScript("django.mjs", {
      stdin: readFileSync(fixture("django.json"), "utf8"),
    });
    expect(err.split("\n")).toEqual([
      "Anna: the first of 2 devices is taken",
      "dora: not active, left out",
      "",
    ]);
    const { DATA_DIR, done, rows } = await imported(out);
    expect(JSON.parse(done.out)).toEqual({
      imported: 3,
      skipped: 0,
      refused: [{ line: 4, username: "emil", message: expect.stringContaining("8 digits") }],
    });
    const world = await openWorld({ DATA_DIR });
    await signsIn(world, rows[0], ANNA);
    await setsUp(world, "ben", BEN);
    expect(await world.store.accounts.byUsername("anna")).toMatchObject({
      groups: ["editors", "night shift"],
    });
    expect(await world.store.accounts.byUsername("cleo")).toMatchObject({ passwordHash: "" });
    await world.close();
  });
});

describe("better-auth", () => {
  it("moves in", async () => {
    const { out } = await runScript("better-auth.mjs", {
      stdin: askSqlite("better-auth.sql", "better-auth.sql"),
      env: { BETTER_AUTH_SECRET: "fixture-secret-of-the-moving-in-recipe-0123456789" },
    });
    const { DATA_DIR, done, rows } = await imported(out);
    expect(JSON.parse(done.out)).toEqual({ imported: 4, skipped: 0, refused: [] });
    const world = await openWorld({ DATA_DIR });
    await signsIn(world, rows[0], ANNA);
    await setsUp(world, "ben@example.org", BEN);
    // Her set-up was never confirmed there.
    await setsUp(world, "cleo@example.org", CLEO);
    expect(await world.store.accounts.byUsername("dora@example.org")).toMatchObject({
      passwordHash: "",
      emailConfirmed: true,
    });
    await world.close();
  });
});

describe("Authelia", () => {
  it("moves in", async () => {
    const { out, err } = await runScript("authelia.mjs", {
      args: [fixture("users_database.yml"), fixture("authelia.export.totp.yml")],
    });
    expect(err).toBe("cleo: disabled, left out\n");
    const { DATA_DIR, done, rows } = await imported(out);
    expect(JSON.parse(done.out)).toEqual({
      imported: 2,
      skipped: 0,
      refused: [{ line: 3, username: "dora", message: expect.stringContaining("SHA-256") }],
    });
    const world = await openWorld({ DATA_DIR });
    await signsIn(world, rows[0], ANNA);
    await setsUp(world, "ben", BEN);
    expect(await world.store.accounts.byUsername("anna")).toMatchObject({ groups: ["admins", "dev"] });
    await world.close();
  });
});

describe("htpasswd", () => {
  it("moves in", async () => {
    const { out } = await runScript("htpasswd.mjs", { stdin: readFileSync(fixture("htpasswd"), "utf8") });
    const { DATA_DIR, done } = await imported(out);
    expect(JSON.parse(done.out)).toEqual({
      imported: 3,
      skipped: 0,
      refused: [{ line: 4, username: "dora", message: expect.stringContaining("no kind of password hash") }],
    });
    const world = await openWorld({ DATA_DIR });
    await setsUp(world, "anna", ANNA);
    await setsUp(world, "ben", BEN);
    await setsUp(world, "cleo", CLEO);
    await world.close();
  });
});

describe("docs/moving-in.md", () => {
  it.each(["users-table.sqlite.sql", "users-table.postgres.sql"])("shows %s as it is", (name) => {
    const file = read(`examples/moving-in/${name}`);
    expect(read("docs/moving-in.md")).toContain(`\`\`\`sql title="${name}"\n${file}\`\`\``);
  });
});
