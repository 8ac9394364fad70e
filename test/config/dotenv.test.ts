/** The file `.env`: however an editor saved it, every reader reads all of it or refuses it. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { newFolder } from "../support/new-folder.js";
import { latchkeyProcess } from "../support/node-cli.js";
import { start } from "../support/server-process.js";

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NPM_START = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));
const utf8 = (text: string) => Buffer.from(text, "utf8");
const utf16 = (text: string) => Buffer.from(text, "utf16le");
const bigEndian = (text: string) => utf16(text).swap16();

function folderWith(bytes: Uint8Array): string {
  const folder = newFolder();
  writeFileSync(path.join(folder, ".env"), bytes, { mode: 0o600 });
  return folder;
}

/** What each of those that read it says on standard error, with no other settings than those of the file. */
async function heardFrom(bytes: Uint8Array): Promise<Record<string, { exit: number | null; err: string }>> {
  const cwd = folderWith(bytes);
  const heardFromServer = async (main?: string) => {
    const server = await start({ DATA_DIR: path.join(cwd, "data") }, { cwd, bare: true, main });
    // One that starts all the same is heard in vain.
    return { exit: server.address === "" ? await server.exit : null, err: server.output().err };
  };
  const heard = { "main.js": await heardFromServer(), "npm start": await heardFromServer(NPM_START) };
  const commands = [["serve"], ["account", "list"], ["doctor"]];
  const outcomes = commands.map(async (argv) => {
    const { exit, out, err } = await latchkeyProcess(argv, {}, cwd);
    return [argv.join(" "), { exit, err: err + out }] as const;
  });
  return { ...heard, ...Object.fromEntries(await Promise.all(outcomes)) };
}

const SETTINGS = "NODE_ENV=production\nBASE_URL=http://127.0.0.1\nPORT=many\n";

describe("a file .env", () => {
  it.each([
    ["in UTF-8", utf8(SETTINGS)],
    ["with a BOM", Buffer.concat([BOM, utf8(SETTINGS)])],
    ["with CR and LF at the ends of lines", utf8(SETTINGS.replaceAll("\n", "\r\n"))],
    ["with a BOM, CR and LF", Buffer.concat([BOM, utf8(SETTINGS.replaceAll("\n", "\r\n"))])],
    ["with a CR alone at the ends of lines", utf8(SETTINGS.replaceAll("\n", "\r"))],
    ["with blanks behind the values", utf8(SETTINGS.replaceAll("\n", " \t \n"))],
    ["with quotes, and blanks around =", utf8(SETTINGS.replace(/=(.*)/g, ' = "$1"'))],
    ["with comments, empty lines and export", utf8(`# für alle\n\n${SETTINGS.replace(/^/gm, "export ")}#`)],
  ])("is read from its first line to its last %s", async (_, bytes) => {
    for (const [who, { exit, err }] of Object.entries(await heardFrom(bytes))) {
      expect(exit, who).toBe(1);
      // The first: what production asks for. The last: what is wrong with it. Between them: nothing to complain about.
      expect(err, who).toMatch(/PORT is a number/);
      expect(err, who).toMatch(/APP_SECRETS is required in production/);
      expect(err, who).not.toMatch(/BASE_URL/);
    }
  });

  it.each([
    ["UTF-16 with its BOM", Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(SETTINGS)])],
    [
      "UTF-16 with its BOM, the other way round",
      Buffer.concat([Buffer.from([0xfe, 0xff]), bigEndian(SETTINGS)]),
    ],
    ["UTF-16 without a BOM", utf16(SETTINGS)],
    ["UTF-16 without a BOM, the other way round", bigEndian(SETTINGS)],
    ["UTF-32", Buffer.from([...SETTINGS].flatMap((c) => [c.charCodeAt(0), 0, 0, 0]))],
    ["Latin-1", Buffer.from(`${SETTINGS}APP_NAME=Zuständig\n`, "latin1")],
    ["UTF-8 that was cut within a letter", utf8(`${SETTINGS}APP_NAME=ä`).subarray(0, -1)],
    ["UTF-8 with a NUL", utf8(`${SETTINGS}APP_NAME=a\0b\n`)],
  ])("is refused by every reader, in one sentence, in %s", async (_, bytes) => {
    for (const [who, { exit, err }] of Object.entries(await heardFrom(bytes))) {
      expect(exit, who).toBe(1);
      expect(err, who).toBe(
        "latchkey: The file .env is not in UTF-8 and cannot be read reliably: save it as UTF-8.\n",
      );
    }
  });

  it.each([
    ["a line without =", "a key for a day\nPORT=many\n"],
    ["a name with a colon", "APP_NAME: Latchkey\nPORT=many\n"],
    ["a name behind an invisible blank", "\u200bPORT=many\n"],
    ["a quote that does not end", 'APP_NAME="Latchkey\na key for a day\nPORT=many\n'],
  ])("is refused with %s, and nothing of it is printed", async (_, text) => {
    for (const [who, { exit, err }] of Object.entries(await heardFrom(utf8(text)))) {
      expect(exit, who).toBe(1);
      expect(err, who).toMatch(/^latchkey: The file \.env has a line that is not NAME=value and hides .*\n$/);
      expect(err, who).not.toMatch(/key for|many/);
    }
  });

  it.each([
    ["the password of an address", "DATABASE_URL=postgres://latchkey:12#34secret@127.0.0.1/latchkey"],
    ["a secret", `APP_SECRETS=${"secret".repeat(9)}#${"secret".repeat(9)}`],
    ["an address with a fragment", "export CONTACT = https://example.org/#secret"],
    ["a value that begins with it", "APP_NAME=#secret"],
    ["a value that has another one behind a blank", "APP_NAME=a#secret # the name"],
  ])("is refused with a # in %s, and nothing of it is printed", async (_, line) => {
    for (const [who, { exit, err }] of Object.entries(await heardFrom(utf8(`# all\n${line}\nPORT=many\n`)))) {
      expect(exit, who).toBe(1);
      expect(err, who).toMatch(/^latchkey: The file \.env has a # within a value in line 2, .*quotes.*\n$/);
      expect(err, who).not.toMatch(/secret|many|12/);
    }
  });

  it.each([
    ["in quotes", 'APP_NAME="Team#1"'],
    ["that begins a comment", "APP_NAME=Team # the name"],
    ["after quotes", "APP_NAME='Team'#the name"],
    ["behind no value", "APP_NAME= # the name"],
    ["within a value of several lines", 'APP_NAME="Team\nCONTACT=a#b"'],
  ])("is read with a # %s", async (_, line) => {
    const { err } = await latchkeyProcess(["account", "list"], {}, folderWith(utf8(`${line}\nPORT=many\n`)));
    expect(err).toMatch(/PORT is a number/);
    expect(err).not.toContain("The file");
  });

  it("gives way to the environment", async () => {
    const cwd = folderWith(utf8("PORT=many\nSTEP_UP=often\n"));
    const { err } = await latchkeyProcess(["account", "list"], { PORT: "3000", STEP_UP: "" }, cwd);
    expect(err).toContain("There is no database yet");
  });

  it("is refused when it is a folder", async () => {
    const { exit, err } = await latchkeyProcess(["doctor"], {}, newFolder({ ".env/x": "" }));
    expect({ exit, err }).toEqual({
      exit: 1,
      err: expect.stringMatching(/^latchkey: The file \.env cannot be read: EISDIR.*\n$/),
    });
  });
});
