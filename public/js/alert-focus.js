/** Focuses the error summary, which `autofocus` does not always reach; and, on a click on its link, the field it names. */
const summary = document.querySelector(".problem-summary");

summary?.focus();
summary?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault(); // else the fragment stays in the address and prevents `autofocus` on the next page
  field.focus();
  field.scrollIntoView({ block: "center" });
});
