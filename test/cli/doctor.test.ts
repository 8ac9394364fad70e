/** `latchkey doctor`: a line for each check, the same as JSON, and the exit code. Each check has a test of its own in doctor/. */
import { describe, expect, it } from "vitest";
import { CHECKS, doctor, findings } from "../support/doctor.js";
import { openWorld } from "../support/world.js";

describe("latchkey doctor", () => {
  it("prints a line for each check and exits 0 when nothing is wrong", async () => {
    const { dataDir: DATA_DIR, databaseFile } = await openWorld({ DEMO: "off" });
    const { exit, out, err } = await doctor({ DATA_DIR });
    expect(out.split("\n")).toEqual([
      "ok       settings     They are those of development.",
      "ok       permissions  Nobody else on this machine can read the data or the keys.",
      "ok       proxies      None is trusted: a client's address is where its connection comes from.",
      "ok       forwarding   It is not used.",
      `ok       database     It is ${databaseFile}.`,
      "ok       durability   What was answered survives a crash.",
      "ok       migrations   The tables are those of this version.",
      "ok       keys         They open what is sealed in the database.",
      "unknown  clock        Not known yet: 0 of 10 accounts have typed a code in the last hours.",
      "ok       steps        No accepted time step lies in the future.",
      "",
    ]);
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
  });

  it("prints every field of each check with --json", async () => {
    const { dataDir: DATA_DIR } = await openWorld({ DEMO: "off" });
    const { exit, out } = await doctor({ DATA_DIR }, ["--json"]);
    expect(exit).toBe(0);
    const found = JSON.parse(out);
    expect(found.map(({ check, state }: Record<string, string>) => [check, state])).toEqual(
      CHECKS.map((check) => [check, check === "clock" ? "unknown" : "ok"]),
    );
    expect(found[0]).toEqual({
      check: "settings",
      state: "ok",
      says: expect.any(String),
      remedy: null,
      facts: null,
    });
    expect(found[7]).toMatchObject({ facts: { sealedByOlder: 0, olderKeys: 0 } });
    expect(found[8]).toMatchObject({ facts: { accounts: 0 }, remedy: null });
    expect(found[9]).toMatchObject({ facts: { authenticators: 0, usernames: "" }, remedy: null });
  });

  it("takes no arguments, and explains itself with --help", async () => {
    expect((await doctor({}, ["everything"])).exit).toBe(2);
    expect((await doctor({}, ["--all"])).exit).toBe(2);
    expect((await doctor({}, ["--help"])).out).toContain("latchkey doctor [--json]");
  });
});

describe("the settings check", () => {
  it("reports all wrong settings in one line, and looks at nothing else", async () => {
    const found = await findings({ PORT: "many", DEMO: "maybe", TRUST_PROXY: "one\ntwo" });
    expect(found.exit).toBe(1);
    expect(found.settings).toMatch(/^problem {2}settings {5}PORT .*DEMO .*TRUST_PROXY .*docs\/settings\.md/);
    for (const check of CHECKS.slice(1)) expect(found[check]).toMatch(/^unknown .*Not looked at/);
  });
});
