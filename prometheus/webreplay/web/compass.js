// The compass: what was predicted for each direction, coloured by the verdict, about what the mind saw. Forward is up.
"use strict";

Pwm.Compass = class {
  constructor() {
    this.svg = Pwm.Compass.shape("svg", { id: "compass", viewBox: "-112 -108 224 216", role: "img" });
    this.svg.setAttribute("aria-label", "Predictions by direction");
  }

  static shape(tag, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  /** Left is positive: a bearing of a quarter turn points to the left of the picture. */
  static spot(angle, r) {
    return [(-r * Math.sin(angle)).toFixed(1), (-r * Math.cos(angle)).toFixed(1)];
  }

  static sector(middle, half, inner, outer, attributes) {
    const p = (angle, r) => Pwm.Compass.spot(angle, r).join(" ");
    const [a, b] = [middle - half, middle + half];
    const d = `M${p(a, inner)} L${p(a, outer)} A${outer} ${outer} 0 0 0 ${p(b, outer)} L${p(b, inner)} A${inner} ${inner} 0 0 1 ${p(a, inner)} Z`;
    return Pwm.Compass.shape("path", { d, ...attributes });
  }

  /** Draw a decision; what became of it is shown once that is known. */
  draw(decision, known) {
    const { shape, spot, sector } = Pwm.Compass;
    const parts = [shape("circle", { r: 96, fill: "#10151f", stroke: "#262e3d" })];
    for (const r of [24, 48]) parts.push(shape("circle", { r, fill: "none", stroke: "#1f2735" }));
    for (const [way, angle] of Object.entries(Pwm.WAYS)) {
      const entry = decision?.predict.find((one) => one.key === way);
      const call = known ? entry?.call ?? entry?.agreement : entry?.agreement;
      const fill = entry ? Pwm.COLORS[call] ?? (entry.danger ? "#8b4a44" : "#33475c") : "#1a212d";
      parts.push(sector(angle, 0.7, 74, 95, { fill, "fill-opacity": entry?.danger || call === "miss" ? 0.95 : 0.5 }));
      const [x, y] = spot(angle, 84.5);
      const tilt = Math.abs(Math.sin(angle)) > 0.5 ? `rotate(${angle > 0 ? -90 : 90} ${x} ${y})` : "";
      const label = { x, y, transform: tilt, fill: entry?.danger ? "#10131a" : "#d5dbe4", "font-weight": 600 };
      if (entry) parts.push(shape("text", label, entry.danger ? Pwm.short(entry.kind ?? "danger", 9) : "safe"));
    }
    this.forecast(decision, parts);
    this.beings(decision, parts);
    parts.push(shape("path", { d: "M0 -9 L6 7 L0 3.5 L-6 7 Z", fill: "#ffd65c" }));
    for (const [text, y] of [["ahead", -103], ["behind", 103]]) parts.push(shape("text", { x: 0, y, fill: "#98a1b2" }, text));
    this.svg.replaceChildren(...parts);
  }

  /** What physics saw coming, in eight directions: a thin ring, red where something is met within two seconds. */
  forecast(decision, parts) {
    const ways = ["forward", "forward-left", "left", "backward-left", "backward", "backward-right", "right", "forward-right"];
    ways.forEach((way, k) => {
      const risk = decision?.forecast?.[way];
      if (!risk) return;
      parts.push(Pwm.Compass.sector((k * Math.PI) / 4, 0.34, 66, 71, { fill: risk.danger ? "#ff5b4a" : "#2f6b4a" }));
    });
  }

  beings(decision, parts) {
    let below = false;
    for (const being of decision?.beings ?? []) {
      if (!Number.isFinite(being.distance)) continue;
      const [x, y] = Pwm.Compass.spot(Number.isFinite(being.bearing) ? being.bearing : 0, 62 * Math.min(1, Math.log1p(being.distance) / Math.log(16)));
      parts.push(Pwm.Compass.shape("circle", { cx: x, cy: y, r: 5, fill: Pwm.kindColor(being.type), stroke: "#0d1017" }));
      parts.push(Pwm.Compass.shape("text", { x, y: Number(y) + (below ? 11 : -10), fill: "#e9e7df" }, `${Pwm.short(being.type ?? "", 10)} ${being.distance.toFixed(1)}`));
      below = !below;
    }
  }
};

Pwm.short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);
