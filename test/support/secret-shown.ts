/** The secret that a set-up page shows. */

/** Without its spaces. @throws when the page shows none */
export function secretOn(html: string): string {
  const shown = /<code id="key"[^>]*>([A-Z2-7 ]+)</.exec(html)?.[1];
  if (!shown) throw new Error("No secret on this page.");
  return shown.replaceAll(" ", "");
}
