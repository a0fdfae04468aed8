"""Make ready what the first recording would otherwise wait for: decoder, panel, figures, examples."""

import logging
from typing import TYPE_CHECKING

from core.errors import SpoofscopeError
from dashboard.resources import Resources

if TYPE_CHECKING:
    from core.panel import Panel

__all__ = ["warm_up"]

_log = logging.getLogger(__name__)


def warm_up(resources: Resources) -> None:
    """Start the decoder, load the panel and score the examples by it.

    Detectors that were never exported on this machine compute by PyTorch meanwhile, and are exported last; those
    outside of the panel are loaded when somebody asks for them. A missing or damaged checkpoint is logged here, and
    shown to the person at the first recording.
    """
    from core.runtime.choose import export_later

    try:
        export_later()
        _decoder()
        _figures()
        resources.measure_elsewhere()
        resources.featured.prepare()
        _exports(resources.panel)
    except SpoofscopeError as error:
        _log.warning("%s", error)


def _exports(panel: "Panel") -> None:
    """Export what was never exported here; of those outside of the panel nothing else is loaded."""
    from core.detectors.network import NETWORKS
    from core.runtime.choose import is_to_export, make_ready

    for name in (*panel.members, *panel.others):
        card = panel.card(name)
        if name in panel.members or is_to_export(card, NETWORKS.get(card.architecture)):
            make_ready(panel.detectors[name])


def _decoder() -> None:
    from core.audio.decode import warm

    warm()


def _figures() -> None:
    import numpy as np

    from dashboard.plots.clip_grid import pooled_db

    pooled_db((0.1 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32))
