// The dashboard: what the agent's mind saw, predicted, said, felt, and why. Texts are set as texts, never as markup.
"use strict";

Pwm.SIDES = ["ahead", "ahead left", "left", "behind left", "behind", "behind right", "right", "ahead right"];

Pwm.Panel = class {
  constructor(root, told, choose) {
    this.told = told;
    this.compass = new Pwm.Compass();
    this.open = new Set();
    const names = Object.keys(told.minds);
    this.agent = names[0];
    const make = Pwm.make;
    this.parts = Object.fromEntries(["brain", "sees", "predict", "motion", "why"].map((name) => [name, make("div")]));
    this.feeling = make("canvas", { id: "feeling", "aria-label": "Feeling over time" });
    this.feels = make("em");
    this.when = make("em");
    this.turn = make("em");
    const select = make("select", { "aria-label": "Whose mind" }, ...names.map((name) => make("option", { text: Pwm.short(name, 60), value: name })));
    select.addEventListener("change", () => choose(select.value));
    const legend = make("div", { className: "legend" }, ...["hit", "miss", "false_alarm", "correct_safe"].map((call) => {
      const dot = make("i");
      dot.style.background = Pwm.COLORS[call];
      return make("span", {}, dot, Pwm.CALLS[call]);
    }));
    const section = (title, side, ...children) => make("section", {}, make("h2", {}, title, side ?? ""), ...children);
    root.replaceChildren(
      section("Mind", this.when, ...(names.length > 1 ? [select] : []), this.parts.brain),
      section("Scene", null, this.parts.sees),
      section("Predict", this.turn, make("div", { className: "pair" }, this.compass.svg, legend)),
      section("Motion", null, this.parts.motion),
      section("Feeling", this.feels, this.feeling),
      section("Why", null, this.parts.predict, this.parts.why),
    );
    this.shown = undefined;
  }

  choose(agent) {
    this.agent = agent;
    this.shown = undefined;
  }

  get mind() {
    return this.told.minds[this.agent];
  }

  /** The decision in force in a frame (by its number), or null. */
  decision(frame) {
    return Pwm.latest(this.mind.decisions, frame, (row) => row.frame);
  }

  draw(frame, seconds) {
    const decision = this.decision(frame);
    const known = Boolean(decision && decision.settled !== null && decision.settled <= frame);
    const key = `${this.agent}\n${decision?.frame}\n${known}`;
    if (key !== this.shown) {
      this.shown = key;
      this.fill(decision, known);
    }
    this.curve(frame, seconds);
    return decision;
  }

  fill(decision, known) {
    const { make } = Pwm;
    const { brain, sees, predict, motion, why } = this.parts;
    this.compass.draw(decision, known);
    this.turn.textContent = known ? "after two seconds" : "judged at once";
    if (!decision) {
      brain.replaceChildren(make("p", { className: "soft", text: this.mind.brain }));
      for (const part of [sees, predict, motion, why]) part.replaceChildren(make("p", { className: "soft", text: "nothing decided yet" }));
      this.when.textContent = "";
      return;
    }
    this.when.textContent = `decided at ${(decision.frame / this.told.fps).toFixed(2)} s`;
    const facts = [
      decision.brain,
      decision.route === "brain" ? null : decision.route,
      decision.confidence === null ? null : `${Math.round(100 * decision.confidence)} % sure`,
      decision.latency === null ? null : `${Math.round(1000 * decision.latency)} ms`,
      decision.tokens[0] + decision.tokens[1] ? `${decision.tokens[0]} + ${decision.tokens[1]} tokens` : null,
      decision.cost ? `$${decision.cost.toFixed(5)}` : null,
    ];
    brain.replaceChildren(this.chips(facts));
    sees.replaceChildren(...Pwm.Panel.scene(decision).filter(Boolean).map((text) => make("p", { className: "line", text })));
    motion.replaceChildren(make("p", { className: "motion", text: decision.motion }));
    if (decision.replaced) motion.append(make("p", { className: "judge", text: `judge: ${decision.command}` }));
    if (decision.reason) motion.append(make("p", { className: "soft", text: decision.reason }));
    predict.replaceChildren(...decision.predict.map((entry) => this.entry(entry, known)));
    why.replaceChildren(
      this.fold("answer", "Answer, word for word", decision.text || "(empty)"),
      this.fold("scene", "Scene as it was sent", JSON.stringify(decision.scene, null, 1)),
      this.fold("prompt", "Prompt", `${this.told.prompts[decision.prompt.system] ?? ""}\n\n${decision.prompt.user}`),
    );
  }

  chips(texts) {
    return Pwm.make("div", { className: "chips" }, ...texts.filter(Boolean).map((text) => Pwm.make("span", { text })));
  }

  entry(entry, known) {
    const { make } = Pwm;
    const call = known ? entry.call ?? entry.agreement : entry.agreement;
    const where = Number.isFinite(entry.distance) ? `, ${entry.distance.toFixed(1)} m` : "";
    const said = entry.danger ? `danger: ${entry.kind ?? "something"}${where}${entry.detail ? `, ${entry.detail}` : ""}` : "safe";
    const row = make("div", { className: "entry" }, make("span", { className: "soft", text: entry.key }),
      make("span", { className: entry.danger ? "danger" : "safe", text: said }),
      make("span", { className: call ?? "soft", text: Pwm.CALLS[call] ?? "" }));
    const notes = (entry.cites ?? []).map((thing) => `cites ${Pwm.Panel.cited(thing)}`);
    if (known && entry.call) notes.push(entry.happened ? `then came ${entry.happened.kind} after ${Number(entry.happened.time_s).toFixed(1)} s` : entry.danger ? "then nothing came" : "");
    const note = notes.filter(Boolean).join("; ");
    if (note) row.append(make("small", { text: note }));
    return row;
  }

  fold(key, title, text) {
    const fold = Pwm.make("details", {}, Pwm.make("summary", { text: title }), Pwm.make("pre", { text }));
    fold.open = this.open.has(key);
    fold.addEventListener("toggle", () => this.open[fold.open ? "add" : "delete"](key));
    return fold;
  }

  static scene({ scene, beings, emotion }) {
    const far = (value) => (Number.isFinite(value) ? `${value.toFixed(1)} m` : "open");
    const seen = beings.map((being) => {
      const side = Number.isFinite(being.bearing) ? Pwm.SIDES[((Math.round(being.bearing / (Math.PI / 4)) % 8) + 8) % 8] : "";
      return [being.type, being.behavior, Number.isFinite(being.distance) ? far(being.distance) : "", side].filter(Boolean).join(" ");
    });
    const walls = scene.walls && typeof scene.walls === "object" ? Object.entries(scene.walls).map(([way, free]) => `${way} ${far(free)}`) : [];
    const ways = walls.length ? `free: ${walls.join(", ")}` : "";
    const more = [scene.sound && `hears ${scene.sound}`, scene.ground !== "flat" && scene.ground, `feels ${emotion}`].filter(Boolean).join(" \u00b7 ");
    return [seen.join(" \u00b7 "), ways, more, scene.task ? `task: ${scene.task}` : ""];
  }

  static cited(thing) {
    const far = Number.isFinite(thing.distance) ? ` at ${thing.distance.toFixed(1)} m` : "";
    if (thing.object === "wall") return `the wall ${thing.direction}${far}`;
    if (thing.object === "entity") return `${thing.type} ${thing.id ?? ""}${far}`;
    return thing.object === "memory" ? `its memory: ${thing.token}` : `the ground: ${thing.ground}`;
  }

  /** The last thirty seconds of feeling: a coloured band for the emotion, a line for how strongly it shows. */
  curve(frame, seconds) {
    const { context, width, height } = Pwm.sharp(this.feeling);
    const { fps } = this.told;
    const begin = Math.max(0, seconds - 30);
    const x = (at) => ((at / fps - begin) / 30) * width;
    context.clearRect(0, 0, width, height);
    const rows = this.mind.decisions;
    let line = [];
    rows.forEach((row, k) => {
      const end = k + 1 < rows.length ? rows[k + 1].frame : Infinity;
      if (row.frame > frame || end / fps < begin) return;
      const [a, b] = [Math.max(0, x(row.frame)), Math.min(x(Math.min(end, frame)), width)];
      const level = Math.max(0, Pwm.LADDER.indexOf(row.emotion));
      const top = height - ((level + 1) / 5.4) * height;
      context.fillStyle = `${Pwm.feelingColor(row.emotion)}55`;
      context.fillRect(a, top, Math.max(b - a, 1), height - top);
      context.fillStyle = Pwm.feelingColor(row.emotion);
      context.fillRect(a, top, Math.max(b - a, 1), 2);
      line.push([a, row.intensity], [b, row.intensity]);
    });
    line = line.filter(([, intensity]) => intensity !== null);
    context.strokeStyle = "#e9e7df";
    context.lineWidth = 1.2;
    context.beginPath();
    line.forEach(([at, intensity], k) => context[k ? "lineTo" : "moveTo"](at, height - 3 - intensity * (height - 8)));
    context.stroke();
    const feels = this.decision(frame)?.emotion ?? "";
    if (this.feels.textContent !== feels) {
      this.feels.textContent = feels;
      this.feels.style.color = Pwm.feelingColor(feels);
    }
  }
};

/** A canvas as large as it is shown, sharp on fine screens. */
Pwm.sharp = (canvas) => {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const { clientWidth: width, clientHeight: height } = canvas;
  const size = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
};
