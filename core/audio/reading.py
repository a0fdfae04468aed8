"""The reading of a file's pieces, each by whichever reader finds it whole, within one budget."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.audio.budget import Budget
from core.audio.clip import SAMPLE_RATE
from core.audio.codecs import AMR_CODECS, encoder_delay_s
from core.audio.containers.file_bytes import FileBytes
from core.audio.containers.piece import Piece
from core.audio.containers.survey import Survey, survey
from core.audio.ffmpeg import FfmpegSource, open_with_ffmpeg
from core.audio.levels import Measurement, measure
from core.audio.libsndfile import SoundfileSource
from core.audio.limits import Limits
from core.audio.mixdown import Mix, choose_mix, mix_down
from core.audio.source import NotRead, Refusal, Source, TooShort, Unreadable, open_regular

__all__ = ["MISSING_S", "Part", "Reading"]

Opener = Callable[[], SoundfileSource | FfmpegSource]

# Less than this missing at the end is the rounding of a header, not a loss.
MISSING_S = 0.1
# Samples at either end of which the filter makes clicks where the sound is cut.
EDGE = SAMPLE_RATE // 50
# Bits a second: the slowest speech codecs need 600, FLAC of digital silence less.
LOWEST_BIT_RATE = 50
MAX_TRACKS = 8
# A default track quieter than another by this factor is the empty one of a screen recorder.
EMPTY_TRACK = 0.01


@dataclass(frozen=True)
class Part:
    """A piece, read.

    Attributes
    ----------
    source : Source
        The reader that read it, closed.
    duration_s, used_s : float
        Length, and what was kept of it.
    rms, kept_rms : float
        Of its loudest channel, over all of it and over what was kept.
    mixed_rms : float
        Of what was kept once it is mono at 16 kHz, on the scale of the file.
    samples : ndarray [shape=(n,), float32]
        What was kept, mono at 16 kHz.
    notes : tuple of str
        What a person should know of it.
    """

    source: Source
    duration_s: float
    used_s: float
    rms: float
    kept_rms: float
    mixed_rms: float
    samples: NDArray[np.float32]
    notes: tuple[str, ...]

    @property
    def missing_s(self) -> float:
        """Seconds that the header promises and the reader did not find, beyond the rounding of a header."""
        return _missing_s(self.source, self.duration_s)


class Reading:
    """The reading of one file's pieces.

    Parameters
    ----------
    path : str
        A regular file.
    limits : Limits
        What the file is held to.
    ffmpeg : str or None
        Path of ffmpeg's binary, if there is one.
    announce : callable
        Given the seconds of computing allowed, as soon as a header has stated how long a piece is.
    """

    def __init__(self, path: str, *, limits: Limits, ffmpeg: str | None, announce: Callable[[float], None]) -> None:
        self._path = path
        self._limits = limits
        self._ffmpeg = ffmpeg
        self._announce = announce
        self._budget = Budget(limits, os.lstat(path).st_size)

    def survey(self) -> Survey:
        """Return the pieces that the file holds."""
        self._budget.bind()
        with os.fdopen(open_regular(self._path), "rb") as file:
            found = survey(FileBytes(file, os.fstat(file.fileno()).st_size))
        self._budget.pieces = len(found.pieces)
        return found

    def read(self, piece: Piece, *, keep_s: float) -> Part:
        """Read a piece with the first reader that finds it whole."""
        partial: Part | None = None
        first: Refusal = Unreadable()
        if not (piece.ffmpeg_first and self._ffmpeg):
            try:
                partial = self._part(lambda: SoundfileSource(self._path, piece), piece, keep_s)
                if self._ffmpeg is None or self._is_whole(partial):
                    return partial
                first = Refusal("is damaged.")
            except Unreadable as refusal:
                first = refusal
        if self._ffmpeg is None:
            raise _final(first, Unreadable(), ffmpeg=self._ffmpeg)
        try:
            part = self._through_ffmpeg(piece, keep_s=keep_s, ffmpeg=self._ffmpeg)
        except Refusal as second:
            if partial is not None:
                return partial
            raise _final(first, second, ffmpeg=self._ffmpeg) from second
        if partial is None or part.duration_s - partial.duration_s > (MISSING_S if partial.missing_s else 0.0):
            return part
        return partial

    def _is_whole(self, part: Part) -> bool:
        damaged = part.source.damage is not None or part.missing_s > 0
        return not damaged and part.duration_s >= self._limits.min_duration_s

    def _is_believable(self, claimed_s: float, piece: Piece) -> bool:
        """Whether the bytes can hold so many seconds; what cannot be believed must show in the reading."""
        if piece.counted_s is not None and piece.counted_s <= self._limits.max_duration_s < claimed_s:
            return False
        return claimed_s * LOWEST_BIT_RATE <= 8 * (piece.stop - piece.start)

    def _through_ffmpeg(self, piece: Piece, *, keep_s: float, ffmpeg: str) -> Part:
        parts: dict[int, Part] = {}
        refusals: list[Refusal] = []
        track, count = 0, 1
        while track < min(count, MAX_TRACKS):
            try:
                parts[track] = self._track(piece, track, keep_s=keep_s, ffmpeg=ffmpeg)
                count = len(parts[track].source.tracks)
            except Refusal as refusal:
                refusals.append(refusal)
                count = max(count, refusal.tracks if isinstance(refusal, Unreadable) else 1)
            track += 1
        if not parts:
            raise refusals[0]
        if count < 2:
            return parts[0]
        chosen, reason = _choose_track(parts)
        note = f"the file holds {count} sound tracks: track {chosen + 1}, {reason}, was read"
        return replace(parts[chosen], notes=(note, *parts[chosen].notes))

    def _track(self, piece: Piece, track: int, *, keep_s: float, ffmpeg: str) -> Part:
        def opener(fill: bool) -> Opener:
            return lambda: open_with_ffmpeg(
                self._path,
                piece,
                ffmpeg=ffmpeg,
                max_duration_s=self._limits.max_duration_s,
                budget=self._budget,
                track=track,
                fill=fill,
            )

        part = self._part(opener(fill=False), piece, keep_s)
        if part.source.codec not in AMR_CODECS or part.source.damage is None:
            return part
        # ffmpeg calls the frames that hold no sound damaged, and leaves them out.
        filled = self._part(opener(fill=True), piece, keep_s)
        if filled.duration_s <= part.duration_s:
            return part
        missing_s = filled.duration_s - part.duration_s
        note = f"{missing_s:.1f} s of discontinuous transmission were filled with silence"
        return replace(filled, notes=(*(note for note in filled.notes if note != filled.source.damage), note))

    def _part(self, opened: Opener, piece: Piece, keep_s: float) -> Part:
        notes: tuple[str, ...] = ()
        with opened() as source:
            if source.claimed_s is not None and not self._is_believable(source.claimed_s, piece):
                notes = (f"the header claims {_length(source.claimed_s)}, more than so few bytes can hold",)
                source.claimed_s = None
            self._budget.claim(source.claimed_s)
            source.hold_to(self._budget)
            self._announce(self._budget.total_s)
            measured = measure(source, limits=self._limits, keep_s=keep_s)
            mix = choose_mix(measured.kept)
            if measured.blocks is not None:
                samples = _mixed(measured.blocks, source, measured, mix)
            else:
                with opened() as again:
                    again.hold_to(self._budget)
                    samples = _mixed(again.blocks(), source, measured, mix)
        return _part(source, measured, mix, samples, notes)


def _length(seconds: float) -> str:
    return f"{seconds / 3600:,.0f} h" if seconds >= 3600 else f"{seconds:.0f} s"


def _final(first: Refusal, second: Refusal, *, ffmpeg: str | None) -> Refusal:
    """Choose the refusal that is of most use to a person."""
    for refusal in (second, first):
        if not isinstance(refusal, Unreadable | TooShort):
            return refusal
    for refusal in (first, second):
        if isinstance(refusal, TooShort):
            return refusal
    if isinstance(second, NotRead):
        return second
    if ffmpeg is None:
        return Unreadable(
            "is not audio, or is in a format that needs ffmpeg, which is not installed: "
            "convert it to WAV or FLAC, or install ffmpeg."
        )
    return Unreadable(
        "is not audio that can be read, or its header is damaged: give a WAV, FLAC, Ogg, Opus, MP3, M4A or WebM file."
    )


def _choose_track(parts: dict[int, Part]) -> tuple[int, str]:
    """Return the only default track, else the first, unless it is empty beside another: then the loudest."""
    loudest = max(parts, key=lambda track: parts[track].rms)
    marked = [track for track, part in parts.items() if part.source.tracks[track].default]
    only = len(marked) == 1
    chosen = marked[0] if only else 0
    if chosen not in parts or parts[chosen].rms < EMPTY_TRACK * parts[loudest].rms:
        return loudest, "the loudest"
    return chosen, "the default" if only else "the first"


def _mixed(
    blocks: Iterator[NDArray[np.floating]] | tuple[NDArray[np.floating], ...],
    source: Source,
    measured: Measurement,
    mix: Mix,
) -> NDArray[np.float32]:
    return mix_down(blocks, rate_hz=source.rate_hz, frames=measured.kept.frames, mix=mix)


def _part(
    source: Source, measured: Measurement, mix: Mix, samples: NDArray[np.float32], noted: tuple[str, ...]
) -> Part:
    duration_s = measured.whole.frames / source.rate_hz
    notes = [*noted, *source.notes, *mix.notes]
    if late_s := encoder_delay_s(source.container, source.codec, source.rate_hz):
        notes.append(
            f"{source.codec} in {source.container} states no encoder delay: times may be {1000 * late_s:.0f} ms late"
        )
    if source.damage is not None:
        notes.append(source.damage)
    elif _missing_s(source, duration_s):
        notes.append(f"the header promises {source.claimed_s:.1f} s, {duration_s:.1f} s could be read")
    rms, kept_rms = (float(levels.rms()[:-1].max()) for levels in (measured.whole, measured.kept))
    return Part(
        source=source,
        duration_s=duration_s,
        used_s=measured.kept.frames / source.rate_hz,
        rms=rms,
        kept_rms=kept_rms,
        mixed_rms=mix.divisor * _rms(samples[EDGE:-EDGE] if len(samples) > 4 * EDGE else samples),
        samples=samples,
        notes=tuple(notes),
    )


def _missing_s(source: Source, duration_s: float) -> float:
    missing_s = (source.claimed_s or 0.0) - duration_s
    return missing_s if missing_s > max(MISSING_S, 0.01 * duration_s) else 0.0


def _rms(samples: NDArray[np.float32]) -> float:
    return float(np.std(samples, dtype=np.float64)) if len(samples) else 0.0
