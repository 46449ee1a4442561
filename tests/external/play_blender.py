"""Plays the first clip of a GLB in Blender, which runs this file with its own Python.

blender --background --factory-startup --python play_blender.py -- FILE FPS FRAME... prints a line "PLACES {frame:
{name: [x, y, z]}}": every bone's head and every object's origin, in the file's axes.
"""

import json
import sys

import bpy
import numpy

numpy.bool = bool  # Blender's importer of 3.4 uses a name that newer numpy has dropped
path, fps, *frames = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.fps = int(fps)
bpy.ops.import_scene.gltf(filepath=path)
for thing in bpy.data.objects:
    # The importer leaves the clip on a muted NLA strip; its action is what plays.
    data = thing.animation_data
    if data is not None and data.nla_tracks:
        data.action = data.nla_tracks[0].strips[0].action
        for track in list(data.nla_tracks):
            data.nla_tracks.remove(track)

places = {}
for frame in frames:
    scene.frame_set(int(frame))
    graph = bpy.context.evaluated_depsgraph_get()
    at = {}
    for thing in bpy.data.objects:
        posed = thing.evaluated_get(graph)
        at[thing.name] = posed.matrix_world.translation
        if posed.type == "ARMATURE":
            at |= {bone.name: posed.matrix_world @ bone.head for bone in posed.pose.bones}
    places[frame] = {name: [x, z, -y] for name, (x, y, z) in at.items()}
print("PLACES", json.dumps(places))
