// What the page can do beyond being read: zoom in flame graphs, read charts under the
// pointer or the arrow keys, and find a finding's function in the blocked time. Nothing
// here makes markup from text.
"use strict";
document.documentElement.classList.add("js");

// units are those of durations, in nanoseconds.
const units = [["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]];

function duration(nanos) {
  const [name, size] = units.find(([, size]) => nanos >= size) || units[units.length - 1];
  return Number((nanos / size).toPrecision(3)) + " " + name;
}

// Flame graphs.

// Flame is one graph. Boxes know their place as shares of the whole: x, w, and depth d.
class Flame {
  constructor(element) {
    this.reading = element.querySelector(".reading");
    this.boxes = [...element.querySelectorAll(".box")].map((svg) => ({
      svg, x: Number(svg.dataset.x), w: Number(svg.dataset.w), d: Number(svg.dataset.d),
      title: svg.querySelector("title").textContent,
      name: svg.querySelector("text").textContent,
    }));
    this.whole = this.boxes[0];
    for (const box of this.boxes) {
      box.svg.setAttribute("tabindex", "-1");
      box.svg.setAttribute("role", "button");
      box.svg.setAttribute("aria-label", box.title);
      box.svg.addEventListener("click", () => this.zoom(box));
      box.svg.addEventListener("mouseenter", () => { this.reading.textContent = box.title; });
      box.svg.addEventListener("focus", () => { this.reading.textContent = box.title; });
      box.svg.addEventListener("keydown", (event) => this.key(event, box));
    }
    this.whole.svg.setAttribute("tabindex", "0");
  }

  // zoom makes the box and what it called the whole; its callers stay above it.
  zoom(focus) {
    this.focus = focus;
    const slack = 1e-9;
    for (const box of this.boxes) {
      const above = box.d <= focus.d && box.x <= focus.x + slack && box.x + box.w >= focus.x + focus.w - slack;
      const below = box.d > focus.d && box.x >= focus.x - slack && box.x + box.w <= focus.x + focus.w + slack;
      box.svg.style.display = above || below ? "" : "none";
      const x = above ? 0 : (box.x - focus.x) / focus.w;
      const w = above ? 1 : box.w / focus.w;
      box.svg.setAttribute("x", 100 * x + "%");
      box.svg.setAttribute("width", 100 * w + "%");
    }
    this.reading.textContent = focus.title;
  }

  key(event, box) {
    const shown = this.boxes.filter((b) => b.svg.style.display !== "none");
    const beside = (d) => shown.filter((b) => b.d === d).sort((a, b) => a.x - b.x);
    const row = beside(box.d);
    let next;
    switch (event.key) {
      case "Enter": case " ": this.zoom(box); break;
      case "Escape": this.zoom(this.whole); next = this.whole; break;
      case "ArrowRight": next = row[row.indexOf(box) + 1]; break;
      case "ArrowLeft": next = row[row.indexOf(box) - 1]; break;
      case "ArrowDown": next = beside(box.d + 1).find((b) => b.x + b.w > box.x && b.x < box.x + box.w); break;
      case "ArrowUp": next = beside(box.d - 1).find((b) => b.x <= box.x && b.x + b.w >= box.x + box.w - 1e-9); break;
      default: return;
    }
    event.preventDefault();
    if (next) {
      box.svg.setAttribute("tabindex", "-1");
      next.svg.setAttribute("tabindex", "0");
      next.svg.focus();
    }
  }

  // find marks the boxes whose name holds the text and says what they come to; boxes
  // inside found ones count once.
  find(text) {
    const found = this.boxes.filter((b) => text !== "" && b.d > 0 && b.name.toLowerCase().includes(text.toLowerCase()));
    for (const box of this.boxes) box.svg.classList.toggle("found", found.includes(box));
    const outer = found.filter((b) => !found.some((o) => o.d < b.d && o.x <= b.x + 1e-9 && o.x + o.w >= b.x + b.w - 1e-9));
    const share = outer.reduce((sum, b) => sum + b.w, 0);
    this.reading.textContent = text === "" ? "" : found.length === 0 ? "not found" : (100 * share).toPrecision(3) + " % of this graph";
    return share;
  }
}

const sections = [...document.querySelectorAll(".blocked")].map((section) => {
  const flames = [...section.querySelectorAll(".flame")].map((element) => ({ flame: new Flame(element), pick: document.getElementById(element.dataset.pick) }));
  const search = section.querySelector("input[type=search]");
  search.addEventListener("input", () => flames.forEach(({ flame }) => flame.find(search.value.trim())));
  section.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target !== search) flames.forEach(({ flame }) => flame.zoom(flame.whole));
  });
  return { section, flames, search };
});

// A finding's button looks for its function in the graph in which that has most.
for (const button of document.querySelectorAll(".find")) {
  if (sections.length === 0) {
    button.remove();
    continue;
  }
  button.addEventListener("click", () => {
    const { section, flames, search } = sections[0];
    search.value = button.dataset.find;
    const shares = flames.map(({ flame }) => { flame.zoom(flame.whole); return flame.find(search.value); });
    flames[Math.max(0, shares.findIndex((share) => share > 0))].pick.checked = true;
    section.scrollIntoView();
    search.focus({ preventScroll: true });
  });
}

// Charts over time: all that stand together read the same moment.

for (const together of document.querySelectorAll(".plots")) {
  const amount = (value, unit) => unit === "ns" ? duration(value) : unit === "ratio" ? Math.round(100 * value) + " %" : String(value);
  const plots = [...together.querySelectorAll(".plot")].map((figure) => {
    const svg = figure.querySelector("svg");
    return {
      svg, cursor: figure.querySelector(".cursor"), output: figure.querySelector("output"),
      values: svg.dataset.values.split(" ").map(Number), step: Number(svg.dataset.step),
      unit: svg.dataset.unit,
    };
  });
  let at = -1;
  const read = (step) => {
    at = step;
    for (const { cursor, output, values, unit, step: length } of plots) {
      const there = step >= 0 && step < values.length;
      cursor.setAttribute("x1", there ? step + 0.5 : -1);
      cursor.setAttribute("x2", there ? step + 0.5 : -1);
      output.textContent = there ? "at " + duration(step * length) + ": " + amount(values[step], unit) : "";
    }
  };
  for (const { svg, values } of plots) {
    svg.addEventListener("mousemove", (event) => {
      const area = svg.getBoundingClientRect();
      read(Math.min(values.length - 1, Math.floor(values.length * (event.clientX - area.left) / area.width)));
    });
    svg.addEventListener("mouseleave", () => read(-1));
    svg.addEventListener("blur", () => read(-1));
    svg.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (move) {
        event.preventDefault();
        read(Math.max(0, Math.min(values.length - 1, at + move)));
      }
    });
  }
}

// Paper has no clicks.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));

// A link to a rule opens it.
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
};
addEventListener("hashchange", open);
open();
