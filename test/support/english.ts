/** The English catalogue, for the tests that compare a whole text. */
import { readFileSync } from "node:fs";
import { createCatalogue } from "../../src/web/catalogue/catalogue.js";
import type { Message } from "../../src/web/catalogue/message.js";
import { constantsOf } from "../../src/web/text/numbers.js";

const catalogue = createCatalogue([readFileSync("locales/en.ftl", "utf8")], {
  constants: constantsOf({ appName: "Latchkey", contact: undefined }),
  onError: (error) => {
    throw error;
  },
});

/** A message as plain text; "" for none. */
export function english(message: Message | string | undefined): string {
  return typeof message === "object" ? catalogue.text(message) : (message ?? "");
}
