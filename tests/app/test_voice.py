import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psoas.app import voice
from psoas.app.audio import CEILING, LEVEL, RATE, Mark, render, spaced
from psoas.app.voice import available, phonemes, speak, spoken, why_not
from psoas.errors import InputError

speaks = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="the extra voice is not installed"
)
CUE = "You might let the weight of your legs fall into the feet. There is nothing to do."


# -- words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Heels about 30–41 cm away.", "Heels about 30 to 41 centimeters away."),
        ("12-16 inches", "12 to 16 inches"),
        ("1 cm or 1.5 cm or 11cm", "1 centimeter or 1.5 centimeters or 11 centimeters"),
        ("27 ± 3 °, -5 deg", "27 plus or minus 3 degrees, minus 5 degrees"),
        ("3 kg, 2 lb, 10 min, 30 s, 1 h", "3 kilograms, 2 pounds, 10 minutes, 30 seconds, 1 hour"),
        ("43 N, 50 %", "43 newtons, 50 percent"),
        ("½ or 1/2, 1/4 m", "one half or one half, one quarter m"),
        ("L5-S1, T12", "L5-S1, T12"),
        ("Rest — or not – as you like.", "Rest, or not, as you like."),
        ("a prop, e.g. a towel", "a prop, for example a towel"),
        ("a well-worn s and an h, in 5 min.", "a well-worn s and an h, in 5 minutes."),
        ("knees\tbent\x00,  feet flat", "knees bent , feet flat"),
    ],
)
def test_numbers_and_units_are_written_out(text, said):
    assert spoken(text) == (said,)


def test_sentences_are_parted():
    assert spoken("Lie down. Is that all? Yes!\nOr “not.” 2.5 minutes… T12.") == (
        "Lie down.",
        "Is that all?",
        "Yes!",
        "Or “not.",
        "2.5 minutes...",
        "T12.",
    )


def test_nobody_can_slip_in_phonemes():
    assert spoken("A [[quiet]] word [ here") == ("A quiet word here",)


@pytest.mark.parametrize("text", ["", "   ", "...", "!?\n–", "\x00"])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(InputError, match="no word to speak; give at least one"):
        spoken(text)


def test_a_long_text_is_refused():
    assert spoken("a " * 1000)
    with pytest.raises(InputError, match="2001 characters; give at most 2000"):
        spoken("a" * 2001)


@given(st.text(max_size=200))
def test_any_text_gives_sentences_or_one_sentence(text):
    try:
        sentences = spoken(text)
    except InputError as error:
        sentences = (str(error),)
    for sentence in sentences:
        assert sentence.isprintable()
        assert "[" not in sentence.replace(voice.SAID["psoas"], "").replace(voice.SAID["iliopsoas"], "")


# -- so-as --------------------------------------------------------------------------------------------


@speaks
def test_psoas_is_said_so_as():
    assert phonemes(["psoas", "Psoas.", "PSOAS"]) == ["sˈoʊæz"] * 3
    assert phonemes(["the left psoas, perhaps", "psoas-like", "the psoas's length"]) == [
        "ðə lˈɛft sˈoʊæz pɚhˈæps",
        "sˈoʊæzlˈaɪk",
        "ðə sˈoʊæzɪz lˈɛŋθ",
    ]
    assert phonemes(["iliopsoas", "the Iliopsoas"]) == ["ˌɪlioʊsˈoʊæz", "ðɪ ˌɪlioʊsˈoʊæz"]


@speaks
def test_the_sound_follows_the_phonemes():
    """The samples are those of the phonemes, not of the letters."""
    ours, same, letters = (voice._ask([text], "say", 10)[0] for text in ("[[s'oUaz]]", "[[s'oUaz]]", "psoas"))
    assert ours == same != letters


@speaks
def test_units_are_said_as_words():
    assert phonemes(["41 cm", "2 ± 1 kg"]) == phonemes(
        ["forty one centimeters", "two plus or minus one kilograms"][:1]
    ) + ["tˈuː plˈʌs ɔːɹ mˈaɪnəs wˈʌn kˈɪləɡɹˌæm"]


# -- sound --------------------------------------------------------------------------------------------


def pitch(sound):
    """Median pitch of what is voiced [Hz]."""
    found = []
    for start in range(0, len(sound) - 2048, 512):
        part = sound[start : start + 2048] * np.hanning(2048)
        if np.sqrt((part**2).mean()) < 0.03:
            continue
        match = np.fft.irfft(np.abs(np.fft.rfft(part, 4096)) ** 2)
        lag = 55 + int(np.argmax(match[55:370]))
        if match[lag] > 0.5 * match[0]:
            found.append(RATE / lag)
    return float(np.median(found))


@speaks
def test_a_cue_is_slow_low_and_level():
    (sound,) = speak([CUE])
    assert sound.ndim == 1
    words = len(CUE.split())
    assert 80 < words / (len(sound) / RATE) * 60 < 130  # words a minute
    assert 130 < pitch(sound) < 170
    assert np.abs(sound).max() <= CEILING
    frames = np.sqrt((sound[: len(sound) // 220 * 220].reshape(-1, 220) ** 2).mean(axis=1))
    loud = frames[frames > 0.02 * frames.max()]
    assert np.sqrt((loud**2).mean()) == pytest.approx(LEVEL, rel=0.15)
    assert sound[0] == 0 and abs(sound[-1]) < 1e-12
    quiet = np.flatnonzero(frames > 0.01)
    assert quiet[0] * 0.01 < 0.25 and (len(frames) - quiet[-1]) * 0.01 < 0.4  # trimmed at both ends


@speaks
def test_sentences_have_a_pause_between_them():
    two, one, other = speak(["Lie down. Or not.", "Lie down.", "Or not."])
    edges = 0.2  # of silence around each text
    assert (len(two) - len(one) - len(other)) / RATE == pytest.approx(voice.PAUSE - edges, abs=0.05)


@speaks
def test_a_text_alone_decides_its_samples():
    texts = [CUE, "Halfway.", "You might notice the psoas, or nothing at all."]
    first = speak(texts)
    for text, sound in zip(texts, first, strict=True):
        assert np.array_equal(speak([text])[0], sound)
    assert all(np.array_equal(a, b) for a, b in zip(speak(texts[::-1]), first[::-1], strict=True))
    assert not np.array_equal(first[0], first[1])


@speaks
def test_the_same_voice_speaks_in_a_new_interpreter():
    code = (
        "import hashlib, sys; from psoas.app.voice import speak; "
        "print(hashlib.sha256(speak([sys.argv[1]])[0].tobytes()).hexdigest())"
    )
    said = {
        subprocess.run([sys.executable, "-c", code, CUE], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(said) == 1 and said.pop()


@speaks
def test_voice_and_bells_make_one_recording(tmp_path):
    cue, last = speak([CUE, "A bell comes in a moment."])
    marks = spaced([Mark(0, "start"), Mark(0, cue), Mark(40, last), Mark(41, "end")])
    render(marks, 70, tmp_path / "rest.flac")
    assert [m.sound if isinstance(m.sound, str) else "voice" for m in marks] == ["start", "voice", "end", "voice"]


@speaks
def test_the_library_never_enters_this_process():
    code = (
        "import sys; from psoas.app.voice import available, speak; assert available(); speak(['Rest.']); "
        "assert 'espeakng_loader' not in sys.modules; "
        "print('espeak' in open('/proc/self/maps').read() if sys.platform == 'linux' else False)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@speaks
@pytest.mark.parametrize(
    "text", ["Ω ≈ ✓ rest", "静かに", "a" * 1999, "don't", '{"say": "x"}', "über", "\U0001f9d8 rest"]
)
def test_odd_texts_are_spoken(text):
    (sound,) = speak([text])
    assert np.isfinite(sound).all() and 0.2 < np.abs(sound).max() <= CEILING


@speaks
@settings(deadline=None, max_examples=15)
@given(st.text(max_size=80))
def test_any_text_is_spoken_or_refused_in_a_sentence(text):
    try:
        (sound,) = speak([text])
    except InputError as error:
        refusal = str(error)
    else:
        assert np.isfinite(sound).all()
        return
    assert "no word to speak" in refusal or "silent" in refusal  # and not that the voice broke


def test_nothing_to_say_is_nothing_said():
    assert speak([]) == []
    assert phonemes([]) == []


@speaks
def test_a_bad_text_is_found_before_anything_is_spoken(monkeypatch):
    monkeypatch.setattr(voice, "_ask", lambda *_: pytest.fail("spoken"))
    with pytest.raises(InputError, match="no word"):
        speak(["Rest.", "..."])


# -- where it fails -----------------------------------------------------------------------------------


@speaks
@pytest.mark.parametrize(
    "code",
    [
        "import os; os.abort()",
        "raise SystemExit(3)",
        "pass",
        "import sys; sys.stdin.read(); sys.stdout.buffer.write(bytes([9, 0, 0, 0, 1]))",
        "import sys; sys.stdin.read(); sys.stdout.buffer.write(bytes(8))",
    ],
    ids=["crash", "gives up", "says nothing", "stops midway", "says too much"],
)
def test_a_voice_that_dies_is_one_sentence(monkeypatch, code):
    monkeypatch.setattr(voice, "_command", lambda: [sys.executable, "-c", code])
    with pytest.raises(InputError, match=r"offline voice stopped early, with status -?\d+; try again, or use bells"):
        speak(["Rest."])


@speaks
def test_a_voice_that_hangs_is_one_sentence(monkeypatch):
    monkeypatch.setattr(voice, "_command", lambda: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(InputError, match=r"did not finish within 0\.3 s; try again, or use bells"):
        speak(["Rest."], timeout=0.3)


@speaks
def test_a_voice_that_cannot_start_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(voice, "_command", lambda: [str(tmp_path / "nothing")])
    with pytest.raises(InputError, match="cannot be started: .*; use bells"):
        speak(["Rest."])


def test_without_the_extra_it_is_plainly_not_available():
    code = """
import sys
sys.modules["espeakng_loader"] = None  # as if it were not installed
from psoas.app.voice import available, speak, why_not
from psoas.errors import InputError
print(available(), why_not())
try:
    speak(["Rest."])
except InputError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    sentence = "the offline voice is not installed; install psoas with its extra voice, or use bells"
    assert said == [f"False {sentence}", sentence]


def test_a_wheel_without_a_library_is_not_available(monkeypatch, tmp_path):
    monkeypatch.setattr(voice, "_wheel", lambda: tmp_path)
    assert not available()
    assert "no library for this kind of computer" in why_not()


@speaks
def test_where_it_is_installed_it_is_available():
    assert available()
    assert why_not() is None


@speaks
def test_the_process_answers_json_lines():
    asked = json.dumps({"phonemes": "rest"}) + "\n" + json.dumps({"say": "rest"}) + "\n"
    answer = subprocess.run(
        [sys.executable, "-m", "psoas.app.voice"], input=asked.encode(), capture_output=True, check=True
    ).stdout
    size = int.from_bytes(answer[:4], "little")
    assert answer[4 : 4 + size].decode() == "ɹˈɛst"
    samples = np.frombuffer(answer[8 + size :], "<i2")
    assert int.from_bytes(answer[4 + size : 8 + size], "little") == samples.nbytes
    assert np.abs(samples).max() > 1000
