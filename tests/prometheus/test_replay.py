"""A replay lives in the world that the episode holds, whatever has become of the file that it came from."""

from tests.prometheus.inside import inside

WORLD = """
name: yard
licence: CC0-1.0
agent: {at: [0, 0], task: walk to the gate, goal: [6, 0], vary: {at: 0.5}}
solids:
  - {kind: wall, name: w, start: [9, -4], end: [9, 4]}
  - {kind: grove, name: g, at: [-6, 0], size: [5, 5], count: 4}
entities: [{id: man, kind: man, at: [4, 2], vary: {at: 1.0}}]
"""


def test_a_world_that_is_gone_is_replayed_from_the_episodes_own_copy(tmp_path):
    file = tmp_path / "yard.yaml"
    file.write_text(WORLD)
    done = inside("run", file, "--seconds", "0.6", "--seed", 5, "--agents", 2, "--out", tmp_path / "a", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    file.write_text(WORLD.replace("[4, 2]", "[4, -2]"))
    for again in ("changed", "gone"):
        done = inside("replay", tmp_path / "a", "--out", tmp_path / again, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        recorded, lived = (tmp_path / name / "episode.jsonl" for name in ("a", again))
        assert lived.read_bytes() == recorded.read_bytes()
        file.unlink(missing_ok=True)
