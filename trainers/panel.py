"""Fit the panel: how the shipped detectors' scores become one, on development data."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from core.analysis.calibration import fit_calibration
from core.analysis.metrics import eer
from core.analysis.verdict import fit_decision
from core.corpus.table import read_corpus
from core.detectors.checkpoint import load_detector
from core.files import write_json
from trainers.data import Waveforms
from trainers.finish import score_split

__all__ = ["fit_panel"]


def fit_panel(names: Sequence[str], *, manifest: Path, root: Path, out: Path, work: Path) -> Path:
    """Fuse detectors and write ``panel.json``.

    The panel's score is the mean of its members' log-likelihood ratios, calibrated again: a member that tells the
    classes apart poorly was calibrated to small ratios and so speaks softly by itself. No weight is fitted, because
    the few development clips that the members were calibrated on cannot also carry weights.

    Parameters
    ----------
    names : sequence of str
        Checkpoints, shipped or as folders.
    manifest, root : Path
        The corpus; its ``dev`` split is heard.
    out : Path
        Folder of checkpoints that receives ``panel.json``.
    work : Path
        Folder for caches.
    """
    corpus = read_corpus(manifest, root)
    frame = corpus.frame[corpus.frame["split"] == "dev"].reset_index(drop=True)
    waves = Waveforms(replace(corpus, frame=frame), work / "cache")
    detectors = [load_detector(name) for name in names]
    scores = pd.DataFrame({d.name: d.calibration.llr(score_split(d, waves)) for d in detectors})
    real = (frame["label"] == "bonafide").to_numpy()
    mean = scores.to_numpy().mean(axis=1)
    calibration = fit_calibration(mean, real)
    fused = calibration.llr(mean)
    decision = fit_decision(fused, real, basis=f"the corpus' dev split, {len(real)} clips")
    write_json(out / "panel.json", {
        "members": {d.name: 1 / len(detectors) for d in detectors},
        "calibration": {"slope": calibration.slope, "intercept": calibration.intercept},
        "decision": decision.model_dump(mode="json"),
        "basis": decision.basis,
        "figures": {
            "dev_eer": eer(fused[real], fused[~real]).rate,
            "dev_eer_members": {name: eer(scores[name][real], scores[name][~real]).rate for name in scores},
            "correlation_bonafide": scores[real].corr().round(3).to_dict(),
            "correlation_spoof": scores[~real].corr().round(3).to_dict(),
        },
    })  # fmt: skip
    return out / "panel.json"
