/** The options of createLatchkey: what a host app sets, and what stops the start. */
import { readdirSync } from "node:fs";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLatchkey } from "../src/public-api.js";
import { openHost } from "./support/host.js";
import { newFolder } from "./support/new-folder.js";
import { freePort } from "./support/server-process.js";

describe("the options of createLatchkey", () => {
  it("keep production when the settings set no NODE_ENV", async () => {
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = "production";
    onTestFinished(() => {
      process.env.NODE_ENV = NODE_ENV;
    });
    const settings = { DATA_DIR: newFolder() };
    for (const forgotten of [{}, { NODE_ENV: undefined }, { NODE_ENV: "" }, { NODE_ENV: " " }]) {
      const start = createLatchkey({ settings: { ...settings, ...forgotten } });
      await expect(start).rejects.toThrow(/BASE_URL is required in production/);
    }
    const asked = { ...settings, NODE_ENV: "development" };
    await (await createLatchkey({ settings: asked, log: pino({ level: "silent" }) })).close();
  });

  it("ignore where to listen, which is the host's own affair", async () => {
    const settings = { PORT: "/run/host.sock", HOST: "everywhere", METRICS_PORT: String(await freePort()) };
    const host = await openHost((app, latchkey) => app.use(latchkey.router), { settings });
    expect((await host.visitor().get("/login")).status).toBe(200);
  });

  it("stop the start when one is misspelt", async () => {
    const misspelt = { settings: { DATA_DIR: newFolder() }, colors: { accent: "#036" } };
    await expect(createLatchkey(misspelt)).rejects.toThrow(/knows settings, name, .*colors is none of them/);
  });

  it("leave no database open when one cannot be used", async () => {
    const settings = { DATA_DIR: newFolder() };
    const failed = createLatchkey({ settings, views: "/nowhere", log: pino({ level: "silent" }) });
    await expect(failed).rejects.toThrow(/\/nowhere is not there/);
    // SQLite removes its write-ahead log when the last connection closes properly.
    expect(readdirSync(settings.DATA_DIR).sort()).toEqual(["key", "latchkey.sqlite"]);
  });
});
