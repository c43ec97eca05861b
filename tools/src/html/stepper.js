// The controls: slider, buttons, keys, and the description of the current step.
// Invariants: everything that the mouse can do can be done with keys.

const PAGE = 100;
const PLAY_EVERY = 120;
// How much less is shown after zooming in once.
const ZOOM = 0.5;

class Stepper {
  constructor(app) {
    this.app = app;
    this.playing = null;
    const slider = byId("slider");
    slider.max = app.recording.count - 1;
    slider.addEventListener("input", () => app.go(Number(slider.value)));
    const press = (id, act) => byId(id).addEventListener("click", act);
    press("first", () => this.to(0, 1));
    press("last", () => this.to(app.recording.count - 1, -1));
    press("previous", () => this.by(-1));
    press("next", () => this.by(1));
    press("play", () => this.play());
    press("next-fault", () => this.seek(1, this.isFault));
    press("next-evict", () => this.seek(1, this.isEviction));
    press("next-kill", () => this.seek(1, this.isKill));
    press("more", () => this.fold());
    byId("filter").addEventListener("change", () => app.show());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  isFault = (step) => this.app.recording.kind(step) === "fault";
  isEviction = (step) => this.app.recording.kind(step) === "evict";
  isKill = (step) => this.app.recording.isKill(step);

  // The process to whose steps the view is limited, or null.
  get only() {
    const { value } = byId("filter");
    return value === "" ? null : Number(value);
  }

  wanted(step) {
    return this.only === null || this.app.recording.get(step, "pid") === this.only;
  }

  // Goes to a step, or the next one in a direction that passes the filter.
  to(step, direction) {
    const { count } = this.app.recording;
    let at = Math.min(count - 1, Math.max(0, step));
    while (at >= 0 && at < count && !this.wanted(at)) at += direction;
    if (at < 0 || at >= count) return false;
    this.app.go(at);
    return true;
  }

  // Goes this many steps forward or back, among those that pass the filter.
  by(steps) {
    const direction = Math.sign(steps);
    let at = this.app.step;
    let found = at;
    for (let left = Math.abs(steps); left > 0; ) {
      at += direction;
      if (at < 0 || at >= this.app.recording.count) break;
      if (!this.wanted(at)) continue;
      found = at;
      left -= 1;
    }
    const moved = found !== this.app.step;
    if (moved) this.app.go(found);
    return moved;
  }

  // Goes to the next step of a kind in a direction.
  seek(direction, is) {
    for (let at = this.app.step + direction; at >= 0 && at < this.app.recording.count; at += direction) {
      if (this.wanted(at) && is(at)) {
        this.app.go(at);
        return true;
      }
    }
    byId("now").textContent = `There is none ${direction > 0 ? "after" : "before"} this step.`;
    return false;
  }

  play() {
    const button = byId("play");
    if (this.playing) {
      clearInterval(this.playing);
      this.playing = null;
    } else {
      if (!this.by(1)) this.to(0, 1);
      this.playing = setInterval(() => this.by(1) || this.play(), PLAY_EVERY);
    }
    button.textContent = this.playing ? "⏸ pause" : "▶ play";
    button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { tagName } = event.target;
    const keys = {
      ArrowLeft: () => this.by(-1),
      ArrowRight: () => this.by(1),
      PageUp: () => this.by(-PAGE),
      PageDown: () => this.by(PAGE),
      Home: () => this.to(0, 1),
      End: () => this.to(this.app.recording.count - 1, -1),
      " ": () => this.play(),
      f: () => this.seek(1, this.isFault),
      F: () => this.seek(-1, this.isFault),
      e: () => this.seek(1, this.isEviction),
      E: () => this.seek(-1, this.isEviction),
      k: () => this.seek(1, this.isKill),
      K: () => this.seek(-1, this.isKill),
      t: () => this.app.toggleTheme(),
      d: () => this.fold(),
      c: () => this.app.address.copy(),
      "+": () => this.app.zoom(ZOOM),
      "=": () => this.app.zoom(ZOOM),
      "-": () => this.app.zoom(1 / ZOOM),
      0: () => this.app.zoomOut(),
    };
    const act = keys[event.key];
    const scrolls = event.target.closest(".scroll") && event.key.length > 1;
    // Space presses a focused button; a list has keys of its own.
    if (!act || scrolls || tagName === "SELECT" || (tagName === "BUTTON" && event.key === " ")) return;
    event.preventDefault();
    act();
  }

  // Hides or shows the details of the panel, which take room on a small screen.
  fold() {
    const isOpen = byId("panel").classList.toggle("folded") === false;
    byId("more").setAttribute("aria-expanded", isOpen);
    for (const grid of this.app.grids) grid.draw();
  }

  // Links to the histories of what the current step is about.
  histories() {
    const { app } = this;
    const link = (text, act) => element("button", { type: "button", onclick: act }, text);
    const page = app.recording.pageOf(app.step);
    const frame = app.recording.get(app.step, "frame");
    const links = [];
    if (page !== null) links.push(link("history of the page", () => app.choosePage(page)));
    if (frame !== null) links.push(link("history of the frame", () => app.chooseFrame(frame)));
    return links.length ? [element("p", { class: "links" }, ...links)] : [];
  }

  // Describes the current step.
  show() {
    const { app } = this;
    const { step, recording, words } = app;
    const short = words.short(step);
    const at = recording.source(step);
    const isKill = recording.isKill(step);
    byId("panel").classList.toggle("killed", isKill);
    byId("now").textContent = isKill ? `✖ ${short}` : short;
    byId("slider").value = step;
    byId("slider").setAttribute("aria-valuetext", short);
    const work = recording.work[step].toLocaleString("en");
    const [count, time] = byId("position").children;
    count.textContent = `step ${(step + 1).toLocaleString("en")} / ${recording.count.toLocaleString("en")}`;
    time.textContent = `work ${work}`;
    const changes = [];
    const passed = [];
    recording.changes(step, (pid, page, old, entry) => {
      if (isPassedOver(old, entry)) passed.push(entryNumber(entry));
      else changes.push([pid, page, old, entry]);
    });
    showMarks(app.marks);
    byId("event").replaceChildren(
      ...words.details(step).map((text) => element("p", {}, text)),
      ...(at ? sourceLines(recording.raw.sources, at) : []),
      ...passedOver(words, passed),
      ...changeList(words, changes),
      ...this.histories(),
    );
  }
}

const MOST_CHANGES = 8;
// Lines of source shown before and after the one in question.
const AROUND = 2;

// Shows where a step comes from: `FILE:LINE, in FUNCTION`, and the lines if the page has the source.
function sourceLines(sources, at) {
  const parts = [element("p", { class: "source" }, "at ", element("code", {}, at))];
  const [, file, number] = /^(.*?):(\d+)(?:, in .*)?$/.exec(at) ?? [];
  const lines = sources[file]?.split("\n");
  if (!lines) return parts;
  const meant = Number(number);
  const first = Math.max(1, meant - AROUND);
  const shown = lines.slice(first - 1, meant + AROUND).map((text, i) => {
    const line = first + i;
    const content = `${String(line).padStart(5)}  ${text.replaceAll("\t", "    ")}\n`;
    return element("span", { class: line === meant ? "touched" : null }, content);
  });
  parts.push(element("pre", { class: "code", tabindex: "0", "aria-label": `Source of ${at}` }, ...shown));
  return parts;
}

// The pages that got a second chance are one sentence, however many there are.
function passedOver(words, frames) {
  if (frames.length === 0) return [];
  const [what, stays] =
    frames.length === 1
      ? ["The accessed bit of 1 entry was", "The page stays where it is"]
      : [`The accessed bits of ${frames.length} entries were`, "The pages stay where they are"];
  return [element("p", {}, `${what} cleared, a second chance: ${words.frames(frames)}. ${stays}.`)];
}

function changeList(words, changes) {
  if (changes.length === 0) return [];
  const says = ([pid, page, old, entry]) =>
    `${pageAddress(page)} of process ${pid}: ${entryWords(words, old)} → ${entryWords(words, entry)}`;
  const shown = changes.slice(0, MOST_CHANGES).map((change) => element("li", {}, says(change)));
  if (changes.length > MOST_CHANGES) shown.push(element("li", {}, `and ${changes.length - MOST_CHANGES} more`));
  return [element("p", {}, "Page-table entries that the kernel changed:"), element("ul", { class: "changes" }, ...shown)];
}

function entryWords(words, entry) {
  return isPresent(entry) ? `${words.frame(entryNumber(entry))} ${flags(entry)}` : "not present";
}
