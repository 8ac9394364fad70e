/** The public types of events: those of auth/, no more and no less, in a union that a program can exhaust. */
import { describe, expect, it } from "vitest";
import type { CodeRefusal, LinkPurpose, RecoveryCodeRefusal } from "../src/auth/events.js";
import { EVENTS, type ReportedEvent, type SecurityEventType } from "../src/auth/index.js";
import type { SecurityEvent } from "../src/public-events.js";

/** Does not compile unless its argument is `true`. */
const isTrue = (fact: true) => fact;

type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Of<Type> = Extract<SecurityEvent, { type: Type }>;

/** Every type with its reasons, as a program that exhausts the union sees them. */
const reasonOf = (event: SecurityEvent): string | undefined => {
  switch (event.type) {
    case "code-refused":
    case "recovery-code-refused":
    case "code-delayed":
    case "link-made":
    case "link-used":
    case "signed-in":
    case "stepped-up":
      return event.reason.toUpperCase();
    case "password-changed":
    case "account-unlocked":
      return event.reason?.toUpperCase();
    default:
      // No other has a reason.
      return event.reason satisfies undefined;
  }
};

describe("the public types of events", () => {
  it("are those of auth/, each once and with the same reasons", () => {
    // Whatever auth/ reports has a public type, and whatever is public can be reported.
    isTrue(true satisfies Equal<SecurityEvent["type"], SecurityEventType>);
    isTrue(true satisfies Equal<Of<"code-refused">["reason"], CodeRefusal>);
    isTrue(true satisfies Equal<Of<"recovery-code-refused">["reason"], RecoveryCodeRefusal>);
    isTrue(true satisfies Equal<Of<"link-made">["reason"], LinkPurpose>);
    isTrue(true satisfies Equal<Of<"link-used">["reason"], LinkPurpose>);
    const reported = (event: SecurityEvent): Pick<ReportedEvent, "type" | "id" | "at" | "session"> => event;
    const one = { type: "link-used", id: "1", at: new Date(0), reason: "reset" } as const;
    expect(reported({ ...one, severity: "info", outcome: "success" }).type).toBe("link-used");
    expect(Object.keys(EVENTS)).toContain(one.type);
  });

  it("tell from the type whether there is a reason and a subject", () => {
    const about = { id: "1", at: new Date(0), severity: "info", outcome: "success" } as const;
    expect(reasonOf({ ...about, type: "signed-in", reason: "password totp" })).toBe("PASSWORD TOTP");
    expect(reasonOf({ ...about, type: "password-changed" })).toBeUndefined();
    const renamed: SecurityEvent = { ...about, type: "account-renamed", subject: "anna → anne" };
    expect(reasonOf(renamed)).toBeUndefined();
    // @ts-expect-error A rename says which.
    const without: SecurityEvent = { ...about, type: "account-renamed" };
    // @ts-expect-error A sign-in names what was proved, and nothing but what there is.
    const odd: SecurityEvent = { ...about, type: "signed-in", reason: "sms" };
    // @ts-expect-error The list is closed.
    const unknown: SecurityEvent = { ...about, type: "canary" };
    expect([without, odd, unknown]).toHaveLength(3);
    // Every event may be asked for both, as a program does that only logs them.
    const texts = (event: SecurityEvent): (string | undefined)[] => [event.reason, event.subject];
    expect(texts(renamed)).toEqual([undefined, "anna → anne"]);
  });
});
