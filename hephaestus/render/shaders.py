"""GLSL sources, made for software drivers: what can be done at vertices is, and fragments pay for few texels.

`STAGE_*` draw what stands still, `BODY_*` bodies; `#define`s choose what a surface needs.

GROUND    colour from the plan, grain from the detail picture; else the texture is a layer of one array
TEXTURED  a body's base colour picture          CUTOUT    texels under half opacity are left out
SHADOWS   the sun is barred by the shadow map   TORCHES   point lights near this mesh
DENSE     a fine mesh: lit at its vertices      TWOSIDED  the back of a triangle is drawn
UNLIT     the colour as it is, without light    JOINTED   each vertex follows one joint

Light is linear; albedo comes as its square root and the picture leaves as one, close to sRGB and cheap. The stage is
lit by roots: with s = sqrt(albedo * light), the film curve of s * s is a polynomial of s.

Those of bodies are in `body_shaders.py`.
"""

from __future__ import annotations

NEAR_TORCHES = 8
"""Torches that light one mesh."""

HEAD = "#version 330 core\n"

FRAME = """
layout(std140) uniform Frame {
    mat4 view_projection;
    mat4 light;          // motion frame -> shadow map, 0..1
    vec4 eye;            // xyz; w: time, s
    vec4 to_sun;         // xyz; w: m that shadows are looked up off the surface
    vec4 sun;
    vec4 ambient;
    vec4 bounce;
    vec4 fog;            // rgb as seen; a: a quarter of the share lost a metre
};
"""

FILM = """
// Narkowicz 2015 (ACES fit) of 0.62 s^2, and the root of that: a polynomial within 2/255 of it for s up to 2.
vec3 film_to_2(vec3 s) { return s * (0.137 + s * (3.2997 + s * (-4.4099 + s * (2.1915 - 0.3843 * s)))); }
vec3 film(vec3 s) { return film_to_2(min(s, vec3(2.0))); }
// What is seen through the fog from so far: close to exp(-4 a d), and cheap.
float clear(float far) {
    float part = 1.0 / (1.0 + fog.a * far);
    part *= part;
    return part * part;
}
vec3 hide(vec3 seen, float far) { return mix(fog.rgb, seen, clear(far)); }
"""

TORCHLIGHT = """
#ifdef TORCHES
uniform int torches;
uniform vec4 torch_place[8];   // xyz; w: 1 / reach^2
uniform vec4 torch_color[8];
vec3 torchlight(vec3 place, vec3 n) {
    vec3 light = vec3(0.0);
    for (int i = 0; i < torches; i++) {
        vec3 to = torch_place[i].xyz - place;
        float d2 = dot(to, to);
        float fade = max(1.0 - d2 * torch_place[i].w, 0.0);
        float cosine = max(dot(n, to) * inversesqrt(d2) * 0.8 + 0.2, 0.0);
        light += torch_color[i].rgb * (cosine * fade * fade / (d2 + 0.3));
    }
    return light;
}
#endif
"""

EMPTY_FRAGMENT = "void main() {}\n"

STAGE_VERTEX = (
    FRAME
    + FILM
    + """
layout(location=0) in vec3 position;
layout(location=1) in vec3 normal;
layout(location=2) in vec3 uv;       // z: layer of the array
layout(location=3) in vec4 color;    // root of linear rgb; a: how much of it shines by itself, in eighths, its root
#ifdef GROUND
uniform vec2 scales;                 // tiles a metre of the detail, and of the plan
out vec3 v_uv;       // z: what the fog lets through
flat out vec3 v_dark;
flat out vec3 v_lit;
#else
out vec3 v_uv;
out vec4 v_dark;     // root of the light in the shade times colour; w: what the fog lets through
out vec3 v_lit;      // what the sun adds to that root
#endif
#ifdef SHADOWS
out vec3 v_light;
#endif
#ifdef TORCHES
out vec3 v_place;
out vec3 v_normal;
out vec3 v_color;
#endif
void main() {
    gl_Position = view_projection * vec4(position, 1.0);
    vec3 shade = mix(bounce.rgb, ambient.rgb, normal.y * 0.5 + 0.5);
    vec3 lit = shade + sun.rgb * max(dot(normal, to_sun.xyz), 0.0);
#ifdef GROUND
    // The same light everywhere: it need not be worked out between the corners.
    v_uv = vec3(position.zx * scales.x, clear(gl_Position.w));
    v_dark = sqrt(shade);
    v_lit = sqrt(lit) - v_dark;
    vec3 root = vec3(1.0);
#else
    v_uv = uv;
    vec3 root = color.rgb;
    float own = color.a * color.a * 8.0;
    shade += own;
    lit += own;
    // The film curve ends at 2: what goes beyond is cut here instead of at every pixel.
    v_dark = vec4(min(root * sqrt(shade), vec3(2.0)), clear(gl_Position.w));
    v_lit = min(root * sqrt(lit), vec3(2.0)) - v_dark.rgb;
#endif
#ifdef SHADOWS
    v_light = (light * vec4(position + normal * to_sun.w, 1.0)).xyz;
#endif
#ifdef TORCHES
    v_place = position;
    v_normal = normal;
    v_color = root;
#endif
}
"""
)

STAGE_FRAGMENT = (
    FRAME
    + FILM
    + TORCHLIGHT
    + """
in vec3 v_uv;
#ifdef GROUND
uniform vec2 scales;
uniform sampler2D picture;
uniform sampler2D plan;
flat in vec3 v_dark;
flat in vec3 v_lit;
#else
uniform sampler2DArray layers;
in vec4 v_dark;
in vec3 v_lit;
#endif
#ifdef SHADOWS
in vec3 v_light;
uniform sampler2DShadow shadow;
#endif
#ifdef TORCHES
in vec3 v_place;
in vec3 v_normal;
in vec3 v_color;
#endif
out vec4 pixel;
void main() {
#ifdef GROUND
    float through = v_uv.z;
    vec4 wide = texture(plan, v_uv.xy * (scales.y / scales.x) + 0.25);
    vec3 grain = texture(picture, v_uv.xy).rgb;
    float share = clamp((wide.a - 0.5) * 2.2 + grain.b, 0.0, 1.0);
    vec3 texel = wide.rgb * (2.0 * mix(grain.r, grain.g, share));
#else
    float through = v_dark.w;
    vec3 texel = texture(layers, v_uv).rgb;
#endif
#ifdef SHADOWS
    vec3 root = v_dark.rgb + v_lit * texture(shadow, v_light);
#else
    vec3 root = v_dark.rgb + v_lit;
#endif
#ifdef TORCHES
    root = min(sqrt(root * root + v_color * v_color * torchlight(v_place, v_normal)), vec3(2.0));
#endif
    pixel = vec4(mix(fog.rgb, film_to_2(texel * root), through), 1.0);
}
"""
)

SKY_VERTEX = (
    FRAME
    + """
layout(location=0) in vec3 position;
layout(location=2) in vec2 uv;
out vec2 v_uv;
void main() {
    v_uv = uv;
    gl_Position = (view_projection * vec4(eye.xyz + position * 100.0, 1.0)).xyww;
}
"""
)
SKY_FRAGMENT = """
in vec2 v_uv;
out vec4 pixel;
uniform sampler2D picture;
void main() { pixel = vec4(texture(picture, v_uv).rgb, 1.0); }
"""

FLAME_VERTEX = (
    FRAME
    + """
layout(location=0) in vec3 position;   // the middle of the flame
layout(location=1) in vec3 normal;     // corner x, y (-1..1) and phase
layout(location=2) in vec2 uv;         // half width and half height, m
out vec3 v_corner;
void main() {
    v_corner = normal;
    vec3 back = eye.xyz - position;
    vec3 side = normalize(vec3(back.z, 0.0, -back.x));
    vec3 place = position + side * normal.x * uv.x + vec3(0.0, normal.y * uv.y, 0.0);
    gl_Position = view_projection * vec4(place + normalize(back) * 0.12, 1.0);
}
"""
)
FLAME_FRAGMENT = (
    FRAME
    + """
in vec3 v_corner;
out vec4 pixel;
uniform float halo;
void main() {
    vec2 c = v_corner.xy;
    float t = eye.w * 7.0 + v_corner.z * 11.0;
    if (halo > 0.0) {
        float soft = max(1.0 - dot(c, c), 0.0);
        pixel = vec4(vec3(1.0, 0.50, 0.16) * (halo * soft * soft * (0.9 + 0.1 * sin(t * 1.7))), 1.0);
        return;
    }
    float up = c.y * 0.5 + 0.5;
    c.x += 0.22 * up * (sin(t + up * 5.0) + 0.6 * sin(t * 1.9 + up * 9.0));
    float width = 0.62 * sqrt(max(up, 0.0)) * (1.0 - up) * 2.3 * (0.92 + 0.08 * sin(t * 2.3));
    float body = clamp(1.4 * (1.0 - abs(c.x) / max(width, 0.001)), 0.0, 1.0) * smoothstep(0.0, 0.1, up);
    float core = body * body * (1.0 - 0.6 * up);
    pixel = vec4(vec3(1.0, 0.42, 0.08) * body + vec3(0.6, 0.6, 0.38) * core, 1.0);
}
"""
)

LINE_VERTEX = (
    FRAME
    + """
layout(location=0) in vec3 position;
layout(location=3) in vec4 color;
out vec4 v_color;
void main() { v_color = color; gl_Position = view_projection * vec4(position, 1.0); }
"""
)
LINE_FRAGMENT = """
in vec4 v_color;
out vec4 pixel;
void main() { pixel = v_color; }
"""

LAYER_VERTEX = """
layout(location=0) in vec3 position;
out vec2 v_uv;
void main() { v_uv = position.xy * vec2(0.5, -0.5) + 0.5; gl_Position = vec4(position, 1.0); }
"""
LAYER_FRAGMENT = """
in vec2 v_uv;
out vec4 pixel;
uniform sampler2D picture;
void main() { pixel = texture(picture, v_uv); }
"""


def source(body: str, defines: frozenset[str]) -> str:
    """Put version and defines before a shader."""
    return HEAD + "".join(f"#define {name}\n" for name in sorted(defines)) + body
