/** How safe an account is: the most urgent thing that applies, and where it leads. */
import { describe, expect, it } from "vitest";
import type { WaysBackIn } from "../../../src/auth/index.js";
import { LOW_RECOVERY_CODES, RECOVERY_CODES } from "../../../src/auth/policy.js";
import { CHECK_COPY_PATH, standingOf } from "../../../src/web/pages/standing.js";

const STARTED = Date.UTC(2026, 10, 24, 12);
const SIGNED_IN = { methods: ["password", "totp"], startedAt: STARTED };
const RECOVERED = { methods: ["password", "recovery-code"], startedAt: STARTED };

const app = (id: string, createdAt = STARTED - 1) => ({
  id,
  name: id,
  label: "test",
  createdAt: new Date(createdAt),
  lastUsedAt: new Date(STARTED),
  isNamed: true,
  driftSeconds: undefined,
});

const codes = (left: number, { checked = true } = {}): WaysBackIn["sheet"] => ({
  number: 2,
  left,
  createdAt: new Date(STARTED),
  provedAt: checked ? new Date(STARTED) : undefined,
});

const ALL = codes(RECOVERY_CODES);

const RECOVERY_CODES_PATH = "/account/recovery-codes";
const REPLACING = "/account/authenticators/new?replaces=";

describe("the standing of an account", () => {
  const unchecked = codes(RECOVERY_CODES, { checked: false });
  const newApp = app("a", STARTED + 1);
  it.each([
    ["good", "all is there", SIGNED_IN, [app("a"), app("b")], ALL, undefined],
    ["second-app", "there is one app", SIGNED_IN, [app("a")], ALL, "/account/authenticators/new"],
    ["check-copy", "no code was typed back", SIGNED_IN, [app("a")], unchecked, CHECK_COPY_PATH],
    ["make-new-codes", "few are left", SIGNED_IN, [app("a")], codes(LOW_RECOVERY_CODES), RECOVERY_CODES_PATH],
    ["make-codes", "none is left", SIGNED_IN, [app("a"), app("b")], codes(0), RECOVERY_CODES_PATH],
    ["make-codes", "there never were any", SIGNED_IN, [app("a"), app("b")], undefined, RECOVERY_CODES_PATH],
    ["replace-app", "a recovery code was used", RECOVERED, [app("a")], undefined, `${REPLACING}a`],
    [
      "replace-lost-app",
      "one of two is lost",
      RECOVERED,
      [app("a"), app("b")],
      ALL,
      "/account#authenticators",
    ],
    ["second-app", "the app was replaced since", RECOVERED, [newApp], ALL, "/account/authenticators/new"],
  ] as const)("is %s when %s", (reason, _when, session, [...authenticators], sheet, href) => {
    const standing = standingOf(session, { authenticators, sheet });
    expect(standing.reason).toBe(reason);
    expect(standing.action?.href).toBe(href);
    expect(standing.isGood).toBe(reason === "good" || reason === "second-app");
  });
});
