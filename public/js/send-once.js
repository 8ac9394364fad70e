/**
 * Sends each form once: after a double press the browser would show only the second answer, and lose the first. Blocks a form only
 * briefly: the answer may never come, or may open in another tab.
 */

/** Longer than any double press, but short enough for a person who tries again. */
const DOUBLE_PRESS_MS = 4_000;

for (const form of document.querySelectorAll("form[method=post]")) {
  let sentAt = -Infinity;
  let goesElsewhere = false;

  // With one of these keys the browser opens the answer in another tab or window, and this page stays.
  form.addEventListener("click", (event) => {
    goesElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
  });
  form.addEventListener("submit", (event) => {
    if (goesElsewhere) return;
    if (performance.now() - sentAt < DOUBLE_PRESS_MS) event.preventDefault();
    else sentAt = performance.now();
  });

  const allowAgain = () => {
    sentAt = -Infinity;
  };
  // A page that is shown again, by Back for example, can send its forms again.
  window.addEventListener("pageshow", allowAgain);
  // So can one whose navigation was stopped or failed, in browsers that report it.
  window.navigation?.addEventListener("navigateerror", allowAgain);
}
