/**
 * `req.latchkey` where no guard has set it: it throws and says what is missing, in place of an `undefined` that its type denies.
 * Tests: test/unguarded.test.ts
 */

const UNGUARDED =
  "req.latchkey was read where no guard stands: put latchkey.requireSession() before this handler, or, where strangers may come " +
  "too, ask latchkey.accountOf(req).";

/**
 * Makes the requests of an app throw. The property is on the prototype that they share and not enumerable, so whatever copies or
 * prints a request does not read it. What anybody sets on a request of their own, a guard or a test, is an ordinary property.
 * @param requests the app's `request`; one that has such a property already keeps it
 */
export function throwWhereUnguarded(requests: object): void {
  if ("latchkey" in requests) return;
  Object.defineProperty(requests, "latchkey", {
    configurable: true,
    enumerable: false,
    get() {
      throw new Error(UNGUARDED);
    },
    set(value: unknown) {
      Object.defineProperty(this, "latchkey", {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    },
  });
}
