import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from psoas.app import audio
from psoas.app.audio import (
    CEILING,
    LEVEL,
    RATE,
    Mark,
    bell,
    leveled,
    read_recording,
    read_stored,
    render,
    seconds_of,
    spaced,
    write_recording,
)
from psoas.errors import InputError

KINDS = ["start", "halfway", "end"]
half_a_step = 0.5 / 32767  # of 16 bit
dBFS = 20.0


def rendered(marks, seconds, **more):
    file = io.BytesIO()
    render(marks, seconds, file, **more)
    return file.getvalue()


def integers(data):
    samples, rate = soundfile.read(io.BytesIO(data), dtype="int16")
    assert rate == RATE
    return samples


def pcm(samples):
    return np.rint(np.asarray(samples) * 32767).astype(np.int16)


def level(samples, window=0.1):
    """Root mean square of each window [dBFS]."""
    k = round(window * RATE)
    frames = samples[: len(samples) // k * k].reshape(-1, k)
    return dBFS * np.log10(np.sqrt((frames**2).mean(axis=1)) + 1e-9)


def tone(seconds, size=0.3, hertz=200.0, rate=RATE):
    return size * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def encoded(samples, rate=RATE, format="WAV", subtype=None):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=format, subtype=subtype)
    return file.getvalue()


# -- bells --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_bell_is_never_loud(kind):
    assert np.abs(bell(kind)).max() <= 0.25 + half_a_step  # -12 dBFS
    assert level(bell(kind), 0.4).max() < -18


@pytest.mark.parametrize("kind", KINDS)
def test_a_bell_swells_and_does_not_strike(kind):
    size = np.sqrt(np.convolve(bell(kind)[: 2 * RATE] ** 2, np.ones(220) / 220, "same"))
    rise = np.argmax(size > 0.9 * size.max()) - np.argmax(size > 0.1 * size.max())
    assert 0.2 < rise / RATE < 0.5
    assert np.argmax(np.abs(bell(kind))) > 0.25 * RATE


@pytest.mark.parametrize("kind", KINDS)
def test_a_bell_has_no_click(kind):
    sound = bell(kind)
    # a sine of this peak at the second partial moves 2 pi f / rate of it in a sample; a click moves all of it
    assert np.abs(np.diff(sound)).max() < np.abs(sound).max() * 2 * np.pi * 614 / RATE
    assert sound[0] == 0 and abs(sound[-1]) < 1e-12
    assert np.abs(sound[:20]).max() < half_a_step * 4
    # nor a second difference that the partials do not explain
    assert np.abs(np.diff(sound, 2)).max() < 0.25 * 0.5 * (2 * np.pi * 1145 / RATE) ** 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_bell_rises_once_and_then_only_falls(kind):
    by_time = level(bell(kind))
    top = int(by_time.argmax())
    assert 3 <= top <= 6
    assert (np.diff(by_time[top:]) < 0.05).all()
    assert (np.diff(by_time[: top + 1]) > 0).all()
    assert 6 <= seconds_of(kind) - top / 10 <= 10
    assert by_time[-1] < -75


def test_the_end_sounds_like_the_start_and_halfway_is_softer_and_lower():
    assert np.array_equal(bell("start"), bell("end"))

    def lowest(sound):
        spectrum = np.abs(np.fft.rfft(sound))
        return np.argmax(spectrum) * RATE / len(sound)

    assert lowest(bell("start")) == pytest.approx(221, abs=1)
    assert lowest(bell("halfway")) == pytest.approx(165.75, abs=1)
    assert level(bell("start")).max() - level(bell("halfway")).max() == pytest.approx(6, abs=0.5)


def test_the_partials_are_those_of_the_bowl():
    sound = bell("start")
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    for ratio in (1, 2.77828, 5.18099, 8.16289):
        center = round(221 * ratio * len(sound) / RATE)
        near = np.arange(center - 200, center + 201)  # 20 Hz either side
        assert abs(near[np.argmax(spectrum[near])] - center) <= 8  # the pair's 0.7 Hz, and the window
    # nothing between them
    between = spectrum[round(300 * len(sound) / RATE) : round(550 * len(sound) / RATE)]
    assert between.max() < 1e-3 * spectrum.max()


def test_what_is_bright_fades_first():
    sound = bell("start")

    def share(second):
        part = sound[round(second * RATE) :][:RATE]
        power = np.abs(np.fft.rfft(part * np.hanning(RATE))) ** 2
        return power[1000:].sum() / power.sum()  # 1 Hz a bin

    assert share(0.5) > 2 * share(2) > 4 * share(4)


def test_a_bell_is_shared_and_cannot_be_changed():
    assert bell("start") is bell("start")
    with pytest.raises(ValueError, match="read-only"):
        bell("start")[0] = 1


@pytest.mark.parametrize("call", [bell, seconds_of])
def test_an_unknown_bell_is_refused(call):
    with pytest.raises(InputError, match="'gong'; give one of start, halfway, end"):
        call("gong")


# -- the recording ------------------------------------------------------------------------------------

LONG = [Mark(0, "start"), Mark(1800, "halfway"), Mark(3660.5, "end")]


def test_an_hour_is_exact_to_the_sample(tmp_path):
    path = tmp_path / "rest.flac"
    render(LONG, 62 * 60, path)
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.format, info.subtype) == (22050, 1, "FLAC", "PCM_16")
    assert info.frames == 62 * 60 * RATE
    heard = soundfile.read(path, dtype="int16")[0]
    silence = np.ones(len(heard), dtype=bool)
    for mark in LONG:
        expected = pcm(bell(mark.sound))
        start = round(mark.at * 22050)
        assert np.array_equal(heard[start : start + len(expected)], expected)
        assert np.flatnonzero(heard[start:])[0] < 0.005 * RATE  # and it is heard at once, however softly
        silence[start : start + len(expected)] = False
    assert not heard[silence].any()
    assert np.abs(heard).max() <= 32767 // 2
    assert path.stat().st_size < 1_000_000
    assert os.listdir(tmp_path) == ["rest.flac"]


def test_an_hour_of_silence_is_small_and_silent():
    data = rendered([], 3600)
    assert len(data) < 1_000_000
    assert len(integers(data)) == 3600 * RATE
    assert not integers(data).any()


def test_the_same_input_gives_the_same_bytes(tmp_path):
    marks = [Mark(3, "start"), Mark(20, tone(2))]
    first = rendered(marks, 30)
    assert rendered(marks, 30) == first
    assert rendered(marks[::-1], 30) == first
    render(marks, 30, tmp_path / "a.flac")
    render(marks, 30, str(tmp_path / "a.flac"))  # over what was there
    assert (tmp_path / "a.flac").read_bytes() == first


@st.composite
def timelines(draw):
    """Short sounds in turn: (marks, seconds)."""
    marks, free = [], 0
    for _ in range(draw(st.integers(0, 5))):
        start = free + draw(st.integers(0, 3000))
        n = draw(st.integers(1, 4000))
        seed = draw(st.integers(0, 99))
        marks.append(Mark(start / RATE, np.random.default_rng(seed).uniform(-CEILING, CEILING, n)))
        free = start + n
    total = max(1, free + draw(st.integers(0, 2000)))
    return draw(st.permutations(marks)), total / RATE


@settings(deadline=None)
@given(timelines(), st.floats(0.01, 1), st.integers(1, 5000))
def test_blocks_agree_with_one_whole_array(timeline, loudness, block):
    marks, seconds = timeline
    whole = np.zeros(round(seconds * RATE))
    for mark in marks:
        start = round(mark.at * RATE)
        whole[start : start + len(mark.sound)] += mark.sound
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audio, "BLOCK", block)
        data = rendered(marks, seconds, loudness=loudness)
    assert np.array_equal(integers(data), np.rint(whole * loudness * 32767).astype(np.int16))


def test_loudness_turns_everything_down():
    soft = integers(rendered([Mark(0, "start")], 11, loudness=0.25))
    assert 2000 < np.abs(soft).max() < 2100  # a quarter of a quarter
    assert np.array_equal(soft[: len(bell("start"))], np.rint(bell("start") * 0.25 * 32767))


@given(st.floats(0, 100), st.integers(1, 100))
def test_a_recording_that_ends_with_its_last_sound_is_long_enough(at, n):
    sound = np.full(n, 0.1)
    heard = integers(rendered([Mark(at, sound)], at + seconds_of(sound)))
    start = np.flatnonzero(heard)[0]
    assert abs(start - at * RATE) <= 0.5 + 1e-6
    assert len(heard) - start - n in (0, 1)


def test_sounds_may_touch_and_not_overlap():
    begin = len(bell("start")) / RATE
    rendered([Mark(0, "start"), Mark(begin, tone(1))], 12)
    with pytest.raises(InputError, match=r"a voice begins at 9\.99 s while the start bell still sounds; .*10\.00 s"):
        rendered([Mark(0, "start"), Mark(begin - 0.01, tone(1))], 12)


@pytest.mark.parametrize(
    ("marks", "seconds", "loudness", "words"),
    [
        ([Mark(0, "start")], 5, 1, "runs past the end of the recording at 5 s; give at least 10.00 s"),
        ([Mark(-1, "start")], 20, 1, "begins at -1 s; give 0 to"),
        ([Mark(float("nan"), "start")], 20, 1, "begins at nan s"),
        ([Mark(0, "gong")], 20, 1, "'gong'"),
        ([Mark(0, np.array([np.nan]))], 20, 1, "size nan; give at most 0.5"),
        ([Mark(0, np.array([0.51]))], 20, 1, "size 0.51; give at most 0.5"),
        ([Mark(0, np.zeros((2, 3)))], 20, 1, r"shape \(2, 3\)"),
        ([Mark(0, np.zeros(0))], 20, 1, r"shape \(0,\)"),
        ([], 0, 1, "lasts 0 s"),
        ([], float("inf"), 1, "lasts inf s"),
        ([], 1e6, 1, "lasts 1e.06 s"),
        ([], 5, 0, "loudness is 0"),
        ([], 5, 1.1, "loudness is 1.1"),
        ([], 5, float("nan"), "loudness is nan"),
    ],
)
def test_what_cannot_be_rendered_is_said_in_one_sentence(marks, seconds, loudness, words):
    with pytest.raises(InputError, match=words) as caught:
        rendered(marks, seconds, loudness=loudness)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match=r"cannot be written to rest\.flac: No such file"):
        render([], 5, tmp_path / "nowhere" / "rest.flac")


class Full(io.BytesIO):
    """A disk with so much room."""

    def __init__(self, room):
        super().__init__()
        self.room = room

    def write(self, data):
        if self.tell() + len(data) > self.room:
            raise OSError(28, "No space left on device")
        return super().write(data)


def test_a_full_disk_is_never_taken_for_success():
    marks = [Mark(0, "start")]
    whole = len(rendered(marks, 12))
    for room in (0, 50, 9000, whole // 2, whole - 100, whole - 1):
        with pytest.raises(OSError, match="No space left"):
            render(marks, 12, Full(room))
    render(marks, 12, Full(whole))


LIMITED = """
import resource, signal, sys
from psoas.app.audio import Mark, render
from psoas.errors import InputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    render([Mark(0, "start")], 12, sys.argv[1])
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file size")
def test_a_full_disk_leaves_the_old_recording_and_no_scraps(tmp_path):
    path = tmp_path / "rest.flac"
    render([Mark(0, "start")], 12, path)
    before = path.read_bytes()
    for room in (1000, len(before) - 1):
        said = subprocess.run(
            [sys.executable, "-c", LIMITED, path, str(room)], capture_output=True, text=True, check=True, timeout=60
        )
        assert said.stdout.startswith("the recording cannot be written to rest.flac: ")
        assert not said.stderr
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["rest.flac"]


# -- making room --------------------------------------------------------------------------------------


def test_a_voice_waits_for_the_bell():
    voice = tone(2)
    moved = spaced([Mark(0, voice), Mark(0, "start"), Mark(60, "end")])
    assert [m.at for m in moved] == [0, 11, 60]
    assert moved[1].sound is voice


def test_a_voice_that_does_not_fit_before_a_bell_follows_it():
    assert [m.at for m in spaced([Mark(20, "start"), Mark(18, tone(2))])] == [20, 31]
    assert [m.at for m in spaced([Mark(20, "start"), Mark(17, tone(2))])] == [17, 20]


def test_two_bells_at_once_are_refused():
    with pytest.raises(InputError, match="end bell begins at 5.00 s while the start bell"):
        spaced([Mark(0, "start"), Mark(5, "end")])
    with pytest.raises(InputError, match="the pause is -1 s"):
        spaced([], pause=-1)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(0, 100), max_size=3),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 20)), max_size=6),
    st.floats(0, 3),
)
def test_after_spacing_all_can_be_rendered_and_bells_stay(bells, voices, pause):
    bells = [20 * i + at / 20 for i, at in enumerate(bells)]
    marks = [Mark(at, "halfway") for at in bells] + [Mark(at, tone(length)) for at, length in voices]
    moved = spaced(marks, pause=pause)
    assert [m.at for m in moved if isinstance(m.sound, str)] == bells
    rendered(moved, 400)  # overlaps would raise
    wished = {id(m.sound): m.at for m in marks if not isinstance(m.sound, str)}
    assert all(m.at >= wished[id(m.sound)] for m in moved if id(m.sound) in wished)
    assert len(moved) == len(marks)
    again = spaced(moved, pause=pause)
    assert [m.at for m in again] == pytest.approx([m.at for m in moved])


# -- recordings ---------------------------------------------------------------------------------------


def voice_like(rate=RATE, seconds=2.0, size=0.2):
    """Quiet, then four soft syllables, then quiet."""
    t = np.arange(round(seconds * rate)) / rate
    syllables = size * np.abs(np.sin(2 * np.pi * t)) * np.sin(2 * np.pi * 180 * t)
    quiet = np.zeros(round(1.5 * rate))
    return np.concatenate([quiet, syllables, quiet])


@pytest.mark.parametrize(
    ("format", "subtype", "rate"),
    [
        ("WAV", "PCM_16", 44100),
        ("WAV", "PCM_24", 48000),
        ("WAV", "FLOAT", 22050),
        ("WAV", "PCM_U8", 8000),
        ("FLAC", "PCM_16", 96000),
        ("OGG", "VORBIS", 44100),
        ("OGG", "OPUS", 48000),
        ("MP3", "MPEG_LAYER_III", 44100),
    ],
)
def test_a_recording_is_made_to_fit(format, subtype, rate):
    sound = read_recording(encoded(voice_like(rate), rate, format, subtype))
    assert 2.0 < len(sound) / RATE < 2.6  # 1.5 s of quiet at each end are gone, a little is kept
    assert np.abs(sound).max() <= CEILING
    spoken = sound[np.abs(sound) > 0.01]
    assert np.sqrt((sound**2).mean()) == pytest.approx(LEVEL, rel=0.15)
    assert spoken.size > RATE
    assert sound[0] == 0 and sound[-1] == 0
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * RATE / len(sound) == pytest.approx(180, abs=3)  # neither faster nor slower


@pytest.mark.parametrize("size", [0.003, 0.05, 0.99, 40.0, 1e30])
def test_soft_and_loud_recordings_come_out_alike(size):
    sound = read_recording(encoded(voice_like(size=size), subtype="DOUBLE"))
    assert np.sqrt((sound**2).mean()) == pytest.approx(LEVEL, rel=0.15)
    assert np.abs(sound).max() <= CEILING


def test_channels_that_cancel_are_still_heard():
    one = voice_like()
    for pair in ((one, -one), (one, 0 * one), (0.01 * one, one)):
        assert np.sqrt((read_recording(encoded(np.stack(pair, axis=1))) ** 2).mean()) > 0.08


def test_a_loud_moment_is_turned_down_without_a_click():
    x = tone(2, 0.05)
    x[RATE : RATE + 441] *= 18  # four periods, so that it holds no jump itself
    sound = leveled(x)
    assert np.abs(sound).max() <= CEILING
    assert np.abs(np.diff(sound)).max() < 2 * CEILING * 2 * np.pi * 200 / RATE
    # what is far from it keeps its level
    assert np.abs(sound[2000 : RATE // 2]).max() == pytest.approx(np.abs(sound[-RATE // 2 : -7000]).max(), rel=1e-3)


def test_rumble_and_offset_do_not_count_as_sound():
    x = voice_like() + 0.3 + tone(5, 0.2, 5)
    assert 2.0 < len(leveled(x)) / RATE < 2.9


def test_leveled_twice_is_leveled_once():
    once = leveled(voice_like())
    assert np.sqrt((leveled(once) ** 2).mean()) == pytest.approx(np.sqrt((once**2).mean()), rel=0.02)


@pytest.mark.parametrize("samples", [np.array([1, np.nan]), np.array([np.inf]), np.zeros((2, 2))])
def test_only_numbers_are_leveled(samples):
    with pytest.raises(InputError, match="not numbers"):
        leveled(samples)


@pytest.mark.parametrize("samples", [np.zeros(100), np.zeros(0), np.full(RATE, 1e-4)])
def test_silence_is_not_leveled(samples):
    with pytest.raises(InputError, match="silent"):
        leveled(samples)


def with_one(value):
    sound = voice_like()
    sound[RATE] = value
    return encoded(sound, subtype="FLOAT")


GOOD = encoded(voice_like(44100), 44100, "OGG", "VORBIS")
BROKEN = {
    "nothing": (b"", "0 bytes is not audio"),
    "text": (b"hello, this is a letter and no sound", "not audio we know; give WAV, FLAC, Ogg or MP3"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not audio"),
    "another kind": (encoded(voice_like(), format="AIFF"), "not audio we know"),
    "head only": (b"RIFF\x00\x00\x00\x00WAVE", "cannot be read as audio"),
    "wild flac": (b"fLaC" + bytes(range(256)) * 4, "cannot be read as audio"),
    "wild ogg": (b"OggS" + bytes(range(256)) * 4, "cannot be read as audio"),
    "too large": (b"RIFF" + bytes(20_000_001), "20.0 MB; give at most 20 MB"),
    "too long": (encoded(tone(61, rate=8000), 8000), "longer than 60 s"),
    "long in little": (encoded(np.zeros(3600 * 8000), 8000, "FLAC"), "longer than 60 s"),
    "silent": (encoded(np.zeros(RATE)), "is silent, its loudest sample is 0"),
    "hum": (encoded(tone(3, 0.5, 0.2)), "silent but for rumble"),
    "empty": (encoded(np.zeros(0)), "silent"),
    "not a number": (with_one(np.nan), "not numbers"),
    "infinite": (with_one(np.inf), "not numbers"),
    "slow": (encoded(voice_like(4000), 4000), "4000 samples a second; give 8000 to 192000"),
    "crowd": (encoded(np.tile(tone(1)[:, None], 9)), "9 channels; give 1 to 8"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_used_is_refused_in_one_sentence(name):
    data, words = BROKEN[name]
    with pytest.raises(InputError, match=words) as caught:
        read_recording(data)
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_damage_gives_a_sound_or_a_sentence(cut, place, value):
    data = bytearray(GOOD)
    data[place] = value
    try:
        sound = read_recording(bytes(data[:cut]))
    except InputError:
        return
    assert np.isfinite(sound).all() and np.abs(sound).max() <= CEILING


def test_a_stored_cue_comes_back_sample_for_sample():
    cue = read_recording(encoded(voice_like(44100), 44100))
    stored = write_recording(cue)
    assert stored[:4] == b"fLaC"
    back = read_stored(stored)
    assert np.abs(back - cue).max() <= half_a_step * 1.001
    assert write_recording(back) == stored
    assert len(integers(rendered([Mark(0, back)], 10)))
    top = write_recording(np.array([CEILING, -CEILING]))
    assert write_recording(read_stored(top)) == top


def test_only_what_was_stored_is_read_as_stored():
    with pytest.raises(InputError, match="mono at 22050 Hz"):
        read_stored(encoded(tone(1), 44100))
    with pytest.raises(InputError, match="not audio"):
        read_stored(b"psoas")
    with pytest.raises(InputError, match="size 0.9"):
        write_recording(np.array([0.9]))


# -- the page -----------------------------------------------------------------------------------------


def test_the_example_in_the_docs_makes_something_to_hear(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "sound.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "sound.md", "exec"), {})
    (made,) = tmp_path.iterdir()
    assert soundfile.info(made).duration > 30
    assert np.abs(soundfile.read(made)[0]).max() > 0.1
