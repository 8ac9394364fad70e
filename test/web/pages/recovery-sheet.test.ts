/** The sheet of recovery codes: shown once, in the answer that ends the set-up, and again for each new set. */
import { beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_CODES } from "../../../src/auth/policy.js";
import { wordsOf } from "../../support/page-text.js";
import { codesOn, setUpWithSheet } from "../../support/sign-in.js";
import type { Visitor } from "../../support/visitor.js";
import { HOUR, openWorld, type World } from "../../support/world.js";

const DAY = 24 * HOUR;

let world: World;
let visitor: Visitor;
beforeEach(async () => {
  world = await openWorld();
  visitor = world.visitor();
});

/** Sets an authenticator up and answers with the page that the code brings. */
async function firstSheet(person = visitor, place = world, next = "") {
  await person.password("test", "password", { next });
  const otp = place.code(await person.secret());
  return { otp, page: await person.code(otp) };
}

/** The file behind the download link: its name, its media type, and its text. */
function download(html: string) {
  const [, href = "", name = ""] = /<a [^>]*href="(data:[^"]+)" download="([^"]+)"/.exec(html) ?? [];
  const [type = "", body = ""] = href.split(/,(.*)/s);
  return { name, type, text: decodeURIComponent(body.replaceAll("&#39;", "'")) };
}

describe("the first sheet of recovery codes", () => {
  it("is shown in the answer that ends the set-up, with account, site, set and date", async () => {
    const { page } = await firstSheet();
    expect(page.status).toBe(200);
    expect(new Set(codesOn(page.text)).size).toBe(RECOVERY_CODES);
    const words = wordsOf(page.text);
    expect(words).toContain("Recovery codes for test at Latchkey");
    expect(words).toContain(`Set 1, made on 24 November 2026, for 127.0.0.1:${world.port}`);
    expect(words).toContain("shown only this once");
  });

  it("is a text file that says the same when it is downloaded", async () => {
    const { page } = await firstSheet();
    const file = download(page.text);
    expect(file.type).toBe("data:text/plain;charset=utf-8");
    expect(file.name).toBe("latchkey-recovery-codes-test-2026-11-24.txt");
    const lines = file.text.split("\r\n");
    expect(lines[0]).toBe(`Recovery codes for test at Latchkey (127.0.0.1:${world.port})`);
    expect(lines[1]).toBe("Set 1, made on 24 November 2026");
    expect(codesOn(file.text)).toEqual(codesOn(page.text));
    expect(lines[3]).toBe(` 1.  ${codesOn(page.text)[0]}`);
    expect(lines[12]).toBe(`10.  ${codesOn(page.text)[9]}`);
    expect(file.text).toContain("Each works once");
    expect(file.text).not.toMatch(/(?<!\r)\n/);
  });

  it("has a plain file name when the service's name is in another script", async () => {
    const named = await openWorld({ APP_NAME: "Zürich's 鍵 & <Söhne>" });
    const { page } = await firstSheet(named.visitor(), named);
    const file = download(page.text);
    expect(file.text).toContain("Recovery codes for test at Zürich's 鍵 & <Söhne> (127.0.0.1");
    expect(file.name).toMatch(/^z-rich-s-[a-z-]*-recovery-codes-test-2026-11-24\.txt$/);
    expect(page.text).not.toContain("<Söhne>");
  });

  it("carries the public address when there is one", async () => {
    const named = await openWorld({ BASE_URL: "http://sign-in.example.org", DEMO: "on" });
    const { page } = await firstSheet(named.visitor(), named);
    expect(wordsOf(page.text)).toContain("for sign-in.example.org");
    expect(download(page.text).text).toContain("(sign-in.example.org)");
  });

  it("leads on to the wanted page", async () => {
    const { page } = await firstSheet(visitor, world, "/account?tab=1&x=%2F");
    expect(page.text).toContain('href="/account?tab=1&amp;x=%2F">Continue</a>');
    expect(page.text).toContain('<input type="hidden" name="next" value="/account?tab=1&amp;x=%2F">');
  });

  it("leads on to the start page when no page is wanted", async () => {
    const { page } = await firstSheet();
    expect(page.text).toContain('href="/">Continue</a>');
  });

  it("is not made again on reload, when the account page says that the first is valid", async () => {
    const { otp, page } = await firstSheet();
    const again = await visitor.code(otp);
    expect(again.status).toBe(303);
    expect(again.headers.location).toBe("/account");
    const account = await visitor.get("/account");
    expect(account.text).toContain(
      "Recovery codes are shown only once: set 1 is valid, and no other was made",
    );
    expect(wordsOf(account.text)).toContain(
      `Set 1, made on 24 November 2026 Unused ${RECOVERY_CODES} of ${RECOVERY_CODES}`,
    );
    for (const code of codesOn(page.text)) expect(account.text).not.toContain(code);
  });
});

describe("a new set of recovery codes", () => {
  const make = (sheet: number) => visitor.post("/account/recovery-codes", { sheet: String(sheet) });

  it("comes after a page that says what becomes of the old one", async () => {
    await setUpWithSheet(world, visitor);
    const page = await visitor.get("/account/recovery-codes");
    expect(page.status).toBe(200);
    expect(wordsOf(page.text)).toMatch(/set 1, made on 24 November 2026.*throw that sheet away/i);
    expect(page.text).toContain('<input type="hidden" name="sheet" value="2">');
  });

  it("has the next number, which stands with its date on the sheet and on the account page", async () => {
    const { secret, codes } = await setUpWithSheet(world, visitor);
    world.advance(2 * DAY);
    await visitor.password();
    await visitor.code(world.code(secret));
    const page = await make(2);
    expect(page.status).toBe(200);
    const facts = "Set 2, made on 26 November 2026";
    expect(wordsOf(page.text)).toContain(facts);
    expect(download(page.text).text).toContain(facts);
    expect(download(page.text).name).toBe("latchkey-recovery-codes-test-2026-11-26.txt");
    expect(wordsOf((await visitor.get("/account")).text)).toContain(facts);
    expect(page.text).toContain('href="/account">Continue</a>');
    expect(page.text).toContain("The codes of set 1 work no more");
    expect(codesOn(page.text)).toHaveLength(RECOVERY_CODES);
    for (const code of codes) expect(page.text).not.toContain(code);
  });

  it("is made once when its form is sent twice, and the account page says which set is valid", async () => {
    await setUpWithSheet(world, visitor);
    const codes = codesOn((await make(2)).text);
    const again = await make(2);
    expect(again.status).toBe(303);
    expect(again.headers.location).toBe("/account");
    const account = wordsOf((await visitor.get("/account")).text);
    expect(account).toContain("set 2 of 24 November 2026 is valid, and no other was made");
    const proof = await visitor.post("/account/recovery-codes/proof", { recovery_code: codes[0] ?? "" });
    expect(proof.status).toBe(303);
  });

  it("is not made by a form without its number", async () => {
    await setUpWithSheet(world, visitor);
    const answer = await visitor.post("/account/recovery-codes");
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/account/recovery-codes");
    expect(wordsOf((await visitor.get("/account")).text)).toContain("Set 1, made on");
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
