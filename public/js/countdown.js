/** Counts a lockout or delay down, second by second; tells screen readers at most every 30 seconds. */
const SPEAK_EVERY = 30; // seconds
const language = document.documentElement.lang;

for (const lock of document.querySelectorAll("[data-countdown]")) {
  const shown = lock.querySelector("[data-remaining]");
  const spoken = lock.querySelector("[role=status]");
  const left = lock.querySelector("template[data-left]").content;
  const over = lock.querySelector("template[data-over]").content;
  const endsAt = Date.now() + Number(lock.dataset.countdown);
  let lastSpoken = secondsLeft();

  const timer = setInterval(() => {
    const seconds = secondsLeft();
    if (seconds <= 0) {
      clearInterval(timer);
      lock.replaceChildren(spoken);
      spoken.classList.remove("visually-hidden");
      spoken.replaceChildren(over.cloneNode(true));
      return;
    }
    shown.textContent = durationText(seconds);
    if (lastSpoken - seconds >= SPEAK_EVERY) {
      lastSpoken = seconds;
      spoken.replaceChildren(left.cloneNode(true));
      spoken.querySelector("[data-time]").textContent = durationText(seconds);
    }
  }, 1000);

  function secondsLeft() {
    return Math.ceil((endsAt - Date.now()) / 1000);
  }
}

/** As the server formats durations: at most two units. */
function durationText(seconds) {
  const units = [
    [Math.floor(seconds / 3600), "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ];
  return units
    .filter(([amount]) => amount > 0)
    .slice(0, 2)
    .map(([amount, unit]) =>
      new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount),
    )
    .join(" ");
}
