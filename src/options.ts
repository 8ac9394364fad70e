/** What a host hands over as options: a plain object with nothing in it that we do not know, or a sentence that says what is wrong. */

/**
 * The options by their names, in a list of their own: each is read once. What is not a plain object is refused, and what hides
 * in it as well, under a symbol or on a prototype: what was meant to ask for something must not ask for nothing.
 * @throws Error with a sentence
 */
export function plainOptions(
  of: string,
  options: unknown,
  names: readonly string[],
): ReadonlyMap<string, unknown> {
  // One of them on the prototype would be seen by whoever reads the object, and not by us.
  if (!isPlain(options) || names.some((name) => name in options && !Object.hasOwn(options, name))) {
    throw new Error(`${of} takes an object with ${listed(names)}, and ${shown(options)} is none.`);
  }
  const unknown = Reflect.ownKeys(options).find((name) => typeof name === "symbol" || !names.includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `${of} knows ${listed(names)}, and ${String(unknown)} is ${names.length === 2 ? "neither" : "none of them"}.`,
    );
  }
  return new Map(names.filter((name) => Object.hasOwn(options, name)).map((name) => [name, options[name]]));
}

/** Whether it was written as `{ … }`, or has no prototype at all. An object of another realm, as a test runner's, is one too. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * What createLatchkey is given, as far as its kind goes; what it says is judged where it is used.
 * @throws Error with a sentence
 */
export function checkOptions(options: unknown): void {
  const given = plainOptions("createLatchkey", options, ["settings", "name", "colours", "views", "log"]);
  for (const [name, value] of given) {
    if (value !== undefined) CHECKS[name]?.(value);
  }
}

const CHECKS: Record<string, (value: unknown) => void> = {
  settings(value) {
    // That of the process is no plain object, and the test runners' is one of many kinds.
    if (value !== process.env && !isPlain(value))
      throw isNo("settings", "an object of texts by their names", value);
    for (const [name, setting] of Object.entries(value as object)) {
      if (setting !== undefined && typeof setting !== "string")
        throw isNo(`the setting ${name}`, "a text", setting);
    }
  },
  name: (value) => checkText("name", value),
  views: (value) => checkText("views", value),
  colours(value) {
    for (const [name, colour] of plainOptions("colours", value, ["accent", "accentOnDark"])) {
      if (colour !== undefined || name === "accent") checkText(`the colour ${name}`, colour);
    }
  },
  log(value) {
    const isLog =
      typeof value === "object" && value !== null && LOG_METHODS.every((name) => isMethodOf(value, name));
    if (!isLog) throw isNo("log", "a pino logger", value);
  },
};

const LOG_METHODS = ["info", "warn", "error"];

function isMethodOf(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === "function";
}

function checkText(what: string, value: unknown): void {
  if (typeof value !== "string") throw isNo(what, "a text", value);
}

function isNo(what: string, kind: string, value: unknown): Error {
  return new Error(`createLatchkey: ${what} is ${kind}, and ${shown(value)} is not.`);
}

/** A path of ours, for `link`: with one slash before it, or a browser would go to another host. @throws Error with a sentence */
export function checkPath(path: unknown): string {
  if (typeof path === "string" && /^\/(?![/\\])[^\0-\x20\\]*$/.test(path)) return path;
  throw new Error(`link takes a path of Latchkey's, as "/account", and ${shown(path)} is none.`);
}

/** A value as a sentence can name it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null)
    return isPlain(value) ? "an object" : "an instance of a class";
  return String(value);
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
