/** Pages for requests that no form of ours sends. */
import { expect } from "vitest";
import type { Answer } from "./raw-request.js";

/** A page of ours with this status: a heading, the security headers, no stack trace. */
export function expectErrorPage(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.text).toContain("<h1>");
  expect(answer.text).not.toMatch(/node_modules|\n\s+at /);
  expect(answer.headers["content-security-policy"]).toBeDefined();
}
