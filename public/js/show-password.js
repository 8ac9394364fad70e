/** Adds a button to each password field that shows what was typed; hides it again before the form is sent. Its texts stand at the field. */
for (const field of document.querySelectorAll("input[type=password]")) {
  const text = field.dataset;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.setAttribute("aria-controls", field.id);

  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");

  const show = (visible) => {
    field.type = visible ? "text" : "password";
    button.textContent = visible ? text.hide : text.show;
    button.setAttribute("aria-label", visible ? text.hideName : text.showName);
  };
  show(false);
  button.addEventListener("click", () => {
    const visible = field.type === "password";
    show(visible);
    spoken.textContent = visible ? text.shown : text.hidden;
  });
  // A password field again before it is sent or shown again, because browsers remember the values of text fields.
  field.form?.addEventListener("submit", () => show(false));
  window.addEventListener("pageshow", () => show(false));

  field.parentElement.append(button, spoken);
}
