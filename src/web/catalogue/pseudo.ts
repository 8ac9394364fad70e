/**
 * The pseudo-locale: our English with an accent on every letter, "[!! Šïĝñ ïñ !!]". What it leaves plain on a page is written
 * outside the catalogue, and a test fails (`LANGUAGES=pseudo`).
 */

const ACCENTED = new Map(
  [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((letter, index) => [
    letter,
    [..."áƀçďéƒĝĥïĵķļɱñôƥǫřšţûṽŵẋýžÁƁÇĎÉƑĜĤÏĴĶĻṀÑÔƤǪŘŠŢÛṼŴẊÝŽ"][index] ?? letter,
  ]),
);

/** Accents a text; leaves what is no letter. */
export function accented(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => ACCENTED.get(letter) ?? letter);
}
