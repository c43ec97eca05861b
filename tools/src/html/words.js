// Steps in words, and helpers that make elements.
// Invariants: everything that comes from a guest becomes text, never HTML.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

function plural(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}

// The ranges of frames that are listed, at most.
const MOST_RANGES = 6;

const VERBS = { read: "loads from", write: "stores to", fetch: "fetches an instruction from" };
const KERNEL_VERBS = { read: "would read from", write: "would write to", fetch: "would run" };

class Words {
  constructor(recording, overview) {
    this.recording = recording;
    this.overview = overview;
  }

  process(pid) {
    const name = this.overview.processes.get(pid);
    return name ? `process ${pid} (${name})` : `process ${pid}`;
  }

  // Names several frames by their ranges, counted from 0.
  frames(numbers) {
    const sorted = [...new Set(numbers)].map((number) => this.recording.frameIndex(number)).sort((a, b) => a - b);
    const ranges = [];
    for (const number of sorted) {
      if (ranges.at(-1)?.[1] === number - 1) ranges.at(-1)[1] = number;
      else ranges.push([number, number]);
    }
    const shown = ranges.slice(0, MOST_RANGES).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
    if (ranges.length > MOST_RANGES) shown.push("others");
    return `${sorted.length === 1 ? "frame" : "frames"} ${shown.join(", ")}`;
  }

  page(key) {
    const symbol = this.overview.pages.get(key)?.symbol;
    const name = symbol ? `, ${symbol}` : "";
    return `page ${pageAddress(keyPage(key))} of ${this.process(keyPid(key))}${name}`;
  }

  // Names a frame: counted from 0, with the number that it has in RAM and in the fault log.
  frame(number) {
    return `frame ${this.recording.frameIndex(number)} (${number})`;
  }

  // Describes a step in one line.
  short(step) {
    const get = (field) => this.recording.get(step, field);
    const say = Words.SHORT[this.recording.kind(step)];
    return say ? say.call(this, get, step) : this.recording.kind(step);
  }

  // Returns more about a step; empty if there is no more.
  details(step) {
    const get = (field) => this.recording.get(step, field);
    switch (this.recording.kind(step)) {
      case "fault":
        return this.faultDetails(get);
      case "evict":
        return this.causeOf(step);
      case "map":
        return [`Rights ${get("rights")}; its pages come from ${get("from")}.`];
      case "refused":
        return ["No byte was read or written; the process ends."];
      default:
        return [];
    }
  }

  causeOf(step) {
    const cause = this.recording.cause(step);
    if (cause === null) return [];
    const address = hex(this.recording.get(cause, "addr"));
    const who = this.process(this.recording.get(cause, "pid"));
    const number = this.recording.faultsBefore[cause + 1];
    return [`It makes room for a page of ${who}, which is about to use ${address} (fault ${number}).`];
  }

  faultDetails(get) {
    const code = get("error");
    const bits = [
      code & 1 ? "the page is present" : "the page is not present",
      code & 2 ? "a store" : "no store",
      code & 4 ? "from ring 3" : "from the kernel",
    ];
    const area = get("area");
    const where = area ? `It lies in ${AREAS[area] ?? `mapping ${area.slice(4)}`}, ${get("rights")}.` : "";
    return [
      `${where} Before, the page was ${this.before(get)}.`.trim(),
      `Error code ${code}: ${bits.join(", ")}. Instruction at ${hex(get("eip"))}.`,
    ];
  }

  before(get) {
    switch (get("place")) {
      case "slot":
        return `in swap slot ${get("place_number")}`;
      case "frame":
        return `in ${this.frame(get("place_number"))}, but its entry did not allow the access`;
      case "untouched":
        return "untouched: it has no content yet";
      default:
        return "not mapped";
    }
  }

  outcome(get) {
    const frame = get("frame") === null ? null : this.frame(get("frame"));
    switch (get("outcome")) {
      case "zero-fill":
        return `${frame} is filled with zeros`;
      case "grow-stack":
        return `the stack grows: ${frame} is filled with zeros`;
      case "file-read":
        return `read from file #${get("file")} at byte ${get("offset")} into ${frame}`;
      case "share":
        return `its content is already in ${frame} and is shared`;
      case "swap-in":
        return `read back from swap slot ${get("slot")} into ${frame}`;
      case "swap-in, copy":
        return `read back from slot ${get("slot")} into ${this.frame(get("first"))}, and copied to ${frame} for the store`;
      case "copy":
        return `a copy of its own in ${frame} (copy-on-write)`;
      case "claim":
        return `${frame} is now its own; no other process has that page of the file`;
      case "upgrade":
        return `it is in ${frame}; its entry now allows the access`;
      case "wait":
        return "all frames are being filled by disks; it waits";
      default:
        return `killed: ${get("why")}`;
    }
  }
}

const AREAS = { code: "the code", data: "the data", bss: "the zeroed data (bss)", stack: "the stack" };

const FATES = {
  dropped: () => "dropped: it can be brought in again",
  "swap-out": (get) => `written to swap slot ${get("slot")}`,
  "swap-cached": (get) => `not written: swap slot ${get("slot")} still has an up-to-date copy`,
  "write-back": (get) => `written back to file #${get("file")}`,
};

Words.SHORT = {
  entries() {
    return "The kernel changes page-table entries";
  },
  fault(get, step) {
    const number = this.recording.faultsBefore[step + 1];
    const verbs = get("by") === "kernel" ? KERNEL_VERBS : VERBS;
    const by = get("by") === "kernel" ? "the kernel, for " : "";
    const symbol = get("symbol") ? ` (${get("symbol")})` : "";
    const what = `${by}${this.process(get("pid"))} ${verbs[get("access")]} ${hex(get("addr"))}${symbol}`;
    return `Fault ${number}: ${what}: ${this.outcome(get)}`;
  },
  refused(get) {
    const would = get("access") === "write" ? "write to" : "read from";
    return `Refused: ${this.process(get("pid"))} would have the kernel ${would} ${hex(get("addr"))}: ${get("why")}`;
  },
  evict(get) {
    const page = this.page(pageKey(get("pid"), get("page")));
    return `Eviction: ${page} loses ${this.frame(get("frame"))}; ${FATES[get("fate")](get)}`;
  },
  "page-out-failed"(get) {
    return `${capital(this.frame(get("frame")))} could not be written out; its page stays`;
  },
  "write-back"(get) {
    return `${capital(this.frame(get("frame")))} is written to file #${get("file")}, page ${get("file_page")}`;
  },
  "write-back-failed"(get) {
    return `Page ${get("file_page")} of file #${get("file")} could not be written; its changes are lost`;
  },
  "free-frame"(get) {
    return `${capital(this.frame(get("frame")))} is free: its content has no user any more`;
  },
  "free-slot"(get) {
    return `Swap slot ${get("slot")} is free: its content has no user any more`;
  },
  map(get) {
    const area = AREAS[get("area")] ?? `mapping ${get("area").slice(4)}`;
    const range = `${pageAddress(get("start"))} to ${pageAddress(get("end"))}`;
    return `${capital(this.process(get("pid")))} has a region for ${area} from ${range}`;
  },
  unmap(get) {
    const range = `${pageAddress(get("start"))} to ${pageAddress(get("end"))}`;
    return `${capital(this.process(get("pid")))} has nothing from ${range} any more`;
  },
  start(get) {
    const parent = get("parent");
    const by = parent === null ? "" : get("origin") === "fork" ? ` as a copy of process ${parent}` : `, a child of process ${parent}`;
    return `${capital(this.process(get("pid")))} starts${by}`;
  },
  run(get) {
    return `${capital(this.process(get("pid")))} has the CPU`;
  },
  call(get) {
    return `${capital(this.process(get("pid")))} makes the system call ${get("name")}`;
  },
  die(get) {
    return `${capital(this.process(get("pid")))} dies at ${hex(get("eip"))}: ${get("exception")}`;
  },
  end(get) {
    const how = get("killed") ? "is killed" : `exits with ${get("status")}`;
    return `${capital(this.process(get("pid")))} ${how}`;
  },
};

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
