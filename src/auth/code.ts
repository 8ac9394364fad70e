/** The six digits as people type them. */

/** The bare digits; undefined when this is no code at all. Spaces, hyphens and line ends are forgiven. */
export function codeOf(typed: string): string | undefined {
  const bare = bareDigits(typed);
  return bare?.length === 6 ? bare : undefined;
}

/** The same for a code of another length, as an app with other settings shows it: 6 to 8 digits. */
export function bareDigits(typed: string): string | undefined {
  const bare = typed.replace(/[\s-]/g, "");
  return /^[0-9]{6,8}$/.test(bare) ? bare : undefined;
}
