/** Enumeration while passwords are imported: telling by the time of a refusal whose password another system hashed. */
import { availableParallelism } from "node:os";
import { beforeEach, describe, expect, it } from "vitest";
import { newDatabase } from "../support/database.js";
import { addImported } from "../support/imported.js";
import { ask, form } from "../support/raw-request.js";
import { addAccount, setUp } from "../support/sign-in.js";
import { timed } from "../support/timed.js";
import { openWorld, type World } from "../support/world.js";

const PASSWORD = "correct horse battery";

/** bcrypt of that password: a check takes a few milliseconds. The rows say 400, so that a test can see the wait. */
const QUICK = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
const DEAREST = 400;

const SLOTS = availableParallelism() > 2 ? 2 : 1;

let world: World;
beforeEach(async () => {
  world = await openWorld({ TRUST_PROXY: "loopback" });
  for (const name of ["own", "closed"]) await addAccount(world, name, PASSWORD);
  await world.auth.disableAccount("closed");
  // The first of all has to load this and that.
  await tryIn("nobody", "wrong");
});

let count = 0;
/** Each attempt comes from an address of its own. */
function tryIn(username: string, password: string) {
  count += 1;
  const from = { "x-forwarded-for": `198.51.${count >> 8}.${count & 255}` };
  return ask(world, { path: "/login", ...form({ username, password }, from) });
}

describe("a refused password", () => {
  it("waits as long as the dearest imported one, whatever the name", async () => {
    await addImported(world, "dear", QUICK, DEAREST);
    await addImported(world, "cheap", QUICK, 20);
    const guesses = [
      ["nobody", "wrong"],
      ["own", "wrong"],
      ["closed", PASSWORD],
      ["dear", "wrong"],
      ["cheap", "wrong"],
      ["<no name>", "wrong"],
    ] as const;
    for (const [name, password] of guesses) {
      const [answer, took] = await timed(tryIn(name, password));
      expect(answer.status).toBe(401);
      // setTimeout may be a millisecond early.
      expect(took, name).toBeGreaterThan(DEAREST - 5);
    }
  });

  it("waits twice as long, whatever the name, when it was typed in a form that is tried twice", async () => {
    await addImported(world, "dear", QUICK, DEAREST);
    for (const name of ["nobody", "own", "dear"]) {
      const [, took] = await timed(tryIn(name, "cre\u0300me"));
      expect(took, name).toBeGreaterThan(2 * DEAREST - 5);
    }
  });

  it("waits its turn among guesses at the same time, whatever the name", async () => {
    await addImported(world, "dear", QUICK, DEAREST / 2);
    for (const name of ["nobody", "own", "dear"]) {
      const took = await Promise.all(
        Array.from({ length: 4 }, async () => (await timed(tryIn(name, "wrong")))[1]),
      );
      took.sort((one, other) => one - other);
      for (const [index, time] of took.entries())
        expect(time, name).toBeGreaterThan((Math.floor(index / SLOTS) + 1) * (DEAREST / 2) - 5);
    }
  });

  it("is a 503 for all names alike when too many come at the same time, and stays counted", async () => {
    // So dear that it does not matter how quickly one guess follows the other.
    await addImported(world, "dear", QUICK, 2_000);
    for (const name of ["stranger", "own", "dear"]) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => tryIn(name, "wrong")));
      const statuses = answers.map(({ status }) => status).sort();
      const evaluated = statuses.filter((status) => status !== 429);
      expect(evaluated, name).toEqual([...Array(SLOTS).fill(401), ...Array(5 - SLOTS).fill(503)]);
      expect((await tryIn(name, PASSWORD)).status, name).toBe(429);
    }
  });

  it("holds back nobody whose password is right", async () => {
    await addImported(world, "dear", QUICK, 10_000);
    await addImported(world, "cheap", QUICK, 10_000);
    for (const name of ["own", "cheap"]) {
      const [answer, took] = await timed(tryIn(name, PASSWORD));
      expect(answer.status).toBe(303);
      expect(took).toBeLessThan(10_000);
    }
  });

  it("neither locks the database nor holds a place in the line of hashes while it waits", async () => {
    await addImported(world, "dear", QUICK, 5_000);
    const refused = tryIn("nobody", "wrong");
    const owner = world.visitor();
    await setUp(world, owner, "own", PASSWORD);
    expect((await owner.get("/account")).status).toBe(200);
    expect(world.auth.passwordHashes()).toMatchObject({ running: 0, waiting: 0 });
    const first = await Promise.race([refused, "still waiting"]);
    expect(first).toBe("still waiting");
    expect((await refused).status).toBe(401);
  });

  it("is recorded on PostgreSQL too when it waited longer than the database may keep a request waiting", async () => {
    const onPostgres = await openWorld({ DATABASE_URL: await newDatabase() });
    await addImported(onPostgres, "dear", QUICK, 2_500);
    const guess = form({ username: "dear", password: "wrong" });
    expect((await ask(onPostgres, { path: "/login", ...guess })).status).toBe(401);
    const account = await onPostgres.store.accounts.byUsername("dear");
    const [line] = await onPostgres.store.history.of(account?.id ?? "", 1, 0);
    expect(line?.type).toBe("password-refused");
  });

  it("waits at a step-up and at a change of the password too", async () => {
    await addImported(world, "dear", QUICK, DEAREST);
    const owner = world.visitor();
    const secret = await setUp(world, owner, "own", PASSWORD);
    const [, stepUp] = await timed(owner.confirm("wrong", world.code(secret)));
    expect(stepUp).toBeGreaterThan(DEAREST - 5);
    const change = { current_password: "wrong", new_password: "a quiet orange harbour" };
    const [, changed] = await timed(owner.post("/account/password", change));
    expect(changed).toBeGreaterThan(DEAREST - 5);
  });

  it("waits no more when the last imported password was re-hashed, changed, or removed with its account", async () => {
    await addImported(world, "signs-in", QUICK, 10_000);
    await addImported(world, "changed", QUICK, 10_000);
    await addImported(world, "removed", QUICK, 10_000);
    expect((await tryIn("signs-in", PASSWORD)).status).toBe(303);
    await world.auth.setPassword("changed", "a quiet orange harbour");
    await world.auth.removeAccount("removed");
    for (const name of ["nobody", "own", "signs-in"]) {
      const [answer, took] = await timed(tryIn(name, "wrong"));
      expect(answer.status).toBe(401);
      expect(took).toBeLessThan(10_000);
    }
  });
});
