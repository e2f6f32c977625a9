"""The only place a unit is converted: what people type becomes SI, and SI becomes what people read.

Inside the package every number is SI (metre, kilogram, newton, second, radian). Outside, a value and its unit
travel together: in the tables, on the command line, in a person's file, in JSON and in print. A bare number
typed as a length is centimeters, as a mass kilograms, as an angle degrees.

Units compose: ``N m/rad``, ``kg m2``, ``N/cm2`` and ``1/rad`` are understood from their parts. Temperatures,
and any other unit with an offset, are not.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from psoas.errors import InputError

Number = TypeVar("Number", float, NDArray[np.float64])

DIMENSIONS = ("m", "kg", "s", "rad")
"""The base units, in the order of the exponents in `Unit.dimension`. The radian counts as one, so that
a stiffness [N m/rad] is never mistaken for a moment [N m]."""


@dataclass(frozen=True)
class Unit:
    """A unit: how many SI units it is worth, and the exponents of m, kg, s and rad in it."""

    factor: float
    """A value in this unit times this is SI [SI per unit]."""
    dimension: tuple[int, int, int, int]
    """Exponents in the order of ``DIMENSIONS``."""


_NUMBER, _LENGTH, _MASS, _TIME, _ANGLE = (0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)
_FORCE, _MOMENT, _PRESSURE = (1, 1, -2, 0), (2, 1, -2, 0), (-1, 1, -2, 0)

# The inch and the pound are exact by the international agreement of 1959 (BIPM, SI Brochure, 9th ed., and
# NIST Special Publication 811, appendix B.8); a stone is 14 pounds.
UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        "1": Unit(1.0, _NUMBER),
        "%": Unit(0.01, _NUMBER),
        "m": Unit(1.0, _LENGTH),
        "cm": Unit(1e-2, _LENGTH),
        "mm": Unit(1e-3, _LENGTH),
        "um": Unit(1e-6, _LENGTH),
        "in": Unit(0.0254, _LENGTH),
        "ft": Unit(0.3048, _LENGTH),
        "kg": Unit(1.0, _MASS),
        "g": Unit(1e-3, _MASS),
        "lb": Unit(0.45359237, _MASS),
        "st": Unit(14 * 0.45359237, _MASS),
        "s": Unit(1.0, _TIME),
        "ms": Unit(1e-3, _TIME),
        "min": Unit(60.0, _TIME),
        "h": Unit(3600.0, _TIME),
        "year": Unit(365.25 * 86400.0, _TIME),
        "rad": Unit(1.0, _ANGLE),
        "deg": Unit(math.pi / 180.0, _ANGLE),
        "N": Unit(1.0, _FORCE),
        "kN": Unit(1e3, _FORCE),
        "Nm": Unit(1.0, _MOMENT),
        "Nmm": Unit(1e-3, _MOMENT),
        "J": Unit(1.0, _MOMENT),
        "Pa": Unit(1.0, _PRESSURE),
        "kPa": Unit(1e3, _PRESSURE),
        "MPa": Unit(1e6, _PRESSURE),
    }
)
"""The unit table: symbol to worth and dimension. Every other unit is composed of these."""

# What people write for a unit, in lower case, and the symbol it stands for.
_SPELLING: Mapping[str, str] = MappingProxyType(
    {
        word: symbol
        for symbol, words in {
            "m": "m metre metres meter meters",
            "cm": "cm cms centimetre centimetres centimeter centimeters",
            "mm": "mm millimetre millimetres millimeter millimeters",
            "in": "in in. inch inches \" '' ″ ”",
            "ft": "ft ft. foot feet ' ′ ’",
            "kg": "kg kgs kilo kilos kilogram kilograms",
            "g": "g gram grams",
            "lb": "lb lbs lb. lbs. pound pounds",
            "st": "st stone stones",
            "deg": "deg degree degrees °",
            "rad": "rad radian radians",
        }.items()
        for word in words.split()
    }
)

_SMALLER = {"ft": "in", "st": "lb"}  # "5ft 8in", "10 st 7 lb": the only pairs read together

# A comma is a decimal one, as most of the world writes it, unless three digits follow, when it may part thousands.
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])(?![0-9]{3}(?![0-9]))")
_PART = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)\s*([^\s0-9+-]*)\s*", re.IGNORECASE)
_FACTOR = re.compile(r"([^\W\d]+|%|1)(?:\^?(-?[0-9]+))?")


@cache
def unit(symbol: str) -> Unit:
    """The unit a symbol stands for.

    Args:
        symbol: A symbol of `UNITS`, or a product and quotient of them: factors joined by a space, ``*`` or
            ``·``, each with an optional whole exponent; every factor after the first ``/`` divides.

    Raises:
        InputError: A part is not in the table.
    """
    factor, dimension = 1.0, [0] * len(DIMENSIONS)
    for place, group in enumerate(symbol.replace("·", " ").replace("*", " ").replace("²", "2").split("/")):
        parts = group.split()
        if not parts:
            raise InputError(f"{symbol!r} is not a unit; known parts are {', '.join(UNITS)}")
        for part in parts:
            match = _FACTOR.fullmatch(part)
            if match is None or match[1] not in UNITS:
                raise InputError(f"{symbol!r} is not a unit ({part!r} is unknown); known parts are {', '.join(UNITS)}")
            exponent = int(match[2] or 1) * (-1 if place else 1)
            factor *= UNITS[match[1]].factor ** exponent
            dimension = [
                total + exponent * own for total, own in zip(dimension, UNITS[match[1]].dimension, strict=True)
            ]
    metre, kilogram, second, radian = dimension
    return Unit(factor, (metre, kilogram, second, radian))


def to_si(value: Number, symbol: str) -> Number:
    """A value or array (any shape) [symbol] in SI, shaped alike.

    Raises:
        InputError: The unit is unknown.
    """
    return value * unit(symbol).factor


def from_si(value: Number, symbol: str) -> Number:
    """An SI value or array (any shape) in the unit named, shaped alike [symbol].

    Raises:
        InputError: The unit is unknown.
    """
    return value / unit(symbol).factor


def within(value: float, low: float, high: float) -> bool:
    """Whether a number that was typed lies between two ends, those included.

    230 cm times 0.01 is a hair more than 2.3 m, so an end is met within a billionth of the larger one.

    Args:
        value, low, high: All in one unit, whichever; what is not finite lies nowhere.
    """
    slack = 1e-9 * max(abs(low), abs(high))
    return math.isfinite(value) and low - slack <= value <= high + slack


def parse_length(text: str | float, default: str = "cm", *, name: str = "length", signed: bool = False) -> float:
    """A length as a person gives it, in metres.

    Args:
        text: A number, or text such as ``35``, ``12 cm``, ``14in``, ``1.72 m``, ``5ft 8in`` or ``5'8"``.
        default: The unit of a bare number.
        name: What the value is called, for the message.
        signed: Whether it may be negative; a minus then holds for all its parts.

    Returns:
        Length [m], zero or more unless signed. Whether it suits a person is for the caller to say.

    Raises:
        InputError: It is no finite number, is negative where it may not be, or carries a unit that is not a length.
    """
    accepted = "a length in centimeters, or with its unit, such as 172, 1.72 m, 14in or 5ft 8in"
    return _parse(text, default, _LENGTH, name, accepted, signed=signed)


def parse_mass(text: str | float, default: str = "kg", *, name: str = "mass") -> float:
    """A mass as a person gives it, in kilograms.

    Args:
        text: A number, or text such as ``68``, ``68 kg``, ``150 lb`` or ``10st 7lb``.
        default: The unit of a bare number.
        name: What the value is called, for the message.

    Returns:
        Mass [kg], zero or more.

    Raises:
        InputError: It is no finite number, is negative, or carries a unit that is not a mass.
    """
    accepted = "a mass in kilograms, or with its unit, such as 68, 68 kg, 150 lb or 10st 7lb"
    return _parse(text, default, _MASS, name, accepted, signed=False)


def parse_angle(text: str | float, default: str = "deg", *, name: str = "angle") -> float:
    """An angle as a person gives it, in radians; unlike lengths and masses it may be negative.

    Args:
        text: A number, or text such as ``45``, ``-10 deg``, ``45°`` or ``0.8 rad``.
        default: The unit of a bare number.
        name: What the value is called, for the message.

    Returns:
        Angle [rad].

    Raises:
        InputError: It is no finite number, or carries a unit that is not an angle.
    """
    return _parse(text, default, _ANGLE, name, "an angle in degrees, such as 45, 45 deg or 0.8 rad", signed=True)


def _parse(
    text: str | float, default: str, dimension: tuple[int, ...], name: str, accepted: str, *, signed: bool
) -> float:
    parts = _parts(text, default)
    if parts is None or any(UNITS[symbol].dimension != dimension for _, symbol in parts):
        raise InputError(f"{name} is {text!r}; give {accepted}")
    sign = math.copysign(1.0, parts[0][0])
    value = sign * sum(abs(number) * UNITS[symbol].factor for number, symbol in parts) + 0.0  # no minus before a zero
    if not math.isfinite(value):
        raise InputError(f"{name} is {text!r}, which is not a finite number; give {accepted}")
    if not signed and any(math.copysign(1.0, number) < 0 for number, _ in parts if number != 0):
        raise InputError(f"{name} is {text!r}, which is negative; give {accepted}")
    return value


def _parts(text: object, default: str) -> list[tuple[float, str]] | None:
    """Number and unit symbol of each part of what was given, or None where it cannot be read."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float | np.number):
        try:
            return [(float(text), default)]
        except OverflowError:  # a whole number too large for any float, as TOML allows
            return [(math.inf, default)]
    if not isinstance(text, str):
        return None
    rest = _COMMA.sub(".", text.strip().lower(), count=1)
    if rest.lstrip("+-") in ("nan", "inf", "infinity"):
        return [(float(rest), default)]
    parts: list[tuple[float, str]] = []
    while rest:
        match = _PART.match(rest)
        if match is None:
            return None
        # In 5'8 the bare number is inches.
        fallback = _SMALLER.get(parts[-1][1], "") if parts else default
        symbol = _SPELLING.get(match[2], "") if match[2] else fallback
        if not symbol or (parts and symbol != _SMALLER.get(parts[-1][1])):
            return None
        if parts and float(match[1]) < 0:
            return None
        parts.append((float(match[1]), symbol))
        rest = rest[match.end() :]
    return parts or None


@dataclass(frozen=True)
class Quantity:
    """One named result: a value in its unit, the interval it may lie in, and what it rests on.

    Attributes:
        name: The field's word for it, such as ``lumbar_lordosis``.
        value: The value [unit]; it may lie outside the interval, which then says more than the value.
        unit: A unit of this module, ``1`` for a pure number.
        low: Lower end of the interval [unit].
        high: Upper end [unit], not below `low`.
        sources: Keys into the references.

    Raises:
        InputError: A number is not finite, the interval is upside down, or the unit is unknown.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unit(self.unit)
        for label in ("value", "low", "high"):
            if not math.isfinite(getattr(self, label)):
                raise InputError(f"{self.name}: {label} is {getattr(self, label)}; give a finite number")
        if self.low > self.high:
            raise InputError(f"{self.name}: low is {self.low} and high {self.high}; give low not above high")

    def format(self) -> str:
        """The value as people read it, ``38 (29 to 48) deg``: no more digits than the interval supports."""
        places = decimal_places(self.value, self.low, self.high)
        value, low, high = (format_number(number, places) for number in (self.value, self.low, self.high))
        return f"{value} ({low} to {high}) {display(self.unit)}".rstrip()

    def as_dict(self) -> dict[str, float | str | list[str]]:
        """Plain values for JSON, in full precision: value, unit, low, high (all [unit]), sources."""
        return {
            "value": float(self.value),
            "unit": self.unit,
            "low": float(self.low),
            "high": float(self.high),
            "sources": list(self.sources),
        }


def display(symbol: str) -> str:
    """A unit as it is printed after a number: nothing for a pure number."""
    return "" if symbol == "1" else symbol


def decimal_places(value: float, low: float, high: float) -> int:
    """How many decimals an interval supports; negative where even tens are too fine.

    Half the interval is rounded as the Particle Data Group rounds an error (Review of Particle Physics,
    Introduction, "Rounding"): two digits where its first three lie between 100 and 354, else one. Never more
    than four digits of the largest number shown, which decides alone where the interval has no width.

    Args:
        value, low, high: All in one unit, whichever; ``low`` not above ``high``.
    """
    largest = max(abs(value), abs(low), abs(high))
    finest = 3 - math.floor(math.log10(largest)) if largest > 0 else 0
    half = (high - low) / 2
    if half <= 0:
        return finest
    exponent = math.floor(math.log10(half))
    digits = 2 if half / 10.0**exponent < 3.55 else 1
    return min(digits - 1 - exponent, finest)


def format_number(number: float, places: int) -> str:
    """A number with so many decimals (negative: rounded to tens, hundreds …), and no minus before a zero."""
    rounded = round(float(number), places) + 0.0  # + 0.0 turns -0.0 into 0.0
    return f"{rounded:.{max(places, 0)}f}"


def format_length(metres: float) -> str:
    """A length [m] for reading: ``172 cm``, or millimetres below one centimeter."""
    symbol = "cm" if abs(metres) >= 0.01 else "mm"
    return f"{_brief(from_si(float(metres), symbol))} {symbol}"


def format_mass(kilograms: float) -> str:
    """A mass [kg] for reading: ``68 kg``, ``68.5 kg``."""
    return f"{_brief(float(kilograms))} kg"


def format_angle(radians: float) -> str:
    """An angle [rad] for reading: ``45 deg``."""
    return f"{_brief(from_si(float(radians), 'deg'))} deg"


def _brief(number: float) -> str:
    """One decimal at most, and none where it would be zero."""
    return format_number(number, 1).removesuffix(".0")
