// Replays the recording: the state of the machine after any step.
// Invariants: a state at a checkpoint is never changed; frames, slots and regions in it are
// replaced, not altered, so that copies can share them.

class State {
  constructor(recording) {
    this.recording = recording;
    this.firstFrame = recording.raw.first_frame;
    this.frames = new Map();
    this.slots = new Map();
    // Process -> page -> entry; for a page in swap the slot, as `slot * 4096`.
    this.tables = new Map();
    this.regions = new Map();
    this.processes = new Map();
    this.resident = new Map();
    this.running = null;
    this.touch();
  }

  copy() {
    const copy = Object.create(State.prototype);
    Object.assign(copy, this);
    copy.frames = new Map(this.frames);
    copy.slots = new Map(this.slots);
    copy.tables = new Map([...this.tables].map(([pid, table]) => [pid, new Map(table)]));
    copy.regions = new Map(this.regions);
    copy.processes = new Map(this.processes);
    copy.resident = new Map(this.resident);
    copy.touch();
    return copy;
  }

  touch() {
    this.touched = { frames: new Set(), slots: new Set(), pages: new Set() };
    this.lost = [];
  }

  // Takes the next step.
  apply(step) {
    this.touch();
    this.step = step;
    this.recording.changes(step, (pid, page, old, entry) => this.change(pid, page, entry));
    const emptied = this.recording.emptied(step);
    if (emptied !== null) this.freeSlot(emptied);
    const take = State.TAKE[this.recording.kind(step)];
    if (take) take.call(this, (field) => this.recording.get(step, field));
  }

  table(pid) {
    if (!this.tables.has(pid)) this.tables.set(pid, new Map());
    return this.tables.get(pid);
  }

  change(pid, page, entry) {
    const table = this.table(pid);
    const key = pageKey(pid, page);
    const old = table.get(page) ?? 0;
    this.touched.pages.add(key);
    const resident = this.resident.get(pid) ?? 0;
    this.resident.set(pid, resident + (entry & 1) - (old & 1));
    if (isPresent(old) && !(isPresent(entry) && entryNumber(old) === entryNumber(entry))) {
      this.lost.push([entryNumber(old), key]);
      this.leave(entryNumber(old), key);
    }
    if (!isPresent(entry)) {
      if (isPresent(old)) table.delete(page);
      return;
    }
    table.set(page, entry);
    this.join(entryNumber(entry), key);
  }

  join(number, key) {
    this.touched.frames.add(number);
    const frame = this.frames.get(number);
    if (!frame) {
      this.frames.set(number, { users: [key], kind: "zero-fill", since: this.step });
    } else if (!frame.users.includes(key)) {
      this.frames.set(number, { ...frame, users: [...frame.users, key] });
    }
  }

  leave(number, key) {
    this.touched.frames.add(number);
    const frame = this.frames.get(number);
    if (frame) this.frames.set(number, { ...frame, users: frame.users.filter((one) => one !== key) });
  }

  // A frame gets new content.
  fill(number, kind) {
    if (number === null) return;
    this.touched.frames.add(number);
    const users = this.frames.get(number)?.users ?? [];
    this.frames.set(number, { users, kind, since: this.step });
  }

  freeFrame(number) {
    this.touched.frames.add(number);
    this.frames.delete(number);
  }

  freeSlot(number) {
    this.touched.slots.add(number);
    for (const key of this.slots.get(number)?.users ?? []) this.unmark(key, number);
    this.slots.delete(number);
  }

  // A page is no longer in that slot.
  unmark(key, slot) {
    const table = this.table(keyPid(key));
    if (table.get(keyPage(key)) === slot * 4096) table.delete(keyPage(key));
  }

  // A process gives up a page, wherever it is.
  forgetSwapped(pid, from, to) {
    const table = this.table(pid);
    for (const [page, entry] of [...table]) {
      if (page < from || page >= to || isPresent(entry)) continue;
      const slot = this.slots.get(entryNumber(entry));
      const key = pageKey(pid, page);
      if (slot) {
        const users = slot.users.filter((one) => one !== key);
        this.slots.set(entryNumber(entry), { ...slot, users });
      }
      table.delete(page);
    }
  }

  cutRegions(pid, start, end) {
    const kept = [];
    for (const region of this.regions.get(pid) ?? []) {
      if (region.start < start) kept.push({ ...region, end: Math.min(region.end, start) });
      if (region.end > end) kept.push({ ...region, start: Math.max(region.start, end) });
    }
    this.regions.set(pid, kept);
  }
}

const FRAME_KINDS = {
  "zero-fill": "zero-fill",
  "grow-stack": "zero-fill",
  "file-read": "file",
  share: "file",
  "swap-in": "swap",
  "swap-in, copy": "copy",
  copy: "copy",
  claim: "copy",
};

// What each kind of step does to a state; `get` returns the step's fields.
State.TAKE = {
  fault(get) {
    const outcome = get("outcome");
    this.touched.pages.add(pageKey(get("pid"), get("addr") >>> 12));
    const kind = FRAME_KINDS[outcome];
    const frame = get("frame");
    const shared = outcome === "share" && this.frames.has(frame);
    if (kind && !shared) this.fill(frame, kind);
    else if (frame !== null) this.touched.frames.add(frame);
    if (get("first") !== null) this.fill(get("first"), "swap");
  },
  evict(get) {
    const [frame, slot] = [get("frame"), get("slot")];
    const users = this.lost.filter(([number]) => number === frame).map(([, key]) => key);
    const first = pageKey(get("pid"), get("page"));
    if (!users.includes(first)) users.unshift(first);
    this.touched.pages.add(first);
    this.freeFrame(frame);
    if (slot === null) return;
    this.touched.slots.add(slot);
    this.slots.set(slot, { users, since: this.step });
    for (const key of users) this.table(keyPid(key)).set(keyPage(key), slot * 4096);
  },
  "write-back"(get) {
    this.touched.frames.add(get("frame"));
  },
  "page-out-failed"(get) {
    this.touched.frames.add(get("frame"));
  },
  "free-frame"(get) {
    this.freeFrame(get("frame"));
  },
  "free-slot"(get) {
    this.freeSlot(get("slot"));
  },
  map(get) {
    const [pid, start, end] = [get("pid"), get("start"), get("end")];
    this.cutRegions(pid, start, end);
    const region = { start, end, area: get("area"), rights: get("rights"), from: get("from") };
    const regions = [...this.regions.get(pid), region].sort((a, b) => a.start - b.start);
    this.regions.set(pid, regions);
  },
  unmap(get) {
    this.cutRegions(get("pid"), get("start"), get("end"));
    this.forgetSwapped(get("pid"), get("start"), get("end"));
  },
  start(get) {
    const [pid, parent] = [get("pid"), get("parent")];
    this.processes.set(pid, { name: get("name"), parent, ended: null });
    if (get("origin") !== "fork") return;
    for (const [page, entry] of this.table(parent)) {
      if (isPresent(entry) || this.table(pid).has(page)) continue;
      const slot = this.slots.get(entryNumber(entry));
      if (!slot) continue;
      this.table(pid).set(page, entry);
      this.slots.set(entryNumber(entry), { ...slot, users: [...slot.users, pageKey(pid, page)] });
    }
  },
  run(get) {
    this.running = get("pid");
  },
  end(get) {
    const pid = get("pid");
    const process = this.processes.get(pid);
    if (process) this.processes.set(pid, { ...process, ended: this.step });
    if (this.running === pid) this.running = null;
    this.regions.delete(pid);
    this.forgetSwapped(pid, 0, PAGES);
  },
};

// Returns the owner of a frame or slot: a process, "shared", or null if none is known.
function ownerOf(place) {
  if (!place || place.users.length === 0) return null;
  const pid = keyPid(place.users[0]);
  return place.users.every((key) => keyPid(key) === pid) ? pid : "shared";
}

// Goes to any step: from the nearest checkpoint before it, or forward from the current one.
class Player {
  constructor(recording, checkpoints, interval) {
    this.recording = recording;
    this.checkpoints = checkpoints;
    this.interval = interval;
    this.state = checkpoints[0].copy();
    this.step = -1;
  }

  // Returns the state after a step, which the next call changes.
  go(step) {
    // Stop one before the step, and then take it, to learn what it touches.
    const checkpoint = Math.floor(step / this.interval);
    const start = checkpoint * this.interval - 1;
    if (step < this.step || start > this.step) {
      this.state = this.checkpoints[checkpoint].copy();
      this.step = start;
    }
    while (this.step < step) this.state.apply(++this.step);
    return this.state;
  }
}
