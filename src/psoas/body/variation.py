"""What may differ between two bodies of the same measurements: the draws of an ensemble, and the rivals they pick from."""

from __future__ import annotations

from dataclasses import dataclass

PSOAS_PATHS = ("rajagopal2016", "delp1990", "wilkinson2021")
"""Rival courses of the psoas over the brim. That the top fascicle may start on L1 is in the table and not drawn here: it
would be another tree."""
DISC_LAWS = ("yamamoto1989", "heuer2007", "schmidt1998")
"""Rival load-rotation laws of a motion segment."""
PASSIVE_CURVES = ("thelen2003", "rajagopal2016", "uhlrich2022")
"""Rival passive curves of psoas and iliacus."""
AREA_TABLES = ("anybody_ammr", "even")
"""Rival shares of the psoas's area among its fascicles."""
PASSIVE_SUMS = ("silder2007", "riener1999")
"""Rival measurements of the summed passive hip moment that the fitted tissue follows."""


@dataclass(frozen=True)
class Variation:
    """One draw. The defaults are the body drawn from the default rows; z values are in the tables' standard deviations.

    Names of rivals are not checked here.
    """

    pelvic_incidence: float = 0.0
    """z of the pelvic incidence [-]."""
    lumbosacral_distance: float = 0.0
    """z of the distance from hip axis to lumbosacral joint [-]."""
    lumbar_profile: tuple[float, float, float, float, float, float] = (0.0,) * 6
    """z of the rest angle of each level, L5-S1 first, about the fitted profile, in halves of its standard deviation [-]."""
    kyphosis: float = 0.0
    """Additional bend of the thorax up to C7 [rad]."""
    hip_zero: float = 0.0
    """Added to how far the papers' zero of the hip lies in flexion of the pelvis frame's [rad]."""
    disc_law: str = "yamamoto1989"
    """One of :data:`DISC_LAWS`."""
    disc_stiffness: float = 1.0
    """Multiplies every moment of the spine's motion segments [-]."""
    psoas_path: str = "rajagopal2016"
    """One of :data:`PSOAS_PATHS`."""
    psoas_areas: str = "anybody_ammr"
    """One of :data:`AREA_TABLES`."""
    psoas_area: float = 1.0
    """Multiplies the psoas's total area [-]."""
    iliacus_area: float = 1.0
    """Multiplies the iliacus's total area [-]."""
    passive_curve: str = "thelen2003"
    """One of :data:`PASSIVE_CURVES`."""
    psoas_stretch: float = 0.0
    """Added to the neutral normalized fiber length of psoas major and minor [-]."""
    iliacus_stretch: float = 0.0
    """Added to the neutral normalized fiber length of iliacus [-]."""
    hip_sum: str = "silder2007"
    """Which measurement of the summed hip moment the fitted tissue follows, one of :data:`PASSIVE_SUMS`."""
    capsule_share: float = 1.0
    """Multiplies the fitted capsule [-]."""
    neighbor_stretch: float = 0.0
    """Added to the neutral normalized fiber length of the other muscles of the hip [-]."""
    tone: float = 0.0
    """Added to the person's resting activity of psoas and iliacus [-]."""
    back_tissue: float = 0.0
    """z of the tissue over the back's bones [-]."""
    back_profile: float = 0.0
    """z of how far back the ribs and shoulder blades reach [-]."""
    buttock: float = 0.0
    """z of how far back the buttocks reach [-]."""
    thigh_flesh: float = 0.0
    """z of how far behind the bone the thigh's flesh lies [-]."""
    tissue_modulus: float = 1.0
    """Multiplies the soft tissue's modulus [-]."""
    head_rise: float = 0.0
    """z of how far forward of the shoulder blades' plane the back of the head lies [-]."""
    lateral_tone: float = 1.0
    """Multiplies the hips' resting stiffness to the side [-]."""
    friction: float = 1.0
    """Multiplies the coefficient of friction [-]."""
    trunk_grip: str = "pelvis"
    """Which part of the trunk does not slide: ``pelvis``, ``back`` or ``both``."""
    flank: float = 0.0
    """z of the tissue that gives way on the body's sides, the shoulder girdle's among it [-]."""
    breadth: tuple[float, float, float, float] = (0.0,) * 4
    """z of how far out shoulders, chest, waist and hips reach on the side [-]."""
