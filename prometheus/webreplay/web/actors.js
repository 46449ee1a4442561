// Everybody: the GLBs that they wear, and how their nodes move. See prometheus/webreplay/tracks.py.
"use strict";

Pwm.Actor = class {
  constructor(told, arrays, stage) {
    this.id = told.id;
    this.kind = told.kind;
    this.told = told;
    this.places = arrays.get(told.places);
    this.frames = this.places.length / 4;
    this.joints = told.joints === null ? null : arrays.get(told.joints);
    this.spot = new THREE.Group();
    stage.frame.add(this.spot);
    this.suits = [];
  }

  async dress(bodies, arrays, scene) {
    for (const pose of this.told.poses) this.suits.push(new Pwm.Suit(pose, arrays, await bodies.take(pose.body), scene));
  }

  /** Put the actor where it is at a moment between frames: `at` counts frames from 0. */
  move(at) {
    const k = Math.min(Math.floor(at), this.frames - 1);
    const next = Math.min(k + 1, this.frames - 1);
    const share = at - k;
    const a = this.places.subarray(4 * k, 4 * k + 4);
    const b = this.places.subarray(4 * next, 4 * next + 4);
    this.spot.position.set(...[0, 1, 2].map((i) => a[i] + share * (b[i] - a[i])));
    const turn = Math.atan2(Math.sin(b[3] - a[3]), Math.cos(b[3] - a[3]));
    this.heading = a[3] + share * turn;
    this.spot.rotation.z = this.heading;
    this.speed = next > k ? Math.hypot(b[0] - a[0], b[1] - a[1]) * 20 : this.speed || 0;
    const worn = this.wears(k);
    for (const suit of this.suits) suit.root.visible = suit === worn;
    const stays = this.wears(next) === worn;
    worn.move(k - worn.from, stays ? next - worn.from : k - worn.from, share);
    this.suit = worn;
  }

  wears(k) {
    return Pwm.latest(this.suits, k, (suit) => suit.from);
  }

  behavior(at) {
    return Pwm.latest(this.told.behaviors, at, (run) => run[0])?.[1] ?? "";
  }
};

/** One body while an actor wears it: its nodes, and which of them turn, move, change size or do all by a matrix. */
Pwm.Suit = class {
  constructor(pose, arrays, { root, nodes }, scene) {
    this.from = pose.from;
    this.root = root;
    this.nodes = nodes;
    scene.add(root);
    this.tracks = ["turns", "moves", "sizes", "whole"].filter((name) => pose[name]).map((name) => ({
      apply: Pwm.Suit[name], nodes: pose[name].nodes.map((k) => nodes[k]), values: arrays.get(pose[name].values),
    }));
    for (const track of this.tracks) {
      if (track.apply === Pwm.Suit.whole) for (const node of track.nodes) node.matrixAutoUpdate = false;
    }
  }

  move(k, next, share) {
    for (const { apply, nodes, values } of this.tracks) {
      const row = values.length ? nodes.length : 0;
      for (let j = 0; j < row; j++) apply(nodes[j], values, k * row + j, next * row + j, share);
    }
  }

  static turns(node, v, a, b, share) {
    const { _from: from, _to: to } = Pwm.Suit;
    from.set(v[4 * a], v[4 * a + 1], v[4 * a + 2], v[4 * a + 3]).normalize();
    if (share > 0) from.slerp(to.set(v[4 * b], v[4 * b + 1], v[4 * b + 2], v[4 * b + 3]).normalize(), share);
    node.quaternion.copy(from);
  }

  static moves(node, v, a, b, share) {
    node.position.set(...[0, 1, 2].map((i) => v[3 * a + i] + share * (v[3 * b + i] - v[3 * a + i])));
  }

  static sizes(node, v, a, b, share) {
    node.scale.set(...[0, 1, 2].map((i) => v[3 * a + i] + share * (v[3 * b + i] - v[3 * a + i])));
  }

  static whole(node, v, a, b, share) {
    const m = (i) => v[12 * a + i] + share * (v[12 * b + i] - v[12 * a + i]);
    node.matrix.set(m(0), m(1), m(2), m(3), m(4), m(5), m(6), m(7), m(8), m(9), m(10), m(11), 0, 0, 0, 1);
    node.matrixWorldNeedsUpdate = true;
  }
};
Pwm.Suit._from = new THREE.Quaternion();
Pwm.Suit._to = new THREE.Quaternion();

/** The GLBs, each read once and given out in copies. */
Pwm.Bodies = class {
  constructor(numbers, arrays) {
    this.numbers = numbers;
    this.arrays = arrays;
    this.read = new Map();
  }

  async take(number) {
    if (!this.read.has(number)) this.read.set(number, this.parse(this.arrays.get(this.numbers[number])));
    const root = THREE.clone(await this.read.get(number));
    const nodes = [];
    root.traverse((node) => {
      if (node.userData.node !== undefined) nodes[node.userData.node] = node;
    });
    return { root, nodes };
  }

  async parse(bytes) {
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const gltf = await new THREE.GLTFLoader().parseAsync(file, "");
    const nodes = await gltf.parser.getDependencies("node");
    nodes.forEach((node, k) => { node.userData.node = k; });
    const made = new Map();
    gltf.scene.traverse((node) => {
      if (!node.isMesh) return;
      if (!made.has(node.material)) made.set(node.material, Pwm.Bodies.surface(node.material));
      node.material = made.get(node.material);
      node.frustumCulled = false;
      node.castShadow = node.receiveShadow = true;
    });
    return gltf.scene;
  }

  /** A plainer surface: there is nothing around that polished metal could mirror. */
  static surface(given) {
    if (given.isMeshBasicMaterial) {
      given.toneMapped = false;
      return given;
    }
    const color = given.color.clone().multiplyScalar(1 - 0.35 * (given.metalness ?? 0));
    const smooth = 1 - (given.roughness ?? 1);
    const gleam = 0.03 + 0.25 * smooth * (0.5 + (given.metalness ?? 0));
    return new THREE.MeshPhongMaterial({
      color, map: given.map, emissive: given.emissive, vertexColors: given.vertexColors, side: given.side,
      transparent: given.transparent, opacity: given.opacity, alphaTest: given.alphaTest, depthWrite: given.depthWrite,
      specular: new THREE.Color(gleam, gleam, gleam), shininess: 8 + 90 * smooth * smooth,
    });
  }
};
