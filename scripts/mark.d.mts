/** The text files that are drawn, by their paths from the root. */
export function drawings(): Record<string, string>;
