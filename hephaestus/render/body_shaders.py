"""GLSL sources of bodies: bent, lit at their vertices where they are fine enough, and thrown as shadows.

Bodies are bent once a frame by `SKIN_VERTEX`, whose vertices are caught by transform feedback; the picture then draws
them as they are. `shaders.py` says what the `#define`s choose.
"""

from __future__ import annotations

from hephaestus.render.shaders import FILM, FRAME, TORCHLIGHT

JOINTS = 512
"""Joints a skin may have (three vec4 each in a uniform block)."""

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
    // A loop is left early, a condition is not: drivers without branches work out both of its sides.
    vec4 x = vec4(0.0), y = vec4(0.0), z = vec4(0.0);
    for (int i = 0; i < influences; i++) {
        int j = int(joints[i]) * 3;
        x += weights[i] * rows[j]; y += weights[i] * rows[j + 1]; z += weights[i] * rows[j + 2];
    }
    vec4 p = vec4(position, 1.0);
    bent_position = vec3(dot(x, p), dot(y, p), dot(z, p));
    bent_normal = normalize(vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal)));
    gl_Position = vec4(0.0);
}
"""
SKIN_OUTPUTS = ("bent_position", "bent_normal")

BODY_LIGHT = """
uniform vec2 shine;      // strength, exponent
uniform vec3 glow;       // linear light that the surface sends out
// Linear light on a body's point and, second, what it mirrors.
void shine_on(vec3 place, vec3 n, float free, out vec3 soft, out vec3 gloss) {
    float facing = max(dot(n, to_sun.xyz), 0.0) * free;
    soft = mix(bounce.rgb, ambient.rgb, n.y * 0.5 + 0.5) + sun.rgb * facing;
#ifdef TORCHES
    soft += torchlight(place, n);
#endif
    vec3 view = normalize(eye.xyz - place);
    vec3 half_way = normalize(view + to_sun.xyz);
    float rim = 1.0 - max(dot(n, view), 0.0);
    gloss = glow + sun.rgb * (facing * shine.x * pow(max(dot(n, half_way), 0.0), shine.y))
        + ambient.rgb * (0.22 * rim * rim * rim * (0.6 + 0.4 * n.y));
}
"""

BODY_VERTEX = (
    FRAME
    + FILM
    + TORCHLIGHT
    + BODY_LIGHT
    + """
layout(location=0) in vec3 position;
layout(location=1) in vec3 normal;
layout(location=2) in vec3 uv;
layout(location=3) in vec4 color;    // roots of linear rgb and opacity
uniform mat4 model;
uniform mat3 turn;       // for normals
uniform vec4 base;       // linear RGBA
#ifdef TEXTURED
out vec3 v_uv;           // z: m away
#endif
out vec4 v_color;
#ifdef DENSE
#ifdef TEXTURED
out vec3 v_gloss;
#endif
#ifdef SHADOWS
uniform sampler2DShadow shadow;
#endif
#elif !defined(UNLIT)
out vec3 v_place;
out vec3 v_normal;
#ifdef SHADOWS
out vec3 v_light;
#endif
#endif
void main() {
    vec4 place = model * vec4(position, 1.0);
    gl_Position = view_projection * place;
    v_color = base * color * color;
#ifdef TEXTURED
    v_uv = vec3(uv.xy, gl_Position.w);
#endif
#if defined(UNLIT)
#ifndef TEXTURED
    v_color.rgb = hide(sqrt(v_color.rgb), gl_Position.w);
#endif
#else
    vec3 n = normalize(turn * normal);
#ifdef SHADOWS
    vec3 at = (light * vec4(place.xyz + n * to_sun.w, 1.0)).xyz;
#endif
#ifdef DENSE
    vec3 soft, gloss;
#ifdef TWOSIDED
    if (dot(n, eye.xyz - place.xyz) < 0.0) n = -n;
#endif
#ifdef SHADOWS
    shine_on(place.xyz, n, textureLod(shadow, at, 0.0), soft, gloss);
#else
    shine_on(place.xyz, n, 1.0, soft, gloss);
#endif
    v_color.rgb *= soft;
#ifdef TEXTURED
    v_gloss = gloss;
#else
    v_color.rgb = hide(film(sqrt(v_color.rgb + gloss)), gl_Position.w);
#endif
#else
    v_place = place.xyz;
    v_normal = n;
#ifdef SHADOWS
    v_light = at;
#endif
#endif
#endif
}
"""
)

BODY_FRAGMENT = (
    FRAME
    + FILM
    + TORCHLIGHT
    + BODY_LIGHT
    + """
in vec4 v_color;
out vec4 pixel;
#ifdef TEXTURED
in vec3 v_uv;
uniform sampler2D picture;
#endif
#ifdef DENSE
#ifdef TEXTURED
in vec3 v_gloss;
#endif
#elif !defined(UNLIT)
in vec3 v_place;
in vec3 v_normal;
#ifdef SHADOWS
in vec3 v_light;
uniform sampler2DShadow shadow;
#endif
#endif
void main() {
    pixel = v_color;
#ifdef TEXTURED
    vec4 texel = texture(picture, v_uv.xy);
    pixel *= vec4(texel.rgb * texel.rgb, texel.a);
#endif
#ifdef CUTOUT
    if (pixel.a < 0.5) discard;
    pixel.a = 1.0;
#endif
#if defined(UNLIT)
#ifdef TEXTURED
    pixel.rgb = hide(sqrt(pixel.rgb), v_uv.z);
#endif
#elif defined(DENSE)
#ifdef TEXTURED
    pixel.rgb = hide(film(sqrt(pixel.rgb + v_gloss)), v_uv.z);
#endif
#else
    vec3 n = normalize(v_normal);
#ifdef TWOSIDED
    n = gl_FrontFacing ? n : -n;
#endif
    vec3 soft, gloss;
#ifdef SHADOWS
    shine_on(v_place, n, texture(shadow, v_light), soft, gloss);
#else
    shine_on(v_place, n, 1.0, soft, gloss);
#endif
    pixel.rgb = hide(film(sqrt(pixel.rgb * soft + gloss)), 1.0 / gl_FragCoord.w);
#endif
}
"""
)

DEPTH_VERTEX = """
layout(location=0) in vec3 position;
layout(location=2) in vec3 uv;
layout(location=3) in vec4 color;
uniform mat4 light;
#ifdef JOINTED
layout(location=4) in uvec4 joints;
layout(std140) uniform Joints { vec4 rows[3 * 512]; };
#else
uniform mat4 model;
#endif
#ifdef CUTOUT
out vec3 v_cut;          // texture coordinates and opacity
#endif
void main() {
#ifdef JOINTED
    vec4 p = vec4(position, 1.0);
    int j = int(joints.x) * 3;
    gl_Position = light * vec4(dot(rows[j], p), dot(rows[j + 1], p), dot(rows[j + 2], p), 1.0);
#else
    gl_Position = light * (model * vec4(position, 1.0));
#endif
#ifdef CUTOUT
    v_cut = vec3(uv.xy, color.a * color.a);
#endif
}
"""
DEPTH_FRAGMENT = """
#ifdef CUTOUT
in vec3 v_cut;
uniform vec4 base;
#ifdef TEXTURED
uniform sampler2D picture;
#endif
void main() {
    float opacity = base.a * v_cut.z;
#ifdef TEXTURED
    opacity *= texture(picture, v_cut.xy).a;
#endif
    if (opacity < 0.5) discard;
}
#else
void main() {}
#endif
"""
