"""What travels in assets/ is what its manifest says."""

from __future__ import annotations

import hashlib
import json

from prometheus.data import data_path


def test_every_asset_is_listed_with_its_hash():
    folder = data_path("assets")
    listed = json.loads((folder / "MANIFEST.json").read_text())
    for name, entry in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"], name
        assert {"licence", "source"} <= entry.keys()
    shipped = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert shipped - listed.keys() == {"MANIFEST.json", "motion/README.md"}
