// The step in the page's address, so that a link leads to it.
// Invariants: the address names the step that is shown, once the reader rests there; a visit
// leaves one entry in the browser's history, not one for each step.

// Milliseconds until the address follows: browsers refuse too many changes in a short time.
const REST = 250;
const FRAGMENT = /^#step=(\d+)$/;

class Address {
  constructor(app) {
    this.app = app;
    this.waiting = null;
    window.addEventListener("hashchange", () => {
      const asked = Address.asked(app.recording.count);
      if (asked !== null && asked !== app.step) app.go(asked);
    });
    byId("copy").addEventListener("click", () => this.copy());
  }

  // Returns the step that the address asks for, or null.
  static asked(count) {
    const asked = FRAGMENT.exec(location.hash);
    return asked && Math.min(Math.max(1, Number(asked[1])), count) - 1;
  }

  // Has the address follow to the current step.
  follow() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.write(), REST);
  }

  write() {
    clearTimeout(this.waiting);
    history.replaceState(null, "", this.fragment);
  }

  get fragment() {
    return `#step=${this.app.step + 1}`;
  }

  async copy() {
    this.write();
    const { href } = location;
    const copied = await copyText(href);
    byId("copied").textContent = copied ? `Copied a link to step ${(this.app.step + 1).toLocaleString("en")}.` : href;
  }
}

// Returns whether the browser copied the text: some refuse the clipboard to a page in a file.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", { class: "hidden", "aria-hidden": "true" });
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}
