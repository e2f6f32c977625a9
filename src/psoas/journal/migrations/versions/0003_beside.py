"""What a day had beside resting, and what was noticed of somebody by eye."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
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
        sa.Column("created_at_utc", sa.DateTime(), nullable=False),
        sa.Column("created_at_offset_s", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=f"fk_{name}_person_id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{name}_person_id", name, ["person_id"])


def upgrade() -> None:
    """Make the two tables; nothing that is there changes."""
    _owned(
        "habit_day",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("done", _json(), nullable=False),
        sa.Column("checks", _json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.UniqueConstraint("person_id", "day", name="uq_habit_day_person_id_day"),
    )
    _owned(
        "clue_note",
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("seen", _json(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
