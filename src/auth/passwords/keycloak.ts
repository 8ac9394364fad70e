/**
 * Reads a password as Keycloak exports it, two texts of JSON, and writes it as one hash in the PHC form.
 * Tests: test/auth/passwords/foreign-hashes.test.ts, test/auth/passwords/foreign-hashes-broken.test.ts
 */

export interface KeycloakCredential {
  secretData: string;
  credentialData: string;
}

/** Each text; Keycloak's are some 200 characters long. */
const MAX_LENGTH = 4_096;

const PBKDF2 = new Map([
  ["pbkdf2", "$pbkdf2-sha1$"],
  ["pbkdf2-sha256", "$pbkdf2-sha256$"],
  ["pbkdf2-sha512", "$pbkdf2-sha512$"],
]);

/** @returns the hash, whose parts are still to be checked, or undefined when this is no such credential. Never throws. */
export function keycloakHash({ secretData, credentialData }: KeycloakCredential): string | undefined {
  const [secret, how] = [parse(secretData), parse(credentialData)];
  if (!secret || !how) return undefined;
  const { value, salt } = secret;
  const { algorithm, hashIterations: rounds } = how;
  if (typeof value !== "string" || typeof salt !== "string" || typeof algorithm !== "string")
    return undefined;
  if (typeof rounds !== "number" || !Number.isSafeInteger(rounds)) return undefined;
  const saltAndKey = `${unpadded(salt)}$${unpadded(value)}`;
  const pbkdf2 = PBKDF2.get(algorithm);
  if (pbkdf2) return `${pbkdf2}${rounds}$${saltAndKey}`;
  if (algorithm !== "argon2") return undefined;
  const parameter = (name: string) => parameterOf(how.additionalParameters, name);
  const version = { "1.0": "16", "1.3": "19" }[parameter("version") ?? ""];
  const [type, memory, lanes] = [parameter("type"), parameter("memory"), parameter("parallelism")];
  return `$argon2${type}$v=${version}$m=${memory},t=${rounds},p=${lanes}$${saltAndKey}`;
}

function parse(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== "string" || text.length > MAX_LENGTH) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** Keycloak writes each parameter as a list of one text. */
function parameterOf(parameters: unknown, name: string): string | undefined {
  const found = new Map(Object.entries(parameters ?? {})).get(name);
  const [value]: unknown[] = Array.isArray(found) ? found : [found];
  return typeof value === "string" && /^[a-z0-9.]{1,9}$/.test(value) ? value : undefined;
}

function unpadded(base64: string): string {
  return base64.replace(/={1,2}$/, "");
}
