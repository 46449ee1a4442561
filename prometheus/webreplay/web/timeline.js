// The timeline: feeling as a band, decisions as marks coloured by what became of them, contacts, and where we are.
"use strict";

Pwm.Timeline = class {
  constructor(canvas, told, seek) {
    this.canvas = canvas;
    this.told = told;
    this.seek = seek;
    this.back = null;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drag(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && this.drag(event));
  }

  get end() {
    return (this.told.first - 1 + this.told.frames) / this.told.fps;
  }

  drag(event) {
    const box = this.canvas.getBoundingClientRect();
    this.seek(((event.clientX - box.left) / box.width) * this.end);
  }

  /** The worst call of a decision, or null where nothing was called. */
  static worst(decision) {
    const calls = decision.predict.map((entry) => entry.call ?? entry.agreement);
    return ["miss", "false_alarm", "hit", "correct_safe"].find((call) => calls.includes(call)) ?? null;
  }

  draw(mind, actor, seconds) {
    const { context, width, height } = Pwm.sharp(this.canvas);
    const key = [mind, width, height];
    if (!this.back || this.back.key.some((value, k) => value !== key[k])) {
      this.back = { key, picture: this.paint(mind, actor, width, height) };
    }
    context.clearRect(0, 0, width, height);
    context.drawImage(this.back.picture, 0, 0, width, height);
    const x = (seconds / this.end) * width;
    context.fillStyle = "#ffffff1c";
    context.fillRect(0, 0, x, height);
    context.fillStyle = "#ffffff";
    context.fillRect(x - 1, 0, 2, height);
  }

  paint(mind, actor, width, height) {
    const { told } = this;
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.max(1, width * ratio), Math.max(1, height * ratio)];
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const x = (frame) => (frame / told.fps / this.end) * width;
    const rows = mind.decisions;
    rows.forEach((row, k) => {
      const end = k + 1 < rows.length ? rows[k + 1].frame : told.first - 1 + told.frames;
      const level = Math.max(0, Pwm.LADDER.indexOf(row.emotion));
      const tall = ((level + 1) / 5) * 18;
      context.fillStyle = `${Pwm.feelingColor(row.emotion)}b0`;
      context.fillRect(x(row.frame), 26 - tall, Math.max(1, x(end) - x(row.frame)), tall);
    });
    for (const row of rows) {
      const call = Pwm.Timeline.worst(row);
      context.fillStyle = Pwm.COLORS[call] ?? "#667085";
      context.fillRect(x(row.frame) - 1.5, 30, 3, row.replaced ? 14 : 10);
    }
    context.fillStyle = "#ff5b4a";
    for (const k of actor.told.touches) context.fillRect(x(told.first + k) - 1, 0, 2, 5);
    context.fillStyle = "#98a1b2";
    context.font = "10px system-ui, sans-serif";
    const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((s) => (s / this.end) * width > 55) ?? 1200;
    for (let s = 0; s <= this.end + 1e-6; s += step) {
      const at = (s / this.end) * width;
      context.fillRect(at, height - 12, 1, 3);
      context.fillText(`${s} s`, Math.min(at + 3, width - 24), height - 3);
    }
    return canvas;
  }
};
