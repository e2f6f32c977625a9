"""What several tests share: an average body and a lopsided one, and a browser where there is one."""

import os
import shutil
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from psoas.body.build import build
from psoas.person import Limb, Person

# No test depends on how fast the machine is.
hypothesis.settings.register_profile("psoas", deadline=None)
hypothesis.settings.load_profile("psoas")

AVERAGE = Person("female", 1.72, 68.0)
LOPSIDED = Person("male", 1.83, 88.0, psoas_minor=True, right=Limb(hip_flexor_shortening=0.15))


@pytest.fixture(scope="session")
def average():
    return build(AVERAGE)


@pytest.fixture(scope="session")
def lopsided():
    return build(LOPSIDED)


@pytest.fixture(params=["average", "lopsided"])
def body(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# Nothing that a browser does by itself may leave the machine.
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found_chromium():
    """Where Chromium is, or nothing."""
    return os.environ.get("PSOAS_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_collection_modifyitems(config, items):
    """Where there is no Chromium, one test says so for all that want one."""
    if found_chromium():
        return
    alike = [item for item in items if "chromium_path" in getattr(item, "fixturenames", ())][1:]
    items[:] = [item for item in items if item not in alike]
    config.hook.pytest_deselected(items=alike)


@pytest.fixture(scope="session")
def chromium_path():
    """Where Chromium is. A test that asks is skipped where there is none, and fails where PSOAS_CHROMIUM names none."""
    found = found_chromium()
    if found is None:
        pytest.skip("no Chromium: install one (Debian, Ubuntu: apt install chromium), or name it in PSOAS_CHROMIUM")
    if not Path(found).is_file():
        pytest.fail(f"PSOAS_CHROMIUM is {found!r}; give the path of a Chromium", pytrace=False)
    return found


@pytest.fixture(scope="session")
def chromium_flags():
    """For a test that starts a Chromium of its own, with a profile."""
    return list(CHROMIUM_FLAGS)


@pytest.fixture(scope="session")
def browser(chromium_path):
    """One running Chromium (playwright) for the whole run; open a context of your own in it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install psoas[dev]")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def run(capsys):
    """Run a command line: exit code, stdout, stderr."""

    def call(*words):
        from psoas import cli

        with pytest.raises(SystemExit) as exit:
            cli.main(words)
        told = capsys.readouterr()
        return exit.value.code, told.out, told.err

    return call
