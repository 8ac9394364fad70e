/** Sends each form once: of two quick presses the second would be answered, and what the first has shown would be lost. */
for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // Come back to, the form is as good as new.
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}
