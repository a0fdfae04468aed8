"""Work that takes long: how far it is, about how long the rest takes, and what ends it."""

from typing import TYPE_CHECKING

from dashboard.components.markup import Markup, joined, loading

if TYPE_CHECKING:
    from core.watch import Progress

__all__ = ["cancellable", "progress_words", "time_words"]

_CANCEL = Markup('<button type="button" class="ss-cancel" data-act="remove">Cancel</button>')


def cancellable(busy: str, progress: "Progress | None") -> Markup:
    """Return what is being done, how far it is, and the button that ends it."""
    if progress is None:
        return joined([loading(busy), _CANCEL])
    bar = Markup('<progress class="ss-progress" max="{}" value="{}" aria-label="windows scored"></progress>')
    return joined([loading(f"{busy} {progress_words(progress)}"), bar.format(progress.total, progress.done), _CANCEL])


def progress_words(progress: "Progress", what: str = "windows scored") -> str:
    """Return how much of a work is done and how long the rest will take."""
    words = f"{progress.done:,} of {progress.total:,} {what}"
    left = progress.left_s
    # Too early, the speed is not known: the first windows meet cold caches.
    if left is None or progress.taken_s < 1.0:
        return f"{words}."
    return f"{words}, about {time_words(left)} left."


def time_words(seconds: float) -> str:
    """Return a time that is not known exactly: "12 s", "3 min"."""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"
