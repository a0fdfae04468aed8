"""The card *In words*: every language is there, and a stranger's file name stays text."""

from core.analysis.verdict import SPOOFED
from core.words import Facts, languages, paragraph
from dashboard.components.words import words_head, words_text

FACTS = Facts("<b>a</b>.wav", 4.0, 3.0, SPOOFED, p_spoof=0.9)


def test_before_there_is_a_verdict_it_states_what_will_stand_there() -> None:
    assert "appears here with the verdict" in words_text(None)


def test_the_paragraph_is_there_in_every_language_and_escaped() -> None:
    html = words_text(FACTS)
    assert "<b>" not in html
    for code in languages():
        assert f'<p lang="{code}">' in html
        assert f'<option value="{code}"' in words_head()
        plain = html.split(f'<p lang="{code}">')[1].split("</p>")[0]
        assert "90\u00a0%" in plain
        assert "&lt;b&gt;a&lt;/b&gt;.wav" in plain
        text = "".join(part.split(">", 1)[-1] for part in plain.split("<")).strip()
        assert text.replace("\u00a0", " ") == paragraph(FACTS, code).replace("<", "&lt;").replace(">", "&gt;")


def test_every_fact_stands_in_the_table_with_its_value() -> None:
    table = words_text(FACTS).split("<details")[1]
    assert "<code>p_spoof</code></td><td>0.9</td><td>90" in table
