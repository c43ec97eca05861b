// With `#selftest` the page tests itself and writes the result into an element, for a script that
// drives a browser and reads the page afterwards.

const problems = [];
window.addEventListener("error", (event) => problems.push(`error: ${event.message}`));
window.addEventListener("unhandledrejection", (event) => problems.push(`rejection: ${event.reason}`));
document.addEventListener("securitypolicyviolation", (event) => problems.push(`blocked: ${event.blockedURI}`));

function selftest(app) {
  const loaded = performance.now();
  const check = (holds, what) => holds || problems.push(what);
  let slowest = 0;
  let sum = 0;
  let count = 0;
  const timed = (act) => {
    const before = performance.now();
    act();
    const time = performance.now() - before;
    slowest = Math.max(slowest, time);
    sum += time;
    count += 1;
  };
  try {
    checkStart(app, check);
    checkNumbers(app, check);
    checkSteps(app, check, timed);
    checkKeys(app, check, timed);
    checkZoom(app, check, timed);
    checkAddress(app, check);
    checkLabels(app, check);
  } catch (error) {
    problems.push(`thrown: ${error.stack}`);
  }
  check(document.documentElement.scrollWidth <= window.innerWidth, "the page scrolls sideways");
  const result = {
    problems,
    steps: app.recording.count,
    visited: count,
    load_ms: Math.round(loaded),
    step_ms: +(sum / Math.max(1, count)).toFixed(2),
    slowest_ms: +slowest.toFixed(1),
  };
  document.body.append(element("pre", { id: "selftest" }, JSON.stringify(result)));
}

// A killed run is opened at the kill; the step, its effect and its controls are in view at once.
function checkStart(app, check) {
  const kill = app.recording.killOfRun();
  const isKilled = byId("panel").classList.contains("killed");
  if (kill !== null) check(app.step === kill && isKilled, "a killed run does not open at the kill");
  check(app.recording.raw.end === "killed" || byId("killed").hidden, "a run that was not killed says so");
  for (const id of ["now", "slider", "marks", "frame-grid"]) {
    const { top, bottom } = byId(id).getBoundingClientRect();
    const start = id === "frame-grid" ? top + SMALLEST_CELL : bottom;
    check(top >= 0 && start <= window.innerHeight, `${id} is out of view: ${top} to ${bottom}`);
  }
}

// The page's counts equal the machine's statistics.
function checkNumbers(app, check) {
  const { overview } = app;
  const { stats, left_out } = app.recording.raw;
  const same = (name, counted) => {
    const fits = left_out > 0 ? counted <= stats[name] : counted === stats[name];
    check(fits, `${name}: the page has ${counted}, the machine ${stats[name]}`);
  };
  same("faults", overview.faults);
  same("peak_frames", overview.peak.frames);
  same("peak_slots", overview.peak.slots);
  if (left_out > 0) return;
  check(overview.end.frames.size === 0, "frames are left at the end");
  check(overview.end.slots.size === 0, "slots are left at the end");
  for (const [pid, pages] of overview.end.resident) check(pages === 0, `process ${pid} has pages at the end`);
}

// Goes through the steps forward and back: each is shown, and looks the same both ways.
function checkSteps(app, check, timed) {
  const { count } = app.recording;
  const every = Math.max(1, Math.floor(count / 300));
  const seen = new Map();
  for (let step = 0; step < count; step += every) {
    timed(() => app.go(step));
    seen.set(step, picture(app));
    check(byId("now").textContent !== "", `step ${step} has no words`);
    checkState(app, check);
    checkMarks(app, check);
  }
  for (const step of [...seen.keys()].reverse()) {
    timed(() => app.go(step));
    check(seen.get(step) === picture(app), `step ${step} differs when it is reached backwards`);
  }
}

// The users of a frame are the pages whose entries point to it.
function checkState(app, check) {
  const { state } = app;
  for (const [number, frame] of state.frames) {
    for (const key of frame.users) {
      const entry = state.tables.get(keyPid(key))?.get(keyPage(key)) ?? 0;
      check(isPresent(entry) && entryNumber(entry) === number, `frame ${number} at step ${app.step}`);
    }
  }
  for (const [pid, table] of state.tables) {
    for (const [page, entry] of table) {
      if (!isPresent(entry)) continue;
      const users = state.frames.get(entryNumber(entry))?.users ?? [];
      check(users.includes(pageKey(pid, page)), `entry of ${pageAddress(page)} at step ${app.step}`);
    }
  }
}

// The victim has a mark of its own. What was only passed over stays where it was, with its users.
function checkMarks(app, check) {
  const { marks, recording, state, step } = app;
  if (recording.kind(step) === "evict") {
    check(marks.frames.get(recording.get(step, "frame")) === "victim", `no victim at step ${step}`);
  }
  const moved = [...marks.frames].filter(([, mark]) => mark === "victim");
  check(moved.length <= 1, `${moved.length} victims at step ${step}`);
  for (const [number, mark] of marks.frames) {
    check(mark !== "passed" || state.frames.get(number)?.users.length > 0, `frame ${number} was not passed over at step ${step}`);
  }
}

function picture(app) {
  const { state } = app;
  const places = (map) => [...map].sort((a, b) => a[0] - b[0]).map(([number, one]) => [number, [...one.users].sort(), one.kind]);
  const touched = Object.values(state.touched).map((numbers) => [...numbers]);
  return JSON.stringify([places(state.frames), places(state.slots), touched, byId("now").textContent, byId("event").textContent]);
}

// Uses the page with the keyboard alone.
function checkKeys(app, check, timed) {
  const press = (key) => timed(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
  press("Home");
  check(app.step === 0, "Home leads to the first step");
  press("ArrowRight");
  check(app.step === Math.min(1, app.recording.count - 1), "an arrow leads one step on");
  press("f");
  check(app.overview.faults === 0 || app.recording.kind(app.step) === "fault", "f leads to a fault");
  const dark = app.isDark();
  press("t");
  check(app.isDark() !== dark, "t changes the theme");
  press("t");
  check(app.isDark() === dark, "t changes the theme back");
  const grid = byId("frame-grid").querySelector("canvas");
  for (const key of ["ArrowRight", "Enter"]) {
    timed(() => grid.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
  }
  check(byId("history").querySelector("strong") !== null, "Enter shows the history of a frame");
  press("End");
  check(app.step === app.recording.count - 1, "End leads to the last step");
}

// Zooming shows part of the run, with marks at different, round times.
function checkZoom(app, check, timed) {
  const press = (key) => timed(() => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
  for (const scale of ["events", "work"]) {
    byId("scale").value = scale;
    byId("scale").dispatchEvent(new Event("change"));
    check(app.view.isWhole, `${scale}: not the whole run at first`);
    app.go(Math.floor(app.recording.count / 2));
    press("+");
    check(!app.view.isWhole || app.recording.count < 8, `${scale}: + does not zoom in`);
    const { marks, say } = timeMarks(app.view, 6);
    const texts = marks.map(say);
    check(new Set(texts).size === texts.length && texts.every((text) => text.length <= 9), `marks of ${scale}: ${texts}`);
    const shown = app.view.time(app.step);
    check(app.view.from <= shown && shown <= app.view.to, `${scale}: the step is out of view`);
    press("Home");
    check(app.view.from <= app.view.time(0), `${scale}: the view does not follow the step`);
    press("0");
    check(app.view.isWhole, `${scale}: 0 does not show the whole run`);
  }
}

// The address names the step, and leads to the step that it names.
function checkAddress(app, check) {
  const last = app.recording.count - 1;
  app.go(last);
  app.address.write();
  check(location.hash === `#step=${last + 1}`, `the address is ${location.hash} at step ${last + 1}`);
  history.replaceState(null, "", "#step=2");
  window.dispatchEvent(new HashChangeEvent("hashchange"));
  check(app.step === Math.min(1, last), "the page does not go where its address says");
  byId("copy").click();
  check(location.hash === app.address.fragment, "the copied address is another one");
}

// The smallest text, in pixels, that can be read on a phone.
const LEGIBLE = 11;

// Words in pictures are large enough, however narrow the screen is.
function checkLabels(app, check) {
  for (const chart of app.charts) {
    const { font } = chart.picture.context;
    if (chart.picture.width) check(parseFloat(/([\d.]+)px/.exec(font)[1]) >= LEGIBLE, `${font} in a chart`);
  }
  const svg = document.querySelector(".vmlab-policies");
  if (!svg) return;
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const size = parseFloat(getComputedStyle(svg).fontSize) * scale;
  check(size >= LEGIBLE, `words of ${size} pixels in the picture of policies`);
}
