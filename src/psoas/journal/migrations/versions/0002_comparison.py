"""A person's comparison of two ways to rest, and which rests were days of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
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
        "comparison",
        sa.Column("name_a", sa.Text(), nullable=False),
        sa.Column("name_b", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("order", _json(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("set_a", _json(), nullable=False),
        sa.Column("set_b", _json(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    _owned(
        "comparison_day",
        sa.Column("comparison_id", sa.String(36), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Text(), nullable=False),
        sa.Column("done", sa.Text()),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparison.id"], name="fk_comparison_day_comparison_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_comparison_day_entry_id", ondelete="CASCADE"),
        sa.UniqueConstraint("entry_id", name="uq_comparison_day_entry_id"),
    )
    op.create_index("ix_comparison_day_comparison_id", "comparison_day", ["comparison_id"])
