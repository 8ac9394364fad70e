/** Why was my code refused? What the pages say, what counts, and what the history keeps of it. */
import { beforeEach, describe, expect, it } from "vitest";
import { fromBase32, hotpAt, type TotpParameters, totpAt } from "../../../src/otp/index.js";
import { appSecret } from "../../support/app-secret.js";
import { setUp } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { HOUR, MINUTE, openWorld, sharedDataDir, type World } from "../../support/world.js";
import { nextWrongCode } from "../../support/wrong-codes.js";

const NEW = "/account/authenticators/new";
const DAY = 24 * HOUR;

const WRONG = "That code was not accepted. Wait for your app's next code and type that one.";
const BEHIND =
  "That code was for 2 minutes 30 seconds ago. If your app shows it now, your phone's clock is about " +
  "2½ minutes behind: turn on automatic date and time in its settings. If not, type the one that it shows.";
const USED = (wait: string) =>
  `That code has been used already, or a newer one has. Each works once. If your app still shows it, wait for the next good one (${wait}); if not, type the one that it shows.`;
const NOT_A_CODE =
  "A code is six digits. Type the one that your app shows now; nothing was counted against you.";
const ADD_AGAIN =
  "Delete the entry in your app and add it again: with the QR code or, by the key, as time-based, SHA-1, 6 digits, 30 seconds. If that does not help, use another app.";
const EARLIER_QR = (label: string) =>
  `That code belongs to a QR code from another try. Delete the entry ${label} in your app, then add the one that this page shows.`;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

interface Answer {
  status: number;
  text: string;
}

/** A form that takes a code, and the title of its page. */
interface Door {
  title: string;
  page(): Promise<Answer>;
  send(otp: string): Promise<Answer>;
}

const ENTITIES = new Map(
  Object.entries({ "&#39;": "'", "&amp;": "&", "&#34;": '"', "&lt;": "<", "&gt;": ">" }),
);

/** A page, or a part of one, as it is read. */
function read(html: string): string {
  return html
    .replace(/<(head|template|svg)\b.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, "")
    .replace(/&(#\d+|\w+);/g, (entity) => ENTITIES.get(entity) ?? entity)
    .replaceAll("’", "'")
    .replace(/\s+/g, " ")
    .trim();
}

/** That a page refuses the code with these words: above the heading, with a link to the field, and at the field. */
function expectRefusal({ status, text }: Answer, title: string, words: string): void {
  expect(status).toBe(401);
  expect(text).toContain(`<title>Error: ${title}`);
  const summary = /<div class="alert alert-danger problem-summary" role="alert".*?<\/div>\s*<\/div>/s.exec(
    text,
  )?.[0];
  expect(read(summary ?? "")).toBe(words);
  expect(summary).toContain('href="#otp"');
  expect(read(/<p [^>]*id="otp-problem">.*?<\/p>/s.exec(text)?.[0] ?? "")).toBe(words);
  expect(/<input[^>]* id="otp"[^>]*>/.exec(text)?.[0]).toMatch(
    /aria-describedby="otp-hint otp-problem".*aria-invalid="true"/s,
  );
}

/** Our clock, in words and for scripts. */
function expectClock({ text }: Answer): void {
  const now = new Date(world.now()).toISOString();
  expect(text).toMatch(
    new RegExp(`Our clock says <b><time datetime="${now}"[^>]*>${now.slice(11, 19)} UTC</time></b>`),
  );
}

/** The secret on a page that sets an authenticator up. */
function secretOn({ text }: Answer): string {
  const shown = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(text)?.[1];
  if (!shown) throw new Error("No secret on this page.");
  return shown.replaceAll(" ", "");
}

/** What an app shows that goes by other settings. */
function codeWith(secret: string, other: Partial<TotpParameters>): string {
  return totpAt(fromBase32(secret), world.now() / 1000, {
    algorithm: "SHA1",
    digits: 6,
    period: 30,
    ...other,
  });
}

/** What the history of the account keeps of refused codes, newest first. */
async function refusals(visitor: Visitor): Promise<string[]> {
  const { text } = await visitor.get("/account/history");
  const lines = [...text.matchAll(/<th scope="row">(.*?)<\/th>/g)].map(([, line = ""]) => read(line));
  return lines.filter((line) => line.startsWith("Code "));
}

/** The same as events, oldest first. */
function refusalEvents() {
  return world.events
    .filter(({ type }) => type === "code-refused")
    .map((event) => ({ reason: "", subject: undefined, ...event }))
    .map(({ reason, subject }) => (subject === undefined ? [reason] : [reason, subject]));
}

describe("an account with an authenticator", () => {
  /** The one that was set up, in whose session. */
  let secret: string;
  let visitor: Visitor;
  beforeEach(async () => {
    visitor = world.visitor();
    secret = await setUp(world, visitor);
    world.wait(15 * MINUTE);
  });

  async function pending(): Promise<Visitor> {
    const browser = world.visitor();
    await browser.password();
    return browser;
  }

  const DOORS: [string, () => Promise<Door>][] = [
    [
      "at sign-in",
      async () => {
        const browser = await pending();
        return {
          title: "Enter your code",
          page: () => browser.get("/login/2fa"),
          send: (otp) => browser.code(otp),
        };
      },
    ],
    [
      "at step-up",
      async () => ({
        title: "Confirm that it is you",
        page: () => visitor.get("/confirm"),
        send: (otp) => visitor.confirm("password", otp),
      }),
    ],
  ];

  describe.each(DOORS)("%s", (_where, open) => {
    it("says how long ago a code was right, and what our clock says", async () => {
      const { send, title } = await open();
      const answer = await send(world.code(secret, -5));
      expectRefusal(answer, title, BEHIND);
      expectClock(answer);
      expect(read(answer.text)).toContain(
        "Minutes and seconds on your phone should be the same, give or take half a minute.",
      );
    });

    it.each([
      [-2, "That code was for 1 minute ago.", "about 1 minute behind"],
      [-3, "That code was for 1 minute 30 seconds ago.", "about 1½ minutes behind"],
      [-20, "That code was for 10 minutes ago.", "about 10 minutes behind"],
    ])("says so %i steps away", async (steps, ago, behind) => {
      const words = read((await (await open()).send(world.code(secret, steps))).text);
      expect(words).toContain(ago);
      expect(words).toContain(behind);
    });

    it.each([-21, 2, 5, 20])("says nothing of a code %i steps away, to the byte", async (steps) => {
      const { page, send, title } = await open();
      // The first page after the password says that it was accepted.
      await page();
      const wrong = await send("000000");
      const answer = await send(world.code(secret, steps));
      expectRefusal(answer, title, WRONG);
      expectClock(answer);
      expect(answer.text).toBe(wrong.text);
      expect(refusalEvents()).toEqual([["wrong"], ["wrong"]]);
    });

    it("says of a used code when the next one comes, to the second", async () => {
      const { title } = await open();
      const code = world.code(secret);
      await (await pending()).code(code);
      const { send } = await open();
      // Ten seconds into the step.
      expectRefusal(await send(code), title, USED("20 seconds"));
      world.wait(1);
      expectRefusal(await send(code), title, USED("20 seconds"));
      world.wait(7_999);
      expectRefusal(await send(code), title, USED("12 seconds"));
      world.wait(11_999);
      const last = await send(code);
      expectRefusal(last, title, USED("1 second"));
      expectClock(last);
      world.wait(1);
      expect((await send(world.code(secret))).status).toBe(303);
    });

    it("counts every code that it looked at: the sixth is not looked at", async () => {
      const { send } = await open();
      for (const steps of [-5, -6, -7, 5, -5])
        expect((await send(world.code(secret, steps))).status).toBe(401);
      expect((await send(world.code(secret))).status).toBe(429);
      world.wait(MINUTE);
      expect((await send(world.code(secret))).status).toBe(303);
    });

    it("does not count what is not six digits, and says so", async () => {
      const { send, title } = await open();
      const typed = [
        "",
        "12345",
        "1234567",
        "12345678",
        "abcdef",
        "１２３４５",
        codeWith(secret, { digits: 8 }),
      ];
      for (let tries = 0; tries < 21; tries++) {
        const answer = await send(typed[tries % typed.length] ?? "");
        if (tries < typed.length) expectRefusal(answer, title, NOT_A_CODE);
        expect(answer.status).toBe(401);
      }
      expect(refusalEvents()).toEqual([]);
      expect((await send(world.code(secret))).status).toBe(303);
    });

    it("finds no other setting, counter or time zone: there they would tell a guesser more", async () => {
      const { send, title } = await open();
      const codes = [
        codeWith(secret, { algorithm: "SHA256" }),
        codeWith(secret, { period: 60 }),
        hotpAt(fromBase32(secret), 1),
        world.code(secret, -120),
      ];
      for (const code of codes) expectRefusal(await send(code), title, WRONG);
      expect(refusalEvents()).toEqual([["wrong"], ["wrong"], ["wrong"], ["wrong"]]);
    });
  });

  it("is told nothing of a code at step-up while the password is wrong", async () => {
    const texts: string[] = [];
    for (const code of ["000000", world.code(secret, -5), world.code(secret, -70), world.code(secret)])
      texts.push((await visitor.confirm("wrong", code)).text);
    expect(new Set(texts).size).toBe(1);
    expect(read(texts[0] ?? "")).toContain("That is not your password.");
    expect(refusalEvents()).toEqual([]);
  });

  it("has each refusal in its history, in words, and in the log", async () => {
    const browser = await pending();
    const code = world.code(secret);
    await browser.code(world.code(secret, -5));
    await browser.code(world.code(secret, 5));
    await browser.code("12345");
    await (await pending()).code(code);
    await browser.code(code);
    expect(await refusals(visitor)).toEqual([
      "Code refused: it had been used",
      "Code refused: it was wrong",
      "Code refused: it was for 2 minutes 30 seconds ago",
    ]);
    expect(refusalEvents()).toEqual([["earlier-step", "150"], ["wrong"], ["used"]]);
    const logged = world.logLines
      .filter((line) => line.includes("code-refused"))
      .map((line) => JSON.parse(line));
    expect(logged[0]).toMatchObject({ reason: "earlier-step", subject: "150", username: "test" });
    expect(world.logLines.join()).not.toContain(world.code(secret, -5));
  });

  describe("and another authenticator", () => {
    let second: string;
    beforeEach(async () => {
      await visitor.confirm("password", world.code(secret));
      second = secretOn(await visitor.get(NEW));
      await visitor.post(NEW, { name: "Tablet", otp: world.code(second) });
      world.wait(20 * MINUTE);
    });

    it("is told of a code of either", async () => {
      const browser = await pending();
      for (const one of [secret, second]) {
        expect(read((await browser.code(world.code(one, -5))).text)).toContain(BEHIND);
        const code = world.code(one);
        await (await pending()).code(code);
        expect(read((await browser.code(code)).text)).toContain(USED("20 seconds"));
      }
    });

    it("is told what says most, where a code is right for both at other times", async () => {
      // The same secret twice, as a restored backup may bring it: here used, there earlier, and elsewhere wrong.
      const account = await world.store.accounts.byUsername("test");
      const accountId = account?.id ?? "";
      const [first, ...others] = await world.store.authenticators.of(accountId);
      if (!first) throw new Error("No authenticator.");
      const code = world.code(secret, -5);
      const stepOfCode = Math.floor(world.now() / 30_000) - 5;
      const sealed = (id: string) =>
        world.keys.seal(fromBase32(secret), `totp ${accountId} ${id}`, new Uint8Array(12));
      const twin = { ...first, id: "twin", number: 9, name: "Twin", sealedSecret: sealed("twin") };
      expect(others).toHaveLength(1);
      const browser = await pending();
      expect(read((await browser.code(code)).text)).toContain(BEHIND);
      // Another code between: the same one sent twice in a row is only answered again.
      await browser.code(nextWrongCode(world, secret));
      await world.store.authenticators.add({ ...twin, lastStep: stepOfCode });
      expect(read((await browser.code(code)).text)).toContain(USED("20 seconds"));
      // The other way round: the first is used, the last one is not.
      await world.store.authenticators.remove(accountId, "twin");
      await world.store.authenticators.spendStep(first.id, stepOfCode, world.now(), null);
      await world.store.authenticators.add({ ...twin, lastStep: 0 });
      expect(read((await browser.code(code)).text)).toContain(USED("20 seconds"));
    });
  });

  describe("whose codes are not checked for a while", () => {
    async function fail(browser: Visitor): Promise<Answer> {
      for (let tries = 0; tries < 4; tries++) await browser.code(nextWrongCode(world, secret));
      return browser.code(nextWrongCode(world, secret));
    }

    it("is told until when, and led back to the code", async () => {
      const browser = await pending();
      await fail(browser);
      const answer = await browser.code(world.code(secret));
      expect(answer.status).toBe(429);
      const until = new Date(world.now() + MINUTE).toISOString();
      expect(read(answer.text)).toContain(
        `You can try again in 1 minute, at ${until.slice(11, 19)} UTC. Meanwhile, find Latchkey: test in Authenticator app.`,
      );
      expect(answer.text).toContain(`datetime="${until}"`);
      expect(answer.text).toContain('href="/login/2fa">Enter a code</a>');
      expect(answer.text).not.toContain('action="/logout" novalidate><button class="btn btn-primary"');
      expect(answer.text).toContain("<template>You can enter a code now.</template>");
      world.wait(MINUTE);
      expect((await browser.get("/login/2fa")).text).toContain('name="otp"');
      expect((await browser.code(world.code(secret))).status).toBe(303);
    });

    it.each([
      ["as long as the sign-in", 9 * MINUTE],
      ["longer than the sign-in", 9 * MINUTE + 59_000],
    ])("%s lasts, is told to sign in again, by a button that works", async (_what, late) => {
      const browser = await pending();
      const endsAt = new Date(world.now() + 10 * MINUTE).toISOString();
      world.wait(late);
      await fail(browser);
      const answer = await browser.get("/login/2fa");
      expect(read(answer.text)).toContain(
        `This sign-in ends at ${endsAt.slice(11, 16)} UTC, before the pause does: after the pause, sign in again with your password.`,
      );
      expect(answer.text).not.toContain("Enter a code</a>");
      expect(answer.text).toContain("<template>You can sign in again now.</template>");
      const form =
        /<form class="actions" method="post" action="(.*?)".*?<button[^>]*type="submit">(.*?)<\/button>/s;
      const [, action = "", button] = form.exec(answer.text) ?? [];
      expect(button).toBe("Back to sign-in");
      const out = await browser.post(action);
      expect(out.status).toBe(303);
      expect((await browser.get(out.headers.location ?? "")).text).toContain("Sign in</h1>");
      world.wait(MINUTE);
      await browser.password();
      expect((await browser.code(world.code(secret))).status).toBe(303);
    });

    it("a second less than the sign-in lasts, may enter a code in it", async () => {
      const browser = await pending();
      world.wait(9 * MINUTE - 1_000);
      expect((await fail(browser)).text).toContain("Enter a code</a>");
      world.wait(MINUTE);
      expect((await browser.code(world.code(secret))).status).toBe(303);
    });

    it("in a session, is led back to the confirmation, whenever the session ends", async () => {
      for (let tries = 0; tries < 5; tries++) await visitor.confirm("password", nextWrongCode(world, secret));
      const page = await visitor.get("/confirm");
      expect(page.text).toContain('href="/confirm">Try again</a>');
      expect(page.text).not.toContain("before the pause does");
    });
  });

  it("whose sign-in ran out starts again with the username kept, whatever the code was", async () => {
    const browser = await pending();
    world.wait(10 * MINUTE);
    const answer = await browser.code(world.code(secret, -5));
    expect(answer.status).toBe(303);
    const page = await browser.get(answer.headers.location ?? "");
    expect(read(page.text)).toContain("The time for this sign-in ran out");
    expect(page.text).toMatch(/name="username"[^>]* value="test"|value="test"[^>]* name="username"/);
    expect(refusalEvents()).toEqual([]);
  });
});

describe("setting up", () => {
  /** In a session that has an authenticator: its secret, and the browser. */
  async function inSession(): Promise<{ visitor: Visitor; secret: string }> {
    const visitor = world.visitor();
    const secret = await setUp(world, visitor);
    return { visitor, secret };
  }

  function formAt(visitor: Visitor, address: string, title: string): Door {
    return {
      title,
      page: () => visitor.get(address),
      send: (otp) => visitor.post(address, { name: "Pixel 9", otp }),
    };
  }

  async function replacing(visitor: Visitor): Promise<string> {
    const { text } = await visitor.get("/account");
    const id = /authenticators\/([\w-]+)\/remove"/.exec(text)?.[1] ?? "";
    return `${NEW}?replaces=${id}`;
  }

  const DOORS: [string, () => Promise<Door & { visitor: Visitor }>][] = [
    [
      "for the first time",
      async () => {
        const visitor = world.visitor();
        await visitor.password();
        return {
          visitor,
          title: "Set up your authenticator",
          page: () => visitor.get("/login/2fa"),
          send: (otp) => visitor.code(otp),
        };
      },
    ],
    [
      "one more",
      async () => {
        const { visitor } = await inSession();
        return { visitor, ...formAt(visitor, NEW, "Add an authenticator") };
      },
    ],
    [
      "a new phone",
      async () => {
        const { visitor } = await inSession();
        return { visitor, ...formAt(visitor, await replacing(visitor), "Change your phone") };
      },
    ],
  ];

  describe.each(DOORS)("%s", (_which, open) => {
    it("tells the exact offset either way, keeps the secret, and takes the right code then", async () => {
      const { title, page, send } = await open();
      const secret = secretOn(await page());
      const told: [number, string][] = [
        [-5, BEHIND],
        [
          5,
          "That code is for 2 minutes 30 seconds from now. Your phone's clock is about 2½ minutes ahead: " +
            "turn on automatic date and time in its settings, then type the next code.",
        ],
        [
          20,
          "That code is for 10 minutes from now. Your phone's clock is about 10 minutes ahead: " +
            "turn on automatic date and time in its settings, then type the next code.",
        ],
        [
          -660,
          "That code was for 5 hours 30 minutes ago. If your app shows it now, your phone's clock is about " +
            "5½ hours behind: turn on automatic date, time and time zone in its settings. If not, type the one that it shows.",
        ],
      ];
      for (const [steps, words] of told) {
        const answer = await send(world.code(secret, steps));
        expectRefusal(answer, title, words);
        expectClock(answer);
        expect(secretOn(answer)).toBe(secret);
      }
      expect((await send(world.code(secret))).status).toBeLessThan(400);
    });

    it("tells what the app does otherwise, keeps the secret, and has it in the history", async () => {
      const { visitor, title, page, send } = await open();
      const secret = secretOn(await page());
      const told: [string, string][] = [
        [
          codeWith(secret, { algorithm: "SHA256" }),
          `Your app makes its codes with SHA-256, and this site uses SHA-1. ${ADD_AGAIN}`,
        ],
        [
          codeWith(secret, { period: 60 }),
          `Your app makes a new code every 60 seconds, and this site every 30. ${ADD_AGAIN}`,
        ],
        [
          hotpAt(fromBase32(secret), 1),
          `The entry in your app counts its codes instead of following the time. ${ADD_AGAIN}`,
        ],
        ["000000", WRONG],
      ];
      for (const [code, words] of told) {
        const answer = await send(code);
        expectRefusal(answer, title, words);
        expectClock(answer);
        expect(secretOn(answer)).toBe(secret);
      }
      expect(refusalEvents()).toEqual([
        ["other-algorithm", "SHA256"],
        ["other-period", "60"],
        ["counter-based"],
        ["wrong"],
      ]);
      expect((await send(world.code(secret))).status).toBeLessThan(400);
      expect(await refusals(visitor)).toEqual([
        "Code refused: it was wrong",
        "Code refused: the entry in the app counts codes",
        "Code refused: the app makes a new one every 60 seconds",
        "Code refused: the app made it with SHA-256",
      ]);
    });

    it("tells of an app with 7 or 8 digits without counting it", async () => {
      const { visitor, title, page, send } = await open();
      const secret = secretOn(await page());
      for (const digits of [7, 8] as const) {
        const code = codeWith(secret, { digits });
        const grouped = `${code.slice(0, 4)} ${code.slice(4)}`;
        for (const typed of [code, grouped]) {
          const answer = await send(typed);
          expectRefusal(
            answer,
            title,
            `Your app shows codes of ${digits} digits, and this site uses 6. ${ADD_AGAIN} Nothing was counted against you.`,
          );
          expect(secretOn(answer)).toBe(secret);
        }
      }
      expectRefusal(await send("00000000"), title, NOT_A_CODE);
      for (let tries = 0; tries < 16; tries++)
        expect((await send(codeWith(secret, { digits: 8 }))).status).toBe(401);
      // For the log and the metrics; a line of the history it is not worth.
      expect(new Set(refusalEvents().map(([reason]) => reason))).toEqual(new Set(["other-digits"]));
      expect((await send(world.code(secret))).status).toBeLessThan(400);
      expect(await refusals(visitor)).toEqual([]);
    });

    it("counts every code that it looked at: the sixth is not looked at", async () => {
      const { page, send } = await open();
      const secret = secretOn(await page());
      const codes = [
        world.code(secret, -5),
        world.code(secret, 5),
        codeWith(secret, { algorithm: "SHA512" }),
        codeWith(secret, { period: 60 }),
        hotpAt(fromBase32(secret), 0),
      ];
      for (const code of codes) expect((await send(code)).status).toBe(401);
      const sixth = await send(world.code(secret));
      expect(sixth.status).toBe(429);
      expect(secretOn(sixth)).toBe(secret);
      world.wait(MINUTE);
      expect((await send(world.code(secret))).status).toBeLessThan(400);
    });
  });

  it("notes how far off a clock is for the verdict on our own, but not that it is in another time zone", async () => {
    const visitor = world.visitor();
    await visitor.password();
    const secret = await visitor.secret();
    const noted = async () => {
      await world.auth.flushDrifts();
      return (await world.store.drifts.since(0)).map(({ bin, accounts }) => [bin * 5, accounts]);
    };
    await visitor.code(world.code(secret, 120));
    expect(await noted()).toEqual([]);
    // Ten seconds into a step: the middle of the one that was typed is 115 s ago.
    await visitor.code(world.code(secret, -4));
    expect(await noted()).toEqual([[-115, 1]]);
  });

  describe("after an earlier try", () => {
    /** A browser behind the password, and the secret that it is shown. */
    async function begin(): Promise<{ visitor: Visitor; secret: string }> {
      const visitor = world.visitor();
      await visitor.password();
      return { visitor, secret: await visitor.secret() };
    }

    it("that was given up tells its code from a wrong one, and takes the one on the page", async () => {
      const { visitor, secret: old } = await begin();
      await visitor.post("/logout");
      await visitor.password();
      const secret = await visitor.secret();
      expect(secret).not.toBe(old);
      for (const steps of [-1, 0, 1]) {
        const answer = await visitor.code(world.code(old, steps));
        expectRefusal(answer, "Set up your authenticator", EARLIER_QR("test"));
        expect(secretOn(answer)).toBe(secret);
      }
      // Of an old secret no more is told.
      expectRefusal(await visitor.code(world.code(old, -5)), "Set up your authenticator", WRONG);
      expect((await visitor.code(world.code(secret))).status).toBe(200);
      expect(await refusals(visitor)).toEqual([
        "Code refused: it was wrong",
        ...Array(3).fill("Code refused: it belonged to a QR code from another try, test"),
      ]);
      expect(refusalEvents()[0]).toEqual(["earlier-qr", "test"]);
    });

    it("that runs in another browser tells its code apart, in either", async () => {
      const one = await begin();
      const other = await begin();
      expect(read((await one.visitor.code(world.code(other.secret))).text)).toContain(EARLIER_QR("test (2)"));
      expect(read((await other.visitor.code(world.code(one.secret))).text)).toContain(EARLIER_QR("test"));
      expect((await one.visitor.code(world.code(one.secret))).status).toBe(200);
    });

    it("is remembered for seven days", async () => {
      const { visitor, secret: old } = await begin();
      await visitor.post("/logout");
      world.wait(7 * DAY);
      await world.auth.prune();
      const late = await begin();
      await late.visitor.code(nextWrongCode(world, old));
      expect(read((await late.visitor.code(world.code(old))).text)).toContain(EARLIER_QR("test"));
      world.wait(1);
      await world.auth.prune();
      await late.visitor.code(nextWrongCode(world, old));
      expect(read((await late.visitor.code(world.code(old))).text)).toContain(WRONG);
      expect(secretOn(await late.visitor.get("/login/2fa"))).toBe(late.secret);
    });

    it("is remembered among the last five", async () => {
      const secrets: string[] = [];
      for (let tries = 0; tries < 6; tries++) {
        const { visitor, secret } = await begin();
        secrets.push(secret);
        await visitor.post("/logout");
      }
      const { visitor } = await begin();
      const [sixthLast = "", fifthLast = ""] = secrets;
      expect(read((await visitor.code(world.code(fifthLast))).text)).toContain(EARLIER_QR("test (2)"));
      expect(read((await visitor.code(world.code(sixthLast))).text)).toContain(WRONG);
    });

    it("of somebody else's account is nothing but wrong", async () => {
      const { secret: old } = await begin();
      await world.auth.addAccount("alice", "correct horse battery");
      const alice = world.visitor();
      await alice.password("alice", "correct horse battery");
      await alice.secret();
      expect(read((await alice.code(world.code(old))).text)).toContain(WRONG);
    });

    it.each(["one more", "a new phone"])(
      "an hour ago in this session, of %s, tells its code apart",
      async (which) => {
        const { visitor, secret } = await inSession();
        const address = which === "one more" ? NEW : await replacing(visitor);
        const old = secretOn(await visitor.get(address));
        for (let half = 0; half < 2; half++) {
          world.wait(HOUR / 2);
          await visitor.confirm("password", world.code(secret));
        }
        world.wait(1);
        const shown = secretOn(await visitor.get(address));
        expect(shown).not.toBe(old);
        const answer = await visitor.post(address, { name: "", otp: world.code(old) });
        expectRefusal(
          answer,
          which === "one more" ? "Add an authenticator" : "Change your phone",
          EARLIER_QR("test (2)"),
        );
        expect(secretOn(answer)).toBe(shown);
        expect((await visitor.post(address, { name: "", otp: world.code(shown) })).status).toBe(303);
      },
    );

    it("sealed with a key that is gone is forgotten, and the set-up goes on", async () => {
      const DATA_DIR = sharedDataDir();
      const [lost, kept] = [appSecret("for a day"), appSecret("another")];
      await openWorld({ DATA_DIR, APP_SECRETS: kept });
      const before = await openWorld({ DATA_DIR, APP_SECRETS: `${lost},${kept}` });
      const person = before.visitor();
      await person.password();
      const old = await person.secret();
      const after = await openWorld({ DATA_DIR, APP_SECRETS: kept });
      const visitor = after.visitor();
      await visitor.password();
      const secret = await visitor.secret();
      for (const code of ["000000", after.code(old)]) {
        const answer = await visitor.code(code);
        expectRefusal(answer, "Set up your authenticator", WRONG);
      }
      expect((await visitor.code(after.code(secret))).status).toBe(200);
    });
  });

  describe("beside another authenticator", () => {
    it.each(["one more", "a new phone"])(
      "of %s, names the one whose code was typed, and spends it",
      async (which) => {
        const { visitor, secret } = await inSession();
        const replaces = await replacing(visitor);
        const id = replaces.split("=")[1];
        await visitor.post(`/account/authenticators/${id}/rename`, { name: "Tom & Jerry's" });
        const address = which === "one more" ? NEW : replaces;
        const shown = secretOn(await visitor.get(address));
        const answer = await visitor.post(address, { name: "Pixel 9", otp: world.code(secret) });
        expect(answer.status).toBe(401);
        expect(read(answer.text)).toContain(
          "That is a code of Tom & Jerry's, which is set up already. Type the code of the new entry. The one that you typed is used up now.",
        );
        expect(answer.text).toContain("Tom &amp; Jerry&#39;s,");
        expect(secretOn(answer)).toBe(shown);
        expect(refusalEvents()).toEqual([["other-authenticator", "Tom & Jerry's"]]);

        const other = world.visitor();
        await other.password();
        const again = await other.code(world.code(secret));
        expectRefusal(again, "Enter your code", USED("20 seconds"));
        expect((await visitor.post(address, { name: "Pixel 9", otp: world.code(shown) })).status).toBe(303);
        expect(await refusals(visitor)).toEqual([
          "Code refused: it had been used",
          "Code refused: it was one of Tom & Jerry's",
        ]);
      },
    );

    it("names it also for a code that was used", async () => {
      const { visitor, secret } = await inSession();
      const code = world.code(secret);
      await visitor.confirm("password", code);
      await visitor.get(NEW);
      const answer = await visitor.post(NEW, { name: "", otp: code });
      expect(read(answer.text)).toContain("That is a code of Authenticator app, which is set up already.");
    });
  });

  it("in two browsers, the slower one is told to use the other's app", async () => {
    const quick = world.visitor();
    const slow = world.visitor();
    await quick.password();
    await slow.password();
    const slowSecret = await slow.secret();
    expect((await quick.code(world.code(await quick.secret()))).status).toBe(200);
    const answer = await slow.code(world.code(slowSecret));
    expectRefusal(
      answer,
      "Enter your code",
      "Another browser has just finished setting up an authenticator for this account. Use the code from that app.",
    );
    expect(refusalEvents()).toEqual([["set-up-elsewhere"]]);
  });

  it("too late in the sign-in, after a pause, is told to sign in again", async () => {
    const visitor = world.visitor();
    await visitor.password();
    await visitor.secret();
    world.wait(9 * MINUTE + 30_000);
    for (let tries = 0; tries < 5; tries++) await visitor.code(nextWrongCode(world));
    const { text } = await visitor.get("/login/2fa");
    expect(text).toContain("before the pause does");
    expect(text).toContain(">Back to sign-in</button>");
  });
});
