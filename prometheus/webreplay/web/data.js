// What the page was given: the telling (JSON) and the arrays (gzip in base64). See prometheus/webreplay/pack.py.
"use strict";
const Pwm = { parts: {} };

Pwm.Arrays = class {
  static TYPES = { i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f4: Float32Array };

  constructor(buffer, table) {
    this.buffer = buffer;
    this.table = table;
    this.kept = new Map();
  }

  static async open(element, table) {
    const text = element.textContent;
    const packed = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    element.remove();
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Pwm.Arrays(await new Response(stream).arrayBuffer(), table);
  }

  /** The array of that number in the table, flat. */
  get(number) {
    if (!this.kept.has(number)) this.kept.set(number, this.read(this.table[number]));
    return this.kept.get(number);
  }

  read({ kind, shape, at, track }) {
    const Kind = Pwm.Arrays.TYPES[kind];
    const count = shape.reduce((a, b) => a * b, 1);
    return track ? this.sum(Kind, shape[0], count, at) : new Kind(this.buffer, at, count);
  }

  /** Undo the differences between frames: channel after channel in planes of bytes -> [T, channels]. */
  sum(Kind, frames, count, at) {
    const size = Kind.BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(this.buffer, at, count * size);
    const bits = new (size === 2 ? Uint16Array : Uint32Array)(count);
    const channels = frames ? count / frames : 0;
    for (let c = 0; c < channels; c++) {
      let value = 0;
      for (let t = 0; t < frames; t++) {
        let step = 0;
        for (let b = 0; b < size; b++) step |= bytes[b * count + c * frames + t] << (8 * b);
        value = (value + step) | 0;
        bits[t * channels + c] = value;
      }
    }
    return new Kind(bits.buffer);
  }
};

/** A small element: tag, properties, children; texts stay texts, whatever they hold. */
Pwm.make = (tag, { text, className, ...rest } = {}, ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(rest)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

Pwm.COLORS = { hit: "#5fd38a", miss: "#ff5b4a", false_alarm: "#ffa63d", correct_safe: "#4d6a86" };
Pwm.CALLS = { hit: "hit", miss: "missed", false_alarm: "false alarm", correct_safe: "rightly safe" };
Pwm.FEELINGS = { calm: "#70c88c", curious: "#96cdeb", alert: "#f5cd5a", afraid: "#fa9646", panic: "#ff5242" };
Pwm.LADDER = Object.keys(Pwm.FEELINGS);
Pwm.KINDS = { agent: "#ffd65c", beast: "#ff6a58", man: "#7ab8ff", woman: "#7ab8ff" };
Pwm.kindColor = (kind) => (Object.hasOwn(Pwm.KINDS, kind) ? Pwm.KINDS[kind] : "#c8ccd4");
Pwm.feelingColor = (name) => (Object.hasOwn(Pwm.FEELINGS, name) ? Pwm.FEELINGS[name] : "#98a1b2");

/** The last of rows whose `key` is at most `value`, found by halving; null before the first. */
Pwm.latest = (rows, value, key) => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(rows[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low ? rows[low - 1] : null;
};
