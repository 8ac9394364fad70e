/** Adds the button that prints the page, in place of the sentence about the browser's own. */
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const sentence of document.querySelectorAll("[data-without-print]")) sentence.hidden = true;
