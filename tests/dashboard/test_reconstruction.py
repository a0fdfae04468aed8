import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.detectors.checkpoint import shipped
from core.errors import CheckpointError, ResultsError
from core.results.cards import read_curves
from core.results.rebuilt import BANDS, band_errors, errors_of, telling
from core.results.store import Run
from dashboard.components.reconstruction import history_words, lead_text, medians_table, with_repeated
from dashboard.components.reference import NO_AUDIO
from dashboard.context import Context
from dashboard.plots.models import learning_curves
from dashboard.plots.reconstruction import error_by_class, panels
from dashboard.views.reconstruction import _choices, _mark, drawing, rebuild_clip
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run


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
    assert show(False, "", "", None, None)[3].value != telling(errors_of(run)), "its recording is not here"
    here = tmp_path / str(telling(errors_of(run)))
    here.parent.mkdir(parents=True)
    here.touch()
    lead, _, _, picker, *_ = show(False, "", "", None, None)
    labels = dict(zip(run.clips["path"], run.clips["label"], strict=True))
    assert picker.value == telling(errors_of(run))
    assert "spoofed speech better" in lead
    assert labels[picker.value] == "bonafide"


def test_without_audio_the_picture_says_what_to_set(context: Context) -> None:
    path = context.run().clips["path"].iloc[0]  # type: ignore[union-attr]
    with pytest.raises(ResultsError, match=re.escape(NO_AUDIO)):
        rebuild_clip(context, path)


def test_what_was_refused_is_tried_again_and_what_was_made_is_not_made_twice(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    times, bands = np.arange(4) * 0.01, np.ones((180, 4))
    answers = [CheckpointError("It cannot be read just now."), SimpleNamespace(
        times_s=times, input=bands, output=bands, error=bands,
    )]  # fmt: skip

    def rebuild(*_: object) -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("dashboard.views.reconstruction.rebuild_clip", rebuild)
    _, pick = drawing(context)
    path = context.run().clips["path"].iloc[0]  # type: ignore[union-attr]
    assert "It cannot be read just now." in pick(False, "", "", path)[1].layout.annotations[0].text
    assert all(len(pick(False, "", "", path)[1].data) == 3 for _ in range(2))


def test_a_run_without_labels_is_drawn_and_nothing_is_stated_of_classes(context: Context, tmp_path: Path) -> None:
    clips = synthetic_clips(30).assign(label="-", system="-", source="-")
    unlabelled = synthetic_run(tmp_path / "unlabelled", clips)
    errors = errors_of(unlabelled)
    assert "have no label" in lead_text(errors)
    assert medians_table(errors) == ""
    assert {trace.name for trace in error_by_class(errors, dark=False).data} == {"◇ no label, n = 30"}
    title, path = _choices(errors)[0]
    assert title.startswith(f"◇ {path.rsplit('/', 1)[-1]} · ")


def test_what_has_no_label_counts_for_no_class(run: Run) -> None:
    errors = errors_of(run)
    more = pd.concat([errors, errors.assign(label="-", total=1e6)])
    assert [one.spoof for one in band_errors(more)] == [one.spoof for one in band_errors(errors)]


def test_the_words_give_the_error_on_dev_where_a_training_kept_it() -> None:
    curves = pd.DataFrame({"step": [1, 2], "train_loss": [0.9, 0.5], "dev_eer": [0.4, 0.3]})
    assert "was not kept" in history_words(["cae-lfcc"], curves)
    kept = curves.assign(dev_mse=[0.8, 0.62], dev_mse_spoof=[0.7, 0.61])
    assert "bona fide speech on dev went from 0.80 to 0.62 σ²" in history_words(["cae-lfcc"], kept)
    names = [trace.name for trace in learning_curves(kept, dark=False).data]
    assert "■ bona fide, squared error on dev (right)" in names


def test_errors_of_a_second_training_are_drawn_as_such_beside_what_the_first_kept() -> None:
    first = pd.DataFrame({"step": [1, 2, 3], "train_loss": [1.0, 0.5, 0.4], "dev_eer": [0.4, 0.3, 0.25]})
    second = pd.DataFrame({
        "step": [1, 2], "train_loss": [1.001, 0.5], "dev_eer": [0.4, 0.298], "dev_mse": [0.8, 0.62],
        "dev_mse_spoof": [0.7, 0.61],
    })  # fmt: skip
    words = history_words(["cae-lfcc"], first, second)
    assert "was not kept" in words and "whose weights do not ship" in words
    assert "at 2 of 3 validations its EER differs by at most 0.2 %, and its training error" in words
    assert "differs by at most 0.10 %" in words
    assert "bona fide speech on dev went from 0.80 to 0.62 σ² and the EER from 40.0 % to 30.0 %" in words
    shown = with_repeated(first, second)
    assert shown["train_loss"].tolist() == first["train_loss"].tolist(), "what the first kept is not replaced"
    drawn = {trace.name: len(trace.x) for trace in learning_curves(shown, dark=False).data}
    assert drawn["■ bona fide, squared error on dev (right)"] == 2 and drawn["EER, mean of the parts"] == 3
    assert with_repeated(first, pd.DataFrame()) is first


def test_a_second_training_that_ships_went_as_the_first_did() -> None:
    found = {name: read_curves(name, repeated=True) for name in shipped()}
    for name, repeated in found.items():
        if repeated.empty:
            continue
        both = read_curves(name).merge(repeated, on="step", suffixes=("", "_again"))
        assert len(both) == len(read_curves(name))
        assert both["dev_eer_again"].to_numpy() == pytest.approx(both["dev_eer"].to_numpy(), abs=0.005), name
        assert both["train_loss_again"].to_numpy() == pytest.approx(both["train_loss"].to_numpy(), rel=0.001), name
