"""Which published page a clip comes from: its repository's owner and name."""

__all__ = ["page_of"]

_PUBLISHED = "published"


def page_of(source: str, page: str = "-") -> str:
    """Return the page of a clip as ``owner/name``, or ``-`` where it comes from none.

    Parameters
    ----------
    source : str
        The cell ``source`` of the clip; ``published/OWNER/NAME/ID`` holds the page where the manifest has no column
        for it.
    page : str
        The cell ``page``; it stands where it holds something.
    """
    if page not in {"", "-"}:
        return page
    parts = source.split("/")
    return "/".join(parts[1:3]) if parts[0] == _PUBLISHED and len(parts) == 4 and all(parts) else "-"
