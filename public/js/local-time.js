/** Converts the server's times, written in UTC, to the reader's zone. A running clock keeps showing the server's time. */
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
  // Counts on from the server's time, because the device's clock may be wrong.
  if (time.dataset.local === "exactClock") {
    setInterval(() => {
      time.textContent = format.format(serverTime + Date.now() - loadedAt);
    }, 1000);
  }
}
