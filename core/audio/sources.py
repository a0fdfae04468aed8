"""The two readers of files, libsndfile and ffmpeg: what they found, and the samples in bounded blocks."""

import math
import os
import re
import resource
import signal
import stat
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from core.audio.codecs import FFMPEG_CODECS, FFMPEG_CONTAINERS, SOUNDFILE_CODECS, SOUNDFILE_CONTAINERS

__all__ = ["FfmpegSource", "Refusal", "SoundfileSource", "Source", "TooShort", "Unreadable", "bound_own_cpu"]

Block = NDArray[np.float64]

# Samples in one block, all channels together: 2 MB of float64.
BLOCK_VALUES = 1 << 18
# libsndfile's way to say that a stream does not tell its length.
UNKNOWN_FRAMES = 1 << 62
MAX_LOG_BYTES = 1 << 15
DESCRIPTION_S = 1.0

# Only formats that hold their own samples: playlists (concat, HLS, DASH, SDP) would open other files.
FFMPEG_FORMATS = "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,ac3,mov,matroska,asf,wv,tta,mpegts,amr,g722"


class Refusal(Exception):  # noqa: N818 - it is a judgement on the file, not a fault of the program
    """Why a file is refused: the rest of a sentence that begins with the file's name."""


class Unreadable(Refusal):
    """This reader makes nothing of the file; another one may."""


class TooShort(Refusal):
    """This reader found too few samples; another one may find more."""


class Source(Protocol):
    """A file being read: what its header says, then its samples.

    Attributes
    ----------
    container, codec : str
        As people call them.
    rate_hz, channels : int
        Of the file.
    claimed_s : float or None
        Length by the header, in seconds; None when it tells none.
    damage : str or None
        What went wrong while reading, once the blocks are used up.
    """

    container: str
    codec: str
    rate_hz: int
    channels: int
    claimed_s: float | None
    damage: str | None

    def blocks(self) -> Iterator[Block]:
        """Yield float64 blocks [frames, channels], full scale 1, from the start to the end."""
        ...

    def allow_cpu(self, cpu_s: float) -> None:
        """Have the kernel end the reading after so many seconds of computing, from now on."""
        ...


def open_regular(path: str) -> int:
    """Open a regular file and return its descriptor; links, devices and pipes are refused unopened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise Refusal(f"cannot be opened ({reason}): check that the file is still there and readable.") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refusal("is not a regular file: give an audio file.")
    return handle


def bound_own_cpu(cpu_s: float) -> None:
    """Have the kernel end this process after ``cpu_s`` more seconds of computing, whatever it is doing."""
    bound = math.ceil(time.process_time() + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (bound, resource.RLIM_INFINITY))


class SoundfileSource:
    """A file as libsndfile reads it: WAV, FLAC, Ogg, Opus, MP3, AIFF and their kin."""

    def __init__(self, path: str) -> None:
        # By descriptor, so that the name can neither change the file nor suggest a format.
        handle = open_regular(path)
        try:
            self._file = soundfile.SoundFile(handle, closefd=True)
        except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
            raise Unreadable(str(error)) from error
        self.rate_hz = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.container = SOUNDFILE_CONTAINERS.get(self._file.format, self._file.format)
        self.codec = self._codec()
        frames = self._file.frames
        known = 0 < frames < UNKNOWN_FRAMES and self.rate_hz > 0
        self.claimed_s: float | None = frames / self.rate_hz if known else None
        self.damage: str | None = None

    def _codec(self) -> str:
        codec = SOUNDFILE_CODECS.get(self._file.subtype, self._file.subtype)
        return f"FLAC ({codec.removesuffix(' PCM')})" if self._file.format == "FLAC" else codec

    def allow_cpu(self, cpu_s: float) -> None:
        """Bound the processor time of this process, in which libsndfile computes."""
        bound_own_cpu(cpu_s)

    def blocks(self) -> Iterator[Block]:
        """Yield the samples; a damaged frame ends them and is kept in ``damage``."""
        size = max(1, BLOCK_VALUES // self.channels)
        while True:
            try:
                block = self._file.read(size, dtype="float64", always_2d=True)
            except soundfile.LibsndfileError:
                self.damage = "the recording is damaged: it was read up to the first bad frame"
                return
            if not len(block):
                return
            yield block

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class FfmpegSource:
    """A file as ffmpeg reads it (AAC, M4A, WebM and more), streamed as Sun AU to keep rate and channels."""

    def __init__(self, path: str, *, ffmpeg: str, max_duration_s: float, cpu_s: float) -> None:
        os.close(open_regular(path))
        self._process = subprocess.Popen(
            _ffmpeg_command(path, ffmpeg=ffmpeg, max_duration_s=max_duration_s),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._log = bytearray()
        self._described = threading.Event()
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self.container = self.codec = "unknown"
        self.claimed_s: float | None = None
        self.damage: str | None = None
        try:
            self.allow_cpu(cpu_s)
            self.rate_hz, self.channels = self._read_header()
        except BaseException:
            self.close()
            raise
        # The samples come once the file has been described; only this process' own reading may lag.
        self._described.wait(DESCRIPTION_S)
        self._describe(self._log.decode(errors="replace"))

    def allow_cpu(self, cpu_s: float) -> None:
        """Bound the processor time of ffmpeg, and as much again for this process."""
        bound_own_cpu(cpu_s)
        if hasattr(resource, "prlimit"):
            bound = math.ceil(cpu_s)
            resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (bound, resource.RLIM_INFINITY))

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
            log = self._log.decode(errors="replace")
            if "matches no streams" in log:
                raise Refusal("holds no sound track: give a file with audio in it.")
            raise Unreadable(log[-200:])
        offset, _, _, rate, channels = struct.unpack(">5I", head[4:])
        self._read(offset - 24)
        return rate, channels

    def blocks(self) -> Iterator[Block]:
        """Yield the samples; any damage is known afterwards."""
        size = 4 * self.channels * max(1, BLOCK_VALUES // self.channels)
        while data := self._read(size):
            whole = len(data) // (4 * self.channels) * self.channels
            yield np.frombuffer(data, ">f4", count=whole).astype(np.float64).reshape(-1, self.channels)
        self._process.wait()
        self._reader.join()
        if self._process.returncode == -signal.SIGXCPU:
            raise Refusal("takes too long to decode: convert it to WAV or cut out the part to examine.")
        complaint = r"^(\[.+ @ 0x[0-9a-f]+\] .*(error|invalid|corrupt|missing|truncat)|error )"
        log = self._log.decode(errors="replace")
        if self._process.returncode != 0 or re.search(complaint, log, re.MULTILINE | re.IGNORECASE):
            self.damage = "the recording is damaged: what could be read was used"

    def _describe(self, log: str) -> None:
        if found := re.search(r"^Input #0, ([a-z0-9_]+)", log, re.MULTILINE):
            self.container = FFMPEG_CONTAINERS.get(found[1], found[1].upper())
        if found := re.search(r"^ +Stream #0:.*: Audio: ([a-z0-9_]+)", log, re.MULTILINE):
            self.codec = FFMPEG_CODECS.get(found[1], found[1])
        if found := re.search(r"^ +Duration: (\d+):(\d\d):(\d\d\.\d+)", log, re.MULTILINE):
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


def _ffmpeg_command(path: str, *, ffmpeg: str, max_duration_s: float) -> list[str]:
    quiet = ["-nostdin", "-hide_banner", "-nostats", "-v", "info", "-threads", "1"]
    # Explicit protocol and formats: the content must not make ffmpeg open anything else.
    source = ["-protocol_whitelist", "file,pipe", "-format_whitelist", FFMPEG_FORMATS]
    source += ["-i", "file:" + os.path.abspath(path)]  # noqa: PTH100 - a str that may hold odd bytes
    sound = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-t", str(max_duration_s + 1)]
    return [ffmpeg, *quiet, *source, *sound, "-c:a", "pcm_f32be", "-f", "au", "pipe:1"]
