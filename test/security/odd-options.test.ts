/** A host's options: anything that is not a plain option throws where it is written, and never opens a route by being ignored. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createLatchkey } from "../../src/public-api.js";
import type { Latchkey } from "../../src/public-types.js";
import { openHost } from "../support/host.js";
import { newFolder } from "../support/new-folder.js";

class Requirement {
  maxAge = "5m";
}

class Getter {
  get maxAge() {
    return "5m";
  }
}

const INHERITED = Object.create({ maxAge: "5m" });
const TWICE_INHERITED = Object.create(Object.create(null, { maxAge: { value: "5m", enumerable: true } }));
const HIDDEN = Object.defineProperty({}, "maxage", { value: "5m", enumerable: false });

/** None of these is a requirement. To ignore one would open a route that somebody meant to guard. */
const NO_REQUIREMENTS: [what: string, requirement: unknown][] = [
  ["true", true],
  ["false", false],
  ["a number", 300],
  ["zero", 0],
  ["not a number", Number.NaN],
  ["a big number", 300n],
  ["a text", "5m"],
  ["an empty text", ""],
  ["a symbol", Symbol("5m")],
  ["null", null],
  ["a list", ["totp"]],
  ["an empty list", []],
  ["a function", () => ({ maxAge: "5m" })],
  ["an instance", new Requirement()],
  ["an instance with a getter", new Getter()],
  ["a date", new Date()],
  ["a map", new Map([["maxAge", "5m"]])],
  ["a set", new Set(["totp"])],
  ["a promise", Promise.resolve({ maxAge: "5m" })],
  ["a regular expression", /totp/],
  ["an inherited maxAge", INHERITED],
  ["a maxAge that is inherited from what has no prototype", TWICE_INHERITED],
  ["a symbol for a name", { [Symbol("maxAge")]: "5m" }],
  ["a name that is not listed", HIDDEN],
  ["a misspelt name", { maxage: "5m" }],
  ["a name of Object's", { toString: "5m" }],
  ["maxAge undefined", { maxAge: undefined }],
  ["maxAge null", { maxAge: null }],
  ["maxAge empty", { maxAge: "" }],
  ["maxAge without a unit", { maxAge: "300" }],
  ["maxAge a number", { maxAge: 300 }],
  ["maxAge of nothing", { maxAge: "0s" }],
  ["maxAge true", { maxAge: true }],
  ["maxAge a list", { maxAge: ["5m"] }],
  ["maxAge an object that reads as a text", { maxAge: { toString: () => "5m" } }],
  ["methods undefined", { methods: undefined }],
  ["methods empty", { methods: "" }],
  ["methods of another name", { methods: "passwords" }],
  ["methods a list", { methods: ["totp"] }],
  ["methods an empty list", { methods: [] }],
  ["methods in capitals", { methods: "TOTP" }],
  ["methods right and maxAge undefined", { methods: "totp", maxAge: undefined }],
];

const withLatchkey = async () => {
  let latchkey: Latchkey | undefined;
  const host = await openHost((app, made) => {
    latchkey = made;
    app.use(made.router);
  });
  if (!latchkey) throw new Error("no Latchkey");
  return { latchkey, host };
};

describe("requireSession", () => {
  it("throws a readable error when a route is made with anything that is not a requirement", async () => {
    const { latchkey } = await withLatchkey();
    for (const [what, requirement] of NO_REQUIREMENTS) {
      expect(() => latchkey.requireSession(requirement as never), what).toThrow(/^requireSession.*\.$/);
    }
  });

  it("accepts a plain requirement, an empty one and none", async () => {
    const { latchkey } = await withLatchkey();
    const withoutPrototype = Object.assign(Object.create(null), { maxAge: "5m" });
    for (const requirement of [
      undefined,
      {},
      { maxAge: "5m" },
      { methods: "totp" },
      { maxAge: "1h", methods: "totp" },
      withoutPrototype,
    ]) {
      expect(latchkey.requireSession(requirement)).toBeTypeOf("function");
    }
    expect(latchkey.requireSession()).toBeTypeOf("function");
  });
});

const SILENT = pino({ level: "silent" });

/** Each stands in place of the options of createLatchkey. */
const NO_OPTIONS: [what: string, options: unknown, sentence: RegExp][] = [
  ["null", null, /takes an object with settings, .*, not null\./],
  ["a text", "name", /, not "name"\./],
  ["a number", 3, /, not 3\./],
  ["true", true, /, not true\./],
  ["a list", [], /, not a list\./],
  ["a function", () => ({}), /, not a function\./],
  [
    "an instance",
    new (class Options {
      name = "Allotment";
    })(),
    /, not an instance of a class\./,
  ],
  ["inherited options", Object.create({ name: "Allotment" }), /, not an instance of a class\./],
  ["a symbol", { [Symbol("views")]: "x" }, /Symbol\(views\) is none of them/],
  ["a name of Object's", { toString: 1 }, /toString is none of them/],
  ["signUpUrl a script", { signUpUrl: "javascript:alert(1)" }, /signUpUrl must be a path of the app/],
  ["signUpUrl on another host without a scheme", { signUpUrl: "//evil.example" }, /signUpUrl must be a path/],
  ["signUpUrl with a backslash", { signUpUrl: "/\\evil.example" }, /signUpUrl must be a path/],
  ["signUpUrl of no host", { signUpUrl: "https://" }, /signUpUrl must be a path/],
  ["signUpUrl relative", { signUpUrl: "sign-up" }, /signUpUrl must be a path/],
  ["signUpUrl a URL", { signUpUrl: new URL("https://a.example") }, /not an instance of a class\./],
  ["signUpUrl too long", { signUpUrl: `/${"a".repeat(2_000)}` }, /at most 2000 characters, not 2001\./],
  ["settings null", { settings: null }, /settings must be an object/],
  ["settings a text", { settings: "DEMO=off" }, /settings must be an object/],
  ["settings a list", { settings: ["DEMO=off"] }, /settings must be an object/],
  ["settings a map", { settings: new Map([["DEMO", "off"]]) }, /settings must be an object/],
  ["a setting false", { settings: { DEMO: false } }, /the setting DEMO must be a string, not false\./],
  [
    "a setting of a number",
    { settings: { SESSION_IDLE: 30 } },
    /the setting SESSION_IDLE must be a string, not 30\./,
  ],
  ["a setting null", { settings: { DEMO: null } }, /the setting DEMO must be a string, not null\./],
  [
    "a setting of a list",
    { settings: { ALLOWED_HOSTS: ["a.example.org"] } },
    /ALLOWED_HOSTS must be a string, not a list\./,
  ],
  [
    "an address as an object",
    { settings: { BASE_URL: new URL("https://example.org") } },
    /BASE_URL must be a string/,
  ],
  ["name a number", { name: 5 }, /name must be a string, not 5\./],
  ["name null", { name: null }, /name must be a string/],
  ["views true", { views: true }, /views must be a string/],
  ["views null", { views: null }, /views must be a string/],
  ["views a list", { views: ["./views"] }, /views must be a string/],
  ["views an address", { views: new URL("file:///tmp") }, /views must be a string/],
  ["a mark of a number", { mark: 1 }, /mark must be a path on the app's own host/],
  ["a mark of no characters", { mark: "" }, /mark must be a path .* not ""/],
  ["a mark of another site", { mark: "https://example.org/icon.svg" }, /mark must be a path/],
  ["a mark of another host", { mark: "//example.org/icon.svg" }, /mark must be a path/],
  ["a mark of another host with a backslash", { mark: "/\\example.org/icon.svg" }, /mark must be a path/],
  ["a mark of a drawing itself", { mark: "data:image/svg+xml,<svg/>" }, /mark must be a path/],
  ["a mark with a line break", { mark: "/icon\n.svg" }, /mark must be a path/],
  [
    "a mark that is too long",
    { mark: `/${"a".repeat(500)}` },
    /mark must be .* at most 500 characters, not 501/,
  ],
  ["colours null", { colours: null }, /colours takes an object with accent and accentOnDark/],
  ["colours a text", { colours: "#1f6f3f" }, /colours takes an object/],
  ["colours a list", { colours: ["#1f6f3f"] }, /colours takes an object/],
  ["colours without an accent", { colours: { accent: undefined } }, /the colour accent must be a string/],
  [
    "a misspelt colour",
    { colours: { accent: "#1f6f3f", accentDark: "#fff" } },
    /colours knows accent and accentOnDark, and accentDark is neither/,
  ],
  ["a colour of a number", { colours: { accent: 0x1f6f3f } }, /the colour accent must be a string/],
  [
    "a colour null",
    { colours: { accent: "#1f6f3f", accentOnDark: null } },
    /the colour accentOnDark must be a string/,
  ],
  ["log null", { log: null }, /log must be a pino logger/],
  ["log a text", { log: "info" }, /log must be a pino logger/],
  ["log true", { log: true }, /log must be a pino logger/],
  ["log a function", { log: () => {} }, /log must be a pino logger/],
  ["log with a part missing", { log: { info() {}, warn() {} } }, /log must be a pino logger/],
];

describe("createLatchkey", () => {
  it("throws a readable error when it gets anything that is not a plain option", async () => {
    const DATA_DIR = newFolder();
    for (const [what, options, sentence] of NO_OPTIONS) {
      const isRead = typeof options === "object" && options !== null && !Array.isArray(options);
      // If a start succeeds by mistake, it writes nowhere but here.
      const given =
        isRead && !("settings" in options) && Object.getPrototypeOf(options) === Object.prototype
          ? { log: SILENT, settings: { DATA_DIR }, ...options }
          : options;
      await expect(createLatchkey(given as never), what).rejects.toThrow(sentence);
    }
  });

  it("takes an undefined option as left out", async () => {
    const settings = { DATA_DIR: newFolder(), DEMO: undefined, CONTACT: "" };
    const left: object = { name: undefined, views: undefined, colours: undefined };
    const latchkey = await createLatchkey({ log: SILENT, settings, ...left });
    await latchkey.close();
  });
});

describe("link", () => {
  it("accepts a path of Latchkey's, and throws when it would lead elsewhere", async () => {
    const { latchkey } = await withLatchkey();
    for (const path of ["/", "/account", "/login?next=%2Fa%3Fb", "/account#history"])
      expect(latchkey.link(path)).toBe(path);
    for (const path of [
      ...[
        "",
        "account",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\\b",
      ],
      ...["/\n/evil.example", "/\t/evil.example", " /account", "/a b"],
      ...[
        undefined,
        null,
        5,
        true,
        {},
        [],
        ["/account"],
        () => "/account",
        new String("/account"),
        Symbol("/"),
      ],
    ]) {
      expect(() => latchkey.link(path as never), String(path)).toThrow(/^link takes a path of Latchkey's/);
    }
  });
});
