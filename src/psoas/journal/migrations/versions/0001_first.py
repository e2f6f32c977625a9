"""The first tables. There is no way down from here or later: a backup leads back."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _json() -> sa.JSON:
    return sa.JSON(none_as_null=True)


def _owned(name: str, *columns: sa.Column | sa.Constraint) -> None:
    """A table whose rows belong to a person and go with them."""
    op.create_table(
        name,
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=f"fk_{name}_person_id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{name}_person_id", name, ["person_id"])


def _moment(name: str) -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column(f"{name}_utc", sa.DateTime(), nullable=False),
        sa.Column(f"{name}_offset_s", sa.Integer(), nullable=False),
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "person",
        sa.Column("id", sa.String(36), nullable=False),
        *_moment("created_at"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("measures", _json(), nullable=False),
        sa.Column("typed", _json(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("props", _json(), nullable=False),
        sa.Column("history", _json(), nullable=False),
        sa.Column("inner_resources", sa.Text(), nullable=False),
        sa.Column("outer_resources", sa.Text(), nullable=False),
        sa.Column("crisis_number", sa.Text(), nullable=False),
        sa.Column("settings", _json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    _owned(
        "entry",
        *_moment("created_at"),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("screening", _json()),
        sa.Column("look_before", _json()),
        sa.Column("look_after", _json()),
        sa.Column("minutes", sa.Double()),
        sa.Column("options", _json(), nullable=False),
        sa.Column("setup", _json()),
        sa.Column("record", _json()),
        sa.Column("record_key", sa.Text()),
        sa.Column("noticed", _json(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("comfort_before", sa.Integer()),
        sa.Column("comfort_after", sa.Integer()),
        sa.Column("better", sa.Integer()),
        sa.Column("next_morning", _json()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.UniqueConstraint("record_key", name="uq_entry_record_key"),
        sa.CheckConstraint("comfort_before BETWEEN 0 AND 10", name=op.f("ck_entry_comfort_before")),
        sa.CheckConstraint("comfort_after BETWEEN 0 AND 10", name=op.f("ck_entry_comfort_after")),
        sa.CheckConstraint("better BETWEEN -100 AND 100", name=op.f("ck_entry_better")),
    )
    _owned(
        "tried",
        *_moment("created_at"),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("when", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    _owned(
        "photo",
        sa.Column("entry_id", sa.String(36)),
        *_moment("taken_at"),
        sa.Column("which", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("scale_note", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_photo_entry_id", ondelete="CASCADE"),
    )
    op.create_index("ix_photo_entry_id", "photo", ["entry_id"])
    _owned(
        "recording",
        *_moment("created_at"),
        sa.Column("cue", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("person_id", "cue", name="uq_recording_person_id_cue"),
    )
    _owned(
        "reminder",
        *_moment("created_at"),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("days", _json(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
    )
