/** The page of the recovery codes just made, after the set-up and for each new set; its file; and how long it can be seen. */
import { beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES, RECOVERY_CODES_SHOWN_MS, SECOND_FACTOR_RULE } from "../../../src/auth/policy.js";
import { formatRecoveryCode, recoveryCodeFrom } from "../../../src/auth/recovery/recovery-code.js";
import { sqlOn } from "../../support/other-program.js";
import { proseOf, wordsOf } from "../../support/page-text.js";
import {
  CURRENT_CODES,
  codesOn,
  currentCodes,
  makeCodes,
  setUpWithSheet,
  signIn,
} from "../../support/sign-in.js";
import { messagesOn, reasonOn, type Visitor } from "../../support/visitor.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

const DAY = 24 * HOUR;

let world: World;
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
});

/** Sets an authenticator up and answers with the page to which the code leads. */
async function firstSheet(person = visitor, place = world, next = "") {
  await person.password("test", "password", { next });
  const otp = place.code(await person.secret());
  expect((await person.code(otp)).headers.location).toBe(CURRENT_CODES);
  return { otp, page: await person.get(CURRENT_CODES) };
}

/** The file behind the download link: its name, its media type, and its text. */
function download(html: string) {
  const [, href = "", name = ""] = /<a [^>]*href="(data:[^"]+)" download="([^"]+)"/.exec(html) ?? [];
  const [type = "", body = ""] = href.split(/,(.*)/s);
  return { name, type, text: decodeURIComponent(body.replaceAll("&#39;", "'")) };
}

describe("the first sheet of recovery codes", () => {
  it("is shown on the page to which the set-up leads, with account, site, set and date", async () => {
    const { page } = await firstSheet();
    expect(page.status).toBe(200);
    expect(new Set(codesOn(page.text)).size).toBe(RECOVERY_CODES);
    const words = wordsOf(page.text);
    expect(words).toContain("Recovery codes for test at Latchkey");
    expect(words).toContain(`Set 1, 24 Nov 2026, 127.0.0.1:${world.port}`);
    expect(words).toContain("Shown only now.");
    expect(words).toContain(`open http://127.0.0.1:${world.port}/login, enter your password`);
  });

  it("is a text file that says the same when it is downloaded", async () => {
    const { page } = await firstSheet();
    const file = download(page.text);
    expect(file.type).toBe("data:text/plain;charset=utf-8");
    expect(file.name).toBe("latchkey-recovery-codes-test-2026-11-24.txt");
    const lines = file.text.split("\r\n");
    expect(lines[0]).toBe("Recovery codes for test at Latchkey");
    expect(lines[1]).toBe(`Set 1, 24 Nov 2026, 127.0.0.1:${world.port}`);
    expect(codesOn(file.text)).toEqual(codesOn(page.text));
    expect(lines[3]).toBe(` 1.  ${codesOn(page.text)[0]}`);
    expect(lines[12]).toBe(`10.  ${codesOn(page.text)[9]}`);
    expect(lines[14]).toContain(`open http://127.0.0.1:${world.port}/login, enter your password`);
    expect(file.text).toContain("Each works once");
    expect(file.text).not.toMatch(/(?<!\r)\n/);
  });

  it("has a plain file name when the service's name is in another script", async () => {
    const named = await openWorld({ APP_NAME: "Zürich's 鍵 & <Söhne>" });
    const { page } = await firstSheet(named.visitor(), named);
    const file = download(page.text);
    expect(file.text).toContain("Recovery codes for test at Zürich's 鍵 & <Söhne>\r\n");
    expect(file.name).toMatch(/^z-rich-s-[a-z-]*-recovery-codes-test-2026-11-24\.txt$/);
    expect(page.text).not.toContain("<Söhne>");
  });

  it("carries the public address when there is one", async () => {
    const named = await openWorld({ BASE_URL: "http://sign-in.example.org", DEMO: "on" });
    const { page } = await firstSheet(named.visitor(), named);
    for (const text of [wordsOf(page.text), download(page.text).text]) {
      expect(text).toContain("Set 1, 24 Nov 2026, sign-in.example.org");
      expect(text).toContain("open http://sign-in.example.org/login,");
    }
  });

  it("leads on to the wanted page, checked or put off", async () => {
    const { page } = await firstSheet(visitor, world, "/account?tab=1&x=%2F");
    const field = '<input type="hidden" name="next" value="/account?tab=1&amp;x=%2F">';
    expect(page.text.split(field)).toHaveLength(3);
  });

  it("leads on to the start page when no page is wanted", async () => {
    const { page } = await firstSheet();
    expect(page.text.split('<input type="hidden" name="next" value="/">')).toHaveLength(3);
  });

  it("is shown again, and not made again, when the form of the set-up is sent twice", async () => {
    const { otp, page } = await firstSheet();
    expect((await visitor.code(otp)).headers.location).toBe(CURRENT_CODES);
    expect(await currentCodes(visitor)).toEqual(codesOn(page.text));
  });
});

describe("recovery codes just made", () => {
  let codes: string[];
  let secret: string;
  beforeEach(async () => {
    ({ codes, secret } = await setUpWithSheet(world, visitor));
  });

  /** Where the page leads once it shows no codes. */
  const goneTo = async (person = visitor) => (await person.get(CURRENT_CODES)).headers.location;

  it("are shown again by Back and by a reload", async () => {
    for (const page of ["/", "/account"]) await visitor.get(page);
    world.advance(RECOVERY_CODES_SHOWN_MS - 31_000);
    expect(await currentCodes(visitor)).toEqual(codes);
  });

  it("are shown no more after ten minutes, and a message says so", async () => {
    world.advance(RECOVERY_CODES_SHOWN_MS - 30_000);
    expect(await goneTo()).toBe("/account");
    const account = await visitor.get("/account");
    expect(messagesOn(account.text)).toContain("codes-gone");
    expect(proseOf(account.text)).toContain(
      "The codes of set 1 are no longer shown. Not saved? Make new ones.",
    );
    expect(account.text).toContain('href="/account/recovery-codes">Make new ones.</a>');
    expect(messagesOn((await visitor.get("/account")).text)).not.toContain("codes-gone");
  });

  it("are shown no more once one of them was typed back", async () => {
    await visitor.post("/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" });
    expect(await goneTo()).toBe("/account");
  });

  it("are shown again with the problem, and the wanted page kept, when what was typed back is wrong", async () => {
    const next = "/account/history";
    const refused = await visitor.post("/account/recovery-codes/proof", { recovery_code: "x", next });
    expect(refused.status).toBe(401);
    expect(reasonOn(refused.text)).toBe("not-a-recovery-code");
    expect(codesOn(refused.text)).toEqual(codes);
    expect(refused.text).toContain(`<input type="hidden" name="next" value="${next}">`);
    expect(await currentCodes(visitor)).toEqual(codes);
  });

  it("are still shown during a delay, without a field", async () => {
    for (let tries = 0; tries <= SECOND_FACTOR_RULE.free; tries++) {
      const recovery_code = formatRecoveryCode(recoveryCodeFrom(new Uint8Array(10).fill(7 + tries)));
      await visitor.post("/account/recovery-codes/proof", { recovery_code });
    }
    const refused = await visitor.post("/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" });
    expect(refused.status).toBe(429);
    expect(reasonOn(refused.text)).toBe("locked");
    expect(codesOn(refused.text)).toEqual(codes);
    for (const page of [refused, await visitor.get(CURRENT_CODES)]) {
      expect(page.headers["retry-after"]).toBe("60");
      expect(codesOn(page.text)).toEqual(codes);
      expect(page.text).not.toContain('name="recovery_code"');
    }
  });

  it("are shown no more once they are put off, which leads on and may be repeated", async () => {
    for (let n = 0; n < 2; n++) {
      const later = await visitor.post("/account/recovery-codes/later", { next: "/account/history" });
      expect([later.status, later.headers.location]).toEqual([303, "/account/history"]);
      expect(await goneTo()).toBe("/account");
    }
    expect((await visitor.post("/account/recovery-codes/later")).headers.location).toBe("/account");
    // Put off, not checked.
    expect(await sqlOn(world, "select number from recovery_sheets where proved_at is null")).toHaveLength(1);
  });

  it("are forgotten by the browser's memory of pages too, for which an HttpOnly cookie must change", async () => {
    const page = await visitor.get(CURRENT_CODES);
    expect(page.headers["cache-control"]).toBe("no-store");
    const hiding = {
      later: () => visitor.post("/account/recovery-codes/later"),
      proof: () => visitor.post("/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" }),
    };
    for (const hide of Object.values(hiding)) {
      world.advance(1);
      const [set = ""] = [(await hide()).headers["set-cookie"] ?? []].flat();
      expect(set).toMatch(
        new RegExp(`^latchkey_changed=${world.now()}; Max-Age=60; .*HttpOnly; SameSite=Lax$`),
      );
    }
  });

  it("are shown no more once one of them was used", async () => {
    const other = world.visitor();
    await other.password();
    await other.recoveryCode(codes[0] ?? "");
    expect(await goneTo()).toBe("/account");
  });

  it("make room for a newer set", async () => {
    const newer = await makeCodes(visitor, 2);
    expect(newer).toHaveLength(RECOVERY_CODES);
    expect(newer.filter((code) => codes.includes(code))).toEqual([]);
    expect(await currentCodes(visitor)).toEqual(newer);
  });

  it("are shown no more when another browser makes a newer set", async () => {
    const other = world.visitor();
    await signIn(world, other, secret);
    expect(await makeCodes(other, 2)).toHaveLength(RECOVERY_CODES);
    expect(await goneTo()).toBe("/account");
  });

  it("outlive a step-up, which changes the id of the session, and keep their time", async () => {
    await visitor.confirm("password", world.code(secret));
    expect(await currentCodes(visitor)).toEqual(codes);
    world.advance(RECOVERY_CODES_SHOWN_MS - 30_000);
    expect(await goneTo()).toBe("/account");
  });

  it("are shown no more after a step-up with one of them", async () => {
    await visitor.post("/confirm", { password: "password", recovery_code: codes[0] ?? "" });
    expect((await visitor.get("/account")).status).toBe(200);
    expect(await goneTo()).toBe("/account");
  });
});

describe("a new set of recovery codes", () => {
  const make = (sheet: number) => visitor.post("/account/recovery-codes", { sheet: String(sheet) });

  it("comes after a page that says what becomes of the old one", async () => {
    await setUpWithSheet(world, visitor);
    const page = await visitor.get("/account/recovery-codes");
    expect(page.status).toBe(200);
    expect(wordsOf(page.text)).toContain(
      "Set 1, made 24 Nov 2026, has 10 unused codes. They stop working at once: destroy that copy.",
    );
    expect(page.text).toContain('<input type="hidden" name="sheet" value="2">');
  });

  it("has the next number, which stands with its date on the page and in the file", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    world.advance(2 * DAY);
    await visitor.password();
    await visitor.code(world.code(secret));
    await make(2);
    const page = await visitor.get(CURRENT_CODES);
    const facts = `Set 2, 26 Nov 2026, 127.0.0.1:${world.port}`;
    expect(wordsOf(page.text)).toContain(facts);
    expect(download(page.text).text).toContain(facts);
    expect(download(page.text).name).toBe("latchkey-recovery-codes-test-2026-11-26.txt");
    expect(page.text.split('<input type="hidden" name="next" value="/account">')).toHaveLength(3);
    expect(wordsOf(page.text)).toContain("The codes of set 1 no longer work. Destroy that copy.");
    expect(codesOn(page.text)).toHaveLength(RECOVERY_CODES);
    for (const code of codes) expect(page.text).not.toContain(code);
  });

  it("is made once when its form is sent twice, and shown both times", async () => {
    await setUpWithSheet(world, visitor);
    const codes = await makeCodes(visitor, 2);
    expect((await make(2)).headers.location).toBe(CURRENT_CODES);
    expect(await currentCodes(visitor)).toEqual(codes);
    const proof = await visitor.post("/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" });
    expect(proof.status).toBe(303);
    expect((await make(2)).headers.location).toBe(CURRENT_CODES);
    expect((await visitor.get(CURRENT_CODES)).headers.location).toBe("/account");
  });

  it("is not made by a form without its number", async () => {
    await setUpWithSheet(world, visitor);
    const answer = await visitor.post("/account/recovery-codes");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account/recovery-codes");
    expect(await sqlOn(world, "select number from recovery_sheets")).toEqual([{ number: 1 }]);
  });

  it("revokes no session", async () => {
    const { secret } = await setUpWithSheet(world, visitor);
    const other = world.visitor();
    await other.password();
    await other.code(world.code(secret));
    await make(2);
    expect((await other.get("/account")).status).toBe(200);
  });
});
