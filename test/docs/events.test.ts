/** docs/events.md has each event type of the code, with its severity and its reasons. */
import { describe, expect, it } from "vitest";
import { EVENTS } from "../../src/auth/index.js";
import { read } from "./document.js";

describe("docs/events.md", () => {
  const rows = [
    ...read("docs/events.md").matchAll(
      /^\| `([a-z-]+)` \| ([^|]+) \| ([^|]*)\| (info|warning|critical) \| (yes|no) \|$/gm,
    ),
  ];

  it("has each type of the closed list once, with its severity and whether it is in the history", () => {
    const told = rows.map(([, type, , , severity, inHistory]) => [type, severity, inHistory === "yes"]);
    const known = Object.entries(EVENTS).map(([type, facts]) => [type, facts.severity, facts.inHistory]);
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  it("names each reason that the code gives a recovery code, a delay and an unlocking", () => {
    const reasonsOf = (type: string) => rows.find(([, one]) => one === type)?.[3] ?? "";
    for (const reason of ["typo", "unknown", "used", "replaced"])
      expect(reasonsOf("recovery-code-refused")).toContain(`\`${reason}\``);
    for (const reason of ["delay", "lock"]) expect(reasonsOf("code-delayed")).toContain(`\`${reason}\``);
    expect(reasonsOf("account-unlocked")).toContain("`clock-ahead`");
    expect(reasonsOf("password-changed")).toContain("`link`");
    for (const reason of ["invitation", "password", "reset"]) {
      for (const type of ["link-made", "link-used"]) expect(reasonsOf(type)).toContain(`\`${reason}\``);
    }
  });
});
