"""Plot the two calibrations against their data; writes figures/calibration-*.svg and the tables in calibration.md.

Run: ``python docs/plots.py`` (``make docs`` does). Deterministic: the same rows give the same bytes.
"""

# ruff: noqa: E501  (rows of tables stand on one line)
from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("svg")
from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from psoas import uncertainty
from psoas.anatomy import tables
from psoas.body.build import build, build_many
from psoas.body.kinematics import pose
from psoas.body.model import Body, take
from psoas.body.muscles import FITTED, LINES
from psoas.body.paths import muscle_paths
from psoas.body.variation import PASSIVE_SUMS, Variation
from psoas.energy import muscle_state
from psoas.mechanics.joint import passive_resistance
from psoas.person import Person, value
from psoas.position import position
from psoas.quantities import measure
from psoas.uncertainty import estimate, fitted_draws
from psoas.validation.case import ADULTS
from psoas.validation.cases.hip import WIDENED, riener, silder

HERE = Path(__file__).parent

INK = tomllib.loads((files("psoas") / "drawing_shapes" / "themes.toml").read_text(encoding="utf-8"))["light"]
LEVELS = ("L5", "L4", "L3", "L2", "L1", "T12")
JOINTS = ("L5-S1", "L4-L5", "L3-L4", "L2-L3", "L1-L2", "T12-L1")
HIPS = np.arange(-15.0, 60.1, 1.0)
KNEES = (15.0, 60.0, 90.0)
NAMES = {"silder2007": "Silder 2007", "riener1999": "Riener & Edrich 1999"}
MEMBERS = uncertainty.MEMBERS


def style() -> None:
    """The house's paper, ink and type."""
    for name in ("EBGaramond-Regular.otf", "EBGaramond-Italic.otf", "OpenSans-Regular.ttf"):
        font_manager.fontManager.addfont(str(files("psoas") / "fonts" / name))
    mpl.rcParams.update({
        "svg.hashsalt": "psoas", "svg.fonttype": "path", "font.family": "Open Sans", "font.size": 8.5,
        "figure.facecolor": INK["paper"], "axes.facecolor": INK["paper"], "savefig.facecolor": INK["paper"],
        "text.color": INK["ink"], "axes.labelcolor": INK["ink"], "axes.edgecolor": INK["quiet"],
        "xtick.color": INK["quiet"], "ytick.color": INK["quiet"], "xtick.labelcolor": INK["ink"], "ytick.labelcolor": INK["ink"],
        "axes.linewidth": 0.7, "xtick.major.width": 0.7, "ytick.major.width": 0.7, "axes.spines.top": False,
        "axes.spines.right": False, "axes.titlesize": 11, "axes.titlelocation": "left", "legend.frameon": False,
    })  # fmt: skip


def serif(axes: Axes, text: str) -> None:
    """A quiet heading."""
    axes.set_title(text, family="EB Garamond", fontsize=13, color=INK["ink"], pad=10)


def save(figure: Figure, name: str) -> None:
    """Write an SVG without a date in it."""
    path = HERE / "figures" / f"{name}.svg"
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "docs/plots.py"})
    text = "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()) + "\n"
    path.write_text(text, encoding="utf-8")
    plt.close(figure)
    print(path.relative_to(HERE.parent))


# -- the spine's rest shape ---------------------------------------------------------------------------


def rest_shape() -> str:
    """Level by level and as a sum; returns the table."""
    table = tables.load("bones")
    rows = [table.get(level, "segment_angle_standing") for level in LEVELS]
    standing = np.degrees([row.number for row in rows])
    spread = np.degrees([row.sd_si[0] for row in rows])
    kept = value("fitted", "spine", "rest_shape")
    found = [estimate(person, position("supine"), members=MEMBERS, alternatives=False) for person in ADULTS.values()]
    plain = [measure(e.nominal) for e in found]
    lying = np.array([[float(m[f"segment_angle_{j.replace('-', '_')}"].values[0]) for j in JOINTS] for m in plain])
    sums = [float(m["lumbar_lordosis"].values[0]) for m in plain]

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.7), width_ratios=(1.75, 1.0), layout="constrained")
    at = np.arange(len(LEVELS))
    left.bar(at, 2 * spread, bottom=standing - spread, width=0.62, color=INK["flesh"], zorder=1)
    left.hlines(standing, at - 0.31, at + 0.31, color=INK["ink"], lw=1.3, zorder=3)
    left.hlines(kept * standing, at - 0.31, at + 0.31, color=INK["madder"], lw=1.6, linestyle=(0, (3, 1.6)), zorder=4)
    for row, mark, shift in ((lying[0], "s", -0.11), (lying[1], "o", 0.11)):
        left.plot(at + shift, row, mark, ms=5, mfc=INK["paper"], mec=INK["madder"], mew=1.4, zorder=5)
    left.axhline(0, color=INK["hair"], lw=0.6, zorder=0)
    left.set_xticks(at, JOINTS)
    left.set_ylim(-6.5, 32)
    left.set_ylabel("angle of the level, + hollow [°]")
    serif(left, "Level by level")
    left.plot([], [], color=INK["ink"], lw=1.3, label="standing, published (band: 1 sd)")
    left.plot(
        [], [], color=INK["madder"], lw=1.6, linestyle=(0, (3, 1.6)), label=f"unloaded: {kept:g} of standing, fitted"
    )
    left.plot([], [], "s", mfc=INK["paper"], mec=INK["madder"], label="average man, lying straight")
    left.plot([], [], "o", mfc=INK["paper"], mec=INK["madder"], label="average woman, lying straight")
    left.legend(fontsize=8, loc="upper right")

    sets = [
        ("standing,\npublished", value("bones", "spine", "lordosis_standing"), "lordosis_standing"),
        ("recumbent,\npublished", value("bones", "spine", "lordosis_recumbent"), "lordosis_recumbent"),
    ]
    right.axhspan(30, 50, color=INK["flesh"], zorder=0, lw=0)
    right.text(-0.45, 30.6, "30–50°\nasked for", ha="left", va="bottom", color=INK["quiet"], fontsize=7.5)
    for k, (_, number, quantity) in enumerate(sets):
        sd = np.degrees(table.get("spine", quantity).sd_si[0])
        right.errorbar(k, np.degrees(number), yerr=sd, fmt="D", ms=5, color=INK["ink"], lw=1.2, capsize=3)
    for k, (one, mark) in enumerate(zip(found, "so", strict=True), start=2):
        q = one.quantities["lumbar_lordosis"]
        right.vlines(k, q.low, q.high, color=INK["madder"], lw=5, alpha=0.25)
        right.hlines(q.value, k - 0.13, k + 0.13, color=INK["madder"], lw=1.2)
        right.plot(k, sums[k - 2], mark, ms=6, mfc=INK["paper"], mec=INK["madder"], mew=1.5)
    right.set_xticks(range(4), [s[0] for s in sets] + ["man,\nmodel", "woman,\nmodel"], color=INK["ink"], fontsize=8)
    right.set_xlim(-0.5, 3.5)
    right.set_ylim(0, None)
    right.set_ylabel("lordosis, T12 to S1 [°]")
    serif(right, "The sum")
    save(figure, "calibration-rest-shape")

    lines = ["| level | standing, published | unloaded, fitted | man, lying | woman, lying |", "|---|---|---|---|---|"]
    for k, joint in enumerate(JOINTS):
        lines.append(
            f"| {joint} | {standing[k]:.1f} ± {spread[k]:.1f} | {kept * standing[k]:.1f} | {lying[0, k]:.1f} | {lying[1, k]:.1f} |"
        )
    q = [e.quantities["lumbar_lordosis"] for e in found]
    published = [np.degrees(table.get("spine", f"lordosis_{w}").sd_si[0]) for w in ("standing", "recumbent")]
    lines.append(f"| **T12–S1** | {standing.sum():.1f} | {kept * standing.sum():.1f} | {sums[0]:.1f} | {sums[1]:.1f} |")
    lines.append("| the same, ensemble | | | " + " | ".join(x.format().removesuffix(" deg") for x in q) + " |")
    lines += ["", f"Published T12–S1: standing {np.degrees(sets[0][1]):.1f} ± {published[0]:.1f}°, recumbent"
              f" {np.degrees(sets[1][1]):.1f} ± {published[1]:.1f}°. Angles in degrees. Fitted is the default"
              f" body, whose values stand above; the ensemble's line is median and 5th to 95th percentile of {MEMBERS} bodies."]  # fmt: skip
    return "\n".join(lines)


# -- the passive moment of the hip --------------------------------------------------------------------


@cache
def bench(person: Person, rival: str, knee: float) -> tuple[Body, np.ndarray, np.ndarray]:
    """One body over all hip angles of the papers, pelvis held: the body, coordinates and hip moment of each muscle [N·m]."""
    body = take(build(person, Variation(hip_sum=rival)), np.zeros(HIPS.size, dtype=np.intp))
    q = body.standing.copy()
    index = body.tree.coordinate("femur_r", "flexion")
    q[:, index] = np.deg2rad(HIPS) - value("joints", "hip", "paper_zero")
    q[:, body.tree.coordinate("tibia_r", "flexion")] = -np.deg2rad(knee)
    paths = muscle_paths(body, pose(body, q))
    return body, q, -muscle_state(body, paths.length).tension * paths.arms[:, :, index]


def moments(rival: str, knee: float) -> dict[str, np.ndarray]:
    """Mean over the two average adults, + toward flexion: each muscle, the capsule and the sum (angles,) [N·m]."""
    found: dict[str, np.ndarray] = {}
    for person in ADULTS.values():
        body, q, share = bench(person, rival, knee)
        index = body.tree.coordinate("femur_r", "flexion")
        joint = passive_resistance(
            q, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness
        ).moment[:, index]
        parts = {f"{line}_r": share[:, body.tree.muscles.index(f"{line}_r")] for line in LINES}
        parts["capsule"] = -joint
        for name, part in parts.items():
            found[name] = found.get(name, 0.0) + part / len(ADULTS)
    found["muscles"] = np.sum([v for k, v in found.items() if k.endswith("_r")], axis=0)
    found["sum"] = found["muscles"] + found["capsule"]
    return found


GROUPS = {
    "psoas major": "psoas_major", "iliacus": "iliacus", "rectus femoris": "rectus_femoris", "sartorius": "sartorius",
    "tensor fasciae latae": "tensor", "adductors and gracilis": ("adductor", "gracilis"),
    "hamstrings": ("semi", "biceps"), "gluteus maximus": "gluteus_maximus", "gluteus medius": "gluteus_medius",
    "piriformis": "piriformis", "capsule": "capsule",
}  # fmt: skip
POSES = (("hip 15° extended, knee 15°", -15.0, 15.0), ("straight: hip 0°, knee 15°", 0.0, 15.0), ("hip 30°, knee 60°", 30.0, 60.0),
         ("bent: hip 45°, knee 90°", 45.0, 90.0), ("hip 60°, knee 15°", 60.0, 15.0))  # fmt: skip


def hip_moment() -> str:
    """The model against both papers; returns the table of shares."""
    figure, axes = plt.subplots(1, 3, figsize=(8.4, 3.9), sharey=True, layout="constrained")
    worst: dict[str, tuple[float, float]] = {}
    text = (files("psoas.validation") / "data" / "silder2007_hip_moment.csv").read_text(encoding="utf-8")
    points = np.array([[float(x) for x in line.split(",")] for line in text.splitlines()[1:]])
    for axis, knee in zip(axes, KNEES, strict=True):
        flat = np.full_like(HIPS, knee)
        both = np.stack([silder(HIPS, flat), riener(HIPS, flat)])
        axis.fill_between(HIPS, both.min(0) - WIDENED, both.max(0) + WIDENED, color=INK["flesh"], lw=0, zorder=1)
        own = points[np.isclose(points[:, 1], knee)]
        thin = own[::3] if len(own) else np.zeros((0, 3))
        axis.plot(HIPS, both[0], color=INK["prop_line"], lw=1.0, zorder=2)
        axis.plot(
            thin[:, 0],
            thin[:, 2],
            "o",
            ms=3,
            mfc=INK["prop"],
            mec=INK["prop_line"],
            mew=0.6,
            zorder=3,
            label="Silder 2007",
        )
        axis.plot(
            HIPS, both[1], color=INK["ink"], lw=1.0, linestyle=(0, (1, 1.2)), zorder=3, label="Riener & Edrich 1999"
        )
        for rival, dash in zip(PASSIVE_SUMS, ("-", (0, (4, 1.5))), strict=True):
            found = moments(rival, knee)
            axis.plot(
                HIPS,
                found["sum"],
                color=INK["madder"],
                lw=1.6,
                linestyle=dash,
                zorder=5,
                label=f"model, fitted to {NAMES[rival].split()[0]}",
            )
            axis.plot(HIPS, found["muscles"], color=INK["iliacus_line"], lw=0.9, linestyle=dash, zorder=4,
                      label="of that, muscles" if rival == PASSIVE_SUMS[0] else None)  # fmt: skip
        axis.axhline(0, color=INK["hair"], lw=0.6, zorder=0)
        axis.set_xlabel("hip flexion, the papers' zero [°]")
        axis.set_xticks(np.arange(-15, 61, 15))
        axis.set_xlim(-17, 62)
        axis.set_ylim(-14, 52)
        serif(axis, f"Knee at {knee:.0f}°")
    axes[0].set_ylabel("passive hip moment, + toward flexion [N·m]")
    axes[0].fill_between([], [], color=INK["flesh"], label=f"both papers ± {WIDENED:.0f} N·m")
    axes[0].legend(fontsize=7.5, loc="upper right")
    save(figure, "calibration-hip-moment")

    lines = ["| model fitted to | largest distance from its paper | largest distance outside the band | zero crossing at knee 90°, paper | model |",
             "|---|---|---|---|---|"]  # fmt: skip
    for rival in PASSIVE_SUMS:
        away = out = 0.0
        for knee in np.arange(15.0, 90.1, 15.0):
            flat = np.full_like(HIPS, knee)
            both = np.stack([silder(HIPS, flat), riener(HIPS, flat)])
            total = moments(rival, float(knee))["sum"]
            away = max(away, float(np.max(np.abs(total - both[PASSIVE_SUMS.index(rival)]))))
            over = np.maximum(total - both.max(0) - WIDENED, 0) + np.maximum(both.min(0) - WIDENED - total, 0)
            out = max(out, float(over.max()))
        worst[rival] = away, out
        zeros = [crossing(riener if rival == "riener1999" else silder), crossing_of(moments(rival, 90.0)["sum"])]
        lines.append(f"| {NAMES[rival]} | {away:.1f} N·m | {out:.1f} N·m | {zeros[0]} | {zeros[1]} |")
    lines += ["", ensemble_in_band(), "", "Share of each muscle and of the capsule in the moment of one hip, + toward flexion [N·m], mean of the two average adults,"
              " fitted to Silder / to Riener & Edrich:", "", "| | " + " | ".join(p[0] for p in POSES) + " |", "|---" * (len(POSES) + 1) + "|"]  # fmt: skip
    for label, prefix in {**GROUPS, "**sum**": "sum"}.items():
        cells = []
        for _, hip, knee in POSES:
            k = int(np.argmin(np.abs(HIPS - hip)))
            pair = []
            for rival in PASSIVE_SUMS:
                found = moments(rival, knee)
                keys = [n for n in found if n.startswith(prefix) and (n.endswith("_r") or n in ("capsule", "sum"))]
                pair.append(float(sum(found[n][k] for n in keys)))
            cells.append(" / ".join("0" if abs(x) < 0.05 else f"{x:.1f}" for x in pair))
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    papers = []
    for _, hip, knee in POSES:
        pair = (float(f(np.array([hip]), np.array([knee]))[0]) for f in (silder, riener))
        papers.append(" / ".join(f"{x:.1f}" for x in pair))
    lines.append("| *the papers* | " + " | ".join(papers) + " |")
    return "\n".join(lines)


def ensemble_in_band() -> str:
    """How the ensemble's bodies, whose psoas carries anything from nothing to much, keep to the band."""
    hips, knees = np.arange(-15.0, 60.1, 5.0), np.arange(15.0, 90.1, 15.0)
    outside = np.zeros(MEMBERS)
    totals = np.zeros((len(ADULTS), knees.size, hips.size, MEMBERS))
    for a, person in enumerate(ADULTS.values()):
        drawn = fitted_draws(person, MEMBERS)
        body = build_many(person, drawn)
        index, tibia = (body.tree.coordinate(f"{s}_r", "flexion") for s in ("femur", "tibia"))
        zero = value("joints", "hip", "paper_zero") + np.array([v.hip_zero for v in drawn])
        for i, knee in enumerate(knees):
            for j, hip in enumerate(hips):
                q = body.standing.copy()
                q[:, index], q[:, tibia] = np.deg2rad(hip) - zero, -np.deg2rad(knee)
                paths = muscle_paths(body, pose(body, q))
                joint = passive_resistance(
                    q, body.neutral, body.stop_threshold, body.stop_scale, body.stop_rate, body.stiffness
                ).moment[:, index]
                totals[a, i, j] = -np.sum(muscle_state(body, paths.length).tension * paths.arms[:, :, index], 1) - joint
    mean = totals.mean(0)
    for i, knee in enumerate(knees):
        both = np.stack([silder(hips, np.full_like(hips, knee)), riener(hips, np.full_like(hips, knee))])
        low, high = both.min(0)[:, None] - WIDENED, both.max(0)[:, None] + WIDENED
        outside = np.maximum(outside, np.max(np.maximum(mean[i] - high, 0.0) + np.maximum(low - mean[i], 0.0), axis=0))
    return (
        f"Of {MEMBERS} members of the ensemble, {np.sum(outside < 0.01)} keep to the band everywhere and"
        f" {np.sum(outside < 3.0)} within 3 N·m of it; the farthest leaves it by {outside.max():.0f} N·m."
    )


def crossing(law) -> str:
    """Where a paper's moment changes sign with the knee at 90 degrees."""
    hips = np.arange(-10.0, 120.0, 0.5) if law is riener else HIPS
    return crossing_of(law(hips, np.full_like(hips, 90.0)), hips)


def crossing_of(total: np.ndarray, hips: np.ndarray = HIPS) -> str:
    """Hip angle of no moment, in words."""
    signs = np.flatnonzero((total[:-1] > 0) & (total[1:] <= 0))
    return f"{hips[signs[-1]]:.0f}°" if signs.size else f"beyond {hips[-1]:.0f}°"


def bent_values() -> str:
    """Published against fitted neutral fiber lengths."""
    lines = [
        "| muscle | published neutral fiber length | fitted to Silder | fitted to Riener & Edrich |",
        "|---|---|---|---|",
    ]
    names = {"rectus_femoris": "rectus femoris", "hamstrings": "hamstrings", "gluteus_maximus": "gluteus maximus"}
    for group, label in names.items():
        own = [value("muscles", line, "normalized_fiber_length_neutral") for line, g in FITTED.items() if g == group]
        published = f"{min(own):.2f}" if max(own) - min(own) < 0.005 else f"{min(own):.2f} to {max(own):.2f}"
        fitted = [value("fitted", f"{group}_{rival}", "normalized_fiber_length_neutral") for rival in PASSIVE_SUMS]
        lines.append(f"| {label} | {published} | " + " | ".join(f"{x:.2f}" for x in fitted) + " |")
    return "\n".join(lines)


def fill(text: str, key: str, table: str) -> str:
    """Put a table between its marks."""
    mark = re.compile(rf"(<!-- table {key} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not mark.search(text):
        raise SystemExit(f"calibration.md has no place for table {key}")
    return mark.sub(lambda found: found[1] + table + "\n" + found[2], text)


if __name__ == "__main__":
    style()
    made = {"rest-shape": rest_shape(), "hip-moment": hip_moment(), "bent": bent_values()}
    page = HERE / "calibration.md"
    if page.exists():
        text = page.read_text(encoding="utf-8")
        for key, table in made.items():
            text = fill(text, key, table)
        page.write_text(text, encoding="utf-8")
    else:
        print(*made.values(), sep="\n\n")
