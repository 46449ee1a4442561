// Runs Khronos' gltf-validator over GLB files: node validate.mjs FILE... prints one JSON object, file name to report.
// The module is looked for in GLTF_NODE_MODULES, then where node looks by itself.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const base = process.env.GLTF_NODE_MODULES ? `${process.env.GLTF_NODE_MODULES}/` : import.meta.url;
let validator;
try {
  validator = createRequire(base)("gltf-validator");
} catch {
  console.error("gltf-validator is not installed: npm i gltf-validator");
  process.exit(3);
}

const reports = {};
for (const path of process.argv.slice(2)) {
  const report = await validator.validateBytes(new Uint8Array(readFileSync(path)), { maxIssues: 1000 });
  const { numErrors: errors, numWarnings: warnings, numInfos: infos, messages } = report.issues;
  reports[path] = { errors, warnings, infos, messages: messages.map(({ code, message, severity, pointer }) => ({ code, message, severity, pointer })) };
}
console.log(JSON.stringify(reports));
