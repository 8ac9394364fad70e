/** Says two minutes before a session or a pending login ends that it will, and then that it has. */
const TWO_MINUTES = 2 * 60 * 1000;

const notice = document.getElementById("session-end");
let countedFrom = Date.now();
let said;

// Asked every second rather than awaited once: a laptop that slept must not trust its timer.
const timer = setInterval(tell, 1000);
tell();

// A page that is shown once stays: its link extends the session in a new tab, and here the time begins anew.
notice.addEventListener("click", (event) => {
  if (!event.target.closest("a[target=_blank]")) return;
  countedFrom = Date.now();
  setTimeout(tell);
});

function tell() {
  const left = Number(notice.dataset.endsIn) - (Date.now() - countedFrom);
  const state = left > TWO_MINUTES ? undefined : left > 0 ? "soon" : "over";
  if (state === said) return;
  said = state;
  notice.replaceChildren();
  if (state) notice.append(document.getElementById(`session-end-${state}`).content.cloneNode(true));
  if (state === "over") clearInterval(timer);
}
