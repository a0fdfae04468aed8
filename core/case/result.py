"""What a verification found: one check a line, and whether all of them hold."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Check", "State", "Verification"]

State = Literal["matches", "within tolerance", "differs", "not checked"]


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes
    ----------
    what : str
        ``archive``, ``files``, ``report``, ``panel``, ``audio``, or a file of a recording: ``01/scores.json``.
    state : str
        ``matches``, ``within tolerance``, ``differs`` or ``not checked``.
    text : str
        What was found and, where it differs, why that may be.
    """

    what: str
    state: State
    text: str


@dataclass(frozen=True)
class Verification:
    """All checks of a case.

    Attributes
    ----------
    case : str
        As the person gave it.
    checks : tuple of Check
    """

    case: str
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that was checked differs by more than the tolerance."""
        return all(check.state != "differs" for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {"case": self.case, "holds": self.holds, "checks": [asdict(check) for check in self.checks]}
