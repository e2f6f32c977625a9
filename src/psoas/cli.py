"""The ``psoas`` command: parse, call, print.

Exit codes: 0 an answer, 2 something typed cannot be used (one sentence on stderr), 3 no resting place was found.
Whatever is heavy is imported inside a command, so that ``--help`` is quick.
"""

import dataclasses
import inspect
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NoReturn

import typer

from psoas import __version__
from psoas.errors import InputError, NoRestError, PsoasError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from psoas.equilibrium import Equilibrium
    from psoas.evaluation import Evaluation
    from psoas.evidence import Claim
    from psoas.noticing import Seen
    from psoas.person import Person
    from psoas.position import Position
    from psoas.props import Prop
    from psoas.time_course import TimeCourse
    from psoas.uncertainty import Estimate
    from psoas.weights import Weight

NOT_CONVERGED = 3
"""Exit code where no resting place was found."""
USUAL_POSITION = "constructive-rest"
USUAL_MEMBERS = 96
"""Bodies in the ensemble, ``uncertainty.MEMBERS``, which would take long to import for a help page."""
UPRIGHT_MEMBERS = 32
"""Bodies in the ensemble of someone who stands or sits, ``upright.answer.MEMBERS``, likewise."""
SEARCH_MEMBERS = 32
"""Bodies in a search, ``advice.search.MEMBERS``, likewise."""
MOST_MEMBERS = 1000
COMPARED = "supine,constructive-rest"
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
"""What is meant as a claim's number, even where no claim has it."""
PORT = 8766
"""Where the practice listens, ``app.server.PORT``, which would take long to import for a help page."""
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""What keeps a library of small matrices from waiting in several threads, which on a busy machine takes several times as long."""
PNG_WIDTH = 1800
"""Of a picture in pixels [px]."""

# What typer raises when a command line cannot be parsed; its home has moved between versions, its child has not.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="psoas",
    help="One person lies down, and their psoas is computed and drawn.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command line and exit.

    Args:
        arguments: Words after ``psoas``; those of this process where not given.
    Raises:
        SystemExit: Always, with one of the exit codes above.
    """
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")  # before numpy is loaded, here and in every process of the app
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without umlauts or dots still gets its table
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(words, prog_name="psoas", standalone_mode=False)
    except UsageError as problem:
        _complain(_usage(problem, words))
        code = 2
    except PsoasError as problem:
        _complain(str(problem))
        code = NOT_CONVERGED if isinstance(problem, NoRestError) else 2
    sys.exit(code or 0)


def _usage(problem: Any, words: Sequence[str]) -> str:
    """What is wrong with a command line, and where it says what would be right."""
    known = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    command = " ".join(["psoas", *(word for word in words[:1] if word in known)])
    return f"{problem.format_message().rstrip('.')}; {command} --help lists what there is"


def _complain(message: str) -> None:
    """One sentence on one line of stderr."""
    text = " ".join(message.split())
    typer.echo(text if text.endswith((".", "?")) else f"{text}.", err=True)


# -- options that commands share ----------------------------------------------------------------------

PERSON, PLACE, OUTPUT = "Person (over what the file says)", "Position", "What comes out"


def _option(help: str, *names: str, panel: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, metavar=metavar, show_default=False)


_who = partial(_option, panel=PERSON)
_how = partial(_option, panel=PLACE)
_what = partial(_option, panel=OUTPUT)


def _inches(typed: Iterable[str]) -> bool:
    """Whether any of these lengths was given in inches."""
    return any("in" in text.lower() or '"' in text for text in typed)


def _bodies(usual: int) -> Any:
    """The option for how many bodies stand behind each range."""
    return _what(f"Bodies behind each range; {usual} if not given, 0 for values without ranges.", metavar="N")


@dataclasses.dataclass(frozen=True)
class Who:
    """A person, as typed: text in the units that each option's help names."""

    file: Annotated[
        str | None, typer.Argument(help="A person's file, such as examples/person.toml.", show_default=False)
    ] = None
    sex: Annotated[str | None, _who("Whose published proportions: female or male.", metavar="SEX")] = None
    stature: Annotated[str | None, _who("Standing height: 172, 1.72m or 5ft8in.", metavar="CM")] = None
    mass: Annotated[str | None, _who("68, or 150lb.", metavar="KG")] = None
    age: Annotated[str | None, _who("In years.", metavar="YEARS")] = None
    waist: Annotated[str | None, _who("Girth around the navel.", metavar="CM")] = None
    hip: Annotated[str | None, _who("Girth around the widest part of the buttocks.", metavar="CM")] = None
    thigh: Annotated[str | None, _who("Girth just below the fold of the buttock.", metavar="CM")] = None
    calf: Annotated[str | None, _who("Girth at the widest part.", metavar="CM")] = None
    psoas_minor: Annotated[
        bool | None, _who("Whether there is one; about one person in three has it.", "--psoas-minor/--no-psoas-minor")
    ] = None
    shortening: Annotated[
        str | None, _who("Hip flexors shortened on both sides: 0 is none, 0.2 or 20% a fifth.", metavar="FRACTION")
    ] = None
    left_shortening: Annotated[str | None, _who("On the left alone.", metavar="FRACTION")] = None
    right_shortening: Annotated[str | None, _who("On the right alone.", metavar="FRACTION")] = None
    left_leg: Annotated[str | None, _who("Left leg, front of the pelvis to inner ankle bone, lying.", metavar="CM")] = (
        None
    )
    right_leg: Annotated[str | None, _who("Right leg, the same.", metavar="CM")] = None
    tone: Annotated[
        str | None, _who("Resting activity of psoas and iliacus, a fraction of most.", metavar="FRACTION")
    ] = None

    def person(self) -> "Person":
        """The person of the file and the options, in SI.

        Raises:
            InputError: The file or an option cannot be used, or sex, stature or mass is missing.
        """
        from psoas import person_file

        typed: dict[str, Any] = {
            name: getattr(self, name) for name in person_file.READERS if getattr(self, name) is not None
        }
        given = person_file.checked(typed)
        found = person_file.read_fields(self.file) if self.file is not None else {}
        found |= given
        for side in ("left", "right"):
            own = getattr(self, f"{side}_shortening")
            limb = {
                "hip_flexor_shortening": self.shortening if own is None else own,
                "leg_length": getattr(self, f"{side}_leg"),
            }
            limb = {name: value for name, value in limb.items() if value is not None}
            if limb:
                found[side] = {**found.get(side, {}), **person_file.checked({side: limb})[side]}
                given |= {f"{side} {name}": value for name, value in limb.items()}
        missing = [name for name in person_file.NEEDED if name not in found]
        if missing and self.file is None:
            raise InputError(
                f"{_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing; give a person's file, or --sex female"
                " --stature 172 --mass 68"
            )
        return person_file.make_person(found, self.file, given)


@dataclasses.dataclass(frozen=True)
class Where:
    """How and on what they lie, as typed: text in the units that each option's help names."""

    heel_distance: Annotated[str | None, _how("Buttocks to the back of the heels: 35, or 14in.", metavar="CM")] = None
    foot_width: Annotated[str | None, _how("Between the midlines of the feet.", metavar="CM")] = None
    arms: Annotated[
        str | None, _how("Where the arms rest: sides, belly or ribs; on the side front or hip.", metavar="PLACE")
    ] = None
    set: Annotated[
        list[str] | None, _how("Anything else of the position, as psoas positions lists it.", metavar="NAME=VALUE")
    ] = None
    surface: Annotated[str | None, _how("floor, mat or mattress.", metavar="SURFACE")] = None
    prop: Annotated[
        list[str] | None,
        _how(
            "What lies under them, as psoas props lists it, such as towel=3 or cushion=8@shoulders; again for more.",
            metavar="ID=CM@PLACE",
        ),
    ] = None

    weight: Annotated[
        list[str] | None,
        _how(
            "What lies on them: heart, belly, pelvis, thighs or ankles, such as pelvis=3; again for more.",
            metavar="PLACE=KG",
        ),
    ] = None

    @property
    def spoken(self) -> dict[str, str]:
        """Lengths in the person's own words, to be echoed in their unit."""
        said = {"heel_distance": self.heel_distance or ""}
        for text in self.prop or ():
            id, _, thickness = text.partition("@")[0].partition("=")
            said[id] = thickness
        return {name: text for name, text in said.items() if text}

    def weights(self) -> "list[Weight]":
        """What lies on them, in SI.

        Raises:
            InputError: No such place, or more than may lie there.
        """
        from psoas import units
        from psoas.weights import weight

        found = []
        for text in self.weight or ():
            place, equals, mass = (part.strip() for part in text.partition("="))
            if not equals:
                raise InputError(f"weight is {text!r}; give a place and how heavy, such as pelvis=3")
            found.append(weight(place, units.parse_mass(mass, name=f"weight on the {place}")))
        return found

    @property
    def in_inches(self) -> bool:
        """Whether they spoke of inches."""
        return _inches(self.spoken.values())

    def props(self, position: "Position | None" = None) -> "list[Prop]":
        """What lies under them, in SI.

        Args:
            position: Where it needs something and nothing was given, its usual prop lies there.
        Returns:
            The props, the lowest of each pile first.
        Raises:
            InputError: No such prop or place, or a thickness it cannot have.
        """
        from psoas import units
        from psoas.props import furnished, prop

        found = []
        for text in self.prop or ():
            what, at, place = (part.strip() for part in text.partition("@"))
            id, equals, thickness = (part.strip() for part in what.partition("="))
            usual = prop(id, under=place if at else None)
            deep = units.parse_length(thickness, name=f"{id} thickness") if equals else None
            found.append(prop(id, deep, usual.under))
        return found if position is None else furnished(position.under, found)

    def positions(self, ids: Sequence[str], also: Sequence[str] = ()) -> "list[Position]":
        """The positions named, each with the values it has a place for.

        Args:
            ids: Position ids; a value that none of them knows is refused.
            also: Ids that the command takes elsewhere, to be listed where one is not known.
        Returns:
            The positions in that order, in SI.
        Raises:
            InputError: No such position, surface or value, or a value that cannot be used.
        """
        from psoas.position import position

        chosen = [position(id, also) for id in ids]
        values: dict[str, str] = {}
        for text in self.set or ():
            name, equals, value = (part.strip() for part in text.partition("="))
            if not equals:
                raise InputError(f"--set is {text!r}; give a name and a value, such as --set lateral_tone=60")
            values[name.replace("-", "_")] = value
        for name in ("heel_distance", "foot_width", "arms"):
            if getattr(self, name) is not None:
                values[name] = getattr(self, name)
        shared = {name for one in chosen for name in one.parameters}
        return [
            one.with_values(
                self.surface,
                **{
                    name: _read_value(one, name, value)
                    for name, value in values.items()
                    if name in one.parameters or name not in shared
                },
            )
            for one in chosen
        ]


@dataclasses.dataclass(frozen=True)
class Look:
    """What was seen on the floor, as typed."""

    look: Annotated[
        list[str] | None,
        _what(
            # Help is markup, in which a bracket that opens a word has to be escaped.
            'A gap to the floor, over what the file says under \\[look], such as lumbar_arch="2 fingers"; again for more.',
            metavar="PLACE=GAP",
        ),
    ] = None
    how: Annotated[
        str | None, _what("How the gaps of --look were taken: strip, photo, helper or guess.", metavar="HOW")
    ] = None

    def answers(self, file: str | None) -> "dict[str, Seen]":
        """The look: what was typed, over what a person's file says.

        Args:
            file: The person's file, if there is one.
        Returns:
            Gaps by place.
        Raises:
            InputError: No such place, or a gap that cannot be.
        """
        from psoas import person_file

        typed = {}
        for text in self.look or ():
            place, equals, gap = (part.strip() for part in text.partition("="))
            if not equals:
                raise InputError(f"--look is {text!r}; give a place and a gap, such as --look lumbar_arch=3cm")
            typed[place] = gap
        kept = person_file.read_look(file) if file is not None else {}
        return kept | person_file.see(typed, self.how or "guess")


def _read_value(position: "Position", name: str, text: str) -> float | str:
    """A position's value in SI, or the word that was given."""
    from psoas import units

    parameter = position.parameters.get(name)
    if parameter is None or parameter.choices:
        return text
    label = name.replace("_", " ")
    if parameter.unit == "cm":
        return units.parse_length(text, name=label, signed=parameter.low < 0.0)
    try:
        if parameter.unit == "deg":
            return units.parse_angle(text, name=label)
        return units.to_si(float(text.removesuffix(parameter.unit)), parameter.unit)
    except (ValueError, InputError):
        low, high = (units.from_si(x, parameter.unit) for x in (parameter.low, parameter.high))
        raise InputError(f"{label} is {text!r}; give {low:g} to {high:g} {parameter.unit}") from None


@dataclasses.dataclass(frozen=True)
class Out:
    """What to print and write, as typed; each option's help says what it is."""

    picture: Annotated[str | None, _what("Draw it: an SVG file.", metavar="FILE.svg")] = None
    png: Annotated[str | None, _what("Draw it: a PNG file.", metavar="FILE.png")] = None
    theme: Annotated[str, _what("Of the picture: light or dark.", metavar="THEME")] = "light"
    layer: Annotated[
        list[str] | None,
        _what(
            "On the picture, too: neighbors, diaphragm, kidneys, organs; as an image: hammock, pendulum, shelf; again for more.",
            metavar="NAME",
        ),
    ] = None
    json: Annotated[bool, _what("JSON instead of a table.", "--json")] = False
    members: Annotated[str | None, _bodies(USUAL_MEMBERS)] = None

    usual: ClassVar[int] = USUAL_MEMBERS
    """Bodies in the ensemble where nobody says."""

    @property
    def count(self) -> int:
        """Bodies in the ensemble.

        Raises:
            InputError: No whole number from 0 to ``MOST_MEMBERS``.
        """
        if self.members is None:
            return self.usual
        if not (self.members.isascii() and self.members.isdigit() and int(self.members) <= MOST_MEMBERS):
            raise InputError(f"members is {self.members!r}; give a whole number from 0 to {MOST_MEMBERS}")
        return int(self.members)

    def check(self) -> None:
        """Refuse what could not be made or written, before anyone waits for it.

        Raises:
            InputError: A count, theme or file name that cannot be used.
        """
        _ = self.count, self.layers
        if self.theme not in ("light", "dark"):
            raise InputError(f"theme is {self.theme!r}; give light or dark")
        for option, path, ending in (("picture", self.picture, ".svg"), ("png", self.png, ".png")):
            if path is not None:
                _check_writable(option, path, ending)

    @property
    def layers(self) -> tuple[str, ...]:
        """What is added to the picture.

        Raises:
            InputError: There is no such layer, or no picture to put it on.
        """
        if not self.layer:
            return ()
        from psoas.drawing_layers import known

        layers = known(self.layer)
        if self.picture is None and self.png is None:
            raise InputError(f"layer is {self.layer[0]!r} and no picture is asked for; give --picture or --png with it")
        return layers

    def write(self, draw: Callable[[], Any]) -> None:
        """Write the pictures that were asked for; before printing, so that an answer is given whole or not at all.

        Args:
            draw: Makes the drawing; called only where a picture was asked for.
        Raises:
            InputError: A file cannot be written.
        """
        if self.picture is None and self.png is None:
            return
        from psoas.drawing import to_png

        drawn = draw()
        if self.picture is not None:
            _write(self.picture, drawn.svg.encode())
        if self.png is not None:
            _write(self.png, to_png(drawn, width=PNG_WIDTH))

    def say_written(self) -> None:
        """Say where the pictures are."""
        for path in (self.picture, self.png):
            if path is not None:
                typer.echo(f"Wrote {path}", err=self.json)


@dataclasses.dataclass(frozen=True)
class UprightOut(Out):
    """The same for someone who stands or sits, each of whose bodies takes longer."""

    members: Annotated[str | None, _bodies(UPRIGHT_MEMBERS)] = None

    usual: ClassVar[int] = UPRIGHT_MEMBERS
    """Bodies in the ensemble where nobody says."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What is asked of a search, as typed; each option's help says what it is."""

    position: Annotated[
        str, _how("How they lie, or sitting; psoas positions lists them. constructive-rest if not given.", metavar="ID")
    ] = USUAL_POSITION
    car: Annotated[bool, _how("With --position sitting: it is the bucket seat of a car.", "--car")] = False
    have: Annotated[
        str | None,
        _what("What is at hand, as psoas props lists it: towel,bolster=15,folded-blanket.", metavar="ID=CM,ID"),
    ] = None
    json: Annotated[bool, _what("JSON instead of sentences.", "--json")] = False
    picture: Annotated[str | None, _what("Draw the body in it: an SVG file.", metavar="FILE.svg")] = None
    plot: Annotated[
        str | None, _what("Draw what was tried, and what is equally good: an SVG file.", metavar="FILE.svg")
    ] = None
    theme: Annotated[str, _what("Of picture and plot: light or dark.", metavar="THEME")] = "light"
    members: Annotated[
        str | None, _what(f"Bodies laid down at every choice; {SEARCH_MEMBERS} if not given.", metavar="N")
    ] = None

    @property
    def count(self) -> int:
        """Bodies laid down at every choice.

        Raises:
            InputError: No whole number from 1 to ``MOST_MEMBERS``.
        """
        text = self.members or str(SEARCH_MEMBERS)
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MEMBERS):
            raise InputError(f"members is {self.members!r}; give a whole number from 1 to {MOST_MEMBERS}")
        return int(text)

    @property
    def named(self) -> list[str]:
        """What is at hand, each as ``--prop`` takes it."""
        return [part.strip() for part in (self.have or "").split(",") if part.strip()]

    def check(self) -> None:
        """Refuse what could not be written, before anyone waits for it.

        Raises:
            InputError: A count, theme or file name that cannot be used.
        """
        _ = self.count
        if self.theme not in ("light", "dark"):
            raise InputError(f"theme is {self.theme!r}; give light or dark")
        for option, path in (("picture", self.picture), ("plot", self.plot)):
            if path is not None:
                _check_writable(option, path, ".svg")


def takes(*groups: type) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Give a command the options of these groups, and hand them over as one value each.

    Args:
        groups: Dataclasses whose fields are annotated as typer's options.
    Returns:
        A decorator for a function that takes one value of each group, then options of its own.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., None]:
        own = list(inspect.signature(command).parameters.values())[len(groups) :]

        def run(**given: Any) -> None:
            made = [group(**{f.name: given.pop(f.name) for f in dataclasses.fields(group)}) for group in groups]
            command(*made, **given)

        shared = [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, annotation=f.type, default=f.default)
            for group in groups
            for f in dataclasses.fields(group)
        ]
        first = len(dataclasses.fields(groups[0]))
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        run.__signature__ = inspect.Signature([*shared[:first], *own, *shared[first:]])  # type: ignore[attr-defined]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        return run

    return decorate


# -- commands -----------------------------------------------------------------------------------------


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """One person lies down, and their psoas is computed and drawn."""
    if version:
        typer.echo(f"psoas {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


@app.command()
@takes(Who, Where, Out)
def rest(
    who: Who,
    where: Where,
    out: Out,
    position: Annotated[
        str, _how("How they lie; psoas positions lists them. constructive-rest if not given.", metavar="ID")
    ] = USUAL_POSITION,
    full: Annotated[bool, _what("Every quantity, down to single lines of muscle.", "--full")] = False,
    minutes: Annotated[
        str | None, _what("Follow the rest over this long as tissue gives way: 1 to 60.", metavar="MIN")
    ] = None,
    tone_fall: Annotated[
        str | None, _what("With --minutes: assume that this share of the resting tone goes.", metavar="FRACTION")
    ] = None,
) -> None:
    """Let a person come to rest, and say where, and what their psoas does there."""
    person, [resting] = who.person(), where.positions([position])
    props = where.props(resting)
    out.check()
    follow = _minutes(minutes, tone_fall, out.count)
    answer = _estimate(person, resting, props, where.weights(), out.count, quiet=out.json)
    rests = answer.status == "converged"
    course = _course(answer, follow, quiet=out.json) if follow and rests else None

    from psoas import report

    if rests:
        out.write(partial(_draw, answer, out.theme, where.spoken, out.layers))
    keeps = course is not None and course.status == "converged"
    if out.json:
        told = report.rest_json(answer, out.count)
        _print_json(told | {"time_course": report.course_json(course)} if course else told)
    elif rests:
        _print(report.rest_report(answer, out.count, full=full, spoken=where.spoken))
    if course is not None and keeps and not out.json:
        _print(report.course_report(course, answer))
    if not rests:
        _no_rest([answer])
    if course is not None and not keeps:
        _complain(f"{resting.title}: {course.message}")
        raise typer.Exit(NOT_CONVERGED)
    out.say_written()


@dataclasses.dataclass(frozen=True)
class Chosen:
    """How they stand or sit, as typed."""

    set: Annotated[
        list[str] | None,
        _how(
            "Anything of the position, as psoas positions lists it, such as lean=3cm or support=backrest; again for more.",
            metavar="NAME=VALUE",
        ),
    ] = None

    def position(self, id: str) -> "Position":
        """The position with these values, in SI.

        Raises:
            InputError: No such value, or one that cannot be used.
        """
        from psoas.position import upright_position

        one = upright_position(id)
        values: dict[str, str] = {}
        for text in self.set or ():
            name, equals, value = (part.strip() for part in text.partition("="))
            if not equals:
                raise InputError(
                    f"--set is {text!r}; give a name and a value, such as --set {next(iter(one.parameters))}=45"
                )
            values[name.replace("-", "_")] = value
        found = one.with_values(None, **{name: _read_value(one, name, value) for name, value in values.items()})
        if (
            "recline" in values and found.values.get("support") != "backrest"
        ):  # as it stands, it leans back by its usual angle
            raise InputError(
                f"recline is {values['recline']!r}, and a backrest is what leans back; give support=backrest too"
            )
        return found


@app.command()
@takes(Who, Chosen, UprightOut)
def stand(
    who: Who,
    chosen: Chosen,
    out: UprightOut,
    full: Annotated[bool, _what("Every quantity, down to single lines of muscle.", "--full")] = False,
) -> None:
    """Let a person stand with the least effort that keeps them upright, and say what their psoas and spine bear.

    With --set: lean (how far the mass center stands ahead of the ankles) and arms; psoas positions says what each takes.
    """
    _upright(who, chosen.position("standing"), out, full=full)


@app.command()
@takes(Who, Chosen, UprightOut)
def sit(
    who: Who,
    chosen: Chosen,
    out: UprightOut,
    full: Annotated[bool, _what("Every quantity, down to single lines of muscle.", "--full")] = False,
) -> None:
    """Let a person sit on a chair, let go, upright or against a backrest, and say what their psoas and spine bear.

    With --set: seat_height, seat_depth, seat_tilt, support, recline, trunk and arms; psoas positions says what each takes.
    """
    _upright(who, chosen.position("sitting"), out, full=full)


def _upright(who: Who, position: "Position", out: UprightOut, *, full: bool) -> None:
    """The answer of ``stand`` and ``sit``."""
    person = who.person()
    out.check()
    if out.layers:
        from psoas.upright.picture import upright_layers

        upright_layers(position, out.layers)  # says at once what does not fit
    with _progress(f"{position.title}: looking for the least effort", quiet=out.json) as told:
        from psoas.upright import estimate

        answer = estimate(person, position, members=out.count, told=told)
    from psoas import report

    if answer.status == "converged":

        def drawn() -> Any:
            from psoas.upright.picture import draw

            labels = report.upright_labels(answer)
            return draw(
                answer.typical, ensemble=answer.ensemble, labels=labels, theme=out.theme, layers=out.layers,  # type: ignore[arg-type]
            )  # fmt: skip

        out.write(drawn)
    if out.json:
        _print_json(report.rest_json(answer, out.count))
    elif answer.status == "converged":
        _print(report.rest_report(answer, out.count, full=full))
    if answer.status != "converged":
        _no_rest([answer])
    out.say_written()


@app.command()
@takes(Who, Where, Out)
def compare(
    who: Who,
    where: Where,
    out: Out,
    positions: Annotated[
        str, _how(f"Positions beside lying straight: {COMPARED} if not given.", metavar="ID,ID")
    ] = COMPARED,
) -> None:
    """Lay positions side by side: what changes from lying straight."""
    from psoas.position import position

    ids = [part.strip() for part in positions.split(",") if part.strip()]
    if not ids:
        raise InputError(f"positions is {positions!r}; give ids with commas between them, such as {COMPARED}")
    ids = list(dict.fromkeys(["supine", *(position(id).id for id in ids)]))
    if len(ids) == 1:
        raise InputError(
            f"positions is {positions!r}; give at least one that is not lying straight, such as {COMPARED}"
        )
    if out.count == 0:
        raise InputError(f"members is 0; give 1 to {MOST_MEMBERS}, as a change is counted body by body")
    person, chosen = who.person(), where.positions(ids)
    props = {one.id: where.props(one) for one in chosen}
    out.check()
    answers = {
        one.id: _estimate(person, one, props[one.id], where.weights(), out.count, quiet=out.json, alternatives=out.json)
        for one in chosen
    }

    from psoas import report
    from psoas.uncertainty import changes

    straight = answers[report.BASELINE]
    found = {id: changes(straight, answer) for id, answer in answers.items() if answer is not straight}
    lost = [answer for answer in answers.values() if answer.status != "converged"]
    if not lost:
        out.write(partial(_draw_side_by_side, list(answers.values()), out.theme, where.spoken, out.layers))
    if out.json:
        _print_json(report.compare_json(answers, found, out.count))
    elif not lost:
        _print(report.compare_report(answers, found, out.count, spoken=where.spoken))
    if lost:
        _no_rest(lost)
    out.say_written()


@app.command()
@takes(Who, Look)
def evaluate(
    who: Who,
    seen: Look,
    as_json: Annotated[bool, _what("JSON instead of a table.", "--json")] = False,
) -> None:
    """Say what a look on the floor tells of the tissue, and what it cannot tell."""
    person = who.person()
    from psoas.evaluation import words

    found = _evaluated(person, seen.answers(who.file), quiet=as_json)
    if as_json:
        _print_json(words.as_json(found))
    elif found.status != "not_converged":
        _print(words.as_table(found))
    if found.status == "not_converged":
        _complain(found.message)
        raise typer.Exit(NOT_CONVERGED)


@app.command("set-up")
@takes(Who, Where, Look, Wanted)
def set_up(
    who: Who,
    where: Where,
    look: Look,
    wanted: Wanted,
    why: Annotated[bool, _what("Say also what chose each number, who agrees and who does not.", "--why")] = False,
) -> None:
    """Search for a set-up: heel distance, or height under the shoulders, and what goes under the head, for this body."""
    _search(who, where, look, wanted, why=why)


@app.command()
@takes(Who, Where, Look, Wanted)
def why(who: Who, where: Where, look: Look, wanted: Wanted) -> None:
    """Say of each number of a set-up what chose it, who agrees, who does not, and what would be otherwise."""
    _search(who, where, look, wanted, why=True)


@app.command()
def evidence(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="A claim's number, 105 to 163, or words to look for.", show_default=False),
    ] = None,
    grade: Annotated[str, _what("Only of this grade, such as untested.", metavar="GRADE")] = "",
    kind: Annotated[str, _what("Only of this kind, such as anatomy.", metavar="KIND")] = "",
    as_json: Annotated[bool, _what("As JSON.", "--json")] = False,
) -> None:
    """Show who says what, who disagrees, what was read, and what the model finds."""
    from psoas import evidence as shelf
    from psoas import report

    text = " ".join(words or [])
    numbered = _numbered(text.split(), grade, kind)
    found = [numbered] if numbered else list(shelf.find(text, grade=grade, kind=kind))
    whole = len(found) == 1 and bool(text)
    if as_json:
        _print_json({"schema": "psoas.evidence/1", "claims": [report.claim_json(one) for one in found]})
    elif whole:
        _print(report.claim_report(found[0]))
    else:
        _print(report.shelf_report(found, shelf.unheld(text)))


def _numbered(words: Sequence[str], grade: str, kind: str) -> "Claim | None":
    """The claim whose number was typed; nothing where the words are no numbers.

    Raises:
        InputError: Several numbers, no claim's number, a grade or kind that is none, or a claim of another one.
    """
    from psoas import evidence as shelf

    if not words or not all(NUMBER.fullmatch(word) for word in words):
        return None
    if len(words) > 1:
        raise InputError(f"{_listed(words[:5])} are several numbers; give one number at a time")
    one = shelf.claim(words[0])
    if grade and one not in shelf.find(grade=grade):
        raise InputError(f"{one.feature} is graded {one.grade}; leave out --grade {grade}")
    if kind and one not in shelf.find(kind=kind):
        raise InputError(f"{one.feature} is of the kind {one.kind}; leave out --kind {kind}")
    return one


@app.command()
def positions() -> None:
    """List the positions, their parameters, and what the sources say of them."""
    from psoas import report
    from psoas.position import positions as known
    from psoas.position import upright_positions

    _print(report.positions_report([*known().values(), *upright_positions().values()]))


@app.command()
def props() -> None:
    """List the props, and how thick each may be."""
    from psoas import report
    from psoas.props import props as known

    _print(report.props_report(known().values()))


@app.command()
@takes(Who, Where)
def view(
    who: Who,
    where: Where,
    position: Annotated[str, _how("How they lie; constructive-rest if not given.", metavar="ID")] = USUAL_POSITION,
) -> None:
    """Open the body where it rests in MuJoCo's own viewer."""
    state = _one_body(who, where, position)
    from psoas import mjcf

    mjcf.view(state)


@app.command()
@takes(Who, Where)
def export(
    who: Who,
    where: Where,
    mjcf: Annotated[str, _what("Where to write MuJoCo's XML.", "--mjcf", metavar="FILE.xml")],
    position: Annotated[str, _how("How they lie; constructive-rest if not given.", metavar="ID")] = USUAL_POSITION,
) -> None:
    """Write the body where it rests for other tools."""
    _check_writable("mjcf", mjcf, ".xml")
    state = _one_body(who, where, position)
    from psoas import mjcf as second_opinion

    second_opinion.export(state, mjcf)
    typer.echo(f"Wrote {mjcf}")


@app.command(name="app")
def practice(
    port: Annotated[int, _what("Where to listen, on this computer only.", metavar="N")] = PORT,
    data: Annotated[str | None, _what("Where to keep what you write.", metavar="FOLDER")] = None,
    no_browser: Annotated[bool, _what("Only print the address.", "--no-browser")] = False,
) -> None:
    """Open the practice in the browser: a guided rest and its journal, on this computer only."""
    from psoas.app import server

    server.serve(server.data_folder(data), port, browse=not no_browser, say=typer.echo)


@app.command()
def backup(
    path: Annotated[str, typer.Argument(help="Where to write it.", metavar="FILE")],
    data: Annotated[str | None, _what("The data folder, if it is not the usual one.", metavar="FOLDER")] = None,
) -> None:
    """Write the whole journal, photos and recordings included, to one file."""
    from psoas.app.server import data_folder
    from psoas.journal import backup as backups

    backups.back_up(data_folder(data), path)
    typer.echo(f"Wrote {path}. It is not encrypted; whoever has it can read it.")


@app.command()
def restore(
    path: Annotated[str, typer.Argument(help="A file that psoas backup wrote.", metavar="FILE")],
    data: Annotated[str | None, _what("The data folder, if it is not the usual one.", metavar="FOLDER")] = None,
) -> None:
    """Put a backup in the place of the journal; what was there is kept in the data folder, under backups."""
    from psoas.app.server import data_folder
    from psoas.journal import backup as backups

    kept = backups.restore(data_folder(data), path)
    typer.echo(f"Restored {path}." + (f" What was there is now {kept}." if kept else ""))


# -- doing it -----------------------------------------------------------------------------------------


def _estimate(
    person: "Person",
    resting: "Position",
    props: "Sequence[Prop]",
    weights: "Sequence[Weight]",
    members: int,
    *,
    quiet: bool,
    alternatives: bool = True,
) -> "Estimate":
    """The answer, with a sign of life while someone waits."""
    told = (
        f"{resting.title}: letting {members + 1 if members else 'one'} {'bodies' if members else 'body'} come to rest"
    )
    with _waiting(told, quiet):
        from psoas.uncertainty import estimate

        return estimate(person, resting, props, weights=weights, members=members, alternatives=alternatives)


def _search(who: Who, where: Where, look: Look, wanted: Wanted, *, why: bool) -> None:
    """Search for a set-up and tell it, for ``set-up`` and ``why``."""
    if wanted.position == "sitting":
        _chair(who, where, look, wanted, why=why)
        return
    if wanted.car:
        raise InputError("--car is of a seat to sit on; give --position sitting with it")
    person, [resting] = who.person(), where.positions([wanted.position], also=("sitting",))
    wanted.check()
    at_hand, laid, weights = dataclasses.replace(where, prop=wanted.named).props(), where.props(), where.weights()
    from psoas.advice import beside, words
    from psoas.advice.search import search
    from psoas.body.build import build
    from psoas.weights import laden

    laden(build(person), weights)  # says at once what is too much
    seen = look.answers(who.file)
    known = _evaluated(person, seen, quiet=wanted.json) if seen else None
    with _progress("Trying it on", quiet=wanted.json) as told:
        found = search(person, resting, at_hand, given=laid, seen=known, members=wanted.count, told=told)
    with _waiting("Changing one thing at a time", quiet=wanted.json):
        others = beside.hands(found)
        others += (beside.under(found, weights),) if weights else ()
        if (why or wanted.json) and resting.surface != "mattress":
            others = (beside.on(found, "mattress"), *others)
    if wanted.plot is not None:
        from psoas.advice.plot import plot

        _write(
            wanted.plot,
            plot(
                found,
                person,
                theme=wanted.theme,  # type: ignore[arg-type]
                inches=where.in_inches,
            ).encode(),
        )
    if wanted.picture is not None:
        with _waiting("Drawing it", quiet=wanted.json):
            from psoas.uncertainty import estimate

            setup = found.setup
            answer = estimate(
                person, setup.position, setup.props, weights=weights, alternatives=False,
                among=known.ensemble if known else None,
            )  # fmt: skip
        if answer.status != "converged":
            _no_rest([answer])
        _write(wanted.picture, _draw(answer, wanted.theme, where.spoken).svg.encode())
    if wanted.json:
        _print_json(words.set_up_json(found, others))
    else:
        _print(words.set_up_report(found, others, why=why, inches=where.in_inches))
    for path in (wanted.plot, wanted.picture):
        if path is not None:
            typer.echo(f"Wrote {path}", err=wanted.json)


def _chair(who: Who, where: Where, look: Look, wanted: Wanted, *, why: bool) -> None:
    """Set up a chair and tell it; a seat's height that is given stays, and what makes up for it is told."""
    person = who.person()
    wanted.check()
    from psoas.position import upright_position

    for option, given in (
        ("--prop", where.prop),
        ("--weight", where.weight),
        ("--heel-distance", where.heel_distance),
        ("--foot-width", where.foot_width),
        ("--arms", where.arms),
        ("--surface", where.surface),
        ("--look", look.look),
        ("--how", look.how),
        ("--plot", wanted.plot),
        ("--have", wanted.have),
    ):
        if given is not None and given != []:
            raise InputError(
                f"{option} is {given if isinstance(given, str) else given[0]!r}, which sitting has no use for; leave it out"
            )
    for text in where.set or ():
        name = text.partition("=")[0].strip().replace("-", "_")
        if "=" in text and name in upright_position("sitting").parameters and name != "seat_height":
            raise InputError(
                f"--set is {text!r}, which the set-up of a chair does not take; give seat_height, or give {name} to psoas sit"
            )
    if wanted.car and where.set:
        raise InputError(f"--set is {where.set[0]!r}, and a car's seat is as high as it is; leave it or --car out")
    if wanted.car and wanted.picture is not None:
        raise InputError(f"picture is {wanted.picture}, and a car's seat is not drawn; leave it or --car out")
    resting = Chosen(where.set).position("sitting")
    inches = _inches(text.partition("=")[2] for text in where.set or ())
    from psoas.advice import words
    from psoas.advice.chair import chair

    height = resting.number("seat_height")
    found = chair(person, seat_height=height, car=wanted.car, members=wanted.count)
    if wanted.picture is not None:
        from psoas import report
        from psoas.upright import estimate
        from psoas.upright.picture import draw

        with _waiting("Drawing it", quiet=wanted.json):
            answer = estimate(person, found.setup.position)
        if answer.status != "converged":
            _no_rest([answer])
        labels = report.upright_labels(answer)
        if not found.feasible:
            labels["title"] = "Sitting on a seat that would do"
        drawn = draw(answer.typical, ensemble=answer.ensemble, labels=labels, theme=wanted.theme)  # type: ignore[arg-type]
        _write(wanted.picture, drawn.svg.encode())
    if wanted.json:
        other = chair(person, seat_height=height, car=not wanted.car, members=wanted.count)
        pair = (other, found) if wanted.car else (found, other)
        _print_json(words.chair_json(*pair, in_car=wanted.car))
    else:
        _print(words.chair_report(found, why=why, inches=inches))
    if wanted.picture is not None:
        typer.echo(f"Wrote {wanted.picture}", err=wanted.json)


def _minutes(minutes: str | None, tone_fall: str | None, members: int) -> dict[str, Any] | None:
    """How a rest is to be followed, or nothing if it is not.

    Raises:
        InputError: No such length of time or fall of tone, or a fall without a length of time.
    """
    if minutes is None:
        if tone_fall is not None:
            raise InputError(f"tone fall is {tone_fall!r} without a time to fall in; give --minutes 20 with it")
        return None
    from psoas import time_course, units
    from psoas.person_file import read_fraction

    try:
        asked = float(minutes.strip().removesuffix("min"))
    except ValueError:
        asked = math.nan
    if not time_course.SHORTEST <= asked <= time_course.LONGEST:
        raise InputError(f"minutes is {minutes!r}; give {time_course.SHORTEST:.0f} to {time_course.LONGEST:.0f}")
    fall = 0.0 if tone_fall is None else read_fraction(tone_fall, "tone fall")
    if not units.within(fall, 0.0, 1.0):
        raise InputError(f"tone fall is {tone_fall!r}; give 0 to 1, or 0% to 100%")
    return {"minutes": asked, "tone_fall": fall, "members": min(members, time_course.MEMBERS)}


def _course(answer: "Estimate", follow: Mapping[str, Any], *, quiet: bool) -> "TimeCourse":
    """The answer over minutes, with a sign of life while someone waits."""
    with _waiting(f"{answer.position.title}: following it for {follow['minutes']:g} minutes", quiet):
        from psoas.time_course import time_course

        return time_course(answer, **follow)


def _one_body(who: Who, where: Where, id: str) -> "Equilibrium":
    """The default body of a person at rest."""
    person, [resting] = who.person(), where.positions([id])
    props = where.props(resting)
    with _waiting(f"{resting.title}: letting one body come to rest", quiet=False):
        from psoas.body.build import build
        from psoas.equilibrium import rest as come_to_rest
        from psoas.weights import check_lying, laden

        check_lying(resting, where.weights())
        state = come_to_rest(laden(build(person), where.weights()), resting, props)
    if not state.converged[0]:
        _complain(state.messages[0])
        raise typer.Exit(NOT_CONVERGED)
    return state


def _evaluated(person: "Person", seen: "Mapping[str, Seen]", *, quiet: bool) -> "Evaluation":
    """What a look tells, with a sign of life while someone waits."""
    with _waiting("Letting bodies with these measures lie down", quiet):
        from psoas.evaluation import evaluate as find

        return find(person, seen)


def _progress(message: str, quiet: bool) -> Any:
    """A bar on stderr for what tells how far it is, if anyone is there to see it; gives who to tell."""
    from contextlib import contextmanager

    @contextmanager
    def shown() -> Any:
        from rich.progress import BarColumn, Progress, TextColumn

        with Progress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True) as bar:
            task = bar.add_task(f"{message} ...", total=1.0)
            yield lambda share: bar.update(task, completed=share)

    @contextmanager
    def silent() -> Any:
        yield None

    console = _console(stderr=True)
    return shown() if console.is_terminal and not quiet else silent()


def _waiting(message: str, quiet: bool) -> Any:
    """A spinner on stderr while something is worked out, if anyone is there to see it."""
    from contextlib import nullcontext

    console = _console(stderr=True)
    return console.status(f"{message} ...") if console.is_terminal and not quiet else nullcontext()


def _no_rest(answers: "Iterable[Estimate]") -> NoReturn:
    """Say why there is no answer, and leave."""
    for answer in answers:
        _complain(f"{answer.position.title}: {answer.message}")
    raise typer.Exit(NOT_CONVERGED)


def _draw(answer: "Estimate", theme: Any, spoken: Mapping[str, str], layers: Sequence[str] = ()) -> Any:
    from psoas import report
    from psoas.drawing import draw

    labels = report.picture_labels(answer, spoken)
    return draw(answer.typical, ensemble=answer.ensemble, labels=labels, theme=theme, layers=layers)


def _draw_side_by_side(
    answers: "Sequence[Estimate]", theme: Any, spoken: Mapping[str, str], layers: Sequence[str] = ()
) -> Any:
    from psoas import report
    from psoas.drawing import compare as draw

    return draw(
        [answer.typical for answer in answers],
        ensembles=[answer.ensemble for answer in answers],
        labels=[report.picture_labels(answer, spoken) for answer in answers],
        theme=theme,
        layers=layers,
    )


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def _print(what: "RenderableType") -> None:
    console = _console()
    if console.is_terminal:
        console.print(what)
        return
    with console.capture() as told:
        console.print(what)
    typer.echo("\n".join(line.rstrip() for line in told.get().splitlines()))


def _print_json(what: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(what, indent=2, allow_nan=False))


def _check_writable(option: str, path: str, ending: str) -> None:
    """Refuse a path before the work is done for it."""
    place = Path(path)
    suffix = place.suffix.lower()
    if not path:
        raise InputError(f"{option} is empty; give a file name ending in {ending}")
    if suffix and suffix != ending:
        raise InputError(f"{option} is {path}, which does not end in {ending}; give a file name that does")
    if place.is_dir():
        raise InputError(f"{option} is {path}, which is a folder; give a file name ending in {ending}")
    if not place.parent.is_dir():
        raise InputError(f"{option} is {path}, and there is no folder {place.parent}; give a file in a folder there is")
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise InputError(f"{option} is {path}, which cannot be written; give a file in a folder you may write to")


def _write(path: str, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as problem:
        raise InputError(
            f"{path} cannot be written ({problem.strerror}); give a file in a folder you may write to"
        ) from None


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
