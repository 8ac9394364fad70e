/** The generated types of the catalogue's messages. To update them: npx vitest run test/web/catalogue -u */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseMessages } from "../../../src/web/catalogue/syntax.js";
import { constantsOf } from "../../../src/web/text/numbers.js";
import { messageTypes } from "../../support/message-types.js";

const CONSTANTS = Object.keys(constantsOf({ appName: "", contact: undefined }));

describe("src/web/catalogue/message-ids.ts", () => {
  it("has every message of the catalogue, with its values", async () => {
    const messages = parseMessages(readFileSync("locales/en.ftl", "utf8"));
    await expect(messageTypes(messages, CONSTANTS)).toMatchFileSnapshot(
      "../../../src/web/catalogue/message-ids.ts",
    );
  });
});
