"""What is asked for after a verdict: whose map comes unasked, how long the detectors outside of the panel will take."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.session import Pace, explained_first, part_to_try


@pytest.mark.parametrize(
    ("methods", "localiser", "expected"),
    [
        # An exact map costs one run of the network: a member's own comes before the localiser's.
        ({"a": "occlusion", "b": "native"}, "native", "b"),
        ({"a": "native", "b": "native"}, "native", "a"),
        ({"a": "occlusion", "b": "native-peaks"}, "native", "b"),
        ({"a": "occlusion", "b": "grad-cam"}, "native", "localiser"),
        ({"a": "occlusion", "b": "grad-cam"}, "occlusion", "a"),
        # No map of the deciding one is better than chance.
        ({"a": None, "b": "grad-cam"}, None, "b"),
        ({"a": None, "b": None}, None, "a"),
    ],
)
def test_the_map_that_is_exact_comes_first_and_else_the_deciding_members(
    monkeypatch: pytest.MonkeyPatch, methods: dict[str, str | None], localiser: str | None, expected: str
) -> None:
    known = {**methods, "localiser": localiser}
    monkeypatch.setattr("core.explain.base.default_method", lambda detector: known[detector.name])
    monkeypatch.setattr("core.timeline.shipped.shipped_localiser", lambda: SimpleNamespace(name="localiser"))
    monkeypatch.setattr("core.usecases.by_contribution", lambda *_: {"a": 2.0, "b": 1.0})
    monkeypatch.setattr("core.explain.earned.surely_found", lambda *_: 0.0)
    panel: Any = SimpleNamespace(detectors={name: SimpleNamespace(name=name) for name in methods})
    analysis: Any = SimpleNamespace(verdict="probably spoofed", localised=object())
    assert explained_first(analysis, panel) == expected


def test_of_several_exact_maps_the_one_that_found_planted_evidence_best_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, moved_by = {"a": 1.2, "c": 2.5, "localiser": 1.9}, {"a": 2.0, "b": 1.0, "c": 0.5}
    monkeypatch.setattr("core.explain.base.default_method", lambda _: "native")
    monkeypatch.setattr("core.timeline.shipped.shipped_localiser", lambda: SimpleNamespace(name="localiser"))
    monkeypatch.setattr("core.usecases.by_contribution", lambda *_: moved_by)
    monkeypatch.setattr("core.explain.earned.surely_found", lambda detector, _: found.get(detector.name, 0.0))
    panel: Any = SimpleNamespace(detectors={name: SimpleNamespace(name=name) for name in (*"abc", "localiser")})
    analysis: Any = SimpleNamespace(verdict="probably spoofed", localised=object())
    assert explained_first(analysis, panel) == "c"
    found["localiser"] = 3.1
    assert explained_first(analysis, panel) == "localiser"
    # Who opposes the verdict does not explain it, unless nobody else can.
    moved_by["localiser"] = -0.2
    assert explained_first(analysis, panel) == "c"
    moved_by.update(dict.fromkeys("abc", -1.0))
    assert explained_first(analysis, panel) == "localiser"


@pytest.mark.parametrize(
    ("duration", "worst", "part"),
    [(60.0, (1.0, 4.0), (0.0, 60.0)), (90.0, (40.0, 44.0), (12.0, 72.0)), (90.0, (0.0, 4.0), (0.0, 60.0)),
     (90.0, (86.0, 90.0), (30.0, 90.0))],
)  # fmt: skip
def test_of_a_long_clip_a_minute_at_its_worst_is_tried(
    duration: float, worst: tuple[float, float], part: tuple[float, float]
) -> None:
    span = SimpleNamespace(start_s=worst[0], end_s=worst[1])
    analysis: Any = SimpleNamespace(clip=SimpleNamespace(duration_s=duration), worst=span)
    assert part_to_try(analysis) == part


def test_where_nobody_speaks_nothing_is_explained() -> None:
    silent: Any = SimpleNamespace(verdict=None)
    assert explained_first(silent, silent) is None


def test_what_was_timed_is_expected_again_and_grows_with_the_clip() -> None:
    pace = Pace()
    unknown = pace.expect(["a", "b"], 4.0)
    assert unknown == pytest.approx(2 * pace.expect(["a"], 4.0))
    assert unknown > 0
    pace.note("a", taken_s=9.0, clip_s=4.0)
    assert pace.expect(["a"], 4.0) == pytest.approx(9.0)
    assert 60 < pace.expect(["a"], 40.0) < 90
    pace.note("a", taken_s=0.1, clip_s=4.0)
    assert pace.expect(["a"], 400.0) == pytest.approx(0.1)
