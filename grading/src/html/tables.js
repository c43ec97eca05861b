// The page tables and regions of one process at a step, and the history of what was chosen.
// What always holds: however large a table is, only so many rows of it are shown at once, those
// around what was touched.

const MOST_ROWS = 160;
const MOST_HISTORY = 300;

function showTables(app) {
  const pid = app.tableProcess();
  const table = app.state.tables.get(pid) ?? new Map();
  const pages = [...table.keys()].sort((a, b) => a - b);
  const touched = (page) => app.state.touched.pages.has(pageKey(pid, page));
  const focus = Math.max(0, pages.findIndex(touched));
  const from = Math.max(0, Math.min(focus - MOST_ROWS / 2, pages.length - MOST_ROWS));
  const shown = pages.slice(from, from + MOST_ROWS);
  const present = pages.filter((page) => isPresent(table.get(page))).length;
  const parts = [
    element("p", {}, `${plural(present, "page")} in frames, ${pages.length - present} in swap`),
  ];
  if (from > 0) parts.push(element("p", { class: "quiet" }, `${plural(from, "entry").replace("entrys", "entries")} before these`));
  for (const directory of new Set(shown.map((page) => page >>> 10))) {
    const rows = shown.filter((page) => page >>> 10 === directory);
    parts.push(directoryTable(app, pid, directory, rows, table, touched));
  }
  const after = pages.length - from - shown.length;
  if (after > 0) parts.push(element("p", { class: "quiet" }, `${after} more after these`));
  parts.push(regionTable(app, pid));
  const place = byId("tables");
  const scrolled = place.scrollTop;
  place.replaceChildren(...parts);
  const mark = place.querySelector(".touched");
  if (mark) place.scrollTop = mark.offsetTop - place.clientHeight / 2;
  else place.scrollTop = scrolled;
}

function directoryTable(app, pid, directory, pages, table, touched) {
  const from = hex(directory * 2 ** 22);
  const caption = element("caption", {}, `directory entry ${directory}: ${from} and on`);
  const head = element(
    "tr",
    {},
    ...["entry", "page", "is in", "flags"].map((title) => element("th", { scope: "col" }, title)),
  );
  const rows = pages.map((page) => {
    const entry = table.get(page);
    const where = isPresent(entry) ? `frame ${entryNumber(entry)}` : `slot ${entryNumber(entry)}`;
    const address = pageAddress(page);
    const choose = element("button", { type: "button", class: "link", onclick: () => app.choosePage(pageKey(pid, page)) }, address);
    return element(
      "tr",
      { class: touched(page) ? "touched" : null },
      element("td", { class: "number" }, `${page & 1023}`),
      element("td", {}, choose),
      element("td", {}, where),
      element("td", { class: "flags" }, flags(entry)),
    );
  });
  return element("table", {}, caption, element("thead", {}, head), element("tbody", {}, ...rows));
}

function flags(entry) {
  if (!isPresent(entry)) return "not present";
  const flag = (bit, letter) => (entry & bit ? letter : "-");
  return flag(ENTRY.WRITE, "w") + flag(ENTRY.USER, "u") + flag(ENTRY.ACCESSED, "a") + flag(ENTRY.DIRTY, "d");
}

function regionTable(app, pid) {
  const regions = app.state.regions.get(pid) ?? [];
  const rows = regions.map((region) =>
    element(
      "tr",
      {},
      element("td", {}, `${pageAddress(region.start)}–${pageAddress(region.end)}`),
      element("td", { class: "flags" }, region.rights),
      element("td", {}, region.area),
      element("td", {}, region.from),
    ),
  );
  return element("table", {}, element("caption", {}, "regions: what may be there"), element("tbody", {}, ...rows));
}

// All that happened to a frame, a slot or a page: the steps around the current one.
function showHistory(app, title, concerns) {
  const steps = stepsOf(app.recording, concerns);
  const at = steps.findIndex((step) => step >= app.step);
  const middle = at < 0 ? steps.length : at;
  const from = Math.max(0, Math.min(middle - MOST_HISTORY / 2, steps.length - MOST_HISTORY));
  const shown = steps.slice(from, from + MOST_HISTORY);
  const items = shown.map((step) =>
    element(
      "li",
      { class: step === app.step ? "touched" : null },
      element("button", { type: "button", class: "link", onclick: () => app.go(step) }, `${app.recording.work[step].toLocaleString("en")}`),
      ` ${app.words.short(step)}`,
    ),
  );
  const more = steps.length - shown.length;
  byId("history").replaceChildren(
    element("p", {}, element("strong", {}, title), `: ${plural(steps.length, "step")}${more ? `, ${shown.length} of them here` : ""}`),
    element("ol", { class: "steps" }, ...items),
  );
}
