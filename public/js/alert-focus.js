/** Lets the error summary take the focus where `autofocus` does not reach it, and its link the field it names. */
const summary = document.querySelector(".problem-summary");

summary?.focus();
summary?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault(); // the fragment would stay in the address and stop `autofocus` on the next page
  field.focus();
  field.scrollIntoView({ block: "center" });
});
