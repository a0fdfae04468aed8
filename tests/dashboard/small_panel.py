"""Two small detectors that have learnt nothing, for tests of what the page does with a recording."""

from collections.abc import Sequence
from pathlib import Path

import gradio as gr
import numpy as np
import torch

from core.analysis.calibration import Calibration
from core.analysis.combination import Combination
from core.analysis.verdict import Decision
from core.audio.clip import Clip, DecodeRecord
from core.detectors.card import Card, Polarity
from core.detectors.checkpoint import save_checkpoint
from core.detectors.detector import Detector
from core.detectors.network import NETWORKS
from core.panel import Fusion, Panel
from dashboard.context import Context, Resources
from dashboard.visits import Visits

__all__ = ["NAMES", "SAMPLE_RATE", "clip_of", "context_of", "panel_with_others", "small_panel", "untrained"]

SAMPLE_RATE = 16_000
NAMES = ("cnn2d-lfcc", "cae-lfcc")


def small_panel(folder: Path) -> Resources:
    """Return the page's resources with two detectors, one of them not calibrated and an autoencoder."""
    torch.manual_seed(0)
    for name in NAMES:
        card = untrained(name, name)
        if name == "cae-lfcc":
            card = card.model_copy(update={"calibration": None})
        save_checkpoint(folder / name, NETWORKS.get(name)().eval(), card)
    return Resources([folder / name for name in NAMES])


def context_of(resources: Resources, tabs: gr.Tabs, tab: gr.Tab, page: gr.Blocks) -> Context:
    """Return a view's context within a page that is laid out."""
    hidden = (gr.Textbox() for _ in range(3))
    # A page of its own has visitors of its own.
    resources.visits = Visits()
    return Context(resources, gr.Checkbox(), gr.Textbox(), tabs, tab, page, *hidden)


def panel_with_others(resources: Resources, others: Sequence[str]) -> Panel:
    """Return the same panel with more detectors that are not in it."""
    panel = resources.panel
    network = panel.detectors["cae-lfcc"].network
    more = {name: Detector(network, untrained(name, "cae-lfcc")) for name in others}
    equal = Combination(dict.fromkeys(NAMES, 0.5))
    return Panel({**panel.detectors, **more}, Fusion(equal, Calibration(slope=1.0, intercept=0.0), Decision()))


def untrained(name: str, architecture: str) -> Card:
    """Return a card of a detector that was calibrated, though it has learnt nothing."""
    return Card(
        name=name, architecture=architecture, polarity=Polarity(how="untrained"),
        calibration=Calibration(slope=1.0, intercept=0.0),
    )  # fmt: skip


def clip_of(waveform: np.ndarray, name: str = "a.wav") -> Clip:
    """Return a waveform as a clip."""
    seconds = len(waveform) / SAMPLE_RATE
    return Clip(name, waveform, DecodeRecord("WAV", "PCM_16", 44_100, 2, seconds, seconds))
