// Sets up the page.

// The ends of the scale of addresses.
const RANKS = { 0: "lowest address", 1: "highest" };

class App {
  constructor(raw) {
    this.recording = new Recording(raw);
    this.overview = new Overview(this.recording);
    this.words = new Words(this.recording, this.overview);
    this.player = new Player(this.recording, this.overview.checkpoints, this.overview.interval);
    // The colour of each process, in the order in which they started.
    const pids = new Set([...this.overview.processes.keys(), ...this.overview.resident.keys()]);
    this.order = new Map([...pids].map((pid, at) => [pid, at]));
    this.colours = new Colours();
    this.view = new View(this);
    // With a single process there is only one colour.
    this.colouring = this.overview.processes.size > 1 ? "process" : "address";
    byId("colour").value = this.colouring;
    this.ranks = this.overview.ranks();
    this.step = this.firstShown();
    this.state = this.player.go(this.step);
    this.marks = marksOf(this.recording, this.step);
    this.charts = this.makeCharts();
    this.grids = this.makeGrids();
    byId("no-swap").hidden = this.overview.slots.last >= 0;
    this.fillLists();
    this.stepper = new Stepper(this);
    this.address = new Address(this);
    this.listen();
    showSummary(this);
    showKinds(this);
    showHottest(this);
    this.drawAll();
  }

  // Returns the step of `#step=N`, or else where it gets interesting: the kill of a run that was
  // killed, or the first eviction.
  firstShown() {
    const { recording } = this;
    const asked = Address.asked(recording.count) ?? recording.killOfRun();
    if (asked !== null) return asked;
    for (let step = 0; step < recording.count; step++) {
      if (recording.kind(step) === "evict") return step;
    }
    return 0;
  }

  makeCharts() {
    const { overview } = this;
    const frames = (number) => this.frameHistory(number);
    const slots = (number) => this.slotHistory(number);
    const first = this.recording.raw.first_frame;
    return [
      new PlaceMap(this, { place: byId("frame-map"), label: "Whose each frame is over time", spans: overview.frames, first, rows: "frame-rows", choose: frames }),
      new PlaceMap(this, { place: byId("swap-map"), label: "Whose each swap slot is over time", spans: overview.slots, first: 0, rows: "swap-rows", choose: slots }),
      new ResidentBands(this, byId("resident"), "Resident pages of each process over time"),
    ];
  }

  makeGrids() {
    const { overview } = this;
    const first = this.recording.raw.first_frame;
    const grid = (what, first, last) =>
      new Grid(this, { place: byId(`${what}-grid`), words: byId(`${what}-cell`), first, last, what: what === "swap" ? "slot" : what });
    return [grid("frame", first, overview.frames.last), grid("swap", 0, overview.slots.last)];
  }

  fillLists() {
    const option = (value, text) => element("option", { value }, text);
    const processes = [...this.overview.processes].map(([pid, name]) => option(pid, `${pid} ${name}`));
    byId("filter").replaceChildren(option("", "all processes"), ...processes.map((one) => one.cloneNode(true)));
    byId("table-process").replaceChildren(option("", "the step's process"), ...processes);
  }

  listen() {
    byId("scale").addEventListener("change", (event) => {
      this.view.measure(event.target.value === "work");
      this.drawCharts();
    });
    byId("zoom-in").addEventListener("click", () => this.zoom(ZOOM));
    byId("zoom-out").addEventListener("click", () => this.zoom(1 / ZOOM));
    byId("zoom-all").addEventListener("click", () => this.zoomOut());
    byId("colour").addEventListener("change", (event) => {
      this.colouring = event.target.value;
      this.drawAll();
    });
    byId("table-process").addEventListener("change", () => showTables(this));
    byId("theme").addEventListener("click", () => this.toggleTheme());
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (width === window.innerWidth) return;
      width = window.innerWidth;
      this.drawAll();
    });
  }

  // Draws everything that depends on size, colours or scale.
  drawAll() {
    this.drawLegends();
    this.drawCharts();
    this.show();
  }

  drawCharts() {
    byId("zoomed").textContent = this.view.words();
    for (const chart of this.charts) {
      chart.draw();
      chart.cursor();
    }
  }

  zoom(factor) {
    this.view.zoom(factor);
    this.drawCharts();
  }

  zoomTo(from, to) {
    this.view.show(from, to);
    this.drawCharts();
  }

  zoomOut() {
    this.view.whole();
    this.drawCharts();
  }

  drawLegends() {
    const { colours, order } = this;
    const processes = [...this.overview.processes].map(([pid, name]) => [colours.owner(pid, order), `${pid} ${name}`]);
    const kinds = KINDS.map(([kind, text]) => [colours.kind(kind), text]);
    const owners = [...processes, [colours.shared, "shared"], [colours.empty, "free"]];
    const ranks = [0, 0.25, 0.5, 0.75, 1].map((rank) => [colours.rank(rank), RANKS[rank] ?? ""]);
    legend(byId("map-legend"), { kind: kinds, process: owners, address: ranks }[this.colouring]);
    const dark = this.isDark();
    byId("theme").textContent = dark ? "Light" : "Dark";
    byId("theme").setAttribute("aria-label", dark ? "Light colours" : "Dark colours");
  }

  // Returns the colour of a frame or slot under the chosen colouring.
  colour(owner, kind, page) {
    const { colours } = this;
    if (this.colouring === "kind") return colours.kind(kind);
    if (this.colouring === "address") return colours.rank(this.ranks.get(page));
    return colours.owner(owner, this.order);
  }

  isDark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  toggleTheme() {
    document.documentElement.dataset.theme = this.isDark() ? "light" : "dark";
    this.restyle();
  }

  restyle() {
    this.colours.read();
    this.drawAll();
  }

  go(step) {
    this.step = step;
    this.state = this.player.go(step);
    this.marks = marksOf(this.recording, step);
    byId("copied").textContent = "";
    this.address.follow();
    if (this.view.follow()) this.drawCharts();
    this.show();
  }

  // Shows everything that depends on the step.
  show() {
    this.stepper.show();
    for (const chart of this.charts) chart.cursor();
    for (const grid of this.grids) grid.show();
    showTables(this);
  }

  // Returns the process whose page tables are shown: the chosen one, the step's, or the running one.
  tableProcess() {
    const { value } = byId("table-process");
    if (value !== "") return Number(value);
    this.lastProcess = this.recording.get(this.step, "pid") ?? this.state.running ?? this.lastProcess ?? 1;
    return this.lastProcess;
  }

  frameHistory(number) {
    showHistory(this, capital(this.words.frame(number)), concernsFrame(this.recording, number));
  }

  slotHistory(number) {
    showHistory(this, `Swap slot ${number}`, concernsSlot(this.recording, number));
  }

  chooseFrame(number) {
    this.frameHistory(number);
    this.showChoice();
  }

  chooseSlot(number) {
    this.slotHistory(number);
    this.showChoice();
  }

  choosePage(key) {
    showHistory(this, capital(this.words.page(key)), concernsPage(this.recording, key));
    this.showChoice();
  }

  // Scrolls the history into view.
  showChoice() {
    byId("history").closest("section").scrollIntoView({ block: "nearest" });
  }
}

const raw = JSON.parse(byId("data").textContent);
if (raw.steps.length === 0) {
  byId("event").textContent = "Nothing happened in this run.";
} else {
  const app = new App(raw);
  if (location.hash === "#selftest") selftest(app);
}
