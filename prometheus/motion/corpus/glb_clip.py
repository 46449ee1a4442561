"""Animations of a GLB with a humanoid rig to 22 joints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hephaestus import rotation
from hephaestus.errors import RigError
from hephaestus.glb import Animation, Asset, decompose, play, read
from prometheus.errors import MotionError, shorten
from prometheus.motion.corpus.bounded import check_frames
from prometheus.motion.corpus.clip import Raw
from prometheus.motion.corpus.nodes import joints_of, rig_of, up_axis, upright

FPS = 60.0
_PIECE = 512
"""Frames that are played at a time, so that a long clip of many nodes stays small."""
_MOST_WORK = 3e7
"""Frames times nodes of all animations together: an hour of a body of 130 nodes."""
_LEG = 0.82
_ROLES = {
    "hip": "thigh", "knee": "shin", "ankle": "foot", "foot": "toe", "collar": "clavicle", "shoulder": "upperarm",
    "elbow": "forearm", "wrist": "hand",
}  # fmt: skip


def read_glb(path: Path) -> list[tuple[str, Raw]]:
    """Read every animation of a GLB; each has a name and its motion.

    Raises:
        MotionError: the file holds no animation, or no humanoid that can be told from its role map or its names.
        AssetError: it is no GLB.
    """
    asset = read(path)
    name = shorten(path.name)
    if not asset.animations:
        raise MotionError(f"{name} has no animation to import; export it with its clips")
    work = sum(clip.duration for clip in asset.animations) * FPS * len(asset)
    if not work < _MOST_WORK:
        raise MotionError(f"{name} has over {_MOST_WORK:.0e} poses of nodes; export shorter or fewer animations")
    names, rig = _rig(asset, path)
    clips = [(clip.name, _raw(asset, clip, names, rig, path)) for clip in asset.animations if clip.duration > 0.1]
    if not clips:
        raise MotionError(f"{name} has only animations of a single pose; export it with its clips")
    return clips


def _rig(asset: Asset, path: Path) -> tuple[list[str], dict[str, str]]:
    """Names of the nodes and the 22 expressions over them: by a role map beside the file, by names, by anatomy."""
    from hephaestus.anatomy import find_rig
    from hephaestus.rig import read_rig

    sheet = path.with_suffix(".body.yaml")
    if not sheet.is_file():
        try:
            return rig_of(asset.names, asset.parents.tolist())
        except MotionError:
            pass  # names tell nothing: the shape of the body may
    try:
        rig = read_rig(sheet, asset) if sheet.is_file() else find_rig(asset, path.stem)
    except RigError as error:
        raise MotionError(f"{shorten(path.name)} is no humanoid that can be read: {error}") from None
    if rig.kind != "humanoid":
        raise MotionError(f"{shorten(path.name)} is a {rig.kind}, not a humanoid; name its joints in {sheet.name}")
    names = [f"#{i}" for i in range(len(asset))]
    return names, _expressions({role: list(nodes) for role, nodes in rig.roles.items()}, path)


def _expressions(roles: dict[str, list[int]], path: Path) -> dict[str, str]:
    """The 22 expressions over "#node" from a humanoid's roles (see `hephaestus.roles`)."""
    pelvis = f"#{roles['hips'][0]}"
    out = {"pelvis": pelvis}
    chest = f"#{(roles.get('spine') or roles['hips'])[-1]}"
    head = (roles.get("head") or roles.get("neck") or roles.get("spine") or roles["hips"])[-1]
    neck = f"#{(roles.get('neck') or [head])[0]}"
    out |= {"neck": neck, "head": f"#{head}"}
    for joint, share in (("spine1", 0.21), ("spine2", 0.46), ("spine3", 0.6)):
        out[joint] = f"{pelvis}%{neck}%{share}"
    for side in "LR":
        for joint, role in _ROLES.items():
            nodes = roles.get(f"{side}_{role}")
            out[f"{side}_{joint}"] = f"#{nodes[0]}" if nodes else ""
        if not out[f"{side}_shoulder"] or not out[f"{side}_elbow"]:
            raise MotionError(f"{shorten(path.name)} has no arms; name L_upperarm and L_forearm under `roles`")
        out[f"{side}_collar"] = out[f"{side}_collar"] or f"@{chest}>{out[f'{side}_shoulder']}"
        elbow, shoulder = out[f"{side}_elbow"], out[f"{side}_shoulder"]
        # A forearm without a hand ends as far again from the elbow as the shoulder is.
        out[f"{side}_wrist"] = out[f"{side}_wrist"] or f"{shoulder}%{elbow}%1.9"
    return out


def _raw(asset: Asset, clip: Animation, names: list[str], rig: dict[str, str], path: Path) -> Raw:
    begin = min(float(channel.times[0]) for channel in clip.channels)
    check_frames(int((clip.duration - begin) * FPS) + 1, path)
    times = np.arange(begin, clip.duration + 1e-6, 1.0 / FPS)
    still = asset.rest_world.astype(np.float32)
    back = rotation.conjugate(decompose(still)[1])
    pieces = []
    for start in range(0, len(times), _PIECE):
        world = asset.world(play(asset, clip, times[start : start + _PIECE]))
        turns = rotation.multiply(decompose(world)[1], back)
        pieces.append(joints_of(world[:, :, :3, 3], turns, still[:, :3, 3], names, rig))
    joints, rest = np.concatenate([piece[0] for piece in pieces]), pieces[0][1]
    legs = sum(float(np.linalg.norm(rest[a] - rest[b])) for a, b in ((1, 4), (4, 7), (2, 5), (5, 8)))
    if not legs > 1e-6 or not np.isfinite(joints).all():
        raise MotionError(f"{shorten(path.name)} has a rig without legs of any length; export it at its rest pose")
    frame = up_axis(joints, rest)
    joints, rest = (
        np.einsum("ij,...j->...i", frame, part * (2.0 * _LEG / legs)).astype(np.float32) for part in (joints, rest)
    )
    return Raw(joints, upright(rest), FPS)
