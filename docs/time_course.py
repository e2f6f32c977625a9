"""Plot how a rest changes over twenty minutes; writes figures/time-course*.svg and the tables in time-course.md.

Run: ``python docs/time_course.py`` (``make docs`` does). Deterministic: the same rows give the same bytes.
"""

# ruff: noqa: E501  (rows of tables stand on one line)
from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("svg")
from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from psoas.anatomy import tables
from psoas.mechanics.relaxation import of_long_time, remaining
from psoas.person import Limb, Person, value
from psoas.position import position
from psoas.time_course import MEMBERS, TimeCourse, time_course
from psoas.uncertainty import estimate
from psoas.units import Quantity, display, from_si
from psoas.validation.case import ADULTS

HERE = Path(__file__).parent
THEMES = tomllib.loads((files("psoas") / "drawing_shapes" / "themes.toml").read_text(encoding="utf-8"))
ROWS = {
    "psoas_major_passive_force_left": "pull of psoas major",
    "lumbar_lordosis": "lordosis, T12 to S1",
    "lumbar_gap": "gap, small of the back",
}
"""What is plotted."""
TOLD = {
    **ROWS,
    "iliacus_passive_force_left": "pull of iliacus",
    "pelvic_tilt": "pelvic tilt",
    "compression_L5_S1": "compression at L5-S1",
    "rib_gap_left": "gap, lower ribs",
    "support_force_pelvis": "pelvis bears",
}
"""What is tabled."""
MEASURED = (
    # row, seconds, words, where they stand beside the mark (points) and how they are set
    ("hamstring", "loss_30s", 30.0, "hamstrings, young men", (-5, 2), "right"),
    ("plantarflexors", "loss_30s", 30.0, "calf, men of 24", (2, -27), "left"),
    ("hamstring", "loss_45s", 45.0, "hamstrings", (-5, 3), "right"),
    ("plantarflexors", "loss_60s", 60.0, "calf", (6, -9), "left"),
    ("hamstring", "torque_decline_90s", 90.0, "hamstrings", (6, 4), "left"),
)


def style(ink: dict[str, str]) -> None:
    """The house's paper, ink and type."""
    for name in ("EBGaramond-Regular.otf", "OpenSans-Regular.ttf"):
        font_manager.fontManager.addfont(str(files("psoas") / "fonts" / name))
    mpl.rcParams.update({
        "svg.hashsalt": "psoas", "svg.fonttype": "path", "font.family": "Open Sans", "font.size": 8.5,
        "figure.facecolor": ink["paper"], "axes.facecolor": ink["paper"], "savefig.facecolor": ink["paper"],
        "text.color": ink["ink"], "axes.labelcolor": ink["ink"], "axes.edgecolor": ink["quiet"],
        "xtick.color": ink["quiet"], "ytick.color": ink["quiet"], "xtick.labelcolor": ink["ink"], "ytick.labelcolor": ink["ink"],
        "axes.linewidth": 0.7, "xtick.major.width": 0.7, "ytick.major.width": 0.7, "axes.spines.top": False,
        "axes.spines.right": False, "legend.frameon": False,
    })  # fmt: skip


def save(figure: Figure, name: str, theme: str) -> None:
    """Write an SVG without a date in it."""
    path = HERE / "figures" / f"{name}{'' if theme == 'light' else '-dark'}.svg"
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "docs/time_course.py"})
    text = "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()) + "\n"
    path.write_text(text, encoding="utf-8")
    plt.close(figure)
    print(path.relative_to(HERE.parent))


def courses(person: Person) -> dict[str, dict[str, TimeCourse]]:
    """Twenty minutes in both positions, by what the resting body stands for."""
    found: dict[str, dict[str, TimeCourse]] = {}
    for id in ("supine", "constructive-rest"):
        answer = estimate(person, position(id), alternatives=False)
        found[id] = {reading: time_course(answer, 20.0, stands_for=reading) for reading in ("start", "end")}
    return found


def plot_courses(found: dict[str, dict[str, TimeCourse]], theme: str) -> None:
    """Pull, lordosis and gap against minutes: median and range, and the median if the resting body stands for the end."""
    ink = THEMES[theme]
    style(ink)
    figure, table = plt.subplots(3, 2, figsize=(8.4, 6.6), layout="constrained", sharex=True, sharey="row")
    for column, (id, readings) in enumerate(found.items()):
        for row, (name, title) in enumerate(ROWS.items()):
            axes, band = table[row, column], readings["start"].quantities[name]
            minutes = from_si(readings["start"].times, "min")
            color = ink["madder"] if row == 0 else ink["ink"]
            axes.fill_between(minutes, band.low, band.high, color=color, alpha=0.16, lw=0)
            axes.plot(minutes, band.median, color=color, lw=1.8)
            other = readings["end"].quantities[name]
            axes.plot(minutes, other.median, color=color, lw=1.1, linestyle=(0, (4, 2.5)))
            axes.set_xlim(0, 20)
            axes.set_xticks([0, 1, 5, 10, 15, 20])
            axes.set_ylim(0, None)
            if column == 0:
                axes.set_ylabel(f"{title} [{display(band.unit).replace('deg', '°')}]")
            if row == 0:
                heading = position(id).title
                axes.set_title(heading, family="EB Garamond", fontsize=13, color=ink["ink"], loc="left", pad=10)
            if row == 2:
                axes.set_xlabel("minutes after lying down")
    first = table[0, 1]
    first.plot([], [], color=ink["madder"], lw=1.8, label="median")
    first.fill_between(
        [], [], [], color=ink["madder"], alpha=0.16, lw=0, label=f"5th to 95th percentile of {MEMBERS} bodies"
    )
    first.plot(
        [],
        [],
        color=ink["madder"],
        lw=1.1,
        linestyle=(0, (4, 2.5)),
        label="median, should published laws stand for the end",
    )
    first.legend(fontsize=8, loc="upper right")
    save(figure, "time-course", theme)


def plot_law(theme: str) -> None:
    """What muscle loses at a constant length, beside what people lost."""
    ink = THEMES[theme]
    style(ink)
    share = np.array([value("relaxation", "muscle", f"share_{k}") for k in ("fast", "slow")])
    constant = np.array([value("relaxation", "muscle", f"time_{k}") for k in ("fast", "slow")])
    seconds = np.geomspace(1.0, 1200.0, 300)
    figure, axes = plt.subplots(figsize=(8.4, 3.6), layout="constrained")
    axes.plot(seconds, 100 * (1 - remaining(seconds, share, constant)), color=ink["madder"], lw=1.8)
    axes.plot(
        seconds,
        100 * (1 - remaining(seconds, of_long_time(share), constant)),
        color=ink["madder"],
        lw=1.1,
        linestyle=(0, (4, 2.5)),
    )
    single = (
        np.array([value("relaxation", "muscle", "share_single")]),
        np.array([value("relaxation", "muscle", "time_single")]),
    )
    axes.plot(seconds, 100 * (1 - remaining(seconds, *single)), color=ink["quiet"], lw=0.9, linestyle=(0, (1, 1.6)))
    for id, quantity, at, words, shift, side in MEASURED:
        row = tables.load("tissues" if quantity == "torque_decline_90s" else "relaxation").get(id, quantity)
        sd = 100 * float(row.sd_si[0]) if len(row.sd_si) else None
        axes.errorbar(
            at,
            100 * row.number,
            yerr=sd,
            fmt="o",
            ms=5,
            color=ink["ink"],
            mfc=ink["paper"],
            lw=1.0,
            capsize=2.5,
            zorder=4,
        )
        axes.annotate(
            words, (at, 100 * row.number), shift, textcoords="offset points", ha=side, color=ink["quiet"], fontsize=7.5
        )
    axes.set_xscale("log")
    axes.set_xlim(1, 1200)
    axes.set_xticks([1, 5, 15, 60, 300, 1200], ["1 s", "5 s", "15 s", "1 min", "5 min", "20 min"])
    axes.minorticks_off()
    axes.set_ylim(0, 48)
    axes.set_ylabel("lost of the first pull [%]")
    axes.text(1150, 40.0, "two terms: shares of the force at once", ha="right", color=ink["madder"], fontsize=8)
    axes.text(1150, 18.5, "shares of the force that stays", ha="right", color=ink["madder"], fontsize=8)
    axes.text(1150, 33.8, "one term", ha="right", va="bottom", color=ink["quiet"], fontsize=7.5)
    axes.set_title("Held at one length", family="EB Garamond", fontsize=13, color=ink["ink"], loc="left", pad=10)
    save(figure, "time-course-law", theme)


def told(quantity: Quantity) -> str:
    """A value and its range, in as many digits as they bear."""
    return quantity.format().replace(" deg", "°").replace(" to -0 ", " to 0 ")


def table_of(found: dict[str, dict[str, TimeCourse]]) -> str:
    """First and last moment, and the change body by body."""
    lines = []
    for id, readings in found.items():
        lines += [
            f"**{position(id).title}**",
            "",
            "| | at first | after 20 min | change | change, should the laws stand for the end |",
            "|---|---|---|---|---|",
        ]
        for name, title in TOLD.items():
            course = readings["start"]
            changes = [r.changes[name] for r in readings.values()]
            said = [told(c.quantity) if c.sure else "cannot tell" for c in changes]
            band = course.quantities[name]
            lines.append(f"| {title} | {told(band.at(0))} | {told(band.at(-1))} | " + " | ".join(said) + " |")
        lines.append("")
    return "\n".join(lines).rstrip()


def fill(name: str, text: str) -> None:
    """Put a table in its place on the page."""
    path = HERE / "time-course.md"
    page = path.read_text(encoding="utf-8")
    marked = re.compile(rf"(<!-- table {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not marked.search(page):
        raise SystemExit(f"time-course.md has no place for {name}")
    path.write_text(marked.sub(lambda m: f"{m[1]}\n{text}\n\n{m[2]}", page), encoding="utf-8")


def law_table() -> str:
    """What the law loses beside what people lost."""
    share = np.array([value("relaxation", "muscle", f"share_{k}") for k in ("fast", "slow")])
    constant = np.array([value("relaxation", "muscle", f"time_{k}") for k in ("fast", "slow")])
    lines = ["| held for | who | lost | law |", "|---|---|---|---|"]
    for id, quantity, at, words, _, _ in MEASURED:
        row = tables.load("tissues" if quantity == "torque_decline_90s" else "relaxation").get(id, quantity)
        loss = 1.0 - float(remaining(at, share, constant))
        lines.append(
            f"| {at:.0f} s | {words} ([{row.source}](references.md#{row.source})) | {100 * row.number:.0f} % | {100 * loss:.0f} % |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    woman = ADULTS["woman"]
    tight = Person(woman.sex, woman.stature, woman.mass, left=Limb(0.2), right=Limb(0.2))
    lying, short = courses(woman), courses(tight)
    for theme in ("light", "dark"):
        plot_courses(lying, theme)
        plot_law(theme)
    fill("law", law_table())
    fill("woman", table_of(lying))
    fill("short", table_of(short))
