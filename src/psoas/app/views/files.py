"""What is no page: the sound of a session, photographs, recordings."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.routing import Route

from psoas import __version__, session
from psoas.app import worker
from psoas.app.page import Ask, go, page, sentence, view
from psoas.app.views.entry import ready
from psoas.errors import InputError, NotFoundError, StorageError
from psoas.journal import Person
from psoas.session import Plan

SOUND_FOLDER = "sound"
RECORDED = "audio/flac"
"""Media type of every recording, of sessions and of somebody's own voice."""
KEPT = 6
"""Rendered sessions that stay on the disk."""


@view
def sound(ask: Ask) -> Response:
    """The recording of a session, made when first asked for."""
    entry = ask.store.entry(ask.path("entry"))
    if entry.record and not ask.query.get("save"):
        return go(f"/rest/{entry.id}/check-back")  # a page that still shows Begin learns that this rest is over
    found = ready(ask, entry)
    if isinstance(found, str):
        return go(found)
    path = recording_of(ask, ask.store.person(entry.person_id), found[1])
    name = f"rest-{found[1].minutes}-min.flac" if ask.query.get("save") else None
    return FileResponse(path, media_type=RECORDED, filename=name, headers={"cache-control": "no-store"})


def recording_of(ask: Ask, who: Person, plan: Plan) -> Path:
    """The file of a plan, from the folder or rendered now.

    Raises:
        InputError: It cannot be made.
        StorageError: The data folder cannot be written.
    """
    # The folder is private: a recording may hold somebody's own voice.
    own = {one.cue: ask.store.recording_data(one.id) for one in ask.store.recordings(who.id)}
    cues = tuple((at, cue.spoken, own.get(cue.id)) for at, cue in plan.cues)
    seed = repr((__version__, plan.bells, [(at, text, sha256(data or b"").hexdigest()) for at, text, data in cues]))
    folder = ask.house.folder / SOUND_FOLDER
    path = folder / f"{sha256(f'{seed}{plan.total_seconds}'.encode()).hexdigest()[:24]}.flac"
    if not path.exists():
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            for old in sorted(folder.glob("*.flac"), key=lambda one: one.stat().st_mtime)[: -KEPT + 1 or None]:
                old.unlink(missing_ok=True)
        except OSError as problem:
            raise StorageError(
                f"{folder} cannot be written ({problem.strerror}); see that its disk is writable and has room"
            ) from None
        ask.house.worker.run(worker.render_session, str(path), plan.bells, cues, plan.total_seconds)
    return path


@view
def photo(ask: Ask) -> Response:
    """A photograph."""
    id = ask.path("photo")
    return Response(ask.store.photo_data(id), media_type="image/jpeg")


# -- own voice ----------------------------------------------------------------------------------------


@view
def voices(ask: Ask) -> Response:
    """The words of all sessions, to be recorded by oneself."""
    return _voices(ask, ask.store.person(ask.path("person")))


def _voices(ask: Ask, who: Person, problem: str = "", status: int = 200) -> Response:
    own = {one.cue for one in ask.store.recordings(who.id)}
    cues = [
        {"id": cue.id, "text": cue.text, "recorded": cue.id in own, "other": _of_others(cue)}
        for cue in session.cues().values()
    ]
    return page(ask, "voice.html", who, cues=cues, problem=problem, status=status)


def _of_others(cue: session.Cue) -> bool:
    """Whether only the ways that the sources name beside the usual ones say it."""
    return bool(cue.ways) and all(session.way(id).other for id in cue.ways)


@view
def keep_voice(ask: Ask) -> Response:
    """Keep a recording, or go back to the computer's voice."""
    who = ask.store.person(ask.path("person"))
    cue = ask.path("cue")
    try:
        if cue not in session.cues():
            raise InputError(f"cue is {cue!r}; give one of the words on this page")
        if ask.form.get("do") == "delete":
            for one in ask.store.recordings(who.id):
                if one.cue == cue:
                    ask.store.delete_recording(one.id)
        else:
            if "file" not in ask.files:
                raise InputError("there is no sound file; choose one, or record one")
            data, seconds = ask.house.worker.run(worker.own_recording, ask.files["file"][1])
            ask.store.save_recording(who.id, data, cue=cue, mime=RECORDED, seconds=seconds, created_at=ask.now())
        shutil.rmtree(ask.house.folder / SOUND_FOLDER, ignore_errors=True)  # a voice taken back speaks nowhere
    except (InputError, StorageError) as problem:
        return _voices(ask, who, sentence(str(problem)), 507 if isinstance(problem, StorageError) else 422)
    return go(f"/people/{who.id}/voice#{cue}")


@view
def play_voice(ask: Ask) -> Response:
    """One recording."""
    cue = ask.path("cue")
    for one in ask.store.recordings(ask.store.person(ask.path("person")).id):
        if one.cue == cue:
            # Not what the record says: one from a file may say that it is a page.
            return Response(ask.store.recording_data(one.id), media_type=RECORDED)
    raise NotFoundError(f"cue is {cue!r}; nobody has recorded it")


ROUTES = [
    Route("/rest/{entry}/sound.flac", sound),
    Route("/photos/{photo}", photo),
    Route("/people/{person}/voice", voices),
    Route("/people/{person}/voice/{cue}", keep_voice, methods=["POST"]),
    Route("/people/{person}/voice/{cue}.flac", play_voice),
]
