from pathlib import Path

import numpy as np
import pytest

from core.results.rebuilt import BANDS, errors_of, telling
from core.results.store import Run
from dashboard.components.reference import NO_AUDIO
from dashboard.context import Context
from dashboard.plots.reconstruction import error_by_class, panels
from dashboard.views.reconstruction import _choices, _mark, drawing, lead_text, medians_table, rebuild_clip


@pytest.mark.parametrize("dark", [False, True])
def test_the_three_pictures_share_one_time_axis_in_seconds(dark: bool) -> None:
    rng = np.random.default_rng(0)
    times = np.arange(50) * 0.0125
    parts = {name: rng.normal(size=(180, 50)) ** 2 for name in ("input", "output", "error")}
    figure = panels(times, parts, dark=dark)
    assert [np.asarray(trace.z).shape for trace in figure.data] == [(180, 50)] * 3
    assert all(np.allclose(trace.x, times) for trace in figure.data)
    assert figure.layout.xaxis3.title.text == "time, s"
    assert list(figure.layout.yaxis.ticktext) == ["static<br>0–59", "delta<br>60–119", "delta-delta<br>120–179"]


def test_errors_are_drawn_by_class_in_every_band(run: Run) -> None:
    errors = errors_of(run)
    figure = error_by_class(errors, mark=_mark(errors, errors["path"].iloc[0]), dark=False)
    assert len(figure.data) == 2 * (1 + len(BANDS)) + 1
    assert figure.data[-1].name == "this clip"
    assert 10 ** figure.data[-1].y[0] == pytest.approx(errors["total"].iloc[0])


def test_a_run_without_an_autoencoder_says_so(run: Run) -> None:
    errors = errors_of(run.only(["aasist"]))
    assert errors.empty
    assert "no autoencoder" in lead_text(errors)
    assert "no reconstruction errors" in error_by_class(errors, dark=False).layout.annotations[0].text


def test_the_words_name_the_class_that_is_rebuilt_better(run: Run) -> None:
    errors = errors_of(run)
    assert "spoofed speech better" in lead_text(errors)
    turned = errors.assign(label=errors["label"].map({"bonafide": "spoof", "spoof": "bonafide"}))
    assert "bona fide speech better" in lead_text(turned)


def test_the_table_gives_how_well_an_error_alone_tells_the_classes_apart(run: Run) -> None:
    from sklearn.metrics import roc_auc_score

    errors = errors_of(run)
    auc = roc_auc_score(errors["label"] == "bonafide", errors["static"])
    assert f"{max(auc, 1 - auc):.3f}" in medians_table(errors)


def test_clips_are_offered_from_the_worst_rebuilt(run: Run) -> None:
    errors = errors_of(run)
    assert _choices(errors)[0][1] == errors.loc[errors["total"].idxmax(), "path"]


def test_where_the_recordings_are_the_clip_shown_unasked_is_one_of_the_class_rebuilt_worse(
    context: Context, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(tmp_path))
    show, _ = drawing(context)
    lead, _, _, picker, *_ = show(False, "", "", None, None)
    labels = dict(zip(run.clips["path"], run.clips["label"], strict=True))
    assert picker.value == telling(errors_of(run))
    assert "spoofed speech better" in lead
    assert labels[picker.value] == "bonafide"


def test_without_audio_the_picture_says_what_to_set(context: Context) -> None:
    path = context.run().clips["path"].iloc[0]  # type: ignore[union-attr]
    assert rebuild_clip(context, path) == NO_AUDIO
