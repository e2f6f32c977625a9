"""An offline voice that needs no download: espeak-ng, in a process of its own.

The extra ``voice`` installs it, library and data in one wheel. It is GPL-3.0 and written in C, so it never enters
this process: :func:`speak` starts ``python -m psoas.app.voice`` for each text, hands it JSON lines and takes back
16 bit samples. Where it is not installed, :func:`available` is false and sessions have bells; nothing here fails at
import. A text alone decides its samples, whatever was spoken before.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from psoas.errors import InputError

if TYPE_CHECKING:
    import numpy as np

# NumPy and psoas.app.audio are imported where the parent needs them: the child starts fifteen times a session and
# needs neither.

__all__ = ["available", "why_not", "spoken", "speak", "phonemes"]

PAUSE = 0.9
"""Silence between two sentences of one text [s]; assumed."""

LONGEST_TEXT = 2000
"""Most characters of one text: some three minutes; assumed."""

# docs/decisions/0008-sound.md says why this voice; all assumed
VOICE = "en-us+f2"
RATE_WORDS = 95  # words a minute as espeak counts; its normal is 175
PITCH = 25  # of 0 to 100, normal 50
RANGE = 45  # of its melody, 0 to 100, normal 50
WORD_GAP = 3  # between words [10 ms]

# How the words are said that espeak's own rules miss: "so-as" has the vowel of "as" (features 167), where espeak
# has a schwa. espeak's phoneme names for American English: oU as in so, a as in as.
SAID = {
    "psoas": "[[s'oUaz]]",
    "iliopsoas": "[[,Ili;oUs'oUaz]]",
}

_UNITS = {
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "m": ("meter", "meters"),
    "km": ("kilometer", "kilometers"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "lb": ("pound", "pounds"),
    "ft": ("foot", "feet"),
    "min": ("minute", "minutes"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "h": ("hour", "hours"),
    "N": ("newton", "newtons"),
    "deg": ("degree", "degrees"),
    "°": ("degree", "degrees"),
    "%": ("percent", "percent"),
}
_NUMBER = r"\d+(?:[.,]\d+)*"
_WITH_UNIT = re.compile(
    rf"(?<![\w.])({_NUMBER})\s?({'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?!\w)"
)
_WORDS = (  # in this order
    (re.compile(r"½|(?<![\w./])1/2(?![\w/])"), " one half"),
    (re.compile(r"¼|(?<![\w./])1/4(?![\w/])"), " one quarter"),
    (re.compile(r"¾|(?<![\w./])3/4(?![\w/])"), " three quarters"),
    (re.compile(r"\be\.\s?g\."), "for example"),
    (re.compile(r"\bi\.\s?e\."), "that is"),
    (re.compile(rf"(?<![\w.])({_NUMBER})\s?[-–—]\s?(?={_NUMBER})"), r"\1 to "),
    (re.compile(r"(?<!\w)[-−](?=\d)"), "minus "),
    (re.compile(r"\s?±\s?"), " plus or minus "),
    (re.compile(r"\s[-–—]+\s|—"), ", "),
)


# -- words --------------------------------------------------------------------------------------------


def spoken(text: str) -> tuple[str, ...]:
    """The sentences espeak is given for a text: units and ranges as words, "psoas" by its phonemes.

    Args:
        text: Words for a person, at most :data:`LONGEST_TEXT` characters.

    Returns:
        One string a sentence; at least one.

    Raises:
        InputError: the text is too long or has no letter or digit.
    """
    if len(text) > LONGEST_TEXT:
        raise InputError(f"the text has {len(text)} characters; give at most {LONGEST_TEXT}")
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    text = text.replace("[", " ").replace("]", " ").replace("…", "...")  # double brackets would be phonemes
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    text = _WITH_UNIT.sub(lambda m: f"{m[1]} {_UNITS[m[2]][m[1] != '1']}", text)
    text = re.sub(r"\b(psoas|iliopsoas)\b('s|’s)?", _say, text, flags=re.IGNORECASE)
    parts = (" ".join(part.split()) for part in re.split(r"(?<=[.?!])[\"'”’)]*\s+|\n+", text))
    sentences = tuple(part for part in parts if re.search(r"\w", part))
    if not sentences:
        raise InputError(f"the text {text.strip()[:40]!r} has no word to speak; give at least one")
    return sentences


def _say(match: re.Match[str]) -> str:
    said = SAID[match[1].lower()]
    return said.replace("z]]", "zIz]]") if match[2] else said


# -- this side ----------------------------------------------------------------------------------------


def _wheel() -> Path | None:
    """Folder of the wheel, found without importing it."""
    spec = importlib.util.find_spec("espeakng_loader")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def _library(folder: Path) -> Path:
    name = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}.get(sys.platform, "libespeak-ng.so")
    return folder / name


def why_not() -> str | None:
    """None where the voice can speak, else one sentence."""
    folder = _wheel()
    if folder is None:
        return "the offline voice is not installed; install psoas with its extra voice, or use bells"
    if not _library(folder).is_file() or not (folder / "espeak-ng-data").is_dir():
        return "the offline voice has no library for this kind of computer; use bells"
    return None


def available() -> bool:
    """Whether :func:`speak` can be used here; :func:`why_not` has the reason where not."""
    return why_not() is None


def _command() -> list[str]:
    return [sys.executable, "-P", "-m", "psoas.app.voice"]  # -P: not what lies in the folder we happen to be in


def _ask(sentences: Sequence[str], what: str, timeout: float) -> list[bytes]:
    """What the child answers to each sentence."""
    reason = why_not()
    if reason:
        raise InputError(reason)
    asked = "".join(json.dumps({what: sentence}) + "\n" for sentence in sentences)
    try:
        child = subprocess.run(
            _command(),
            input=asked.encode(),
            capture_output=True,
            timeout=timeout,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"the offline voice did not finish within {timeout:g} s; try again, or use bells") from None
    except OSError as error:
        raise InputError(f"the offline voice cannot be started: {error.strerror or error}; use bells") from None
    answers, rest = [], child.stdout
    while len(rest) >= 4 and len(rest) - 4 >= (size := int.from_bytes(rest[:4], "little")):
        answers.append(rest[4 : 4 + size])
        rest = rest[4 + size :]
    if child.returncode or rest or len(answers) != len(sentences):
        raise InputError(f"the offline voice stopped early, with status {child.returncode}; try again, or use bells")
    return answers


def speak(texts: Sequence[str], *, timeout: float = 10.0) -> list[np.ndarray]:
    """Each text in a slow, low voice.

    Args:
        texts: What to say; one or more sentences each.
        timeout: Seconds one text may take [s].

    Returns:
        For each text samples (n,) at :data:`psoas.app.audio.RATE`, trimmed and evened by
        :func:`psoas.app.audio.leveled`. The same text gives the same samples.

    Raises:
        InputError: the voice is not available, a text cannot be spoken, or the voice fails; use bells then.
    """
    import numpy as np

    from psoas.app import audio

    written = [spoken(text) for text in texts]  # all are looked at before the first is spoken
    silence = np.zeros(round(PAUSE * audio.RATE))
    sounds = []
    for sentences in written:
        parts: list[np.ndarray] = []
        for answer in _ask(sentences, "say", timeout):
            samples = np.frombuffer(answer, "<i2") / 32768
            loud = np.flatnonzero(np.abs(samples) > 1e-3)
            if loud.size:
                # espeak's own silence at the ends differs with the last sound; ours does not
                parts += [samples[loud[0] : loud[-1] + 1], silence]
        # the fades of leveled() fall on silence, or they would take the first consonant
        edge = np.zeros(round(0.1 * audio.RATE))
        sounds.append(audio.leveled(np.concatenate([edge, *parts[:-1], edge])))
    return sounds


def phonemes(texts: Sequence[str], *, timeout: float = 10.0) -> list[str]:
    """How each text is said, in the International Phonetic Alphabet, by espeak's own account.

    Args:
        texts: What would be said.
        timeout: Seconds one text may take [s].

    Raises:
        InputError: as :func:`speak`.
    """
    return [" ".join(a.decode() for a in _ask(spoken(text), "phonemes", timeout)) for text in texts]


# -- the other side: python -m psoas.app.voice --------------------------------------------------------

# From espeak-ng's speak_lib.h (1.52)
_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_UTF8, _PHONEME_INPUT, _IPA = 1, 0x100, 0x02
_PARAMETERS = {1: RATE_WORDS, 3: PITCH, 4: RANGE, 7: WORD_GAP}


class _Espeak:
    """The library, set to our voice."""

    def __init__(self, folder: Path) -> None:
        import ctypes

        library = ctypes.CDLL(str(_library(folder)))
        # its buffer for the path has 160 bytes and wants no umlauts, so it is told "here"
        os.chdir(folder)
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, b".", _DONT_EXIT)
        if rate != 22_050:  # psoas.app.audio.RATE
            raise SystemExit(f"espeak-ng starts with {rate} samples a second")
        self._heard: list[bytes] = []
        self._keep = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(
            self._hear
        )  # held here, or it would be collected
        library.espeak_SetSynthCallback(self._keep)
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        if library.espeak_SetVoiceByName(VOICE.encode()):
            raise SystemExit(f"espeak-ng has no voice {VOICE}")
        # its breath and flutter are noise: without a seed no two runs were alike
        library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
        library.espeak_ng_SetRandSeed(1)
        for parameter, value in _PARAMETERS.items():
            library.espeak_SetParameter(parameter, value, 0)
        self._library = library

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        import ctypes

        if samples and count > 0:
            self._heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    def say(self, text: str) -> bytes:
        """Samples, 16 bit."""
        self._heard.clear()
        data = text.encode()
        if self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8 | _PHONEME_INPUT, None, None):
            raise SystemExit("espeak-ng refused the text")
        self._library.espeak_Synchronize()
        return b"".join(self._heard)

    def phonemes(self, text: str) -> bytes:
        """The International Phonetic Alphabet, UTF-8."""
        import ctypes

        self.say("a")  # only a spoken text switches phoneme input on
        data = ctypes.create_string_buffer(text.encode())
        rest = ctypes.c_void_p(ctypes.addressof(data))
        clauses = []
        while rest.value:
            clauses.append(self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA))
        return b" ".join(clauses)


def _serve(lines: BinaryIO, answers: BinaryIO) -> None:
    """Answer each JSON line with four bytes of length, little-endian, and as many bytes."""
    folder = _wheel()
    if folder is None:
        raise SystemExit(why_not())
    espeak = _Espeak(folder)
    for line in lines:
        request = json.loads(line)
        answer = espeak.say(request["say"]) if "say" in request else espeak.phonemes(request["phonemes"])
        answers.write(len(answer).to_bytes(4, "little") + answer)
        answers.flush()


def main() -> None:
    """Read JSON lines from standard input, write answers to standard output."""
    # whatever the library prints goes to standard error, not between the samples
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with answers:
        _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
