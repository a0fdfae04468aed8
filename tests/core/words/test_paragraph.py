"""The paragraph: every branch is there, every number comes from a fact, and what is not known is left out."""

import re
from dataclasses import replace

import pytest

from core.analysis.verdict import BONAFIDE, NOT_SURE, PARTLY, SPOOFED
from core.words import Facts, languages, paragraph, sentences
from core.words.facts import ErrorRates, FileLine, Flip, MapFacts, Member, Place, SignFact, Stretch, Tried

RATES = ErrorRates(46, 371, 902, 0.0377, 0.0139, 0.0655, 0.1353, 0.0706, 0.2105)
MAP = MapFacts("localiser", SPOOFED, "faithful", Place(0.41, 3.1, 4.0, 2000, 4500), 5, 60, 55, 7)
TWO = (Member("whisper", 0.95, SPOOFED), Member("localiser", 0.88, SPOOFED))
FILE = (
    FileLine("credentials", "valid", "Signed by somebody: valid, signer unknown."),
    FileLine("credentials", "notable", "They state that the file is AI-generated."),
    FileLine("watermark", "nothing", "Resemble's Perth watermark was not found."),
    FileLine("watermark", "unread", "Not looked for: AudioSeal."),
    FileLine("history", "fact", "MP3 at 64 kbit/s."), FileLine("history", "notable", "Nothing above 3.4 kHz."),
)  # fmt: skip
SPOOF = Facts(
    "call.m4a", 12.4, 10.1, SPOOFED, p_spoof=0.931, prior=0.38, bonafide_below=0.43, spoof_above=0.74,
    worst=Stretch(3, 8, 0.96), localiser="localiser", marked_s=9.8, scored_s=12.3, map=MAP, members=TWO, rates=RATES,
    dropped_s=3.2, silent_s=1.3, padded_s=0.7, file=FILE, false_mark_rate=0.02,
    tried=(Tried("room", "Room", 0.9, SPOOFED), Tried("new", "telephone", 0.5, NOT_SURE)),
    flip=Flip(0.3, 0.12, NOT_SURE), signs=(SignFact("band", "nothing above 3.4 kHz"), SignFact("new", "odd")),
)  # fmt: skip
REAL = replace(
    SPOOF, verdict=BONAFIDE, p_spoof=0.004, marked_s=0.0, worst=Stretch(3, 8, 0.2), flip=Flip(0.3),
    map=MapFacts("localiser", BONAFIDE, "not faithful"), tried=(Tried("room", "Room", 0.02, BONAFIDE),),
    members=(Member("whisper", 0.02, BONAFIDE), Member("localiser", 0.5, NOT_SURE)),
)  # fmt: skip
OPEN = replace(SPOOF, verdict=NOT_SURE, reason="between thresholds", p_spoof=0.6, map=replace(MAP, place=None))
SHORT = replace(OPEN, reason="little speech", speech_s=0.83, map=MapFacts("localiser", NOT_SURE, "unmapped"))
TORN = replace(OPEN, reason="worst stretch", p_spoof=0.31, duration_s=1200.0, members=TWO[:1])
PART = replace(SPOOF, verdict=PARTLY, p_spoof=0.3, parts=(Stretch(3.1, 4.0, 0.97), Stretch(7, 8, 0.9)))
NONE = replace(SPOOF, verdict=None, reason="no speech", p_spoof=None)
SILENT = replace(NONE, reason="silent", silent_s=12.4)
BRANCHES = {
    "spoof": SPOOF, "bona fide": REAL, "open": OPEN, "short": SHORT, "torn": TORN, "part": PART, "none": NONE,
    "silent": SILENT, "long part": replace(PART, false_marks=8.7), "long": replace(OPEN, false_marks=8.7),
}  # fmt: skip


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("branch", BRANCHES)
def test_every_number_is_of_a_fact_that_its_sentence_names(branch: str, code: str) -> None:
    facts = BRANCHES[branch]
    for sentence in sentences(facts, code):
        rest = re.sub(r"8 kHz|95 %", "", sentence.text)
        for used in sorted(sentence.facts, key=lambda used: -len(used.shown)):
            assert used.shown in sentence.text
            rest = rest.replace(used.shown, "")
            if not used.name.startswith("len("):
                assert used.value == eval(f"facts.{used.name}", {"facts": facts})
        assert not re.search(r"\d|\{|\}", rest), sentence


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("branch", BRANCHES)
def test_it_is_one_paragraph_of_whole_sentences(branch: str, code: str) -> None:
    text = paragraph(BRANCHES[branch], code)
    assert "\n" not in text
    assert "  " not in text
    assert all(sentence.text.endswith(".") for sentence in sentences(BRANCHES[branch], code))
    assert text == " ".join(sentence.text for sentence in sentences(BRANCHES[branch], code))


@pytest.mark.parametrize(
    ("branch", "stated"),
    [
        ("spoof", ["altered by a machine", "to be 38 % beforehand", "is 93 %", "41 % of the evidence", "in 55;"]),
        ("spoof", ["they agree", "after telephone", "12 % of the recording's energy", "4 % of 371 genuine"]),
        ("spoof", ["looks processed: it lacks its upper frequencies and odd; that alone may move"]),
        ("spoof", ["signer is unknown", "was not found", "the file is AI-generated” and “Nothing above 3.4 kHz”."]),
        ("bona fide", ["more like genuine speech than", "less than 1 %", "marks none of it", "not to be relied upon"]),
        ("bona fide", ["do not agree", "(adding the echo of a room), the verdict stayed", "up to 30 %"]),
        ("open", ["remains open", "in between", "no place stands out", "9.8 seconds"]),
        ("short", ["only 0.8 seconds of speech", "not relied upon", "no better than chance"]),
        ("torn", ["pass as bona fide", "from 0:03.0 to 0:08.0 minutes", "one detector alone, whisper"]),
        ("part", ["from 3.1 to 4.0 seconds and from 7.0 to 8.0 seconds", "surest of these", "2.0 % of real"]),
        ("long part", ["2.0 % of real recordings of a few seconds. In genuine speech of this length about 9 such"]),
        ("long", ["9.8 seconds out of 12.3 seconds as spoofed. In genuine speech of this length about 9 such parts"]),
        ("none", ["no speech was found"]),
        ("silent", ["it is silent"]),
    ],
)
def test_each_branch_states_what_was_found(branch: str, stated: list[str]) -> None:
    text = paragraph(BRANCHES[branch])
    assert [words for words in stated if words not in text] == []


@pytest.mark.parametrize("branch", ["none", "silent"])
def test_without_a_verdict_no_probability_is_stated(branch: str) -> None:
    text = paragraph(BRANCHES[branch])
    assert not any(words in text for words in ("probab", "panel", "evidence", "energy"))


def test_what_is_not_known_is_left_out() -> None:
    bare = Facts("a.wav", 4.0, 3.0, SPOOFED, p_spoof=0.9)
    assert [sentence.text[:12] for sentence in sentences(bare)] == [
        "The voice in", "If the proba", "How often th", "Not examined", "All this is ",
    ]  # fmt: skip


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("topic", ["credentials", "watermark", "history"])
@pytest.mark.parametrize("state", ["nothing", "fact", "notable", "valid", "trusted", "invalid", "unread"])
def test_every_line_of_a_file_finds_its_sentence_or_none(topic: str, state: str, code: str) -> None:
    facts = replace(SPOOF, file=(FileLine(topic, state, "Found."),))
    more = len(sentences(facts, code)) - len(sentences(replace(SPOOF, file=()), code))
    # With its sentence comes the one that sets it apart from the verdict.
    assert more in {0, 2}


def test_what_is_not_notable_about_a_file_is_left_to_its_own_card() -> None:
    assert "64 kbit/s" not in paragraph(SPOOF)


def test_members_of_one_mind_whose_panel_is_of_another_do_not_agree_with_it() -> None:
    assert "weighed together; taken alone, whisper gives 95 % (“probably spoofed”)" in paragraph(OPEN)


ON_WHOLE = {
    "en": (
        "as a whole is judged by a panel of two detectors weighed together; taken alone, whisper gives 2 % (“probably",
        "as a whole is judged by one detector alone, whisper: “probably bona fide”",
    ),
    "de": (
        "als Ganzes beurteilt ein Gremium von zwei gemeinsam gewichteten Detektoren; für sich genommen kommt whisper",
        "als Ganzes beurteilt ein einziger Detektor, whisper: „",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", ON_WHOLE)
def test_a_verdict_on_parts_is_not_said_to_be_the_panels(code: str) -> None:
    whole, alone = ON_WHOLE[code]
    members = (Member("whisper", 0.02, BONAFIDE), Member("localiser", 0.1, BONAFIDE))
    text = paragraph(replace(PART, members=members), code)
    assert whole in text
    assert not any(words in text for words in ("they agree", "sich einig", "verdict is that of", "Urteil ist das"))
    assert alone in paragraph(replace(PART, members=members[:1]), code)


def test_a_probability_beside_its_threshold_does_not_read_alike() -> None:
    assert "is 74.4 %. From 74.0 % on" in paragraph(replace(SPOOF, p_spoof=0.744))


def test_speech_that_is_too_short_does_not_read_as_long_enough() -> None:
    assert "0.9 seconds of speech, and a verdict needs 1.0" in paragraph(replace(SHORT, speech_s=0.97))


def test_a_recording_that_is_marked_throughout_reads_so() -> None:
    assert "marks all of it as spoofed" in paragraph(replace(SPOOF, marked_s=12.3))


def test_in_a_part_the_evidence_is_not_little_whatever_the_detector_makes_of_the_whole() -> None:
    of_part = paragraph(replace(PART, map=replace(MAP, verdict=BONAFIDE)))
    assert "the evidence for spoofing" in of_part and "the little" not in of_part


def test_a_files_name_with_braces_is_written_as_it_is() -> None:
    assert "“{p_spoof}.wav”" in paragraph(replace(SPOOF, name="{p_spoof}.wav"))
