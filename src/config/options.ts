/**
 * Checks the options that a host app passes: a plain object with known names, or an error that says what is wrong.
 * Tests: test/security/odd-options.test.ts
 */

/**
 * Copies the options into a map, so that each is read only once. It refuses unknown names, symbols, inherited options and
 * anything but a plain object, so that no requirement, for example `maxAge`, is ever ignored silently.
 * @param caller the function or option whose options these are, for the error message
 * @throws Error with a sentence
 */
export function plainOptions(
  caller: string,
  options: unknown,
  names: readonly string[],
): ReadonlyMap<string, unknown> {
  // Inherited options are refused: people would expect them to count, but only own properties are read.
  if (!isPlain(options) || names.some((name) => name in options && !Object.hasOwn(options, name))) {
    throw new Error(`${caller} takes an object with ${listed(names)}, not ${shown(options)}.`);
  }
  const unknown = Reflect.ownKeys(options).find((name) => typeof name === "symbol" || !names.includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `${caller} knows ${listed(names)}, and ${String(unknown)} is ${names.length === 2 ? "neither" : "none of them"}.`,
    );
  }
  return new Map(names.filter((name) => Object.hasOwn(options, name)).map((name) => [name, options[name]]));
}

/**
 * Whether a value is a plain object: written as `{ … }`, in this realm or another (test runners have one), or without a
 * prototype.
 */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Checks the types of createLatchkey's options. Their values are checked where they are used.
 * @throws Error with a sentence
 */
export function checkOptions(options: unknown): void {
  const given = plainOptions("createLatchkey", options, [
    "settings",
    "name",
    "colours",
    "mark",
    "views",
    "messages",
    "log",
    "users",
    "onSignIn",
    "signUpUrl",
  ]);
  for (const [name, value] of given) {
    if (value !== undefined) CHECKS[name]?.(value);
  }
}

const CHECKS: Record<string, (value: unknown) => void> = {
  settings(value) {
    // process.env is not a plain object, and test runners replace it with objects of their own.
    if (value !== process.env && !isPlain(value)) throw mustBe("settings", "an object of strings", value);
    for (const [name, setting] of Object.entries(value as object)) {
      if (setting !== undefined && typeof setting !== "string")
        throw mustBe(`the setting ${name}`, "a string", setting);
    }
  },
  name: (value) => checkText("name", value),
  views: (value) => checkText("views", value),
  colours(value) {
    for (const [name, colour] of plainOptions("colours", value, ["accent", "accentOnDark"])) {
      if (colour !== undefined || name === "accent") checkText(`the colour ${name}`, colour);
    }
  },
  messages(value) {
    if (!isPlain(value)) throw mustBe("messages", "an object of texts by id", value);
    for (const [id, text] of Object.entries(value)) checkText(`the message ${id}`, text);
  },
  mark: checkMark,
  signUpUrl: (value) => checkLink("signUpUrl", "/sign-up", value),
  users: checkUsers,
  onSignIn: (value) => checkFunction("onSignIn", value),
  log(value) {
    const isLog =
      typeof value === "object" && value !== null && LOG_METHODS.every((name) => isMethodOf(value, name));
    if (!isLog) throw mustBe("log", "a pino logger", value);
  },
};

const LOG_METHODS = ["info", "warn", "error"];

function isMethodOf(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === "function";
}

/** @throws Error with a sentence */
function checkUsers(value: unknown): void {
  const given = plainOptions("users", value, ["checkPassword", "normaliseUsername", "changePasswordUrl"]);
  checkFunction("users.checkPassword", given.get("checkPassword"));
  const normalise = given.get("normaliseUsername");
  if (normalise !== undefined) checkFunction("users.normaliseUsername", normalise);
  const url = given.get("changePasswordUrl");
  if (url !== undefined) checkLink("users.changePasswordUrl", "/change-password", url);
}

function checkFunction(what: string, value: unknown): void {
  if (typeof value !== "function") throw mustBe(what, "a function", value);
}

function checkText(what: string, value: unknown): void {
  if (typeof value !== "string") throw mustBe(what, "a string", value);
}

/**
 * Checks the address of the host's mark: a path, because the pages' policy (CSP) allows pictures of their own origin alone.
 * @throws Error with a sentence
 */
function checkMark(value: unknown): void {
  const kind = `a path on the app's own host, for example "/icon.svg", of at most ${MAX_MARK} characters`;
  if (!isPath(value)) throw mustBe("mark", kind, value);
  if (value.length > MAX_MARK) throw mustBe("mark", kind, value.length);
}

const MAX_MARK = 500;

/**
 * Checks the address of a page of the host's: a link, so that it may lead to another site, but never to a script.
 * @throws Error with a sentence
 */
function checkLink(what: string, example: string, value: unknown): void {
  const kind = `a path of the app, for example "${example}", or an http(s) address, of at most ${MAX_LINK} characters`;
  if (!isPath(value) && !isWebAddress(value)) throw mustBe(what, kind, value);
  if (value.length > MAX_LINK) throw mustBe(what, kind, value.length);
}

const MAX_LINK = 2_000;

function isWebAddress(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\/[^\0-\x20\\]+$/i.test(value) && URL.canParse(value);
}

function mustBe(what: string, kind: string, value: unknown): Error {
  return new Error(`createLatchkey: ${what} must be ${kind}, not ${shown(value)}.`);
}

/**
 * Checks a path for `link`: it begins with exactly one slash, because browsers read two as the start of another host.
 * @throws Error with a sentence
 */
export function checkPath(path: unknown): string {
  if (isPath(path)) return path;
  throw new Error(`link takes a path of Latchkey's, for example "/account", not ${shown(path)}.`);
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && /^\/(?![/\\])[^\0-\x20\\]*$/.test(value);
}

/** A value as an error message shows it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null)
    return isPlain(value) ? "an object" : "an instance of a class";
  return String(value);
}

/** "a, b and c" */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
