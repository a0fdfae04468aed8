"""What a visitor tries on a recording, and what came of it: boxes taken out, processings, the smallest removal."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from core.watch import Progress, Watch

if TYPE_CHECKING:
    from core.robustness import Flip, Held
    from core.tried import Tried

__all__ = ["Trial", "Trials"]

Found = TypeVar("Found")


@dataclass(eq=False)
class Trial(Generic[Found]):
    """One thing that is tried when asked for.

    Attributes
    ----------
    watch : Watch
        By which the work on it is stopped.
    running : bool
        Whether it is at work, and ``progress`` how far it is.
    found : Found or None
        What came of it.
    wrong : str
        Why nothing did.
    sounds : dict of str to str
        Names to the addresses of what can be played.
    starts : dict of str to float
        Where in the recording each of them begins, in seconds.
    """

    watch: Watch = field(default_factory=Watch)
    running: bool = False
    progress: Progress | None = None
    found: Found | None = None
    wrong: str = ""
    sounds: dict[str, str] = field(default_factory=dict)
    starts: dict[str, float] = field(default_factory=dict)

    def begin(self) -> Watch:
        """Forget what came of it before, stop the work on that, and return the watch of the new work."""
        self.watch.stop()
        self.watch, self.running, self.progress, self.found, self.wrong = Watch(), True, None, None, ""
        self.sounds, self.starts = {}, {}
        return self.watch


    def done(self) -> "Trial[Found]":
        """Return what came of it, without the work that is not done yet."""
        if self.found is None:
            return Trial()
        return Trial(found=self.found, sounds=self.sounds, starts=self.starts)


@dataclass(eq=False)
class Trials:
    """Everything that can be tried on one recording."""

    boxes: "Trial[Tried]" = field(default_factory=Trial)
    hold: "Trial[tuple[Held, ...]]" = field(default_factory=Trial)
    flip: "Trial[Flip]" = field(default_factory=Trial)

    def stop(self) -> None:
        """Stop all work on them."""
        for trial in (self.boxes, self.hold, self.flip):
            trial.watch.stop()
