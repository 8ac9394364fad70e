/** The history: what happened to an account, as its owner reads it. */
import { beforeEach, describe, expect, it } from "vitest";
import { HISTORY_RETENTION, PASSWORD_RULE } from "../../../src/auth/policy.js";
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

/** The words of each line, newest first. */
async function lines(address = "/account/history"): Promise<string[]> {
  const { text } = await laptop.get(address);
  const table = /<tbody>(.*?)<\/tbody>/s.exec(text.split('<h2 id="history">').at(-1) ?? "")?.[1] ?? "";
  const rows = table.split("</tr>").slice(0, -1);
  return rows.map(wordsOf);
}

describe("the history", () => {
  it("says what happened, when, on which device and from where, newest first", async () => {
    await laptop.post("/logout");
    world.advance(HOUR);
    const stranger = browser("curl/8.14.1", "198.51.100.9");
    await stranger.password("alice", "wrong");
    await stranger.password("alice", alice.password);
    await stranger.code("000000");
    await stranger.recoveryCode("0000-0000-0000-00001");
    world.advance(MINUTE);
    await signIn(world, laptop, secret, alice.username, alice.password);
    expect(await lines()).toEqual([
      "Signed in with your password and a code from your authenticator 24 November 2026 at 13:01 UTC Firefox on Linux 203.0.113.7",
      expect.stringMatching(
        /^Recovery code refused: it had a typing mistake 24 November 2026 at 13:00 UTC curl 198\.51\.100\.9$/i,
      ),
      expect.stringMatching(
        /^Code refused: it was wrong 24 November 2026 at 13:00 UTC curl 198\.51\.100\.9$/i,
      ),
      expect.stringMatching(
        /^Right password on a new browser; the second step was not completed 24 November 2026 at 13:00 UTC curl 198\.51\.100\.9$/i,
      ),
      expect.stringMatching(/^Password refused 24 November 2026 at 13:00 UTC curl 198\.51\.100\.9$/i),
      "Signed out 24 November 2026 at 12:00 UTC Firefox on Linux 203.0.113.7",
      "Signed in with your password and a code from your authenticator 24 November 2026 at 12:00 UTC Firefox on Linux 203.0.113.7",
      "Recovery codes made: set 1 24 November 2026 at 12:00 UTC Firefox on Linux 203.0.113.7",
      "Authenticator set up: Authenticator app 24 November 2026 at 12:00 UTC Firefox on Linux 203.0.113.7",
      expect.stringMatching(/^Account added, by the operator 24 November 2026 at 12:00 UTC – –$/),
    ]);
  });

  it("shows its five newest lines on the account page, with a link to the rest", async () => {
    const whole = await lines();
    const page = await laptop.get("/account");
    expect(page.text).toContain('href="/account/history"');
    expect(await lines("/account")).toEqual(whole.slice(0, 5));
    await laptop.get(`/account/authenticators/new`);
    await laptop.post("/account/authenticators/new", { name: "x", otp: "000000" });
    await laptop.post("/account/authenticators/new", { name: "x", otp: "000000" });
    expect(await lines("/account")).toHaveLength(5);
    expect((await lines("/account"))[0]).toMatch(/^Code refused/);
  });

  it("marks what the operator did", async () => {
    await world.auth.setPassword("alice", "umbrella drawer kettle");
    await world.auth.disableAccount("alice");
    await world.auth.enableAccount("alice");
    await world.auth.unlockAccount("alice");
    await world.auth.resetSecondFactor("alice");
    await setUp(world, laptop, "alice", "umbrella drawer kettle");
    const done = (await lines()).filter((line) => line.includes("by the operator"));
    expect(done.map((line) => line.split(", by the operator")[0])).toEqual([
      "Second factor reset",
      "Account unlocked",
      "Account enabled again",
      "Account disabled",
      "Password changed",
      "Account added",
    ]);
  });

  it("shows fifty lines a page, with links to older and newer ones", async () => {
    const id = /authenticators\/([\w-]+)\/rename"/.exec((await laptop.get("/account")).text)?.[1];
    for (let n = 1; n <= 100; n++) {
      await laptop.post(`/account/authenticators/${id}/rename`, { name: `phone ${n}` });
    }
    const pages = [
      await lines(),
      await lines("/account/history?page=2"),
      await lines("/account/history?page=3"),
    ];
    expect(pages.map((page) => page.length)).toEqual([50, 50, 4]);
    expect(pages[0]?.[0]).toMatch(/^Authenticator renamed: phone 99 → phone 100 /);
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
    const first = await lines();
    for (const page of ["0", "-1", "1.5", "abc", "99999", "", "1&page=2"]) {
      expect(await lines(`/account/history?page=${page}`)).toEqual(first);
    }
  });

  it("keeps a line for ninety days", async () => {
    world.advance(HISTORY_RETENTION - MINUTE);
    await world.auth.prune();
    await signIn(world, laptop, secret, alice.username, alice.password);
    expect(await lines()).toHaveLength(5);
    world.advance(MINUTE);
    await world.auth.prune();
    expect(await lines()).toEqual([expect.stringMatching(/^Signed in .* 22 February 2027 at 11:59 UTC/)]);
  });

  it("shows no line of another account", async () => {
    const bob = await addAccount(world, "bob");
    await browser("curl/8.14.1", "198.51.100.9").password("bob", "wrong");
    const before = await lines();
    expect(before.join()).not.toContain("198.51.100.9");
    await laptop.post("/logout");
    await setUp(world, laptop, bob.username, bob.password);
    expect(await lines()).toHaveLength(before.length + 1);
    expect((await lines()).at(-2)).toMatch(/^Password refused .* 198\.51\.100\.9$/);
  });

  it("has no line for an attempt during a delay", async () => {
    const stranger = browser("curl/8.14.1", "198.51.100.9");
    for (let tries = 0; tries < PASSWORD_RULE.free + 3; tries++) await stranger.password("alice", "wrong");
    const refused = (await lines()).filter((line) => line.startsWith("Password refused"));
    expect(refused).toEqual([expect.stringContaining(`(${PASSWORD_RULE.free} times)`)]);
  });

  it("merges equal refusals in a row from one browser, and says from when to when", async () => {
    const stranger = browser("curl/8.14.1", "198.51.100.9");
    for (const name of [stranger, stranger, stranger, browser("curl/8.14.1", "198.51.100.10"), stranger]) {
      await name.password("alice", "wrong");
      world.advance(MINUTE);
    }
    const refused = (await lines()).filter((line) => line.startsWith("Password refused"));
    expect(refused.map((line) => /\d+ times/.exec(line)?.[0])).toEqual([undefined, undefined, "3 times"]);
    expect(refused[2]).toMatch(/12:00 UTC to 24 November 2026 at 12:02 UTC/);
  });

  it("escapes names and devices", async () => {
    await browser("<i>x</i>/1.0", "198.51.100.9").password("alice", "wrong");
    const id = /authenticators\/([\w-]+)\/rename"/.exec((await laptop.get("/account")).text)?.[1];
    await laptop.post(`/account/authenticators/${id}/rename`, { name: "<b>Tom</b>" });
    const { text } = await laptop.get("/account/history");
    expect(text).toContain("&lt;b&gt;Tom&lt;/b&gt;");
    expect(text).not.toContain("<b>Tom");
    expect(text).not.toContain("<i>x");
  });
});
