"""What k-means found among the embeddings, in words and one table."""

from collections.abc import Sequence

import pandas as pd

from core.analysis.format import figure, rate
from dashboard.components.markup import Markup, note, table, term

__all__ = ["clusters_text"]


def clusters_text(clips: pd.DataFrame, labels: Sequence[int], *, purity: float, silhouette: float) -> Markup:
    """Return purity and silhouette in words, and what each cluster holds.

    Parameters
    ----------
    clips : DataFrame
        One row per clip: label, system, kind.
    labels : sequence of int
        Each clip's cluster, from 1.
    purity : float
        Share of clips whose class is the majority of their cluster, 0 to 1.
    silhouette : float
        Mean silhouette coefficient, -1 to 1.
    """
    most = max((clips["label"] == "spoof").mean(), (clips["label"] == "bonafide").mean())
    html = (
        '<p class="ss-flat"><b>{} {}</b>: {} of the clips belong to the majority class of their cluster; with a single '
        "cluster it would be {}. <b>{} {}</b>: {}.</p>"
    )
    words = Markup(html).format(
        term("purity", "Purity"), figure(purity), rate(purity, digits=0), rate(most, digits=0),
        term("silhouette", "Silhouette"), figure(silhouette), _distinct(silhouette),
    )  # fmt: skip
    rows = []
    for cluster, part in clips.assign(cluster=list(labels)).groupby("cluster"):
        spoofs = part[part["label"] == "spoof"]
        common = ", ".join(f"{name} {count}" for name, count in spoofs["system"].value_counts().head(3).items())
        rows.append((cluster, len(part), rate(len(spoofs) / len(part), digits=0), common or "–"))
    body = table(("cluster", "clips", "spoof", "its commonest attacks"), rows, numeric=(1, 2))
    about = Markup("{} on the embeddings themselves, not on the two dimensions drawn; it knows no label.")
    return words + Markup('<div class="ss-wrap">{}</div>').format(body) + note(about.format(term("k-means")))


def _distinct(silhouette: float) -> str:
    if silhouette > 0.5:
        return "clearly separate groups"
    return "groups that touch" if silhouette > 0.25 else "one cloud cut into pieces, not separate groups"
