// Plays the first clip of a GLB with three.js: node play.mjs FILE TIME... prints {time: {node: [x, y, z]}}, the places
// of all nodes by their index in the file. The module is looked for in GLTF_NODE_MODULES, then where node looks itself.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const base = process.env.GLTF_NODE_MODULES ? `${process.env.GLTF_NODE_MODULES}/` : import.meta.url;
let THREE, GLTFLoader;
try {
  const { resolve } = createRequire(base);
  THREE = await import(pathToFileURL(resolve("three").replace(/three\.cjs$/, "three.module.js")));
  ({ GLTFLoader } = await import(pathToFileURL(resolve("three/examples/jsm/loaders/GLTFLoader.js"))));
} catch {
  console.error("three is not installed: npm i three");
  process.exit(3);
}

globalThis.self = globalThis;
// Node decodes no pictures; a clip needs none.
globalThis.createImageBitmap = undefined;
THREE.TextureLoader.prototype.load = function (url, onLoad) {
  const texture = new THREE.Texture();
  queueMicrotask(() => onLoad(texture));
  return texture;
};
const data = readFileSync(process.argv[2]);
const gltf = await new GLTFLoader().parseAsync(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength), "");
const mixer = new THREE.AnimationMixer(gltf.scene);
mixer.clipAction(gltf.animations[0]).play();
const places = {};
for (const time of process.argv.slice(3)) {
  mixer.setTime(Number(time));
  gltf.scene.updateMatrixWorld(true);
  places[time] = {};
  gltf.scene.traverse((node) => {
    const index = gltf.parser.associations.get(node)?.nodes;
    if (index !== undefined) places[time][index] = new THREE.Vector3().setFromMatrixPosition(node.matrixWorld).toArray();
  });
}
console.log(JSON.stringify(places));
