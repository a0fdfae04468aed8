"""Something to hear where the corpus is not: one recording under the name of every clip of the reference run."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

SAMPLE_RATE = 16000


def lay_out_audio(root: Path, waveform: np.ndarray) -> Path:
    """Lay one recording under ``root`` at the path of each clip of the reference run, and return ``root``."""
    from core.usecases import reference_run

    samples = np.clip(waveform * 32767, -32768, 32767).astype(np.int16)
    for number, path in enumerate(sorted(reference_run().paths)):
        # No two are the same: a player that is given the very same sound again would not begin to play.
        samples[-1] = number
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(root / path, samples, SAMPLE_RATE)
    return root


def with_audio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the page should find clips in: the corpus where there is one, else a stand-in."""
    named = os.environ.get("SPOOFSCOPE_CORPUS")
    if named and (Path(named) / "manifest.csv").is_file():
        return Path(named)
    return lay_out_audio(tmp_path_factory.mktemp("audio"), request.getfixturevalue("speech_source"))
