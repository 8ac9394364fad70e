/** The table of accounts, however long it is; what its lines say is tested in administration.test.ts. */
import { expect, it } from "vitest";
import { asText } from "../../src/cli/account-list.js";

it("lists two hundred thousand accounts in columns as wide as the longest", () => {
  const account = {
    isDemo: false,
    isDisabled: false,
    createdAt: new Date(0),
    lastSignInAt: undefined,
    authenticators: 1,
    recoveryCodesLeft: 10,
    isLocked: false,
    codesDelayedUntil: undefined,
    passwordsDelayedUntil: undefined,
  };
  const accounts = Array.from({ length: 200_000 }, (_, n) => ({ ...account, username: `person-${n}` }));
  const lines = asText(accounts).split("\n");
  expect(lines).toHaveLength(200_001);
  expect(lines[1]).toMatch(/^person-0 {7}1 authenticator, 10 recovery codes {2}never/);
});
