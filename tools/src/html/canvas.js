// Colours, and canvases that fit their container on any screen.
// Invariants: colours come from the style sheet, so that it alone decides about light and dark.

const PROCESS_COLOURS = 8;
const KINDS = [
  ["zero-fill", "zeros"],
  ["file", "from a file"],
  ["swap", "from swap"],
  ["copy", "copied or claimed"],
];

// The colours of the current theme by name, read again when it changes.
class Colours {
  constructor() {
    this.read();
  }

  read() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    this.text = read("--text");
    this.card = read("--card");
    this.quiet = read("--quiet");
    this.line = read("--line");
    this.empty = read("--empty");
    this.accent = read("--accent");
    this.cursor = read("--cursor");
    this.shared = read("--shared");
    this.nobody = read("--nobody");
    this.processes = Array.from({ length: PROCESS_COLOURS }, (_, i) => read(`--p${i}`));
    this.rankShade = read("--rank-shade");
    this.kinds = new Map(KINDS.map(([kind]) => [kind, read(`--k-${kind}`)]));
  }

  // Returns the colour for the owner of a frame or slot.
  owner(owner, order) {
    if (owner === "shared") return this.shared;
    if (owner === "nobody" || owner === null) return this.nobody;
    return this.processes[(order.get(owner) ?? 0) % PROCESS_COLOURS];
  }

  // Returns the colour for a rank, from the lowest address to the highest.
  rank(rank) {
    if (rank === undefined) return this.nobody;
    return `hsl(${Math.round(265 - 235 * rank)} ${this.rankShade})`;
  }

  kind(kind) {
    return this.kinds.get(kind) ?? this.nobody;
  }
}

// A canvas as wide as its element and `height` CSS pixels high.
class Picture {
  constructor(place, label) {
    this.canvas = element("canvas", { role: "img", "aria-label": label });
    this.place = place;
    place.append(this.canvas);
    this.context = this.canvas.getContext("2d");
  }

  // Clears it for drawing. Returns whether there is room to draw in.
  begin(height) {
    const width = Math.floor(this.place.clientWidth);
    const dots = Math.min(window.devicePixelRatio || 1, 2);
    this.width = width;
    this.height = height;
    this.canvas.width = Math.max(1, Math.round(width * dots));
    this.canvas.height = Math.max(1, Math.round(height * dots));
    this.canvas.style.height = `${height}px`;
    this.context.setTransform(dots, 0, 0, dots, 0, 0);
    return width > 0;
  }

  // Returns the position of a pointer event, in CSS pixels.
  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
}

// A legend's items: colour and text.
function legend(list, items) {
  const item = ([colour, text]) =>
    element("li", {}, element("span", { class: "swatch", style: `background:${colour}` }), text);
  list.replaceChildren(...items.map(item));
}

// Returns the round distance of about `count` marks on an axis of this length.
function roundInterval(length, count) {
  const rough = length / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return Math.max(1, [1, 2, 5, 10].find((one) => one * power >= rough) * power);
}
