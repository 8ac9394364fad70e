/** Warns two minutes before a session or a pending login ends, and says when it has ended. */
const TWO_MINUTES = 2 * 60 * 1000;

const notice = document.getElementById("session-end");
let countedFrom = Date.now();
let shownState;

// Compares times every second, because one long timer is late after a laptop has slept.
const timer = setInterval(update, 1000);
update();

// A page that is shown only once has a link that extends the session in a new tab; this page then counts from the start again.
notice.addEventListener("click", (event) => {
  if (!event.target.closest("a[target=_blank]")) return;
  countedFrom = Date.now();
  setTimeout(update);
});

function update() {
  const left = Number(notice.dataset.endsIn) - (Date.now() - countedFrom);
  const state = stateAt(left);
  if (state === shownState) return;
  shownState = state;
  notice.replaceChildren();
  if (state) notice.append(document.getElementById(`session-end-${state}`).content.cloneNode(true));
  if (state === "over") clearInterval(timer);
}

/** The end of the id of the template to show, if any. */
function stateAt(left) {
  if (left > TWO_MINUTES) return undefined;
  return left > 0 ? "soon" : "over";
}
