"""What was erased is nowhere: not in the data folder, and not in what the browser itself keeps."""

import io
import itertools
import json
import pprint
import re

import pytest
from PIL import Image

WORD = "zqwombat"
"""No word of any page or program; a number after it says which field it was typed into."""


WAITING = """
localStorage.setItem("psoas-outbox", JSON.stringify([{ key: "a-rest-that-waits", entry: "somewhere", body: {} }]))
"""
"""A rest that could not be handed over yet."""


class Planter:
    """Gives out canary words, and finds them again."""

    def __init__(self):
        self.count = itertools.count(1)
        self.planted = {}

    def word(self, where):
        made = f"{WORD}{next(self.count):02}"
        self.planted[made] = where
        return made

    def found(self, *folders):
        """Files under the folders that hold any, and which."""
        forms = re.compile(
            WORD.encode() + rb"\d\d|" + re.escape(WORD.encode("utf-16-le")) + rb"(?:\d\x00){2}", re.IGNORECASE
        )
        held = {}
        for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
            words = {self.name(match) for match in forms.findall(path.read_bytes())}
            words |= {self.name(match) for match in forms.findall(path.name.encode())}
            if words:
                held[str(path)] = sorted(words)
        return held

    def name(self, match):
        word = match.replace(b"\x00", b"").decode().lower()
        return f"{word}: {self.planted.get(word, 'of nothing planted')}"


@pytest.fixture
def planter():
    return Planter()


@pytest.fixture
def at_home(browser, chromium_path, chromium_flags, tmp_path, own_psoas, visit_of):
    """A visit in a browser with a profile on the disk, as people have one."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=chromium_path,
        args=chromium_flags,
        viewport={"width": 1100, "height": 900},
    )
    page = context.pages[0]
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(own_psoas.entrance())
    yield visit_of(page, own_psoas)
    context.close()


def files_named(folder, planter):
    """A photo and a sound, whose very names tell something."""
    import soundfile

    photo = folder / f"{planter.word('name of the photo file')}.jpg"
    Image.new("RGB", (200, 100), "gray").save(photo, "JPEG")
    voice = folder / f"{planter.word('name of the voice file')}.wav"
    written = io.BytesIO()
    soundfile.write(written, [[0.2 if i % 50 < 25 else -0.2] for i in range(16000)], 16000, format="WAV")
    voice.write_bytes(written.getvalue())
    return photo, voice


def fills_all(visit, planter, form, **given):
    """Every field of a form that takes words: what is given, else a canary."""
    boxes = ", ".join(f"{form} {box}:visible" for box in ("input[type=text]", "input:not([type])", "textarea"))
    for box in visit.page.locator(boxes).all():
        name = box.get_attribute("name")
        box.fill(given.get(name) if name in given else planter.word(f"{name} on {visit.page.url.rsplit('/', 1)[-1]}"))


def lives_an_evening(visit, planter, photo, voice):
    """A rest and everything around it, with a canary wherever there is room for a word."""
    page = visit.page
    visit.chooses("Begin")
    visit.at("/rest/[^/]+/ask")
    page.get_by_label("No, or the question does not fit you").check()
    page.get_by_label("None of it, in the questions above that I left open").check()
    visit.chooses("Go on").at("/rest/[^/]+/look")
    gaps = dict.fromkeys(("lumbar_arch", "ribs_left", "ribs_right", "thigh_left", "thigh_right"), "1 cm")
    fills_all(visit, planter, "main form", lumbar_arch=planter.word("a gap that is none"))
    page.set_input_files("#photo", photo)
    visit.chooses("Keep").is_told("Small of the back")  # the form comes back
    fills_all(visit, planter, "main form", **gaps)
    page.set_input_files("#photo", photo)
    visit.chooses("Keep").at("/rest/[^/]+/set-up")
    page.get_by_text("Change something about it").click()
    page.get_by_label("How thick").fill(planter.word("thickness"))
    page.select_option("#prop", "towel")
    visit.chooses("Show this").is_told("thickness")
    page.get_by_label("How thick").fill("3 cm")
    page.get_by_label("Minutes").fill("5")
    visit.chooses("To the quiet").at("/rest/[^/]+/session").page.wait_for_selector("#begin:enabled")
    visit.presses("Enter")
    visit.waits_until(lambda: visit.mode() == "stage")
    visit.presses("Space")
    visit.chooses("Finish").delivered()
    page.get_by_role("link", name="Check back").click()
    visit.at("/rest/[^/]+/check-back")
    fills_all(visit, planter, "main form")
    visit.chooses("Keep").is_told("ercent better")
    fills_all(visit, planter, "main form", better="10")
    visit.chooses("Keep").at("/people/[^/]+")
    who = page.url.rsplit("/", 1)[-1]

    visit.opens(f"/people/{who}/journal").page.get_by_text("Add something").click()
    fills_all(visit, planter, "main form")
    visit.chooses("Add")
    page.locator(".list a[href*=tried]").click()
    fills_all(visit, planter, "main form")
    visit.chooses("Keep").at("/people/[^/]+/journal")
    page.locator(".list a[href^='/rest/']").click()
    page.get_by_role("link", name="The morning after").click()
    fills_all(visit, planter, "main form", cramp_minutes=planter.word("minutes of a cramp"))
    visit.chooses("Keep").is_told("ramp minutes")
    fills_all(visit, planter, "main form", cramp_minutes="2")
    visit.chooses("Keep").at("/people/[^/]+")

    visit.opens(f"/people/{who}/you")
    page.get_by_text("Girths and legs").click()
    fills_all(visit, planter, "main form")  # no height is called so
    visit.chooses("Keep").is_told("eight")
    bare = dict.fromkeys(("stature", "mass", "age", "waist", "hip", "thigh", "calf", "left_leg", "right_leg"), "")
    fills_all(visit, planter, "main form", **bare)
    visit.chooses("Keep").at("/people/[^/]+")
    visit.opens(f"/people/{who}/compare").ticks("Two of your own:")
    fills_all(visit, planter, "main form")
    visit.chooses("Deal the days").is_told("airs")
    fills_all(visit, planter, "main form", pairs="8")
    visit.chooses("Deal the days").at("/comparison/[^/]+")
    visit.opens(f"/people/{who}/habits")
    fills_all(visit, planter, "main form")
    visit.chooses("Keep").page.get_by_role("button", name="Delete this day").wait_for()
    visit.opens(f"/people/{who}/clues")
    fills_all(visit, planter, "main form")
    visit.chooses("Keep").at("/clues/[^/]+")
    visit.opens("/people")
    fills_all(visit, planter, "main form")
    visit.chooses("Add").at("/people/[^/]+")

    visit.opens(f"/people/{who}/voice").page.locator("main summary").first.click()
    page.locator("input[type=file]").first.set_input_files(voice)
    visit.chooses("Keep this")
    page.locator("audio").first.wait_for(state="attached")
    visit.opens(f"/people/{who}/data")
    page.get_by_label("Title").fill(planter.word("title of the reminder"))
    with page.expect_download():
        visit.page.get_by_role("button", name="Save the calendar file").click()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Everything, as JSON").click()
    return who, json.loads(saving.value.path().read_text())


def test_erased_words_are_nowhere(at_home, own_psoas, planter, tmp_path):
    profile = tmp_path / "profile"
    given = tmp_path / "given"
    given.mkdir()
    who, exported = lives_an_evening(at_home, planter, *files_named(given, planter))
    assert WORD in json.dumps(exported)
    assert planter.found(own_psoas.folder)  # so they would be found

    at_home.opens(f"/people/{who}/data")
    at_home.page.route("**/record", lambda route: route.abort())
    at_home.page.evaluate(WAITING)
    at_home.page.get_by_label("I have what I want to keep").check()
    at_home.chooses("Erase everybody and everything").reads("Erased")
    at_home.page.get_by_role("link", name="To the beginning").click()
    at_home.waits_until(lambda: at_home.sees("A place to lie down"))  # still let in, and new here
    assert at_home.page.evaluate("localStorage.length") == 0
    assert planter.found(own_psoas.folder) == {}
    at_home.page.context.close()
    own_psoas.end()
    assert any(profile.rglob("History"))  # there is a profile, and it was looked through
    left = planter.found(own_psoas.folder, profile)
    assert left == {}, pprint.pformat(left)
