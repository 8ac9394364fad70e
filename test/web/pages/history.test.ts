/** The history: what happened to an account, as its owner reads it. */
import { beforeEach, describe, expect, it } from "vitest";
import { HISTORY_RETENTION, PASSWORD_RULE } from "../../../src/auth/policy.js";
import { authenticatorIds } from "../../support/account-page.js";
import { wordsOf } from "../../support/page-text.js";
import { addAccount, setUp, signIn } from "../../support/sign-in.js";
import { HOUR, MINUTE, openWorld, type World } from "../../support/world.js";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

let world: World;
let alice: { username: string; password: string };
let secret: string;
let laptop: ReturnType<World["visitor"]>;

/** A browser behind the proxy: a device at an address. */
const browser = (device: string, address: string) =>
  world.visitor({ "User-Agent": device, "X-Forwarded-For": address });

beforeEach(async () => {
  world = await openWorld({ TRUST_PROXY: "loopback" });
  alice = await addAccount(world, "alice");
  laptop = browser(FIREFOX, "203.0.113.7");
  secret = await setUp(world, laptop, alice.username, alice.password);
});

interface Entry {
  event: string;
  detail: string | undefined;
  words: string;
}

/** The entries, newest first: the event, its reason, and the words of the row. */
async function entries(address = "/account/history"): Promise<Entry[]> {
  const { text } = await laptop.get(address);
  const rows = text.matchAll(/<tr data-event="([^"]+)"(?: data-detail="([^"]+)")?.*?<\/tr>/gs);
  return [...rows].map(([row, event = "", detail]) => ({ event, detail, words: wordsOf(row) }));
}

const wordsAt = async (address?: string) => (await entries(address)).map(({ words }) => words);
const eventsAt = async (address?: string) => (await entries(address)).map(({ event }) => event);

describe("the history", () => {
  it("says what happened, how, on which device, from where and when, newest first", async () => {
    await laptop.post("/logout");
    world.advance(HOUR);
    const stranger = browser("curl/8.14.1", "198.51.100.9");
    await stranger.password("alice", "wrong");
    await stranger.password("alice", alice.password);
    await stranger.code("000000");
    await stranger.recoveryCode("0000-0000-0000-00001");
    world.advance(MINUTE);
    await signIn(world, laptop, secret, alice.username, alice.password);
    const own = "Firefox on Linux, 203.0.113.7";
    const strange = "curl, 198.51.100.9 13:00 UTC";
    expect(await wordsAt()).toEqual([
      `Signed in With password and code, ${own} 13:01 UTC`,
      `Recovery code with a typing mistake ${strange}`,
      `Wrong code ${strange}`,
      `Right password on a new browser, without the second step ${strange}`,
      `Wrong password ${strange}`,
      `Signed out ${own} 12:00 UTC`,
      `Signed in With password and code, ${own} 12:00 UTC`,
      `Recovery codes made: set 1 ${own} 12:00 UTC`,
      `App added: Authenticator app ${own} 12:00 UTC`,
      "Account added By the site 12:00 UTC",
    ]);
  });

  it("has a heading for each day, and marks what was refused", async () => {
    world.advance(12 * HOUR - MINUTE);
    await browser("curl/8.14.1", "198.51.100.9").password("alice", "wrong");
    world.advance(MINUTE);
    await laptop.get("/");
    await signIn(world, browser(FIREFOX, "203.0.113.7"), secret, alice.username, alice.password);
    const visitor = browser(FIREFOX, "203.0.113.7");
    await visitor.password(alice.username, alice.password);
    await visitor.code(world.code(secret));
    const { text } = await visitor.get("/account/history");
    const days = text.split('<caption class="day">').slice(1);
    expect(days.map((day) => wordsOf(/<h2>(.*?)<\/h2>/s.exec(day)?.[1] ?? ""))).toEqual([
      "25 Nov 2026",
      "24 Nov 2026",
    ]);
    expect(days.map((day) => day.match(/class="is-refused"/g)?.length ?? 0)).toEqual([0, 1]);
  });

  it("shows its three newest entries on the account page, with a link to the rest", async () => {
    const page = await laptop.get("/account");
    expect(page.text).toContain('href="/account/history"');
    expect(await eventsAt("/account")).toEqual((await eventsAt()).slice(0, 3));
    await laptop.get(`/account/authenticators/new`);
    for (const otp of ["000000", "000001", "000002"]) {
      await laptop.post("/account/authenticators/new", { name: "x", otp });
    }
    const [newest, ...others] = await entries("/account");
    expect(newest).toMatchObject({ event: "code-refused", words: expect.stringMatching(/^3 wrong codes /) });
    expect(others).toHaveLength(2);
  });

  it("marks what the host app did", async () => {
    await world.auth.setPassword("alice", "umbrella drawer kettle");
    await world.auth.disableAccount("alice");
    await world.auth.enableAccount("alice");
    await world.auth.unlockAccount("alice");
    await world.auth.resetSecondFactor("alice", { withoutLink: true });
    await setUp(world, laptop, "alice", "umbrella drawer kettle");
    const done = (await entries()).filter(({ words }) => words.includes("By the site"));
    expect(done.map(({ event }) => event)).toEqual([
      "second-factor-reset",
      "account-unlocked",
      "account-enabled",
      "account-disabled",
      "password-changed",
      "account-added",
    ]);
  });

  it("shows fifty lines a page, with links to older and newer ones", async () => {
    const [id] = await authenticatorIds(laptop);
    for (let n = 1; n <= 100; n++) {
      await laptop.post(`/account/authenticators/${id}/rename`, { name: `phone ${n}` });
    }
    const pages = [
      await wordsAt(),
      await wordsAt("/account/history?page=2"),
      await wordsAt("/account/history?page=3"),
    ];
    expect(pages.map((page) => page.length)).toEqual([50, 50, 4]);
    expect(pages[0]?.[0]).toMatch(/^App renamed: phone 99 → phone 100 /);
    expect(pages[0]?.[49]).toMatch(/phone 50 → phone 51 /);
    expect(pages[1]?.[0]).toMatch(/phone 49 → phone 50 /);
    expect(pages[2]?.[3]).toMatch(/^Account added/);

    const [first, middle, last] = await Promise.all(
      [1, 2, 3].map(async (page) => (await laptop.get(`/account/history?page=${page}`)).text),
    );
    expect(first).toContain('href="?page=2"');
    expect(first).not.toContain('href="?page=0"');
    expect(middle).toMatch(/href="\?page=1".*href="\?page=3"/s);
    expect(last).toContain('href="?page=2"');
    expect(last).not.toContain('href="?page=4"');
  });

  it("says so when there is nothing older, and shows the first page when the number is none", async () => {
    expect((await laptop.get("/account/history?page=7")).text).toContain("nothing older");
    const first = await wordsAt();
    for (const page of ["0", "-1", "1.5", "abc", "99999", "", "1&page=2"]) {
      expect(await wordsAt(`/account/history?page=${page}`)).toEqual(first);
    }
  });

  it("keeps a line for ninety days", async () => {
    world.advance(HISTORY_RETENTION - MINUTE);
    await world.auth.prune();
    await signIn(world, laptop, secret, alice.username, alice.password);
    expect(await entries()).toHaveLength(5);
    world.advance(MINUTE);
    await world.auth.prune();
    expect(await wordsAt()).toEqual([expect.stringMatching(/^Signed in .* 11:59 UTC/)]);
  });

  it("shows no line of another account", async () => {
    const bob = await addAccount(world, "bob");
    await browser("curl/8.14.1", "198.51.100.9").password("bob", "wrong");
    const before = await wordsAt();
    expect(before.join()).not.toContain("198.51.100.9");
    await laptop.post("/logout");
    await setUp(world, laptop, bob.username, bob.password);
    expect(await entries()).toHaveLength(before.length + 1);
    expect((await wordsAt()).at(-2)).toMatch(/^Wrong password .* 198\.51\.100\.9 /);
  });

  it("has no line for an attempt during a delay", async () => {
    const stranger = browser("curl/8.14.1", "198.51.100.9");
    for (let tries = 0; tries < PASSWORD_RULE.free + 3; tries++) await stranger.password("alice", "wrong");
    const refused = (await entries()).filter(({ event }) => event === "password-refused");
    expect(refused.map(({ words }) => Number.parseInt(words, 10))).toEqual([PASSWORD_RULE.free]);
  });

  it("merges equal refusals in a row from one browser, and says from when to when", async () => {
    const stranger = browser("curl/8.14.1", "198.51.100.9");
    for (const name of [stranger, stranger, stranger, browser("curl/8.14.1", "198.51.100.10"), stranger]) {
      await name.password("alice", "wrong");
      world.advance(MINUTE);
    }
    const refused = (await entries()).filter(({ event }) => event === "password-refused");
    expect(refused.map(({ words }) => words)).toEqual([
      "Wrong password curl, 198.51.100.9 12:04 UTC",
      "Wrong password curl, 198.51.100.10 12:03 UTC",
      "3 wrong passwords curl, 198.51.100.9 12:00 UTC – 12:02 UTC",
    ]);
  });

  it("escapes names and devices", async () => {
    await browser("<i>x</i>/1.0", "198.51.100.9").password("alice", "wrong");
    const [id] = await authenticatorIds(laptop);
    await laptop.post(`/account/authenticators/${id}/rename`, { name: "<b>Tom</b>" });
    const { text } = await laptop.get("/account/history");
    expect(text).toContain("&lt;b&gt;Tom&lt;/b&gt;");
    expect(text).not.toContain("<b>Tom");
    expect(text).not.toContain("<i>x");
  });
});
