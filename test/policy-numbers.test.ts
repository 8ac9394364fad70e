/** Each number of the policy, changed: every page, refusal, command and document follows it. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as policy from "../src/auth/policy.js";
import { appSecret } from "./support/app-secret.js";
import { latchkey } from "./support/latchkey-command.js";
import { newFolder } from "./support/new-folder.js";
import { policyInDocs } from "./support/policy-in-docs.js";
import { addAccount, currentCodes, setUpWithSheet } from "./support/sign-in.js";
import type { Visitor } from "./support/visitor.js";
import { MINUTE, openWorld, type World } from "./support/world.js";

const DAY = 24 * 60 * 60_000;
const CHANGED = vi.hoisted(() => ({
  RECOVERY_CODES: 7,
  LOW_RECOVERY_CODES: 6,
  RECOVERY_CODES_SHOWN_MS: 7 * 60_000,
  SET_UP_TIMES: 2,
  PASSWORD_PROOF_LASTS: 3 * 60_000,
  HISTORY_RETENTION: 45 * 24 * 60 * 60_000,
  PASSWORD_LENGTH: { min: 9, max: 777 },
  MAX_NAME_LENGTH: 33,
  MAX_USERNAME_LENGTH: 40,
  MAX_AUTHENTICATORS: 1,
  SEARCH: 16,
  SEARCH_MS: 16 * 30_000,
}));
vi.mock("../src/auth/policy.js", async (original) => ({ ...(await original<object>()), ...CHANGED }));

describe("a changed number of the policy", () => {
  let world: World;
  let visitor: Visitor;
  let codes: string[];
  let setUpPage: string;

  beforeEach(async () => {
    world = await openWorld({ RESYNC: "on" });
    visitor = world.visitor();
    await visitor.password();
    setUpPage = (await visitor.get("/login/2fa")).text;
    ({ codes } = await setUpWithSheet(world, visitor));
  });

  const textOf = async (path: string) => (await visitor.get(path)).text;

  it("changes how many recovery codes there are, and how many each page says", async () => {
    expect(codes).toHaveLength(7);
    expect(setUpPage).toContain("7 recovery codes");
    expect(await textOf("/account")).toContain("7 recovery codes");
    expect(await textOf("/account/recovery-codes")).toContain("Next: 7 codes");
  });

  it("changes how long new recovery codes are shown, and how long a set-up lasts", async () => {
    world.advance(6 * MINUTE);
    expect(await currentCodes(visitor)).toEqual(codes);
    world.advance(MINUTE);
    expect(await currentCodes(visitor)).toEqual([]);
    const late = world.visitor();
    await addAccount(world, "anna", "correct horse battery");
    await late.password("anna", "correct horse battery");
    world.advance(2 * policy.DEFAULT_POLICY.pendingLogin - 1);
    expect((await late.get("/login/2fa")).status).toBe(200);
    world.advance(1);
    expect((await late.get("/login/2fa")).status).toBe(303);
  });

  it("changes when the owner is warned that few codes are left", async () => {
    await visitor.post("/logout");
    await visitor.password();
    await visitor.recoveryCode(codes[0] ?? "");
    expect(await textOf("/account")).toContain('data-message="few-codes-left"');
  });

  it("changes how long history is kept, and how long each page says", async () => {
    expect(await textOf("/account")).toContain("See all 45 days");
    world.advance(44 * DAY);
    await world.auth.prune();
    expect(await world.store.history.of(await accountId(), 99, 0)).not.toEqual([]);
    world.advance(2 * DAY);
    await world.auth.prune();
    expect(await world.store.history.of(await accountId(), 99, 0)).toEqual([]);
  });

  const accountId = async () => (await world.store.accounts.byUsername("test"))?.id ?? "";

  it("changes how long a proved password is accepted at a step-up, and until when the page says so", async () => {
    const refused = await visitor.confirm("password", "000000");
    const until = new Date(world.now() + 3 * 60_000).toISOString();
    expect(refused.text).toContain(`accepted until <time datetime="${until}"`);
    world.advance(3 * 60_000 - 1);
    expect(await textOf("/confirm")).not.toContain('name="password"');
    world.advance(1);
    expect(await textOf("/confirm")).toContain('name="password"');
  });

  it("changes the bounds of a password, its hint and its refusals", async () => {
    expect(await textOf("/account/password")).toContain("At least 9 characters");
    const next = (new_password: string) =>
      visitor.post("/account/password", { current_password: "password", new_password });
    expect((await next("Tp4#qZ8!")).text).toContain("fewer than 9 characters");
    expect((await next("Tp4#qZ8!".repeat(98))).text).toContain("more than 777 characters");
  });

  it("changes how long an authenticator's name may be, and the refusal", async () => {
    const [authenticator] = await world.store.authenticators.of(await accountId());
    const rename = (name: string) =>
      visitor.post(`/account/authenticators/${authenticator?.id}/rename`, { name });
    expect((await rename("n".repeat(34))).text).toContain("at most 33 characters");
    expect((await rename("n".repeat(33))).status).toBe(303);
  });

  it("changes how many authenticators an account may have, and the refusal", async () => {
    expect(await textOf("/account")).not.toContain('href="/account/authenticators/new"');
    await visitor.get("/account/authenticators/new");
    expect(await textOf("/account")).toContain("at most 1 app");
  });

  it("changes how far a clock may be off, and the page that says so", async () => {
    await visitor.post("/logout");
    await visitor.password();
    expect(await textOf("/login/2fa/resync")).toContain("up to 8 minutes");
  });

  it("changes what the command line says and takes", async () => {
    const env = { DATA_DIR: newFolder(), APP_SECRETS: appSecret() };
    const add = (name: string, stdin: string) => latchkey(["account", "add", name], { stdin, env });
    expect((await latchkey(["account", "add", "--help"])).out).toContain("At least 9 characters");
    expect((await add("anna", "Tp4#qZ8!\n")).err).toContain("at least 9 characters");
    expect((await add("anna", `${"Tp4#qZ8!".repeat(98)}\n`)).err).toContain("at most 777 characters");
    expect((await add("a".repeat(41), "Tp4#qZ8!Tp4#\n")).err).toContain("1 to 40 of");
  });

  it("is missed in every document that states it", async () => {
    const real = policyInDocs(await vi.importActual("../src/auth/policy.js"));
    const changed = policyInDocs(twice(policy));
    expect(real.filter(([, text], index) => text === changed[index]?.[1])).toEqual([]);
  });
});

/** Every number in a policy, made greater. */
function twice<T>(value: T): T {
  if (typeof value === "number") return (2 * value + 60_000) as T;
  if (Array.isArray(value)) return value.map(twice) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, twice(inner)])) as T;
}
