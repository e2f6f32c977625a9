"""The sound of one rest: a single recording with bells, silence and, where wished, a voice.

A session plays as one file, so that a sleeping screen or a stopped program cannot shift a bell. :func:`render` puts
each sound at its exact sample; between sounds every sample is zero. Everything is mono at :data:`RATE`, floats from
-1 to 1. This module alone imports ``soundfile``.
"""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from math import ceil, floor, gcd, isfinite
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, Literal, NamedTuple, get_args

import numpy as np
import soundfile
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import butter, resample_poly, sosfiltfilt

from psoas.errors import InputError

__all__ = [
    "RATE",
    "CEILING",
    "Mark",
    "bell",
    "seconds_of",
    "spaced",
    "render",
    "leveled",
    "read_recording",
    "write_recording",
    "read_stored",
]

RATE = 22_050
"""Samples a second [Hz]; the offline voice's own rate, and enough for bells whose highest partial is 1.8 kHz."""

CEILING = 0.5
"""No sample is larger (-6 dBFS), whatever was recorded."""

LONGEST = 3 * 3600.0
"""Longest session that is rendered [s]: an hour of rest with all the time anybody takes around it; assumed."""

Kind = Literal["start", "halfway", "end"]
Sound = Kind | np.ndarray


@dataclass(frozen=True, eq=False)
class Mark:
    """One sound and when it begins.

    Args:
        at: Seconds from the start of the recording [s].
        sound: ``"start"``, ``"halfway"`` or ``"end"`` for a bell, or samples (n,) at :data:`RATE`, at most
            :data:`CEILING` in size, as the voice and :func:`read_recording` give them.
    """

    at: float
    sound: Sound


# -- bells --------------------------------------------------------------------------------------------


class Partial(NamedTuple):
    """One tone of the bowl: a pair of nearly equal modes that beat slowly."""

    ratio: float  # of its frequency to the lowest [-]
    size: float  # relative to the lowest [-]
    decay: float  # until it is 60 dB down [s]
    beat: float  # difference between the two modes [Hz]


# Ratios: a singing bowl of 180 mm, Csound reference manual, appendix "Modal Frequency Ratios" (read in a copy of that
# table; its lowest tone is 221 Hz). The pairs are those of a bowl that is not quite round. Sizes, decays and beats are
# assumed: set so that the level rises once, falls without coming back, and loses its brightness first.
BOWL = (
    Partial(1.0, 1.0, 18.0, 0.35),
    Partial(2.77828, 0.5, 13.0, 0.5),
    Partial(5.18099, 0.15, 9.0, 0.8),
    Partial(8.16289, 0.03, 6.0, 1.3),
)
SECOND_OF_PAIR = 0.1  # share of the weaker mode: a shimmer of less than 2 dB; assumed
SWELL = 0.5  # from nothing to full [s], 10 to 90 % of it in 0.3 s: stroked, not struck; assumed


class Voicing(NamedTuple):
    """What tells one bell from another; all assumed."""

    lowest: float  # tone [Hz]
    peak: float  # largest sample [-]
    seconds: float
    fade: float  # last part, in which it goes to nothing [s]


VOICING: dict[str, Voicing] = {
    "start": Voicing(221.0, 0.25, 10.0, 4.0),
    "halfway": Voicing(221.0 * 3 / 4, 0.125, 8.0, 4.0),  # a fourth lower and 6 dB softer: it may be slept through
    "end": Voicing(221.0, 0.25, 10.0, 4.0),
}


@lru_cache(maxsize=len(VOICING))
def bell(kind: Kind) -> np.ndarray:
    """A soft bowl: a slow swell, then inharmonic partials that fade, the high ones first.

    Args:
        kind: ``"start"`` and ``"end"`` are alike; ``"halfway"`` is lower and softer.

    Returns:
        Samples (n,) at :data:`RATE` [-]; the first and the last are zero. Read-only, since it is shared.

    Raises:
        InputError: there is no such bell.
    """
    if kind not in VOICING:
        raise InputError(f"the bell is {kind!r}; give one of {', '.join(get_args(Kind))}")
    voicing = VOICING[kind]
    n = round(voicing.seconds * RATE)
    t = np.arange(n) / RATE
    sound = np.zeros(n)
    for i, partial in enumerate(BOWL):
        f = 2 * np.pi * voicing.lowest * partial.ratio
        half = np.pi * partial.beat
        # each pair begins a quarter beat further on, so that they do not swell together
        pair = (1 - SECOND_OF_PAIR) * np.sin((f - half) * t) + SECOND_OF_PAIR * np.sin((f + half) * t + i * np.pi / 2)
        sound += partial.size * 10 ** (-3 * t / partial.decay) * pair
    rise, fall = round(SWELL * RATE), round(voicing.fade * RATE)
    sound[:rise] *= np.sin(np.pi / 2 * np.arange(rise) / rise) ** 2
    sound[-fall:] *= np.cos(np.pi / 2 * np.arange(1, fall + 1) / fall) ** 2
    sound *= voicing.peak / np.abs(sound).max()
    sound.setflags(write=False)
    return sound


def _samples(sound: Sound) -> np.ndarray:
    """Samples of a sound (n,); refuses what cannot be played."""
    if isinstance(sound, str):
        return bell(sound)
    samples = np.asarray(sound, dtype=float)
    if samples.ndim != 1 or samples.size == 0:
        raise InputError(f"a sound has the shape {samples.shape}; give one row of at least one sample")
    largest = float(np.abs(samples).max())
    if not largest <= CEILING:  # also NaN
        raise InputError(f"a sound has a sample of size {largest:g}; give at most {CEILING:g}, as leveled() makes it")
    return samples


def seconds_of(sound: Sound) -> float:
    """How long a sound lasts [s].

    Args:
        sound: A bell's kind, or samples (n,).

    Raises:
        InputError: there is no such bell, or the samples cannot be played.
    """
    return _samples(sound).size / RATE


# -- the recording ------------------------------------------------------------------------------------


class _Placed(NamedTuple):
    start: int  # sample at which it begins
    samples: np.ndarray
    name: str  # for messages

    @property
    def stop(self) -> int:
        """First sample after it."""
        return self.start + self.samples.size


def _place(mark: Mark) -> _Placed:
    if not (isfinite(mark.at) and 0 <= mark.at <= LONGEST):
        raise InputError(f"a sound begins at {mark.at:g} s; give 0 to {LONGEST:g} s")
    name = f"the {mark.sound} bell" if isinstance(mark.sound, str) else "a voice"
    return _Placed(floor(mark.at * RATE + 0.5), _samples(mark.sound), name)


def _moment(sample: int) -> str:
    return f"{sample / RATE:.2f} s"


def spaced(marks: Sequence[Mark], *, pause: float = 1.0) -> tuple[Mark, ...]:
    """The same sounds in turn: bells stay to the sample, voices wait until there is room for them.

    A voice that would begin during another sound, or run into a bell, moves later: after the sound, and past the bell
    where it does not fit before it. Voices keep their order.

    Args:
        marks: Sounds in any order; of a bell and a voice at the same moment the bell comes first.
        pause: Silence to leave around a moved voice [s].

    Returns:
        Marks in the order of their times. A recording may have to be longer for the last of them.

    Raises:
        InputError: a mark cannot be played, the pause is less than none, or two bells overlap.
    """
    if not (isfinite(pause) and 0 <= pause <= 60):
        raise InputError(f"the pause is {pause:g} s; give 0 to 60 s")
    gap = round(pause * RATE)
    bells = sorted((m for m in marks if isinstance(m.sound, str)), key=lambda m: m.at)
    placed = _in_turn([_place(m) for m in bells])
    result = list(bells)
    free = 0
    for mark in sorted((m for m in marks if not isinstance(m.sound, str)), key=lambda m: m.at):
        voice = _place(mark)
        start = max(voice.start, free)
        for sounding in placed:  # in order of time, so one pass is enough
            if start < sounding.stop + gap and start + voice.samples.size + gap > sounding.start:
                start = sounding.stop + gap
        free = start + voice.samples.size + gap
        result.append(mark if start == voice.start else Mark(start / RATE, mark.sound))
    return tuple(sorted(result, key=lambda m: m.at))


def _in_turn(placed: Sequence[_Placed]) -> list[_Placed]:
    """Sounds in the order of their times; refuses two at once."""
    turn = sorted(placed, key=lambda p: p.start)
    for before, after in pairwise(turn):
        if before.stop > after.start:
            raise InputError(
                f"{after.name} begins at {_moment(after.start)} while {before.name} still sounds; "
                f"let it begin at {_moment(before.stop)} or later"
            )
    return turn


def render(
    marks: Sequence[Mark], seconds: float, path_or_file: str | os.PathLike[str] | BinaryIO, *, loudness: float = 1.0
) -> None:
    """Write one recording: mono FLAC, 16 bit, 22 050 Hz, the same bytes for the same input.

    Written block by block, so an hour takes little memory. A path appears only when the file is whole.

    Args:
        marks: Sounds and when they begin, in any order. None may overlap; :func:`spaced` makes room.
        seconds: Length of the recording [s]; every sound ends within it.
        path_or_file: Where to write: a path, or a binary file open for writing that can seek.
        loudness: Factor on every sample, more than 0 and at most 1 [-].

    Raises:
        InputError: a value is out of range, sounds overlap, a sound runs past the end, or the path cannot be
            written.
        OSError: the file given cannot be written.
    """
    if not (isfinite(seconds) and 1 / RATE <= seconds <= LONGEST):
        raise InputError(f"the recording lasts {seconds:g} s; give more than 0 and at most {LONGEST:g} s")
    if not 0 < loudness <= 1:
        raise InputError(f"loudness is {loudness:g}; give more than 0 and at most 1")
    turn = _in_turn([_place(mark) for mark in marks])
    total = ceil(seconds * RATE - 1e-6)  # up, so that at + seconds_of() is always long enough
    for sound in turn:
        if sound.stop > total:
            raise InputError(
                f"{sound.name} at {_moment(sound.start)} runs past the end of the recording at {seconds:g} s; "
                f"give at least {_moment(sound.stop)}"
            )
    if not isinstance(path_or_file, str | os.PathLike):
        _write(path_or_file, turn, total, loudness)
        return
    path = Path(path_or_file)
    try:
        handle, part = mkstemp(prefix=path.name + ".", suffix=".part", dir=path.parent)
        try:
            with open(handle, "wb") as file:
                _write(file, turn, total, loudness)
            os.replace(part, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise
    except OSError as error:
        raise InputError(
            f"the recording cannot be written to {path.name}: {error.strerror or error}; "
            "give a folder that is there and has room"
        ) from None


class _Watched:
    """A file for libsndfile that remembers why it could not be written.

    An exception cannot pass through the library, and a write that fails while it closes is not reported at all. So
    after a failure it is told that all is well, and the one who writes looks at :attr:`error`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.error: OSError | None = None

    def _tried(self, otherwise: int, call: Callable[..., int], *values: object) -> int:
        if self.error is None:
            try:
                return call(*values)
            except OSError as error:
                self.error = error
        return otherwise

    def write(self, data: bytes) -> int:
        """As the file's."""
        return self._tried(len(data), self.file.write, data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As the file's; it may write what waited in a buffer."""
        return self._tried(offset, self.file.seek, offset, whence)

    def tell(self) -> int:
        """As the file's."""
        return self._tried(0, self.file.tell)


BLOCK = 1 << 18  # samples at a time: half a megabyte


def _pcm(samples: np.ndarray, loudness: float = 1.0) -> np.ndarray:
    # no dither: between sounds a player shall find exact silence
    return np.rint(samples * (loudness * 32767)).astype(np.int16)


def _flac(file: BinaryIO | _Watched) -> soundfile.SoundFile:
    return soundfile.SoundFile(file, "w", samplerate=RATE, channels=1, format="FLAC", subtype="PCM_16")


def _write(file: BinaryIO, turn: Sequence[_Placed], total: int, loudness: float) -> None:
    watched = _Watched(file)
    try:
        with _flac(watched) as flac:
            for start in range(0, total, BLOCK):
                stop = min(start + BLOCK, total)
                block = np.zeros(stop - start, dtype=np.int16)
                for sound in turn:
                    a, b = max(start, sound.start), min(stop, sound.stop)
                    if a < b:
                        block[a - start : b - start] = _pcm(sound.samples[a - sound.start : b - sound.start], loudness)
                flac.write(block)
                if watched.error:
                    break
    except soundfile.SoundFileError as error:
        raise watched.error or OSError(str(error)) from None
    if watched.error:
        raise watched.error


# -- a person's own recordings ------------------------------------------------------------------------

LEVEL = 0.1
"""Root mean square of a voice while it speaks (-20 dBFS): about as loud as the loudest half second of a bell."""

LONGEST_CUE = 60.0
"""Longest recording of one cue [s]; assumed."""

LARGEST_FILE = 20_000_000
"""Largest file of one cue [bytes]: a minute of stereo at 48 kHz and 24 bit is 17 million; assumed."""

QUIET = 0.02  # of the loudest hundredth of a second (-34 dB): what lies below at both ends is cut; assumed
SILENT = 1e-3  # a recording that stays below (-60 dBFS) has nothing in it; assumed
LEAD, TAIL = 0.10, 0.25  # kept around the first and the last sound [s]: breath and the ends of words are soft
FRAME = RATE // 100


def leveled(samples: np.ndarray) -> np.ndarray:
    """Cut the silence at both ends and even the loudness, so that voices sit beside bells.

    The level is :data:`LEVEL` while there is sound; peaks are turned down smoothly below :data:`CEILING`.

    Args:
        samples: Sound (n,) at :data:`RATE` [-], of any size.

    Returns:
        Samples (m,), beginning and ending at zero.

    Raises:
        InputError: there is no sound in it, or not only numbers.
    """
    x = np.asarray(samples, dtype=float)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise InputError("the sound has values that are not numbers; give one row of numbers")
    largest = float(np.abs(x).max(initial=0.0))
    if largest < SILENT:
        raise InputError(f"the sound is silent, its loudest sample is {largest:g}; give at least {SILENT:g} of 1")
    x = x / largest
    # rumble and offset below the lowest voice would pass for sound and raise the level
    rumble = butter(2, 50.0, "highpass", fs=RATE, output="sos")
    x = sosfiltfilt(rumble, x, padlen=min(x.size - 1, RATE // 10))  # both ways: no jump where the file begins
    frames = np.sqrt((np.pad(x, (0, -x.size % FRAME)).reshape(-1, FRAME) ** 2).mean(axis=1))
    if frames.max() < SILENT:
        raise InputError("the sound is silent but for rumble; give a recording of a voice")
    sounding = np.flatnonzero(frames >= QUIET * frames.max())
    x = x[max(0, sounding[0] * FRAME - round(LEAD * RATE)) : (sounding[-1] + 1) * FRAME + round(TAIL * RATE)]
    loud = frames[sounding]
    x = _limited(x * (LEVEL / np.sqrt((loud**2).mean())))
    for ramp, end in ((min(round(0.02 * RATE), x.size), 1), (min(round(0.08 * RATE), x.size), -1)):
        x[::end][:ramp] *= np.linspace(0, 1, ramp)
    return x


def _limited(x: np.ndarray) -> np.ndarray:
    """Turn down around peaks, beginning 5 ms before; never more than :data:`CEILING` comes out."""
    width = 2 * round(0.005 * RATE) + 1
    needed = np.minimum(1.0, CEILING / np.maximum(np.abs(x), 1e-12))
    # each mean is of minima whose windows all reach this sample, so it is no more than is needed here
    gain = uniform_filter1d(minimum_filter1d(needed, width, mode="nearest"), width, mode="nearest")
    return np.clip(x * gain, -CEILING, CEILING)  # rounding


AUDIO = re.compile(rb"RIFF....WAVE|fLaC|OggS|ID3|\xff[\xe0-\xff]", re.DOTALL)


def read_recording(data: bytes) -> np.ndarray:
    """A cue in somebody's own voice, made to fit: mono, trimmed, evened.

    Of several channels the loudest is taken: two microphones added can cancel each other.

    Args:
        data: The bytes of a WAV, FLAC, Ogg or MP3 file of at most 60 seconds and 20 MB.

    Returns:
        Samples (n,) at :data:`RATE`, as :func:`leveled` gives them.

    Raises:
        InputError: it is no such file, too large, too long, silent, or holds values that are not numbers.
    """
    if len(data) > LARGEST_FILE:
        raise InputError(
            f"the recording has {len(data) / 1e6:.1f} MB; give at most {LARGEST_FILE / 1e6:.0f} MB of WAV, FLAC, Ogg or MP3"
        )
    sound, rate = _decoded(data)
    if not np.isfinite(sound).all():
        raise InputError("the recording holds values that are not numbers; record it again or save it as 16 bit WAV")
    largest = float(np.abs(sound).max(initial=0.0))
    if largest < SILENT:
        raise InputError(
            f"the recording is silent, its loudest sample is {largest:g} of 1; give one with a voice in it"
        )
    sound /= largest  # floating point files may hold anything
    loudest = sound[:, np.argmax((sound**2).sum(axis=0))]
    common = gcd(RATE, rate)
    return leveled(resample_poly(loudest, RATE // common, rate // common, padtype="line"))


def _decoded(data: bytes) -> tuple[np.ndarray, int]:
    """Samples (n, channels) and their rate [Hz]."""
    if not AUDIO.match(data):  # libsndfile reads many more kinds; fewer parsers for a stranger's bytes
        raise InputError(f"the recording of {len(data)} bytes is not audio we know; give WAV, FLAC, Ogg or MP3")
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            rate, channels = file.samplerate, file.channels
            if not 8_000 <= rate <= 192_000:
                raise InputError(f"the recording has {rate} samples a second; give 8000 to 192000")
            if channels > 8:
                raise InputError(f"the recording has {channels} channels; give 1 to 8")
            most = round(LONGEST_CUE * rate)
            # what the header says may be wrong, so read, but never more than needed to know
            sound = file.read(most + 1, dtype="float64", always_2d=True)
    except soundfile.SoundFileError:
        raise InputError(
            f"the recording of {len(data)} bytes cannot be read as audio; give WAV, FLAC, Ogg or MP3"
        ) from None
    if len(sound) > most:
        raise InputError(f"the recording is longer than {LONGEST_CUE:g} s; give one cue of at most {LONGEST_CUE:g} s")
    return sound, rate


def write_recording(samples: np.ndarray) -> bytes:
    """The bytes to store a cue as: mono FLAC, 16 bit, 22 050 Hz.

    Args:
        samples: Sound (n,) as :func:`read_recording` gives it.

    Raises:
        InputError: the samples cannot be played.
    """
    file = BytesIO()
    with _flac(file) as flac:
        flac.write(_pcm(_samples(samples)))
    return file.getvalue()


def read_stored(data: bytes) -> np.ndarray:
    """What :func:`write_recording` stored, sample for sample, neither trimmed nor evened again.

    Args:
        data: Its bytes.

    Returns:
        Samples (n,) at :data:`RATE`.

    Raises:
        InputError: the bytes are not such a recording.
    """
    sound, rate = _decoded(data)
    if rate != RATE or sound.shape[1] != 1:
        raise InputError(
            f"the stored recording has {sound.shape[1]} channels at {rate} Hz; give one that was stored here, mono at {RATE} Hz"
        )
    return _samples(np.clip(sound[:, 0] * (32768 / 32767), -CEILING, CEILING))
