"""GLSL sources. One vertex and one fragment source serve all solids; `#define`s choose what a surface needs.

STATIC    a solid of the stage: its texture is a layer of one array
GROUND    colour from the plan, grain from the detail picture
TEXTURED  a body's base colour picture          CUTOUT    texels under half opacity are left out
SHADOWS   the sun is barred by the shadow map   TORCHES   point lights near this mesh
SHINY     highlights and a rim of sky light     TWOSIDED  the back of a triangle is drawn
Light is linear; albedo comes as its square root and the picture leaves as one, close to sRGB and cheap.

Bodies are bent once a frame by `SKIN_VERTEX`, whose vertices are caught by transform feedback; shadow and picture
then draw them as they are.
"""

from __future__ import annotations

JOINTS = 512
"""Joints a skin may have (three vec4 each in a uniform block)."""
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
    vec4 fog;            // rgb; a: share lost a metre, times log2(e)
};
"""

TONE = """
vec3 tone(vec3 light) {
    vec3 x = light * 0.62;
    return sqrt(clamp(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0));
}
"""

SKIN_VERTEX = """
layout(location=0) in vec3 position;
layout(location=1) in vec3 normal;
layout(location=4) in uvec4 joints;
layout(location=5) in vec4 weights;
layout(std140) uniform Joints { vec4 rows[3 * 512]; };
uniform int influences;    // joints that move these vertices: they come sorted, for memory is slow
out vec3 bent_position;
out vec3 bent_normal;
void main() {
    int j = int(joints.x) * 3;
    vec4 x = weights.x * rows[j], y = weights.x * rows[j + 1], z = weights.x * rows[j + 2];
    if (influences > 1) {
        j = int(joints.y) * 3;
        x += weights.y * rows[j]; y += weights.y * rows[j + 1]; z += weights.y * rows[j + 2];
    }
    if (influences > 2) {
        j = int(joints.z) * 3;
        x += weights.z * rows[j]; y += weights.z * rows[j + 1]; z += weights.z * rows[j + 2];
    }
    if (influences > 3) {
        j = int(joints.w) * 3;
        x += weights.w * rows[j]; y += weights.w * rows[j + 1]; z += weights.w * rows[j + 2];
    }
    vec4 p = vec4(position, 1.0);
    bent_position = vec3(dot(x, p), dot(y, p), dot(z, p));
    bent_normal = normalize(vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal)));
    gl_Position = vec4(0.0);
}
"""
SKIN_OUTPUTS = ("bent_position", "bent_normal")

SOLID_VERTEX = (
    FRAME
    + """
layout(location=0) in vec3 position;
layout(location=1) in vec3 normal;
layout(location=2) in vec3 uv;       // z: layer of the array
layout(location=3) in vec4 color;
out vec3 v_place;
#ifndef GROUND
out vec3 v_normal;
out vec4 v_color;
#endif
#if defined(STATIC) || defined(TEXTURED)
out vec3 v_uv;
#endif
#ifdef SHADOWS
out vec3 v_light;
#endif
#if !defined(STATIC) && !defined(GROUND)
uniform mat4 model;
#endif
void main() {
#if defined(STATIC) || defined(GROUND)
    v_place = position;
    vec3 n = normal;
#else
    v_place = (model * vec4(position, 1.0)).xyz;
    vec3 n = normalize(mat3(model) * normal);
#endif
#ifndef GROUND
    v_normal = n;
    v_color = color * color;
#endif
#if defined(STATIC) || defined(TEXTURED)
    v_uv = uv;
#endif
#ifdef SHADOWS
    v_light = (light * vec4(v_place + n * to_sun.w, 1.0)).xyz;
#endif
    gl_Position = view_projection * vec4(v_place, 1.0);
}
"""
)

SOLID_FRAGMENT = (
    FRAME
    + TONE
    + """
in vec3 v_place;
out vec4 pixel;
#if defined(STATIC)
in vec3 v_normal;
in vec4 v_color;         // rgb linear, a: how much of it shines by itself, in eighths
in vec3 v_uv;
uniform sampler2DArray layers;
#elif defined(GROUND)
uniform sampler2D picture;
uniform sampler2D plan;
uniform vec2 scales;     // tiles a metre of the detail, and of the plan
#else
in vec3 v_normal;
in vec4 v_color;
uniform vec4 base;       // linear RGBA
uniform vec3 glow;       // linear light that the surface sends out
#ifdef TEXTURED
in vec3 v_uv;
uniform sampler2D picture;
#endif
#endif
#ifdef SHADOWS
in vec3 v_light;
uniform sampler2DShadow shadow;
#endif
#ifdef SHINY
uniform vec2 shine;      // strength, exponent
#endif
#ifdef TORCHES
uniform int torches;
uniform vec4 torch_place[8];   // xyz; w: 1 / reach^2
uniform vec4 torch_color[8];
#endif
void main() {
#if defined(STATIC)
    vec3 texel = texture(layers, v_uv).rgb;
    vec4 albedo = vec4(v_color.rgb * texel * texel, 1.0);
    vec3 own = albedo.rgb * (v_color.a * 8.0);
    vec3 n = v_normal;       // flat faces and fine cylinders: as good as of unit length
#elif defined(GROUND)
    vec2 xy = v_place.zx;
    vec4 far = texture(plan, xy * scales.y + 0.5);
    vec3 grain = texture(picture, xy * scales.x).rgb;
    float share = clamp((far.a - 0.5) * 2.2 + grain.b, 0.0, 1.0);
    vec4 albedo = vec4(far.rgb * (2.0 * mix(grain.r, grain.g, share)), 1.0);
    albedo.rgb *= albedo.rgb;
    vec3 own = vec3(0.0);
    vec3 n = vec3(0.0, 1.0, 0.0);
#else
    vec4 albedo = base * v_color;
#ifdef TEXTURED
    vec4 texel = texture(picture, v_uv.xy);
    albedo *= vec4(texel.rgb * texel.rgb, texel.a);
#endif
#ifdef CUTOUT
    if (albedo.a < 0.5) discard;
#endif
    vec3 own = glow;
    vec3 n = normalize(v_normal);
#ifdef TWOSIDED
    n = gl_FrontFacing ? n : -n;
#endif
#endif
    float facing = max(dot(n, to_sun.xyz), 0.0);
#ifdef SHADOWS
    facing *= texture(shadow, v_light);
#endif
    vec3 light = mix(bounce.rgb, ambient.rgb, n.y * 0.5 + 0.5) + sun.rgb * facing;
#ifdef TORCHES
    for (int i = 0; i < torches; i++) {
        vec3 to = torch_place[i].xyz - v_place;
        float d2 = dot(to, to);
        float fade = max(1.0 - d2 * torch_place[i].w, 0.0);
        float cosine = max(dot(n, to) * inversesqrt(d2) * 0.8 + 0.2, 0.0);
        light += torch_color[i].rgb * (cosine * fade * fade / (d2 + 0.3));
    }
#endif
    vec3 color = albedo.rgb * light + own;
#ifdef SHINY
    vec3 view = normalize(eye.xyz - v_place);
    vec3 half_way = normalize(view + to_sun.xyz);
    color += sun.rgb * (facing * shine.x * pow(max(dot(n, half_way), 0.0), shine.y));
    float rim = 1.0 - max(dot(n, view), 0.0);
    color += ambient.rgb * (0.22 * rim * rim * rim * (0.6 + 0.4 * n.y));
#endif
    float clear = exp2(-fog.a / gl_FragCoord.w);
    pixel = vec4(tone(mix(fog.rgb, color, clear)), albedo.a);
}
"""
)

DEPTH_VERTEX = """
layout(location=0) in vec3 position;
uniform mat4 light;
uniform mat4 model;
void main() { gl_Position = light * (model * vec4(position, 1.0)); }
"""
DEPTH_FRAGMENT = "void main() {}\n"

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


def source(body: str, defines: frozenset[str]) -> str:
    """Put version and defines before a shader."""
    return HEAD + "".join(f"#define {name}\n" for name in sorted(defines)) + body
