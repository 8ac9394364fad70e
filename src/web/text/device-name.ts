/** Names a session's device from its User-Agent, so that people can tell their own sessions from a stranger's. */
import Bowser from "bowser";
import { type Message, message } from "../catalogue/message.js";

/** A User-Agent is cut off here, as it is when stored: on more, some of bowser's patterns take quadratic time. */
const MAX_LENGTH = 256;

/** Programs name themselves first, as RFC 9110 §10.1.5 asks. Browsers all say Mozilla there. */
const PRODUCT = /^(?!mozilla\/)[a-z][a-z0-9._-]{0,29}(?=\/\d)/i;

/** What people call a browser whose full name says no more. */
const SHORT_NAMES = new Map([
  ["Microsoft Edge", "Edge"],
  ["Samsung Internet for Android", "Samsung Internet"],
]);

/**
 * Caches names: a page names each of an account's hundred sessions twice, and bowser takes a tenth of a millisecond for some
 * names.
 */
const cachedNames = new Map<string, Message>();
const MAX_CACHED_NAMES = 1_000;

/**
 * "Firefox on Windows", "Safari on iPhone", "curl", or "Unknown browser", for any text that a client sends as its User-Agent.
 * The client may lie: this helps people to recognise a device and proves nothing. One line of at most 60 printable characters.
 */
export function deviceName(userAgent: string): Message {
  const agent = userAgent.slice(0, MAX_LENGTH);
  const known = cachedNames.get(agent);
  if (known !== undefined) return known;
  const name = nameOf(agent);
  cachedNames.set(agent, name);
  if (cachedNames.size > MAX_CACHED_NAMES) cachedNames.delete(cachedNames.keys().next().value ?? "");
  return name;
}

function nameOf(agent: string): Message {
  if (agent === "") return message("browser-unknown");
  const { browser, os, platform } = Bowser.parse(agent);
  const name = agent.match(PRODUCT)?.[0] ?? knownName(browser.name, agent);
  // "iOS" is true of a phone and of a tablet; people know which one they hold.
  const system = os.name === "iOS" ? (platform.model ?? os.name) : os.name;
  if (name === undefined) {
    return system ? message("browser-unknown-on", { system }) : message("browser-unknown");
  }
  return system ? message("browser-on", { browser: name, system }) : message("browser", { browser: name });
}

/** Undefined if bowser does not know the browser: it then returns the start of the header, which is untrusted free text. */
function knownName(name: string | undefined, agent: string): string | undefined {
  if (!name || agent.startsWith(`${name}/`)) return undefined;
  return SHORT_NAMES.get(name) ?? name;
}
