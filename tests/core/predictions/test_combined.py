"""A panel's voters combined, each way against the best single one."""

import dataclasses

import numpy as np
import pytest

from core.analysis.paired import Difference
from core.errors import PredictionsError
from core.predictions.combined import Combining, combine
from core.predictions.figures import panel_figures
from core.predictions.page import page_html
from core.predictions.panel import assemble
from core.predictions.report import combining_json, combining_text
from core.shell import json_text
from tests.core.predictions.test_panel import bare, file, noisy

FILES = [file("a", noisy(0)), file("b", -noisy(1)), file("c", noisy(2))]


@pytest.fixture(scope="module")
def found() -> Combining:
    return combine(assemble(FILES), anomaly=["c"], resamples=200)


def test_independent_voters_help_each_other(found: Combining) -> None:
    rows = {row.name: row for row in found.rows}
    assert {"majority", "majority, copies once", "mean", "rank mean", "calibrated sum", "Dawid-Skene"} == set(rows)
    assert found.independent
    for name in ("mean", "rank mean", "calibrated sum"):
        rate = rows[name].differences[0]
        assert rate.figure == "equal error rate"
        assert rate.high < 0, name
    assert "copies" in rows["Dawid-Skene"].note


def test_a_clip_on_a_cut_is_counted_as_the_votes_count_it() -> None:
    panel = assemble(FILES)
    found = combine(panel, resamples=50)
    best = found.names.index(found.best)
    # The cut at the equal error rate is some clip's score.
    assert (panel.scores[:, best] == panel.cuts[best]).sum() == 1
    spoof, real = panel.votes[:, best] == 0, panel.labels == 1
    _, alarms, misses = {row.name: row for row in found.rows}["mean"].differences
    assert (alarms.second, misses.second) == (spoof[real].mean(), (~spoof)[~real].mean())


def test_a_tie_counts_as_spoof() -> None:
    found = combine(assemble([file("a", np.sign(noisy(0))), file("b", np.sign(noisy(1)))]), resamples=50)
    row = next(row for row in found.rows if row.name == "majority")
    assert row.n_tied > 0
    _, alarms, misses = row.differences
    called = row.scores > 0
    assert (alarms.first, misses.first) == ((~called)[:1000].mean(), called[1000:].mean())


def test_a_copy_brings_nothing_and_is_no_independent_voter() -> None:
    found = combine(assemble([FILES[0], file("copy", 2 * noisy(0) - 1)]), resamples=50)
    assert found.independent is False
    assert {row.name: row for row in found.rows}["mean"].differences[0].difference == pytest.approx(0, abs=1e-9)
    assert "do not err independently" in combining_text(found)


def test_the_hybrid_is_its_parts_at_both_ends(found: Combining) -> None:
    first, last = found.sweep[0], found.sweep[-1]
    assert (first.alpha, last.alpha, len(found.sweep)) == (0.0, 1.0, 11)
    assert (first.with_anomaly, last.with_supervised, last.flipped) == (1, 1, 0)
    assert all(point.flipped_disputed <= point.flipped for point in found.sweep)
    assert last.eer < first.eer


def test_an_interval_that_is_not_known_is_a_dash(found: Combining) -> None:
    unknown = Difference("equal error rate", 0.1, 0.12, np.nan, np.nan, -0.03, -0.01)
    row = dataclasses.replace(found.rows[3], differences=(unknown,) * 3)
    text = combining_text(dataclasses.replace(found, rows=(row,)))
    assert "10.00 % (-2.00, -)" in text
    assert "nan" not in text


def test_without_labels_there_are_class_counts_and_no_rates() -> None:
    panel = assemble(bare(*FILES), higher={"a": "bonafide"})
    found = combine(panel, anomaly=["c"])
    assert found.best == ""
    assert found.independent is None
    assert all(row.n_bonafide + row.n_spoof + row.n_tied == len(panel.shared) for row in found.rows)
    assert "calibrated sum" not in {row.name for row in found.rows}
    assert np.isnan(found.sweep[5].eer)
    assert found.sweep[5].n_bonafide > 0
    json_text(combining_json(found))


def test_it_is_written_as_text_json_and_page(found: Combining) -> None:
    assert "Best single detector: " in combining_text(found)
    assert combining_json(found)["errors_independent"] is True
    json_text(combining_json(found))
    panel = assemble(FILES)
    assert "<h2>Combined</h2>" in page_html(panel, panel_figures(panel), found)


def test_what_cannot_be_combined_is_refused() -> None:
    with pytest.raises(PredictionsError, match="at least two voters"):
        combine(assemble(FILES[:1]))
    with pytest.raises(PredictionsError, match="x is no voter"):
        combine(assemble(FILES), anomaly=["x"])
    with pytest.raises(PredictionsError, match="no supervised voter is left"):
        combine(assemble(FILES), anomaly=["a", "b", "c"])


def test_intervals_know_speakers_and_attacks() -> None:
    import pyarrow as pa

    speakers, attacks = ([f"{word}{n % few}" for n in range(2000)] for word, few in (("S", 40), ("A", 6)))
    files = [dataclasses.replace(one, groups=pa.array(speakers), attacks=pa.array(attacks)) for one in FILES]
    assert combine(assemble(files), resamples=50).grouped_by == "speakers and attacks"
    assert combine(assemble(FILES), resamples=50).grouped_by == "clips, since no speakers are known"
    files = [dataclasses.replace(one, groups=None) for one in files]
    assert combine(assemble(files), resamples=50).grouped_by == "clips and attacks, since no speakers are known"
