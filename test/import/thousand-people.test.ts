/** A thousand people of mixed systems, who sign in with their old passwords and their old apps' codes. */
import { describe, expect, it } from "vitest";
import { toBase32 } from "../../src/otp/index.js";
import type { ImportRow } from "../../src/public-accounts.js";
import { accountsOf } from "../support/accounts.js";
import { CHEAP, DEAR } from "../support/hash-makers.js";
import { randomBytes } from "../support/random.js";
import { openWorld } from "../support/world.js";

const PEOPLE = 1_000;

/** So many sign in at the same time: fewer than may wait in the line for hashes of other systems. */
const AT_ONCE = 10;

interface Person {
  row: ImportRow;
  password: string;
  secret: string;
}

const cheap = Object.values(CHEAP);
const dear = Object.values(DEAR);

/** Every hundredth has a hash as dear as its system makes it. */
function person(number: number): Person {
  const password = `old password ${number}`;
  const makers = number % 100 === 0 ? dear : cheap;
  const passwordHash = makers[(number % 100 === 0 ? number / 100 : number) % makers.length]?.(password);
  const secret = toBase32(randomBytes([10, 20, 32][number % 3] ?? 20));
  const username = `person${number}`;
  const totp = number % 2 === 0 ? secret : `otpauth://totp/Old:${username}?secret=${secret}&issuer=Old`;
  return { row: { username, ...(passwordHash && { passwordHash }), totp }, password, secret };
}

describe("a thousand imported people", () => {
  it("sign in with their old passwords and codes, set up nothing, and have hashes of ours then", async () => {
    const world = await openWorld();
    const people = Array.from({ length: PEOPLE }, (_, number) => person(number));
    expect(await accountsOf(world).import(people.map(({ row }) => row))).toEqual({
      imported: PEOPLE,
      skipped: 0,
      refused: [],
    });

    const landings: string[] = [];
    const queue = people.values();
    const browsers = Array.from({ length: AT_ONCE }, async () => {
      for (const { row, password, secret } of queue) {
        const visitor = world.visitor();
        // On a busy machine the line for hashes is full now and then, and the page says to try again.
        while ((await visitor.password(row.username, password)).status === 503);
        const answer = await visitor.code(world.code(secret));
        landings.push(`${answer.status} ${answer.headers.location}`);
      }
    });
    await Promise.all(browsers);
    expect(landings).toEqual(new Array(PEOPLE).fill("303 /"));

    const types = world.events.map(({ type }) => type);
    expect(types.filter((type) => type === "signed-in")).toHaveLength(PEOPLE);
    expect(types).not.toContain("authenticator-set-up");
    for (const { row } of people) {
      const account = await world.store.accounts.byUsername(row.username);
      expect(account?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      const [authenticator, ...others] = await world.store.authenticators.of(account?.id ?? "");
      expect(others).toEqual([]);
      expect(authenticator?.lastStep).toBe(Math.floor(world.now() / 30_000));
    }
    expect(await world.store.accounts.dearestForeign("$argon2id$v=19$m=19456,t=2,p=1$")).toBeUndefined();
  }, 600_000);
});
