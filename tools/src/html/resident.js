// The resident set of each process over time: a band for each, one below the other.
// Invariants: all bands have the same scales; each has its name beside it, so that its colour need
// not be told from others.

const BAND = 30;
const BAND_NAME = 18;
// The most bands; with more processes the smallest share one.
const MOST_BANDS = 12;
const PALE = 0.35;

class ResidentBands extends Timeline {
  draw() {
    const bands = this.bands();
    const each = BAND_NAME + BAND;
    if (!this.begin(ABOVE + Math.max(1, bands.length) * each + BELOW)) return;
    const { colours, order } = this.app;
    const { context } = this.picture;
    const most = Math.max(1, ...bands.map((band) => band.peak));
    this.places = bands.map((band, at) => [band, ABOVE + at * each + BAND_NAME]);
    const rows = this.places.flatMap(([, top]) => [["0", top + BAND - 3], [`${most}`, top + 5]]);
    this.axes(rows);
    for (const [band, top] of this.places) {
      context.fillStyle = colours.empty;
      context.fillRect(LEFT, top, this.right - LEFT, BAND);
      context.fillStyle = band.pid === null ? colours.shared : colours.owner(band.pid, order);
      this.area(band, top + BAND, BAND / most);
      context.font = FONT;
      context.fillStyle = colours.text;
      context.textAlign = "left";
      context.textBaseline = "alphabetic";
      context.fillText(`${band.name}, at most ${plural(band.peak, "page")}`, LEFT, top - 4);
    }
  }

  // Returns the bands, in the order in which their processes started.
  bands() {
    const { overview } = this.app;
    const bands = [...overview.resident].map(([pid, { steps, pages }]) => {
      const peak = pages.reduce((a, b) => Math.max(a, b), 0);
      return { pid, name: `${pid} ${overview.name(pid)}`, steps, pages, peak };
    });
    if (bands.length <= MOST_BANDS) return bands;
    const largest = new Set([...bands].sort((a, b) => b.peak - a.peak || a.pid - b.pid).slice(0, MOST_BANDS - 1));
    return [...bands.filter((band) => largest.has(band)), together(bands.filter((band) => !largest.has(band)))];
  }

  // Draws the area below a band's line. Within a column of pixels, what lies between the least and
  // the most is pale.
  area({ steps, pages }, floor, scale) {
    const columns = Math.max(1, Math.floor(this.right - LEFT));
    const least = new Float64Array(columns).fill(Infinity);
    const most = new Float64Array(columns);
    const take = (column, value) => {
      least[column] = Math.min(least[column], value);
      most[column] = Math.max(most[column], value);
    };
    let [column, value] = [0, 0];
    for (let at = 0; at < steps.length; at++) {
      const to = Math.floor(this.x(steps[at]) - LEFT);
      if (to >= columns) break;
      if (to >= 0) {
        for (; column < to; column++) take(column, value);
        take(column, value);
        take(column, pages[at]);
      }
      value = pages[at];
    }
    for (; column < columns; column++) take(column, value);
    const { context } = this.picture;
    for (let i = 0; i < columns; i++) {
      const [low, high] = [least[i] * scale, most[i] * scale];
      context.globalAlpha = PALE;
      context.fillRect(LEFT + i, floor - high, 1, high - low);
      context.globalAlpha = 1;
      context.fillRect(LEFT + i, floor - low, 1, low);
    }
  }

  // Draws the current moment, with the pages of each process at it.
  cursor(selected) {
    super.cursor(selected);
    const { context } = this.over;
    const { colours, state, step } = this.app;
    const x = this.x(step);
    if (!this.places || x < LEFT - 1 || x > this.right + 1) return;
    context.font = `600 ${FONT}`;
    context.textBaseline = "middle";
    const isLeft = x > (LEFT + this.right) / 2;
    context.textAlign = isLeft ? "right" : "left";
    for (const [band, top] of this.places) {
      if (band.pid === null) continue;
      const text = `${state.resident.get(band.pid) ?? 0}`;
      const at = isLeft ? x - 6 : x + 6;
      context.lineWidth = 4;
      context.lineJoin = "round";
      context.strokeStyle = colours.card;
      context.strokeText(text, at, top + BAND / 2);
      context.fillStyle = colours.text;
      context.fillText(text, at, top + BAND / 2);
    }
  }
}

// Adds up several bands.
function together(bands) {
  const changes = bands.flatMap(({ steps, pages }) => steps.map((step, i) => [step, pages[i] - (pages[i - 1] ?? 0)]));
  changes.sort((a, b) => a[0] - b[0]);
  let sum = 0;
  const pages = changes.map(([, change]) => (sum += change));
  const peak = pages.reduce((a, b) => Math.max(a, b), 0);
  return { pid: null, name: `${bands.length} others together`, steps: changes.map(([step]) => step), pages, peak };
}
