"""What k-means found among the embeddings, in words and one table."""

from collections.abc import Sequence

import pandas as pd

from dashboard.components.markup import note, table

__all__ = ["clusters_text"]


def clusters_text(clips: pd.DataFrame, labels: Sequence[int], *, purity: float, silhouette: float) -> str:
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
    words = (
        f'<p class="ss-flat"><b>Purity {purity:.2f}</b>: {100 * purity:.0f} % of the clips belong to the class that '
        f"rules their cluster; with a single cluster it would be {100 * most:.0f} %. "
        f"<b>Silhouette {silhouette:.2f}</b>: {_distinct(silhouette)}.</p>"
    )
    rows = []
    for cluster, part in clips.assign(cluster=list(labels)).groupby("cluster"):
        spoofs = part[part["label"] == "spoof"]
        common = ", ".join(f"{name} {count}" for name, count in spoofs["system"].value_counts().head(3).items())
        rows.append((cluster, len(part), f"{100 * len(spoofs) / len(part):.0f} %", common or "–"))
    columns = ("cluster", "clips", "spoof", "its commonest attacks")
    about = "k-means on the embeddings themselves, not on the two dimensions drawn; it knows no label."
    return f'{words}<div class="ss-wrap">{table(columns, rows, numeric=(1, 2))}</div>{note(about)}'


def _distinct(silhouette: float) -> str:
    if silhouette > 0.5:
        return "clearly separate groups"
    return "groups that touch" if silhouette > 0.25 else "one cloud cut into pieces, not separate groups"
