"""What the page's tests share: a synthetic reference run, and a context that knows it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.results.store import Run
from dashboard.context import Context, Resources
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of four made-up detectors over 200 made-up clips."""
    return synthetic_run(tmp_path_factory.mktemp("run") / "reference")


@pytest.fixture
def resources(run: Run, monkeypatch: pytest.MonkeyPatch) -> Resources:
    """The page's resources with that run in place of the one that ships, and no corpus on this machine."""
    monkeypatch.setattr("core.usecases.reference_run", lambda: run)
    monkeypatch.delenv("SPOOFSCOPE_CORPUS", raising=False)
    return Resources()


@pytest.fixture
def context(resources: Resources) -> Context:
    """A view's context without a page around it: for handlers, not for wiring."""
    page = SimpleNamespace()
    return Context(resources, *[page] * 8)  # type: ignore[arg-type]


@pytest.fixture
def no_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Resources:
    """The page's resources where no run ships."""
    monkeypatch.setattr("core.detectors.checkpoint.SHIPPED", tmp_path)
    return Resources()
