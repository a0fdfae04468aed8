"""What a panel was made of and what it achieves, in words: read from its ``panel.json``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.analysis.format import NOTHING, bracket, rate, text_table
from core.analysis.held_out import held_out_table
from trainers.panel import COST_S

__all__ = ["panel_markdown"]


def panel_markdown(path: Path) -> str:
    """Return a panel's members, the candidates that it refused and its figures on held-out clips, as Markdown."""
    panel = json.loads(path.read_text(encoding="utf-8"))
    figures = panel["figures"]
    members = pd.DataFrame([
        _line(name, panel["members"][name], about) for name, about in figures["members"].items()
    ])  # fmt: skip
    refused = [f"- `{name}`: {why}" for name, why in figures["refused"].items()]
    parts = [
        f"Set on {panel['basis']}.", text_table(members, markdown=True),
        "Refused:\n\n" + "\n".join(refused) if refused else "",
        text_table(held_out_table(figures["rows"]), markdown=True),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _line(name: str, weight: float, about: Mapping[str, Any]) -> dict[str, str]:
    loss, ends = about.get("loss"), (about.get("loss_low"), about.get("loss_high"))
    return {
        "member": f"`{name}`", "family": about["family"], "weight": f"{weight:.2f}",
        "EER alone": rate(about["eer"], (about.get("eer_low"), about.get("eer_high"))),
        "points lost without it": NOTHING if loss is None else f"{100 * loss:+.1f} {bracket(ends)}".rstrip(),
        f"CPU ms a clip of {COST_S:g} s": f"{about['cpu_ms']:.0f}" if "cpu_ms" in about else NOTHING,
    }  # fmt: skip
