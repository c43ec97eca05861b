// What a step did to each frame and slot, and the mark that shows it in a grid.
// Invariants: a frame has one mark, the strongest; each mark has a shape of its own, so that nobody
// has to tell colours apart.

// The marks, the strongest first: a sign for texts, and what it means.
const MARKS = {
  victim: ["✕", "victim: its page was evicted"],
  came: ["+", "a page came in"],
  left: ["◌", "a page left"],
  changed: ["■", "rights or dirty bit changed"],
  passed: ["○", "accessed bit cleared: a second chance"],
};
const STRENGTH = Object.keys(MARKS);

// Returns whether a change of an entry only clears its accessed bit: the policy looked at the page
// and passed it over.
function isPassedOver(old, entry) {
  return isPresent(old) && isPresent(entry) && (old ^ entry) === ENTRY.ACCESSED && !(entry & ENTRY.ACCESSED);
}

// Returns the marks that a step leaves: those of frames and those of slots, by number; and the pages
// that were only passed over, by key.
function marksOf(recording, step) {
  const frames = new Map();
  const slots = new Map();
  const passed = new Set();
  const mark = (places, number, one) => {
    const known = places.get(number);
    if (number === null) return;
    if (known === undefined || STRENGTH.indexOf(one) < STRENGTH.indexOf(known)) places.set(number, one);
  };
  recording.changes(step, (pid, page, old, entry) => {
    const [before, now] = [old, entry].map((one) => (isPresent(one) ? entryNumber(one) : null));
    if (before !== now) {
      mark(frames, before, "left");
      mark(frames, now, "came");
    } else if (now !== null) {
      const isPassed = isPassedOver(old, entry);
      if (isPassed) passed.add(pageKey(pid, page));
      mark(frames, now, isPassed ? "passed" : "changed");
    }
  });
  mark(slots, recording.emptied(step), "left");
  const [frame, slot] = [recording.get(step, "frame"), recording.get(step, "slot")];
  switch (recording.kind(step)) {
    case "evict":
      mark(frames, frame, "victim");
      mark(slots, slot, "came");
      break;
    case "fault":
      mark(frames, frame, recording.get(step, "outcome") === "upgrade" ? "changed" : "came");
      mark(frames, recording.get(step, "first"), "came");
      break;
    case "free-frame":
      mark(frames, frame, "left");
      break;
    case "free-slot":
      mark(slots, slot, "left");
      break;
    case "write-back":
      mark(frames, frame, "changed");
      break;
  }
  return { frames, slots, passed };
}

// Draws a mark into the square at `x`, `y` with sides of `size`.
function drawMark(context, mark, x, y, size, colours) {
  const ring = (inset, thick, colour, dashes = []) => {
    context.lineWidth = thick;
    context.strokeStyle = colour;
    context.setLineDash(dashes);
    context.strokeRect(x + inset, y + inset, size - 2 * inset, size - 2 * inset);
    context.setLineDash([]);
  };
  const corner = Math.max(2, Math.round(size / 4));
  const [cx, cy] = [x + size - corner - 1, y + size - corner - 1];
  switch (mark) {
    case "victim":
      ring(1, 2, colours.cursor);
      cross(context, x, y, size, 0.28, colours.cursor);
      break;
    case "came":
      // A gap sets the ring off from the colour of any cell.
      ring(2, 3, colours.card);
      ring(1, 2, colours.text);
      if (size >= 14) plus(context, x, y, size, colours);
      break;
    case "left":
      ring(1.5, 1.5, colours.text, [3, 2]);
      break;
    case "changed":
      context.fillStyle = colours.card;
      context.fillRect(cx - 1, cy - 1, corner + 2, corner + 2);
      context.fillStyle = colours.text;
      context.fillRect(cx, cy, corner, corner);
      break;
    case "passed":
      context.beginPath();
      context.arc(cx + corner / 2, cy + corner / 2, corner / 2 + 0.5, 0, 2 * Math.PI);
      context.fillStyle = colours.card;
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = colours.text;
      context.stroke();
      break;
  }
}

function cross(context, x, y, size, inset, colour) {
  const [from, to] = [inset * size, (1 - inset) * size];
  context.lineWidth = 2;
  context.strokeStyle = colour;
  line(context, x + from, y + from, x + to, y + to);
  line(context, x + from, y + to, x + to, y + from);
}

function plus(context, x, y, size, colours) {
  const middle = size / 2;
  for (const [thick, arm, colour] of [[5, 5.5, colours.card], [2, 4, colours.text]]) {
    context.lineWidth = thick;
    context.strokeStyle = colour;
    line(context, x + middle - arm, y + middle, x + middle + arm, y + middle);
    line(context, x + middle, y + middle - arm, x + middle, y + middle + arm);
  }
}

// Lists the marks of a step, each with its sign, its meaning and the number of frames or slots.
function showMarks(marks) {
  const counts = new Map();
  for (const places of [marks.frames, marks.slots]) {
    for (const mark of places.values()) add(counts, mark);
  }
  const items = STRENGTH.filter((mark) => counts.has(mark)).map((mark) => {
    const [sign, meaning] = MARKS[mark];
    return element("li", {}, element("span", { class: `sign ${mark}`, "aria-hidden": "true" }, sign), `${meaning} (${counts.get(mark)})`);
  });
  byId("marks").replaceChildren(...items);
}
