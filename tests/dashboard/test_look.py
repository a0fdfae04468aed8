"""The look: colours that can be read, one style sheet, and figures that take the page's colours unasked."""

import re
from dataclasses import asdict

import plotly.graph_objects as go
import plotly.io as pio
import pytest

from dashboard import theme
from dashboard.plots.frame import blank, llr_of, make_default, message, narrow, p_spoof_axis
from dashboard.theme import DARK, LIGHT, Palette

SCHEMES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@SCHEMES
@pytest.mark.parametrize("ground", ["card", "background", "fill"])
def test_every_colour_of_small_type_can_be_read(palette: Palette, ground: str) -> None:
    colours = asdict(palette)
    for name in ("ink", "soft", "accent", "spoof_text", "bonafide_text", "partly_text", "unsure_text"):
        assert contrast(colours[name], colours[ground]) >= 4.5, name


@SCHEMES
def test_every_colour_of_large_type_and_shapes_stands_out(palette: Palette) -> None:
    for colour in (palette.spoof, palette.bonafide, palette.partly, palette.unsure):
        assert contrast(colour, palette.card) >= 3


def test_the_classes_have_the_colours_of_okabe_and_ito() -> None:
    assert (LIGHT.bonafide, LIGHT.spoof) == ("#009E73", "#D55E00")


def test_one_style_sheet_holds_every_file_of_styles() -> None:
    sheet = theme.css()
    for path in (theme._STATIC).glob("*.css"):
        assert path.read_text(encoding="utf-8") in sheet, path.name


# Gradio's own boxes, of which a page has hundreds.
_EVERYWHERE = re.compile(r"(?:^|[\s>+~,(])(?:\.(?:column|row|block|form|wrap|html-container)|div|\*)?:has\(> *#")


def test_no_rule_asks_every_box_of_the_page_what_it_holds() -> None:
    sheet = theme.css()
    found = [line[:80] for line in sheet.splitlines() if _EVERYWHERE.search(line)]
    assert found == [], "the browser matches such a rule anew for all of the page with each figure: mark the box itself"
    assert _EVERYWHERE.search(".column:has(> #ss-answer.ss-listing) > :not(#ss-compare) { display: none; }")


def test_a_figure_that_asks_for_nothing_takes_the_pages_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pio.templates, "default", "plotly")
    assert go.Figure().layout.template.layout.colorway[0] != LIGHT.series[0]
    make_default()
    layout = go.Figure().layout.template.layout
    assert layout.colorway == LIGHT.series
    assert layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_a_figure_carries_its_height_and_what_a_phone_changes() -> None:
    figure = blank(False, height=300)
    p_spoof_axis(figure, -5, 5)
    narrow(figure, traces={"showscale": False})
    meta = figure.layout.meta
    assert meta["height"] == 300
    assert meta["narrow"]["traces"] == {"showscale": False}
    assert meta["narrow"]["layout"]["xaxis.tickvals"] == pytest.approx(list(llr_of([0.01, 0.5, 0.99])))


def test_a_sentence_in_place_of_a_figure_breaks_on_a_phone() -> None:
    text = "The reference run holds no reconstruction errors, so that there is nothing to draw."
    figure = message(text, dark=False, height=200)
    assert figure.layout.annotations[0].text == text
    lines = figure.layout.meta["narrow"]["layout"]["annotations[0].text"].split("<br>")
    assert " ".join(lines) == text
    assert max(map(len, lines)) <= 42
