"""The page for a real browser: served once, with the detectors that ship, or untrained ones where none does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PATIENCE_MS, _free_port, join_warm_up

# What a test waits for comes in a second or two: time is only for a machine that does something else besides.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def panel_folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path] | None:
    """Folders of untrained detectors, or None where trained ones ship."""
    from core.detectors import checkpoint

    if checkpoint.shipped():
        return None
    import torch

    from core.analysis.calibration import Calibration
    from core.detectors.card import Card, Polarity
    from core.detectors.network import NETWORKS

    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("checkpoints")
    for name in ("cnn2d-lfcc", "cae-lfcc"):
        card = Card(
            name=name, architecture=name, polarity=Polarity(how="untrained"),
            calibration=Calibration(slope=1.0, intercept=0.0),
        )  # fmt: skip
        checkpoint.save_checkpoint(root / name, NETWORKS.get(name)().eval(), card)
    return sorted(root.iterdir())


@pytest.fixture(scope="session")
def app_url(panel_folders: list[Path] | None) -> Iterator[str]:
    """The address of the page, served by this process for all tests here."""
    from dashboard.app import launch

    url, close = launch("127.0.0.1", _free_port(), prevent_thread_lock=True, names=panel_folders)
    yield url
    close()
    join_warm_up()


@pytest.fixture
def opened(page: Page, app_url: str) -> Page:
    """The page, open on *Analyse* and ready to be used."""
    page.goto(app_url)
    page.locator("#ss-audio input[type=file]").wait_for(state="attached")
    page.locator("#ss-clip .js-plotly-plot .svg-container").wait_for()
    return page
