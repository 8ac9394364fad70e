/** The types of the catalogue's messages, as TypeScript source: the id of each, and the values that it needs. */
import type { MessageParts, ValueKind } from "../../src/web/catalogue/syntax.js";

const TYPES: Record<ValueKind, string> = {
  number: "number",
  Date: "Date",
  list: "readonly (string | Message)[]",
  any: "Value",
};

/** @param constants the names of values that no caller passes */
export function messageTypes(messages: readonly MessageParts[], constants: readonly string[]): string {
  const lines = messages.map(({ id, values }) => {
    const passed = [...values].filter(([name]) => !constants.includes(name));
    const fields = passed.map(([name, kind]) => `${name}: ${TYPES[kind]}`).join("; ");
    return `  ${/^\w+$/.test(id) ? id : `"${id}"`}: ${fields === "" ? "None" : `{ ${fields} }`};`;
  });
  const imports = ["Message", "Value"].filter((name) =>
    lines.some((line) => new RegExp(`\\b${name}\\b`).test(line)),
  );
  return `${[
    "/**",
    " * The messages of locales/en.ftl and the values that each needs. Generated: npx vitest run test/web/catalogue -u",
    " * Tests: test/web/catalogue/message-ids.test.ts",
    " */",
    `import type { ${imports.join(", ")} } from "./values.js";`,
    "",
    "type None = Record<never, never>;",
    "",
    "export interface MessageArgs {",
    ...lines,
    "}",
  ].join("\n")}\n`;
}
