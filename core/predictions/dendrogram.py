"""A dendrogram as a picture in SVG."""

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

__all__ = ["dendrogram_svg"]

_ROW, _TREE, _NAMES = 24, 420, 240


def dendrogram_svg(links: NDArray[np.float64], names: list[str]) -> Markup:
    """Return a dendrogram, root at the left, one row a leaf.

    Parameters
    ----------
    links : ndarray [shape=(d - 1, 4)]
        As ``scipy.cluster.hierarchy.linkage`` gives them: two clusters, their distance, the leaves within.
    names : list of str
        Of the d leaves.
    """
    from scipy.cluster.hierarchy import leaves_list

    n = len(names)
    if n < 2:
        return Markup("")
    order = [int(place) for place in leaves_list(links)]
    height = {leaf: _ROW * (row + 0.5) for row, leaf in enumerate(order)}
    depth = dict.fromkeys(order, 0.0)
    farthest = max(float(links[-1, 2]), 1e-9)
    parts = []
    for step, (first, second, distance, _) in enumerate(links):
        one, other = int(first), int(second)
        x, x1, x2 = (_TREE * (1 - part / farthest) + 8 for part in (float(distance), depth[one], depth[other]))
        y1, y2 = height[one], height[other]
        parts.append(Markup('<path d="M{:.1f} {:.1f}H{:.1f}V{:.1f}H{:.1f}"/>').format(x1, y1, x, y2, x2))
        height[n + step], depth[n + step] = (y1 + y2) / 2, float(distance)
    labels = Markup("").join(
        Markup('<text x="{}" y="{:.1f}">{}</text>').format(_TREE + 16, height[leaf] + 4, names[leaf]) for leaf in order
    )
    html = (
        '<figure><svg viewBox="0 0 {} {}" role="img" aria-label="Dendrogram of the voters"><g fill="none" '
        'stroke="#2457a6" stroke-width="1.5">{}</g><g font-size="13">{}</g></svg></figure>'
    )
    return Markup(html).format(_TREE + _NAMES, _ROW * n, Markup("").join(parts), labels)
