/**
 * Sends each form once: of two quick presses the second would be answered, and what the first has shown would be lost. A form is
 * never dead for long: its answer may not come, or open in another tab.
 */

/** Longer than any double press, and shorter than the patience of whoever presses again. */
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

  const freshen = () => {
    sentAt = -Infinity;
  };
  // Come back to, the form is as good as new.
  window.addEventListener("pageshow", freshen);
  // Stopped, or not answered: where the browser says so, there is nothing to wait for.
  window.navigation?.addEventListener("navigateerror", freshen);
}
