// The part of the run that the timelines show: zoom, and the scale of time.
// Invariants: all timelines show the same part; it lies within the run and is not empty.

// The shortest part, in parts of the run and in units.
const CLOSEST = 1e-6;
const FEWEST_UNITS = 4;

class View {
  constructor(app) {
    this.app = app;
    this.byWork = true;
    this.whole();
  }

  // Returns the first and the last time of the run. Events are counted from 1, as in the panel.
  get bounds() {
    const { recording } = this.app;
    return this.byWork ? [0, Math.max(1, recording.time[recording.count - 1])] : [1, Math.max(2, recording.count)];
  }

  // Returns the time of a step on the axis.
  time(step) {
    const { recording } = this.app;
    const at = Math.min(step, recording.count - 1);
    return this.byWork ? recording.time[at] : at + 1;
  }

  // Returns the step at a time on the axis.
  stepAt(time) {
    const { recording } = this.app;
    const step = this.byWork ? recording.stepAt(time) : Math.round(time) - 1;
    return Math.min(recording.count - 1, Math.max(0, step));
  }

  get isWhole() {
    const [from, to] = this.bounds;
    return this.from <= from && this.to >= to;
  }

  whole() {
    [this.from, this.to] = this.bounds;
  }

  // Shows a part of the run, cut to its bounds.
  show(from, to) {
    const [first, last] = this.bounds;
    const least = Math.min(last - first, Math.max(FEWEST_UNITS, (last - first) * CLOSEST));
    const length = Math.min(last - first, Math.max(least, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(last - length, Math.max(first, middle - length / 2));
    this.to = this.from + length;
  }

  // Shows `factor` times as much; the current step stays where it is, if it is shown.
  zoom(factor) {
    const at = this.time(this.app.step);
    const isShown = at >= this.from && at <= this.to;
    const around = isShown ? at : (this.from + this.to) / 2;
    this.show(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  // Moves to the current step if it is not shown. Returns whether it moved.
  follow() {
    const at = this.time(this.app.step);
    if (at >= this.from && at <= this.to) return false;
    const half = (this.to - this.from) / 2;
    this.show(at - half, at + half);
    return true;
  }

  // Measures time in guest work or in events, and still shows the same steps.
  measure(byWork) {
    const steps = [this.stepAt(this.from), this.stepAt(this.to)];
    const { isWhole } = this;
    this.byWork = byWork;
    if (isWhole) this.whole();
    else this.show(...steps.map((step) => this.time(step)));
  }

  // Describes the part that is shown.
  words() {
    if (this.isWhole) return "";
    const [from, to] = [this.from, this.to].map((time) => Math.round(time).toLocaleString("en"));
    return `${this.byWork ? "work" : "events"} ${from} to ${to}`;
  }
}
