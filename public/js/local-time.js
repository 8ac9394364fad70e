/** Converts the server's times, written in UTC, to the reader's zone and words: "Today, 14:32". A running clock keeps showing the server's time. */
const language = document.documentElement.lang;
const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const date = { day: "numeric", month: "short" };
const FORMATS = {
  clock: time,
  exact: { ...time, second: "2-digit" },
  day: { ...date, year: "numeric" },
  whole: { dateStyle: "full", timeStyle: "long", hourCycle: "h23" },
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

for (const days of document.querySelectorAll("[data-days]")) groupByDay(days);

/** A history comes grouped by the days of UTC: each line goes to the reader's day. */
function groupByDay(days) {
  const tables = [];
  let day;
  for (const row of days.querySelectorAll("tbody tr")) {
    const moment = Date.parse([...row.querySelectorAll("time")].at(-1).dateTime);
    if (startOfDay(moment) !== day) {
      day = startOfDay(moment);
      const table = days.firstElementChild.cloneNode(true);
      const heading = table.caption.querySelector("time");
      heading.dateTime = new Date(day).toISOString();
      heading.textContent = nearDay(moment) ?? inFormat(moment, FORMATS.day);
      heading.title = inFormat(moment, { dateStyle: "full" });
      table.tBodies[0].replaceChildren();
      tables.push(table);
    }
    tables.at(-1).tBodies[0].append(row);
  }
  days.replaceChildren(...tables);
}

/** "Today, 14:32", "Yesterday, 18:02", "24 Nov, 14:32", "24 Nov 2025". */
function short(moment) {
  const near = nearDay(moment);
  if (near) return `${near}, ${inFormat(moment, time)}`;
  const isThisYear = new Date(moment).getFullYear() === new Date(loadedAt).getFullYear();
  return inFormat(moment, isThisYear ? { ...date, ...time } : FORMATS.day);
}

/** "Today" or "Yesterday"; undefined for any other day. */
function nearDay(moment) {
  const days = Math.round((startOfDay(moment) - startOfDay(loadedAt)) / 86_400_000);
  if (days !== 0 && days !== -1) return undefined;
  const day = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
  return `${day.charAt(0).toLocaleUpperCase(language)}${day.slice(1)}`;
}

function startOfDay(moment) {
  return new Date(moment).setHours(0, 0, 0, 0);
}
