/** What `/auth/verify` answers where it lets nobody through. */
import { expect } from "vitest";
import { verify, WANTED, withNext } from "./forward.js";
import type { World } from "./world.js";

const LOGIN = "http://sign-in.example.org/login";

/** A cookie lets nobody through, names nobody, and makes the answer set no cookie. */
export async function expectNobody(
  world: Pick<World, "port">,
  cookie: string,
  headers: Record<string, string> = {},
): Promise<void> {
  const what = cookie.slice(0, 200);
  for (const query of ["", "redirect=1", "max_age=999999999&methods=totp"]) {
    const answer = await verify(world, { cookie, headers, query, wanted: WANTED });
    expect(answer.status, what).toBe(query === "redirect=1" ? 302 : 401);
    if (answer.status === 302) expect(answer.headers.location, what).toBe(`${LOGIN}${withNext(WANTED)}`);
    expect(answer.headers["set-cookie"], what).toBeUndefined();
    expect(
      Object.keys(answer.headers).filter((name) => /^(remote-|cookie)/.test(name)),
      what,
    ).toEqual([]);
  }
}
