/** `latchkey.accounts` of a host app as it is served: what one creates there signs in there. */
import { describe, expect, it } from "vitest";
import { openHost } from "../support/host.js";
import { newFolder } from "../support/new-folder.js";

describe("latchkey.accounts in a host app", () => {
  it("creates an account that signs in, finds it in a guarded route, and closes it", async () => {
    const host = await openHost(
      (app, latchkey) => {
        app.use(latchkey.router);
        app.get("/mine", latchkey.requireSession(), async (req, res) => {
          res.json(await latchkey.accounts.find({ id: req.latchkey.account.id }));
        });
      },
      { settings: { DATA_DIR: newFolder(), DEMO: "off" } },
    );
    const { accounts } = host.latchkey;
    const result = await accounts.create({
      username: "anna",
      password: "correct horse battery",
      externalId: "42",
      groups: ["staff"],
    });
    if (result.outcome !== "created") throw new Error(result.outcome);
    const visitor = host.visitor();
    await visitor.password("anna", "correct horse battery");
    await visitor.secret();
    expect((await visitor.get("/mine")).status).toBe(303);
    expect((await accounts.list()).accounts).toEqual([result.account]);
    expect(await accounts.disable(result.account.id)).toMatchObject({ account: { disabled: true } });
    expect((await host.visitor().password("anna", "correct horse battery")).status).toBe(401);
  });
});
