/** Converts the server's times, written in UTC, to the reader's zone and words: "Today, 14:32". A running clock keeps showing the server's time. */
const language = document.documentElement.lang;
const time = { hour: "2-digit", minute: "2-digit", hour12: false };
const date = { day: "numeric", month: "short" };
const FORMATS = {
  clock: time,
  exact: { ...time, second: "2-digit" },
  day: { ...date, year: "numeric" },
  whole: { dateStyle: "full", timeStyle: "long", hour12: false },
};
const inFormat = (moment, format) => new Intl.DateTimeFormat(language, format).format(moment);

const loadedAt = Date.now();
const templates = [...document.querySelectorAll("template")].map((template) => template.content);

for (const shown of [document, ...templates].flatMap((part) => [
  ...part.querySelectorAll("time[data-local]"),
])) {
  const style = shown.dataset.local;
  const serverTime = Date.parse(shown.dateTime);
  shown.textContent = style === "short" ? short(serverTime) : inFormat(serverTime, FORMATS[style]);
  if (style !== "exact") shown.title = inFormat(serverTime, FORMATS.whole);
  // Counts on from the server's time, because the device's clock may be wrong.
  else {
    setInterval(() => {
      shown.textContent = inFormat(serverTime + Date.now() - loadedAt, FORMATS.exact);
    }, 1000);
  }
}

/** "Today, 14:32", "Yesterday, 18:02", "24 Nov, 14:32", "24 Nov 2025". */
function short(moment) {
  const days = Math.round((startOfDay(moment) - startOfDay(loadedAt)) / 86_400_000);
  if (days === 0 || days === -1) {
    const day = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
    return `${day.charAt(0).toLocaleUpperCase(language)}${day.slice(1)}, ${inFormat(moment, time)}`;
  }
  const isThisYear = new Date(moment).getFullYear() === new Date(loadedAt).getFullYear();
  return inFormat(moment, isThisYear ? { ...date, ...time } : FORMATS.day);
}

function startOfDay(moment) {
  return new Date(moment).setHours(0, 0, 0, 0);
}
