"""What an answer looks like to a reader: JSON, tables for the terminal, and the words on the picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from psoas import __version__, units
from psoas.evidence import CITED, HOW_TO_READ, KINDS, STANCES, Claim, Paper, studied
from psoas.person import GIRTHS, SIDES, Person
from psoas.placement import heel_distance
from psoas.position import Parameter, Position, Saying, either
from psoas.props import Prop, where_words
from psoas.quantities import GROUPS, JOINTS
from psoas.time_course import TimeCourse
from psoas.uncertainty import HIGH, LOW, MEMBERS, SEED, Alternative, Change, Estimate
from psoas.units import Quantity
from psoas.upright.answer import MEMBERS as UPRIGHT_MEMBERS
from psoas.upright.place import seat_depth, seat_height
from psoas.weights import TITLES as TITLES_OF_WEIGHTS

REST_SCHEMA = "psoas.rest/1"
COMPARE_SCHEMA = "psoas.compare/1"
BASELINE = "supine"
"""Lying straight, which every change is counted from."""
LEAVES_OUT = "Compression leaves out resting tone and disc pressure."
UPRIGHT_LEAVES_OUT = (
    "Muscles do the least that balances, nothing is held or stiffened beyond that:"
    " compression is rather more than this."
)
SIGNS = "Moment arms: + bends the hip, + hollows the back."
ESTIMATE = "A model's estimate, not a measurement."
ASSUMED_TONE = "The stiffness that the hips have is assumed: nobody seems to have measured it in someone who rests."


# -- JSON ---------------------------------------------------------------------------------------------


def rest_json(estimate: Estimate, members: int = MEMBERS) -> dict[str, Any]:
    """One answer as plain values, ``psoas.rest/1``: the same for the same question, except ``solve_seconds``.

    Args:
        estimate: The answer.
        members: Bodies that were asked for.
    Returns:
        What ``json.dumps(..., allow_nan=False)`` takes; ``quantities`` is empty unless the body came to rest.
    """
    return {"schema": REST_SCHEMA, **_answer(estimate, members)}


def compare_json(
    answers: Mapping[str, Estimate], changes: Mapping[str, Mapping[str, Change]], members: int = MEMBERS
) -> dict[str, Any]:
    """Several positions of one person as plain values, ``psoas.compare/1``.

    Args:
        answers: By position id.
        changes: From lying straight, by position id.
        members: Bodies that were asked for.
    Returns:
        What ``json.dumps(..., allow_nan=False)`` takes.
    """
    first = next(iter(answers.values()))
    return {
        "schema": COMPARE_SCHEMA,
        "status": "converged" if all(_rests(a) for a in answers.values()) else "not_converged",
        "message": " ".join(
            dict.fromkeys(f"{a.position.title}: {a.message}" for a in answers.values() if not _rests(a))
        ),
        "baseline": BASELINE,
        "person": person_json(first.person),
        "positions": {id: _answer(answer, members) for id, answer in answers.items()},
        "changes": {
            id: {name: {**change.quantity.as_dict(), "sign": _sign(change)} for name, change in found.items()}
            for id, found in changes.items()
        },
        "solve_seconds": sum(answer.solve_seconds for answer in answers.values()),
        "model_version": __version__,
    }


def person_json(person: Person) -> dict[str, Any]:
    """A person as plain values with units: lengths [cm], mass [kg], age [year], fractions [1]; ``None`` where nobody
    measured."""
    found: dict[str, Any] = {
        "sex": person.sex,
        "stature": amount(person.stature, "cm"),
        "mass": amount(person.mass, "kg"),
        "age": amount(person.age, "year", si=False),
    }
    found |= {girth: amount(getattr(person, girth), "cm") for girth in GIRTHS}
    found |= {"psoas_minor": person.psoas_minor, "tone": amount(person.tone, "1")}
    for side in SIDES:
        limb = person.limb(side)
        found[side] = {
            "hip_flexor_shortening": amount(limb.hip_flexor_shortening, "1"),
            "leg_length": amount(limb.leg_length, "cm"),
        }
    return found


def _answer(estimate: Estimate, members: int) -> dict[str, Any]:
    nominal = estimate.nominal
    return {
        "status": estimate.status,
        "message": estimate.message,
        "quantities": {name: quantity.as_dict() for name, quantity in estimate.quantities.items()},
        "interval": {
            "percentiles": [LOW, HIGH],
            "members": members,
            "members_at_rest": len(estimate.members),
            "seed": SEED,
        },
        "residual": {
            "force": {"value": _finite(nominal.residual_force[0]), "unit": "N"},
            "moment": {"value": _finite(nominal.residual_moment[0]), "unit": "Nm"},
        },
        "alternatives": [
            {
                "title": other.title,
                "differs": {
                    name: {"value": _finite(value), "unit": unit} for name, (value, unit) in other.differs.items()
                },
            }
            for other in estimate.alternatives
        ],
        "warnings": list(estimate.warnings),
        "person": person_json(estimate.person),
        "position": {
            "id": estimate.position.id,
            "title": estimate.position.title,
            "surface": estimate.position.surface,
            "values": {
                name: setting.text
                if setting.number is None
                else {"value": setting.number, "unit": setting.unit, "given": setting.given}
                for name, setting in settings(estimate).items()
            },
        },
        "props": [
            {
                "id": prop.id,
                "title": prop.title,
                "under": prop.under,
                "thickness": amount(prop.thickness, "cm"),
            }
            for prop in estimate.props
        ],
        "weights": [{"place": one.place, "mass": amount(one.mass, "kg")} for one in estimate.weights],
        "solve_seconds": estimate.solve_seconds,
        "model_version": __version__,
    }


def amount(value: float | None, unit: str, *, si: bool = True) -> dict[str, Any] | None:
    """Value and unit, free of the last bits that a conversion leaves."""
    if value is None:
        return None
    number = units.from_si(float(value), unit) if si else float(value)
    return {"value": float(f"{number:.12g}"), "unit": unit}


def _finite(value: float) -> float | None:
    """A number for JSON, which has no word for one that is none."""
    return float(value) if math.isfinite(value) else None


def _sign(change: Change) -> int:
    """-1 or 1 where the bodies agree, 0 where they do not."""
    return int(np.sign(change.quantity.value)) if change.sure else 0


def _rests(estimate: Estimate) -> bool:
    return estimate.status == "converged"


def course_json(course: TimeCourse) -> dict[str, Any]:
    """A rest over minutes as plain values: each quantity against ``times``, the same for the same question except
    ``solve_seconds``.

    Args:
        course: From :func:`psoas.time_course.time_course`.
    Returns:
        What ``json.dumps(..., allow_nan=False)`` takes; ``quantities`` is empty unless the body kept resting.
    """
    return {
        "status": course.status,
        "message": course.message,
        "times": {"value": [float(f"{t:.12g}") for t in course.times], "unit": "s"},
        "quantities": {
            name: {
                "unit": band.unit,
                "low": band.low.tolist(),
                "median": band.median.tolist(),
                "high": band.high.tolist(),
                "sources": list(band.sources),
            }
            for name, band in course.quantities.items()
        },
        "changes": {
            name: {**change.quantity.as_dict(), "sign": _sign(change)} for name, change in course.changes.items()
        },
        "energy": {"value": course.energy.tolist(), "unit": "J"},
        "members": course.members,
        "stands_for": course.stands_for,
        "tone_fall": amount(course.tone_fall, "1"),
        "warnings": list(course.warnings),
        "solve_seconds": course.solve_seconds,
    }


# -- what was asked -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """One parameter of a position as it was used."""

    number: float | None
    """The value [unit]; ``None`` for a word."""
    unit: str
    """As people read it; empty for a word."""
    text: str | None
    """Where it is a word, or the body decides."""
    given: bool
    """Whether someone asked for it."""


def settings(estimate: Estimate) -> dict[str, Setting]:
    """The parameters of an answer's position by name, with what the body decided filled in."""
    position, found = estimate.position, {}
    for name, parameter in position.parameters.items():
        value = position[name]
        given = value is not None and value != parameter.default
        if value is None and name == "heel_distance":
            value = float(heel_distance(estimate.nominal.body, position)[0])
        if value is None and name == "foot_width":
            value = float(estimate.nominal.body.hip_width[0])  # as wide as feet stand if nobody says otherwise
        if value is None and name in SEATS:
            value = float(SEATS[name](estimate.nominal.body, position)[0])
        if isinstance(value, int | float):
            number = float(f"{units.from_si(float(value), parameter.unit):.12g}")
            found[name] = Setting(number, parameter.unit, None, given)
        else:
            found[name] = Setting(None, "", value, given)
    return found


SEATS = {"seat_height": seat_height, "seat_depth": seat_depth}
"""What a chair is like where nobody says."""


def _alike(estimate: Estimate) -> bool:
    """Whether left and right are the same in this answer."""
    return estimate.person.symmetric and not estimate.position.on_side


def person_words(person: Person) -> str:
    """A person in one line: ``female, 172 cm, 68 kg``."""
    said = [person.sex, units.format_length(person.stature), units.format_mass(person.mass)]
    if person.age is not None:
        said.append(f"{person.age:g} years")
    said += [
        f"{girth} {units.format_length(getattr(person, girth))}"
        for girth in GIRTHS
        if getattr(person, girth) is not None
    ]
    for side in SIDES[:1] if person.symmetric else SIDES:
        limb, whose = person.limb(side), "" if person.symmetric else f"{side} "
        if limb.hip_flexor_shortening:
            said.append(f"{whose}hip flexors {100 * limb.hip_flexor_shortening:g} % shorter")
        if limb.leg_length is not None:
            said.append(f"{whose}leg {units.format_length(limb.leg_length)}")
    if person.psoas_minor:
        said.append("with psoas minor")
    if person.tone:
        said.append(f"tone {100 * person.tone:g} %")
    return ", ".join(said)


ARM_PLACES = {
    "sides": "by the sides", "belly": "on the belly", "ribs": "on the ribs",
    "front": "in front", "hip": "in front and along the upper side",
}  # fmt: skip


def place_words(estimate: Estimate, spoken: Mapping[str, str] | None = None) -> str:
    """Where and how they lie, in one line: ``on the floor, heels 36 cm from the buttocks``.

    Args:
        estimate: The answer.
        spoken: Lengths as the person gave them, by ``heel_distance`` or prop id.
    Returns:
        The line.
    """
    if estimate.position.upright:
        return ", ".join(_upright_place(estimate))
    said = [f"on the {estimate.position.surface}"]
    for name, setting in settings(estimate).items():
        parameter = estimate.position.parameters[name]
        if name == "heel_distance":
            said.append(heel_words(estimate, spoken))
        elif name == "side":
            said.append(f"on the {setting.text} side")
        elif setting.text is not None and parameter.choices:
            said.append(f"{name.replace('_', ' ')} {ARM_PLACES.get(setting.text, setting.text)}")
        elif setting.given and setting.number is not None:
            said.append(f"{name.replace('_', ' ')} {setting.number:g} {setting.unit}")
    said += [prop_words(prop, spoken) for prop in estimate.props]
    said += [f"{units.format_mass(one.mass)} {TITLES_OF_WEIGHTS[one.place]}" for one in estimate.weights]
    return ", ".join(said)


HANDS = {"sides": "arms by the sides", "thighs": "hands on the thighs"}
CHESTS = {"let-go": "chest let go", "upright": "chest held upright"}


def _upright_place(estimate: Estimate) -> list[str]:
    """How they stand or sit: ``on a seat 45 cm high``, ``back free``, ``chest let go``, ``arms by the sides``."""
    position, used = estimate.position, settings(estimate)
    hands = HANDS[str(position["arms"])]
    if position.legs == "standing":
        return ["on both feet", _lean_words(used["lean"]), hands]
    said = [f"on a seat {_cm(used['seat_height'])} high"]
    if used["seat_depth"].given:
        said.append(f"{_cm(used['seat_depth'])} deep")
    tilt = used["seat_tilt"]
    if tilt.number:
        said.append(f"its front edge {abs(tilt.number):g} {tilt.unit} {'lower' if tilt.number > 0 else 'higher'}")
    if position["support"] == "backrest":
        recline = used["recline"]
        return [*said, f"back on a backrest that leans back {recline.number:g} {recline.unit}", hands]
    return [*said, "back free", CHESTS[str(position["trunk"])], hands]


def _cm(setting: Setting) -> str:
    """A length as it was given, or to the centimeter where the body decided it."""
    assert setting.number is not None
    return f"{setting.number:{'g' if setting.given else '.0f'}} {setting.unit}"


def _lean_words(lean: Setting) -> str:
    """``weight 5 cm ahead of the ankles``."""
    if not lean.number:
        return "weight over the ankles"
    return f"weight {abs(lean.number):g} {lean.unit} {'ahead of' if lean.number > 0 else 'behind'} the ankles"


def heel_words(estimate: Estimate, spoken: Mapping[str, str] | None = None) -> str:
    """``heels 36 cm from the buttocks``; arguments as in :func:`place_words`."""
    metres = float(heel_distance(estimate.nominal.body, estimate.position)[0])
    return f"heels {_spoken(metres, (spoken or {}).get('heel_distance'))} from the buttocks"


def prop_words(prop: Prop, spoken: Mapping[str, str] | None = None) -> str:
    """``towel 3 cm under the head``; ``spoken`` as in :func:`place_words`."""
    thickness = _spoken(prop.thickness, (spoken or {}).get(prop.id))
    return f"{prop.id.replace('-', ' ')} {thickness} {where_words(prop.under)}"


def _in_inches(text: str | None) -> bool:
    marks = ("in", "ft", "foot", "feet", "'", '"', "′", "″", "’", "”")
    return bool(text) and any(mark in str(text).lower() for mark in marks)


def _spoken(metres: float, text: str | None) -> str:
    """A length in the person's own unit: inches if they spoke of inches or feet."""
    if _in_inches(text):
        return f"{units.format_number(units.from_si(metres, 'in'), 1).removesuffix('.0')} in"
    return units.format_length(metres) if metres < 0.1 else f"{units.from_si(metres, 'cm'):.0f} cm"


# -- numbers ------------------------------------------------------------------------------------------


def value_text(quantity: Quantity | None, *, brief: bool = False) -> Text:
    """A value, its interval quieter: ``26 (13 to 49) deg``; no interval where it has no width to be seen.

    Args:
        quantity: What to write; nothing for ``None``.
        brief: ``26 (13–49)``, for a narrow column.
    """
    if quantity is None:
        return Text("")
    number, interval = _digits(quantity)
    found = Text(number)
    if interval:
        found.append(f" ({_span(*interval) if brief else ' to '.join(interval)})", style="dim")
    if not brief and quantity.unit != "1":
        found.append(f" {units.display(quantity.unit)}")
    return found


def change_text(change: Change | None) -> Text:
    """A change with its sign, or that nobody can tell its sign."""
    if change is None:
        return Text("")
    if not change.sure:
        return Text("cannot tell", style="dim")
    quantity = change.quantity
    places = places_of(quantity)
    value, low, high = (units.format_number(x, places) for x in (quantity.value, quantity.low, quantity.high))
    found = Text(value if value.startswith("-") or float(value) == 0.0 else f"+{value}", style="bold")
    if low != high:
        found.append(f" ({_span(low, high)})", style="dim")
    return found.append(f" {units.display(quantity.unit)}".rstrip())


def places_of(quantity: Quantity) -> int:
    """Decimals for reading: no more than the range supports, and none that nobody would use."""
    supported = units.decimal_places(quantity.value, quantity.low, quantity.high)
    largest = max(abs(x) for x in (quantity.value, quantity.low, quantity.high))
    useful = 2 if quantity.unit == "1" else 0 if quantity.unit == "deg" or largest >= 10.0 else 1
    return min(supported, useful)


def _digits(quantity: Quantity) -> tuple[str, tuple[str, str] | None]:
    """The value, and the ends of its interval if they can be told apart."""
    places = places_of(quantity)
    value, low, high = (units.format_number(x, places) for x in (quantity.value, quantity.low, quantity.high))
    if low == high:
        return "0" if float(value) == 0.0 else value, None
    return value, (low, high)


def _span(low: str, high: str) -> str:
    """``12–40``, or ``-4 to 7``."""
    return f"{low} to {high}" if low.startswith("-") or high.startswith("-") else f"{low}–{high}"


# -- rows of the table --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line: a title and one name of a quantity for each column, empty for none."""

    title: str
    """In people's words."""
    names: tuple[str, ...]
    """Of quantities, one for each column."""


@dataclass(frozen=True)
class Section:
    """Lines under one heading, with heads above the columns where there are two."""

    title: str
    """Empty where the section goes on under the heading before."""
    heads: tuple[str, ...]
    """Above the columns; empty where there is one."""
    rows: tuple[Row, ...]
    """From top to bottom."""


LEFT_RIGHT = ("left", "right")
TITLES = {
    "lumbar_lordosis": "Lordosis, T12 to S1",
    "pelvic_tilt": "Pelvic tilt, + forward",
    "hip_flexion": "Hip flexion",
    "knee_flexion": "Knee flexion",
    "length": "Length",
    "normalized_fiber_length": "Fiber length, 1 = optimal",
    "passive_force": "Passive force",
    "tension": "Pull, passive and active",
    "activation": "Activation, 1 = most",
    "hip_moment_arm": "Moment arm at the hip",
    "muscle_effort": "Sum of squared activations",
    "neck_moment_without_muscle": "Neck, no muscle modeled",
    "ankle_moment_without_muscle": "Ankles, no muscle modeled",
    "hip_over_knee": "Hip sockets over the knees",
    "pelvis_roll": "Pelvis rolled, + onto the front",
    "thorax_roll": "Chest rolled, + onto the front",
    "lumbar_side_bend": "Side bend of the loin, + hangs",
    "leg_on_leg_force": "Upper leg on the lower",
    "lumbar_gap": "Small of the back",
    "rib_gap": "Lower ribs",
    "thigh_gap": "Thighs",
    "support_force_total": "All together",
    "friction_demand_heel": "Grip the feet need",
    "friction_demand_calf": "Grip the calves need",
    "friction_demand_lower_leg": "Grip the lower leg needs",
    "friction_demand_upper_leg": "Grip the upper leg needs",
    "lateral_stiffness_demand": "Hip stiffness needed",
    "lateral_stiffness_supply": "Hip stiffness there is",
}
"""In people's words, by the name of a quantity without side and muscle."""
STABILITY = ("friction_demand_heel", "friction_demand_calf", "lateral_stiffness_demand", "lateral_stiffness_supply")
"""What bent legs need so that they stay up."""
ON_SIDE = ("pelvis_roll", "thorax_roll", "lumbar_side_bend")
"""How a body lies on its side."""
LEGS = ("friction_demand_lower_leg", "friction_demand_upper_leg")
"""What the legs need on the side so that they stay where they were laid."""
EFFORT = ("muscle_effort", "neck_moment_without_muscle", "ankle_moment_without_muscle")
"""What an upright body does, and what stands in for muscles it does not have."""
REGIONS = (
    "head", "shoulder", "upper_back", "ribs", "side", "waist", "lumbar", "pelvis", "hip", "thigh", "calf", "foot", "arm",
)  # fmt: skip
"""What can carry a body, from head to feet."""
MEASURES = ("length", "normalized_fiber_length", "passive_force", "tension", "activation")
"""What is known of every muscle."""


def sections(names: Iterable[str], *, full: bool = False, legs_straight: bool = False) -> tuple[Section, ...]:
    """How the quantities are laid out.

    Args:
        names: Quantities there are.
        full: Every one of them, instead of few.
        legs_straight: Whether a gap under the thighs tells anything.
    Returns:
        Sections in order; each name stands in one of them at most, with ``full`` in exactly one.
    """
    known = dict.fromkeys(names)
    sided = lambda stem, title="": Row(title or TITLES[stem], (f"{stem}_left", f"{stem}_right"))  # noqa: E731
    one = lambda name, title="": Row(title or TITLES[name], (name,))  # noqa: E731
    made = [
        Section("Posture", (), (one("lumbar_lordosis"), one("pelvic_tilt"), *(one(name) for name in ON_SIDE))),
        Section("", LEFT_RIGHT, (sided("hip_flexion"), sided("knee_flexion"), sided("hip_over_knee"))),
    ]
    if full:
        made[0] = Section("Posture", (), (*made[0].rows, *_each_level(known)))
    for group in GROUPS:
        rows = [Row(TITLES[measure], _pair(f"{group}_{measure}")) for measure in MEASURES]
        if group == "psoas_major":
            rows.append(Row(TITLES["hip_moment_arm"], _pair("psoas_major_hip_moment_arm")))
        if full:
            rows += [
                Row(f"Moment arm at {_joint(joint)}", _pair(f"{group}_{joint}_moment_arm"))
                for joint in reversed(JOINTS.values())
            ]
        made.append(Section(group.replace("_", " ").capitalize(), LEFT_RIGHT, tuple(rows)))
    if full:
        made += _fascicles(known)
    joints = list(reversed(JOINTS.values()))
    made.append(
        Section(
            "Lumbar spine",
            ("compression", "shear, + forward"),
            tuple(
                Row(_joint(joint), (f"compression_{joint}", f"shear_{joint}"))
                for joint in (joints if full else joints[::5])
            ),
        )
    )
    thighs = (sided("thigh_gap"),) if full or legs_straight else ()
    made += [
        Section("Gaps to what is below", (), (one("lumbar_gap"),)),
        Section("", LEFT_RIGHT, (sided("rib_gap"), *thighs)),
    ]
    single = [f"support_force_{region}" for region in REGIONS if f"support_force_{region}" in known]
    paired = [f"support_force_{region}" for region in REGIONS if f"support_force_{region}_left" in known]
    made += [
        Section("What carries the body", (), tuple(one(n, _region(n)) for n in single)),
        Section("", LEFT_RIGHT, tuple(sided(stem, _region(stem)) for stem in paired)),
        Section("", (), (one("support_force_total"), one("leg_on_leg_force"))),
        Section(
            "Stability",
            LEFT_RIGHT,
            tuple(sided(s) for s in STABILITY),
        ),
        Section("Stability", (), tuple(one(name) for name in LEGS)),
        Section("Effort", (), tuple(one(name) for name in EFFORT)),
    ]
    made = _headed(_only(section, known) for section in made)
    if full:
        placed = {name for section in made for row in section.rows for name in row.names}
        rest = tuple(Row(name.replace("_", " "), (name,)) for name in known if name not in placed)
        made.append(Section("More", (), rest))
    return tuple(section for section in made if section.rows)


def _headed(made: Iterable[Section]) -> list[Section]:
    """Sections, each heading above the first one under it that has rows, so that none goes on under a stranger's heading."""
    found: list[Section] = []
    title = ""
    for section in made:
        title = section.title or title
        if section.rows:
            found.append(replace(section, title=title))
            title = ""
    return found


def _only(section: Section, known: Mapping[str, None]) -> Section:
    """A section without the rows that this answer does not have."""
    rows = []
    for row in section.rows:
        names = tuple(name if name in known else "" for name in row.names)
        if any(names):
            rows.append(Row(row.title, names))
    return Section(section.title, section.heads, tuple(rows))


def _each_level(known: Mapping[str, None]) -> list[Row]:
    found = [f"segment_angle_{joint}" for joint in reversed(JOINTS.values())]
    return [Row(_joint(n.removeprefix("segment_angle_")), (n,)) for n in found if n in known]


def _fascicles(known: Mapping[str, None]) -> list[Section]:
    """One section for each measure of the single lines of each muscle."""
    made = []
    for group in GROUPS:
        for measure in MEASURES:
            end = f"_{measure}_left"
            stems = [
                n.removesuffix(end)
                for n in known
                if n.startswith(f"{group}_") and n.endswith(end) and n != f"{group}{end}"
            ]
            # "length" also ends "normalized_fiber_length".
            stems = [s for s in stems if not s.endswith("_normalized_fiber")]
            rows = tuple(Row(_line(stem.removeprefix(f"{group}_")), _pair(f"{stem}_{measure}")) for stem in stems)
            title = f"{group.replace('_', ' ').capitalize()}: {TITLES[measure].split(',')[0].lower()}"
            made.append(Section(title, LEFT_RIGHT, rows))
    return made


def _line(name: str) -> str:
    """A muscle line's name in words: ``L1_TP`` is ``L1 transverse process``."""
    for short, words in (("_IVD", " disc"), ("_TP", " transverse process"), ("_VB", " body")):
        if name.endswith(short):
            return name.removesuffix(short).replace("_", "-") + words
    return f"line {name}"


def _pair(stem: str) -> tuple[str, str]:
    return f"{stem}_left", f"{stem}_right"


def _joint(joint: str) -> str:
    return joint.replace("_", "-")


def _region(name: str) -> str:
    words = name.removeprefix("support_force_").replace("_", " ").capitalize()
    return {"Lumbar": "Small of the back", "Ribs": "Lower ribs", "Side": "Side of the chest"}.get(words, words)


# -- the table of one answer --------------------------------------------------------------------------


def rest_report(
    estimate: Estimate, members: int = MEMBERS, *, full: bool = False, spoken: Mapping[str, str] | None = None
) -> RenderableType:
    """One answer for a terminal.

    Args:
        estimate: An answer that came to rest.
        members: Bodies that were asked for.
        full: Every quantity instead of few.
        spoken: See :func:`place_words`.
    Returns:
        Something Rich prints.
    """
    quantities = estimate.quantities
    laid_out = sections(
        quantities if full else _bearing(quantities), full=full, legs_straight=estimate.position.legs == "straight"
    )
    grid = Table.grid(padding=(0, 2), expand=False)
    for _ in range(3):
        grid.add_column()
    for number, section in enumerate(laid_out):
        if section.title and number:
            grid.add_row()
        heads = [Text(head, style="dim") for head in section.heads]
        # One red thing.
        style = "bold red" if section.title.startswith("Psoas major") else "bold"
        if section.title or heads:
            grid.add_row(Text(section.title, style=style), *heads)
        for row in section.rows:
            grid.add_row(f"  {row.title}", *(value_text(quantities.get(name)) for name in row.names))
    notes = [*_interval_words(estimate, members), UPRIGHT_LEAVES_OUT if estimate.position.upright else LEAVES_OUT]
    if full:
        notes.append(SIGNS)
    if any(name.startswith("lateral_stiffness_supply") for name in quantities):
        notes.append(ASSUMED_TONE)
    if estimate.message != "At rest.":
        notes.append(estimate.message)
    return Group(
        "",
        _heading(estimate.position.title, person_words(estimate.person), place_words(estimate, spoken)),
        "",
        inset(grid),
        *_said("Worth knowing", [_sentence(w) for w in estimate.warnings]),
        *_said("Other ways it could rest", [alternative_words(a) for a in estimate.alternatives]),
        "",
        quiet(" ".join(notes)),
        "",
    )


COURSE = (
    "lumbar_lordosis", "pelvic_tilt", "hip_flexion", "psoas_major_passive_force", "iliacus_passive_force",
    "compression_L5_S1", "lumbar_gap", "rib_gap", "thigh_gap",
)  # fmt: skip
"""What is followed in a table, without sides."""


def course_report(course: TimeCourse, answer: Estimate) -> RenderableType:
    """A rest over minutes for a terminal: medians, and under them their ranges.

    Args:
        course: One that kept resting.
        answer: What it followed.
    Returns:
        Something Rich prints.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column("minutes")
    for moment in course.shown:
        table.add_column(f"{units.from_si(float(course.times[moment]), 'min'):.3g}", justify="right")
    if course.changes:
        table.add_column("change", justify="right")
    for label, name in _followed(course, answer):
        band = course.quantities[name]
        cells = [_stacked(band.at(moment)) for moment in course.shown]
        if course.changes:
            cells.append(_stacked(course.changes[name].quantity, course.changes[name].sure))
        table.add_row(f"{label}, {units.display(band.unit)}", *cells)
    last = units.from_si(float(course.times[-1]), "min")
    tone = (
        f"Resting tone is assumed to fall by {100 * course.tone_fall:g} %."
        if course.tone_fall
        else "Resting tone is assumed to stay: nothing that was read says that it falls."
    )
    ranges = (
        f"Medians, and under them the 5th to 95th percentile of {course.members} of these bodies; the change is counted body"
        " by body, and ? means that fewer than nine in ten agree on more or less."
        if course.members
        else "No ranges were asked for: one body stands for all with these measurements."
    )
    notes = (
        f"{ESTIMATE} It follows tissue that gives way while it is held, and says nothing about what will be felt. {ranges}"
        " How fast muscle gives way is fitted by others to one excised neck muscle, how much discs do is fitted here to"
        f" bending fully forward. {tone} Should the published tissue laws stand for tissue that has already given way,"
        " the last column is close to the start."
    )
    return Group(
        inset(Text(f"Over {last:.3g} minutes", style="bold")),
        "",
        inset(table),
        *_said("Worth knowing", [_sentence(w) for w in course.warnings]),
        "",
        quiet(notes),
        "",
    )


def _followed(course: TimeCourse, answer: Estimate) -> list[tuple[str, str]]:
    """Title and name of each row of :func:`course_report`."""
    rows = []
    for stem in COURSE:
        if stem == "thigh_gap" and answer.position.legs != "straight":
            continue
        if not any(name in course.quantities for name in (stem, f"{stem}_left")):
            continue
        title = COMPARED_TITLES.get(stem) or TITLES[stem].split(",")[0]
        if stem in course.quantities:
            rows.append((title, stem))
        elif _alike(answer):
            rows.append((title, f"{stem}_left"))
        else:
            rows += [(f"{title}, {side}", f"{stem}_{side}") for side in LEFT_RIGHT]
    return rows


def _stacked(quantity: Quantity, sure: bool = True) -> Text:
    """A value and, on the next line and quieter, its range; no value where nobody can tell its sign."""
    number, interval = _digits(quantity)
    found = Text(number) if sure else Text("?", style="dim")
    return found.append(f"\n{_span(*interval)}" if interval else "", style="dim")


def inset(what: RenderableType, left: int = 2) -> RenderableType:
    """Set in from the edges, without blanks to the right."""
    return Padding(what, (0, 2 if isinstance(what, Text) else 0, 0, left), expand=False)


def _bearing(quantities: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """The quantities without places that carry nothing in any body."""
    busy = {
        name.removesuffix("_left").removesuffix("_right")
        for name, quantity in quantities.items()
        if name.startswith("support_force_") and quantity.high > 0.0
    }
    return {
        name: quantity
        for name, quantity in quantities.items()
        if not name.startswith("support_force_") or name.removesuffix("_left").removesuffix("_right") in busy
    }


def _heading(title: str, *lines: str) -> RenderableType:
    return inset(Group(Text(title, style="bold"), *(Text(line, style="dim") for line in lines)))


def quiet(text: str) -> RenderableType:
    """A note below a table."""
    return inset(Text(text, style="dim"))


def _said(title: str, sentences: Sequence[str]) -> list[RenderableType]:
    if not sentences:
        return []
    listed = Table.grid(padding=(0, 1))
    listed.add_column(width=1)
    listed.add_column()
    for sentence in sentences:
        listed.add_row("-", sentence)
    return ["", inset(Text(title, style="bold")), inset(listed, 4)]


def _interval_words(estimate: Estimate, members: int) -> list[str]:
    if not members:
        return [ESTIMATE, "No ranges were asked for: one body stands for all with these measurements."]
    count, usual = len(estimate.members), UPRIGHT_MEMBERS if estimate.position.upright else MEMBERS
    few = f" ({usual} are usual)" if members < usual else ""
    return [
        ESTIMATE,
        f"Values are the median, ranges the {LOW:.0f}th to {HIGH:.0f}th percentile of {count} bodies with these"
        f" measurements{few}.",
    ]


def alternative_words(other: Alternative) -> str:
    """Another resting place in a sentence: what is different there."""
    title = _sentence(other.title).removesuffix(".")
    return f"{title}: {_difference_words(other.differs)}." if other.differs else f"{title}."


NOTICED = {"deg": 0.5, "mm": 0.5, "N": 0.5}
"""Differences below these are not worth a word."""


def _difference_words(differs: Mapping[str, tuple[float, str]]) -> str:
    stems: dict[str, dict[str, tuple[float, str]]] = {}
    for name, found in differs.items():
        stem, _, side = name.rpartition("_")
        both = side in LEFT_RIGHT
        stems.setdefault(stem if both else name, {})[side if both else ""] = found
    said = []
    for stem, sides in stems.items():
        noticed = {s: (v, u) for s, (v, u) in sides.items() if abs(v) >= NOTICED.get(u, 0.0)}
        texts = {s: f"{v:+.0f} {u}" if abs(v) >= 9.5 else f"{v:+.1f} {u}" for s, (v, u) in noticed.items()}
        name = plain_name(stem)
        if len(noticed) == len(sides) and len(set(texts.values())) == 1:
            said.append(f"{name} {next(iter(texts.values()))}")
        else:
            said += [f"{s} {name} {text}".strip() for s, text in texts.items()]
    return ", ".join(said) or "much the same"


def plain_name(name: str) -> str:
    """The name of a quantity in a sentence."""
    return {
        "lumbar_gap": "gap under the small of the back",
        "psoas_major_passive_force": "pull of psoas major",
    }.get(name, name.replace("_", " "))


def _sentence(text: str) -> str:
    ended = text if text.endswith((".", "?")) else f"{text}."
    return ended[:1].upper() + ended[1:]


# -- positions side by side ---------------------------------------------------------------------------


COMPARED = (
    "lumbar_lordosis", "pelvic_tilt", "hip_flexion", "knee_flexion", "psoas_major_length",
    "psoas_major_normalized_fiber_length", "psoas_major_passive_force", "psoas_major_hip_moment_arm",
    "iliacus_normalized_fiber_length", "iliacus_passive_force", "psoas_minor_normalized_fiber_length",
    "psoas_minor_passive_force", "compression_T12_L1", "compression_L5_S1", "shear_T12_L1", "shear_L5_S1",
    "lumbar_gap", "rib_gap", "support_force_pelvis", "support_force_lumbar",
)  # fmt: skip
"""What two positions are compared by, without sides."""
HEADLINES = {
    "lumbar_lordosis": "lordosis",
    "psoas_major_normalized_fiber_length": "fiber length of psoas major",
    "psoas_major_passive_force": "pull of psoas major",
    "compression_L5_S1": "compression at L5-S1",
    "lumbar_gap": "gap under the small of the back",
}
"""What is said first."""
COMPARED_TITLES = {
    "lumbar_lordosis": "Lordosis T12-S1",
    "psoas_major_length": "Psoas length",
    "psoas_major_normalized_fiber_length": "Psoas fibers",
    "psoas_major_passive_force": "Psoas pull",
    "psoas_major_hip_moment_arm": "Psoas moment arm",
    "iliacus_normalized_fiber_length": "Iliacus fibers",
    "iliacus_passive_force": "Iliacus pull",
    "psoas_minor_normalized_fiber_length": "Psoas minor fiber",
    "psoas_minor_passive_force": "Psoas minor pull",
    "compression_T12_L1": "Compression T12-L1",
    "compression_L5_S1": "Compression L5-S1",
    "shear_T12_L1": "Shear T12-L1",
    "shear_L5_S1": "Shear L5-S1",
    "lumbar_gap": "Small of back, gap",
    "rib_gap": "Lower ribs, gap",
    "support_force_pelvis": "Pelvis bears",
    "support_force_lumbar": "Low back bears",
}


def compare_report(
    answers: Mapping[str, Estimate],
    changes: Mapping[str, Mapping[str, Change]],
    members: int = MEMBERS,
    *,
    spoken: Mapping[str, str] | None = None,
) -> RenderableType:
    """Positions beside lying straight, for a terminal.

    Args:
        answers: By position id, lying straight first; all came to rest.
        changes: From lying straight, by position id.
        members: Bodies that were asked for.
        spoken: See :func:`place_words`.
    Returns:
        Something Rich prints.
    """
    straight = answers[BASELINE]
    parts: list[RenderableType] = [
        "",
        _heading(f"From {straight.position.title.lower()}", person_words(straight.person)),
    ]
    parts += [quiet(f"{a.position.title}: {place_words(a, spoken)}") for a in answers.values()]
    for id, answer in answers.items():
        if id == BASELINE:
            continue
        found = changes[id]
        parts += [
            "",
            inset(Text(_headline(answer, found))),
            "",
            _side_by_side(straight, answer, found),
        ]
    warnings = dict.fromkeys(w for a in answers.values() for w in a.warnings)
    count = min(len(a.members) for a in answers.values())
    few = f" ({MEMBERS} are usual)" if members < MEMBERS else ""
    note = (
        f"{ESTIMATE} The change is counted body by body: each of {count} bodies with these measurements{few} lies in"
        f" both positions; values are the median, ranges the {LOW:.0f}th to {HIGH:.0f}th percentile. Where fewer than"
        f" nine in ten agree on more or less, nobody can tell. {LEAVES_OUT}"
    )
    return Group(*parts, *_said("Worth knowing", [_sentence(w) for w in warnings]), "", quiet(note), "")


def _headline(answer: Estimate, changes: Mapping[str, Change]) -> str:
    """The main changes in a few sentences."""
    more, unsure = [], []
    for stem, words in HEADLINES.items():
        names = {words: stem}
        if stem not in changes:
            sides = ("left",) if _alike(answer) else LEFT_RIGHT
            names = {(f"{side} {words}" if len(sides) > 1 else words): f"{stem}_{side}" for side in sides}
        for said, name in names.items():
            change = changes.get(name)
            if change is None:
                continue
            if not change.sure:
                unsure.append(said)
                continue
            quantity = change.quantity
            ends = sorted(abs(x) for x in (quantity.low, quantity.high))
            places = places_of(quantity)
            value, low, high = (units.format_number(abs(x), places) for x in (quantity.value, *ends))
            unit = f" {units.display(quantity.unit)}".rstrip()
            more.append(f"{said} {value}{unit} {'more' if quantity.value > 0 else 'less'} ({low} to {high})")
    told = []
    if more:
        told.append(f"In {answer.position.title.lower()}: {'; '.join(more)}.")
    if unsure:
        told.append(f"Cannot tell whether more or less: {'; '.join(unsure)}.")
    return " ".join(told)


def _side_by_side(straight: Estimate, answer: Estimate, changes: Mapping[str, Change]) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column("")
    table.add_column(straight.position.title.lower(), max_width=16)
    table.add_column(answer.position.title.lower(), max_width=16)
    table.add_column("change")
    same = _alike(answer)
    for stem in COMPARED:
        # On the side other parts carry: the pelvis lies on what counts as hip and thigh there.
        if stem.startswith("support_force") and answer.position.on_side:
            continue
        title = COMPARED_TITLES.get(stem) or TITLES[stem].split(",")[0]
        if stem in answer.quantities:
            names = {title: stem}
        elif same:
            names = {title: f"{stem}_left"}
        else:
            names = {f"{title}, {side}": f"{stem}_{side}" for side in LEFT_RIGHT}
        for label, name in names.items():
            if name in answer.quantities and name in straight.quantities:
                table.add_row(
                    label,
                    value_text(straight.quantities[name], brief=True),
                    value_text(answer.quantities[name], brief=True),
                    change_text(changes.get(name)),
                )
    return inset(table)


# -- what there is ------------------------------------------------------------------------------------


def positions_report(known: Iterable[Position]) -> RenderableType:
    """Positions, their parameters and what the sources say of them, for a terminal."""
    parts: list[RenderableType] = [""]
    for position in known:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column()
        for parameter in position.parameters.values():
            table.add_row(_option(position, parameter), _parameter_words(parameter))
        if position.sources:
            table.add_row()
            table.add_row(Text("seed", style="dim"), Text("what it says, in our words", style="dim"))
        for saying in position.sources:
            table.add_row(saying.seed, _saying_words(saying))
        parts += [
            inset(Text(position.id, style="bold").append(f"  {position.title}", style="not bold")),
            inset(Text(position.summary + UPRIGHT.get(position.legs, ""), style="dim"), 4),
            "",
            inset(table, 4),
            "",
        ]
    return Group(*parts)


UPRIGHT = {
    "standing": " For psoas stand.",
    "chair": " For psoas sit; psoas set-up --position sitting takes the height alone.",
}
"""Which commands take a position that nobody lies in, by where its legs are."""


def _option(position: Position, parameter: Parameter) -> str:
    own = set() if position.upright else {"heel_distance", "foot_width", "arms"}
    return f"--{parameter.name.replace('_', '-')}" if parameter.name in own else f"--set {parameter.name}="


def _parameter_words(parameter: Parameter) -> str:
    if parameter.choices:
        taken = f"{either(parameter.choices)}; {parameter.default} if not given"
    else:
        low, high = (units.from_si(x, parameter.unit) for x in (parameter.low, parameter.high))
        taken = f"{low:g} to {high:g} {parameter.unit}"
        if isinstance(parameter.default, int | float):
            taken += f"; {units.from_si(float(parameter.default), parameter.unit):g} if not given"
    note = f"; {parameter.note}" if parameter.note else ""
    return f"{parameter.title}: {taken}{note}"


def _saying_words(saying: Saying) -> Text:
    found = Text(saying.says)
    if saying.low is not None and saying.high is not None:
        low, high = (f"{units.from_si(x, 'cm'):.0f}" for x in (saying.low, saying.high))
        found.append(f" ({low if low == high else f'{low} to {high}'} cm)", style="dim")
    return found


def props_report(known: Iterable[Prop]) -> RenderableType:
    """Props and how thick they may be, for a terminal."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for head in ("prop", "usual", "from", "to", "under the"):
        table.add_column(head, justify="left" if head in ("prop", "under the") else "right", no_wrap=True)
    table.add_column("what it is (seed: what it says, in our words)")
    for prop in known:
        sizes = (f"{units.from_si(x, 'cm'):g} cm" for x in (prop.thickness, prop.low, prop.high))
        table.add_row(Text(prop.id, style="bold"), *sizes, prop.under, prop.title)
    note = (
        "Thickness as folded, before anyone lies on it: --prop towel=3, or --prop towel=3@shoulders for another place"
        " (head, shoulders, between-knees);"
        " several under one place lie on each other, the first lowest. How far each gives way is assumed; nobody seems"
        " to have measured it."
    )
    return Group("", inset(table), "", quiet(note), "")


# -- the evidence -------------------------------------------------------------------------------------


def claim_json(claim: Claim) -> dict[str, Any]:
    """A claim with everything behind it."""
    return {
        **{name: getattr(claim, name) for name in ("feature", "id", "title", "statement", "kind", "form", "grade", "reason")},
        **{name: getattr(claim, name) for name in ("short", "known", "unknown", "ask", "looked", "related")},
        "views": [
            {"holds": view.holds, "stance": view.stance, "said": [said.words for said in view.said]}
            for view in claim.views
        ],
        "papers": [
            {name: getattr(paper, name) for name in ("key", "authors", "year", "title", "journal", "doi", "read", "found")}
            for paper in claim.papers
        ],
        "runs": [
            {
                "id": run.id, "says": run.says, "verdict": run.verdict,
                "results": [
                    {
                        "what": one.what, **(amount(one.quantity.value, one.quantity.unit, si=False) or {}),
                        "low": one.quantity.low, "high": one.quantity.high, "verdict": one.verdict,
                        "members": one.members, "rivals": one.rivals,
                    }
                    for one in run.results
                ],
            }
            for run in claim.runs
        ],
    }  # fmt: skip


def shelf_report(found: Sequence[Claim], unheld: Sequence[str] = ()) -> RenderableType:
    """Claims in a list, for a terminal.

    Args:
        found: The claims.
        unheld: Words that were looked for and that no claim holds, to be named where nothing was found.
    Returns:
        Something Rich prints.
    """
    if not found and unheld:
        return Group("", quiet(f"Nothing holds {', '.join(unheld)}; another word may find more."), "")
    if not found:
        return Group("", quiet("Nothing holds all of these words; fewer words find more."), "")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for one in found:
        table.add_row(Text(str(one.feature), style="bold"), Text(one.grade, style="dim"), one.title)
    note = (
        f"psoas evidence {found[0].feature} shows {'one of them' if len(found) > 1 else 'it'} whole. A grade is of one sentence,"
        " and never goes above what was read."
    )
    return Group("", inset(table), "", quiet(note), "")


READ_WORDS = {
    "full text": "read in full", "part": "read in part", "table": "a table was read", "abstract": "the abstract was read",
    "secondary": "read about in another text", "title": "known of, not read",
}  # fmt: skip
"""How much of a paper was read, in words."""


def claim_report(claim: Claim) -> RenderableType:
    """One claim whole, for a terminal."""
    shorts = {paper.key: paper.short for paper in claim.papers}
    plain = lambda text: CITED.sub(lambda found: f"({shorts[found[1]]})", text)  # noqa: E731
    parts: list[RenderableType] = [
        "",
        _heading(f"{claim.feature}  {claim.title}", f"{claim.form}; {claim.kind}: {KINDS[claim.kind]}"),
        "",
        inset(Text(claim.statement)),
        inset(
            Text(f"{claim.grade[:1].upper()}{claim.grade[1:]}. ", style="bold").append(
                plain(claim.reason), style="not bold"
            )
        ),
    ]
    parts += _said("In short", [claim.short] if claim.short else [])
    parts += _said("What is known", [plain(text) for text in claim.known])
    parts += _said("What nobody knows yet", [plain(claim.unknown)] if claim.unknown else [])
    parts += _said(
        "Who says what",
        [
            f"{view.holds} ({STANCES[view.stance]}: {'; '.join(said.words for said in view.said)})"
            for view in claim.views
        ],
    )
    for run in claim.runs:
        table = Table.grid(padding=(0, 2))
        table.add_column()
        table.add_column(no_wrap=True)
        table.add_column(justify="right")
        table.add_row("", *(Text(head, style="dim") for head in ("middle (nine in ten)", "bodies")))
        for result in run.results:
            rivals = f"; turned by {', '.join(result.rivals[:2])}" if result.rivals else ""
            verdict = Text(f"{result.verdict}{rivals}", style="dim")
            table.add_row(result.what, result.quantity.format(), Text(str(result.members), style="dim"), verdict)
        parts += ["", inset(Text(f"What the model finds: {run.says}", style="bold")), inset(table, 4)]
    parts += _said(
        "What was read",
        [_paper_words(paper) for paper in claim.papers] + [f"Looked for: {_in_a_sentence(claim.looked)}"],
    )
    parts += _said("What a professional can be asked", [claim.ask] if claim.ask else [])
    if claim.runs:
        whose = (
            f"{ESTIMATE} A computer body with the measures of {studied()} is tried with small changes, as many times as"
            " stands under bodies; each number is the middle of them, and the range of nine in ten."
        )
        parts += ["", quiet(whose), quiet(f"{HOW_TO_READ} Turned by: with that anatomy the middle has the other sign.")]
    return Group(*parts, "")


def _paper_words(paper: Paper) -> str:
    """A paper in a line: ``Wilke 1999, Spine 24:755-762 (the abstract was read): ...``."""
    told = " ".join(text for text in (paper.found, paper.limits) if text)
    return f"{paper.short}, {paper.journal} ({READ_WORDS[paper.read]}): {told}"


def _in_a_sentence(text: str) -> str:
    """With a small letter first, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# -- words on the picture -----------------------------------------------------------------------------


def picture_labels(estimate: Estimate, spoken: Mapping[str, str] | None = None) -> dict[str, str]:
    """What is written on the plate, by the keys of ``drawing.LABELS``.

    Args:
        estimate: An answer that came to rest.
        spoken: See :func:`place_words`.
    Returns:
        Labels with numbers and their ranges.
    """
    quantities = estimate.quantities
    person = estimate.person
    lain_on = f", on the {estimate.position['side']} side" if estimate.position.on_side else ""
    labels = {
        "title": estimate.position.title,
        "subtitle": f"{_size(person, (spoken or {}).get('stature'))} · on the"
        f" {estimate.position.surface}{lain_on} · a model's estimate, not a measurement",
        "psoas_words": stretch_words([quantities[n] for n in _pair("psoas_major_normalized_fiber_length")]),
        "psoas_major": _both_sides(quantities, "psoas_major", _alike(estimate)),
    }
    if "lumbar_gap" in quantities:
        labels["lumbar_gap"] = brief(quantities["lumbar_gap"])
    if estimate.position.feet_held:
        labels["heels"] = heel_words(estimate, spoken)
    for prop in estimate.props:
        key = f"under_{prop.under}"
        said = f"{prop.id.replace('-', ' ')} {_spoken(prop.thickness, (spoken or {}).get(prop.id))}"
        labels[key] = f"{labels[key]}, {said}" if key in labels else said
    return labels


def upright_labels(estimate: Estimate) -> dict[str, str]:
    """What is written on the plate of an upright body, as :func:`psoas.upright.picture.draw` takes it."""
    quantities = estimate.quantities
    sides = LEFT_RIGHT[:1] if _alike(estimate) else LEFT_RIGHT
    lines = [stretch_words([quantities[n] for n in _pair("psoas_major_normalized_fiber_length")])]
    for side in sides:
        lead = "" if len(sides) == 1 else f"{side}: "
        lines.append(f"{lead}{brief(quantities[f'psoas_major_length_{side}'])} long")
        lines.append(f"{lead}pull {brief(quantities[f'psoas_major_tension_{side}'])}")
    lines.append(f"lordosis {brief(quantities['lumbar_lordosis'])}")
    lines.append(f"L4-L5 pressed by {brief(quantities['compression_L4_L5'])}")
    return {
        "title": estimate.position.title,
        "subtitle": f"{_size(estimate.person, None)} · a model's estimate, not a measurement",
        "psoas_major": "\n".join(lines),
    }


def _size(person: Person, text: str | None) -> str:
    """``172 cm, 68 kg``, or ``5 ft 8 in, 150 lb`` for whoever spoke of inches."""
    if not _in_inches(text):
        return f"{units.format_length(person.stature)}, {units.format_mass(person.mass)}"
    feet, inches = divmod(round(units.from_si(person.stature, "in")), 12)
    return f"{feet} ft {inches} in, {units.from_si(person.mass, 'lb'):.0f} lb"


def stretch_words(sides: Sequence[Quantity]) -> str:
    """Fibers in words, as far as their range lets anyone say."""
    low, high = min(q.low for q in sides), max(q.high for q in sides)
    if high < 1.0:
        return "shorter than its easy length"
    if low > 1.0:
        return "longer than its easy length"
    return "around its easy length"


def _both_sides(quantities: Mapping[str, Quantity], muscle: str, same: bool) -> str:
    said = []
    for side in LEFT_RIGHT:
        stretch, force = (quantities[f"{muscle}_{m}_{side}"] for m in ("normalized_fiber_length", "passive_force"))
        said.append(f"{brief(stretch)} of it, pull {brief(force)}")
    return said[0] if same else "; ".join(f"{side} {text}" for side, text in zip(LEFT_RIGHT, said, strict=True))


def brief(quantity: Quantity) -> str:
    """A number as it stands on a picture: ``26 mm (12–40)``."""
    value, interval = _digits(quantity)
    unit = f" {units.display(quantity.unit)}".rstrip()
    return f"{value}{unit}" + (f" ({_span(*interval)})" if interval else "")
