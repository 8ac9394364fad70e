/**
 * Guards recovery codes that are shown for a short time: asks before the page is left, until they were saved or one of its forms was
 * sent; and asks the server again when the browser brings the page back from its own memory.
 */
let isSafe = false;
const settle = () => {
  isSafe = true;
};

for (const part of document.querySelectorAll("[data-saves], a[href$='/current']"))
  part.addEventListener("click", settle);
window.addEventListener("beforeprint", settle);
document.addEventListener("submit", settle);
window.addEventListener("beforeunload", (event) => {
  if (!isSafe) event.preventDefault();
});

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  settle();
  location.replace("current"); // also where the page was the answer to a form, which is not sent again
});
