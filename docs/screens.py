"""Make the README's pictures of the pages, in a real Chromium: ``make docs``. Where there is none, they stay as they are."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

FIGURES = Path(__file__).parent / "figures"
SIZE = {"width": 1040, "height": 1180}
COLORS = 96
"""Few inks make small files."""

LOADED = (
    "(theme) => { const i = document.querySelector('.plate img'); return i.currentSrc.includes(theme) && i.complete }"
)


def save(data: bytes, name: str) -> None:
    """Write a screenshot with few colors."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(FIGURES / name, optimize=True)


def main() -> None:
    """Walk through the pages as a person would, and take their pictures."""
    chromium = os.environ.get("PSOAS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium: the pictures of the pages stay as they are")
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        words = [sys.executable, "-m", "psoas", "app", "--no-browser", "--port", "8773", "--data", folder]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        app = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
        try:
            assert app.stdout is not None
            found = re.search(r"http\S+", app.stdout.readline())
            assert found is not None
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
            page.goto(found[0])
            page.click("text=Begin")
            page.wait_for_url("**/ask")
            start = page.url
            page.click("nav >> text=You")
            page.wait_for_url("**/you")
            page.check("input[value=female]")
            page.fill("#stature", "172")
            page.fill("#mass", "68")
            with page.expect_navigation():
                page.click("button:has-text('Keep')")
            page.goto(start)
            page.check("input[name=pregnancy][value=no]")
            page.check("input[name=open]")
            page.click("button:has-text('Go on')")
            page.wait_for_url("**/look")
            page.click("text=Go on without")
            page.wait_for_selector("[data-search]", state="detached", timeout=120_000)
            page.wait_for_selector(".plate img", timeout=120_000)
            for theme, name in (("light", "app-set-up.png"), ("dark", "app-set-up-dark.png")):
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                page.wait_for_function(LOADED, arg=theme)
                save(page.screenshot(), name)
            page.click("text=To the quiet")
            page.wait_for_selector("#begin:enabled")
            page.clock.install()
            page.click("#begin")
            page.click("#skip")
            page.clock.fast_forward(400_000)
            page.wait_for_timeout(300)
            page.evaluate("document.activeElement.blur()")
            save(page.screenshot(), "app-session.png")
            browser.close()
        finally:
            app.terminate()
            app.wait()


if __name__ == "__main__":
    main()
