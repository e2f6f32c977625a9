"""A photograph as it is kept: turned upright, made smaller, and without what a camera writes into it."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from psoas.errors import InputError

MOST_BYTES = 25_000_000
MOST_PIXELS = 80_000_000
LONGEST_SIDE = 1600
"""Enough to see a finger's breadth in a picture of a whole body [px]."""
QUALITY = 85


@dataclass(frozen=True)
class Photograph:
    """A picture ready to be stored.

    Attributes:
        data: JPEG, with no metadata: no place, no time, no device [bytes].
        mime: Of the data.
        width, height: [px].
    """

    data: bytes
    mime: str
    width: int
    height: int


def clean(data: bytes) -> Photograph:
    """A photograph from a file, drawn anew from its pixels alone.

    Args:
        data: A JPEG, PNG, WebP or other common picture file.
    Returns:
        The photograph.
    Raises:
        InputError: It is no picture, or too large a one.
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"the photo has {len(data) / 1e6:.0f} MB; give one of at most {MOST_BYTES / 1e6:.0f} MB")
    try:
        # Its size is told before its pixels are read. What Pillow warns of is left to be: to change what becomes of
        # warnings would change it for every other thread, for good where two do it at once.
        opened = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"))
        if opened.width * opened.height > MOST_PIXELS:
            raise InputError(
                f"the photo has {opened.width} x {opened.height} pixels; give one of at most"
                f" {MOST_PIXELS / 1e6:.0f} million"
            )
        upright = ImageOps.exif_transpose(opened).convert("RGB")
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        if data[4:8] == b"ftyp":  # a box that phones put their own pictures in
            raise InputError(
                "the photo is HEIC or AVIF, as some phones keep it, which cannot be read here; share or export it as JPEG"
            ) from None
        raise InputError("the photo is no picture that can be read; give a JPEG, PNG or WebP file") from None
    # A new picture, so that nothing but pixels is carried over.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY)
    return Photograph(out.getvalue(), "image/jpeg", bare.width, bare.height)
