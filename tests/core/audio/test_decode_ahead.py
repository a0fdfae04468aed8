"""Recordings come in the order they were named, decoded or not."""

import numpy as np
import soundfile

from core.audio.clip import Clip
from core.audio.decode_ahead import decode_ahead
from core.errors import AudioError


def test_order_is_kept_and_refusals_take_their_place(tmp_path):
    files = []
    for number in range(9):
        path = tmp_path / f"{number}.wav"
        if number % 4 == 2:
            path.write_bytes(b"nothing")
        else:
            soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 4000 + 1000 * number), 16000)
        files.append((number, path))
    decoded = list(decode_ahead(files, ahead=2))
    assert [key for key, _ in decoded] == list(range(9))
    for number, clip in decoded:
        if number % 4 == 2:
            assert isinstance(clip, AudioError)
        else:
            assert isinstance(clip, Clip)
            assert len(clip.waveform) == 4000 + 1000 * number


def test_no_more_is_decoded_than_is_waited_for(tmp_path):
    asked = []

    def files():
        for number in range(100):
            asked.append(number)
            yield number, tmp_path / "missing.wav"

    stream = decode_ahead(files(), ahead=3)
    next(stream)
    assert len(asked) == 4
    stream.close()
