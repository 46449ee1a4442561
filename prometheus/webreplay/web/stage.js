// The world as three.js draws it. The scene is the motion frame (x left, y up, z forward); what is given in the world
// frame (x forward, y left, z up) hangs under `frame`, which turns it.
"use strict";

Pwm.FILM = `vec3 CustomToneMapping( vec3 color ) {
  color *= 0.62 * toneMappingExposure; // Narkowicz 2015, ACES fit: as the films are drawn
  return clamp( ( color * ( 2.51 * color + 0.03 ) ) / ( color * ( 2.43 * color + 0.59 ) + 0.14 ), 0.0, 1.0 );
}`;

Pwm.Stage = class {
  /**
   * @param {boolean} soft whether the processor draws, which has no time for smooth edges and slanted textures
   */
  constructor(canvas, told, arrays, soft) {
    const renderer = new THREE.WebGLRenderer({ canvas, antialias: !soft, powerPreference: "high-performance" });
    this.soft = soft;
    this.told = told;
    this.arrays = arrays;
    this.renderer = renderer;
    renderer.toneMapping = THREE.CustomToneMapping;
    renderer.shadowMap.enabled = true;
    renderer.shadowMap.type = THREE.PCFShadowMap;
    THREE.ShaderChunk.tonemapping_pars_fragment = THREE.ShaderChunk.tonemapping_pars_fragment.replace(
      "vec3 CustomToneMapping( vec3 color ) { return color; }", Pwm.FILM);
    THREE.ShaderChunk.fog_fragment = `#ifdef USE_FOG
      gl_FragColor.rgb = mix( gl_FragColor.rgb, fogColor, 1.0 - exp( - fogDensity * vFogDepth ) );
    #endif`;
    this.scene = new THREE.Scene();
    this.frame = new THREE.Group();
    this.frame.matrixAutoUpdate = false;
    this.frame.matrix.set(0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1);
    this.scene.add(this.frame);
    this.solids = [];
    this.flames = [];
  }

  async build() {
    const { told } = this;
    this.pictures = {};
    await Promise.all(Object.entries(told.pictures).map(async ([name, at]) => {
      this.pictures[name] = await this.texture(at, THREE.RepeatWrapping);
    }));
    this.materials = new Map();
    await Promise.all([this.light(), this.ground()]);
    for (const mesh of told.stage.meshes) this.solids.push(this.mesh(mesh, this.scene));
    for (const torch of told.stage.torches) this.torch(torch);
    this.things = told.things.map((thing) => {
      const group = new THREE.Group();
      for (const mesh of thing.meshes) this.mesh(mesh, group);
      this.frame.add(group);
      return { name: thing.name, group, track: this.arrays.get(thing.track) };
    });
  }

  async texture(at, wrap, color = true) {
    const blob = new Blob([this.arrays.get(at)], { type: "image/jpeg" });
    const picture = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const texture = new THREE.Texture(picture);
    texture.flipY = false;
    texture.wrapS = texture.wrapT = wrap;
    texture.anisotropy = this.soft ? 1 : Math.min(8, this.renderer.capabilities.getMaxAnisotropy());
    if (color) texture.colorSpace = THREE.SRGBColorSpace;
    texture.needsUpdate = true;
    return texture;
  }

  material(name) {
    if (!this.materials.has(name)) {
      const { texture, glow } = this.told.materials[name];
      const map = Object.hasOwn(this.pictures, texture) ? this.pictures[texture] : null;
      const material = glow > 0
        ? new THREE.MeshBasicMaterial({ map, vertexColors: true, color: new THREE.Color(glow, glow, glow) })
        : new THREE.MeshLambertMaterial({ map, vertexColors: true });
      this.materials.set(name, material);
    }
    return this.materials.get(name);
  }

  mesh({ material, positions, normals, uvs, colors, indices }, parent) {
    const geometry = new THREE.BufferGeometry();
    const roots = this.arrays.get(colors);
    const linear = Float32Array.from(roots, (root) => (root / 255) ** 2);
    geometry.setAttribute("position", new THREE.BufferAttribute(this.arrays.get(positions), 3));
    geometry.setAttribute("normal", new THREE.BufferAttribute(this.arrays.get(normals), 3, true));
    geometry.setAttribute("uv", new THREE.BufferAttribute(this.arrays.get(uvs), 2));
    geometry.setAttribute("color", new THREE.BufferAttribute(linear, 3));
    geometry.setIndex(new THREE.BufferAttribute(this.arrays.get(indices), 1));
    const mesh = new THREE.Mesh(geometry, this.material(material));
    mesh.castShadow = mesh.receiveShadow = true;
    parent.add(mesh);
    return mesh;
  }

  async light() {
    const { sky } = this.told.stage;
    const color = ([r, g, b]) => new THREE.Color(r, g, b);
    this.sun = new THREE.DirectionalLight(color(sky.sun), Math.PI);
    this.toSun = new THREE.Vector3(...sky.to_sun);
    this.sun.castShadow = true;
    this.sun.shadow.mapSize.setScalar(this.soft ? 1024 : 2048);
    this.sun.shadow.bias = -0.0006;
    this.sun.shadow.normalBias = 0.03;
    Object.assign(this.sun.shadow.camera, { left: -18, right: 18, top: 18, bottom: -18, near: 1, far: 110 });
    this.scene.add(this.sun, this.sun.target);
    this.scene.add(new THREE.HemisphereLight(color(sky.ambient), color(sky.bounce), Math.PI));
    this.scene.fog = new THREE.FogExp2(0, sky.fog);
    this.scene.fog.color.setRGB(...sky.horizon, THREE.SRGBColorSpace);
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(this.arrays.get(sky.directions), 3));
    geometry.setAttribute("uv", new THREE.BufferAttribute(this.arrays.get(sky.uvs), 2));
    geometry.setIndex(new THREE.BufferAttribute(this.arrays.get(sky.indices), 1));
    const map = await this.texture(sky.picture, THREE.ClampToEdgeWrapping, false);
    map.wrapS = THREE.RepeatWrapping;
    const material = new THREE.ShaderMaterial({
      uniforms: { map: { value: map } }, side: THREE.DoubleSide, depthWrite: false, depthTest: false,
      vertexShader: "varying vec2 at; void main() { at = uv; vec4 p = projectionMatrix * vec4( mat3( viewMatrix ) * position * 100.0, 1.0 ); gl_Position = p.xyww; }",
      fragmentShader: "uniform sampler2D map; varying vec2 at; void main() { gl_FragColor = vec4( texture2D( map, at ).rgb, 1.0 ); }",
    });
    const dome = new THREE.Mesh(geometry, material);
    dome.frustumCulled = false;
    dome.renderOrder = -10;
    this.scene.add(dome);
  }

  async ground() {
    const { ground } = this.told.stage;
    if (!ground) return;
    const [plan, share, detail] = await Promise.all([
      this.texture(ground.plan, THREE.MirroredRepeatWrapping, false),
      this.texture(ground.share, THREE.MirroredRepeatWrapping, false),
      this.texture(ground.detail, THREE.RepeatWrapping, false),
    ]);
    const squares = this.arrays.get(ground.squares);
    const corners = [];
    const indices = [];
    for (let k = 0; k < squares.length; k += 4) {
      const [x0, z0, x1, z1] = squares.subarray(k, k + 4);
      const first = corners.length / 3;
      corners.push(x0, 0, z0, x0, 0, z1, x1, 0, z1, x1, 0, z0);
      indices.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.BufferAttribute(new Float32Array(corners), 3));
    geometry.setAttribute("normal", new THREE.BufferAttribute(new Float32Array(corners.map((_, k) => (k % 3 === 1 ? 1 : 0))), 3));
    geometry.setIndex(indices);
    const material = new THREE.MeshLambertMaterial();
    // Colours from afar, grain from near, and the share of the second material: as hephaestus/render/ground.py says.
    material.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, {
        plan: { value: plan }, share: { value: share }, detail: { value: detail },
        scales: { value: [1 / ground.span, 1 / ground.extent] },
      });
      shader.vertexShader = "varying vec2 v_place;\n" + shader.vertexShader.replace(
        "#include <begin_vertex>", "#include <begin_vertex>\n v_place = position.zx;");
      shader.fragmentShader = "varying vec2 v_place; uniform sampler2D plan, share, detail; uniform float scales[2];\n"
        + shader.fragmentShader.replace("#include <map_fragment>", `
          vec2 far = v_place * scales[1] + 0.5;
          vec3 grain = texture2D( detail, v_place * scales[0] ).rgb;
          float second = clamp( ( texture2D( share, far ).r - 0.5 ) * 2.2 + grain.b, 0.0, 1.0 );
          vec3 root = texture2D( plan, far ).rgb * ( 2.0 * mix( grain.r, grain.g, second ) );
          diffuseColor.rgb = root * root;`);
    };
    const mesh = new THREE.Mesh(geometry, material);
    mesh.receiveShadow = true;
    this.scene.add(mesh);
  }

  torch({ at, color, reach, flame }) {
    if (this.told.stage.sky.torchlight && this.flames.length < 6) {
      const light = new THREE.PointLight(new THREE.Color(...color), Math.PI, reach, 1.6);
      light.position.set(...at);
      this.scene.add(light);
    }
    if (!(flame > 0)) return;
    const material = new THREE.ShaderMaterial({
      uniforms: { time: { value: 0 }, size: { value: [0.32 * flame, 0.55 * flame] } },
      transparent: true, depthWrite: false, blending: THREE.AdditiveBlending, side: THREE.DoubleSide,
      vertexShader: `uniform float size[2]; varying vec2 c; void main() { c = position.xy;
        vec4 p = modelViewMatrix * vec4( 0.0, 0.0, 0.0, 1.0 ); p.xy += c * vec2( size[0], size[1] ); p.z += 0.12; gl_Position = projectionMatrix * p; }`,
      fragmentShader: `uniform float time; varying vec2 c; void main() { float up = c.y * 0.5 + 0.5, t = time * 7.0;
        float x = c.x + 0.22 * up * ( sin( t + up * 5.0 ) + 0.6 * sin( t * 1.9 + up * 9.0 ) );
        float width = 0.62 * sqrt( max( up, 0.0 ) ) * ( 1.0 - up ) * 2.3;
        float body = clamp( 1.4 * ( 1.0 - abs( x ) / max( width, 0.001 ) ), 0.0, 1.0 ) * smoothstep( 0.0, 0.1, up );
        gl_FragColor = vec4( vec3( 1.0, 0.42, 0.08 ) * body + vec3( 0.6, 0.6, 0.38 ) * body * body * ( 1.0 - 0.6 * up ), 1.0 ); }`,
    });
    const mesh = new THREE.Mesh(new THREE.PlaneGeometry(2, 2), material);
    mesh.position.set(...at);
    mesh.frustumCulled = false;
    this.scene.add(mesh);
    this.flames.push(material);
  }

  /** Keep the sun's shadow round a point [x, y, z] of the motion frame. */
  shadeAround(point) {
    this.sun.target.position.copy(point);
    this.sun.position.copy(point).addScaledVector(this.toSun, 50);
  }

  draw(camera, time) {
    for (const flame of this.flames) flame.uniforms.time.value = time;
    this.renderer.render(this.scene, camera);
  }
};
