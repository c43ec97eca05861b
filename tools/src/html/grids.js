// Frames and slots at a step: a cell each, in the colour of its owner.
// Invariants: the arrow keys move through each grid; the selected cell is described in words
// below it.

const LARGEST_CELL = 28;
const SMALLEST_CELL = 6;
// The target height of the grids, if their cells are not too large then.
const HEIGHT = 120;

class Grid {
  // `last` is the last one that was ever in use; later ones are not shown.
  constructor(app, { place, words, first, last, what }) {
    this.app = app;
    this.what = what;
    this.first = first;
    this.count = Math.max(0, last - first + 1);
    this.words = words;
    this.at = 0;
    this.picture = new Picture(place, `${what}s; the arrows choose one`);
    const { canvas } = this.picture;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("click", (event) => this.click(this.picture.point(event)));
    canvas.addEventListener("focus", () => this.draw());
    canvas.addEventListener("blur", () => this.draw());
  }

  places() {
    return this.what === "frame" ? this.app.state.frames : this.app.state.slots;
  }

  // Returns the marks of the current step, by number.
  marks() {
    const { frames, slots } = this.app.marks;
    return this.what === "frame" ? frames : slots;
  }

  // After a step: selects what it did most to, unless the user is choosing a cell.
  show() {
    const marks = [...this.marks()].sort((a, b) => STRENGTH.indexOf(a[1]) - STRENGTH.indexOf(b[1]) || a[0] - b[0]);
    const first = marks.length ? marks[0][0] - this.first : -1;
    if (first >= 0 && first < this.count && document.activeElement !== this.picture.canvas) this.at = first;
    this.draw();
  }

  draw() {
    const width = this.picture.place.clientWidth;
    const fitting = Math.floor(Math.sqrt((width * HEIGHT) / Math.max(1, this.count)));
    const cell = Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, fitting));
    this.columns = Math.max(1, Math.floor(width / cell));
    this.cell = cell;
    const rows = Math.max(1, Math.ceil(this.count / this.columns));
    if (!this.picture.begin(rows * cell + 2)) return;
    for (let i = 0; i < this.count; i++) this.drawCell(i);
    for (const [number, mark] of this.marks()) this.mark(number - this.first, mark);
    if (document.activeElement === this.picture.canvas) this.outline(this.at);
    this.tell();
  }

  drawCell(i) {
    const { context } = this.picture;
    const place = this.places().get(this.first + i);
    const page = place?.users.length ? keyPage(place.users[0]) : null;
    const full = place && this.app.colour(ownerOf(place), place.kind ?? "swap", page);
    context.fillStyle = full ?? this.app.colours.empty;
    const [x, y] = this.corner(i);
    context.fillRect(x + 1, y + 1, this.cell - 2, this.cell - 2);
  }

  mark(i, mark) {
    if (i < 0 || i >= this.count) return;
    drawMark(this.picture.context, mark, ...this.corner(i), this.cell, this.app.colours);
  }

  // Draws a border around the cell that the keys chose.
  outline(i) {
    const { context } = this.picture;
    const [x, y] = this.corner(i);
    context.lineWidth = 3;
    context.strokeStyle = this.app.colours.accent;
    context.strokeRect(x - 0.5, y - 0.5, this.cell + 1, this.cell + 1);
  }

  corner(i) {
    return [(i % this.columns) * this.cell + 1, Math.floor(i / this.columns) * this.cell + 1];
  }

  key(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    if (event.key in moves) this.at = Math.min(this.count - 1, Math.max(0, this.at + moves[event.key]));
    else if (event.key === "Enter") this.choose();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.draw();
  }

  click([x, y]) {
    const i = Math.floor(y / this.cell) * this.columns + Math.floor(x / this.cell);
    if (i < 0 || i >= this.count) return;
    this.at = i;
    this.draw();
    this.choose();
  }

  choose() {
    const number = this.first + this.at;
    if (this.what === "frame") this.app.chooseFrame(number);
    else this.app.chooseSlot(number);
  }

  tell() {
    if (this.count === 0) {
      this.words.textContent = `No ${this.what} was ever in use.`;
      return;
    }
    const number = this.first + this.at;
    const place = this.places().get(number);
    const name = this.what === "frame" ? this.app.words.frame(number) : `slot ${number}`;
    const mark = this.marks().get(number);
    const what = mark ? `. ${capital(MARKS[mark][1])}` : "";
    this.words.textContent = `${capital(name)}: ${this.holds(place)}${what}`;
  }

  holds(place) {
    if (!place) return "free";
    if (place.users.length === 0) return "in use, in no page table";
    const first = this.app.words.page(place.users[0]);
    const others = place.users.length - 1;
    return others ? `${first}, and ${plural(others, "other page")}` : first;
  }
}
