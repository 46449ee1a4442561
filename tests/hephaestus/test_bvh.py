"""BVH: what is written comes back; broken files are refused in one sentence."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
     "}\nMOTION\nFrames: 0\nFrame Time: 1\n", SMALL.replace("Frames: 2", "Frames: -2"),
     SMALL.replace("Frames: 2", "Frames: 9999999999999"), SMALL.replace("0.05", "nan"), SMALL.replace("0.05", "inf"),
     SMALL.replace("90", "1e300"), SMALL.replace("0 -2 0", "0 -2"), SMALL.replace("0 -2 0", "0 inf 0"),
     SMALL.replace("3 Zrotation", "9 Zrotation"), SMALL.replace("3 Zrotation", "3 Wrotation"),
     SMALL.replace("3 Zrotation", "-1 Zrotation"), SMALL.replace("ROOT", "JOINT a\n{\n" * 3000 + "ROOT")],
)  # fmt: skip
def test_broken_files_are_refused(text):
    with pytest.raises(bvh.BvhError) as refused:
        bvh.parse(text, "a.bvh")
    assert str(refused.value).startswith("a.bvh: ")
    assert len(str(refused.value)) < 200


@given(st.integers(0, len(SMALL)), st.integers(0, 12), st.text("HIERAJONTCLXYZ0123456789.-einfa{}: \n\t", max_size=12))
@settings(max_examples=200, deadline=None)
def test_a_damaged_file_is_read_or_refused(at, gone, put):
    try:
        file = bvh.parse(SMALL[:at] + put + SMALL[at + gone :])
    except bvh.BvhError:
        return
    assert np.isfinite(file.world()[1]).all()


def test_a_missing_or_torn_file_is_refused(tmp_path):
    (tmp_path / "torn.bvh.gz").write_bytes(gzip.compress(SMALL.encode())[:60])
    (tmp_path / "plain.bvh.gz").write_text(SMALL)
    for name in ("nowhere.bvh", "torn.bvh.gz", "plain.bvh.gz", "."):
        with pytest.raises(bvh.BvhError, match="cannot be read"):
            bvh.read(tmp_path / name)


def test_a_joint_may_be_called_motion():
    assert bvh.parse(SMALL.replace("knee", "MOTION_knee")).names[1] == "MOTION_knee"
