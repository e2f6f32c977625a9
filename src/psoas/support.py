"""What carries and holds a body: the surface, props, sticking contacts, and limbs resting on the trunk."""

from __future__ import annotations

from dataclasses import dataclass, field

from psoas.body.model import NESTED, SHARED, Array, Index


@dataclass(frozen=True)
class Pairs:
    """One leg resting on the other, perhaps with a prop between: pairs of patches that press and stick to each other."""

    skin: Index = field(metadata=SHARED)
    """The upper and the lower patch of each pair (pairs, 2)."""
    thickness: Array
    """Of what lies between them, unpressed (B, pairs) [m]."""
    coefficient: Array
    """See ``mechanics.contact.press`` (B, pairs) [N/m²]."""
    limit: Array
    """Approach that they cannot reach (B, pairs) [m]."""
    stiffness: Array
    """Shear stiffness of skin, clothes and what lies between, while they stick (B, pairs) [N/m]."""
    points: Array
    """The points of the upper and the lower segment that stick together, each in its segment's frame (B, pairs, 2, 3) [m]."""
    normal: Array
    """Along which they do not resist, in the world: from the lower to the upper when they last took hold (B, pairs, 3) [-]."""


@dataclass(frozen=True)
class Support:
    """The world around ``B`` bodies, in SI units; world axes as in :data:`psoas.body.kinematics.LYING`."""

    start: Array
    """Coordinates to start from; those that are not free keep these values (B, coordinates) [m, rad]."""

    floor_coefficient: Array
    """Of each patch of skin on the floor, see ``mechanics.contact.press`` (B, skin) [N/m²]."""
    floor_limit: Array
    """Indentation that no patch of skin on the floor can reach (B, skin) [m]."""
    prop_coefficient: Array
    """Of each patch of skin on each prop (B, props, skin) [N/m²]."""
    prop_limit: Array
    """Indentation that no patch of skin on a prop can reach (B, props, skin) [m]."""
    prop_places: tuple[str, ...]
    """What each prop lies under, as in ``psoas.props.PLACES`` (props,)."""
    prop_center: Array
    """Along the floor and up (B, props, 2) [m]."""
    prop_half_size: Array
    """Half length and half height without the rounding (B, props, 2) [m]."""
    prop_rounding: Array
    """(B, props) [m]."""

    grip_skin: Index = field(metadata=SHARED)
    """Patches of skin that may stick (grips,)."""
    grip_stiffness: Array
    """Shear stiffness while sticking, along and across the body, 0 where a patch slides freely (B, grips, 2) [N/m]."""
    grip_point: Array
    """The point of the segment that touches the floor, in its frame (B, grips, 3) [m]."""
    grip_anchor: Array
    """Where on the floor it is held (B, grips, 2) [m]."""
    grip_height: Array
    """Of the plane it is held in, 0 on the floor (B, grips) [m]."""

    tie_segments: Index = field(metadata=SHARED)
    """Pairs of segments, one resting on the other (ties, 2)."""
    tie_points: Array
    """The two points that are held together, each in its segment's frame (B, ties, 2, 3) [m]."""
    tie_stiffness: Array
    """(B, ties) [N/m]."""

    tone_angle: Array
    """Angle that resting tone holds (B, coordinates) [rad]."""
    tone_stiffness: Array
    """(B, coordinates) [N·m/rad]."""

    prop_angle: Array | None = None
    """How far each prop is turned in the vertical plane of the body's length, + from X toward Z; nothing where all lie level
    (B, props) [rad]."""
    pairs: Pairs | None = field(default=None, metadata=NESTED)
    """Skin that rests on skin, where the position has any."""
