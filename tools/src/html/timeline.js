// Timelines: resident sets as lines, frames and slots as maps. Time goes to the right.
// Invariants: the amount drawn is limited by the pixels, not by the steps; the cursor has a canvas
// of its own, so that stepping redraws nothing else.

const LEFT = 44;
const ABOVE = 8;
const BELOW = 20;
// Width in pixels of the columns in which a line is drawn once.
const COLUMN = 3;
const SHADE = 0.25;
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

// The common part of the timelines: two canvases on top of each other, and the time axis.
class Timeline {
  constructor(app, place, label) {
    this.app = app;
    this.picture = new Picture(place, label);
    this.over = new Picture(place, "");
    this.over.canvas.className = "over";
    this.over.canvas.setAttribute("aria-hidden", "true");
    place.addEventListener("click", (event) => this.click(...this.over.point(event)));
  }

  begin(height) {
    this.over.begin(height);
    const room = this.picture.begin(height);
    this.right = this.picture.width - 6;
    this.bottom = height - BELOW;
    return room;
  }

  // Returns the length of the axis, in steps or in work.
  get length() {
    const { recording, byWork } = this.app;
    const last = recording.count - 1;
    return Math.max(1, byWork ? recording.time[last] : last);
  }

  x(step) {
    const { recording, byWork } = this.app;
    const at = Math.min(step, recording.count - 1);
    const time = byWork ? recording.time[at] : at;
    return LEFT + ((this.right - LEFT) * time) / this.length;
  }

  step(x) {
    const share = Math.min(1, Math.max(0, (x - LEFT) / (this.right - LEFT)));
    const { recording, byWork } = this.app;
    return byWork ? recording.stepAt(share * this.length) : Math.round(share * this.length);
  }

  click(x, y) {
    this.app.go(this.step(x));
    this.chosen?.(y);
  }

  // Draws the marks of both axes: texts on the left, times below.
  axes(rows, label) {
    const { context } = this.picture;
    const { colours } = this.app;
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = colours.quiet;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const [text, y] of rows) context.fillText(text, LEFT - 6, y);
    context.textBaseline = "top";
    context.textAlign = "center";
    const marks = ticks(this.length, this.picture.width / 90);
    for (const tick of marks) {
      const x = LEFT + ((this.right - LEFT) * tick) / this.length;
      if (x < this.right - 50) context.fillText(compact(tick), x, this.bottom + 6);
    }
    context.textAlign = "right";
    context.fillText(label, this.right, this.bottom + 6);
  }

  cursor() {
    const { context, width, height } = this.over;
    if (!width) return;
    context.clearRect(0, 0, width, height);
    context.strokeStyle = this.app.colours.cursor;
    context.lineWidth = 1.5;
    const x = this.x(this.app.step);
    line(context, x, ABOVE / 2, x, this.bottom);
  }
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

class ResidentLines extends Timeline {
  draw() {
    if (!this.begin(220)) return;
    const { overview, colours, order } = this.app;
    const { context } = this.picture;
    const lines = [...overview.resident];
    const most = Math.max(1, ...lines.map(([, one]) => one.pages.reduce((a, b) => Math.max(a, b), 0)));
    const y = (pages) => this.bottom - ((this.bottom - ABOVE) * pages) / most;
    const rows = ticks(most, 5).map((tick) => [compact(tick), y(tick)]);
    this.axes(rows, this.app.byWork ? "work" : "steps");
    context.lineWidth = 1;
    context.strokeStyle = colours.line;
    for (const [, height] of rows) line(context, LEFT, height, this.right, height);
    for (const [pid, one] of lines) {
      const place = order.get(pid) ?? 0;
      context.strokeStyle = context.fillStyle = colours.owner(pid, order);
      context.setLineDash(DASHES[Math.floor(place / PROCESS_COLOURS) % DASHES.length]);
      context.lineWidth = 1.75;
      this.stairs(context, one, y);
    }
    context.setLineDash([]);
  }

  // Draws the line of a process. The range within a column of pixels is a shade from minimum to
  // maximum; the line goes through the middle.
  stairs(context, { steps, pages }, y) {
    context.beginPath();
    let at = 0;
    let last = y(0);
    while (at < steps.length) {
      const x = this.x(steps[at]);
      let [least, most] = [pages[at], pages[at]];
      const from = at;
      for (; at < steps.length && this.x(steps[at]) < x + COLUMN; at++) {
        least = Math.min(least, pages[at]);
        most = Math.max(most, pages[at]);
      }
      context.lineTo(x, last);
      last = y(at - from > 1 && at < steps.length ? (least + most) / 2 : pages[at - 1]);
      context.lineTo(x, last);
      context.globalAlpha = SHADE;
      context.fillRect(x, y(most), COLUMN, y(least) - y(most));
      context.globalAlpha = 1;
    }
    context.lineTo(pages.at(-1) ? this.right : this.x(steps.at(-1)), last);
    context.stroke();
  }
}

// One row per frame or slot that was ever in use.
class PlaceMap extends Timeline {
  constructor(app, place, label, spans, first, choose) {
    super(app, place, label);
    this.spans = spans;
    this.first = first;
    this.rows = spans.last - first + 1;
    this.choose = choose;
  }

  draw() {
    this.picture.place.hidden = this.rows <= 0;
    const rows = Math.max(1, this.rows);
    const most = window.innerWidth < 600 ? 220 : 320;
    const row = Math.max(1, Math.min(12, Math.floor(most / rows)));
    const height = rows * row > most ? most : Math.max(24, rows * row);
    if (!this.begin(ABOVE + height + BELOW)) return;
    this.row = height / rows;
    const { context } = this.picture;
    context.fillStyle = this.app.colours.empty;
    context.fillRect(LEFT, ABOVE, this.right - LEFT, this.bottom - ABOVE);
    this.fill();
    const marks = ticks(rows - 1, Math.max(1, height / 40));
    const label = this.app.byWork ? "work" : "steps";
    this.axes(marks.map((tick) => [`${this.first + tick}`, ABOVE + (tick + 0.5) * this.row]), label);
  }

  fill() {
    const { spans } = this;
    const { context } = this.picture;
    // The pixel up to which each row of pixels is painted: spans that end before it are hidden.
    const painted = new Float64Array(Math.ceil(this.bottom) + 1).fill(-1);
    const gap = this.row >= 4 ? 1 : 0;
    for (let i = 0; i < spans.number.length; i++) {
      const from = this.x(spans.from[i]);
      const to = Math.max(this.x(spans.to[i]), from + 1);
      const y = ABOVE + Math.floor((spans.number[i] - this.first) * this.row);
      if (to - from <= 1 && from < painted[y]) continue;
      painted[y] = to;
      context.fillStyle = this.app.colour(spans.owner[i], spans.kind[i], spans.page[i]);
      context.fillRect(from, y, to - from, Math.max(1, Math.floor(this.row) - gap));
    }
  }

  chosen(y) {
    const number = this.first + Math.floor((y - ABOVE) / this.row);
    if (number >= this.first && number <= this.spans.last) this.choose(number);
  }
}
