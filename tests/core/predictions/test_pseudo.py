"""Pseudo-labels are refused, with the reason, where voters are not independent; what is written can be read again."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.corpus.reader import Row
from core.corpus.table import read_corpus
from core.detectors.card import Card, Polarity, Training
from core.errors import PredictionsError
from core.predictions.figures import panel_figures
from core.predictions.panel import assemble
from core.predictions.pseudo import (
    PSEUDO_PART,
    Proposal,
    propose,
    read_record,
    record_path,
    shared_by_cards,
    write_proposal,
)
from tests.core.predictions.test_panel import IDS, LABELS, N, bare, file, noisy

CALM = {name: (1.0 + n % 7, 5.0 + n % 11) for n, name in enumerate(IDS)}


def card(name: str, **more: object) -> Card:
    training = {"corpus": f"corpus of {name}", "corpus_digest": name, "n_bonafide": 1, "n_spoof": 1, **more}
    return Card(name=name, architecture=f"net-{name}", polarity=Polarity(how="trained"), training=Training(**training))


APART = {name: card(name) for name in "abc"}


def proposal(*files: object, cards: object = APART, prosody: object = CALM, **more: object) -> Proposal:
    panel = assemble(list(files or (file("a", noisy(0)), file("b", noisy(1)), file("c", noisy(2)))))  # type: ignore[arg-type]
    return propose(panel, panel_figures(panel), cards=cards, prosody=prosody, **more)  # type: ignore[arg-type]


def test_independent_voters_may_label(tmp_path: Path) -> None:
    found = proposal()
    assert found.reasons == ()
    right = np.array([LABELS[IDS.index(name)] == 1 for name in found.ids]) == found.bonafide
    assert right.mean() > 0.97
    manifest = tmp_path / "m.csv"
    write_proposal(found, manifest)
    for name in found.ids:
        (tmp_path / name).write_bytes(b"x")
    frame = read_corpus(manifest, tmp_path).frame
    assert len(frame) == len(found.ids)
    assert set(frame["part"]) == {PSEUDO_PART}
    assert set(frame["split"]) == {"train"}
    record = read_record(manifest)
    assert record is not None
    assert [voter["name"] for voter in record["voters"]] == ["a", "b", "c"]
    assert record["voters"][0]["architecture"] == "net-a"


SHARED = {
    "corpus": ({**APART, "b": card("b", corpus_digest="a")}, "a and b were trained on the same corpus"),
    "data": ({**APART, "a": card("a", datasets={"X": 1}), "c": card("c", datasets={"X": 2})}, "on the same data (X)"),
    "weights": (
        {**APART, **{name: card(name, initial_weights="w") for name in "ab"}}, "same pretrained weights (w)",
    ),
    "borrowed": (
        {**APART, "c": card("c").model_copy(update={"borrowed": {"a": "0"}})}, "c is built on the weights of a",
    ),
    "started": ({**APART, "b": card("b", initial_weights="c")}, "b is built on the weights of c"),
    "started before": (
        {**APART, "b": card("b", initial_weights="b", earlier_weights=["c"])}, "b is built on the weights of c",
    ),
    "teacher": ({**APART, "b": card("b", recipe={"teachers": ["a"]})}, "what the other predicts"),
    "no card": ({"a": APART["a"], "b": APART["b"]}, "nothing is known of what c was trained on"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_what_cards_have_in_common_is_a_reason_to_refuse(name: str, tmp_path: Path) -> None:
    cards, reason = SHARED[name]
    found = proposal(cards=cards)
    assert len(found.reasons) == 1
    assert reason in found.reasons[0]
    with pytest.raises(PredictionsError, match="No pseudo-labels are written"):
        write_proposal(found, tmp_path / "m.csv")
    assert not list(tmp_path.iterdir())
    write_proposal(found, tmp_path / "m.csv", despite=True)
    record = json.loads(record_path(tmp_path / "m.csv").read_text())
    assert record["despite"]
    assert reason in record["reasons_against"][0]


def test_errors_on_the_same_clips_are_a_reason_to_refuse() -> None:
    near = 2 * noisy(0) + 0.5 * np.random.default_rng(9).normal(size=N)
    reasons = " ".join(proposal(file("a", noisy(0)), file("b", near), file("c", noisy(2))).reasons)
    assert "a and b err on the same clips: their errors are correlated by 0." in reasons
    assert "a and c" not in reasons


def test_of_many_alike_voters_the_worst_are_named_first_and_the_rest_is_counted() -> None:
    near = [noisy(0) + (0.4 + 0.1 * at) * np.random.default_rng(at).normal(size=N) for at in range(4)]
    files = [file(name, scores) for name, scores in zip("abcd", near, strict=True)]
    same = {name: card(name, corpus_digest="x", corpus="x") for name in "abcd"}
    together = [reason for reason in proposal(*files, cards=same).reasons if "err" in reason]
    assert len(together) == 4 and together[0].startswith("a and b err on the same clips")
    assert together[-1] == "3 more pairs of voters err together less strongly"
    many = {f"v{at}": card(f"v{at}", corpus_digest="x", corpus="x") for at in range(9)}
    assert shared_by_cards(dict.fromkeys("ab")) == [
        "nothing is known of what a and b were trained on: give their cards"
    ]  # fmt: skip
    assert shared_by_cards(many) == ["v0, v1, v2, v3, v4, v5 and 3 more were trained on the same corpus (x)"]


def test_prosody_and_rows_are_found_by_ids_without_folder_and_suffix(tmp_path: Path) -> None:
    first, second = (LABELS == 1).astype(float), (LABELS == 1).astype(float)
    second[:300] = 0.0
    files = file("a", first), file("b", second)
    calm = {f"eval/{name}": (n, n) if n >= 300 else (n / 1000, n / 1000) for n, name in enumerate(IDS)}
    found = proposal(*files, prosody=calm)
    assert "low (calm) prosodic variation" in " ".join(found.reasons)
    others = {f"elsewhere/{n}.flac": values for n, values in enumerate(calm.values())}
    assert "no prosody" in " ".join(proposal(*files, prosody=others).reasons)
    rows = {f"eval/{name}": Row(path=f"eval/{name}", label="", source="s") for name in IDS}
    write_proposal(found, tmp_path / "m.csv", rows=rows, despite=True)
    assert f"eval/{found.ids[0]}" in (tmp_path / "m.csv").read_text()


def test_copies_amount_to_one_voter() -> None:
    reasons = proposal(file("a", noisy(0)), file("b", noisy(0))).reasons
    assert "the 2 voters amount to 1.00 independent ones" in reasons


def test_disputed_calm_bona_fide_speech_is_a_reason_to_refuse() -> None:
    first, second = (LABELS == 1).astype(float), (LABELS == 1).astype(float)
    second[:300] = 0.0
    calm = {name: (n, n) if n >= 300 else (n / 1000, n / 1000) for n, name in enumerate(IDS)}
    lively = {name: (N - n, N - n) for n, name in enumerate(IDS)}
    files = file("a", first), file("b", second)
    assert "low (calm) prosodic variation" in " ".join(proposal(*files, prosody=calm).reasons)
    assert "low (calm) prosodic variation" not in " ".join(proposal(*files, prosody=lively).reasons)
    assert "no prosody" in " ".join(proposal(*files, prosody=None).reasons)


def test_without_labels_independence_is_not_known() -> None:
    files = bare(file("a", noisy(0)), file("b", noisy(1)))
    panel = assemble(files, higher={"a": "bonafide"})
    assert "is not known" in propose(panel, panel_figures(panel), cards=APART, prosody=CALM).reasons[0]


def test_confidence_chooses_clips() -> None:
    all_agree, most_agree = proposal(confidence=1.0), proposal(confidence=0.6)
    assert len(all_agree.ids) < len(most_agree.ids) == N
    assert most_agree.confidence.min() >= 0.6
    with pytest.raises(PredictionsError, match="is no majority"):
        proposal(confidence=0.5)


def test_a_record_of_another_manifest_is_noticed(tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    write_proposal(proposal(), manifest)
    manifest.write_text(manifest.read_text() + "x,spoof\n")
    with pytest.raises(PredictionsError, match="is not the record of"):
        read_record(manifest)
    record_path(manifest).write_text("{")
    with pytest.raises(PredictionsError, match="is damaged"):
        read_record(manifest)
    record_path(manifest).unlink()
    assert read_record(manifest) is None
