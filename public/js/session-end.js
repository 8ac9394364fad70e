/** Says two minutes before a session or a pending login ends that it will, and then that it has. */
const TWO_MINUTES = 2 * 60 * 1000;

const notice = document.getElementById("session-end");
const loadedAt = Date.now();
let said;

// Asked every second rather than awaited once: a laptop that slept must not trust its timer.
const timer = setInterval(tell, 1000);
tell();

function tell() {
  const left = Number(notice.dataset.endsIn) - (Date.now() - loadedAt);
  if (left > TWO_MINUTES) return;
  const state = left > 0 ? "soon" : "over";
  if (state === said) return;
  said = state;
  notice.replaceChildren(document.getElementById(`session-end-${state}`).content.cloneNode(true));
  if (state === "over") clearInterval(timer);
}
