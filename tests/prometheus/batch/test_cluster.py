from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prometheus.batch.conduct import Plan, conduct
from prometheus.batch.spec import Ceilings
from tests.prometheus.batch.test_batch import grid, table

pytestmark = pytest.mark.slow


@pytest.fixture
def nodes() -> Iterator[Any]:
    """A cluster of a head that runs nothing and a worker node, all on this machine."""
    pytest.importorskip("ray")
    import ray
    from ray.cluster_utils import Cluster

    from prometheus.batch.cluster import OBJECTS

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": OBJECTS})
    cluster.add_node(num_cpus=1, object_store_memory=OBJECTS)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.mark.long
def test_a_node_that_dies_in_the_middle_costs_nothing(nodes: Any, tmp_path: Path) -> None:
    from prometheus.batch.cluster import OBJECTS

    jobs = grid(seeds=4, seconds=1.0)
    first = next(iter(nodes.worker_nodes))
    killed = threading.Event()

    def strike(event: dict[str, Any], _: object) -> None:
        if event["event"] == "done" and not killed.is_set():
            killed.set()
            nodes.add_node(num_cpus=1, object_store_memory=OBJECTS)
            nodes.remove_node(first, allow_graceful=False)

    conduct(jobs, Ceilings(), tmp_path / "ray", Plan(1, "ray", nodes.address), strike)
    assert killed.is_set()
    conduct(jobs, Ceilings(), tmp_path / "local", Plan(1))
    assert table(tmp_path / "ray") == table(tmp_path / "local")
