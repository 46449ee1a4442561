// The player: time, cameras, keys; and `window.pwm`, through which a program asks where everybody is.
"use strict";

Pwm.Player = class {
  static SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8];
  /** How finely a moving picture is drawn where a browser draws slowly; a still one is always drawn finely. */
  static SCALES = [1, 0.75, 0.5, 0.4];
  static CAMERAS = ["follow", "orbit", "eyes", "above"];

  constructor(told) {
    this.told = told;
    this.time = 0;
    this.speed = 1;
    this.playing = false;
    this.quality = 0;
    this.slow = 0;
    this.camera = "follow";
    this.end = (told.first - 1 + told.frames) / told.fps;
    document.getElementById("title").textContent = told.title;
    document.getElementById("about").textContent = `seed ${told.seed} \u00b7 brain ${told.brain}${told.complete ? "" : " \u00b7 cut off"}`;
    this.note = document.getElementById("note");
  }

  async open() {
    const { told } = this;
    const arrays = await Pwm.Arrays.open(document.getElementById("pack"), told.pack);
    const canvas = document.getElementById("world");
    this.panel = new Pwm.Panel(document.getElementById("mind"), told, (name) => this.choose(name));
    this.timeline = new Pwm.Timeline(document.getElementById("timeline"), told, (time) => this.seek(time));
    this.shots = told.shots === null ? null : arrays.get(told.shots);
    this.stage = Pwm.Player.stage(canvas, told, arrays);
    if (this.stage) {
      await this.stage.build();
      this.actors = told.actors.map((actor) => new Pwm.Actor(actor, arrays, this.stage));
      const bodies = new Pwm.Bodies(told.bodies, arrays);
      await Promise.all(this.actors.map((actor) => actor.dress(bodies, arrays, this.stage.scene)));
      this.marks = new Pwm.Marks(this.stage, this.actors, document.getElementById("labels"));
      this.eye = new THREE.PerspectiveCamera(53, 1, 0.12, 600);
      this.controls = new THREE.OrbitControls(this.eye, canvas);
      this.controls.maxDistance = 120;
      this.controls.addEventListener("start", () => this.look("orbit"));
      this.aim = new THREE.Vector3();
      this.note.textContent = "";
    } else {
      this.note.textContent = "This page draws the world with WebGL, which is turned off or missing in this browser. Turn on hardware "
        + "acceleration or try another browser; what the mind thought is shown beside, and `pwm replay --video` makes a film.";
    }
    this.choose(Object.keys(told.minds)[0]);
    this.buttons();
    this.keys();
    this.seek(this.wanted() ?? told.first / told.fps);
    window.addEventListener("hashchange", () => this.seek(this.wanted() ?? this.time));
    let before = performance.now();
    const turn = (now) => {
      this.pace((now - before) / 1000);
      this.step(Math.min((now - before) / 1000, 0.25));
      before = now;
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  static stage(canvas, told, arrays) {
    const probe = document.createElement("canvas").getContext("webgl2");
    if (!probe) return null;
    const info = probe.getExtension("WEBGL_debug_renderer_info");
    const name = String(probe.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : probe.RENDERER));
    probe.getExtension("WEBGL_lose_context")?.loseContext();
    return new Pwm.Stage(canvas, told, arrays, /swiftshader|llvmpipe|software|basic render/i.test(name));
  }

  /** The seconds that the address asks for, as in replay.html#t=5.2. */
  wanted() {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(window.location.hash);
    return found ? Number(found[1]) : null;
  }

  seek(time) {
    this.time = Math.min(Math.max(Number.isFinite(time) ? time : 0, 0), this.end);
    this.jumped = true;
  }

  /** Frames from 0, with the share on the way to the next. */
  get at() {
    return Math.min(Math.max(this.time * this.told.fps - this.told.first, 0), this.told.frames - 1);
  }

  /** The number of the frame that is shown, as the episode counts. */
  get frame() {
    return Math.floor(this.at + 1e-6) + this.told.first;
  }

  choose(name) {
    this.panel.choose(name);
    this.agent = (this.actors ?? []).find((actor) => actor.id === name) ?? null;
    this.jumped = true;
  }

  step(passed) {
    if (this.playing) {
      this.time += passed * this.speed;
      if (this.time >= this.end) {
        this.time = this.end;
        this.play(false);
      }
    }
    const decision = this.panel.draw(this.frame, this.time);
    const told = this.told.actors.find((actor) => actor.id === this.panel.agent);
    this.timeline.draw(this.panel.mind, { told }, this.time);
    const clock = `${this.time.toFixed(2)} s`;
    if (this.clock.textContent !== clock) this.clock.textContent = clock;
    if (!this.stage || !(this.playing || this.stale())) return;
    this.pose();
    this.marks.update(this.agent, decision, this.at, this.told.first);
    this.view(this.jumped ? 1 : passed);
    this.jumped = false;
    this.stage.draw(this.eye, this.time);
    const { clientWidth, clientHeight } = this.stage.renderer.domElement;
    this.marks.name(this.eye, clientWidth, clientHeight, this.at, this.agent);
  }

  /** Draw less finely after half a second of pictures that came too slowly. */
  pace(passed) {
    this.slow = this.playing && passed > 0.06 ? this.slow + passed : 0;
    if (this.slow > 0.5 && this.quality < Pwm.Player.SCALES.length - 1) {
      this.quality = Math.min(this.quality + (passed > 0.3 ? 2 : 1), Pwm.Player.SCALES.length - 1);
      this.slow = 0;
    }
  }

  /** Whether what is seen has changed since it was drawn, though time stands still. */
  stale() {
    const canvas = this.stage.renderer.domElement;
    const seen = [this.time, canvas.clientWidth, canvas.clientHeight, this.camera, this.panel.agent, ...Object.values(this.marks.on)].join();
    const turned = this.camera === "orbit" && this.controls.update();
    const changed = this.jumped || turned || seen !== this.seen;
    this.seen = seen;
    return changed;
  }

  /** Put everybody and everything where it is now. */
  pose() {
    const { at, stage } = this;
    for (const actor of this.actors) actor.move(at);
    const k = Math.floor(at);
    const next = Math.min(k + 1, this.told.frames - 1);
    for (const { group, track } of stage.things) {
      const [a, b] = [track.subarray(7 * k, 7 * k + 7), track.subarray(7 * next, 7 * next + 7)];
      group.position.set(...[0, 1, 2].map((i) => a[i] + (at - k) * (b[i] - a[i])));
      group.quaternion.set(a[3], a[4], a[5], a[6]).normalize();
      if (at > k) group.quaternion.slerp(new THREE.Quaternion(b[3], b[4], b[5], b[6]).normalize(), at - k);
    }
    stage.scene.updateMatrixWorld(true);
  }

  view(passed) {
    const { eye, agent } = this;
    const canvas = this.stage.renderer.domElement;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const ratio = Math.min(window.devicePixelRatio || 1, 2) * (this.playing ? Pwm.Player.SCALES[this.quality] : 1);
    this.stage.sun.castShadow = !this.playing || this.quality < 3;
    if (this.sized !== `${width} ${height} ${ratio}`) {
      this.sized = `${width} ${height} ${ratio}`;
      this.stage.renderer.setPixelRatio(ratio);
      this.stage.renderer.setSize(width, height, false);
      eye.aspect = width / Math.max(height, 1);
    }
    const feet = agent.spot.getWorldPosition(new THREE.Vector3());
    this.controls.enabled = true;
    eye.fov = this.camera === "eyes" ? 69 : 53;
    eye.updateProjectionMatrix();
    Pwm.Cameras[this.camera].call(this, feet, passed);
    agent.suit.root.visible = this.camera !== "eyes";
    this.stage.shadeAround(feet);
    eye.updateMatrixWorld();
  }

  look(camera) {
    if (this.camera === camera) return;
    this.camera = camera;
    this.jumped = camera !== "orbit";
    if (this.cameraSelect) this.cameraSelect.value = camera;
  }

  play(on) {
    if (on && this.time >= this.end - 1e-6) this.seek(0);
    this.playing = on;
    this.slow = 0;
    this.jumped = true;
    if (this.playButton) this.playButton.textContent = on ? "Pause" : "Play";
  }

  rate(speed) {
    this.speed = speed;
    if (this.speedSelect) this.speedSelect.value = String(speed);
  }

  buttons() {
    const { make } = Pwm;
    const button = (text, title, act) => {
      const made = make("button", { text, title, type: "button" });
      made.addEventListener("click", act);
      return made;
    };
    const choice = (label, options, value, act) => {
      const made = make("select", { title: label, "aria-label": label }, ...options.map(([v, text]) => make("option", { value: v, text })));
      made.value = value;
      made.addEventListener("change", () => act(made.value));
      return made;
    };
    this.playButton = button("Play", "Space", () => this.play(!this.playing));
    this.playButton.id = "play";
    this.speedSelect = choice("Speed", Pwm.Player.SPEEDS.map((s) => [String(s), `${s} \u00d7`]), "1", (value) => this.rate(Number(value)));
    this.cameraSelect = choice("Camera", Pwm.Player.CAMERAS.map((c) => [c, c]), this.camera, (value) => this.look(value));
    this.clock = make("b");
    const toggles = Pwm.Marks.NAMES.map((name, k) => {
      const made = button(name, `Key ${k + 1}`, () => {
        this.marks.on[name] = !this.marks.on[name];
        made.setAttribute("aria-pressed", String(this.marks.on[name]));
      });
      made.setAttribute("aria-pressed", String(this.marks?.on[name] ?? false));
      made.disabled = !this.marks;
      return made;
    });
    this.toggles = toggles;
    this.cameraSelect.disabled = !this.stage;
    document.getElementById("buttons").replaceChildren(
      this.playButton, button("\u25c2", "A frame back (left arrow)", () => this.nudge(-1)), button("\u25b8", "A frame on (right arrow)", () => this.nudge(1)),
      make("span", { id: "clock" }, this.clock, ` of ${this.end.toFixed(2)} s`), this.speedSelect, make("span", { className: "gap" }), ...toggles, this.cameraSelect,
    );
  }

  nudge(frames) {
    this.play(false);
    this.seek((Math.round(this.time * this.told.fps) + frames) / this.told.fps);
  }

  keys() {
    const faster = (step) => {
      const speeds = Pwm.Player.SPEEDS;
      this.rate(speeds[Math.min(Math.max(speeds.indexOf(this.speed) + step, 0), speeds.length - 1)]);
    };
    const acts = {
      " ": () => this.play(!this.playing), ArrowLeft: () => this.nudge(-1), ArrowRight: () => this.nudge(1),
      Home: () => this.seek(0), End: () => this.seek(this.end), "[": () => faster(-1), "]": () => faster(1),
      c: () => this.look(Pwm.Player.CAMERAS[(Pwm.Player.CAMERAS.indexOf(this.camera) + 1) % 4]),
    };
    this.toggles.forEach((toggle, k) => { acts[String(k + 1)] = () => toggle.click(); });
    window.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, summary") || !Object.hasOwn(acts, event.key)) return;
      if (event.key === " " && event.target.closest("button")) return;
      event.preventDefault();
      acts[event.key]();
    });
  }

  /** Where everything is at a time, read from the scene that is drawn: world frame (x forward, y left, z up), m. */
  positions(time) {
    this.seek(time);
    this.pose();
    const place = new THREE.Vector3();
    const of = (object) => {
      place.setFromMatrixPosition(object.matrixWorld);
      return [place.z, place.x, place.y];
    };
    const actors = this.actors.map((actor) => [actor.id, { position: of(actor.spot), heading: actor.heading, nodes: actor.suit.nodes.map(of) }]);
    const things = this.stage.things.map(({ name, group }) => [`prop ${name}`, { position: of(group) }]);
    return Object.fromEntries([...actors, ...things]);
  }
};

/** Where the camera stands; each is called with the player as `this`, the agent's feet and the seconds since the last picture. */
Pwm.Cameras = {
  follow(feet, passed) {
    const { eye, aim, shots } = this;
    if (shots && this.agent === this.actors.find((actor) => actor.id === this.told.shot)) {
      const k = Math.floor(this.at);
      const next = Math.min(k + 1, this.told.frames - 1);
      const value = (i) => shots[6 * k + i] + (this.at - k) * (shots[6 * next + i] - shots[6 * k + i]);
      eye.position.set(value(0), value(1), value(2));
      aim.set(value(3), value(4), value(5));
    } else {
      const soft = 1 - Math.exp(-4 * passed);
      const behind = new THREE.Vector3(-Math.sin(this.agent.heading), 0, -Math.cos(this.agent.heading));
      const wanted = feet.clone().addScaledVector(behind, 4.4).add(new THREE.Vector3(0, 1.9, 0));
      eye.position.lerp(wanted, this.jumped ? 1 : soft);
      aim.lerp(feet.clone().add(new THREE.Vector3(0, 0.95, 0)), this.jumped ? 1 : soft);
    }
    eye.up.set(0, 1, 0);
    eye.lookAt(aim);
    this.controls.target.copy(feet).add(new THREE.Vector3(0, 0.95, 0));
    this.before = feet.clone();
  },

  orbit(feet) {
    const moved = feet.clone().sub(this.before ?? feet);
    this.eye.position.add(moved);
    this.controls.target.add(moved);
    this.before = feet.clone();
    this.eye.up.set(0, 1, 0);
    this.controls.update();
  },

  eyes(feet) {
    const ahead = new THREE.Vector3(Math.sin(this.agent.heading), 0, Math.cos(this.agent.heading));
    this.eye.up.set(0, 1, 0);
    this.eye.position.copy(feet).addScaledVector(ahead, 0.14).add(new THREE.Vector3(0, 0.925 * this.agent.told.height, 0));
    this.eye.lookAt(this.eye.position.clone().add(ahead).add(new THREE.Vector3(0, -0.06, 0)));
    this.before = feet.clone();
  },

  above(feet) {
    this.eye.up.set(0, 0, 1);
    this.eye.position.copy(feet).add(new THREE.Vector3(0, 16, 0));
    this.eye.lookAt(feet);
    this.before = feet.clone();
  },
};

Pwm.start = async () => {
  const note = document.getElementById("note");
  try {
    const told = JSON.parse(document.getElementById("told").textContent);
    const player = new Pwm.Player(told);
    await player.open();
    return Object.freeze({
      fps: told.fps, frames: told.frames, first: told.first, duration: player.end,
      positions: (time) => player.positions(time), seek: (time) => player.seek(time), time: () => player.time,
      play: () => player.play(true), pause: () => player.play(false), speed: (rate) => player.rate(rate),
      camera: (name) => player.look(name), choose: (agent) => player.choose(agent),
    });
  } catch (error) {
    note.textContent = `This page could not be opened: ${error.message}`;
    throw error;
  }
};
window.pwm = Pwm.start();
