"""Recordings as ffmpeg reads them (AAC, M4A, WebM and more), in a process of its own."""

import os
import re
import signal
import struct
import subprocess
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np

from core.audio.budget import Budget
from core.audio.codecs import FFMPEG_CODECS, FFMPEG_CONTAINERS
from core.audio.containers.piece import Piece
from core.audio.source import BLOCK_VALUES, TOO_COSTLY, Block, NotRead, Refusal, Track, Unreadable, open_regular

__all__ = ["FfmpegSource", "open_with_ffmpeg"]

# Silence where the times of the packets leave more than 10 ms out.
FILL_GAPS = "aresample=async=1:min_hard_comp=0.01:first_pts=0"
# Behind this line ffmpeg describes its output.
MAPPED = "\nStream mapping"
MAX_LOG_BYTES = 1 << 15
DESCRIPTION_S = 1.0

# Only formats that hold their own samples: playlists (concat, HLS, DASH, SDP) would open other files.
FFMPEG_FORMATS = (
    "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,loas,ac3,eac3,dts,truehd,mov,matroska,asf,avi,flv,rm,mpeg,mpegts,"
    "amr,gsm,g722,qcp,wv,tta,tak,shn,ape,mpc,mpc8,dsf,oma,iff,voc,nistsphere"
)
# As libsndfile decodes Opus: ffmpeg's own decoder puts speech two samples later, and other samples there.
LIBOPUS = "libopus"
OWN_OPUS = "Opus was decoded by ffmpeg itself, whose samples differ a little from those that libopus gives"
# Such a length is a guess from the bit rate of the first seconds, and no promise.
GUESSED = "Estimating duration from bitrate"


class FfmpegSource:
    """A piece of a file as ffmpeg reads it, streamed as Sun AU to keep rate and channels.

    Parameters
    ----------
    path : str
        A regular file.
    piece : Piece
        What of it is read.
    ffmpeg : str
        Path of the binary.
    max_duration_s : float
        Where reading ends.
    budget : Budget
        What ffmpeg and this process may compute.
    track : int
        Which of the sound tracks, from 0.
    fill : bool
        Whether packets that are missing leave silence in their place.
    decoder : str
        ffmpeg's name of the decoder; empty for its own choice.
    """

    def __init__(
        self,
        path: str,
        piece: Piece,
        *,
        ffmpeg: str,
        max_duration_s: float,
        budget: Budget,
        track: int = 0,
        fill: bool = False,
        decoder: str = "",
    ) -> None:
        handle = open_regular(path)
        size = os.fstat(handle).st_size
        os.close(handle)
        url = "file:" + os.path.abspath(path)  # noqa: PTH100 - a str that may hold odd bytes
        if (piece.start, piece.stop) != (0, size):
            url = f"subfile,,start,{piece.start},end,{piece.stop},,:{url}"
        self._process = subprocess.Popen(
            _ffmpeg_command(
                url, ffmpeg=ffmpeg, max_duration_s=max_duration_s, track=track, fill=fill, decoder=decoder
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.track = track
        self._log = bytearray()
        self._described = threading.Event()
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self.container = self.codec = "unknown"
        self.claimed_s: float | None = None
        self.damage: str | None = None
        self.tracks: tuple[Track, ...] = ()
        self.notes: tuple[str, ...] = ()
        try:
            self.hold_to(budget)
            self.rate_hz, self.channels = self._read_header()
        except BaseException:
            self.close()
            raise
        # The samples come once the file has been described; only this process' own reading may lag.
        self._described.wait(DESCRIPTION_S)
        self._describe(self._log.decode(errors="replace"), track=track)

    def hold_to(self, budget: Budget) -> None:
        """Bound the processor time of ffmpeg, and of this process."""
        budget.bind(self._process)

    def _drain(self) -> None:
        assert self._process.stderr is not None
        while data := self._process.stderr.read1(1 << 16):  # type: ignore[attr-defined]
            self._log += data[: MAX_LOG_BYTES - len(self._log)]
            if b"Stream mapping" in self._log:
                self._described.set()
        self._described.set()

    def _read(self, size: int) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.read(size)

    def _read_header(self) -> tuple[int, int]:
        head = self._read(24)
        if len(head) < 24 or head[:4] != b".snd":
            self.close()
            raise self._refusal(self._log.decode(errors="replace"))
        offset, _, _, rate, channels = struct.unpack(">5I", head[4:])
        self._read(offset - 24)
        return rate, channels

    def _refusal(self, log: str) -> Refusal:
        if self._process.returncode == -signal.SIGXCPU:
            return Refusal(TOO_COSTLY)
        if "matches no streams" in log:
            return Refusal("holds no sound track: give a file with audio in it.")
        if "Format not on whitelist" in log:
            return NotRead("is not in a format that is read: convert it to WAV or FLAC, if it is a recording.")
        if found := re.search(r"^Decoding requested, but no decoder found for: (\w+)", log, re.MULTILINE):
            return Refusal(f"holds sound in a codec that is not read ({found[1]}): convert it to WAV or FLAC.")
        return Unreadable(log[-200:], tracks=len(_streams(log)))

    def blocks(self) -> Iterator[Block]:
        """Yield the samples; any damage is known afterwards."""
        size = 4 * self.channels * max(1, BLOCK_VALUES // self.channels)
        while data := self._read(size):
            whole = len(data) // (4 * self.channels) * self.channels
            yield np.frombuffer(data, ">f4", count=whole).astype(np.float64).reshape(-1, self.channels)
        self._process.wait()
        self._reader.join()
        if self._process.returncode == -signal.SIGXCPU:
            raise Refusal(TOO_COSTLY)
        complaint = r"^(\[.+ @ 0x[0-9a-f]+\] .*(error|invalid|corrupt|missing|truncat)|error )"
        log = self._log.decode(errors="replace")
        if self._process.returncode != 0 or re.search(complaint, log, re.MULTILINE | re.IGNORECASE):
            self.damage = "the recording is damaged: what could be read was used"

    def _describe(self, log: str, *, track: int) -> None:
        log = log.partition(MAPPED)[0]
        if found := re.search(r"^Input #0, ([a-z0-9_]+)", log, re.MULTILINE):
            self.container = FFMPEG_CONTAINERS.get(found[1], found[1].upper())
        self.tracks = _streams(log)
        if track < len(self.tracks):
            self.codec = self.tracks[track].codec
        found = re.search(r"^ +Duration: (\d+):(\d\d):(\d\d\.\d+)", log, re.MULTILINE)
        if found and GUESSED not in log:
            self.claimed_s = 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])

    def close(self) -> None:
        """End ffmpeg, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_with_ffmpeg(
    path: str, piece: Piece, *, ffmpeg: str, max_duration_s: float, budget: Budget, track: int = 0, fill: bool = False
) -> FfmpegSource:
    """Open a piece as ``FfmpegSource`` does, but Opus by libopus, so that its container does not change the samples.

    Where ffmpeg lacks libopus, the source's notes say that its own decoder was used.
    """

    def opened(decoder: str) -> FfmpegSource:
        return FfmpegSource(
            path, piece, ffmpeg=ffmpeg, max_duration_s=max_duration_s, budget=budget, track=track, fill=fill,
            decoder=decoder,
        )  # fmt: skip

    source = opened("")
    if source.codec != "Opus":
        return source
    try:
        better = opened(LIBOPUS)
    except Refusal:
        source.notes = (OWN_OPUS,)
        return source
    source.close()
    return better


def _streams(log: str) -> tuple[Track, ...]:
    streams = re.findall(r"^ +Stream #0:.*?: Audio: ([a-z0-9_]+)(.*)$", log.partition(MAPPED)[0], re.MULTILINE)
    return tuple(Track(FFMPEG_CODECS.get(codec, codec), "(default)" in rest) for codec, rest in streams)


def _ffmpeg_command(url: str, *, ffmpeg: str, max_duration_s: float, track: int, fill: bool, decoder: str) -> list[str]:
    quiet = ["-nostdin", "-hide_banner", "-nostats", "-v", "info", "-threads", "1"]
    chosen = [f"-c:a:{track}", decoder, "-request_sample_fmt", "flt"] if decoder else []
    # Explicit protocols and formats: the content must not make ffmpeg open anything else.
    source = ["-protocol_whitelist", "file,pipe,subfile", "-format_whitelist", FFMPEG_FORMATS, *chosen, "-i", url]
    sound = ["-map", f"0:a:{track}", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-t", str(max_duration_s + 1)]
    if fill:
        sound += ["-af", FILL_GAPS]
    return [ffmpeg, *quiet, *source, *sound, "-c:a", "pcm_f32be", "-f", "au", "pipe:1"]
