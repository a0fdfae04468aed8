"""Aligned pairs of a recording and its copy."""

import numpy as np
import pandas as pd
import pytest

from core.audio.clip import SAMPLE_RATE
from core.audio.resynthesis import griffin_lim
from core.corpus.pairs import aligned_copy, aligned_pairs, find_lag

COLUMNS = ["label", "system", "source", "seconds", "page"]


def moved(wave: np.ndarray, lag: int) -> np.ndarray:
    """The recording ``lag`` samples later, or earlier."""
    return np.concatenate([np.zeros(lag, np.float32), wave]) if lag > 0 else wave[-lag:]


def frame(waves: list[np.ndarray], rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    table = [
        (label, system, source, len(w) / SAMPLE_RATE, page)
        for w, (label, system, source, page) in zip(waves, rows, strict=True)
    ]
    return pd.DataFrame(table, columns=COLUMNS)


@pytest.mark.parametrize("lag", [-1600, 0, 480])
def test_the_lag_of_a_resynthesised_copy_is_found_within_a_millisecond(speech: np.ndarray, lag: int) -> None:
    copy = moved(griffin_lim(speech, n_mels=80, iterations=8), lag)
    found, fit = find_lag(speech, copy)
    assert abs(found - lag) <= 16
    assert fit > 0.9


def test_an_aligned_copy_lies_on_its_recording(speech: np.ndarray) -> None:
    moved_back = aligned_copy(speech, 0.5 * moved(speech, 480), 480)
    assert moved_back.shape == speech.shape
    assert np.allclose(moved_back[:-480], speech[:-480], atol=1e-3)


def test_pairs_are_found_on_a_page_and_by_source_and_nowhere_else(speech: np.ndarray) -> None:
    copy = griffin_lim(speech, n_mels=80, iterations=8)
    other = speech[::-1].copy()
    waves = [speech, other, moved(copy, 320), copy, copy]
    rows = [
        ("bonafide", "-", "a", "owner/page"), ("bonafide", "-", "b", "owner/page"),
        ("spoof", "vocoder", "c", "owner/page"), ("spoof", "vocoder", "d", "owner/elsewhere"),
        ("spoof", "vocoder", "a", "-"),
    ]  # fmt: skip
    pairs = aligned_pairs(frame(waves, rows), waves.__getitem__)
    assert pairs[["real", "copy"]].to_numpy().tolist() == [[0, 2]]
    assert abs(pairs["lag"].iloc[0] - 320) <= 16
    assert pairs["correlation"].iloc[0] > 0.85
    same_source = frame(waves[:1] + waves[3:4], [("bonafide", "-", "a", "-"), ("spoof", "vocoder", "a", "-")])
    assert len(aligned_pairs(same_source, [speech, copy].__getitem__)) == 1


def test_a_copy_of_another_length_is_no_candidate(speech: np.ndarray) -> None:
    waves = [speech, speech[: 3 * SAMPLE_RATE]]
    rows = [("bonafide", "-", "a", "owner/page"), ("spoof", "vocoder", "b", "owner/page")]
    assert aligned_pairs(frame(waves, rows), waves.__getitem__).empty
