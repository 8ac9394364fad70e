/** Copy buttons: copy a key without its spaces, or a text line by line, and report success only if the clipboard has it. The texts stand at the button. */
for (const button of document.querySelectorAll("button[data-copy]")) {
  const shown = document.getElementById(button.dataset.copy);
  const status = document.getElementById(button.getAttribute("aria-describedby"));
  const isLines = "copyLines" in button.dataset;
  const text = () => (isLines ? linesOf(shown) : shown.textContent.replace(/\s/g, ""));

  // A key arrives without spaces, whether it is copied by button, menu or keyboard.
  if (!isLines) shown.addEventListener("copy", (event) => putInto(event, text()));

  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = "";
    const copied = await toClipboard(text(), shown);
    status.classList.toggle("text-danger", !copied);
    status.textContent = copied ? button.dataset.done : button.dataset.failed;
  });
}

/** Each part marked `data-line`, on a line of its own. */
function linesOf(shown) {
  const parts = [...shown.querySelectorAll("[data-line]")];
  return parts.map((part) => part.textContent.replace(/\s+/g, " ").trim()).join("\n");
}

/** The Clipboard API works only on HTTPS and localhost. Elsewhere this selects the text and uses execCommand; it stays selected. */
async function toClipboard(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(shown);
    const put = (event) => putInto(event, text);
    document.addEventListener("copy", put);
    const copied = document.execCommand("copy");
    document.removeEventListener("copy", put);
    return copied;
  }
}

function putInto(event, text) {
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
}
