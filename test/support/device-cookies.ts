/** The device cookie, by which a known browser is recognised. */

/** The whole Set-Cookie line of the device cookie; undefined where an answer sets none. */
export function deviceCookieLine(answer: { headers: Record<string, unknown> }): string | undefined {
  const set = [answer.headers["set-cookie"] ?? []].flat().map(String);
  return set.find((cookie) => /^(__Host-)?latchkey_browser=/.test(cookie));
}
