"""Joint and tissue rows typed by hand (see transcribe_geometry.py). SI throughout; degrees of a source are converted here."""

from math import pi

DEG = pi / 180
PER_DEG = 180 / pi  # a coefficient per degree, made one per radian


def _row(id, quantity, value, unit, source, locator, status="read", use="default", **more):
    return dict(
        id=id,
        quantity=quantity,
        value=value,
        unit=unit,
        source=source,
        locator=locator,
        status=status,
        use=use,
        **more,
    )


def joints():
    """Every joint row as keyword arguments of Table.add."""
    rows = []

    def add(*args, **kw):
        rows.append(_row(*args, **kw))

    cadaver = {"n": 10, "population": "cadaver L1 to sacrum"}
    # level: neutral zone flexion-extension, axial, lateral; range flexion, extension, axial one side, lateral one side [deg]
    yamamoto = {
        "L1_L2": (1.6, 0.9, 1.4, 5.8, 4.3, 2.3, 4.9),
        "L2_L3": (1.0, 0.8, 2.0, 6.5, 4.3, 2.6, 7.0),
        "L3_L4": (1.4, 0.7, 1.4, 7.5, 3.7, 2.6, 5.7),
        "L4_L5": (1.8, 0.4, 1.6, 8.9, 5.8, 2.2, 5.7),
        "L5_S1": (3.0, 0.4, 1.8, 10.0, 7.8, 1.4, 5.5),
    }
    names = (
        "neutral_zone_flexion_extension",
        "neutral_zone_axial",
        "neutral_zone_lateral",
        "range_flexion",
        "range_extension",
        "range_axial",
        "range_lateral",
    )
    for level, values in yamamoto.items():
        for name, value in zip(names, values, strict=False):
            note = "at 10 Nm, one side" if name.startswith("range") else "as the abstract gives it"
            add(
                level,
                name,
                value * DEG,
                "rad",
                "yamamoto1989",
                "abstract",
                sd=0.25 * value * DEG,
                note=note + "; sd assumed 25 %",
                **cadaver,
            )
    assumed = (2.0, 0.9, 1.6, 5.0, 4.0, 2.0, 5.5)
    for name, value in zip(names, assumed, strict=False):
        add(
            "T12_L1",
            name,
            value * DEG,
            "rad",
            "estimate",
            "near L1_L2",
            "assumed",
            sd=0.4 * value * DEG,
            note="no source gathered",
        )
    for level in yamamoto:
        add(
            level,
            "yamamoto_moment",
            10.0,
            "Nm",
            "yamamoto1989",
            "abstract",
            note="moment at which the ranges were read",
            **cadaver,
        )

    add(
        "T12_L1",
        "yamamoto_moment",
        10.0,
        "Nm",
        "estimate",
        "as for the levels below",
        "assumed",
        sd=2.0,
        note="moment at which the assumed ranges are taken",
    )

    # Heuer curve of an intact L4/5, one curve for all levels: M = p1 a + p2 a^2 + p3 a^3, a = |angle|
    heuer = {
        "flexion": (1.1181, -0.1818, 0.0312),
        "extension": (1.2480, 0.0192, 0.0288),
        "lateral": (0.4741, 0.1417, 0.0081),
        "axial": (2.5695, -0.0044, 0.0291),
    }
    for motion, (p1, p2, p3) in heuer.items():
        note = "M = p1 a + p2 a^2 + p3 a^3, a = |angle| [rad], restoring; one curve for every level, no preload"
        for name, p, power in (("p1", p1, 1), ("p2", p2, 2), ("p3", p3, 3)):
            unit = "Nm/rad" if power == 1 else f"Nm/rad{power}"
            add(
                "lumbar_segment",
                f"{motion}_{name}",
                p * PER_DEG**power,
                unit,
                "heuer2007",
                "frame material after the in-vitro data",
                "transcribed",
                sd=0.3 * abs(p) * PER_DEG**power,
                population="cadaver L4/5",
                note=note + ("; tangent dips near 2 deg because p2 < 0" if (motion, name) == ("flexion", "p2") else ""),
            )
        add(
            "lumbar_segment",
            f"{motion}_stiffness_zero",
            p1 * PER_DEG,
            "Nm/rad",
            "heuer2007",
            "p1",
            "derived",
            sd=0.3 * p1 * PER_DEG,
            population="cadaver L4/5",
            note="slope at zero",
        )
    for motion, schmidt, white, loose in (
        ("flexion", 1.8, 1.36, 1.1),
        ("extension", 2.6, 2.08, 0.8),
        ("lateral", 2.3, 1.75, 1.4),
        ("axial", 8.4, 5.0, 2.4),
    ):
        add(
            "lumbar_segment",
            f"{motion}_stiffness_linear",
            schmidt * PER_DEG,
            "Nm/rad",
            "schmidt1998",
            "intact, as coded in a public model",
            "transcribed",
            sd=0.4 * schmidt * PER_DEG,
            note="one linear value, not per level",
        )
        add(
            "lumbar_segment",
            f"{motion}_stiffness_linear",
            white * PER_DEG,
            "Nm/rad",
            "whitepanjabi1990",
            "remembered, not read",
            "assumed",
            "alternative",
            sd=0.5 * white * PER_DEG,
        )
        add(
            "lumbar_segment",
            f"{motion}_stiffness_degenerate",
            loose * PER_DEG,
            "Nm/rad",
            "schmidt1998",
            "degenerate, as coded in a public model",
            "transcribed",
            sd=0.4 * loose * PER_DEG,
        )
    add(
        "lumbar_segment",
        "preload_multiplier_250N",
        1.71,
        "1",
        "gardnermorse2004",
        "abstract",
        sd=0.3,
        population="cadaver L2-3, L4-5",
        note="stiffness under 250 N over none; sd assumed",
    )
    add(
        "lumbar_segment",
        "preload_multiplier_500N",
        2.11,
        "1",
        "gardnermorse2004",
        "abstract",
        sd=0.4,
        population="cadaver L2-3, L4-5",
        note="sd assumed",
    )
    for axis, stiffness in (("anterior", 435e3), ("axial", 2.42e6), ("lateral", 523e3)):
        add(
            "lumbar_segment",
            f"shear_stiffness_{axis}" if axis != "axial" else "compression_stiffness",
            stiffness,
            "N/m",
            "remus2021",
            "lumbar spine model",
            "transcribed",
            sd=0.4 * stiffness,
        )
    add(
        "T12_L1",
        "stiffness_scale",
        1.2,
        "1",
        "estimate",
        "times the lumbar_segment curve",
        "assumed",
        sd=0.4,
        note="the rib cage begins to stiffen it; no source gathered",
    )

    # Riener and Edrich 1999: M = exp(c0 + ck k + ch h) - exp(...) + offset, angles in degrees there, in radians here
    riener = {
        "hip": (
            ("a0", 1.4655),
            ("a_knee", -0.0034),
            ("a_hip", -0.0750),
            ("b0", 1.3403),
            ("b_knee", -0.0226),
            ("b_hip", 0.0305),
            ("offset", 8.072),
        ),
        "ankle": (
            ("a0", 2.1016),
            ("a_ankle", -0.0843),
            ("a_knee", -0.0176),
            ("b0", -7.9763),
            ("b_ankle", 0.1949),
            ("b_knee", 0.0008),
            ("offset", -1.792),
        ),
    }
    for joint, terms in riener.items():
        for name, c in terms:
            angle = name not in ("a0", "b0", "offset")
            unit = "1/rad" if angle else ("Nm" if name == "offset" else "1")
            add(
                joint,
                f"riener_{name}",
                c * (PER_DEG if angle else 1),
                unit,
                "riener1999",
                "equation, from public code",
                "transcribed",
                n=10,
                population="healthy adults",
                note="M = exp(a0 + sum a q) - exp(b0 + sum b q) + offset [Nm]; holds the passive muscle too: a check on the sum; "
                + (
                    "+ toward flexion; hip and knee flexion +"
                    if joint == "hip"
                    else "dorsiflexion + assumed, sign to be checked"
                ),
            )
    knee = (
        ("a0", 1.800),
        ("a_ankle", -0.0460),
        ("a_knee", -0.0352),
        ("a_hip", 0.0217),
        ("b0", -3.971),
        ("b_ankle", -0.0004),
        ("b_knee", 0.0495),
        ("b_hip", -0.0128),
        ("offset", -4.820),
        ("c0", 2.220),
        ("c_knee", -0.150),
    )
    for name, c in knee:
        angle = name not in ("a0", "b0", "c0", "offset")
        unit = "1/rad" if angle else ("Nm" if name == "offset" else "1")
        add(
            "knee",
            f"riener_{name}",
            c * (PER_DEG if angle else 1),
            unit,
            "riener1999",
            "equation, three transcriptions agree" if name == "c_knee" else "equation, from public code",
            "transcribed",
            n=10,
            population="healthy adults",
            note="M = exp(a0 + sum a q) - exp(b0 + sum b q) + offset + exp(c0 + c_knee k) [Nm]; + toward extension assumed, sign to be checked"
            + ("; one transcription has -1.50 (rejected)" if name == "c_knee" else ""),
        )

    # Falisse 2019: M = K1 exp(K2 (q - theta2)) + K3 exp(K4 (q - theta1))
    falisse = {
        ("hip", "flexion"): (-2.44, 5.05, 1.51, -21.88, -0.6981, 1.81),
        ("hip", "adduction"): (-0.03, 14.94, 0.03, -14.94, -0.5, 0.5),
        ("hip", "rotation"): (-0.03, 14.94, 0.03, -14.94, -0.92, 0.92),
        ("knee", "angle"): (-6.09, 33.94, 11.03, -11.33, -2.4, 0.13),
        ("ankle", "angle"): (-2.03, 38.11, 0.18, -12.12, -0.74, 0.52),
        ("subtalar", "angle"): (-60.21, 16.32, 60.21, -16.32, -0.65, 0.65),
        ("mtp", "angle"): (-0.9, 14.87, 0.18, -70.08, 0.0, 1.13446),
        ("lumbar", "extension"): (-0.35, 30.72, 0.25, -20.36, -0.523599, 0.17),
        ("lumbar", "bending"): (-0.25, 20.36, 0.25, -20.36, -0.349066, 0.349066),
        ("lumbar", "rotation"): (-0.25, 20.36, 0.25, -20.36, -0.349066, 0.349066),
    }
    for (joint, dof), values in falisse.items():
        for name, value in zip(("K1", "K2", "K3", "K4", "theta1", "theta2"), values, strict=False):
            unit = {"K1": "Nm", "K3": "Nm", "K2": "1/rad", "K4": "1/rad"}.get(name, "rad")
            add(
                joint,
                f"limit_{dof}_{name}",
                value,
                unit,
                "falisse2019",
                "passive moment data after Anderson",
                "transcribed",
                sd=0.2 if unit == "rad" else 0.3 * abs(value),
                note="M = K1 exp(K2 (q - theta2)) + K3 exp(K4 (q - theta1)), + increases q; knee flexion is NEGATIVE there; limit only, near zero inside the range",
            )
    for name, value, sd, source, locator, status, n, pop in (
        (
            "range_extension",
            17.9,
            5.0,
            "moromizato2016",
            "Table 1, as coded",
            "transcribed",
            42,
            "men 20-29 y",
        ),
        (
            "range_flexion",
            126.7,
            8.0,
            "moromizato2016",
            "Table 1, as coded",
            "transcribed",
            42,
            "men 20-29 y",
        ),
    ):
        add(
            "hip",
            name,
            value * DEG,
            "rad",
            source,
            locator,
            status,
            sd=sd * DEG,
            n=n,
            population=pop,
            sex="male",
            note="sd assumed",
        )
    add(
        "hip",
        "range_extension",
        16.1 * DEG,
        "rad",
        "moromizato2016",
        "Table 1, as coded",
        "transcribed",
        sd=5 * DEG,
        n=36,
        population="women 20-29 y",
        sex="female",
        note="sd assumed",
    )
    add(
        "hip",
        "range_flexion",
        130.4 * DEG,
        "rad",
        "moromizato2016",
        "Table 1, as coded",
        "transcribed",
        sd=8 * DEG,
        n=36,
        population="women 20-29 y",
        sex="female",
        note="sd assumed",
    )
    for name, value in (
        ("range_extension", 30.0),
        ("range_flexion", 120.0),
        ("range_abduction", 50.0),
        ("range_adduction", 30.0),
        ("range_rotation", 40.0),
    ):
        use = "alternative" if name in ("range_extension", "range_flexion") else "default"
        add(
            "hip",
            name,
            value * DEG,
            "rad",
            "rajagopal2016",
            "coordinate limits",
            "transcribed",
            use,
            sd=8 * DEG,
            note="soft limit",
        )
    add(
        "knee",
        "range_flexion",
        120 * DEG,
        "rad",
        "rajagopal2016",
        "coordinate limits",
        "transcribed",
        sd=10 * DEG,
    )
    add(
        "ankle",
        "range_plantarflexion",
        40 * DEG,
        "rad",
        "rajagopal2016",
        "coordinate limits",
        "transcribed",
        sd=10 * DEG,
    )
    add(
        "ankle",
        "range_dorsiflexion",
        30 * DEG,
        "rad",
        "rajagopal2016",
        "coordinate limits",
        "transcribed",
        sd=10 * DEG,
    )
    add(
        "hip",
        "capsule_5Nm_extension",
        -12 * DEG,
        "rad",
        "vanarkel2015",
        "as quoted in public code",
        "transcribed",
        sd=7 * DEG,
        note="hip flexion angle at which the passive moment is 5 Nm, knee straight",
    )
    for motion, value in (("flexion", 51.0), ("extension", 16.0), ("lateral", 17.5), ("axial", 4.5)):
        add(
            "lumbar",
            f"range_{motion}",
            value * DEG,
            "rad",
            "pearcy1985",
            "Table 4, as coded",
            "transcribed",
            sd=0.2 * value * DEG,
            population="men, in vivo",
            note="whole lumbar spine; for checks",
        )
    soft = {
        "neck": (("flexion", 3.0), ("lateral", 3.0), ("axial", 2.0)),
        "shoulder": (("flexion", 3.0), ("abduction", 3.0), ("rotation", 2.0)),
        "elbow": (("flexion", 1.5),),
        "wrist": (("flexion", 1.0),),
    }
    for joint, motions in soft.items():
        for motion, stiffness in motions:
            add(
                joint,
                f"{motion}_stiffness",
                stiffness,
                "Nm/rad",
                "estimate",
                "soft, so that the part rests and does not steer",
                "assumed",
                sd=0.7 * stiffness,
                note="no source gathered; report sensitivity",
            )
    add(
        "hip",
        "abduction_stiffness",
        15.0,
        "Nm/rad",
        "estimate",
        "passive tissue plus tone",
        "assumed",
        sd=10.0,
        note="bent legs need about 29-41 Nm/rad a side to stand; report demand over supply",
    )
    add("hip", "rotation_stiffness", 10.0, "Nm/rad", "estimate", "passive tissue plus tone", "assumed", sd=7.0)
    for axis, stiffness in (("flexion", 300.0), ("lateral", 300.0), ("axial", 300.0)):
        add(
            "thorax",
            f"{axis}_stiffness",
            stiffness,
            "Nm/rad",
            "estimate",
            "whole T1-T12 with rib cage",
            "assumed",
            sd=200.0,
            note="only where the thorax is split; rigid otherwise",
        )
    return rows


def tissues():
    """Every tissue row as keyword arguments of Table.add."""
    rows = []

    def add(*args, **kw):
        rows.append(_row(*args, **kw))

    men = {"n": 21, "population": "men 20-22 y"}
    for layer, force, value, sd in (
        ("subcutaneous", "1N", 26.1, 19.0),
        ("subcutaneous", "30N", 2199.0, 1355.0),
        ("muscle", "5N", 62.2, 10.3),
        ("muscle", "30N", 440.4, 80.0),
    ):
        add(
            f"gluteal_{layer}",
            f"modulus_{force}",
            value * 1e3,
            "Pa",
            "isogai2022",
            "abstract",
            sd=sd * 1e3,
            **men,
            note=f"under a probe force of {force[:-1]} N; stiffens strongly",
        )
    add(
        "soft_tissue",
        "modulus",
        60e3,
        "Pa",
        "estimate",
        "between the layers of Isogai at low load",
        "assumed",
        sd=35e3,
        note="one modulus for the foundation layer under every contact",
    )
    add(
        "asis",
        "skin_thickness",
        9.7e-3,
        "m",
        "mantovani2016",
        "abstract",
        sd=7.0e-3,
        n=67,
        population="hip patients and controls",
    )
    add(
        "psis",
        "skin_thickness",
        19.6e-3,
        "m",
        "mantovani2016",
        "abstract",
        sd=10.9e-3,
        n=67,
        population="hip patients and controls",
    )
    thickness = (
        ("occiput", 6e-3, 2e-3),
        ("thoracic_back", 20e-3, 8e-3),
        ("lumbar_back", 30e-3, 10e-3),
        ("sacrum", 18e-3, 8e-3),
        ("buttock", 45e-3, 15e-3),
        ("thigh_back", 45e-3, 12e-3),
        ("calf", 35e-3, 8e-3),
        ("heel", 18e-3, 4e-3),
        ("elbow", 6e-3, 3e-3),
        ("foot_sole", 12e-3, 4e-3),
    )
    for site, value, sd in thickness:
        add(
            site,
            "skin_thickness",
            value,
            "m",
            "estimate",
            "bone to skin, relaxed",
            "assumed",
            sd=sd,
            note="no source gathered",
        )
    add(
        "fiber_passive",
        "shape",
        4.0,
        "1",
        "delp1990",
        "gait2392 muscle set",
        "transcribed",
        sd=1.0,
        note="f = (exp(k (l-1)/e0) - 1)/(exp(k) - 1); with strain 0.6",
    )
    add(
        "fiber_passive",
        "shape",
        5.0,
        "1",
        "thelen2003",
        "default of the public implementation",
        "transcribed",
        "alternative",
        sd=1.0,
    )
    add(
        "fiber_passive",
        "strain",
        0.6,
        "1",
        "thelen2003",
        "default of the public implementation; gait2392 agrees",
        "transcribed",
        sd=0.1,
        note="fiber strain at one normalized force",
    )
    add(
        "fiber_passive",
        "strain",
        0.70,
        "1",
        "rajagopal2016",
        "psoas_r and iliacus_r",
        "transcribed",
        "alternative",
        sd=0.1,
    )
    for muscle, zero, one, note in (
        ("psoas_major", -0.0954, 0.5010, "72-fold spread between models at neutral"),
        ("iliacus", -0.1703, 0.5005, ""),
        ("rectus_femoris", 0.200, 0.900, ""),
    ):
        add(
            muscle,
            "passive_strain_zero_force",
            zero,
            "1",
            "uhlrich2022",
            "calibrated muscle set",
            "transcribed",
            "alternative",
            sd=0.1,
            note=note,
        )
        add(
            muscle,
            "passive_strain_zero_force",
            0.0,
            "1",
            "rajagopal2016",
            "model default",
            "transcribed",
            sd=0.1,
        )
        add(
            muscle,
            "passive_strain_one_force",
            one,
            "1",
            "uhlrich2022",
            "calibrated to hip moments",
            "transcribed",
            "alternative",
            sd=0.1,
            note=note,
        )
        add(
            muscle,
            "passive_strain_one_force",
            0.70,
            "1",
            "rajagopal2016",
            "model default",
            "transcribed",
            sd=0.1,
        )
    add(
        "fiber_active",
        "shape",
        0.45,
        "1",
        "thelen2003",
        "active curve, from public code",
        "transcribed",
        sd=0.05,
        note="f = exp(-(l-1)^2 / g); sd assumed",
    )
    for name, value in (("c1", 0.200), ("c2", 0.995), ("c3", 0.250), ("k", 35.0)):
        add(
            "tendon",
            name,
            value,
            "1",
            "degroote2016",
            "tendon curve, from public code",
            "transcribed",
            note="f = c1 exp(k (l - c2)) - c3",
        )
    for name, value, sd in (
        ("friction_skin_cloth", 0.5, 0.15),
        ("friction_sock_floor", 0.35, 0.15),
        ("friction_skin_mat", 0.8, 0.25),
    ):
        add(
            "contact",
            name,
            value,
            "1",
            "estimate",
            "usual range",
            "assumed",
            sd=sd,
            note="needed coefficient at the heels was 0.2-0.7 in prototypes",
        )
    add("contact", "friction", 0.5, "1", "estimate", "clothed body on a mat", "assumed", sd=0.2)
    for id, modulus, msd, depth, dsd in (
        ("yoga_mat", 300e3, 200e3, 0.006, 0.002),
        ("blanket", 30e3, 20e3, 0.010, 0.004),
        ("towel", 60e3, 40e3, 0.012, 0.005),
        ("mattress", 30e3, 20e3, 0.150, 0.050),
        ("bolster", 40e3, 25e3, 0.120, 0.040),
        ("pillow", 8e3, 6e3, 0.100, 0.040),
    ):
        add(
            id,
            "modulus",
            modulus,
            "Pa",
            "estimate",
            "compression of foam or cloth",
            "assumed",
            sd=msd,
            note="no source gathered",
        )
        add(id, "thickness", depth, "m", "estimate", "household size, unloaded", "assumed", sd=dsd)
    add("carpeted_floor", "modulus", 1e6, "Pa", "estimate", "stiff floor covering", "assumed", sd=8e5)
    add(
        "hamstring",
        "torque_decline_90s",
        0.33,
        "1",
        "magnusson1996",
        "abstract",
        sd=0.1,
        n=8,
        note="stretch relaxation without muscle activity; sd assumed",
    )
    return rows
