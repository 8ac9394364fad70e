/**
 * Page cache: renders a page once if it is the same for all visitors without a session, such as the empty sign-in page.
 * Tests: test/web/render/page.test.ts
 */

/** Rendered pages by their locals and language. Locals without an entry are never cached. */
const pages = new WeakMap<object, Map<string, string>>();

/** Marks locals as request-independent, so that the rendered page can be cached. Must not hold request data or times. */
export function requestIndependent<T extends object>(locals: T): Readonly<T> {
  pages.set(locals, new Map());
  return Object.freeze(locals);
}

/**
 * The cached page, or else a rendered one, which is cached if its locals are marked. Saves a third of the time of a request
 * (docs/decisions/017-page-made-once.md). Call it only for visitors without a session and without messages.
 */
export function renderCached(locals: object, language: string, render: () => string): string {
  const byLanguage = pages.get(locals);
  const html = byLanguage?.get(language) ?? render();
  byLanguage?.set(language, html);
  return html;
}
