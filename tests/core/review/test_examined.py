"""A clip in words for who judges it: what is not known of it, or of the clips near it, is stated as nothing."""

import pandas as pd

from core.review.examined import _neighbours, _truth


def test_a_clip_without_a_label_is_of_neither_class() -> None:
    rows = pd.DataFrame([
        {"label": "-", "system": "-"}, {"label": "", "system": "-"}, {"label": "bonafide", "system": "-"},
        {"label": "spoof", "system": "wavenet"},
    ])  # fmt: skip
    assert _neighbours(rows) == "2 no label, 1 bona fide, 1 wavenet"
    assert [_truth(row) for _, row in rows.iterrows()] == [
        "no label", "no label", "bona fide", "spoof, made by wavenet",
    ]  # fmt: skip
