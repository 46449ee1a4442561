// What of three.js the replay page uses; `assets/MANIFEST.json` has the command that bundles it.
export {
  AdditiveBlending, BufferAttribute, BufferGeometry, ClampToEdgeWrapping, Color, CustomToneMapping, DirectionalLight,
  DoubleSide, FogExp2, Group, HemisphereLight, Line, LineBasicMaterial, LineSegments, Mesh, MeshBasicMaterial,
  MeshLambertMaterial, MeshPhongMaterial, MirroredRepeatWrapping, PCFShadowMap, PerspectiveCamera, PlaneGeometry,
  PointLight, Quaternion, RepeatWrapping, Scene, ShaderChunk, ShaderMaterial, SRGBColorSpace, Texture, Vector3,
  WebGLRenderer,
} from "three";
export { OrbitControls } from "three/addons/controls/OrbitControls.js";
export { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
export { clone } from "three/addons/utils/SkeletonUtils.js";
