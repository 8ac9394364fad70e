/**
 * Asks the host app about its people: whether a password is right, and which name the throttle counts by. What it answers is read
 * here, and anything else than an answer is an outage.
 * Tests: test/host/check-password.test.ts, test/security/host-check.test.ts
 */
import type { HostUsers } from "../context.js";
import { HOST_ANSWER_MS, MAX_EXTERNAL_ID_LENGTH, MAX_HOST_NAME_LENGTH } from "../policy.js";
import { isText } from "./username.js";

/** One of the host's people, as the host names it. */
export interface HostPerson {
  externalId: string;
  /** The name as the host gives it: a label. Without blanks around it, which headers drop: `Remote-User` must name one person. */
  username: string;
}

/** The host gave no answer, or one that cannot be read. This is never a verdict and never a way in: the web answers 503. */
export class HostUnavailable extends Error {
  override name = "HostUnavailable";
  readonly status = 503;
}

/** Undefined where a value is not as the public type `HostUser` says. */
export function readHostPerson(user: unknown): HostPerson | undefined {
  if (typeof user !== "object" || user === null) return undefined;
  // Each is read once: a getter could answer differently the second time.
  const { id, username } = user as { id?: unknown; username?: unknown };
  const externalId = Number.isSafeInteger(id) ? String(id) : id;
  const isPerson = isText(externalId, MAX_EXTERNAL_ID_LENGTH) && isText(username, MAX_HOST_NAME_LENGTH);
  return isPerson ? { externalId, username: username.trim() } : undefined;
}

/**
 * Whether a typed name is short enough to be anybody's: its raw length is looked at first, so that nothing else is done with a
 * longer one.
 */
export function isTypedName(typed: string): boolean {
  return typed.length <= 2 * MAX_HOST_NAME_LENGTH && [...typed].length <= MAX_HOST_NAME_LENGTH;
}

/** The name that the throttle counts a typed one by. @throws HostUnavailable where the host's own rule gives none */
export function nameForThrottle(users: HostUsers, typed: string): string {
  if (!users.normaliseUsername) return typed.trim().toLowerCase().normalize("NFC");
  let name: unknown;
  try {
    name = users.normaliseUsername(typed);
  } catch (cause) {
    throw new HostUnavailable("users.normaliseUsername threw an error.", { cause });
  }
  if (typeof name === "string" && isTypedName(name)) return name;
  // A promise that is rejected, and that nobody waits for, would end the process.
  Promise.resolve(name).catch(() => {});
  throw new HostUnavailable(
    `users.normaliseUsername must return a text of at most ${MAX_HOST_NAME_LENGTH} characters.`,
  );
}

/** A question that was never answered keeps its place in the line this long, so that a host that hangs can recover. */
const MAX_HELD_MS = 60_000;

/**
 * Asks the host whether a password is right. Undefined: it is not.
 * @param settled called once the host is done with the question, which may be after the answer came too late
 * @throws HostUnavailable
 */
export async function askHost(
  users: HostUsers,
  username: string,
  password: string,
  settled: () => void,
): Promise<HostPerson | undefined> {
  // Inside a promise, so that a plain function that throws is one that rejects.
  const asked = Promise.resolve().then(() => users.checkPassword(username, password));
  const held = setTimeout(settled, MAX_HELD_MS);
  held.unref();
  const end = () => {
    clearTimeout(held);
    settled();
  };
  asked.then(end, end);
  const answer = await inTime(asked);
  if (answer === null || answer === undefined) return undefined;
  let person: HostPerson | undefined;
  try {
    person = readHostPerson(answer);
  } catch (cause) {
    throw new HostUnavailable("The answer of users.checkPassword could not be read.", { cause });
  }
  if (person) return person;
  throw new HostUnavailable(
    `users.checkPassword must answer with { id, username }, null or undefined: id a text of 1 to ${MAX_EXTERNAL_ID_LENGTH} ` +
      `characters or an integer, username a text of 1 to ${MAX_HOST_NAME_LENGTH} characters without control characters.`,
  );
}

async function inTime(asked: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new HostUnavailable(`users.checkPassword gave no answer within ${HOST_ANSWER_MS} ms.`)),
      HOST_ANSWER_MS,
    );
  });
  try {
    return await Promise.race([asked, late]);
  } catch (cause) {
    if (cause instanceof HostUnavailable) throw cause;
    throw new HostUnavailable("users.checkPassword threw an error.", { cause });
  } finally {
    clearTimeout(timer);
  }
}
