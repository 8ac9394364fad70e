/** The listeners in docs/events.md: they compile strictly, and do what the text beside them says. */
import { beforeAll, describe, expect, it, vi } from "vitest";
import { startApp } from "../support/app-process.js";
import { codeOf } from "../support/by-the-clock.js";
import { guideProject, problemsOf, programsOf } from "../support/guide.js";

const GUIDE = "docs/events.md";
const PASSWORD = "violet otter seven";

/** The app that they go on from, with somebody whose address is known, and somebody whose address may be another's. */
const START = `
import express from "express";
import { createLatchkey } from "latchkey";

const latchkey = await createLatchkey();
const app = express();
app.use(latchkey.router);
for (const [username, emailConfirmed] of [["anna", true], ["bert", false]] as const) {
  await latchkey.accounts.create({ username, password: "${PASSWORD}", email: \`\${username}@example.org\`, emailConfirmed });
}
app.post("/reset", async (_req, res) => {
  const anna = await latchkey.accounts.find({ username: "anna" });
  res.json(await latchkey.accounts.setPassword(anna?.id ?? "", "violet otter eight"));
});
// When the listener below has been added.
setImmediate(() => app.listen(Number(process.env.PORT), "127.0.0.1"));
`;

describe("the listeners in docs/events.md", () => {
  let project: string;
  let files: string[];
  beforeAll(() => {
    ({ project, files } = guideProject(GUIDE, START));
  });

  it("are these, and compile against the types of the package, strictly", () => {
    expect(programsOf(GUIDE).map(({ title }) => title)).toEqual(["alerts.ts", "tell-owners.ts"]);
    expect(problemsOf(project, files)).toEqual([]);
  });

  it("raise an alert at what is no routine", async () => {
    const app = await startApp(project, ["alerts.js"]);
    const visitor = app.visitor();
    await visitor.password("nobody", PASSWORD);
    await visitor.password("anna", "a wrong password");
    await visitor.password("anna", PASSWORD);
    await vi.waitFor(() => expect(app.output()).toMatch(/^\S+Z password-refused: anna$/m));
    expect(app.output()).toMatch(/^\S+Z password-refused: somebody unknown$/m);
    expect(app.output()).not.toMatch(/^\S+Z password-accepted/m);
    expect(app.output()).not.toContain("sent twice");
    const secret = await visitor.secret();
    await visitor.code(codeOf(secret));
    const second = app.visitor();
    await second.password("anna", PASSWORD);
    await second.code(codeOf(secret));
    await vi.waitFor(() => expect(app.output()).toMatch(/^sent twice from 127\.0\.0\.1$/m));
    await app.stop();
  });

  it("mail owners what changed, at an address that is theirs, and say when it was us", async () => {
    const app = await startApp(project, ["tell-owners.js"]);
    for (const name of ["bert", "anna"]) {
      const visitor = app.visitor();
      await visitor.password(name, PASSWORD);
      await visitor.code(codeOf(await visitor.secret()));
    }
    await app.visitor().post("/reset");
    await vi.waitFor(() => expect(app.output()).toContain("Your password was changed."));
    const mails = app
      .output()
      .split("\n")
      .filter((line) => line.includes("@example.org "));
    expect(mails).toEqual([
      expect.stringMatching(/^anna@example\.org An authenticator app was added .* From 127\.0\.0\.1\. /),
      expect.stringMatching(/^anna@example\.org New recovery codes were made\..* From 127\.0\.0\.1\. /),
      expect.stringMatching(/^anna@example\.org Your password was changed\. By us\. /),
    ]);
    await app.stop();
  });
});
