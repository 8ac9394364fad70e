/** Counts a lockout or delay down, second by second; tells screen readers at most every 30 seconds. */
const SPEAK_EVERY = 30; // seconds

for (const lock of document.querySelectorAll("[data-countdown]")) {
  const shown = lock.querySelector("[data-remaining]");
  const spoken = lock.querySelector("[role=status]");
  const over = lock.querySelector("template");
  const endsAt = Date.now() + Number(lock.dataset.countdown);
  let lastSpoken = secondsLeft();

  const timer = setInterval(() => {
    const left = secondsLeft();
    if (left <= 0) {
      clearInterval(timer);
      lock.replaceChildren(spoken);
      spoken.classList.remove("visually-hidden");
      spoken.replaceChildren(over.content.cloneNode(true));
      return;
    }
    shown.textContent = durationText(left);
    if (lastSpoken - left >= SPEAK_EVERY) {
      lastSpoken = left;
      spoken.textContent = `${durationText(left)} left`;
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
    .map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? "" : "s"}`)
    .join(" ");
}
