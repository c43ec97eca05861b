// One pass over the whole recording: everything that drawings and tables need, and checkpoints.
// Invariants: a span lies in one frame or slot, and spans in the same one do not overlap.

const CHECKPOINTS = 128;
const FEWEST_STEPS = 1000;

// The spans of time during which frames or slots were in use.
class Spans {
  constructor() {
    this.open = new Map();
    this.number = [];
    this.from = [];
    this.to = [];
    this.owner = [];
    this.kind = [];
    // The first page in each, or null.
    this.page = [];
    this.last = -1;
  }

  // From this step on, the state is that of `place`.
  note(number, place, step) {
    const owner = place ? ownerOf(place) ?? "nobody" : null;
    const kind = place?.kind ?? "swap";
    const open = this.open.get(number);
    if (open !== undefined) {
      if (this.owner[open] === owner && this.kind[open] === kind) return;
      this.to[open] = step;
      this.open.delete(number);
    }
    if (!place) return;
    this.open.set(number, this.number.length);
    this.number.push(number);
    this.from.push(step);
    this.to.push(step);
    this.owner.push(owner);
    this.kind.push(kind);
    this.page.push(place.users.length ? keyPage(place.users[0]) : null);
    this.last = Math.max(this.last, number);
  }

  close(step) {
    for (const open of this.open.values()) this.to[open] = step;
  }
}

class Overview {
  constructor(recording) {
    this.recording = recording;
    this.frames = new Spans();
    this.slots = new Spans();
    this.resident = new Map();
    this.outcomes = new Map();
    this.kills = [];
    this.pages = new Map();
    this.processes = new Map();
    this.peak = { frames: 0, slots: 0 };
    this.faults = 0;
    this.evictions = 0;
    this.interval = Math.max(FEWEST_STEPS, Math.ceil(recording.count / CHECKPOINTS));
    this.checkpoints = [];
    const state = new State(recording);
    for (let step = 0; step < recording.count; step++) {
      if (step % this.interval === 0) this.checkpoints.push(state.copy());
      state.apply(step);
      this.note(step, state);
    }
    this.frames.close(recording.count);
    this.slots.close(recording.count);
    this.end = state;
  }

  note(step, state) {
    for (const number of state.touched.frames) {
      this.frames.note(number, state.frames.get(number), step);
    }
    for (const number of state.touched.slots) {
      this.slots.note(number, state.slots.get(number), step);
    }
    this.peak.frames = Math.max(this.peak.frames, state.frames.size);
    this.peak.slots = Math.max(this.peak.slots, state.slots.size);
    for (const key of state.touched.pages) this.noteResident(step, keyPid(key), state);
    const recording = this.recording;
    if (recording.isKill(step)) this.kills.push(step);
    switch (recording.kind(step)) {
      case "fault":
        this.faults += 1;
        add(this.outcomes, recording.get(step, "outcome"));
        this.page(recording.pageOf(step), recording.get(step, "symbol")).faults += 1;
        break;
      case "evict":
        this.evictions += 1;
        this.page(recording.pageOf(step), null).evictions += 1;
        break;
      case "start":
        this.processes.set(recording.get(step, "pid"), recording.get(step, "name"));
        break;
    }
  }

  noteResident(step, pid, state) {
    const now = state.resident.get(pid) ?? 0;
    if (!this.resident.has(pid)) this.resident.set(pid, { steps: [], pages: [] });
    const line = this.resident.get(pid);
    if (line.pages.at(-1) === now) return;
    line.steps.push(step);
    line.pages.push(now);
  }

  page(key, symbol) {
    if (!this.pages.has(key)) this.pages.set(key, { key, faults: 0, evictions: 0, symbol });
    const page = this.pages.get(key);
    page.symbol ??= symbol;
    return page;
  }

  // The rank of each page among all that ever faulted, by address: from 0 to 1.
  ranks() {
    const pages = [...new Set([...this.pages.keys()].map(keyPage))].sort((a, b) => a - b);
    return new Map(pages.map((page, at) => [page, at / Math.max(1, pages.length - 1)]));
  }

  hottest(most) {
    const pages = [...this.pages.values()];
    pages.sort((a, b) => b.faults - a.faults || b.evictions - a.evictions || a.key - b.key);
    return pages.slice(0, most);
  }

  name(pid) {
    return this.processes.get(pid) ?? "not started";
  }
}

function add(counts, key) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

// The steps that concern a frame, a slot or a page, found by a scan over all steps.
function stepsOf(recording, concerns) {
  const found = [];
  for (let step = 0; step < recording.count; step++) {
    if (concerns(step)) found.push(step);
  }
  return found;
}

function concernsFrame(recording, frame) {
  return (step) => {
    if (recording.get(step, "frame") === frame || recording.get(step, "first") === frame) return true;
    let found = false;
    recording.changes(step, (pid, page, old, entry) => {
      const leaves = isPresent(old) && entryNumber(old) === frame;
      const comes = isPresent(entry) && entryNumber(entry) === frame;
      found ||= leaves || comes;
    });
    return found;
  };
}

function concernsSlot(recording, slot) {
  return (step) => {
    const place = recording.get(step, "place") === "slot" && recording.get(step, "place_number");
    return recording.get(step, "slot") === slot || place === slot || recording.emptied(step) === slot;
  };
}

function concernsPage(recording, key) {
  const [owner, page] = [keyPid(key), keyPage(key)];
  return (step) => {
    if (recording.pageOf(step) === key) return true;
    const kind = recording.kind(step);
    if ((kind === "map" || kind === "unmap") && recording.get(step, "pid") === owner) {
      return recording.get(step, "start") <= page && page < recording.get(step, "end");
    }
    let found = false;
    recording.changes(step, (pid, number) => {
      found ||= pid === owner && number === page;
    });
    return found;
  };
}
