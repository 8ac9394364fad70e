/** Asks the server again when the browser brings the recovery codes back from its own memory: they may be shown no more. */
const { address } = document.getElementById("sheet").dataset;

window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace(address);
});
