"""The picture of an explanation shows the evidence where it lies."""

import io

import numpy as np

from core.explain.overlay import overlay_png


def drawn(speech, attribution, **more):
    from PIL import Image

    picture = Image.open(io.BytesIO(overlay_png(speech, attribution, title="a $b$ <c>", **more)))
    return np.asarray(picture.convert("RGB")).astype(int)


def orange(pixels):
    red, green, blue = np.moveaxis(pixels, -1, 0)
    return (red - blue > 60) & (red > green + 20)


def test_evidence_is_drawn_in_its_seconds_and_frequencies(speech):
    attribution = np.zeros((257, 401), dtype=np.float32)
    # 1 to 2 s and 6 to 8 kHz: left of the middle, in the top quarter.
    attribution[192:, 100:200] = 1
    attribution[:64, 300:] = -1
    pixels = drawn(speech, attribution)
    where = np.argwhere(orange(pixels[:, : int(0.75 * pixels.shape[1])]))
    assert len(where) > 500
    plot_height, plot_width = pixels.shape[0], pixels.shape[1]
    assert where[:, 0].max() < 0.4 * plot_height
    assert 0.15 * plot_width < where[:, 1].min() < where[:, 1].max() < 0.5 * plot_width


def test_without_evidence_nothing_is_drawn_over_the_speech(speech):
    pixels = drawn(speech, np.zeros((257, 401), dtype=np.float32), caption="nothing stands out")
    assert not orange(pixels[:, : int(0.75 * pixels.shape[1])]).any()


def test_the_shortest_clip_can_be_drawn(speech):
    assert drawn(speech[:1600], np.ones((257, 11), dtype=np.float32)).shape[1] == 1400
