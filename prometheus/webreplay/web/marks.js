// What is drawn over the world: names, skeletons, rays, paths, and which ways the mind holds to be dangerous.
"use strict";

Pwm.WAYS = { forward: 0, left: Math.PI / 2, right: -Math.PI / 2, backward: Math.PI };
Pwm.BONES = [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19].map((parent, k) => [parent, k + 1]);
Pwm.RAY = 12;

Pwm.Marks = class {
  static NAMES = ["names", "danger", "rays", "skeleton", "paths"];

  constructor(stage, actors, labels) {
    this.stage = stage;
    this.actors = actors;
    this.on = { names: true, danger: true, rays: false, skeleton: false, paths: true };
    this.labels = actors.map((actor) => {
      const label = Pwm.make("span");
      label.style.color = Pwm.kindColor(actor.kind);
      labels.append(label);
      return label;
    });
    this.place = new THREE.Vector3();
    this.paths = new THREE.Group();
    for (const actor of actors) this.paths.add(this.path(actor));
    stage.frame.add(this.paths);
    this.rays = this.lines(8, 0xffd65c, 0.75);
    stage.frame.add(this.rays);
    this.bones = actors.map((actor) => {
      const count = Math.max(...actor.suits.map((suit) => suit.nodes.length), Pwm.BONES.length);
      const line = this.lines(2 * count, actor.joints ? 0xffffff : 0xffb0a0, 0.9);
      line.material.depthTest = false;
      line.renderOrder = 5;
      stage.scene.add(line);
      return line;
    });
    this.sectors = new THREE.Group();
    this.wedges = Object.fromEntries(Object.keys(Pwm.WAYS).map((way) => [way, this.wedge(way)]));
    stage.frame.add(this.sectors);
  }

  lines(points, color, opacity) {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(new Float32Array(3 * points), 3));
    const line = new THREE.LineSegments(geometry, new THREE.LineBasicMaterial({ color, transparent: true, opacity, toneMapped: false, fog: false }));
    line.frustumCulled = false;
    return line;
  }

  path(actor) {
    const points = new Float32Array(3 * actor.frames);
    for (let k = 0; k < actor.frames; k++) {
      points.set(actor.places.subarray(4 * k, 4 * k + 3), 3 * k);
      points[3 * k + 2] += 0.04;
    }
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(points, 3));
    const color = new THREE.Color(Pwm.kindColor(actor.kind));
    return new THREE.Line(geometry, new THREE.LineBasicMaterial({ color, transparent: true, opacity: 0.5, toneMapped: false, fog: false }));
  }

  /** A flat sector of a ring about the agent's feet. */
  wedge(way) {
    const points = [];
    const steps = 14;
    for (let k = 0; k < steps; k++) {
      const [a, b] = [k, k + 1].map((i) => Pwm.WAYS[way] + (i / steps - 0.5) * 1.4);
      const at = (angle, r) => [r * Math.cos(angle), r * Math.sin(angle), 0.05];
      points.push(...at(a, 0.7), ...at(a, 1.7), ...at(b, 1.7), ...at(a, 0.7), ...at(b, 1.7), ...at(b, 0.7));
    }
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(new Float32Array(points), 3));
    const material = new THREE.MeshBasicMaterial({ transparent: true, opacity: 0.38, depthWrite: false, toneMapped: false, side: THREE.DoubleSide, fog: false });
    const mesh = new THREE.Mesh(geometry, material);
    this.sectors.add(mesh);
    return mesh;
  }

  /** Draw what is on about `agent`, whose decision in force is `decision`; `at` counts frames from 0. */
  update(agent, decision, at, first) {
    this.paths.visible = this.on.paths;
    this.ray(agent, decision);
    this.danger(agent, decision, first);
    this.actors.forEach((actor, k) => {
      this.bones[k].visible = this.on.skeleton;
      if (this.on.skeleton) this.skeleton(actor, this.bones[k], at);
    });
  }

  ray(agent, decision) {
    const walls = decision?.scene?.walls;
    this.rays.visible = this.on.rays && Boolean(walls);
    if (!this.rays.visible) return;
    const { x, y, z } = agent.spot.position;
    const ends = Object.entries(Pwm.WAYS).flatMap(([way, turn]) => {
      const free = Number.isFinite(walls[way]) ? Math.min(walls[way], Pwm.RAY) : Pwm.RAY;
      const angle = agent.heading + turn;
      return [x, y, z + 1.2, x + free * Math.cos(angle), y + free * Math.sin(angle), z + 1.2];
    });
    this.rays.geometry.attributes.position.array.set(ends);
    this.rays.geometry.attributes.position.needsUpdate = true;
  }

  danger(agent, decision, first) {
    this.sectors.visible = this.on.danger && Boolean(decision);
    if (!this.sectors.visible) return;
    this.sectors.position.copy(agent.spot.position);
    // A prediction is about the directions that its body had when it was made.
    const asked = Math.min(Math.max(decision.asked - 1 - first, 0), agent.frames - 1);
    this.sectors.rotation.z = agent.places[4 * asked + 3];
    for (const [way, mesh] of Object.entries(this.wedges)) {
      const entry = decision.predict.find((one) => one.key === way);
      const call = entry?.call ?? entry?.agreement;
      mesh.visible = Boolean(entry) && (entry.danger || call === "miss");
      if (mesh.visible) mesh.material.color.set(Pwm.COLORS[call] ?? "#ff8a7a");
    }
  }

  skeleton(actor, line, at) {
    const points = line.geometry.attributes.position;
    let n = 0;
    const put = (x, y, z) => points.setXYZ(n++, x, y, z);
    if (actor.joints) {
      const k = 66 * Math.min(Math.round(at), actor.frames - 1);
      for (const bone of Pwm.BONES) for (const j of bone) put(...[0, 1, 2].map((i) => actor.joints[k + 3 * j + i] * 1e-4));
    } else {
      for (const node of actor.suit.nodes) {
        if (!node?.parent?.isObject3D || node.parent.userData.node === undefined) continue;
        for (const end of [node, node.parent]) put(...this.place.setFromMatrixPosition(end.matrixWorld));
      }
    }
    line.geometry.setDrawRange(0, n);
    points.needsUpdate = true;
  }

  /** Put names above heads, once the camera stands. */
  name(camera, width, height, at, chosen) {
    this.actors.forEach((actor, k) => {
      const label = this.labels[k];
      actor.spot.getWorldPosition(this.place);
      this.place.y += actor.told.height + 0.3;
      const away = this.place.distanceTo(camera.position);
      this.place.project(camera);
      const shown = this.on.names && this.place.z < 1 && this.place.z > -1 && away < 60 && away > 1;
      label.hidden = !shown;
      if (!shown) return;
      const doing = actor.behavior(at);
      const text = doing ? `${actor.id} - ${doing}` : actor.id;
      if (label.textContent !== text) label.textContent = text;
      const x = (this.place.x + 1) / 2 * width;
      const y = (1 - this.place.y) / 2 * height;
      label.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -100%)`;
      label.style.opacity = actor === chosen ? 1 : Math.max(0.35, 1 - away / 70);
    });
  }
};
