/** Codes that are certainly wrong, each different, because the same code sent twice is not counted. */
import type { World } from "./world.js";

/** Further than a diagnosis looks for a code, in time steps. */
const AROUND = 25;

const given = new WeakMap<object, number>();

/** Six digits that no app with one of these secrets shows within twelve minutes; never the same twice in a world. */
export function nextWrongCode(world: Pick<World, "code">, ...secrets: string[]): string {
  const near = new Set<string>();
  for (const secret of secrets) {
    for (let steps = -AROUND; steps <= AROUND; steps++) near.add(world.code(secret, steps));
  }
  let count = given.get(world) ?? 0;
  let code: string;
  do {
    count += 1;
    code = String(100_000 + count);
  } while (near.has(code));
  given.set(world, count);
  return code;
}

/** A recovery code with one symbol mistyped. @param n which one, of many */
export function mistyped(code: string, n = 0): string {
  const bare = code.replaceAll("-", "");
  const place = n % 16;
  const symbol = bare.charAt(place) === "0" ? "1" : "0";
  return bare.slice(0, place) + symbol + bare.slice(place + 1);
}
