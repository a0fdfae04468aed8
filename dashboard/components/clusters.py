"""Clusters of a map's clips, in words and one table: how clear they are, how well they match a column."""

from typing import TYPE_CHECKING

from core.analysis.format import figure, rate
from core.results.grouping import HDBSCAN
from dashboard.components.markup import Markup, note, table, term

if TYPE_CHECKING:
    from core.analysis.clusters import Agreement
    from core.results.grouping import Clusters

__all__ = ["clusters_text"]

_MOST_ROWS = 30


def clusters_text(found: "Clusters", match: "Agreement | None", column: str) -> Markup:
    """Return how clear clusters are, how well they match a column of the run, and what each holds.

    Parameters
    ----------
    found : Clusters
    match : Agreement or None
        None where the column holds numbers; ``commonest`` of 1 where all clips have one value.
    column : str
    """
    rows = [
        (row.name, f"{row.n:,}", rate(row.spoofed, digits=0) if row.spoofed == row.spoofed else "–",
         ", ".join(f"{name} {count}" for name, count in row.systems) or "–")
        for row in found.rows[:_MOST_ROWS]
    ]  # fmt: skip
    body = table(("cluster", "clips", "spoof", "its commonest attacks"), rows, numeric=(1, 2))
    rest = len(found.rows) - len(rows)
    more = f" {rest} smaller ones are not listed." if rest > 0 else ""
    how = term("HDBSCAN") if found.how == HDBSCAN else term("k-means")
    about = Markup("{} on the embeddings, not on the picture; it knows no label.{}").format(how, more)
    wrapped = Markup('<div class="ss-wrap">{}</div>').format(body)
    return _clearness(found) + _match(found, match, column) + wrapped + note(about)


def _clearness(found: "Clusters") -> Markup:
    html = '<p class="ss-flat"><b>{}</b>{}. <b>{} {}</b>{}: {}.</p>'
    count = f"{found.k} cluster{'' if found.k == 1 else 's'}"
    of = ""
    if found.how == HDBSCAN:
        outside = _outside(found)
        how, of = f"; {outside:,} clips lie in none", " of the others" if outside else ""
    elif found.tried:
        how = f", the clearest of {min(found.tried)} to {max(found.tried)}"
    else:
        how = ""
    return Markup(html).format(
        count, how, term("silhouette", "Silhouette"), figure(found.silhouette), of, _distinct(found.silhouette)
    )


def _outside(found: "Clusters") -> int:
    """Return how many clips belong to no cluster."""
    return sum(row.n for row in found.rows[found.k :])


def _match(found: "Clusters", match: "Agreement | None", column: str) -> Markup:
    if match is None:
        return note(f"{column} holds numbers: choose a column of words to compare the clusters with.")
    # By convention one group and one value match perfectly, which would state what nobody has found.
    if match.commonest == 1 or len(found.rows) < 2:
        return note(f"Nothing can be compared with {column}: there is one " + (
            "value of it for all clips." if match.commonest == 1 else "cluster."
        ))  # fmt: skip
    html = (
        '<p class="ss-flat"><b>{} {}</b> against {}: so many clips have the commonest value of their cluster{}; with '
        "a single cluster it would be {}. <b>{} {}</b>, <b>{} {}</b>: 0 is no match beyond chance, 1 a perfect one.</p>"
    )
    none = ", those in none counting as one more" if _outside(found) else ""
    return Markup(html).format(
        term("purity", "Purity"), figure(match.purity), column, none, figure(match.commonest),
        term("NMI"), figure(match.nmi), term("ARI"), figure(match.ari),
    )  # fmt: skip


def _distinct(silhouette: float) -> str:
    if silhouette != silhouette:
        return "there are not two clusters to compare"
    if silhouette > 0.5:
        return "clearly separate groups"
    return "groups that touch" if silhouette > 0.25 else "one cloud cut into pieces, not separate groups"
