// Statistics, faults by kind, and the hottest pages: the parts that do not depend on the step.

const STATISTICS = {
  faults: "faults",
  major_faults: "from a disk",
  evictions: "evictions",
  swap_reads: "swap reads",
  swap_writes: "swap writes",
  file_reads: "file reads",
  write_backs: "write-backs",
  copies: "copies",
  processes: "processes",
  context_switches: "switches",
  kpti_flushes: "KPTI flushes",
  system_calls: "system calls",
  peak_frames: "most frames",
  peak_slots: "most slots",
  work: "guest work",
};
const HOTTEST = 50;

function showSummary(app) {
  const { raw } = app.recording;
  const parts = [
    plural(raw.frames, "frame"),
    `${plural(raw.slots, "swap slot")}`,
    ...raw.options.filter((option) => !/^--(frames|swap-slots)=/.test(option)),
    `ended: ${raw.end}`,
  ];
  byId("machine").textContent = parts.join(" · ");
  showKilled(app);
  if (raw.left_out > 0) {
    const warning = byId("warning");
    warning.hidden = false;
    warning.textContent =
      `Only the first ${app.recording.count.toLocaleString("en")} steps are shown: ${raw.left_out.toLocaleString("en")} ` +
      `more events were left out (--max-events). “The run in numbers” is of the whole run, everything else of these steps.`;
  }
  const tiles = Object.entries(STATISTICS).map(([key, title]) => {
    const number = raw.stats[key] ?? 0;
    return element("div", {}, element("dt", {}, title), element("dd", {}, number.toLocaleString("en")));
  });
  byId("tiles").replaceChildren(...tiles);
}

// A killed run says so at the top, with a way to the kill.
function showKilled(app) {
  if (app.recording.raw.end !== "killed") return;
  const kill = app.recording.killOfRun();
  byId("killed").hidden = false;
  byId("killed").querySelector(".why").textContent =
    kill === null ? "The run was killed, after the events shown here." : app.words.short(kill);
  byId("to-kill").hidden = kill === null;
  byId("to-kill").addEventListener("click", () => app.go(kill));
}

// If only part of the run was kept, tables say which part they count.
function showPart(app, place) {
  const { raw, count } = app.recording;
  byId(place).hidden = raw.left_out === 0;
  const [counted, all] = [app.overview.faults, raw.stats.faults].map((faults) => faults.toLocaleString("en"));
  byId(place).textContent = `Of steps 1 to ${count.toLocaleString("en")} only: ${counted} of the run's ${all} faults.`;
}

// One bar per kind, longest first.
function showKinds(app) {
  showPart(app, "kinds-part");
  const kinds = [...app.overview.outcomes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const most = Math.max(1, ...kinds.map(([, count]) => count));
  const rows = kinds.map(([kind, count]) => {
    const share = (100 * count) / app.overview.faults;
    const colour = `var(--k-${FRAME_KINDS[kind] ?? "other"})`;
    const bar = element("span", { class: "bar", style: `width:${(100 * count) / most}%;background:${colour}` });
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, kind),
      element("td", { class: "bars", "aria-hidden": "true" }, bar),
      element("td", { class: "number" }, count.toLocaleString("en")),
      element("td", { class: "number quiet" }, `${share.toFixed(share < 10 ? 1 : 0)} %`),
    );
  });
  const caption = element("caption", { class: "hidden" }, "Faults by what was done");
  byId("kinds").replaceChildren(
    rows.length ? element("table", { class: "kinds" }, caption, ...rows) : "There was no fault.",
  );
}

function showHottest(app) {
  showPart(app, "hot-part");
  const head = ["page", "process", "symbol", "faults", "evictions"].map((title, at) =>
    element("th", { scope: "col", class: at > 2 ? "number" : null }, title),
  );
  const rows = app.overview.hottest(HOTTEST).map((page) => {
    const pid = keyPid(page.key);
    const address = pageAddress(keyPage(page.key));
    const choose = element("button", { type: "button", class: "link", onclick: () => app.choosePage(page.key) }, address);
    return element(
      "tr",
      {},
      element("td", {}, choose),
      element("td", {}, `${pid} ${app.overview.name(pid)}`),
      element("td", {}, page.symbol ?? ""),
      element("td", { class: "number" }, page.faults.toLocaleString("en")),
      element("td", { class: "number" }, page.evictions.toLocaleString("en")),
    );
  });
  byId("hot").replaceChildren(
    element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
  );
}
