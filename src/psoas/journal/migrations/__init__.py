"""How the tables came to be, one step after another: Alembic's own layout, ``env.py`` and ``versions/``."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parent
"""Where Alembic finds them."""


def known() -> tuple[str, ...]:
    """The steps this version of psoas has, newest first."""
    return tuple(script.revision for script in ScriptDirectory(FOLDER).walk_revisions())
