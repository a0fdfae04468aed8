"""Which sentences stand in a paragraph, in which order, and which facts each of them used."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED
from core.words.facts import Facts, Stretch
from core.words.language import Language, placeholders, read_language

__all__ = ["Sentence", "Used", "paragraph", "sentences", "words_json"]

_KEYS = {SPOOFED: "spoofed", BONAFIDE: "bonafide", NOT_SURE: "unsure", PARTLY: "partly"}
_SHARES = ("p_spoof", "prior", "share", "limit", "false_mark_rate", "bonafide_below", "spoof_above", "called_")
# More lines of a file, or parts of a recording, are no sentence any more.
_MOST_LISTED = 4
# Of the lines on a file, those that a sentence of their own is about.
_MARKS = {
    "credentials": ("nothing", "trusted", "valid", "invalid", "unread"), "watermark": ("nothing", "notable", "unread"),
}  # fmt: skip


@dataclass(frozen=True)
class Used:
    """A fact that a sentence used.

    Attributes
    ----------
    name : str
        Its place in ``Facts``: ``members[0].p_spoof``.
    value : float, int, str or None
    shown : str
        How it is written in the sentence; empty where the sentence was chosen by it.
    """

    name: str
    value: float | str | None
    shown: str


@dataclass(frozen=True)
class Sentence:
    """A sentence, or a piece of one, with the facts in it."""

    text: str
    facts: tuple[Used, ...] = ()


def paragraph(facts: Facts, language: str = "en") -> str:
    """Return what is known of a recording in one paragraph.

    Parameters
    ----------
    facts : Facts
    language : str
        Code of the language: one of ``languages()``.

    Raises
    ------
    UnknownNameError
        When there are no texts in that language.
    """
    return " ".join(sentence.text for sentence in sentences(facts, language))


def sentences(facts: Facts, language: str = "en") -> tuple[Sentence, ...]:
    """Return the sentences of the paragraph, each with the facts that it used; see ``paragraph``."""
    write = _Writer(facts, read_language(language))
    topics = (_verdict, _certainty, _where, _map, _signs, _file, _panel, _change, _limits)
    return tuple(sentence for topic in topics for sentence in topic(facts, write))


def words_json(facts: Facts, language: str = "en") -> dict[str, Any]:
    """Return the paragraph as plain JSON values: its text, and its sentences with the facts that each used."""
    found = sentences(facts, language)
    return {
        "language": language, "text": " ".join(sentence.text for sentence in found),
        "sentences": [
            {
                "text": sentence.text,
                "facts": [{"fact": used.name, "value": used.value, "shown": used.shown} for used in sentence.facts],
            }
            for sentence in found
        ],
    }  # fmt: skip


class _Writer:
    """Fills the texts of one language with facts."""

    def __init__(self, facts: Facts, texts: Language) -> None:
        self._facts = facts
        self._texts = texts

    def put(self, key: str, at: str = "", *, by: Sequence[str] = (), **made: Sentence) -> Sentence:
        """Return a text with its placeholders filled: by what was made for them, or else by the fact of that name.

        ``at`` is the place in ``Facts`` of the record that holds those facts: ``members[0]``; ``by`` are the places of
        the facts that this text was chosen by.
        """
        template = self._texts.text(key)
        pieces = {name: made[name] if name in made else self.fact(name, at) for name in placeholders(template)}
        text = template.format(**{name: piece.text for name, piece in pieces.items()})
        chosen = (Used(place, self._record(place), "") for place in by)
        return Sentence(text, (*chosen, *(used for piece in pieces.values() for used in piece.facts)))

    def fact(self, name: str, at: str = "", *, digits: int = 0) -> Sentence:
        """Return one fact as it is written in a sentence; shares have so many decimals."""
        value, texts = getattr(self._record(at), name), self._texts
        if name == "verdict":
            shown = texts.text(f"term.{_KEYS[value]}")
        elif isinstance(value, str):
            # A sentence has its own full stop.
            shown = value.rstrip(".") if name == "text" else value
        elif name.startswith(_SHARES):
            shown = texts.share(value, digits)
        elif name.endswith("_hz"):
            shown = texts.number(value / 1000, 1)
        elif name == "speech_s":
            # Rounded down: 0.97 s are less than what is needed, and must not read as that much.
            shown = texts.duration(math.floor(10 * value) / 10)
        elif name.endswith("_s"):
            shown = texts.duration(value)
        else:
            shown = texts.count(value) if name.endswith("_count") else texts.number(value)
        return Sentence(shown, (Used(f"{at}.{name}" if at else name, value, shown),))

    def count(self, name: str) -> Sentence:
        """Return how many records of a name there are."""
        number = len(getattr(self._facts, name))
        shown = self._texts.count(number)
        return Sentence(shown, (Used(f"len({name})", number, shown),))

    def stretch(self, at: str) -> Sentence:
        """Return from when to when a record's seconds are."""
        record = self._record(at)
        shown = self._texts.stretch(record.start_s, record.end_s, of_s=self._facts.duration_s)
        return Sentence(shown, tuple(Used(f"{at}.{end}", getattr(record, end), shown) for end in ("start_s", "end_s")))

    def listed(self, pieces: Sequence[Sentence]) -> Sentence:
        """Return pieces as a list within a sentence."""
        text = self._texts.listed([piece.text for piece in pieces])
        return Sentence(text, tuple(used for piece in pieces for used in piece.facts))

    def named(self, topic: str, at: str, otherwise: str) -> Sentence:
        """Return the words for a record's name; what ``otherwise`` stands for where the language has none."""
        record = self._record(at)
        shown = self._texts.texts[topic].get(record.name) or getattr(record, otherwise)
        return Sentence(shown, (Used(f"{at}.name", record.name, shown),))

    def word(self, key: str) -> Sentence:
        """Return a text without facts."""
        return Sentence(self._texts.text(key))

    def _record(self, at: str) -> Any:
        record: Any = self._facts
        for name in filter(None, at.split(".")):
            name, _, index = name.rstrip("]").partition("[")
            record = getattr(record, name)
            record = record[int(index)] if index else record
        return record


def _verdict(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    if facts.verdict is None:
        key = "verdict.silent" if facts.reason == "silent" else "verdict.speechless"
        yield write.put(key, by=["verdict", "reason"])
        return
    parts = write.listed([write.stretch(f"parts[{number}]") for number in range(len(facts.parts[:_MOST_LISTED]))])
    yield write.put(f"verdict.{_KEYS[facts.verdict]}", by=["verdict"], parts=parts)


def _certainty(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    if facts.verdict is None or facts.p_spoof is None:
        return
    if facts.verdict == PARTLY:
        surest = max(range(len(facts.parts)), key=lambda number: facts.parts[number].p_spoof)
        yield write.put("certainty.part" if len(facts.parts) == 1 else "certainty.parts", f"parts[{surest}]")
        yield write.put("certainty.partly_whole")
    elif facts.reason == "little speech":
        yield write.put("certainty.short")
    elif facts.reason == "worst stretch":
        worst = write.fact("p_spoof", "worst")
        yield write.put("certainty.contradicted", stretch=write.stretch("worst"), worst_p_spoof=worst)
    else:
        # A decimal more where the probability and a threshold would read alike.
        shares = (facts.p_spoof, facts.bonafide_below, facts.spoof_above)
        digits = 0 if len({round(100 * share) for share in shares}) == len(shares) else 1
        p_spoof, low, high = (write.fact(name, digits=digits) for name in ("p_spoof", "bonafide_below", "spoof_above"))
        yield write.put("certainty.whole", p_spoof=p_spoof, bonafide_below=low, spoof_above=high)


def _where(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    if facts.verdict is None or facts.reason == "little speech":
        return
    if facts.verdict == PARTLY:
        if facts.false_mark_rate is not None:
            # As exactly as the verdict's card states it: 4.5 % here and 4 % there would be two figures.
            yield write.put("where.mistaken", false_mark_rate=write.fact("false_mark_rate", digits=1))
        if facts.false_marks is not None:
            yield write.put("where.by_chance")
        return
    if facts.localiser:
        whole = 0 < facts.scored_s <= facts.marked_s
        key = "where.all" if whole else "where.marked" if facts.marked_s else "where.unmarked"
        yield write.put(key, by=["marked_s", "scored_s"])
        if facts.marked_s and facts.false_marks is not None and facts.verdict != SPOOFED:
            yield write.put("where.by_chance")
    if facts.worst is not None and facts.reason != "worst stretch":
        key = "where.worst" if _is_suspicious(facts.worst, facts) else "where.worst_low"
        yield write.put(key, "worst", stretch=write.stretch("worst"))


def _is_suspicious(worst: Stretch, facts: Facts) -> bool:
    return facts.verdict != BONAFIDE or worst.p_spoof >= facts.bonafide_below


def _map(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    found, by = facts.map, ["map.outcome"]
    if facts.verdict is None or found is None:
        return
    if found.outcome != "faithful":
        yield write.put(f"map.{found.outcome.replace(' ', '_')}", "map", by=by)
        return
    # Of a clip that is spoofed in part the detector's verdict is on the whole, and its evidence lies in the part.
    verdict = SPOOFED if facts.verdict == PARTLY else found.verdict
    evidence = write.word(f"evidence.{_KEYS[verdict]}")
    if found.place is None:
        yield write.put("map.spread", "map", by=by, evidence=evidence)
    else:
        key = "map.place" if found.place.low_hz is not None else "map.place_in_time"
        detector, stretch = write.fact("detector", "map"), write.stretch("map.place")
        yield write.put(key, "map.place", by=by, evidence=evidence, detector=detector, stretch=stretch)
    if found.random_count is not None:
        yield write.put("map.faithful", "map", by=by)
    if found.lab_clips is not None:
        yield write.put("map.lab", "map")


def _signs(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    if facts.verdict is not None and facts.signs:
        shown = [write.named("sign", f"signs[{number}]", "text") for number in range(len(facts.signs))]
        yield write.put("file.processed", signs=write.listed(shown))


def _file(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    written = [*(sentence for topic in _MARKS for sentence in _mark(topic, facts, write)), *_noted(facts, write)]
    yield from written
    if written and facts.verdict is not None:
        yield write.put("file.apart")


def _mark(topic: str, facts: Facts, write: _Writer) -> Iterator[Sentence]:
    """Yield what was found of a signature or a watermark: by the first line that could be looked for."""
    lines = [
        number for number, line in enumerate(facts.file) if line.topic == topic and line.state in _MARKS[topic]
    ]  # fmt: skip
    read = [number for number in lines if facts.file[number].state != "unread"]
    if lines:
        chosen = (read or lines)[0]
        yield write.put(f"file.{topic}_{facts.file[chosen].state}", by=[f"file[{chosen}].state"])


def _noted(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    """Yield what else is notable, in the words of whoever looked at the file."""
    notable = [
        f"file[{number}]" for number, line in enumerate(facts.file)
        if line.state == "notable" and line.state not in _MARKS.get(line.topic, ())
    ]  # fmt: skip
    shown = [write.put("file.quote", place) for place in notable[:_MOST_LISTED]]
    if shown:
        yield write.put("file.noted", lines=write.listed(shown))


def _panel(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    if facts.verdict is None or facts.reason == "little speech" or not facts.members:
        return
    if len(facts.members) == 1:
        yield write.put("panel.whole_alone" if facts.verdict == PARTLY else "panel.alone", "members[0]")
        return
    alike = len({member.verdict for member in facts.members}) == 1
    # Where the panel's verdict is another than theirs, it is no agreement without their words.
    agree = alike and facts.verdict == facts.members[0].verdict
    piece = "panel.member" if agree else "panel.member_verdict"
    members = [write.put(piece, f"members[{number}]") for number in range(len(facts.members))]
    key = "panel.agree" if agree else "panel.together" if alike else "panel.differ"
    if facts.verdict == PARTLY:
        # A verdict on parts is not the panel's, which judges the whole.
        key = "panel.whole"
    yield write.put(key, count=write.count("members"), members=write.listed(members))


def _change(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    if facts.verdict is None:
        return
    if facts.tried:
        yield _tried(facts, write)
    if facts.flip is not None:
        yield write.put("change.no_flip" if facts.flip.share is None else "change.flip", "flip")


def _tried(facts: Facts, write: _Writer) -> Sentence:
    turned = [number for number, trial in enumerate(facts.tried) if trial.verdict != facts.verdict]
    once = "_once" if len(facts.tried) == 1 else ""
    count, all_tried = write.count("tried"), range(len(facts.tried))
    if not turned:
        names = write.listed([write.named("processing", f"tried[{number}]", "label") for number in all_tried])
        return write.put(f"change.held{once}", count=count, names=names)
    places = [f"tried[{number}]" for number in turned]
    turns = write.listed([_turn(place, write) for place in places])
    return write.put(f"change.turned{once}", count=count, turned=turns)


def _turn(place: str, write: _Writer) -> Sentence:
    return write.put("change.turn", place, name=write.named("processing", place, "label"))


def _limits(facts: Facts, write: _Writer) -> Iterator[Sentence]:
    for name in ("dropped",) if facts.verdict is None else ("dropped", "silent", "padded"):
        # What would be written as nothing is left out.
        if getattr(facts, f"{name}_s") >= 0.05:
            yield write.put(f"limits.{name}")
    if facts.verdict is None:
        return
    yield write.put("limits.rates", "rates") if facts.rates is not None else write.put("limits.no_rates")
    yield write.put("limits.scope")
    yield write.put("limits.end")
