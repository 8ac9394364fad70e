/** Shows the button that prints the page, and hides the sentence about the browser's own Print. */
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const sentence of document.querySelectorAll("[data-without-print]")) sentence.hidden = true;
