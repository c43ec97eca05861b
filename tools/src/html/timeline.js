// The common part of the timelines: two canvases on top of each other, and the time axis. Time goes
// to the right.
// Invariants: the amount drawn is limited by the pixels, not by the steps; the cursor has a canvas
// of its own, so that stepping redraws nothing else. Numbers on axes are round, and count as the
// reader does: events from 1, frames and slots from 0.

const LEFT = 44;
const ABOVE = 16;
const BELOW = 22;
// Pixels that a pointer moves before it selects a stretch of time, rather than a moment.
const DRAG = 6;
// Kills that are marked, at most.
const MOST_KILLS = 200;
const FONT = "12px system-ui, sans-serif";

class Timeline {
  constructor(app, place, label) {
    this.app = app;
    this.picture = new Picture(place, label);
    this.over = new Picture(place, "");
    this.over.canvas.className = "over";
    this.over.canvas.setAttribute("aria-hidden", "true");
    this.listen(this.over.canvas);
  }

  listen(canvas) {
    let start = null;
    canvas.addEventListener("pointerdown", (event) => {
      start = this.over.point(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (start) this.cursor([start[0], this.over.point(event)[0]]);
    });
    // The browser scrolls instead.
    canvas.addEventListener("pointercancel", () => {
      start = null;
      this.cursor();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!start) return;
      const [from, to] = [start, this.over.point(event)];
      start = null;
      if (Math.abs(to[0] - from[0]) < DRAG) this.click(...to);
      else this.app.zoomTo(...[this.timeAt(from[0]), this.timeAt(to[0])].sort((a, b) => a - b));
    });
  }

  begin(height) {
    this.over.begin(height);
    const room = this.picture.begin(height);
    this.right = this.picture.width - 6;
    this.bottom = height - BELOW;
    return room;
  }

  // Returns where a time or a step is; outside of the axis if it is not shown.
  xOfTime(time) {
    const { from, to } = this.app.view;
    return LEFT + ((this.right - LEFT) * (time - from)) / (to - from);
  }

  x(step) {
    return this.xOfTime(this.app.view.time(step));
  }

  timeAt(x) {
    const { from, to } = this.app.view;
    const share = Math.min(1, Math.max(0, (x - LEFT) / (this.right - LEFT)));
    return from + share * (to - from);
  }

  click(x, y) {
    this.app.go(this.app.view.stepAt(this.timeAt(x)));
    this.chosen?.(y);
  }

  // Draws the marks of both axes, texts on the left and times below, and the kills above.
  axes(rows) {
    const { context } = this.picture;
    const { colours, view } = this.app;
    context.font = FONT;
    context.fillStyle = colours.quiet;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const [text, y] of rows) context.fillText(text, LEFT - 6, y);
    context.textBaseline = "top";
    const unit = view.byWork ? "work" : "events";
    context.fillText(unit, this.right, this.bottom + 6);
    context.textAlign = "center";
    const free = this.right - context.measureText(unit).width - 6;
    const { marks, say } = timeMarks(view, Math.max(2, this.picture.width / 110));
    for (const tick of marks) {
      const x = this.xOfTime(tick);
      const half = context.measureText(say(tick)).width / 2;
      if (x + half < free) context.fillText(say(tick), Math.max(half, x), this.bottom + 6);
      context.fillRect(x, this.bottom, 1, 4);
    }
    this.kills();
  }

  kills() {
    const { context } = this.picture;
    context.fillStyle = this.app.colours.cursor;
    context.textBaseline = "top";
    context.textAlign = "center";
    for (const step of this.app.overview.kills.slice(0, MOST_KILLS)) {
      const x = this.x(step);
      if (x >= LEFT && x <= this.right) context.fillText("✖", x, 1);
    }
  }

  // Draws the current moment, and the stretch of time that is being selected.
  cursor(selected) {
    const { context, width, height } = this.over;
    if (!width) return;
    context.clearRect(0, 0, width, height);
    const { colours } = this.app;
    if (selected) {
      context.globalAlpha = 0.25;
      context.fillStyle = colours.text;
      context.fillRect(Math.min(...selected), ABOVE, Math.abs(selected[1] - selected[0]), this.bottom - ABOVE);
      context.globalAlpha = 1;
    }
    const x = this.x(this.app.step);
    if (x < LEFT - 1 || x > this.right + 1) return;
    context.lineWidth = 3.5;
    context.strokeStyle = colours.card;
    line(context, x, ABOVE - 4, x, this.bottom);
    context.lineWidth = 1.5;
    context.strokeStyle = colours.cursor;
    line(context, x, ABOVE - 4, x, this.bottom);
  }
}

// Returns round times within the view, and how they are written: all in the same unit.
function timeMarks({ from, to, byWork }, count) {
  const interval = roundInterval(to - from, count);
  const marks = [];
  for (let tick = Math.ceil(from / interval) * interval; tick <= to; tick += interval) marks.push(tick);
  // The first event is 1, and not 0.
  if (!byWork && from === 1) marks.unshift(1);
  const [unit, letter] = [[1e9, "G"], [1e6, "M"], [1e3, "K"]].find(([size]) => interval >= size) ?? [1, ""];
  const say = (tick) => (tick < unit ? `${tick}` : `${(tick / unit).toLocaleString("en")}${letter}`);
  return { marks, say };
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
