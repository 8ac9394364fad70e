/** Turns the server's times, written in UTC, into the reader's own zone; a running clock keeps the server's time. */
const FORMATS = {
  clock: { hour: "2-digit", minute: "2-digit" },
  exactClock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  day: { day: "numeric", month: "long", year: "numeric" },
  moment: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" },
};

const loadedAt = Date.now();
const templates = [...document.querySelectorAll("template")].map((template) => template.content);

for (const time of [document, ...templates].flatMap((part) => [
  ...part.querySelectorAll("time[data-local]"),
])) {
  const format = new Intl.DateTimeFormat("en-GB", FORMATS[time.dataset.local]);
  const serverTime = Date.parse(time.dateTime);
  time.title = time.textContent;
  time.textContent = format.format(serverTime);
  // Counted from the server's own time: the device's clock may be the one that is wrong.
  if (time.dataset.local === "exactClock") {
    setInterval(() => {
      time.textContent = format.format(serverTime + Date.now() - loadedAt);
    }, 1000);
  }
}
