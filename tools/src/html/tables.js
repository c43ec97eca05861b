// The page tables and regions of one process at a step, and the history of what was chosen.
// Invariants: of a large table only a limited number of rows is shown at once, around what was
// touched. A page whose accessed bit was cleared and nothing else is not highlighted: there may be
// hundreds in a step.

const MOST_ROWS = 128;
const MOST_REGIONS = 32;
const MOST_HISTORY = 300;

function showTables(app) {
  const pid = app.tableProcess();
  const table = app.state.tables.get(pid) ?? new Map();
  const pages = [...table.keys()].sort((a, b) => a - b);
  const touched = (page) => {
    const key = pageKey(pid, page);
    return app.state.touched.pages.has(key) && !app.marks.passed.has(key);
  };
  const [from, shown] = around(pages, pages.findIndex(touched), MOST_ROWS);
  const present = pages.filter((page) => isPresent(table.get(page))).length;
  const parts = [
    element("p", {}, `${plural(present, "page")} in frames, ${pages.length - present} in swap`),
  ];
  if (from > 0) parts.push(more(`${from} more before these`));
  for (const directory of new Set(shown.map((page) => page >>> 10))) {
    const rows = shown.filter((page) => page >>> 10 === directory);
    parts.push(directoryTable(app, pid, directory, rows, table, touched));
  }
  const after = pages.length - from - shown.length;
  if (after > 0) parts.push(more(`${after} more after these`));
  parts.push(...regionTable(app, pid));
  const place = byId("tables");
  const scrolled = place.scrollTop;
  place.replaceChildren(...parts);
  const mark = place.querySelector(".touched");
  if (mark) place.scrollTop = mark.offsetTop - place.clientHeight / 2;
  else place.scrollTop = scrolled;
}

// Returns a limited part of a list around one of its items, and the index of its first.
function around(list, at, most) {
  const from = Math.max(0, Math.min(at - most / 2, list.length - most));
  return [from, list.slice(from, from + most)];
}

function more(text) {
  return element("p", { class: "quiet" }, text);
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
    const where = isPresent(entry) ? app.words.frame(entryNumber(entry)) : `slot ${entryNumber(entry)}`;
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
  const [page] = [...app.state.touched.pages].filter((key) => keyPid(key) === pid).map(keyPage);
  const touched = regions.findIndex((region) => region.start <= page && page < region.end);
  const [, shown] = around(regions, touched, MOST_REGIONS);
  const rows = shown.map((region) =>
    element(
      "tr",
      {},
      element("td", {}, `${pageAddress(region.start)}–${pageAddress(region.end)}`),
      element("td", { class: "flags" }, region.rights),
      element("td", {}, region.area),
      element("td", {}, region.from),
    ),
  );
  const caption = element("caption", {}, "regions: what may be mapped where");
  const parts = [element("table", {}, caption, element("tbody", {}, ...rows))];
  if (shown.length < regions.length) parts.push(more(`${shown.length} of ${regions.length} regions`));
  return parts;
}

// The history of a frame, a slot or a page: the steps around the current one.
function showHistory(app, title, concerns) {
  const steps = stepsOf(app.recording, concerns);
  const at = steps.findIndex((step) => step >= app.step);
  const [, shown] = around(steps, at < 0 ? steps.length : at, MOST_HISTORY);
  const items = shown.map((step) =>
    element(
      "li",
      { class: step === app.step ? "touched" : null },
      element("button", { type: "button", class: "link", onclick: () => app.go(step) }, `${app.recording.work[step].toLocaleString("en")}`),
      ` ${app.words.short(step)}`,
    ),
  );
  const left = steps.length - shown.length;
  byId("history").replaceChildren(
    element("p", {}, element("strong", {}, title), `: ${plural(steps.length, "step")}${left ? `, ${shown.length} of them here` : ""}`),
    element("ol", { class: "steps" }, ...items),
  );
}
