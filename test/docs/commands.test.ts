/** docs/cli.md is the help of the command line. To update it: npx vitest run test/docs -u */
import { describe, expect, it } from "vitest";
import { latchkey } from "../support/latchkey-command.js";

describe("docs/cli.md", () => {
  it("has the help of every command", async () => {
    const { out } = await latchkey(["--help"]);
    const usages = [...out.matchAll(/^ {2}latchkey ([a-z0-9-]+(?: [a-z0-9-]+)?)/gm)].map(
      ([, words]) => words ?? "",
    );
    expect(usages.length).toBeGreaterThan(10);
    const sections = await Promise.all(
      usages.map(async (words) => {
        const { out } = await latchkey([...words.split(" "), "--help"]);
        return `## latchkey ${words}\n\n\`\`\`\n${out.trimEnd()}\n\`\`\`\n`;
      }),
    );
    await expect(`${INTRODUCTION}\n${sections.join("\n")}`).toMatchFileSnapshot("../../docs/cli.md");
  });
});

const INTRODUCTION = `# Command line

After a build, \`npx latchkey\` is the command line; so it is in a project that installed the package. Run \`account\`, \`keys\`, \`doctor\` and
\`migrate\` with the settings of the server: they work on the same database, also while the server runs, and what they change holds at once.
It stands in the owner's history as done by the operator, and in the server's log and metrics with the operator's name
([security events](events.md)).

Passwords never come from an argument: the terminal asks, or one line of standard input says. \`--json\` prints for programs. Errors are one
sentence on standard error. \`verify\` and \`diagnose\` exit 0 for valid, 1 for not valid, 2 for misuse; all others 0, or 1 for a failure.

\`\`\`sh
$ npx latchkey hotp at GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ 1
287082
$ npx latchkey totp diagnose GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ 755224
not valid: it is the HOTP code at counter 0: the entry counts codes and should follow the time.
$ echo 'a long passphrase' | npx latchkey account add alice
Database: /srv/latchkey/data/latchkey.sqlite
Added alice, who sets up an authenticator at the first sign-in.
\`\`\`
`;
