"""Make ready what the first recording would otherwise wait for: decoder, detectors, explanation, figures."""

import logging

from core.errors import SpoofscopeError
from dashboard.context import Resources

__all__ = ["warm_up"]

_log = logging.getLogger(__name__)


def warm_up(resources: Resources) -> None:
    """Start the decoder, load the detectors and let each hear a second of noise.

    Detectors that were never exported on this machine hear by PyTorch meanwhile, and are exported last.
    A missing or damaged checkpoint is logged here and shown to the person at the first recording.
    """
    from core.runtime.choose import export_later, make_ready

    try:
        export_later()
        _decoder()
        _detectors(resources)
        _ = resources.examples
        for detector in (*resources.panel.detectors.values(), *resources.others.values()):
            make_ready(detector)
    except SpoofscopeError as error:
        _log.warning("%s", error)


def _decoder() -> None:
    from core.audio.decode import warm

    warm()


def _detectors(resources: Resources) -> None:
    import numpy as np

    from core.explain.base import default_method, methods_for
    from dashboard.plots.clip_grid import pooled_db

    noise = (0.1 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32)
    pooled_db(noise)
    for detector in resources.panel.detectors.values():
        detector.score(noise)
        if methods_for(detector):
            default_method(detector)
