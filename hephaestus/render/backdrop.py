"""Backdrop: the pictures of what stands still, painted before a GPU takes them, so that any thread or process may."""

from __future__ import annotations

import numpy as np

from hephaestus.render.ground import detail, mirrored, plan
from hephaestus.render.scene import Stage
from hephaestus.render.sky import panorama
from hephaestus.render.texture import prepare, square


def layers(stage: Stage) -> list[str]:
    """Return the textures that the stage's meshes wear, in the order of their layers."""
    return sorted({stage.materials[m.material].texture for m in stage.meshes})


def paint(stage: Stage) -> dict[str, np.ndarray]:
    """Return a stage's pictures, uint8: "sky", "ground" and "plan" where it has ground, "layers" of its meshes."""
    ground, names = stage.ground, layers(stage)
    prepare([*names, *([ground.base, ground.second] if ground is not None else [])])
    pictures = {"sky": panorama(stage.sky)}
    if ground is not None:
        pictures |= {"ground": detail(ground), "plan": mirrored(plan(ground, stage.footprints))}
    if names:
        pictures["layers"] = np.stack([square(name) for name in names])
    return pictures
