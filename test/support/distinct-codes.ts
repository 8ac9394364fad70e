/**
 * Secrets whose codes do not collide. Six digits are few: once in some thousand runs two codes of a test would be the same by chance,
 * and a wrong code would be right. Secrets are therefore drawn until no two codes collide.
 */
import { range } from "./range.js";
import type { Random } from "./seed.js";

const { createHmac } = process.getBuiltinModule("node:crypto");

const SECRET_BYTES = 20;
const STEP = 30_000;

/** Codes that tests type as wrong ones, or as the end of a longer one. */
export const NEVER_A_CODE = [
  ..."0123456789".split("").map((digit) => digit.repeat(6)),
  "000001",
  "123456",
  "234567",
  "345678",
  "654321",
];

/** The steps whose codes are compared, relative to when a secret is drawn: fifty minutes back to two and a half hours ahead. */
const COMPARED = range(-100, 300);
/** The steps that are compared where there are many secrets. */
const SOON = range(-3, 45);
/** Codes further apart than this never meet: the product looks for a refused code 20 steps either side, and tests type codes of up to 70 away. */
const APART = 95;
/** The steps at which tests set up: at once, and after the twenty minutes in which delays run out. */
const SET_UP = [...range(-2, 4), ...range(37, 46)];
const ZONES_APART = [...range(1, 14), 5.5].flatMap((hours) => [hours * 120, -hours * 120]);
/** The counters that an app shows when it counts its codes. */
const FIRST_COUNTERS = 10;
/** With more secrets than this in one test, comparing all of them would take too long. */
const MAX_COMPARED = 20;
/** The same for codes of apps with other settings, which only the set-up page names. */
const MAX_TOLD = 4;

/** Remembers the secrets of one test. @returns a wrapper for the streams from which they are drawn */
export function distinctCodes() {
  const shown = new Map<string, number[]>();
  const told = new Set<string>();
  const kept: { secret: Buffer; seenAt: number }[] = [];

  /** Adds the codes that the earlier secrets show around now, where the clock has moved far since they were drawn. */
  function look(present: number): void {
    for (const one of kept.slice(0, MAX_COMPARED)) {
      if (Math.abs(present - one.seenAt) <= APART) continue;
      one.seenAt = present;
      for (const step of around(present)) add(shown, codeAt(one.secret, step), step);
    }
  }

  /** Whether no code of this secret collides with another. If so, the secret is remembered. */
  function keeps(secret: Buffer, now: number): boolean {
    const present = Math.floor(now / STEP);
    const own = new Map<string, number[]>();
    const secrets = kept.length;
    const isOneOfMany = secrets >= MAX_COMPARED;
    const all = isOneOfMany ? [own] : [own, shown];
    look(present);
    for (const step of around(present, isOneOfMany ? SOON : COMPARED)) {
      const code = codeAt(secret, step);
      if (NEVER_A_CODE.includes(code) || (secrets < MAX_TOLD && told.has(code))) return false;
      if (all.some((codes) => codes.get(code)?.some((other) => Math.abs(other - step) <= APART)))
        return false;
      add(own, code, step);
    }
    if (isOneOfMany) return true;
    const others = otherwise(secret, present);
    for (const code of others) {
      if (NEVER_A_CODE.includes(code) || own.has(code) || (secrets < MAX_TOLD && shown.has(code)))
        return false;
    }
    for (const [code, steps] of own) for (const step of steps) add(shown, code, step);
    for (const code of others) told.add(code);
    kept.push({ secret, seenAt: present });
    return true;
  }

  return (stream: Random, clock: () => number): Random =>
    (size) => {
      let bytes = stream(size);
      while (size === SECRET_BYTES && !keeps(bytes, clock())) bytes = stream(size);
      return bytes;
    };
}

function around(present: number, steps = COMPARED): number[] {
  return steps.map((away) => present + away).filter((step) => step >= 0);
}

function add(codes: Map<string, number[]>, code: string, step: number): void {
  codes.set(code, [...(codes.get(code) ?? []), step]);
}

/** The codes of apps with other settings or another time zone, which the set-up page names. */
function otherwise(secret: Buffer, present: number): string[] {
  const steps = SET_UP.map((away) => present + away).filter((step) => step >= 0);
  const minutes = new Set(steps.map((step) => Math.floor(step / 2)));
  return [
    ...steps.flatMap((step) => [codeAt(secret, step, "sha256"), codeAt(secret, step, "sha512")]),
    ...[...minutes].map((minute) => codeAt(secret, minute)),
    ...range(0, FIRST_COUNTERS).map((counter) => codeAt(secret, counter)),
    ...ZONES_APART.flatMap((away) => SET_UP.map((step) => step + away))
      .filter((away) => !COMPARED.includes(away) && present + away > 2 * FIRST_COUNTERS)
      .map((away) => codeAt(secret, present + away)),
  ];
}

/** RFC 4226, without the product's own function: tests count its calls and replace it. */
function codeAt(secret: Buffer, counter: number, algorithm = "sha1"): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, secret).update(moving).digest();
  const number = mac.readUInt32BE(mac.readUInt8(mac.length - 1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
