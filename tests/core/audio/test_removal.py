"""What stands in the place of cells that are taken out of a clip."""

import numpy as np

from core.audio.removal import Removal


def test_what_is_left_is_as_loud_as_the_noise_of_the_clip_however_much_digital_silence_it_holds():
    hiss = (0.1 * np.random.default_rng(0).standard_normal(32_000)).astype(np.float32)
    alone, padded = (Removal(wave) for wave in (hiss, np.pad(hiss, (0, 32_000))))
    left, left_of_padded = (each.without(np.ones_like(each.magnitude))[:32_000] for each in (alone, padded))
    assert left.std() > 0.01
    assert abs(left_of_padded.std() / left.std() - 1) < 0.05
