"""What is shown of a disputed clip once it is judged: the votes, what lies beside it, and what was tried on demand."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.calibration import p_spoof
from dashboard.components.markup import Markup, class_word, joined, note, number, table, term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.review.beside import Near, Prosody
    from core.review.evidence import Overlap, Seen
    from core.robustness.hold import Held

__all__ = ["VOTES", "beside_text", "looked_text", "moved_text", "sounds_text", "votes_text"]

#: What a vote's number stands for.
VOTES = {1: "bonafide", 0: "spoof", -1: "unsure"}
_LOW, _HIGH = 0.25, 0.75


def votes_text(
    names: Sequence[str], llr: "NDArray[np.float32]", votes: "NDArray[np.int8]", is_llr: Sequence[bool], label: str,
    system: str = "",
) -> Markup:  # fmt: skip
    """Return the label and both camps, the surest of each first.

    Parameters
    ----------
    names : sequence of str [shape=(k,)]
        Of the detectors.
    llr, votes : ndarray [shape=(k,)]
        As ``core.predictions.disputed.Disputed`` has them.
    is_llr : sequence of bool [shape=(k,)]
    label : str
        "bonafide", "spoof" or "", where it is not known.
    system : str
        What made it, where it is a spoof.
    """
    if label:
        made = Markup(" made by <b>{}</b>").format(system) if label == "spoof" and system else Markup("")
        truth = Markup('<p class="ss-truth">{} {}{}</p>').format(term("label", "Label"), class_word(label), made)
    else:
        truth = Markup('<p class="ss-truth">The clip has no label.</p>')
    order = np.lexsort((-np.abs(llr), votes == 1))
    rows = []
    for at in order.tolist():
        score = number(float(p_spoof(float(llr[at])))) if is_llr[at] else number(float(llr[at]), unit="SD")
        rows.append((names[at], class_word(VOTES[int(votes[at])]), score))
    head, about = "P(spoof)", Markup("")
    if not all(is_llr):
        head = "P(spoof) or SD" if any(is_llr) else "score"
        about = note(
            "SD: how far an imported score lies above its threshold, in standard deviations; above is bona fide."
        )
    return truth + table(("detector", "vote", head), rows, numeric=[2]) + about


def sounds_text(sentence: str) -> Markup:
    """Return how a recording sounds, phrase by phrase; nothing without a recording."""
    html = '<h3 class="ss-h3">How it sounds, by figures</h3><p class="ss-flat">{}</p>'
    return Markup(html).format(sentence) if sentence else Markup("")


def beside_text(
    prosody: Sequence["Prosody"], near: Sequence["Near"], camps: dict[str, str], *, why_not: str = ""
) -> Markup:
    """Return a clip's prosody beside bona fide speech, and its nearest clips in each voter's embedding.

    Parameters
    ----------
    prosody : sequence of Prosody
    near : sequence of Near
    camps : dict of str to str
        How each detector votes.
    why_not : str
        Why neither is known; empty where the clip is one of a run.
    """
    if why_not:
        return note(f"Prosody and nearest clips: {why_not}")
    lists = joined(_near(one, camps.get(one.detector, "unsure")) for one in near)
    html = '<h3 class="ss-h3">Prosody</h3>{}<h3 class="ss-h3">Nearest clips of the run</h3>{}'
    return Markup(html).format(
        _prosody(prosody), Markup('<div class="ss-two ss-close">{}</div>').format(lists) if near else note(
            "The run keeps no embeddings of these detectors."
        )
    )  # fmt: skip


def _prosody(prosody: Sequence["Prosody"]) -> Markup:
    if not prosody:
        return note("Not measured of this clip: python -m core evaluate measures a corpus' clips.")
    mean = float(np.mean([one.percentile for one in prosody[:2]]))
    how = "low variation (calm)" if mean < _LOW else "high variation (vivid)" if mean > _HIGH else "ordinary variation"
    parts = "; ".join(one.words for one in prosody)
    return Markup('<p class="ss-flat"><b>{}</b>: {}.</p>').format(how.capitalize(), parts)


def _near(one: "Near", camp: str) -> Markup:
    rows = one.clips.to_dict(orient="records")
    items = joined(_neighbour(row) for row in rows)
    spoofs = sum(row.get("label") == "spoof" for row in rows)
    are = "is a spoof" if spoofs == 1 else "are spoofs"
    html = '<div><p class="ss-flat">{} <b>{}</b>: {} of {} {}</p><ol class="ss-near">{}</ol></div>'
    return Markup(html).format(class_word(camp, brief=True), one.detector, spoofs, len(rows), are, items)


def _neighbour(row: dict[object, object]) -> Markup:
    label, path = str(row.get("label", "")), str(row["path"])
    word = class_word(label, brief=True) if label in ("bonafide", "spoof") else Markup("")
    what = row.get("system") if label == "spoof" else row.get("source", path)
    html = '<li title="{}">{} {} <small>{:.2f}</small></li>'
    return Markup(html).format(path, word, what, float(str(row["distance"])))


def looked_text(seen: Sequence["Seen"], found: "Overlap | None") -> Markup:
    """Return where each detector has its evidence, in words, and how far that of the camps overlaps."""
    rows = [
        (one.detector, class_word(one.camp), one.why_not or (one.explanation.sentence if one.explanation else ""))
        for one in seen
    ]  # fmt: skip
    lead = found.words if found is not None else (
        "How far the evidence of the camps overlaps is not known: it takes a map that is evidence in each of them."
    )  # fmt: skip
    words = Markup('<div class="ss-wrap">{}</div>').format(table(("detector", "vote", "its evidence"), rows))
    return Markup('<p class="ss-flat"><b>{}</b></p>').format(lead) + words


def moved_text(held: Sequence["Held"], names: Sequence[str]) -> Markup:
    """Return how each detector's vote moves under benign processings; a vote that changes is framed.

    Parameters
    ----------
    held : sequence of Held
    names : sequence of str
        Detectors, a column each.
    """
    rows = [(one.label, *(_moved(one, name) for name in names)) for one in held]
    first = next((one for one in held if one.members), None)
    if first is not None:
        rows.insert(0, ("as it is", *(
            _vote(first.members[name].p_before, first.members[name].verdict_before) for name in names
        )))  # fmt: skip
    moves = [moved for one in held for moved in one.members.values()]
    changed = sum(not moved.holds for moved in moves)
    change = "changes" if changed == 1 else "change"
    lead = f"{changed} of {len(moves)} votes {change}." if changed else "No vote changes."
    about = "P(spoof) and vote after each processing: ● spoof, ■ bona fide, ◐ not sure; a vote that changes is framed."
    numbers = table(("processing", *names), rows, numeric=range(1, len(names) + 1))
    return Markup('<p class="ss-flat"><b>{}</b></p>').format(lead) + numbers + note(about)


def _moved(one: "Held", name: str) -> Markup:
    if name not in one.members:
        return Markup('<span title="{}">–</span>').format(one.why_not)
    moved = one.members[name]
    cell = _vote(moved.p_after, moved.verdict_after)
    return cell if moved.holds else Markup('<span class="ss-turned">{}</span>').format(cell)


def _vote(value: float, verdict: str) -> Markup:
    return Markup("{} {}").format(number(value), class_word(verdict, brief=True))
