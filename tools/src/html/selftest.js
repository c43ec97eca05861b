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
    checkNumbers(app, check);
    checkSteps(app, check, timed);
    checkKeys(app, check, timed);
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

function picture(app) {
  const { state } = app;
  const places = (map) => [...map].sort((a, b) => a[0] - b[0]).map(([number, one]) => [number, [...one.users].sort(), one.kind]);
  const touched = Object.values(state.touched).map((numbers) => [...numbers]);
  return JSON.stringify([places(state.frames), places(state.slots), touched, byId("event").textContent]);
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
