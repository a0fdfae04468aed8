"""What decoding a file may cost: seconds of computing, enforced by the kernel."""

import math
import resource
import subprocess
import time

from core.audio.limits import Limits

__all__ = ["Budget"]


class Budget:
    """The processor time of one file, over all its pieces and for this process and ffmpeg alike.

    Parameters
    ----------
    limits : Limits
        What the file is held to.
    n_bytes : int
        Its size.

    Attributes
    ----------
    pieces : int
        How many recordings it holds, once they are known.
    """

    def __init__(self, limits: Limits, n_bytes: int) -> None:
        self._limits = limits
        self._n_bytes = n_bytes
        self._claimed_s = 0.0
        self.pieces = 1
        self._before_s = _used_s()

    @property
    def total_s(self) -> float:
        """Seconds of computing that the file may cost, as far as its length is known."""
        return self._limits.cpu_for(self._n_bytes, claimed_s=self._claimed_s, pieces=self.pieces)

    @property
    def left_s(self) -> float:
        """Seconds that are left, at least a tenth."""
        return max(0.1, self.total_s - (_used_s() - self._before_s))

    def claim(self, seconds: float | None) -> None:
        """Count in a recording of so many seconds by its header."""
        self._claimed_s += seconds or 0.0

    def bind(self, process: "subprocess.Popen[bytes] | None" = None) -> None:
        """Have the kernel hold this process, and ``process`` if given, to what is left."""
        bound = math.ceil(time.process_time() + self.left_s)
        resource.setrlimit(resource.RLIMIT_CPU, (bound, resource.RLIM_INFINITY))
        if process is not None and hasattr(resource, "prlimit"):
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (math.ceil(self.left_s), resource.RLIM_INFINITY))


def _used_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
