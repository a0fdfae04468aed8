"""The look, in one place: colours and sizes for HTML, for Gradio's own components and for figures."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["DARK", "FONT", "LIGHT", "Palette", "css", "figure_layout", "gradio_theme", "palette", "script"]

FONT = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif'
_STATIC = Path(__file__).resolve().parent / "static"
# In this order: what a later sheet says of the same thing holds.
_SHEETS = (
    "page.css", "analyse.css", "recording.css", "segments.css", "tried.css", "words.css", "case.css", "compare.css",
    "provenance.css", "audit.css",
    "reference.css", "runs.css", "imports.css", "review.css",
)  # fmt: skip
_SCRIPTS = (
    "page.js", "segments.js", "recording.js", "tried.js", "case.js", "compare.js", "figures.js", "linked.js",
    "exporting.js", "review.js", "panning.js",
)  # fmt: skip


@dataclass(frozen=True)
class Palette:
    """The colours of one scheme, light or dark.

    ``bonafide``, ``spoof``, ``partly`` and ``unsure`` never stand alone: a word or a shape goes with them.
    They fill areas, shapes and large type; small type takes ``bonafide_text`` and the like, the same hues at a contrast
    of 4.5 or more on every ground (WCAG 2.2, 1.4.3).
    ``series`` are colours for things that are not classes, told apart without colour vision too.
    """

    background: str
    card: str
    ink: str
    soft: str
    line: str
    fill: str
    accent: str
    on_accent: str
    spoof: str
    bonafide: str
    unsure: str
    partly: str
    spoof_text: str
    bonafide_text: str
    partly_text: str
    unsure_text: str
    series: tuple[str, ...]


LIGHT = Palette(
    background="#f6f7f8", card="#ffffff", ink="#171b1f", soft="#5b646d", line="#dfe3e6", fill="#eceff1",
    accent="#2457a6", on_accent="#ffffff", spoof="#D55E00", bonafide="#009E73", unsure="#8a929a", partly="#b5478f",
    spoof_text="#a84a00", bonafide_text="#007355", partly_text="#96306f", unsure_text="#5b646d",
    series=("#2457a6", "#8a5a00", "#7a3f93", "#0b7285", "#a3395b", "#4f6228", "#5b646d", "#b07d00"),
)  # fmt: skip
DARK = Palette(
    background="#101418", card="#171c21", ink="#e7eaed", soft="#98a2ac", line="#2a3138", fill="#222930",
    accent="#7fb0ff", on_accent="#0c1116", spoof="#ff8a3d", bonafide="#2fc79a", unsure="#98a2ac", partly="#e58cc4",
    spoof_text="#ff8a3d", bonafide_text="#2fc79a", partly_text="#e58cc4", unsure_text="#98a2ac",
    series=("#7fb0ff", "#e0b04f", "#c796e0", "#5cc3d6", "#ec8fb0", "#a9c36f", "#98a2ac", "#f2d06b"),
)  # fmt: skip


def palette(dark: bool) -> Palette:
    """Return the colours of the dark or of the light scheme."""
    return DARK if dark else LIGHT


def figure_layout(dark: bool, **more: Any) -> dict[str, Any]:
    """Return the ``layout`` that every figure starts from: no background of its own, quiet axes, our type.

    Parameters
    ----------
    dark : bool
    **more
        Layout entries that come on top; ``xaxis`` and the like are merged with ours.
    """
    colours = palette(dark)
    axis = {
        "gridcolor": colours.line, "linecolor": colours.line, "zeroline": False, "ticks": "", "automargin": True,
        "tickfont": {"color": colours.soft, "size": 11.5}, "title": {"font": {"color": colours.soft, "size": 12}},
    }  # fmt: skip
    layout: dict[str, Any] = {
        # Read by static/figures.js: Plotly itself forgets a height once a figure was fitted to its frame.
        "meta": {"height": more["height"]} if "height" in more else {},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12.5, "color": colours.ink},
        "colorway": list(colours.series),
        "margin": {"l": 58, "r": 16, "t": 12, "b": 40},
        "hoverlabel": {
            "bgcolor": colours.card, "bordercolor": colours.line, "font": {"color": colours.ink, "family": FONT},
        },
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"color": colours.soft}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.soft, "activecolor": colours.accent},
        "xaxis": axis,
        "yaxis": axis,
    }  # fmt: skip
    for key, value in more.items():
        base = axis if key.startswith(("xaxis", "yaxis")) else layout.get(key)
        layout[key] = _merged(base, value) if isinstance(base, dict) and isinstance(value, dict) else value
    return layout


def _merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in extra.items():
        old = out.get(key)
        out[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def _variables(colours: Palette) -> str:
    names = {
        "bg": colours.background, "card": colours.card, "ink": colours.ink, "soft": colours.soft,
        "line": colours.line, "fill": colours.fill, "acc": colours.accent, "on-acc": colours.on_accent,
        "spoof": colours.spoof, "bonafide": colours.bonafide, "unsure": colours.unsure,
        "partly": colours.partly, "partly-text": colours.partly_text,
        "spoof-text": colours.spoof_text, "bonafide-text": colours.bonafide_text, "unsure-text": colours.unsure_text,
    }  # fmt: skip
    return "".join(f"--ss-{name}:{value};" for name, value in names.items())


def css() -> str:
    """Return the whole page's style sheet: the palettes as variables ``--ss-*``, then the sheets in ``static``."""
    return f":root{{{_variables(LIGHT)}}}\n.dark{{{_variables(DARK)}}}\n{_read(_SHEETS)}"


def script() -> str:
    """Return what goes into the page's head: the scripts in ``static``, and the style of what Plotly lays over it."""
    return f"<style>.plotly-notifier{{display:none}}</style><script>{_read(_SCRIPTS)}</script>"


def _read(names: tuple[str, ...]) -> str:
    return "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in names)


def gradio_theme() -> "gr.themes.Base":
    """Return Gradio's theme, set from the same colours, so that its components belong."""
    import gradio as gr

    fonts = ["system-ui", "Segoe UI", "DejaVu Sans", "sans-serif"]
    theme = gr.themes.Base(
        font=fonts, font_mono=["ui-monospace", "DejaVu Sans Mono", "monospace"],
        radius_size=gr.themes.sizes.radius_md, spacing_size=gr.themes.sizes.spacing_md,
        text_size=gr.themes.sizes.text_sm,
    )  # fmt: skip
    pairs = {
        "body_background_fill": "background", "background_fill_primary": "card", "background_fill_secondary": "fill",
        "body_text_color": "ink", "body_text_color_subdued": "soft", "block_background_fill": "card",
        "block_border_color": "line", "block_label_background_fill": "card", "block_label_text_color": "soft",
        "block_title_text_color": "soft", "block_info_text_color": "soft", "border_color_primary": "line",
        "border_color_accent": "accent", "color_accent_soft": "fill", "link_text_color": "accent",
        "link_text_color_hover": "accent", "link_text_color_visited": "accent", "link_text_color_active": "accent",
        "panel_background_fill": "card", "panel_border_color": "line", "input_background_fill": "fill",
        "input_border_color": "line", "input_border_color_focus": "accent", "input_placeholder_color": "soft",
        "slider_color": "accent", "loader_color": "accent", "button_primary_background_fill": "accent",
        "button_primary_background_fill_hover": "accent", "button_primary_border_color": "accent",
        "button_primary_text_color": "on_accent", "button_secondary_background_fill": "card",
        "button_secondary_background_fill_hover": "fill", "button_secondary_border_color": "line",
        "button_secondary_text_color": "ink", "table_border_color": "line", "table_even_background_fill": "card",
        "table_odd_background_fill": "card", "table_row_focus": "fill", "table_text_color": "ink",
        "checkbox_background_color_selected": "accent", "checkbox_border_color_selected": "accent",
        "checkbox_label_background_fill": "card", "checkbox_label_background_fill_hover": "fill",
        "checkbox_label_background_fill_selected": "fill", "checkbox_label_text_color": "ink",
        "checkbox_label_text_color_selected": "ink", "checkbox_label_border_color": "line",
        "checkbox_border_color": "line", "checkbox_background_color": "card", "stat_background_fill": "accent",
        "code_background_fill": "fill",
    }  # fmt: skip
    settings: dict[str, Any] = {
        "color_accent": LIGHT.accent, "block_shadow": "none", "shadow_drop": "none", "shadow_drop_lg": "none",
        "input_shadow": "none", "input_shadow_focus": "none", "button_primary_shadow": "none",
        "button_secondary_shadow": "none", "checkbox_label_shadow": "none", "block_radius": "10px",
        "block_border_width": "1px", "button_transition": "none", "block_label_text_weight": "400",
        "block_title_text_weight": "400", "button_large_text_weight": "500", "button_small_text_weight": "400",
        "button_medium_text_weight": "500",
    }  # fmt: skip
    for name, colour in pairs.items():
        settings[name] = getattr(LIGHT, colour)
        settings[f"{name}_dark"] = getattr(DARK, colour)
    return theme.set(**settings)
