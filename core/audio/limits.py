"""What a recording may be, and what decoding it may cost."""

from dataclasses import asdict, dataclass

__all__ = ["DEFAULT_LIMITS", "Limits"]

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Bounds that a recording is held to, whatever its header states.

    Attributes
    ----------
    max_bytes : int
        Largest file that is opened.
    min_duration_s, max_duration_s : float
        Length in seconds, as claimed by the header and as decoded.
    min_rate_hz, max_rate_hz, max_channels : int
        Sample rate and number of channels of the file.
    max_amplitude : float
        Largest absolute sample, where 1 is full scale.
    silence_rms : float
        A file whose every channel stays below this, its mean removed, is silent (1e-5 is -100 dBFS).
    cpu_s, cpu_s_per_megabyte, cpu_s_per_hour, cpu_s_per_piece, max_cpu_s : float
        Seconds of computing before the child is killed: a floor, what each megabyte of the file, each hour
        that its header claims and each recording that stands behind another add, a ceiling. The kernel counts
        whole seconds.
    patience : float
        Seconds on the clock allowed for each second of computing: the kernel counts the computing, the
        clock only ends what a busy machine does not get to.
    child_bytes : int
        Address space of the decoding child, ffmpeg included.
    keep_s : float
        Seconds from the start that are kept in memory; the rest is measured and counted as dropped.
    """

    max_bytes: int = 2 << 30
    min_duration_s: float = 0.1
    max_duration_s: float = 4 * 3600.0
    min_rate_hz: int = 4_000
    max_rate_hz: int = 1_500_000
    max_channels: int = 16
    max_amplitude: float = 1e6
    silence_rms: float = 1e-5
    cpu_s: float = 3.0
    cpu_s_per_megabyte: float = 0.5
    cpu_s_per_hour: float = 12.0
    cpu_s_per_piece: float = 0.2
    max_cpu_s: float = 90.0
    patience: float = 10.0
    child_bytes: int = 1 << 30
    keep_s: float = 600.0

    def cpu_for(self, n_bytes: int, *, claimed_s: float = 0.0, pieces: int = 1) -> float:
        """Return the seconds of computing that a file may cost, by its bytes, claimed length and pieces."""
        size = self.cpu_s_per_megabyte * n_bytes / MEGABYTE
        length = self.cpu_s_per_hour * min(claimed_s, self.max_duration_s) / 3600
        return min(self.max_cpu_s, self.cpu_s + size + length + self.cpu_s_per_piece * (pieces - 1))

    def to_json(self) -> dict[str, float]:
        """Return the limits as plain JSON values, for the child."""
        return asdict(self)


DEFAULT_LIMITS = Limits()
