/**
 * Page cache: renders a page once if it is the same for all visitors without a session, such as the empty sign-in page.
 * Tests: test/web/render/page.test.ts
 */

/** Rendered pages by their locals; undefined until a page is rendered. Locals without an entry are never cached. */
const pages = new WeakMap<object, string | undefined>();

/** Marks locals as request-independent, so that the rendered page can be cached. Must not hold request data or times. */
export function requestIndependent<T extends object>(locals: T): Readonly<T> {
  pages.set(locals, undefined);
  return Object.freeze(locals);
}

/**
 * The cached page, or else a rendered one, which is cached if its locals are marked. Saves a third of the time of a request
 * (docs/decisions/017-page-made-once.md). Call it only for visitors without a session and without messages.
 */
export function renderCached(locals: object, render: () => string): string {
  if (!pages.has(locals)) return render();
  const html = pages.get(locals) ?? render();
  pages.set(locals, html);
  return html;
}
