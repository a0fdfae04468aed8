from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile

from core.analysis.calibration import Calibration
from core.analysis.combination import Combination
from core.analysis.format import bracket, rate
from core.analysis.verdict import Decision
from core.detectors import checkpoint
from core.detectors.card import HELD_OUT, Card, Polarity, Training
from core.detectors.network import NETWORKS
from core.errors import CheckpointError
from core.fusion import Fusion
from core.panel import Panel
from core.results.cards import read_cards, read_curves, read_members
from core.results.library import remember_corpus
from core.results.queries import cut
from core.results.report_card import false_alarms, misses, with_errors, worst
from core.results.store import Run
from core.watch import Watch
from dashboard.auditing import Audits, corpus_at
from dashboard.components.audit import audit_panel, provenance
from dashboard.components.markup import Markup
from dashboard.components.model_card import model_card, models_table, rate_of, thresholds_text
from dashboard.components.report_card import report_card
from dashboard.context import Context, Resources
from dashboard.plots.models import learning_curves
from dashboard.views.models import measured, one_card, reported_of
from tests.dashboard.synthetic_run import synthetic_clips, synthetic_run

ROW = {"slice": "all", "n_bonafide": 340, "n_spoof": 574, "eer": 0.1234, "eer_low": 0.1, "eer_high": 0.15}


@pytest.fixture
def card() -> Card:
    training = Training(
        corpus="corpus", corpus_digest="d" * 64, n_bonafide=10, n_spoof=20, systems=["lpc"], licences={"CC0": 30}
    )
    decision = Decision(spoof_below=-1, bonafide_above=1, false_alarm_rate=0.04, miss_rate=0.1, basis="dev")
    return Card(
        name="one", architecture="cnn2d-lfcc", summary="Hears <cepstra>.", polarity=Polarity(how="taught", dev_auc=0.9),
        training=training, metrics={"eval": [ROW]}, limits=["Fails on <telephones>."], decision=decision,
    )  # fmt: skip


def test_a_card_says_in_words_what_is_on_it(card: Card) -> None:
    page = model_card(card)
    stated = ("10 bona fide, 20 spoof", "12.3 % [10.0, 15.0]", "4.0 % of such clips", "AUC on dev 0.900", "CC0 (30)")
    for text in stated:
        assert text in page
    assert "&lt;cepstra&gt;" in page
    assert "<telephones>" not in page


def test_thresholds_are_told_as_probabilities() -> None:
    words = thresholds_text(Decision(spoof_below=0.0, bonafide_above=0.0))
    assert words.startswith("spoofed above P(spoof) 0.50, bona fide below 0.50")


def test_a_figure_without_an_interval_is_given_without_one() -> None:
    assert rate_of({"eer": 0.2}) == "20.0 %"
    assert rate_of(None) == "–"
    assert rate_of({"eer": None}) == "–"


def test_the_overview_has_a_row_a_detector(card: Card) -> None:
    table = models_table([card, card.model_copy(update={"name": "two"})])
    assert table.count("<tr>") == 3
    assert "two" in table
    assert "✓" not in table
    assert models_table([card, card.model_copy(update={"name": "two"})], members=["two"]).count("✓") == 1


def test_weights_that_another_detector_keeps_are_counted_where_parameters_are(run: Run, card: Card) -> None:
    lender = card.model_copy(update={"name": "lender", "size_bytes": 22_000_000, "parameters": 11_000_000})
    borrower = card.model_copy(
        update={"name": "borrower", "size_bytes": 1_000_000, "parameters": 11_500_000, "borrowed": {"lender": "0" * 64}}
    )
    everyone = [card, lender, borrower]
    table = models_table(everyone, members=["borrower"], measured=measured(run, everyone))
    assert "1.0 MB + 22.0 MB of lender" in table
    assert ">23.0 MB<" in table.split("<b>panel</b>")[1].split("</tr>")[0]
    assert "the others are those of lender" in model_card(borrower)
    assert "the others are" not in model_card(lender)


def test_a_damaged_panel_is_told_with_the_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SHIPPED", tmp_path)
    assert read_members() == ([], [])
    (tmp_path / "panel.json").write_text("{}")
    members, wrong = read_members()
    assert members == []
    assert "panel.json" in wrong[0]


def test_curves_mark_the_step_that_was_kept() -> None:
    curves = pd.DataFrame({"step": [100, 200, 300], "train_loss": [1, 0.5, 0.2], "dev_eer": [0.4, 0.1, 0.2]})
    figure = learning_curves(curves, dark=False)
    kept = next(trace for trace in figure.data if trace.name.startswith("kept"))
    assert (kept.x[0], kept.y[0]) == (200, pytest.approx(10))
    assert figure.layout.yaxis2.title.text == "training loss"


def test_curves_with_gaps_are_drawn_where_they_are_known() -> None:
    curves = pd.DataFrame({"step": [1, 2, 3], "dev_eer": [0.4, np.nan, 0.3]})
    assert list(learning_curves(curves, dark=True).data[0].x) == [1, 3]


@pytest.mark.parametrize("name", checkpoint.shipped())
def test_every_shipped_card_opens(name: str) -> None:
    page, figure = one_card(read_cards()[0], name, False)
    assert f"<dd>{checkpoint.read_card(checkpoint.find_checkpoint(name)).architecture}</dd>" in page
    assert figure.data or "No learning curve" in figure.layout.annotations[0].text


def test_a_damaged_curve_is_told_under_its_own_card(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(name: str) -> pd.DataFrame:
        raise CheckpointError(f"{name}: damaged")

    monkeypatch.setattr("dashboard.views.models.read_curves", damaged)
    page, figure = one_card([card], "one", False)
    assert "one: damaged" in page
    assert "&lt;cepstra&gt;" in page
    assert not figure.data


def test_the_panel_is_a_row_and_who_has_no_figures_is_not_scored_yet(run: Run, card: Card) -> None:
    known, mine = (card.model_copy(update={"name": name, "metrics": {}}) for name in ("aasist", "mine"))
    table = models_table([card, known, mine], members=["one"], measured=measured(run, [card, known, mine]))
    rows = dict(zip(("panel", "one", "aasist", "mine"), table.split("<tr>")[2:], strict=True))
    assert "<b>panel</b> of 1" in rows["panel"]
    assert f"{100 * cut(run, 'panel').eer:.1f} %" in rows["panel"]
    assert f"{100 * cut(run, 'aasist').eer:.1f} %" in rows["aasist"]
    assert ["not scored yet" in row for row in rows.values()] == [False, False, False, True]


def test_the_report_card_states_the_counts_of_its_detector(run: Run, card: Card) -> None:
    page = report_card(run, "aasist", Panel({"aasist": SimpleNamespace(card=card)}))  # type: ignore[dict-item]
    missed, alarms = misses(run, "aasist"), false_alarms(run, "aasist")
    assert f"misses</abbr> <b>{missed['wrong'].iloc[0]}</b> of {missed['n'].iloc[0]}" in page
    assert f"on <b>{alarms['wrong'].iloc[0]}</b> of {alarms['n'].iloc[0]}" in page
    worst_one = worst(missed, 1).iloc[0]
    assert f"Most surely missed: <b>{worst_one['title']}</b>, {worst_one['wrong']} of {worst_one['n']}" in page
    for row in with_errors(missed).to_dict(orient="records"):
        assert f">{row['name']}</span>" in page
        assert f"{rate(row['rate'], digits=0)} <small>{bracket((row['low'], row['high']), digits=0)}" in page
    assert "<b>vocoder</b>" in page


def test_figures_on_held_out_pages_stand_on_the_report_card_where_they_were_measured(run: Run, card: Card) -> None:
    row = {"group": "real speech", "name": "vivid", "n_bonafide": 12, "n_spoof": 34, "n_pages": 5, "eer": 0.21}
    members = {"one": {"eer_without": 0.3, "loss": 0.042, "loss_low": 0.01, "loss_high": 0.07}}
    fusion = Fusion(
        Combination({"one": 1.0}), Calibration(1.0, 0.0), Decision(), figures={"rows": [row], "members": members}
    )  # fmt: skip
    judged = card.model_copy(update={"metrics": {HELD_OUT: [row | {"eer": 0.33}]}})
    panel = Panel({"one": SimpleNamespace(card=judged)}, fusion)  # type: ignore[dict-item]
    page = report_card(run, "panel", panel)
    assert "real speech: acted" in page and "21.0 %" in page
    assert "30.0 %" in page and "+4.2 [1.0, 7.0]" in page
    run_of_one = run.only(["aasist"])
    assert "Held-out pages" not in report_card(run_of_one, "aasist", Panel({"aasist": SimpleNamespace(card=card)}))  # type: ignore[dict-item]
    judged_page = report_card(run_of_one, "aasist", Panel({"aasist": SimpleNamespace(card=judged)}))  # type: ignore[dict-item]
    assert "33.0 %" in judged_page and "loses without" not in judged_page


def test_the_panel_is_reported_first_and_a_choice_that_is_gone_falls_back_to_it(context: Context) -> None:
    for asked in (None, "nobody"):
        choice, page = reported_of(context, asked)
        assert choice.value == "panel" and "<b>The panel</b>" in page
    assert {name for name, _ in choice.choices} == {"panel", *context.run().detectors}  # type: ignore[union-attr]
    assert "<b>aasist</b>" in reported_of(context, "aasist")[1]


def test_without_a_run_the_report_card_says_so(no_run: Resources) -> None:
    context = Context(no_run, *[SimpleNamespace()] * 8)  # type: ignore[arg-type]
    choice, page = reported_of(context, "panel")
    assert choice.value is None and "There is no run" in page


def test_no_curve_is_said_in_words() -> None:
    assert "No learning curve" in learning_curves(pd.DataFrame(), dark=False).layout.annotations[0].text


def test_a_damaged_card_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Card) -> None:
    monkeypatch.setattr(checkpoint, "SHIPPED", tmp_path)
    network = NETWORKS.get("cnn2d-lfcc")()
    for name in ("one", "two"):
        checkpoint.save_checkpoint(tmp_path / name, network, card.model_copy(update={"name": name}),
                                   extra={"curves.csv": b"step,dev_eer\n100,0.2\n"})  # fmt: skip
    text = (tmp_path / "two/card.json").read_text()
    (tmp_path / "two/card.json").write_text(text.replace("taught", "tought"))
    cards, problems = read_cards()
    assert [c.name for c in cards] == ["one"]
    assert len(problems) == 1
    assert read_curves("one")["dev_eer"].tolist() == [0.2]


def test_the_cards_that_ship_say_what_the_reference_run_says() -> None:
    from core.analysis.det import equal_error_point
    from core.usecases import reference_run

    run = reference_run()
    stated, counted = {}, {}
    for card in read_cards()[0]:
        if card.name not in run.detectors or "eval" not in card.metrics:
            continue
        rows = run.scores[run.scores["detector"] == card.name]
        real = rows["label"] == "bonafide"
        counted[card.name] = equal_error_point(rows.loc[real, "score"], rows.loc[~real, "score"])[0]
        stated[card.name] = next(row["eer"] for row in card.metrics["eval"] if row["slice"] == "all")
    assert stated == pytest.approx(counted, abs=0.01)


def test_the_runs_origin_is_told(run: Run) -> None:
    page = provenance(run, None)
    assert "200 scored of 200 in split eval" in page
    assert "each checked by SHA-256" in page
    assert "what to do" in provenance(None, "Nothing here: what to do")


def test_an_audit_speaks_plainly() -> None:
    leak = {"rows": 9, "has_leak": True, "findings": [{"kind": "same-audio", "severity": "leak", "count": 2}]}
    assert "Leakage was found" in audit_panel(leak, present=True)
    assert "the same samples under another name" in audit_panel(leak, present=True)
    assert "No leakage" in audit_panel({"rows": 9, "has_leak": False, "findings": []}, present=True)
    assert "SPOOFSCOPE_CORPUS" in audit_panel(None, present=False)


def test_the_corpus_on_this_machine_is_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for number, split in enumerate(("train", "eval", "eval")):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, rng.normal(scale=0.1, size=8000), 16000)
        rows.append({"path": path.name, "label": "bonafide", "split": split, "source": f"s{number}"})
    (tmp_path / "1.wav").write_bytes((tmp_path / "0.wav").read_bytes())
    pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(tmp_path))
    context = Context(Resources(), *[SimpleNamespace()] * 8)  # type: ignore[arg-type]
    audits, ended = Audits(context), Watch()
    ended.stop()
    *_, page = audits.audit(ended)
    assert "3 rows" not in page
    *_, page = audits.audit(Watch())
    assert "Leakage was found" in page
    assert "3 rows" in page
    assert audits.at_rest() == page, "it is lost where the tab is opened again"


def test_the_corpus_of_the_chosen_run_is_audited_where_it_was_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SPOOFSCOPE_CORPUS", raising=False)
    for folder in ("real", "fake"):
        (tmp_path / "mine" / folder).mkdir(parents=True)
        noise = np.random.default_rng(len(folder)).normal(scale=0.1, size=8000)
        soundfile.write(tmp_path / "mine" / folder / f"{folder}.wav", noise, 16000)
    run = synthetic_run(tmp_path / "run", synthetic_clips(20))
    context = Context(Resources(runs=[run.folder]), *[SimpleNamespace()] * 8)  # type: ignore[arg-type]
    assert corpus_at(context, run.key) is None
    remember_corpus(run.manifest["corpus"]["digest"], tmp_path / "mine")
    audits = Audits(context)
    assert "the corpus was not audited" in audits.checks(run.key)
    *frames, last = audits.run(run.key, "", SimpleNamespace(session_hash="one"))  # type: ignore[arg-type]
    page = frames[-1][0]
    assert "No leakage" in page and "2 rows" in page
    assert "no clip and no recording is in two splits" in last[1], "the checks above still say that nothing was audited"
    assert audits.checks(run.key) == last[1]


def test_a_visitor_cancels_no_audit_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    watches: list[Watch] = []

    def waited_for(audits: Audits, watch: Watch, choice: str) -> Iterator[Markup]:
        watches.append(watch)
        yield Markup("1 of 3 clips compared.")
        yield Markup("ended" if watch.stopped else "found")

    monkeypatch.setattr(Audits, "audit", waited_for)
    monkeypatch.setattr(Audits, "checks", lambda *_: "")
    audits = Audits(SimpleNamespace())  # type: ignore[arg-type]
    one, two = (SimpleNamespace(session_hash=name) for name in ("one", "two"))
    first, second = audits.run("", "", one), audits.run("", "", two)  # type: ignore[arg-type]
    assert next(first)[-1].visible and next(second)[-1].visible
    audits.cancel(one)  # type: ignore[arg-type]
    assert [watch.stopped for watch in watches] == [True, False]
    assert next(first)[0] == "ended"
    *_, (*_, button) = second
    assert not button.visible
    audits.cancel(one)  # type: ignore[arg-type]


def test_the_table_of_benign_processings_is_shown_and_a_damaged_one_named(tmp_path, monkeypatch):
    from core.robustness import table
    from dashboard.components.benign import benign_card

    shown = str(benign_card())
    assert "Opus, 24 kbit/s" in shown and "Real speech called probably spoofed" in shown and "held-out pages" in shown
    monkeypatch.setattr(table, "TABLE", tmp_path / "robustness.json")
    assert "robustness-table makes the table" in str(benign_card())
    (tmp_path / "robustness.json").write_text("{}")
    assert "--ship" in str(benign_card())
