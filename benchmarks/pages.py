"""What the pages cost in a real Chromium: bytes of the first load, and from a press of a key to the next page's first paint.

Beside it, in the same run, the same first page as a plain file behind Python's own file server. Run: ``make bench``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

REPEATS = 30
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
# When a key or button was pressed, in milliseconds of this computer's clock, carried over to the next page.
PRESSED = """for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, (press) => {
    window.name = String(performance.timeOrigin + press.timeStamp) }, true)"""
PAINTED = """() => new Promise((done) => new PerformanceObserver((list, own) => {
    const first = list.getEntriesByName("first-contentful-paint")[0];
    if (first) { own.disconnect(); done(performance.timeOrigin + first.startTime - Number(window.name)); }
}).observe({ type: "paint", buffered: true }))"""


@contextlib.contextmanager
def program(*words: str, folder: str | None = None) -> Iterator[str]:
    """A program that serves, and the first line it prints."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=environment,
    )
    try:
        assert running.stdout is not None
        yield running.stdout.readline()
    finally:
        running.terminate()
        running.wait()


def loaded(page: Page, address: str) -> int:
    """Bytes on the wire of one first load, compressed, with headers."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return int(sum(sizes))


def presses(page: Page, there: str, back: str) -> np.ndarray:
    """From a press on a link to the first paint of where it leads, to and fro (2 REPEATS,) [ms]."""
    found = []
    for _ in range(REPEATS):
        for link in (there, back):
            page.locator(link).first.focus()
            with page.expect_navigation():
                page.keyboard.press("Enter")
            found.append(float(page.evaluate(PAINTED)))
    return np.array(found)


# From a move of the slider to the frame that shows the body there.
MOVED = """async ([repeats, low, high]) => {
    const slider = document.getElementById("slide-heel_distance"), plate = document.querySelector(".plate"), found = [];
    for (let k = 0; k < repeats; k += 1) {
        const began = performance.now();
        const seen = new Promise((done) => {
            const watch = new MutationObserver(() => {
                watch.disconnect();
                requestAnimationFrame(() => requestAnimationFrame(done));
            });
            watch.observe(plate, { childList: true });
        });
        slider.value = String(low + (k % (high - low)));
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await seen;
        found.push(performance.now() - began);
        await new Promise((done) => setTimeout(done, 40));
    }
    return found;
}"""


def slides(page: Page) -> np.ndarray:
    """From a slider's move to the body drawn where it leads (2 REPEATS,) [ms]; begins on the first question."""
    page.wait_for_url("**/ask")
    for box in page.query_selector_all("input[value=none]"):
        box.check()
    page.check("input[value=no]")
    page.click('button:has-text("Go on")')
    page.wait_for_url("**/look")
    page.click('button:has-text("Keep")')
    page.wait_for_url("**/set-up")
    page.wait_for_selector("[data-search]", state="detached", timeout=300_000)
    page.wait_for_selector(".plate img", timeout=300_000)
    page.evaluate(MOVED, [5, 28, 44])  # the first ones load what the others find there
    return np.array(page.evaluate(MOVED, [2 * REPEATS, 28, 44]))


def main() -> None:
    """Measure, and print."""
    chromium = os.environ.get("PSOAS_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if chromium is None:
        Console().print("No Chromium: the pages are not measured. On Debian and Ubuntu: apt install chromium.")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        with program("-m", "psoas", "app", "--no-browser", "--port", "8771", "--data", f"{folder}/data") as said:
            first = re.search(r"http\S+", said)
            assert first is not None, said
            context = browser.new_context()
            context.add_init_script(PRESSED)
            page = context.new_page()
            page.goto(first[0])
            fresh = browser.new_context(storage_state=context.storage_state())
            weight = loaded(fresh.new_page(), "http://127.0.0.1:8771/")
            page.click("text=Begin")
            page.click(".mark")
            ours = presses(page, "nav >> text=Journal", "nav >> text=Today")
            asked = presses(page, "main button", ".mark")
            page.locator("main button").first.click()
            moved = slides(page)
            Path(folder, "a.html").write_text('<title>a</title><a href="b.html">to the other</a>', encoding="utf-8")
            Path(folder, "b.html").write_text('<title>b</title><a href="a.html">to the other</a>', encoding="utf-8")
        with program("-m", "http.server", "8772", "--bind", "127.0.0.1", folder=folder):
            plain = browser.new_context()
            plain.add_init_script(PRESSED)
            page = plain.new_page()
            page.goto("http://127.0.0.1:8772/a.html")
            theirs = presses(page, "a", "a")
        browser.close()
    table = Table("", "psoas", "a plain file", "ratio", "must", title="Pages", title_justify="left")
    p95 = [float(np.percentile(x, 95)) for x in (ours, asked, theirs, moved)]
    table.add_row("first load of Today", f"{weight / 1000:.1f} kB", "", "", "50 kB")
    table.add_row(
        "press to paint, journal and today, p95",
        f"{p95[0]:.0f} ms",
        f"{p95[2]:.0f} ms",
        f"{p95[0] / p95[2]:.1f}",
        "100 ms",
    )
    table.add_row(
        "press to paint, Begin and back, p95",
        f"{p95[1]:.0f} ms",
        f"{p95[2]:.0f} ms",
        f"{p95[1] / p95[2]:.1f}",
        "100 ms",
    )
    table.add_row(
        "slider's move to the body drawn, p95",
        f"{p95[3]:.0f} ms",
        f"{p95[2]:.0f} ms",
        f"{p95[3] / p95[2]:.1f}",
        "100 ms",
    )
    Console().print(table)


if __name__ == "__main__":
    main()
