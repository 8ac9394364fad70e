/** The numbers of the policy in the documents. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as policy from "../../src/auth/policy.js";
import { policyInDocs } from "../support/policy-in-docs.js";

const root = new URL("../../", import.meta.url);

describe("a number of the policy", () => {
  it.each(policyInDocs(policy))("is right in %s: %s", (file, text) => {
    // Lines of comments and prose break anywhere.
    const words = readFileSync(new URL(file, root), "utf8").replace(/\s+(# )?/g, " ");
    expect(words).toContain(text);
  });
});
