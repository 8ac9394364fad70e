/** What `npm test` says of the tests that it skipped. */
import { describe, expect, it } from "vitest";
import { skippedSummary } from "../support/skipped-tests.js";

describe("the summary of skipped tests", () => {
  it("counts the tests of each reason", () => {
    expect(skippedSummary(["no nginx", "no oathtool", "no nginx", undefined])).toBe(
      "\nSkipped 4:\n  2: no nginx\n  1: no oathtool\n  1: No reason was given.\n",
    );
  });

  it("is empty when nothing was skipped", () => {
    expect(skippedSummary([])).toBe("");
  });
});
