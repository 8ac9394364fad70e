/** Seals secrets and signs tokens with keys derived from APP_SECRETS: a stolen database without them yields neither. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Keyring {
  /** Encrypts with the newest key (AES-256-GCM), bound to `context`: moved to another row, it does not open. */
  seal(plain: Uint8Array, context: string, iv: Uint8Array): string;
  /** @throws SealError when the text was changed, belongs to another context, or its key is not here. */
  open(sealed: string, context: string): Uint8Array;
  /** Whether a stored key name (the first eight characters of a sealed text) is one of ours. */
  holds(keyName: string): boolean;
  /** The name of the key that seals. */
  newest: string;
  /** A signature that only this server can make, for a text that travels through the browser. */
  sign(purpose: string, text: string): string;
  /** Whether `sign` made this signature, with any of our keys. Takes the same time wherever it differs. */
  isSigned(purpose: string, text: string, signature: string): boolean;
  /**
   * The signatures of a text under each of our keys, newest first. A stored token is looked up by any of them, and is void once
   * its key is dropped.
   */
  signatures(purpose: string, text: string): [string, ...string[]];
  /** Secrets for signing cookies, newest first. */
  cookieSecrets: string[];
}

export class SealError extends Error {
  override name = "SealError";
}

interface Key {
  name: string;
  sealing: Buffer;
  signing: Buffer;
}

/**
 * @param secrets newest first, each at least 32 bytes; older ones still open what they sealed.
 */
export function createKeyring(secrets: readonly [string, ...string[]]): Keyring {
  const keys = secrets.map(
    (secret): Key => ({
      name: keyName(secret),
      sealing: derive(secret, "seal", 32),
      signing: derive(secret, "sign", 32),
    }),
  );
  const [newest] = keys as [Key, ...Key[]];

  return {
    seal(plain, context, iv) {
      const cipher = createCipheriv("aes-256-gcm", newest.sealing, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return `${newest.name}.${body.toString("base64url")}`;
    },

    open(sealed, context) {
      const [name, text = ""] = sealed.split(".");
      const key = keys.find((candidate) => candidate.name === name);
      if (!key) throw new SealError("This was sealed with a key that is not among APP_SECRETS.");
      const body = Buffer.from(text, "base64url");
      try {
        const decipher = createDecipheriv("aes-256-gcm", key.sealing, body.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(context)).setAuthTag(body.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(body.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new SealError("A sealed value was changed or moved.", { cause });
      }
    },

    holds: (name) => keys.some((key) => key.name === name),
    newest: newest.name,
    sign: (purpose, text) => signatureBy(newest, purpose, text),
    signatures: (purpose, text) => [
      signatureBy(newest, purpose, text),
      ...keys.slice(1).map((key) => signatureBy(key, purpose, text)),
    ],
    isSigned(purpose, text, signature) {
      const given = Buffer.from(signature, "base64url");
      return keys.some(({ signing }) => {
        const right = mac(signing, purpose, text);
        return given.length === right.length && timingSafeEqual(given, right);
      });
    },
    cookieSecrets: secrets.map((secret) => derive(secret, "cookie", 32).toString("base64url")),
  };
}

/** Eight characters that name a key and reveal nothing about it. */
function keyName(secret: string): string {
  return derive(secret, "name", 6).toString("base64url");
}

function signatureBy({ signing }: Key, purpose: string, text: string): string {
  return mac(signing, purpose, text).toString("base64url");
}

function mac(key: Buffer, purpose: string, text: string): Buffer {
  return createHmac("sha256", key).update(`${purpose}\n${text}`).digest();
}

/** HKDF (RFC 5869): one secret, an independent key for each purpose. */
function derive(secret: string, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "latchkey", purpose, length));
}
