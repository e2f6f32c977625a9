"""Draw the body that lies at the head of Today; writes ``src/psoas/app/static/lying.svg``.

Run: ``python design/draw_frontispiece.py``. The average woman in constructive rest, solved: outline, near arm, psoas, floor.
"""

from __future__ import annotations

from pathlib import Path

import shapely

from psoas.body.build import build
from psoas.body.muscles import PSOAS_MAJOR
from psoas.drawing import SIDE, Sheet, _outline, bands, figure, silhouette
from psoas.equilibrium import rest
from psoas.position import position
from psoas.validation.case import ADULTS

TARGET = Path("src/psoas/app/static/lying.svg")
WIDTH, MARGIN = 656.0, 14.0
"""Of the picture, and what stays free beside the body [page units]."""
INKS = {"light": ("#ebdcc6", "#2b2622", "#9c3524"), "dark": ("#2a2520", "#c9bda9", "#e58a72")}
"""Flesh, lines and psoas, as the pages have them."""


def style(theme: str) -> str:
    flesh, line, red = INKS[theme]
    return f".b{{fill:{flesh};stroke:{line}}}.f{{stroke:{line}}}.p{{fill:{red}}}"


def main() -> None:
    fig = figure(rest(build(ADULTS["woman"]), position("constructive-rest")))
    body = silhouette(fig, SIDE)
    left, _, right, top = body.bounds
    scale = (WIDTH - 2 * MARGIN) / (right - left)
    ground = scale * top + 6.0
    sheet = Sheet(MARGIN - scale * left, ground, scale)
    red = shapely.union_all([
        shapely.LineString(SIDE.flat(band.line)).buffer(0.5 * band.width)
        for band in bands(fig, PSOAS_MAJOR, fig.near, 0.055)
    ]).buffer(0.03).buffer(-0.033).buffer(0.003).simplify(0.006)  # fmt: skip
    paths = (
        f'<path class="f" d="M0 {ground:.0f}h{WIDTH:.0f}" stroke-width="1.2"/>'
        f'<path class="b" stroke-width="1.4" stroke-linejoin="round" d="{_outline(body, sheet, 0.012)}"/>'
        f'<path class="p" d="{_outline(red, sheet, 0.012)}"/>'
    )
    dark = f"@media (prefers-color-scheme:dark){{{style('dark')}}}"
    TARGET.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {ground + 1:.0f}">'
        f"<style>{style('light')}{dark}</style>{paths}</svg>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
