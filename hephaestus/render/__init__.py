"""Drawing: what is to be seen (scene, camera, textures) and who draws it (gl)."""
