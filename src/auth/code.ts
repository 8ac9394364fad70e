/** The six digits as people type them. */

/** The bare digits; undefined when this is no code at all. Spaces, hyphens and line ends are forgiven. */
export function codeOf(typed: string): string | undefined {
  const bare = typed.replace(/[\s-]/g, "");
  return /^[0-9]{6}$/.test(bare) ? bare : undefined;
}
