"""BVH: what is written comes back; broken files are refused in one sentence."""

import gzip

import numpy as np
import pytest

from hephaestus import bvh, ik, rotation
from hephaestus.skeleton import JOINT_NAMES

SMALL = """HIERARCHY
ROOT hip
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT knee
  {
    OFFSET 0 -2 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 -1 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.05
0 3 0 0 0 0 0 0 0
0 3 0 0 0 90 0 -90 0
"""


def test_angles_turn_in_the_order_of_the_channels():
    file = bvh.parse(SMALL)
    assert file.names == ("hip", "knee", "knee end")
    assert file.fps == pytest.approx(20)
    _, places = file.world()
    np.testing.assert_allclose(places[0], [[0, 3, 0], [0, 1, 0], [0, 0, 0]], atol=1e-6)
    # The hip has turned to face +x, so that the shin, bent by -90 degrees about the knee's own x, points there.
    np.testing.assert_allclose(places[1], [[0, 3, 0], [0, 1, 0], [1, 1, 0]], atol=1e-5)


def test_written_motion_comes_back(tmp_path):
    rng = np.random.default_rng(0)
    q = rotation.from_rotation_vector(rng.normal(0, 0.4, (12, 22, 3)).astype(np.float32))
    root = rng.normal(0, 1, (12, 3)).astype(np.float32)
    path = tmp_path / "a.bvh"
    bvh.write(path, q, root, fps=20)
    (tmp_path / "a.bvh.gz").write_bytes(gzip.compress(path.read_bytes()))
    for name in ("a.bvh", "a.bvh.gz"):
        file = bvh.read(tmp_path / name)
        _, places = file.world()
        order = [file.index(n) for n in JOINT_NAMES]
        np.testing.assert_allclose(places[:, order] / 100, ik.forward(q, root), atol=1e-3)
        assert file.fps == pytest.approx(20)


@pytest.mark.parametrize(
    "text",
    ["", "hello", SMALL.replace("MOTION", "MOTON"), SMALL.replace("0 3 0 0 0 90", "0 3"),
     SMALL.replace("90", "nan"), SMALL.replace("OFFSET 0 -2 0", "OFFSET a b c"), SMALL.replace("0.05", "0"),
     SMALL.replace("Frames: 2", "Frames: x"),
     "}\nMOTION\nFrames: 0\nFrame Time: 1\n"],
)  # fmt: skip
def test_broken_files_are_refused(text):
    with pytest.raises(bvh.BvhError):
        bvh.parse(text)
