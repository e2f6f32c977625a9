"""Photographs lose what a camera writes into them."""

from __future__ import annotations

import io
import threading
import warnings

import pytest
from PIL import Image

from psoas.app.photo import LONGEST_SIDE, clean
from psoas.errors import InputError


def picture(size=(400, 300), format="JPEG", exif=None, **extra):
    out = io.BytesIO()
    image = Image.new("RGB", size, (200, 180, 150))
    image.paste((120, 40, 30), (0, 0, size[0] // 2, size[1] // 2))
    image.save(out, format, **({"exif": exif} if exif else {}), **extra)
    return out.getvalue()


def test_place_time_and_device_are_gone():
    exif = Image.Exif()
    exif[0x010F] = "CANARY camera"
    exif.get_ifd(0x8825)[29] = "2026:11:21"
    data = picture(exif=exif.tobytes(), comment=b"CANARY comment")
    assert b"CANARY" in data
    kept = clean(data)
    assert b"CANARY" not in kept.data
    reread = Image.open(io.BytesIO(kept.data))
    assert not reread.getexif()
    assert reread.size == (kept.width, kept.height) == (400, 300)


def test_a_picture_on_its_side_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = clean(picture(exif=exif.tobytes()))
    assert (kept.width, kept.height) == (300, 400)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_other_kinds_become_jpeg(format):
    assert clean(picture(format=format)).data.startswith(b"\xff\xd8")


def test_a_large_picture_is_made_smaller_and_keeps_its_shape():
    kept = clean(picture((4000, 2000)))
    assert (kept.width, kept.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xff\xd8\xff\xe0 broken", picture()[:200]], ids=["empty", "text", "broken", "cut"]
)
def test_what_is_no_picture_is_one_sentence(data):
    with pytest.raises(InputError, match="give a JPEG, PNG or WebP file"):
        clean(data)


def test_a_phone_s_own_kind_is_named():
    with pytest.raises(InputError, match="the photo is HEIC or AVIF.*export it as JPEG"):
        clean(b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic" + bytes(100))


def test_a_picture_that_would_fill_the_memory_is_refused():
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(InputError, match=r"million|picture"):
        clean(out.getvalue())


def test_two_at_once_leave_the_warnings_of_this_process_as_they_are():
    """To turn warnings into errors for one thread turns them into errors for all, and two at once for good."""
    before, during = list(warnings.filters), []
    noise = Image.effect_noise((1200, 1200), 60).convert("RGB")
    noise.save(out := io.BytesIO(), "JPEG")
    threads = [threading.Thread(target=clean, args=(out.getvalue(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        during.append(warnings.filters == before)
    assert during and all(during)
    assert warnings.filters == before
