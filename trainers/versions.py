"""The versions of a clip that detectors are judged on: as it is, perturbed, and over a telephone."""

from collections.abc import Sequence

from core.analysis.held_out import AS_IS, PERTURBED, TELEPHONE
from trainers.recipe import Augmentation
from trainers.waveforms import Clips, PerturbedWaveforms

__all__ = ["PERTURBATIONS", "VERSIONS", "versions_of"]

#: Perturbations by name. The version ``perturbed`` of a clip has one of them, drawn evenly.
PERTURBATIONS = {
    "a codec": Augmentation(codec=1.0),
    "a narrower band": Augmentation(band_limit=1.0),
    "noise at 10 to 30 dB": Augmentation(noise=1.0, noise_snr_db=(10.0, 30.0)),
    "a room": Augmentation(reverberation=1.0),
}
#: All versions. Calibration, thresholds and panel are fitted to the first two; the third is a check.
VERSIONS = (AS_IS, PERTURBED, TELEPHONE)
_CHANGES = {PERTURBED: list(PERTURBATIONS.values()), TELEPHONE: [Augmentation(telephone=1.0)]}


def versions_of(waves: Clips, names: Sequence[str] = VERSIONS) -> dict[str, Clips]:
    """Return the clips in each of the named versions; the same each time."""
    return {name: PerturbedWaveforms(waves, _CHANGES[name], seed=0) if name in _CHANGES else waves for name in names}
