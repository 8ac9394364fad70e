/** A form that refuses a code: what its page must show, and what the history and the log keep of it. */
import { expect } from "vitest";
import type { CodeRefused } from "../../src/auth/index.js";
import { fromBase32, type TotpParameters, totpAt } from "../../src/otp/index.js";
import type { Problem } from "../../src/web/render/page.js";
import { eventTitle } from "../../src/web/text/event-text.js";
import { NOT_A_CODE, refusalProblem } from "../../src/web/text/refusals.js";
import { english } from "./english.js";
import { proseOf } from "./page-text.js";
import { reasonOn, type Visitor } from "./visitor.js";
import type { World } from "./world.js";

export interface PageAnswer {
  status: number;
  text: string;
}

/** A form that takes a code, and the title of its page. */
export interface CodeForm {
  title: string;
  page(): Promise<PageAnswer>;
  send(otp: string): Promise<PageAnswer>;
}

/** Why a code was refused, as the rules tell the page. */
type WithoutOutcome<T> = T extends unknown ? Omit<T, "outcome"> : never;
type Refused = WithoutOutcome<CodeRefused> | { reason: "not-a-code" };

/**
 * The page says this problem and nothing else is wrong: headline and advice above the heading, with a link to the field, and the
 * headline at the field. The words themselves are tested once, in test/web/text/refusals.test.ts or with the page that they belong to.
 */
export function expectProblem({ text }: { text: string }, problem: Problem): void {
  const { reason, advice, field, leadsTo } = problem;
  const headline = english(problem.text);
  expect(reasonOn(text)).toBe(reason);
  const [summary = ""] =
    /<div class="alert alert-danger problem-summary".*?<\/div>\s*<\/div>/s.exec(text) ?? [];
  expect(summary).toContain('role="alert"');
  expect(proseOf(summary)).toBe(
    [headline, english(advice), english(leadsTo?.text)].filter(Boolean).join(" "),
  );
  if (field === undefined) return;
  expect(summary).toContain(`href="#${field}"`);
  const [atField = ""] = new RegExp(`<p [^>]*id="${field}-problem">.*?</p>`, "s").exec(text) ?? [];
  expect(proseOf(atField)).toBe(headline);
  const [input = ""] = new RegExp(`<input[^>]* id="${field}"[^>]*>`).exec(text) ?? [];
  expect(input).toContain('aria-invalid="true"');
  expect(input).toMatch(new RegExp(`aria-describedby="[^"]*\\b${field}-problem"`));
}

/** The page with this title refuses the code, with a 401 and the words for this refusal. */
export function expectRefusal(world: World, answer: PageAnswer, title: string, refused: Refused): void {
  expect(answer.status).toBe(401);
  expect(answer.text).toContain(`<title>Error: ${title}`);
  expectProblem(answer, problemOf(world, refused));
  expect(/<input[^>]* id="otp"[^>]*>/.exec(answer.text)?.[0]).toMatch(
    /aria-describedby="otp-hint otp-problem".*aria-invalid="true"/s,
  );
}

function problemOf(world: World, refused: Refused): Problem {
  if (refused.reason === "not-a-code") return NOT_A_CODE;
  return refusalProblem({ outcome: "code-refused", ...refused }, new Date(world.now()));
}

/** A code that was used: the next good one comes in this many milliseconds. */
export function usedUntil(world: World, ms: number) {
  return { reason: "used" as const, nextAt: new Date(world.now() + ms) };
}

/** The page shows our clock, in words and for scripts. */
export function expectClock(world: World, { text }: PageAnswer): void {
  const now = new Date(world.now()).toISOString();
  expect(text).toMatch(
    new RegExp(`Our clock says <b><time datetime="${now}"[^>]*>${now.slice(11, 19)} UTC</time></b>`),
  );
}

/** What an app with other settings shows. */
export function codeWith(world: World, secret: string, other: Partial<TotpParameters>): string {
  return totpAt(fromBase32(secret), world.now() / 1_000, {
    algorithm: "SHA1",
    digits: 6,
    period: 30,
    ...other,
  });
}

/** The entries about codes in the history of the account, newest first. */
export async function codeLines(visitor: Visitor): Promise<string[]> {
  const { text } = await visitor.get("/account/history");
  const entries = text.matchAll(
    /<tr data-event="code-refused".*?<th scope="row">(.*?)<span class="detail">/gs,
  );
  return [...entries].map(([, title = ""]) => proseOf(title));
}

/** Those entries for these refusals: the reason, the subject where there is one, and how many in a row. */
export function linesFor(...refusals: [reason: string, subject?: string, count?: number][]): string[] {
  return refusals.map(([reason, subject, count = 1]) =>
    english(eventTitle({ type: "code-refused", reason, subject, count })),
  );
}

/** The refused codes among the events, oldest first: the reason, and the subject where there is one. */
export function refusalEvents(world: World) {
  return world.events
    .filter(({ type }) => type === "code-refused")
    .map((event) => ({ reason: "", subject: undefined, ...event }))
    .map(({ reason, subject }) => (subject === undefined ? [reason] : [reason, subject]));
}
