/** Copies a key without the spaces that make it readable, and says so only when the clipboard has it. */
for (const button of document.querySelectorAll("button[data-copy]")) {
  const shown = document.getElementById(button.dataset.copy);
  const status = document.getElementById(button.getAttribute("aria-describedby"));
  const plainKey = () => shown.textContent.replace(/\s/g, "");

  // However the key is copied, by button, menu or keyboard, it arrives without spaces.
  shown.addEventListener("copy", (event) => {
    event.clipboardData.setData("text/plain", plainKey());
    event.preventDefault();
  });

  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = "";
    const copied = await toClipboard(plainKey(), shown);
    status.classList.toggle("text-danger", !copied);
    status.textContent = copied
      ? "Copied"
      : "The browser did not allow copying. The key is selected: copy it with Ctrl+C, or press and hold it.";
  });
}

/** The Clipboard API works only on HTTPS and localhost; elsewhere the selection is copied the old way, and stays. */
async function toClipboard(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(shown);
    return document.execCommand("copy");
  }
}
