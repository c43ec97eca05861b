// Reads the recording: one long list of numbers, whose meaning is in `kinds`.
// Invariants: nothing here changes after it was read.

const NONE = -1;
// Before each step's fields: its kind, the work since the step before, its changes of entries, and
// the slot that they emptied.
const STEP_HEAD = 4;
// A change of an entry: process, page, old and new entry.
const CHANGE = 4;
// Pages of an address space; a page of a process is `pid * PAGES + page`.
const PAGES = 2 ** 20;

class Recording {
  constructor(raw) {
    this.raw = raw;
    this.texts = raw.texts;
    this.isText = new Set(raw.text_fields);
    this.kinds = raw.kinds.map((kind) => kind.name);
    this.layouts = raw.kinds.map((kind) => new Map(kind.fields.map((name, at) => [name, at])));
    this.index();
  }

  // Finds the start and the time of each step.
  index() {
    const { steps, kinds } = this.raw;
    const at = [];
    for (let i = 0; i < steps.length; i += STEP_HEAD + kinds[steps[i]].fields.length) at.push(i);
    const count = at.length;
    this.count = count;
    this.at = Uint32Array.from(at);
    this.work = new Float64Array(count);
    // The latest work so far: the steps of a process that waits for a disk are ahead of others'.
    this.time = new Float64Array(count);
    this.changesFrom = new Uint32Array(count + 1);
    // The number of faults before each step.
    this.faultsBefore = new Uint32Array(count + 1);
    let work = 0;
    let time = 0;
    for (let i = 0; i < count; i++) {
      work += steps[at[i] + 1];
      time = Math.max(time, work);
      this.work[i] = work;
      this.time[i] = time;
      this.changesFrom[i + 1] = this.changesFrom[i] + steps[at[i] + 2];
      this.faultsBefore[i + 1] = this.faultsBefore[i] + (this.kind(i) === "fault" ? 1 : 0);
    }
  }

  kind(step) {
    return this.kinds[this.raw.steps[this.at[step]]];
  }

  // Returns a field of a step: a number, a text, or null if there is none.
  get(step, field) {
    const start = this.at[step];
    const at = this.layouts[this.raw.steps[start]].get(field);
    if (at === undefined) return null;
    const value = this.raw.steps[start + STEP_HEAD + at];
    if (field === "status") return value;
    if (value === NONE) return null;
    return this.isText.has(field) ? this.texts[value] : value;
  }

  // Returns the slot whose page came into a frame by the step's changes of entries, or null.
  emptied(step) {
    const slot = this.raw.steps[this.at[step] + 3];
    return slot === NONE ? null : slot;
  }

  // Calls `take(pid, page, old, new)` for each change of an entry that led to a step.
  changes(step, take) {
    const entries = this.raw.entries;
    for (let i = this.changesFrom[step]; i < this.changesFrom[step + 1]; i++) {
      const at = i * CHANGE;
      take(entries[at], entries[at + 1], entries[at + 2], entries[at + 3]);
    }
  }

  // Returns the page that a step is about, as `pid * PAGES + page`, or null.
  pageOf(step) {
    const kind = this.kind(step);
    if (kind === "fault") return pageKey(this.get(step, "pid"), this.get(step, "addr") >>> 12);
    if (kind === "evict") return pageKey(this.get(step, "pid"), this.get(step, "page"));
    return null;
  }

  // Returns the fault that caused an eviction, or null: what a fault leads to comes before it.
  cause(step) {
    if (this.kind(step) !== "evict") return null;
    for (let next = step + 1; next < this.count && this.work[next] === this.work[step]; next++) {
      const kind = this.kind(next);
      if (kind === "fault") return next;
      if (kind !== "evict" && kind !== "page-out-failed") return null;
    }
    return null;
  }

  // Returns the line of source that led to a step, or null.
  source(step) {
    const cause = this.cause(step);
    return this.get(cause ?? step, "at");
  }

  // Returns whether a process was killed in a step.
  isKill(step) {
    switch (this.kind(step)) {
      case "fault":
        return this.get(step, "outcome") === "killed";
      case "end":
        return this.get(step, "killed") === 1;
      default:
        return this.kind(step) === "die" || this.kind(step) === "refused";
    }
  }

  // Returns the step that explains why the run was killed: what its first process did last, before it
  // was ended. Null if the run was not killed, or its end was left out.
  killOfRun() {
    if (this.raw.end !== "killed") return null;
    let found = null;
    let first = null;
    for (let step = 0; step < this.count && first === null; step++) {
      if (this.kind(step) === "start") first = this.get(step, "pid");
    }
    for (let step = this.count - 1; step >= 0; step--) {
      if (this.get(step, "pid") !== first || !this.isKill(step)) continue;
      if (this.kind(step) !== "end") return step;
      found ??= step;
    }
    return found;
  }

  // Returns a frame's number among those for user pages, from 0.
  frameIndex(number) {
    return number - this.raw.first_frame;
  }

  // Returns the first step at or after a time.
  stepAt(time) {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function pageKey(pid, page) {
  return pid * PAGES + page;
}

function keyPid(key) {
  return Math.floor(key / PAGES);
}

function keyPage(key) {
  return key % PAGES;
}

function hex(number) {
  return "0x" + number.toString(16).padStart(8, "0");
}

function pageAddress(page) {
  return hex(page * 4096);
}

// Page-table entries. If the page is in swap, the entry has the slot in place of the frame.
const ENTRY = { PRESENT: 1, WRITE: 2, USER: 4, ACCESSED: 0x20, DIRTY: 0x40 };

function isPresent(entry) {
  return (entry & ENTRY.PRESENT) !== 0;
}

function entryNumber(entry) {
  return Math.floor(entry / 4096);
}
