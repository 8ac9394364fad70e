/** What the operator did, in the account's history. */
import { beforeEach, describe, expect, it } from "vitest";
import { idOf, newestLine, succeed } from "../support/operator.js";
import { newOwner, PASSWORD } from "../support/owner.js";
import { openWorld, type World } from "../support/world.js";

const NEW = "violet otter seven";

let world: World;
beforeEach(async () => {
  world = await openWorld({ DEMO: "off" });
});

describe("an operator's change in the history", () => {
  it.each([
    ["password", `${NEW}\n`, "password-changed"],
    ["disable", "", "account-disabled"],
    ["unlock", "", "account-unlocked"],
    ["reset-2fa --without-link", "", "second-factor-reset"],
  ])("stands there as the operator's after %s", async (command, stdin, type) => {
    const { id } = await newOwner(world);
    await succeed(world, [...command.split(" "), "alice"], stdin);
    const { line } = await newestLine(world, id);
    expect(line).toMatchObject({ type, byKind: "operator", at: world.now(), address: "", device: "" });
  });

  it("stands there once when the command is repeated", async () => {
    const { id } = await newOwner(world);
    const before = (await newestLine(world, id)).lines;
    await succeed(world, ["enable", "alice"]);
    expect((await newestLine(world, id)).lines).toBe(before);
    await succeed(world, ["disable", "alice"]);
    await succeed(world, ["disable", "alice"]);
    expect(await newestLine(world, id)).toMatchObject({
      lines: before + 1,
      line: { type: "account-disabled" },
    });
    await succeed(world, ["enable", "alice"]);
    await succeed(world, ["enable", "alice"]);
    expect(await newestLine(world, id)).toMatchObject({
      lines: before + 2,
      line: { type: "account-enabled", byKind: "operator" },
    });
  });

  it("begins with the account itself when the operator adds it", async () => {
    await succeed(world, ["add", "alice"], `${PASSWORD}\n`);
    expect(await newestLine(world, await idOf(world, "alice"))).toMatchObject({
      lines: 1,
      line: { type: "account-added", byKind: "operator" },
    });
  });
});
