// Frames or swap slots over time, as a map: a row for each, or a band for several.
// Invariants: every point of the map shows all that happened there, the colour that filled most of
// it and, by its paleness, how much was in use; what is shorter than a pixel makes no pattern.

// Rows that fit with a height that can be seen.
const ROWS = 64;
const ROW_MOST = 12;
const MAP_HEIGHT = 320;
const PHONE_MAP_HEIGHT = 256;
// Pixels of a column.
const COLUMN = 2;
// The parts that a reader can choose from.
const MOST_PARTS = 32;
const PALEST = 0.2;

class PlaceMap extends Timeline {
  // `first` is the number of the first one; `rows` chooses which of them are shown.
  constructor(app, { place, label, spans, first, rows, choose }) {
    super(app, place, label);
    this.spans = spans;
    this.first = first;
    this.count = Math.max(0, spans.last - first + 1);
    this.choose = choose;
    this.select = byId(rows);
    this.offerParts(byId(`${rows}-label`));
    this.select.addEventListener("change", () => this.app.drawCharts());
  }

  // Offers parts of the rows, if not all fit.
  offerParts(label) {
    label.hidden = this.count <= ROWS;
    const size = Math.max(ROWS, Math.ceil(this.count / MOST_PARTS));
    const option = (from, to, text) => element("option", { value: `${from} ${to}` }, text);
    const options = [option(0, this.count, `all ${this.count}`)];
    for (let from = 0; from < this.count && this.count > ROWS; from += size) {
      const to = Math.min(this.count, from + size);
      options.push(option(from, to, `${from} to ${to - 1}`));
    }
    this.select.replaceChildren(...options);
  }

  draw() {
    this.picture.place.hidden = this.count === 0;
    const [from, to] = this.select.value.split(" ").map(Number);
    this.from = from;
    this.shown = Math.max(1, to - from);
    // The rows of a band.
    this.band = Math.ceil(this.shown / ROWS);
    this.bands = Math.ceil(this.shown / this.band);
    const most = window.innerWidth < 600 ? PHONE_MAP_HEIGHT : MAP_HEIGHT;
    this.row = Math.max(1, Math.min(ROW_MOST, Math.floor(most / this.bands)));
    if (!this.begin(ABOVE + Math.max(24, this.bands * this.row) + BELOW)) return;
    const { context } = this.picture;
    context.fillStyle = this.app.colours.empty;
    context.fillRect(LEFT, ABOVE, this.right - LEFT, this.bands * this.row);
    this.fill(this.collect());
    const interval = Math.max(1, roundInterval(this.shown, Math.max(1, (this.bands * this.row) / 36)));
    const rows = [];
    for (let tick = Math.ceil(from / interval) * interval; tick < to; tick += interval) {
      rows.push([tick.toLocaleString("en"), ABOVE + ((tick - from) / this.band + 0.5) * this.row]);
    }
    this.axes(rows);
  }

  // Adds up what lies in each point of the map: the pixels in use, and the colour of most of them.
  // The colour is found by the majority vote of Boyer and Moore, which keeps one candidate.
  collect() {
    const { spans, band } = this;
    const columns = Math.max(1, Math.ceil((this.right - LEFT) / COLUMN));
    const points = { columns, used: new Float64Array(columns * this.bands), votes: new Float64Array(columns * this.bands), colour: [] };
    for (let i = 0; i < spans.number.length; i++) {
      const row = spans.number[i] - this.first - this.from;
      if (row < 0 || row >= this.shown) continue;
      const from = Math.max(0, this.x(spans.from[i]) - LEFT);
      const to = Math.min(this.right - LEFT, this.x(spans.to[i]) - LEFT);
      if (to < 0 || from > this.right - LEFT) continue;
      const colour = this.app.colour(spans.owner[i], spans.kind[i], spans.page[i]);
      const start = Math.floor(row / band) * columns;
      const last = Math.min(columns - 1, Math.floor(to / COLUMN));
      for (let column = Math.min(columns - 1, Math.floor(from / COLUMN)); column <= last; column++) {
        const width = Math.min(to, (column + 1) * COLUMN) - Math.max(from, column * COLUMN);
        vote(points, start + column, colour, Math.max(0, width));
      }
    }
    return points;
  }

  fill({ columns, used, colour }) {
    const { context } = this.picture;
    const gap = this.row >= 4 ? 1 : 0;
    for (let band = 0; band < this.bands; band++) {
      const rows = Math.min(this.band, this.shown - band * this.band);
      for (let column = 0; column < columns; column++) {
        const at = band * columns + column;
        if (colour[at] === undefined) continue;
        const width = Math.min(COLUMN, this.right - LEFT - column * COLUMN);
        context.globalAlpha = PALEST + (1 - PALEST) * Math.min(1, used[at] / (width * rows));
        context.fillStyle = colour[at];
        context.fillRect(LEFT + column * COLUMN, ABOVE + band * this.row, width, this.row - gap);
      }
    }
    context.globalAlpha = 1;
  }

  chosen(y) {
    const band = Math.floor((y - ABOVE) / this.row);
    const row = this.from + band * this.band;
    if (band >= 0 && band < this.bands && row < this.count) this.choose(this.first + row);
  }
}

function vote({ used, votes, colour }, at, candidate, weight) {
  used[at] += weight;
  if (colour[at] === candidate) votes[at] += weight;
  else if (colour[at] !== undefined && votes[at] >= weight) votes[at] -= weight;
  else {
    votes[at] = weight - votes[at];
    colour[at] = candidate;
  }
}
