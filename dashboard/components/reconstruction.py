"""Reconstruction in words: which class is rebuilt better, by how much in each band, and how that came in training."""

from collections.abc import Sequence

import pandas as pd

from core.analysis.format import figure, rate
from core.errors import SpoofscopeError
from core.results.rebuilt import band_errors
from dashboard.components.markup import Markup, card, class_word, note, problem, table, term

__all__ = ["history_words", "lead_text", "medians_table", "with_repeated"]

_ERRORS = ["dev_mse", "dev_mse_spoof"]
# Of an error rate that is written with one digit behind the point.
_SAME = 0.0005


def lead_text(errors: pd.DataFrame) -> Markup:
    """Return in words which class is rebuilt better, and which the detector learnt to expect."""
    if errors.empty:
        return card("Reconstruction", problem(
            "The run holds no reconstruction errors: no autoencoder was among the detectors that made it.",
            todo="Score the same folder again in Models & data with cae-lfcc ticked, or: python -m core evaluate. "
            "What is there is not scored again.",
        ))  # fmt: skip
    name, bands = str(errors["detector"].iloc[0]), band_errors(errors)
    about = Markup(
        "The {} was trained on bona fide speech only; which class it finds harder was learnt on {}, not assumed. "
    )
    note_ = note(about.format(term("autoencoder"), term("dev")) + _polarity(name))
    if not bands:
        why = "are of one class" if errors["label"].isin(["bonafide", "spoof"]).any() else "have no label"
        lead = Markup('<p class="ss-lead">All {} clips {}: which class is rebuilt better is not known here.</p>{}')
        return card("", lead.format(len(errors), why, note_))
    total = bands[0]
    words = "bona fide speech" if total.better == "bonafide" else "spoofed speech"
    html = (
        '<p class="ss-lead">In these {} clips the autoencoder rebuilds <b>{} better</b>: median {} {} {} {}, '
        "{} {} {}.</p>{}"
    )
    return card("", Markup(html).format(
        len(errors), words, term("reconstruction error", "squared error"), class_word("bonafide"),
        figure(total.bonafide, digits=3), term("σ²"), class_word("spoof"), figure(total.spoof, digits=3), term("σ²"),
        note_,
    ))  # fmt: skip


def _polarity(name: str) -> Markup:
    from core.detectors.checkpoint import find_checkpoint, read_card

    try:
        polarity = read_card(find_checkpoint(name)).polarity
    except SpoofscopeError as error:
        return Markup("Its polarity is not known here: {}").format(error)
    auc = "" if polarity.dev_auc is None else f" (AUC on dev {polarity.dev_auc:.2f})"
    return Markup("{} of {}: {}{}.").format(term("polarity", "Polarity"), name, polarity.how, auc)


def medians_table(errors: pd.DataFrame) -> Markup:
    """Return the median error of each class in each band, and how well it alone separates them, as a table."""
    rows = [
        (
            "everything" if one.band == "total" else term(one.band), figure(one.bonafide, digits=3),
            figure(one.spoof, digits=3), figure(max(one.auc, 1 - one.auc), digits=3),
            class_word(one.better),
        )
        for one in band_errors(errors)
    ]  # fmt: skip
    if not rows:
        return Markup("")
    auc = Markup("{} by this error alone").format(term("AUC"))
    return table(
        ("band", "■ bona fide, median σ²", "● spoof, median σ²", auc, "rebuilt better"), rows, numeric=(1, 2, 3)
    )


def with_repeated(curves: pd.DataFrame, repeated: pd.DataFrame) -> pd.DataFrame:
    """Return a training's curves with the squared errors on dev of a second training, where there was one."""
    if not {"step", *_ERRORS} <= set(repeated) or "step" not in curves:
        return curves
    return curves.merge(repeated[["step", *_ERRORS]], on="step", how="left")


def history_words(names: Sequence[str], curves: pd.DataFrame, repeated: pd.DataFrame | None = None) -> Markup:
    """Return what the curves show, what was not kept of the training, and what a second training gave in its place."""
    if not names:
        return note("No autoencoder scored this run.")
    if curves.empty:
        return note(f"No history was kept of the training of {names[0]}.")
    kept, again = "dev_mse" in curves, pd.DataFrame() if repeated is None else with_repeated(curves, repeated)
    second = "dev_mse" in again and not kept
    error = "the squared error on dev" if kept else "the squared error on dev was not kept, that of training was"
    words = f"{names[0]}: {error}; EER on dev is what its error separates. "
    if second and repeated is not None:
        words += _of_second(curves, repeated)
    of, column = ("the error of bona fide speech on dev", "dev_mse") if kept or second else ("the error", "train_loss")
    shown = again.dropna(subset=_ERRORS) if second else curves
    if {column, "dev_eer"} <= set(shown) and len(shown) > 1:
        first, last = shown.iloc[0], shown.iloc[-1]
        words += (
            f"From the first validation to the last {of} went from {first[column]:.2f} to {last[column]:.2f} σ² and "
            f"the EER from {rate(first['dev_eer'])} to {rate(last['dev_eer'])}. "
        )
    return note(words + "The densities (ocsvm, gmm) are fitted at once and have no history.")


def _of_second(curves: pd.DataFrame, repeated: pd.DataFrame) -> str:
    """Return where the errors on dev are from, and how far the second training went as the first did."""
    both = curves.merge(repeated, on="step", suffixes=("", "_again"))
    eer = float((both["dev_eer_again"] - both["dev_eer"]).abs().max())
    loss = float((both["train_loss_again"] / both["train_loss"] - 1).abs().max())
    same = "is the same" if eer < _SAME else f"differs by at most {rate(eer)}"
    return (
        "That on dev is drawn from a second training, of the same recipe, corpus and seed, whose weights do not ship: "
        f"at {len(both)} of {len(curves)} validations its EER {same}, and its training error differs by at most "
        f"{100 * loss:.2f} %. "
    )
