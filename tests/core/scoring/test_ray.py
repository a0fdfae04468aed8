"""Ray: the same interface on a cluster of two nodes."""

import os
import signal

import pytest

ray = pytest.importorskip("ray", reason="Ray is an optional extra: make install-ray")

from core.errors import ScoringError  # noqa: E402
from core.scoring.executors.ray import OnRay  # noqa: E402
from tests.core.scoring.test_executors import begun, numbers, squares  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two_nodes():
    """A cluster of two nodes with a core each, on this machine."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def test_a_worker_that_is_killed_on_a_cluster_of_two_loses_nothing_and_nothing_is_done_twice(two_nodes, tmp_path):
    log, killed, found = tmp_path / "log", set(), []
    executor = OnRay()
    for _, result in executor.map(squares(log), [{"n": n, "seconds": 0.1} for n in range(24)]):
        found.append(result)
        if len(found) == 6:
            killed.add(result["pid"])
            os.kill(result["pid"], signal.SIGKILL)
    assert executor.workers == 2
    assert sorted(result["square"] for result in found) == [n * n for n in range(24)]
    # The item that the killed worker was at, and no other.
    assert begun(log).total() <= 25
    assert len({result["pid"] for result in found} - killed) == 2


def test_what_fails_on_a_cluster_comes_as_it_does_here(two_nodes, tmp_path):
    log = tmp_path / "log"
    found = {item["n"]: result for item, result in OnRay(1).map(squares(log), numbers(5, fail=True))}
    assert str(found[3]) == "A worker failed: ValueError: no square"
    with pytest.raises(ScoringError, match="was changed"):
        list(OnRay(2).map(squares(log, refuse="it was changed"), numbers(4)))
    assert list(OnRay().map(squares(log), [])) == []
