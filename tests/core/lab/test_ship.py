"""What the lab found becomes a detector's default method and the rows of a document."""

from dataclasses import replace

import pytest

from core.detectors.card import Card, Polarity
from core.errors import ExplanationError, ResultsError
from core.explain.earned import Maps
from core.lab.figures import ALL, SEEN, Estimate, Figures, JoinFigures
from core.lab.ship import with_findings, with_untested
from core.lab.table import check_document, document

CARD = Card(name="toy", architecture="toy", polarity=Polarity(how="made up"), sha256="digest")
NOTHING = Estimate(None, None, None)
TABLES = ("explain-lab", "explain-lab-control", "explain-lab-joins")
PLACES = [f"<!-- {what}:{end} -->" for what in TABLES for end in ("start", "end")]
EMPTY = "\n".join(["# Maps", *PLACES, ""])


def row(method: str, factor: float, *, half: float = 0.2, detector: str = "toy", **more) -> Figures:
    share = Estimate(factor / 4, 0.1, 0.9)
    values = {
        "detector": detector, "method": method, "kind": "second", "systems": ALL, "clips": 80, "mass": share,
        "factor": Estimate(factor, factor - half, factor + half), "rank": share, "pointing": share, "top3": share,
        "eer": share, "hits": 71, "unplanted_factor": Estimate(1.0, 0.9, 1.1), "unplanted_hits": 9,
        "control": Estimate(0.98, 0.93, 1.04),
        "gain": Estimate(factor - 1, factor - 1 - half, factor - 1 + half), "fell": 70, "change": -1.2,
        "cpu_s": 0.123456,
    }  # fmt: skip
    return Figures(**values | more)


def shipped(*rows: Figures, before: Maps | None = None, corpus: str = "corpus"):
    return with_findings(before or Maps(), rows, {"toy": CARD}, corpus=corpus, split="dev")


def test_the_default_is_the_method_that_beats_chance_most_surely():
    few = row("integrated-gradients", 4.0, half=2.9)
    record = shipped(row("grad-cam", 2.0), row("occlusion", 3.0), few, row("occlusion", 9.0, detector="another"))
    toy = record.detectors["toy"]
    assert (toy.default, toy.reason, toy.sha256) == ("occlusion", "", "digest")
    found = toy.methods["occlusion"]["second"]
    assert (found.clips, found.hits, found.unplanted_hits, found.factor, found.cpu_s) == (80, 71, 9, 3.0, 0.123)
    assert list(record.detectors) == ["toy"]


def test_the_default_is_by_what_it_found_alone_an_exact_map_has_no_start():
    assert shipped(row("native-peaks", 2.05), row("native", 2.0)).detectors["toy"].default == "native-peaks"
    assert shipped(row("native-peaks", 2.0), row("native", 2.05)).detectors["toy"].default == "native"


def test_a_detector_whose_best_map_is_at_chance_has_no_default_with_the_reason():
    toy = shipped(row("grad-cam", 1.1), row("occlusion", 1.0)).detectors["toy"]
    assert toy.default is None
    assert "(grad-cam) put 1.10 times" in toy.reason and "no better than chance." in toy.reason


def test_what_the_place_had_before_planting_earns_nothing():
    liked = row("grad-cam", 1.8, unplanted_factor=Estimate(1.7, 1.5, 1.9), gain=Estimate(0.1, -0.1, 0.3))
    toy = shipped(liked, row("occlusion", 1.4)).detectors["toy"]
    assert toy.default == "occlusion"
    alone = shipped(liked).detectors["toy"]
    assert alone.default is None
    assert alone.reason.endswith("but 1.70 times before anything was planted there.")


def test_an_interval_that_is_not_known_earns_nothing():
    assert shipped(replace(row("grad-cam", 3.0), factor=Estimate(3.0, None, None))).detectors["toy"].default is None


def test_later_findings_join_earlier_ones_of_the_same_weights_and_corpus():
    first = shipped(row("grad-cam", 2.0))
    both = shipped(row("occlusion", 3.0), before=first).detectors["toy"]
    assert set(both.methods) == {"grad-cam", "occlusion"} and both.default == "occlusion"
    of_old = first.model_copy(deep=True)
    of_old.detectors["toy"].sha256 = "of another training"
    assert set(shipped(row("occlusion", 3.0), before=of_old).detectors["toy"].methods) == {"occlusion"}
    assert set(shipped(row("occlusion", 3.0), before=first, corpus="another").detectors["toy"].methods) == {"occlusion"}


def test_a_detector_that_ships_untested_has_no_default_until_it_is_measured():
    other = CARD.model_copy(update={"name": "other"})
    record = with_untested(shipped(row("grad-cam", 2.0)), [CARD, other])
    assert record.detectors["toy"].default == "grad-cam"
    assert (record.detectors["other"].default, record.detectors["other"].methods) == (None, {})
    assert record.detectors["other"].reason == "the lab has not tested its maps."
    trained_again = with_untested(record, [CARD.model_copy(update={"sha256": "of another training"})])
    assert trained_again.detectors["toy"].default is None
    rows = [row("grad-cam", 3.0, detector="other")]
    assert with_findings(record, rows, {"other": other}, corpus="corpus", split="dev").detectors["other"].default


def test_without_the_planted_second_nothing_is_decided():
    with pytest.raises(ExplanationError, match="--kind second"):
        shipped(row("grad-cam", 3.0, kind="band"))


def test_a_document_keeps_the_rows_of_what_was_not_measured():
    joins = [JoinFigures("toy", "timeline", "deletion", 60, Estimate(4.0, 1.0, 7.0))]
    first = document(EMPTY, [row("grad-cam", 2.0, systems=SEEN)], joins)
    assert "| `toy` | grad-cam | second | seen in training | 80 | 2.00 [1.80, 2.20] | 1.00 [0.90, 1.10] |" in first
    assert "| `toy` | grad-cam | second | seen in training | 80 | 1.00 [0.90, 1.10] | 0.98 [0.93, 1.04] |" in first
    assert "| `toy` | timeline | deletion | 60 | 4 [1, 7] |" in first
    second = document(first, [row("grad-cam", 3.0, detector="other"), row("occlusion", 4.0)], [])
    assert all(factor in second for factor in ("2.00 [1.80", "3.00 [2.80", "4.00 [3.80", "deletion"))
    third = document(second, [row("grad-cam", 5.0)], [])
    assert "5.00 [4.80" in third and "2.00 [1.80" not in third and "4.00 [3.80" in third


def test_rows_of_all_systems_stand_in_the_document_only_beside_two_groups_of_them():
    apart = [row("grad-cam", 2.0, systems=SEEN, clips=80), row("grad-cam", 2.1, systems=ALL, clips=80)]
    assert "| all |" not in document(EMPTY, apart, [])
    assert "| all |" in document(EMPTY, [row("grad-cam", 2.0, systems=ALL)], [])


def test_a_document_without_the_markers_is_refused():
    check_document(EMPTY)
    with pytest.raises(ResultsError, match="explain-lab-control:start"):
        check_document("<!-- explain-lab:start -->\n<!-- explain-lab:end -->")
