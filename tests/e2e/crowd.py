"""A page with sixteen detectors, for pictures and tests: small networks under many names, and a made-up run."""

import json
from pathlib import Path

import numpy as np
import torch

from core.analysis.calibration import Calibration
from core.analysis.verdict import Decision
from core.detectors import checkpoint
from core.detectors.card import Card, Polarity
from core.detectors.network import NETWORKS, Network
from tests.dashboard.synthetic_run import CROWD, PANEL, synthetic_run

CURVES = "step,train_loss,dev_eer\n0,0.7,0.5\n100,0.5,0.3\n200,0.4,0.25\n"


def lay_out_crowd(root: Path) -> Path:
    """Fill ``root`` as ``checkpoints/`` is filled, and return it; point ``checkpoint.SHIPPED`` there."""
    rng = np.random.default_rng(5)
    networks = {name: network(name) for name in ("cnn2d-lfcc", "cae-lfcc")}
    for name, strength in CROWD.items():
        which = name if name in networks else "cnn2d-lfcc"
        card = Card(
            name=name, architecture=which, summary=f"Stands in for {name}.", polarity=Polarity(how="made up"),
            calibration=Calibration(slope=float(rng.uniform(0.3, 1) * strength), intercept=float(rng.normal(0, 1.2))),
            metrics={"eval": [metrics(part, rng) for part in ("all", "seen attacks", "unseen attacks", "published")]},
        )  # fmt: skip
        extra = {"curves.csv": CURVES.encode()}
        checkpoint.save_checkpoint(root / name, networks[which], card, extra=extra)
    decision = Decision(false_alarm_rate=0.05, miss_rate=0.1, not_sure_rate=0.2, basis="made-up clips")
    fusion = {
        "members": dict.fromkeys(PANEL, 1 / len(PANEL)), "calibration": {"slope": 1.5, "intercept": 0.0},
        "decision": decision.model_dump(mode="json"), "basis": "made-up clips",
    }  # fmt: skip
    (root / "panel.json").write_text(json.dumps(fusion))
    synthetic_run(root / "reference", detectors=CROWD, members=PANEL)
    return root


def network(name: str) -> Network:
    """Return a network as it ships; untrained where it does not."""
    if name in checkpoint.shipped():
        return checkpoint.load_detector(name).network
    torch.manual_seed(0)
    return NETWORKS.get(name)().eval()


def metrics(part: str, rng: np.random.Generator) -> dict[str, object]:
    """Return one made-up row of a card's figures."""
    eer = float(rng.uniform(0.1, 0.4))
    return {
        "slice": part, "n_bonafide": 340, "n_spoof": 574, "eer": eer, "eer_low": eer - 0.03, "eer_high": eer + 0.03,
        "auc": 1 - eer, "min_dcf": 0.5, "act_dcf": 0.6, "cllr": 0.7,
    }  # fmt: skip
