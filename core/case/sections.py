"""The parts of the report on one recording: the answer, the words, the picture, and every figure as a table."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from core.analysis.verdict import BONAFIDE, PARTLY, SPOOFED
from core.audio.clip import DecodeRecord
from core.case.folder import Folder
from core.case.layout import part, say, table
from core.case.picture import picture_svg
from core.case.seconds import COLUMNS, second_rows
from core.case.tried_section import tried_part
from core.timeline.segments import in_words

__all__ = ["recording_section"]

_KINDS = {SPOOFED: ("spoof", "●"), PARTLY: ("partly", "◔"), BONAFIDE: ("bonafide", "■")}
_SCALES = (
    "Log-likelihood ratios and raw outputs are higher for more bona fide. In the grey band of its bar a detector is "
    "not sure."
)
_TOPICS = {"credentials": "Content credentials", "watermark": "Watermarks", "history": "History of the file"}


def recording_section(folder: Folder) -> Markup:
    """Return all that the report holds of one recording."""
    parts = (_answer, _words, _where, _map, tried_part, _detectors, _provenance, _file)
    return Markup('<section class="recording">{}</section>').format(Markup("").join(one(folder) for one in parts))


def _answer(folder: Folder) -> Markup:
    scores, about = folder.json("scores.json"), folder.json("recording.json")
    kind, shape = _KINDS.get(scores["verdict"], ("unsure", "◐"))
    words = (scores["verdict"] or "no verdict").capitalize()
    parts = [one for one in (scores["segments"] or {"marked": ()})["marked"] if one["sure"]]
    value = scores["p_spoof"]
    if scores["verdict"] == PARTLY:
        words, value = f"{words}: {_spans(parts)}", max(one["p_spoof"] for one in parts)
    number = Markup("") if scores["verdict"] is None else Markup('<b class="big">{}</b><small>P(spoof)</small>')
    head = Markup('<h2>{}</h2><p class="answer {}"><span><i>{}</i> {}</span><span class="value">{}</span></p>').format(
        about["name"], kind, shape, words, number.format(f"{value:.2f}")
    )
    return head + (_gauge(scores) if scores["verdict"] not in (None, PARTLY) else Markup("")) + _note(scores)


def _spans(parts: Sequence[dict[str, Any]]) -> str:
    from core.detectors.score import WindowScore

    return in_words(tuple(WindowScore(one["start_s"], one["end_s"], 0.0) for one in parts), most=4)


def _note(scores: dict[str, Any]) -> Markup:
    return say("{}", scores["note"]) if scores["note"] else Markup("")


def _gauge(scores: dict[str, Any]) -> Markup:
    low, high = (100 / (1 + float(np.exp(scores["decision"][key]))) for key in ("bonafide_above", "spoof_below"))
    bar = Markup('<i class="{}" style="left:{:.2f}%;width:{:.2f}%"></i>')
    zones = Markup("").join(
        bar.format(kind, start, end - start)
        for kind, start, end in (("zb", 0, low), ("zu", low, high), ("zs", high, 100))
    )
    mark = Markup('<b style="left:{:.2f}%"></b>').format(100 * scores["p_spoof"])
    text = Markup('<p class="small">Not sure between {:.2f} and {:.2f}. {}.</p>')
    basis = scores["decision"]["basis"].rstrip(".")
    gauge = Markup('<div class="gauge">{}{}</div>').format(zones, mark)
    return gauge + text.format(low / 100, high / 100, basis[:1].upper() + basis[1:])


def _words(folder: Folder) -> Markup:
    found = folder.json("words.json")
    text = " ".join(sentence["text"] for sentence in found["sentences"])
    return part("In words", Markup('<p class="words" lang="{}">{}</p>').format(found["language"], text))


def _where(folder: Folder) -> Markup:
    found = folder.json("scores.json")["segments"]
    figure = Markup("<figure>{}</figure>").format(picture_svg(folder))
    parts = [figure, say("{}", _legend(folder))]
    if found and found["marked"]:
        rows = [
            (f"{one['start_s']:.2f}–{one['end_s']:.2f} s", f"{one['p_spoof']:.2f}", "yes" if one["sure"] else "no")
            for one in found["marked"]
        ]
        head = f"Segments that {found['detector']} marks"
        parts += [Markup("<h4>{}</h4>").format(head), table((head, "P(spoof)", "sure enough for a verdict"), rows)]
    elif found:
        parts.append(say("{} marks no segment.", found["detector"]))
    return part("Where and when", *parts, Markup("<h4>The same as a table</h4>"), table(COLUMNS, second_rows(folder)))


def _legend(folder: Folder) -> str:
    found = folder.json("scores.json")["segments"]
    line = (
        f"The line is P(spoof) by {found['detector']}; dashed, the P(spoof) from which on it marks a segment."
        if found else "The line is the panel's P(spoof) of each second; the band is where it is not sure."
    )  # fmt: skip
    return f"{line} Spectrogram: the darker the louder, in dB below the loudest cell. Colour: evidence for spoof."


def _map(folder: Folder) -> Markup:
    found = folder.json("map.json")
    if found["detector"] is None:
        return part("What the score rests on", say("No map: {}", found["why"]))
    parts = [say("{}, by {}: {}", found["detector"], found["method"], found["sentence"])]
    if found["regions"]:
        rows = [
            (
                f"{number}", f"{one['start_s']:.2f}–{one['end_s']:.2f} s",
                f"{one['low_hz']:.0f}–{one['high_hz']:.0f} Hz", f"{100 * one['share']:.0f} %",
            )
            for number, one in enumerate(found["regions"], 1)
        ]  # fmt: skip
        parts.append(table(("box", "when", "where", "of the evidence"), rows, text=(0, 1, 2)))
    if found["faithfulness"] is not None:
        parts.append(Markup('<p class="small">{}</p>').format(found["faithfulness"]["words"]))
    return part("What the score rests on", *parts)


def _detectors(folder: Folder) -> Markup:
    detectors = folder.json("scores.json")["detectors"]
    rows = sorted(detectors.items(), key=lambda each: (not each[1]["member"], -each[1]["p_spoof"]))
    bars = Markup("").join(_bar(name, own) for name, own in rows)
    columns = ("detector", "verdict", "in the panel", "P(spoof)", "log-likelihood ratio", "raw output")
    cells = [
        (
            name, own["verdict"], "yes" if own["member"] else "no", f"{own['p_spoof']:.3f}",
            f"{own['score']:+.3f}" if own["calibrated"] else "not calibrated", f"{own['raw']:+.4f}",
        )
        for name, own in rows
    ]  # fmt: skip
    drawn, listed = Markup('<div class="bars">{}</div>').format(bars), table(columns, cells, text=(0, 1, 2))
    return part("The detectors", drawn, listed, Markup('<p class="small">{}</p>').format(_SCALES))


def _bar(name: str, own: dict[str, Any]) -> Markup:
    low, high = (100 / (1 + float(np.exp(own[key]))) for key in ("bonafide_above", "spoof_below"))
    kind, shape = _KINDS.get(own["verdict"], ("unsure", "◐"))
    html = (
        '<div class="bar"><span>{}</span><span class="track"><i class="zu" style="left:{:.2f}%;width:{:.2f}%"></i>'
        '<b class="{}" style="width:{:.2f}%"></b></span><span class="{}">{} {:.2f}</span></div>'
    )
    return Markup(html).format(
        name, low, high - low, kind, 100 * own["p_spoof"], kind, shape, own["p_spoof"]
    )  # fmt: skip


def _provenance(folder: Folder) -> Markup:
    return part("What the file says of itself", *_lines(folder))


def _lines(folder: Folder) -> Iterator[Markup]:
    yield Markup('<p class="small lead">None of it is part of P(spoof).</p>')
    lines = folder.json("provenance.json")["lines"]
    for topic, title in _TOPICS.items():
        rows = [(line["text"], line["meaning"], line["state"]) for line in lines if line["topic"] == topic]
        if rows:
            yield Markup("<h4>{}</h4>").format(title)
            yield table(("found", "what it means for the verdict", "state"), rows, text=(0, 1, 2), kind="lines")


def _file(folder: Folder) -> Markup:
    about, scores = folder.json("recording.json"), folder.json("scores.json")
    decode = about["decode"]
    kind = f"{DecodeRecord(**decode).form}, {decode['sample_rate_hz']:,} Hz, {decode['channels']} channel(s)"
    length = f"{decode['duration_s']:.3f} s; {decode['used_s']:.3f} s decoded, {decode['dropped_s']:.3f} s dropped"
    rows = [
        ("SHA-256 of the file", about["sha256"]), ("size", f"{about['size_bytes']:,} bytes"),
        ("SHA-256 of its samples at 16 kHz", about["samples_sha256"]),
        ("format", kind), ("length", length), ("speech", f"{scores['speech_s']:.2f} s"),
        ("digital silence, not scored", f"{scores['silent_s']:.2f} s"),
        ("repeated to fill a window", f"{scores['padded_s']:.2f} s"),
        *(("remark", note) for note in decode["notes"]),
    ]  # fmt: skip
    body = Markup("").join(Markup("<tr><th>{}</th><td>{}</td></tr>").format(*row) for row in rows)
    return part("The recording", Markup('<table class="facts"><tbody>{}</tbody></table>').format(body))
