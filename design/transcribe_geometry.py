"""Write the shipped anatomy tables from the gathered geometry folder.

    python design/transcribe_geometry.py GATHERED_FOLDER [OUTPUT_FOLDER]

GATHERED_FOLDER holds bones.csv, muscles.csv, segments.csv and joints.csv as read from public models.
The tables are data, chosen by the rules of conflicts.md in the same folder (A1, A7, B1 ... in the notes).
Frames: see README.md beside the tables. Lengths [m], angles [rad], forces [N] throughout.
"""

import csv
import itertools
import pathlib
import re
import sys

import numpy as np
from transcribe_small_tables import joints, tissues  # typed by hand, no geometry in them

COLUMNS = [
    "id",
    "quantity",
    "sex",
    "body",
    "value",
    "unit",
    "sd",
    "n",
    "population",
    "source",
    "locator",
    "status",
    "use",
    "note",
]
DEG = np.pi / 180
CODE = re.compile(r"\s*\((?:[A-D]\d+(?:, )?)+\)|(?<![\w(])[A-D]\d+(?:: |(?=$|[,;]))|(?<![\w(])A7 (?=rule)")
HERE = pathlib.Path(__file__).resolve().parent
GATHERED = pathlib.Path(sys.argv[1])
OUT = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parent / "src/psoas/anatomy"


def read(name):
    with open(GATHERED / name, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


B = {r["id"]: r for r in read("bones.csv")}
M = read("muscles.csv")
S = read("segments.csv")


def fmt(v):
    v = np.atleast_1d(np.asarray(v, float))
    v = np.where(np.abs(v) < 1e-12, 0.0, v)
    return " ".join(f"{x:.6g}" for x in v)


# Sources whose transcribed or derived rows carry a spread that was measured; any other spread is ours and says so.
MEASURED_SPREAD = ("ansur2012", "nhanes2016", "vanarkel2015")


class Table(list):
    def add(
        self,
        id,
        quantity,
        value,
        unit,
        source,
        locator,
        status="transcribed",
        use="default",
        sex="both",
        body="",
        sd="",
        n="",
        population="generic adult",
        note="",
    ):
        if sd != "" and status in ("transcribed", "derived") and source not in MEASURED_SPREAD and "sd" not in note:
            note += "; sd assumed"
        note = CODE.sub("", note).strip(";, ")  # the rule codes of conflicts.md mean nothing to a reader of the table
        self.append(
            {
                "id": id,
                "quantity": quantity,
                "sex": sex,
                "body": body,
                "value": value if isinstance(value, str) else fmt(value),
                "unit": unit,
                "sd": sd if isinstance(sd, str) else fmt(sd),
                "n": str(n),
                "population": population,
                "source": source,
                "locator": locator,
                "status": status,
                "use": use,
                "note": note,
            }
        )

    def split_by_sex(self):
        """Where the default rows of a quantity are by sex, so must its rivals be, and the other way round."""
        by_sex = {(r["id"], r["quantity"]) for r in self if r["sex"] != "both"}
        rows = []
        for r in self:
            if r["sex"] == "both" and (r["id"], r["quantity"]) in by_sex:
                rows += [dict(r, sex="male"), dict(r, sex="female")]
            else:
                rows.append(r)
        self[:] = rows

    def write(self, name):
        self.split_by_sex()
        with open(OUT / name, "w", newline="", encoding="utf-8") as f:
            w = csv.DictWriter(f, COLUMNS, lineterminator="\n")
            w.writeheader()
            w.writerows(self)


def xyz(row, prefix=""):
    return np.array([float(row[prefix + k] or 0) for k in ("x_m", "y_m", "z_m")])


def rz(a):
    c, s = np.cos(a), np.sin(a)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


# ---------------------------------------------------------------- constants read from the models
HIP_RAJ = xyz(B["13"])  # hip joint centre in the Rajagopal pelvis
HALF = HIP_RAJ[2]
TIBIA = xyz(B["25"], "c_") - np.array([0, 0, HALF])  # tibia origin (knee centre) in the femur
ANKLE = xyz(B["16"])  # talocrural centre in the tibia
CALCN = xyz(B["17"])  # calcaneus origin in the talus
TOES = CALCN + xyz(B["18"])
ASIS = xyz(B["283"], "c_")
PW = 2 * ASIS[2]  # inter-ASIS width of the reference pelvis
SPECIFIC_TENSION = 460e3  # [Pa] Christophy 2012, B1
RAJ_TENSION = 600e3  # [Pa] Rajagopal 2016 (see specific_tension rows)
DISC_ANGLES = {
    "L5": 21.6,
    "L4": 12.7,
    "L3": 9.1,
    "L2": 5.9,
    "L1": 1.2,
}  # of the segment below upward, standing
DISC_SD = {"L5": 7.7, "L4": 5.1, "L3": 4.2, "L2": 4.1, "L1": 3.6}
LEVELS = ["L5", "L4", "L3", "L2", "L1", "T12"]

# Visible Human Male disc geometry (S1 frame, X forward, Y up)
VH_MID = {
    "L5": xyz(B["351"], "c_"),
    "L4": xyz(B["356"], "c_"),
    "L3": xyz(B["361"], "c_"),
    "L2": xyz(B["366"], "c_"),
    "L1": xyz(B["371"], "c_"),
}
for k, i in zip(VH_MID, ("351", "356", "361", "366", "371"), strict=False):
    if not VH_MID[k].any():
        VH_MID[k] = xyz(B[i])
VH = {a: float(np.linalg.norm((VH_MID[b] - VH_MID[a])[:2])) for a, b in itertools.pairwise(LEVELS[:5])}
WILK = {
    "L5": float(B["167"]["y_m"]),
    "L4": float(B["168"]["y_m"]),
    "L3": float(B["169"]["y_m"]),
    "L2": float(B["170"]["y_m"]),
    "L1": float(B["171"]["y_m"]),
    "T12": float(B["137"]["y_m"]),
}
ratio = sum(VH.values()) / sum(WILK[k] for k in VH)
VH["L1"], VH["T12"] = WILK["L1"] * ratio, WILK["T12"] * ratio
VH_STATURE, WILK_STATURE, REF_STATURE = 1.80, 1.639, 1.70
SPACING = {k: VH[k] * REF_STATURE / VH_STATURE for k in LEVELS}

# Christophy vertebra frames -> mid-disc frames: endplate centres of the bone meshes in each vertebra body.
SUP = {
    "L1": xyz(B["293"]),
    "L2": xyz(B["297"]),
    "L3": xyz(B["301"]),
    "L4": xyz(B["305"]),
    "L5": xyz(B["309"]),
}
INF = {
    "L1": xyz(B["294"]),
    "L2": xyz(B["298"]),
    "L3": xyz(B["302"]),
    "L4": xyz(B["306"]),
    "L5": xyz(B["310"]),
}
UP = {
    "L5": float(B["204"]["y_m"]),
    "L4": float(B["205"]["y_m"]),
    "L3": float(B["206"]["y_m"]),
    "L2": float(B["207"]["y_m"]),
}
HALF_DISC = {"L5": 0.0040, "T12": 0.0040}  # L5/S1 from the sacrum mesh, T12/L1 taken equal
for low, up in (("L5", "L4"), ("L4", "L3"), ("L3", "L2"), ("L2", "L1")):
    HALF_DISC[up] = (UP[low] + INF[up][1] - SUP[low][1]) / 2
LOW_D, FRAME, REFSP = {}, {}, {}
for k, above in itertools.pairwise(LEVELS):
    lo = INF[k] - [0, HALF_DISC[k], 0]
    hi = SUP[k] + [0, HALF_DISC[above], 0]
    d = (hi - lo)[:2]
    LOW_D[k], REFSP[k] = lo * [1, 1, 0], float(np.hypot(*d))
    FRAME[k] = rz(np.arctan2(d[0], d[1]))  # turns the disc-to-disc line onto y
CH_BODY = {"lumbar5": "L5", "lumbar4": "L4", "lumbar3": "L3", "lumbar2": "L2", "lumbar1": "L1"}
CH_L1 = xyz(B["203"], "c_")
CH_T12L1 = CH_L1 + SUP["L1"] * [1, 1, 0] + [0, HALF_DISC["T12"], 0]  # c frame
CH_TORSO = xyz(B["197"], "c_")
T12L1_IN_TORSO = CH_T12L1 - CH_TORSO  # the same torso (hat) mesh is used by Rajagopal


def in_vertebra(level, p):
    return FRAME[level] @ (np.asarray(p) - LOW_D[level])


def in_thorax_c(pc):
    return np.asarray(pc) - CH_T12L1


def in_thorax_torso(p):
    return np.asarray(p) - T12L1_IN_TORSO


# ---------------------------------------------------------------- bones
bones = Table()
REED = {
    "male": np.array([-0.264 + 0.208, 0.126 + 0.278, 0]),
    "female": np.array([-0.289 + 0.197, 0.172 + 0.270, 0]),
}
PI_DEG = 50.5
PT = {s: np.arctan2(-v[0], v[1]) / DEG for s, v in REED.items()}
SS = {s: PI_DEG - PT[s] for s in REED}
RAJ = "Rajagopal 2016 model file"
MESH = "bone mesh of the OpenSim pelvis and leg (MyoLegs copy), extreme vertex"


def build_bones():
    a = bones.add
    a(
        "reference",
        "stature",
        REF_STATURE,
        "m",
        "rajagopal2016",
        "derived: skull top to heel bone 1.667 over 0.98",
        "derived",
        sd=0.02,
        note="living stature of the leg bones after a leg scale of 1.039; pelvis and trunk landmarks unscaled",
    )
    a(
        "reference",
        "leg_scale",
        1.039,
        "1",
        "deleva1996",
        "0.4917 stature over hip-to-ankle 0.8045 m",
        "derived",
        note="multiply stored femur, tibia and foot points by this for a 1.70 m body, or scale by segment length over reference length",
    )
    a(
        "reference",
        "inter_asis_width",
        PW,
        "m",
        "rajagopal2016",
        MESH,
        "derived",
        sd=0.006,
        note="pelvis landmarks are stored at this width: scale them by the person's width over this",
    )
    for sex, w, wsd in (("male", 0.224, 0.019), ("female", 0.238, 0.020)):
        a(
            "pelvis",
            "inter_asis_width",
            w,
            "m",
            "dumas2007",
            "segment lengths",
            sex=sex,
            sd=wsd,
            population="adults, mean stature 1.77 m men, 1.61 m women (statures recalled)",
            note="sd assumed 8 %",
        )
    a(
        "hip_r",
        "half_width",
        HALF,
        "m",
        "rajagopal2016",
        RAJ + " joint hip_r",
        body="pelvis",
        sd=0.005,
        note="frame C: half the distance between hip joint centres; A2",
    )
    for v, s, l, st in (
        (0.0835, "delp1990", "gait2392 hip_r", "transcribed"),
        (0.0780, "rajagopal2016", "sphere fit of the acetabulum mesh", "derived"),
        (0.1728 / 2, "bell1990", "0.36 PW at PW 0.240", "derived"),
        (0.1738 / 2, "harrington2007", "at PW 0.240 PD 0.145", "derived"),
        (0.17596 / 2, "hara2016", "at leg length 0.930", "derived"),
        (0.1646 / 2, "falisse2019", "subject1 model", "transcribed"),
        (0.1806 / 2, "lee2019", "MASS model", "transcribed"),
    ):
        a("hip_r", "half_width", v, "m", s, l, st, "alternative", body="pelvis", note="A2")
    a("hip_r", "half_width_over_asis_width", HALF / PW, "1", "rajagopal2016", RAJ, "derived", sd=0.02)
    for sex, v in (("male", 0.361), ("female", 0.372)):
        a(
            "hip_r",
            "half_width_over_asis_width",
            v,
            "1",
            "reed1999",
            "landmark regression",
            use="alternative",
            sex=sex,
            note="living subjects; by sex",
        )
    a("hip_r", "centre_from_mid_asis", HIP_RAJ, "m", "rajagopal2016", RAJ, body="pelvis", sd=0.006)
    a(
        "hip_r",
        "centre_from_mid_asis",
        xyz(B["1"]),
        "m",
        "delp1990",
        "gait2392",
        use="alternative",
        body="pelvis",
        note="15 mm behind the acetabulum of its own bone (A2)",
    )
    a(
        "hip_r",
        "centre_from_mid_asis",
        xyz(B["421"]),
        "m",
        "rajagopal2016",
        "sphere fit of the acetabulum",
        "derived",
        "alternative",
        body="pelvis",
    )
    # legs
    a(
        "femur",
        "reference_length",
        np.linalg.norm(TIBIA),
        "m",
        "rajagopal2016",
        RAJ + " knee at 0 deg",
        "derived",
        note="hip centre to knee centre (tibia origin) of the stored points; 0.4202 after leg_scale",
    )
    a(
        "tibia",
        "reference_length",
        np.linalg.norm(ANKLE),
        "m",
        "rajagopal2016",
        RAJ + " ankle_r",
        note="knee centre to ankle centre; model shank is short against people (A9): scale by de Leva ratios",
    )
    a(
        "knee_r",
        "centre",
        TIBIA,
        "m",
        "rajagopal2016",
        RAJ + " tibia_r origin at knee 0",
        "derived",
        body="femur",
        note="fixed hinge replaces the moving centre of the model",
    )
    a("ankle_r", "centre", ANKLE, "m", "rajagopal2016", RAJ, body="tibia")
    for sex, H, th, _sh in (("male", 1.741, 0.4222, 0.4403), ("female", 1.735, 0.3685, 0.4386)):
        a(
            "femur",
            "length_over_stature",
            th / H,
            "1",
            "deleva1996",
            "table of lengths, HJC-KJC",
            "derived",
            sex=sex,
            sd=0.010,
            use="default" if sex == "male" else "alternative",
            note="" if sex == "male" else "female de Leva thigh is short against Dumas and ANSUR",
        )
        shv = float(
            next(
                r["mean"]
                for r in S
                if r["category"] == "segment length" and r["segment"] == "Shank" and r["sex"] == sex
            )
        )
        a(
            "tibia",
            "length_over_stature",
            shv / H,
            "1",
            "deleva1996",
            "table of lengths, KJC-AJC",
            "derived",
            sex=sex,
            sd=0.010,
        )
    for sex, H in (("male", 1.77), ("female", 1.61)):
        for seg, b in (("thigh", "femur"), ("shank", "tibia")):
            v = float(
                next(
                    r["mean"]
                    for r in S
                    if r["source"].startswith("Dumas 2007 mean") and r["segment"] == seg and r["sex"] == sex
                )
            )
            a(
                b,
                "length_over_stature",
                v / H,
                "1",
                "dumas2007",
                "mean lengths",
                "derived",
                sex=sex,
                sd=0.010,
                use="default" if (b, sex) == ("femur", "female") else "alternative",
                note="mean stature recalled",
            )
    # L5/S1
    for sex in REED:
        v = REED[sex]
        a(
            "L5_S1",
            "centre_over_asis_width",
            v,
            "1",
            "reed1999",
            "regression, joint centre minus hip centre",
            "derived",
            sex=sex,
            body="pelvis",
            sd=0.03,
            note="A1: multiply by the person's inter-ASIS width; frame C",
        )
        a(
            "L5_S1",
            "centre",
            v * PW,
            "m",
            "reed1999",
            "ratio x reference inter-ASIS width",
            "derived",
            sex=sex,
            body="pelvis",
            sd=0.007,
            note="A1, at reference pelvis width",
        )
        a(
            "L5_S1",
            "distance_from_hip_axis",
            np.linalg.norm(v) * PW,
            "m",
            "reed1999",
            "same",
            "derived",
            sex=sex,
            sd=0.008,
            note="A1",
        )
        a(
            "L5_S1",
            "distance_over_asis_width",
            np.linalg.norm(v),
            "1",
            "reed1999",
            "same",
            "derived",
            sex=sex,
            sd=0.03,
            note="0.41 men, 0.45 women",
        )
        a(
            "L5_S1",
            "angle_behind_vertical",
            PT[sex] * DEG,
            "rad",
            "reed1999",
            "same",
            "derived",
            sex=sex,
            sd=0.07,
            note="line hip axis to L5/S1, behind the pelvis y axis",
        )
        a(
            "pelvis",
            "sacral_slope",
            SS[sex] * DEG,
            "rad",
            "lordosis2022",
            "incidence minus angle_behind_vertical",
            "derived",
            sex=sex,
            sd=0.14,
            note="tilt of the S1 endplate in frame C at neutral; the line to the joint centre stands in for the line to the endplate",
        )
        a(
            "L5_S1",
            "distance_from_hip_axis",
            {"male": 0.094, "female": 0.107}[sex],
            "m",
            "dumas2007",
            "mean lengths",
            use="alternative",
            sex=sex,
        )
    for key, src, st, use, nt in (
        ("432", "christophy2012", "derived", "alternative", "agrees with living subjects (A1)"),
        ("434", "lee2019", "transcribed", "alternative", "lumped lower joint"),
        ("433", "delp1990", "transcribed", "alternative", "virtual palpation"),
        ("429", "wilkinson2021", "transcribed", "alternative", "too far from the hips (A1)"),
        ("430", "myosuite2022", "transcribed", "alternative", "too far from the hips (A1)"),
        ("428", "rajagopal2016", "transcribed", "alternative", "the model's back joint: not L5/S1 (A1)"),
    ):
        a(
            "L5_S1",
            "centre",
            xyz(B[key], "c_"),
            "m",
            src,
            "model joint in frame C",
            st,
            use,
            body="pelvis",
            note=nt,
        )
    a(
        "pelvis",
        "pelvic_incidence",
        PI_DEG * DEG,
        "rad",
        "lordosis2022",
        "Table 2",
        "read",
        sd=11.4 * DEG,
        n=324,
        population="adults standing",
    )
    a(
        "pelvis",
        "sacral_slope_range_low",
        24 * DEG,
        "rad",
        "macthiong2011",
        "abstract, mean - 2 SD",
        "read",
        n=709,
        population="asymptomatic adults",
    )
    a(
        "pelvis",
        "sacral_slope_range_high",
        55 * DEG,
        "rad",
        "macthiong2011",
        "abstract, mean + 2 SD",
        "read",
        n=709,
        population="asymptomatic adults",
    )
    a(
        "pelvis",
        "sacral_slope",
        36.3 * DEG,
        "rad",
        "remus2021",
        "S1 endplate, Visible Human Male",
        "derived",
        "alternative",
        population="one man, reference posture not stated",
    )
    a(
        "pelvis",
        "asis_psis_tilt",
        13 * DEG,
        "rad",
        "preece2008",
        "abstract",
        "read",
        sd=5 * DEG,
        n=30,
        population="cadaver pelves",
    )
    # spine
    for k, below in zip(LEVELS[:5], ("S1", "L5", "L4", "L3", "L2"), strict=False):
        a(
            k,
            "segment_angle_standing",
            DISC_ANGLES[k] * DEG,
            "rad",
            "lordosis2022",
            f"Table 2, {below}-{k}",
            "read",
            sd=DISC_SD[k] * DEG,
            n=324,
            population="adults standing",
            note=f"{k} on {below}; whole segment: never add body wedges (A4); + lordotic",
        )
    a(
        "T12",
        "segment_angle_standing",
        -0.7 * DEG,
        "rad",
        "estimate",
        "set so that T12-S1 is near 49.8 deg",
        "assumed",
        sd=4 * DEG,
        note="T12 on L1; + lordotic",
    )
    a(
        "spine",
        "lordosis_standing",
        49.8 * DEG,
        "rad",
        "pmc6680033",
        "abstract, T12-S1",
        "read",
        sd=11.2 * DEG,
        n=627,
        population="healthy, 3rd to 8th decade",
    )
    a(
        "spine",
        "lordosis_recumbent",
        36.8 * DEG,
        "rad",
        "pmc6680033",
        "abstract, T12-S1",
        "read",
        sd=13.2 * DEG,
        n=627,
        population="healthy, 3rd to 8th decade",
        note="leg position not stated",
    )
    a(
        "spine",
        "thoracic_kyphosis_standing",
        40 * DEG,
        "rad",
        "estimate",
        "usual textbook range 20-60 deg",
        "assumed",
        sd=12 * DEG,
        note="no source gathered",
    )
    a(
        "spine",
        "disc_spacing_reference_stature",
        VH_STATURE,
        "m",
        "remus2021",
        "stature of the Visible Human Male",
        "assumed",
        sd=0.02,
    )
    for k in LEVELS:
        ext = k in ("L1", "T12")
        a(
            k,
            "disc_spacing",
            VH[k],
            "m",
            "wilkinson2021" if ext else "remus2021",
            "Wilkinson x Visible Human ratio" if ext else "mid-disc centre to mid-disc centre",
            "derived",
            sd=0.002,
            population="one man 1.80 m",
            note="mid-disc below to mid-disc above; at 1.80 m (A3)",
        )
        a(
            k,
            "disc_spacing",
            WILK[k],
            "m",
            "wilkinson2021",
            "joint spacing",
            use="alternative",
            note="at 1.64 m by leg length (A3)",
        )
        a(
            k,
            "disc_spacing_over_stature",
            VH[k] / VH_STATURE,
            "1",
            "wilkinson2021" if ext else "remus2021",
            "disc_spacing over 1.80 m",
            "derived",
            sd=0.0012,
        )
        a(
            k,
            "disc_spacing_over_stature",
            WILK[k] / WILK_STATURE,
            "1",
            "wilkinson2021",
            "joint spacing over 1.639 m",
            "derived",
            "alternative",
        )
        if k in REFSP:
            a(
                k,
                "muscle_point_reference_spacing",
                REFSP[k],
                "m",
                "christophy2012",
                "bone mesh endplates plus half discs",
                "derived",
                sd=0.002,
                body=k,
                note="muscle points on this vertebra are stored at this disc spacing: multiply their y by disc_spacing over this",
            )
    for k, h in zip(LEVELS[:5], (0.01188, 0.01258, 0.0117, 0.01128, 0.01064), strict=False):
        a(
            k,
            "disc_height_below",
            h,
            "m",
            "remus2021",
            "FE disc, along mean normal",
            "derived",
            sd=0.002,
            population="one man 1.80 m",
        )
    dep = {
        "L5": (0.0339 + 0.0374) / 2,
        "L4": (0.0374 + 0.0390) / 2,
        "L3": (0.0384 + 0.0390) / 2,
        "L2": (0.0389 + 0.0391) / 2,
        "L1": 0.0385,
    }
    wid = {"L5": 0.0552, "L4": 0.05165, "L3": 0.04865, "L2": 0.0483, "L1": 0.0486}
    hei = {"L5": 0.0271, "L4": 0.02896, "L3": 0.02939, "L2": 0.02905}
    for k in LEVELS[:5]:
        a(
            k,
            "body_depth",
            dep[k],
            "m",
            "remus2021",
            "FE disc faces, mean of both",
            "derived",
            sd=0.003,
            population="one man 1.80 m",
        )
        a(
            k,
            "body_width",
            wid[k],
            "m",
            "remus2021",
            "FE disc widths, mean of both",
            "derived",
            sd=0.004,
            population="one man 1.80 m",
        )
        if k in hei:
            a(
                k,
                "body_height",
                hei[k],
                "m",
                "remus2021",
                "endplate to endplate",
                "derived",
                sd=0.002,
                population="one man 1.80 m",
            )
    for q, v in (("body_depth", 0.0385), ("body_width", 0.047), ("body_height", 0.028)):
        a("T12", q, v, "m", "estimate", "taken near L1", "assumed", sd=0.004)
    a("L1", "body_height", 0.0288, "m", "estimate", "taken near L2", "assumed", sd=0.003)
    a("T12", "disc_height_below", 0.0095, "m", "estimate", "extrapolated from L1/2", "assumed", sd=0.002)
    for k, i, t in zip(
        ("L1", "L2", "L3", "L4", "L5"), (295, 299, 303, 307, 311), (296, 300, 304, 308, 312), strict=False
    ):
        a(
            f"{k}_spinous_process_tip",
            "position",
            in_vertebra(k, xyz(B[str(i)])),
            "m",
            "myosuite2022",
            "bone mesh of the lumbar vertebra",
            "derived",
            body=k,
            sd=0.003,
            note="vertebra mesh frame turned onto the mid-disc frame; stored at muscle_point_reference_spacing",
        )
        a(
            f"{k}_transverse_process_tip_r",
            "position",
            in_vertebra(k, xyz(B[str(t)])),
            "m",
            "myosuite2022",
            "bone mesh of the lumbar vertebra",
            "derived",
            body=k,
            sd=0.003,
        )
        for side, E in (("superior", SUP), ("inferior", INF)):
            a(
                k,
                f"endplate_centre_{side}",
                in_vertebra(k, E[k]),
                "m",
                "myosuite2022",
                "bone mesh, area-weighted faces",
                "derived",
                body=k,
                sd=0.002,
                note="vertebra frames agree with the mid-disc frame within 4 deg; origin 3-6 mm below the mid-disc, removed here",
            )
    # landmarks
    for name, key, sd in (
        ("asis_r", "283", 0.004),
        ("psis_r", "284", 0.005),
        ("pubic_symphysis", "285", 0.004),
        ("pubic_symphysis_top", "286", 0.004),
        ("pubic_symphysis_bottom", "287", 0.004),
        ("ischial_tuberosity_r", "288", 0.005),
        ("iliac_crest_top_r", "289", 0.006),
        ("iliac_crest_lateral_r", "290", 0.006),
        ("sacral_crest", "291", 0.006),
        ("coccyx", "292", 0.008),
        ("pelvic_brim_bone_r", "452", 0.004),
    ):
        p = xyz(B[key], "c_")
        if name in (
            "pubic_symphysis",
            "pubic_symphysis_top",
            "pubic_symphysis_bottom",
            "sacral_crest",
            "coccyx",
        ):
            p[2] = 0
        a(
            name,
            "position",
            p,
            "m",
            "rajagopal2016",
            MESH,
            "derived",
            body="pelvis",
            sd=sd,
            note="bare bone, frame C, at reference.inter_asis_width",
        )
    a(
        "pubic_tubercle_r",
        "position",
        xyz(B["286"], "c_") * [1, 1, 0] + [0.0, 0.0, 0.022],
        "m",
        "estimate",
        "symphysis top moved 22 mm laterally",
        "assumed",
        body="pelvis",
        sd=0.006,
    )
    for sex in REED:
        c = REED[sex] * PW
        t = SS[sex] * DEG
        half_depth, drop = 0.0163, 0.0059  # Visible Human S1 endplate depth 31-34 mm, half of the L5/S1 disc
        mid = c - drop * np.array([np.sin(t), np.cos(t), 0])
        e = np.array([np.cos(t), -np.sin(t), 0])
        for nm, sgn in (("anterior", 1), ("posterior", -1)):
            a(
                f"S1_corner_{nm}",
                "position",
                mid + sgn * half_depth * e,
                "m",
                "remus2021",
                "endplate depth 32.5 mm, half disc 5.9 mm, about the L5/S1 centre",
                "derived",
                sex=sex,
                body="pelvis",
                sd=0.006,
            )
    a(
        "femoral_head",
        "diameter",
        0.0508,
        "m",
        "apm2021",
        "abstract",
        "read",
        sd=0.0043,
        n=194,
        population="97 patients, X-ray",
    )
    a(
        "femoral_head",
        "diameter",
        0.0468,
        "m",
        "rajagopal2016",
        "sphere fit of the femur mesh",
        "derived",
        "alternative",
    )
    a(
        "femoral_head",
        "centre_to_lesser_trochanter",
        0.0428,
        "m",
        "apm2021",
        "abstract",
        "read",
        sd=0.0049,
        n=194,
        population="97 patients, X-ray",
        note="two-dimensional landmark",
    )
    for name, key in (
        ("greater_trochanter_lateral_r", "314"),
        ("greater_trochanter_top_r", "315"),
        ("lesser_trochanter_r", "450"),
        ("lateral_epicondyle_r", "316"),
        ("medial_epicondyle_r", "317"),
        ("femur_distal_r", "318"),
        ("posterior_condyle_r", "319"),
    ):
        a(name, "position", xyz(B[key]), "m", "rajagopal2016", MESH, "derived", body="femur", sd=0.004)
    a(
        "tibial_tuberosity_r",
        "position",
        xyz(
            next(
                r
                for r in M
                if r["source"].startswith("Rajagopal 2016")
                and r["muscle"] == "recfem_r"
                and r["order"] == "5"
                and r["record"] == "point"
            )
        ),
        "m",
        "rajagopal2016",
        "recfem_r insertion",
        body="tibia",
        sd=0.004,
    )
    for name, key in (
        ("medial_malleolus_r", "320"),
        ("tibia_posterior_r", "322"),
        ("lateral_malleolus_r", "323"),
        ("fibular_head_r", "324"),
    ):
        a(name, "position", xyz(B[key]), "m", "rajagopal2016", MESH, "derived", body="tibia", sd=0.004)
    a(
        "lateral_malleolus_skin_r",
        "position",
        xyz(B["44"]),
        "m",
        "rajagopal2016",
        "marker RLMAL",
        body="tibia",
        sd=0.005,
    )
    a(
        "medial_malleolus_skin_r",
        "position",
        xyz(B["45"]),
        "m",
        "rajagopal2016",
        "marker RMMAL",
        body="tibia",
        sd=0.005,
    )
    for name, key, off in (
        ("heel_posterior_r", "325", CALCN),
        ("heel_lowest_r", "326", CALCN),
        ("forefoot_lowest_r", "327", CALCN),
        ("metatarsal_head_1_r", "328", CALCN),
        ("metatarsal_head_5_r", "329", CALCN),
        ("toe_tip_r", "330", TOES),
        ("toe_lowest_r", "331", TOES),
    ):
        a(
            name,
            "position",
            xyz(B[key]) + off,
            "m",
            "rajagopal2016",
            MESH,
            "derived",
            body="foot",
            sd=0.004,
            note="bare bone",
        )
    a("mtp_r", "centre", TOES, "m", "rajagopal2016", RAJ + " mtp_r", "derived", body="foot", sd=0.004)
    a(
        "foot",
        "reference_length",
        float((xyz(B["330"]) + TOES - xyz(B["325"]) - CALCN)[0]),
        "m",
        "rajagopal2016",
        MESH,
        "derived",
        note="heel bone to toe bone",
    )
    a(
        "foot",
        "ankle_height",
        0.067,
        "m",
        "estimate",
        "ankle centre to heel bone 51.8 mm plus 15 mm heel pad",
        "assumed",
        sd=0.006,
    )
    # thorax and head
    TH = "torso bone mesh placed by T12-L1 of Christophy"
    for name, key in (
        ("skull_vertex", "332"),
        ("occiput", "333"),
        ("face_anterior", "334"),
        ("skull_lateral_r", "335"),
        ("thoracic_apex_spinous_tip", "336"),
        ("rib_scapula_posterior_r", "338"),
        ("rib_anterior_r", "339"),
        ("cervical_spinous_posterior", "344"),
        ("cervical_body_anterior", "345"),
    ):
        p = in_thorax_torso(xyz(B[key]))
        if not name.endswith("_r"):
            p[2] = 0
        a(
            name,
            "position",
            p,
            "m",
            "rajagopal2016",
            TH,
            "derived",
            body="thorax",
            sd=0.008,
            note="bare bone; torso axes, vertical at standing neutral",
        )
    a(
        "shoulder_r",
        "centre",
        in_thorax_torso(xyz(B["21"])),
        "m",
        "rajagopal2016",
        RAJ + " acromial_r",
        "derived",
        body="thorax",
        sd=0.01,
    )
    a("elbow_r", "centre", xyz(B["22"]), "m", "rajagopal2016", RAJ, body="humerus", sd=0.004)
    a(
        "wrist_r",
        "centre",
        xyz(B["24"]) + xyz(B["23"]),
        "m",
        "rajagopal2016",
        RAJ + " forearm joints summed, pronation 0",
        "derived",
        body="forearm",
        sd=0.004,
    )
    nb = xyz(B["148"], "c_") - xyz(B["136"], "c_")
    a(
        "C7_T1",
        "centre",
        nb,
        "m",
        "wilkinson2021",
        "T12/L1 to T1/head joint, pelvis axes",
        "derived",
        body="thorax",
        sd=0.012,
        note="neck base; torso axes (vertical at standing neutral)",
    )
    a(
        "head_pivot",
        "centre",
        in_thorax_torso(xyz(B["333"])) * [0, 1, 0] + [in_thorax_torso(xyz(B["345"]))[0] - 0.01, -0.03, 0],
        "m",
        "estimate",
        "near the occipital condyles, from skull landmarks",
        "assumed",
        body="thorax",
        sd=0.015,
    )
    a(
        "thorax",
        "frame_tilt_standing",
        0.0,
        "rad",
        "estimate",
        "torso axes are vertical at standing",
        "assumed",
        sd=0.12,
        note="thorax points are stored with axes parallel to the pelvis axes at standing neutral (the source torso), not with the leaning T12 body",
    )
    # profile (standing, bare bone)
    for name, key in (
        ("occiput", "395"),
        ("thoracic_apex", "396"),
        ("ribs_scapula", "397"),
        ("lumbar_hollow", "398"),
        ("sacrum", "399"),
        ("psis", "400"),
        ("ischial_tuberosity", "401"),
        ("posterior_condyle", "402"),
        ("tibia", "403"),
        ("heel", "404"),
    ):
        a(
            "posterior_profile",
            name,
            xyz(B[key], "c_") * [1, 1, 0],
            "m",
            "rajagopal2016",
            "bone meshes on the model's joints",
            "derived",
            body="pelvis",
            sd=0.008,
            population="generic adult male standing",
            note="(x, y) behind the hip axis in frame C; standing, bare bone: add soft tissue; not a supine measurement",
        )


# ---------------------------------------------------------------- reference assembly (for derived rows and checks)
def assemble(sex="male"):
    """Origin and axes of every body in frame C at standing neutral, reference size."""
    P = {"pelvis": (np.zeros(3), np.eye(3)), "femur": (np.array([0, 0, HALF]), np.eye(3))}
    P["tibia"] = (P["femur"][0] + TIBIA, np.eye(3))
    P["foot"] = (P["tibia"][0] + ANKLE, np.eye(3))
    o, tilt = REED[sex] * PW, SS[sex] * DEG
    ang = dict(DISC_ANGLES, T12=-0.7)
    for k in LEVELS:
        tilt = tilt - ang[k] * DEG
        R = rz(-tilt)
        P[k] = (o, R)
        if k == "T12":
            P["thorax"] = (o, np.eye(3))
        o = o + R @ np.array([0, SPACING[k], 0])
    return P


def place(P, body, p):
    o, R = P[body]
    p = np.array(p, float)
    if body in REFSP:
        p[1] *= SPACING[body] / REFSP[body]
    return o + R @ p


def wrap_length(a, b, centre, axis, radius, side):
    """Shortest path from a to b round a cylinder, on the given side; straight when it clears. Also: wraps or not."""
    axis = axis / np.linalg.norm(axis)
    u, v = a - centre, b - centre
    ua, va = u @ axis, v @ axis
    u2, v2 = u - ua * axis, v - va * axis
    e1 = side - (side @ axis) * axis
    e1 = e1 / np.linalg.norm(e1)
    e2 = np.cross(axis, e1)
    pu, pv = np.array([u2 @ e1, u2 @ e2]), np.array([v2 @ e1, v2 @ e2])
    du, dv = np.hypot(*pu), np.hypot(*pv)
    if min(du, dv) <= radius:
        return np.linalg.norm(b - a), False
    fu, fv = np.arctan2(pu[1], pu[0]), np.arctan2(pv[1], pv[0])  # angle from the side direction
    arc = abs(fu - fv) - np.arccos(radius / du) - np.arccos(radius / dv)
    if arc <= 0:
        return np.linalg.norm(b - a), False
    planar = np.sqrt(du**2 - radius**2) + np.sqrt(dv**2 - radius**2) + radius * arc
    return np.hypot(planar, va - ua), True


def path_length(line, P):
    pts = [place(P, b, p) for b, p in line["points"]]
    total = 0.0
    for i in range(len(pts) - 1):
        w = line.get("wrap")
        if w and w["segment"] == i + 1:
            o, R = P[w["body"]]
            total += wrap_length(pts[i], pts[i + 1], o + R @ w["centre"], R @ w["axis"], w["radius"], R @ w["side"])[0]
        else:
            total += np.linalg.norm(pts[i + 1] - pts[i])
    return total


def rotate(P, bodies, centre, axis, angle):
    K = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    R = np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K
    Q = dict(P)
    for b in bodies:
        o, A = P[b]
        Q[b] = (centre + R @ (o - centre), R @ A)
    return Q


LEG = ["femur", "tibia", "foot"]


def hip_moment_arm(line, P, flexion=0.0, h=1e-4):
    """Positive = flexor. Hip flexion turns the leg about +Z (thigh forward)."""
    c, z = P["femur"][0], np.array([0, 0, 1.0])

    def f(q):
        return path_length(line, rotate(P, LEG, c, z, q))

    return -(f(flexion + h) - f(flexion - h)) / (2 * h)


def lumbar_moment_arm(line, P, level, h=1e-4):
    """Positive = extensor. Extension turns the level and all above it about +Z."""
    up = [*LEVELS[LEVELS.index(level) :], "thorax"]
    c, z = P[level][0], np.array([0, 0, 1.0])

    def f(q):
        return path_length(line, rotate(P, up, c, z, q))

    return -(f(h) - f(-h)) / (2 * h)


# ---------------------------------------------------------------- muscles
muscles = Table()
LINES = {}


def wrap_axes(rx, ry, rzr):
    """OpenSim xyz_body_rotation: R = Rx Ry Rz; the cylinder axis is the local z."""
    cx, sx, cy, sy, cz, sz = np.cos(rx), np.sin(rx), np.cos(ry), np.sin(ry), np.cos(rzr), np.sin(rzr)
    X = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    Y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    Z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return X @ Y @ Z


def line(id, points, wrap=None):
    LINES[id] = {"points": points, "wrap": wrap}
    return LINES[id]


def add_points(id, pts, src, loc, status="transcribed", note="", sd=0.005):
    for i, (b, p) in enumerate(pts, 1):
        muscles.add(
            id,
            f"point_{i}",
            p,
            "m",
            src[i - 1] if isinstance(src, list) else src,
            loc[i - 1] if isinstance(loc, list) else loc,
            status[i - 1] if isinstance(status, list) else status,
            body=b,
            sd=sd,
            note=note[i - 1] if isinstance(note, list) else note,
        )


def add_wrap(id, w, src, loc, status, note=""):
    a = muscles.add
    a(id, "wrap_center", w["centre"], "m", src, loc, status, body=w["body"], sd=0.005, note=note)
    a(
        id,
        "wrap_axis",
        w["axis"],
        "1",
        src,
        loc,
        "derived" if status == "transcribed" else status,
        body=w["body"],
        note="unit vector; local z after body-fixed x-y-z rotation",
    )
    a(
        id,
        "wrap_side",
        w["side"],
        "1",
        src,
        loc,
        "derived" if status == "transcribed" else status,
        body=w["body"],
        note="unit vector from the axis to the side on which the path runs",
    )
    a(id, "wrap_radius", w["radius"], "m", src, loc, status, sd=0.006)
    a(
        id,
        "wrap_segment",
        w["segment"],
        "1",
        src,
        loc,
        "derived" if status == "transcribed" else status,
        note="between this point and the next",
    )


def raj(name):
    rows = [r for r in M if r["source"].startswith("Rajagopal 2016") and r["muscle"] == name]
    par = next(r for r in rows if r["record"] == "param")
    pts = []
    for r in sorted(
        (r for r in rows if r["record"] == "point" and r["kind"].startswith("fixed")),
        key=lambda r: int(r["order"]),
    ):
        p = xyz(r)
        if r["body"] == "pelvis":
            p = p - HIP_RAJ * [1, 1, 0]
        elif r["body"] == "calcn_r":
            p = p + CALCN
        pts.append(
            (
                {
                    "pelvis": "pelvis",
                    "femur_r": "femur",
                    "tibia_r": "tibia",
                    "calcn_r": "foot",
                    "patella_r": "patella",
                }[r["body"]],
                p,
            )
        )
    return pts, {k: float(par[k]) for k in ("F0_N", "lopt_m", "lts_m", "pennation_rad", "norm_fibre_length_neutral")}


def raj_wrap(obj, body, segment):
    r = next(
        r for r in M if r["source"].startswith("Rajagopal 2016") and r["record"] == "wrap object" and r["muscle"] == obj
    )
    A = wrap_axes(*(float(r[k]) for k in ("rot_x_rad", "rot_y_rad", "rot_z_rad")))
    c = xyz(r) - (HIP_RAJ * [1, 1, 0] if body == "pelvis" else 0)
    return {
        "body": body,
        "centre": c,
        "axis": A[:, 2],
        "side": -A[:, 1],
        "radius": float(r["radius_m"]),
        "segment": segment,
    }


def add_parameters(
    id,
    P,
    F0,
    lopt,
    penn,
    nfl,
    src,
    loc,
    lts_model=None,
    F0_model=None,
    share=1.0,
    nsd=0.1,
    pop="generic adult",
    trunk=False,
    st="transcribed",
):
    a = muscles.add
    pcsa = F0 / SPECIFIC_TENSION
    a(
        id,
        "max_isometric_force",
        F0,
        "N",
        src,
        loc,
        "derived" if F0_model else st,
        sd=0.3 * F0,
        population=pop,
        note="pcsa x specific_tension default; rests on the remembered 60 N/cm2 of the model"
        if F0_model
        else "sum over fascicles at 46 N/cm2 (B2, B3)",
    )
    if F0_model:
        a(
            id,
            "max_isometric_force",
            F0_model,
            "N",
            src,
            loc,
            use="alternative",
            population=pop,
            note="the model's own force",
        )
    a(
        id,
        "pcsa",
        pcsa,
        "m^2",
        src,
        loc,
        "derived",
        sd=0.3 * pcsa,
        population=pop,
        note="model force over the model's specific tension" + ("; 60 N/cm2, remembered" if F0_model else "; 46 N/cm2"),
    )
    a(id, "optimal_fiber_length", lopt, "m", src, loc, st, sd=0.15 * lopt, population=pop)
    a(id, "pennation_angle", penn, "rad", src, loc, st, sd=0.08, population=pop)
    a(
        id,
        "normalized_fiber_length_neutral",
        nfl,
        "1",
        src,
        loc,
        "derived",
        sd=nsd,
        population=pop,
        note="model neutral, rigid tendon, fixed pennation angle",
    )
    L = path_length(LINES[id], P)
    a(
        id,
        "reference_path_length",
        L,
        "m",
        "rajagopal2016" if not trunk else "christophy2012",
        "reference assembly of transcribe_geometry.py",
        "derived",
        note="neutral path at reference size: scale fiber and tendon by built length over this to keep normalized_fiber_length_neutral",
    )
    lts = L - nfl * lopt * np.cos(penn)
    a(
        id,
        "tendon_slack_length",
        lts,
        "m",
        src,
        "path minus fiber at normalized_fiber_length_neutral",
        "derived",
        sd=0.03 * L,
        population=pop,
    )
    if lts_model is not None:
        a(
            id,
            "tendon_slack_length",
            lts_model,
            "m",
            src,
            loc,
            use="alternative",
            population=pop,
            note="the model's own, for its own path",
        )
    return lts


PSOAS = [  # our id, Christophy name, body, AnyBody label, AnyBody area cm2
    ("psoas_major_T12_L1_IVD", "Ps_L1_VB_r", "T12", "PMT12I", 2.11),
    ("psoas_major_L1_L2_IVD", "Ps_L1_L2_IVD_r", "L1", "PML1I", 2.11),
    ("psoas_major_L1_TP", "Ps_L1_TP_r", "L1", "PML1T", 0.61),
    ("psoas_major_L2_L3_IVD", "Ps_L2_L3_IVD_r", "L2", "PML2I", 1.61),
    ("psoas_major_L2_TP", "Ps_L2_TP_r", "L2", "PML2T", 1.01),
    ("psoas_major_L3_L4_IVD", "Ps_L3_L4_IVD_r", "L3", "PML3I", 1.91),
    ("psoas_major_L3_TP", "Ps_L3_TP_r", "L3", "PML3T", 1.73),
    ("psoas_major_L4_L5_IVD", "Ps_L4_L5_IVD_r", "L4", "PML4I", 1.19),
    ("psoas_major_L4_TP", "Ps_L4_TP_r", "L4", "PML4T", 1.20),
    ("psoas_major_L5_VB", "Ps_L5_VB_r", "L5", "PML5", 0.79),
    ("psoas_major_L5_TP", "Ps_L5_TP_r", "L5", "PML5T", 0.36),
]


def build_psoas(P):
    a = muscles.add
    rp, rpar = raj("psoas_r")
    brim, f1, f2 = rp[1][1], rp[2][1], rp[3][1]
    wrap = raj_wrap("PS_at_brim_r", "pelvis", 2)
    ch = {r["muscle"]: r for r in M if r["source"].startswith("Christophy 2012 muscles") and r["record"] == "param"}
    chp = {
        r["muscle"]: r
        for r in M
        if r["source"].startswith("Christophy 2012 muscles") and r["record"] == "point" and r["order"] == "1"
    }
    hip = np.array([0, 0, HALF])
    tail = np.linalg.norm(f1 + hip - brim) + np.linalg.norm(f2 - f1)  # straight brim to insertion
    out = []
    for id, name, body, label, area in PSOAS:
        c, p = ch[name], xyz(chp[name])
        lev = CH_BODY[chp[name]["body"]]
        q = in_vertebra(lev, p)
        if body == "T12":  # the disc between: stored on T12's lower margin, half a disc above the T12 frame origin
            q12 = np.array([q[0], 0.004, q[2]])
            pts = [("T12", q12)]
        else:
            pts = [(body, q)]
        pts += [("pelvis", brim), ("femur", f1), ("femur", f2)]
        ln = line(id, pts, wrap)
        first = "christophy2012"
        add_points(
            id,
            pts,
            [first, "rajagopal2016", "rajagopal2016", "rajagopal2016"],
            [f"{name} origin", "psoas_r P2", "psoas_r P3", "psoas_r P4"],
            ["derived", "transcribed", "transcribed", "transcribed"],
            [
                "vertebra frame moved to mid-disc; "
                + (
                    "T12-L1 disc, put 4 mm up on T12 (assumed height)"
                    if body == "T12"
                    else f"stored at muscle_point_reference_spacing of {body}"
                ),
                "pelvic brim, frame C (A6)",
                "femur via",
                "lesser trochanter",
            ],
        )
        if body == "T12":
            a(
                id,
                "point_1",
                q,
                "m",
                "christophy2012",
                f"{name} origin",
                "derived",
                "alternative",
                body="L1",
                sd=0.005,
                note="as published: on the body of L1 (23 mm above its frame origin)",
            )
        a(
            id,
            "point_2",
            xyz(
                next(
                    r
                    for r in M
                    if r["source"].startswith("gait2392 (")
                    and r["muscle"] == "psoas_r"
                    and r["record"] == "point"
                    and r["order"] == "2"
                )
            )
            - xyz(B["421"]) * [1, 1, 0],
            "m",
            "delp1990",
            "gait2392 P2 on the mesh hip centre",
            "derived",
            "alternative",
            body="pelvis",
            sd=0.006,
            note="A6",
        )
        a(
            id,
            "point_2",
            np.array([0.02855, 0.02149, 0.09182]),
            "m",
            "wilkinson2021",
            "fascicle brim point",
            "derived",
            "alternative",
            body="pelvis",
            sd=0.006,
            note="14.6 mm lateral to the hip centre (A6)",
        )
        add_wrap(
            id,
            wrap,
            "rajagopal2016",
            "PS_at_brim_r",
            "transcribed",
            "keep it: without it the hip arm falls to 12 mm at 20 deg of extension (A5)",
        )
        chF, lopt, lts, penn, nfl = (
            float(c[k]) for k in ("F0_N", "lopt_m", "lts_m", "pennation_rad", "norm_fibre_length_neutral")
        )
        a(
            id,
            "pcsa",
            area * 1e-4,
            "m^2",
            "anybody_ammr",
            f"spine muscle parameters {label}",
            "transcribed",
            sd=0.25e-4 * area,
            n=3,
            population="cadavers (Bogduk 1992, via the model)",
            note="label order of a second transcription; its areas fall smoothly from level to level, Christophy's do not: not settled against the primary table",
        )
        a(
            id,
            "pcsa",
            chF / SPECIFIC_TENSION,
            "m^2",
            "christophy2012",
            f"{name} force over 46 N/cm2",
            "derived",
            "alternative",
            n=3,
            population="cadavers (Bogduk 1992, via the model)",
            note="same eleven areas in another order; run as a rival",
        )
        a(
            id,
            "max_isometric_force",
            area * 1e-4 * SPECIFIC_TENSION,
            "N",
            "anybody_ammr",
            "pcsa x specific_tension",
            "derived",
            sd=0.3 * area * 46,
        )
        a(id, "max_isometric_force", chF, "N", "christophy2012", name, use="alternative")
        a(id, "optimal_fiber_length", lopt, "m", "christophy2012", name, sd=0.1 * lopt)
        a(
            id,
            "optimal_fiber_length",
            0.1169,
            "m",
            "ward2009",
            "Table 3, code transcription",
            "transcribed",
            "alternative",
            sd=0.0166,
            n=21,
            population="cadavers",
            note="sd measured; one length for the whole muscle",
        )
        a(id, "pennation_angle", penn, "rad", "christophy2012", name, sd=0.056)
        a(
            id,
            "normalized_fiber_length_neutral",
            nfl,
            "1",
            "christophy2012",
            name,
            "derived",
            sd=0.08,
            note="Christophy path and tendon, rigid tendon",
        )
        L = path_length(ln, P)
        a(
            id,
            "reference_path_length",
            L,
            "m",
            "christophy2012",
            "reference assembly of transcribe_geometry.py",
            "derived",
            note="neutral path at reference size, male",
        )
        rule = lts + tail
        nfl_rule = (L - rule) / (lopt * np.cos(penn))
        fit = L - nfl * lopt * np.cos(penn)
        out.append((id, L, nfl, nfl_rule, rule, fit))
        a(
            id,
            "tendon_slack_length",
            rule,
            "m",
            "christophy2012",
            f"{name} plus {1e3 * tail:.1f} mm brim to insertion",
            "derived",
            "default" if PSOAS_RULE else "alternative",
            sd=0.012,
            note=f"Christophy's tendon ends at the brim; in the reference assembly it gives a neutral length of {nfl_rule:.3f}",
        )
        a(
            id,
            "tendon_slack_length",
            fit,
            "m",
            "christophy2012",
            "reference path minus fiber at normalized_fiber_length_neutral",
            "derived",
            "alternative" if PSOAS_RULE else "default",
            sd=0.012,
            note="keeps the published neutral length in the reference assembly",
        )
    for v, s, l, st, use, nt in (
        (
            14.63,
            "anybody_ammr",
            "sum of eleven fascicles",
            "transcribed",
            "default",
            "3 cadavers, Bogduk 1992 via models",
        ),
        (7.7, "ward2009", "Table 3", "transcribed", "alternative", "elderly cadavers"),
        (5.45, "juntendo2022", "page", "read", "alternative", "lowest seen"),
        (
            15.6,
            "delp1990",
            "PCSA in a transcription of the model",
            "transcribed",
            "alternative",
            "file cites Thorpe 1997 and Friedrich 1990",
        ),
        (14.70, "pmc3594999", "Table 1", "read", "alternative", ""),
        (
            16.3,
            "reid1994",
            "abstract",
            "read",
            "alternative",
            "cross-section area at L4/5, young men: not a PCSA",
        ),
        (18.45, "regev2011", "remembered, not read", "assumed", "alternative", "recalled value; sd widened"),
        (rpar["F0_N"] / 60, "rajagopal2016", "force over 60 N/cm2", "derived", "alternative", ""),
    ):
        a(
            "psoas_major",
            "pcsa",
            v * 1e-4,
            "m^2",
            s,
            l,
            st,
            use,
            sd=(0.4 if st == "assumed" else 0.2) * v * 1e-4,
            note=nt,
        )
    for v, s, l, st, use, nt in (
        (rpar["F0_N"], "rajagopal2016", "psoas_r", "transcribed", "alternative", ""),
        (673, "christophy2012", "sum of fascicles", "derived", "default", "14.63 cm2 x 46 N/cm2 (B1)"),
        (1113, "delp1990", "gait2392 psoas_r", "transcribed", "alternative", ""),
        (
            2235,
            "wilkinson2021",
            "sum of fascicles",
            "derived",
            "alternative",
            "without its second, lumped psoas",
        ),
        (735, "pmc3594999", "Table 1", "read", "alternative", ""),
        (371, "delp1990", "original set", "transcribed", "alternative", ""),
    ):
        a("psoas_major", "max_isometric_force", v, "N", s, l, st, use, sd=0.3 * v, note=nt)
    a(
        "psoas_major",
        "optimal_fiber_length",
        0.1169,
        "m",
        "ward2009",
        "Table 3, code transcription",
        "transcribed",
        sd=0.0166,
        n=21,
        population="cadavers",
        note="sd measured",
    )
    a(
        "psoas_major",
        "optimal_fiber_length",
        0.1376,
        "m",
        "juntendo2022",
        "page",
        "read",
        "alternative",
        population="cadavers",
        note="fibre length as dissected, not optimal",
    )
    a(
        "psoas_major",
        "pennation_angle",
        10.6 * DEG,
        "rad",
        "ward2009",
        "Table 3, code transcription",
        "transcribed",
        sd=3.2 * DEG,
        n=21,
        population="cadavers",
        note="sd measured",
    )
    a(
        "psoas_major",
        "hip_moment_arm_neutral",
        0.0241,
        "m",
        "rajagopal2016",
        "with wrap (A5)",
        "derived",
        sd=0.005,
        note="for checks",
    )
    a(
        "specific_tension",
        "specific_tension",
        SPECIFIC_TENSION,
        "Pa",
        "christophy2012",
        "46 N/cm2",
        sd=150e3,
        note="one tension for all muscles (B1); spread covers 23-100 N/cm2 of models",
    )
    a(
        "specific_tension",
        "specific_tension",
        RAJ_TENSION,
        "Pa",
        "rajagopal2016",
        "60 N/cm2; remembered of the paper",
        "assumed",
        "alternative",
        sd=100e3,
    )
    a(
        "specific_tension",
        "specific_tension",
        1e6,
        "Pa",
        "wilkinson2021",
        "about 100 N/cm2, from force over area",
        "derived",
        "alternative",
    )
    a(
        "specific_tension",
        "specific_tension",
        225e3,
        "Pa",
        "ward2009",
        "22.5 N/cm2 of animal muscle; remembered",
        "assumed",
        "alternative",
        sd=50e3,
    )
    a(
        "specific_tension",
        "specific_tension",
        500e3,
        "Pa",
        "pmc3594999",
        "735 N over 14.70 cm2",
        "derived",
        "alternative",
    )
    a(
        "iliacus",
        "pcsa",
        9.9e-4,
        "m^2",
        "ward2009",
        "Table 3",
        "transcribed",
        "alternative",
        sd=2e-4,
        n=21,
        population="cadavers",
    )
    a("iliacus", "pcsa", 8.5e-4, "m^2", "pmc3594999", "Table 1", "read", "alternative")
    a(
        "iliacus",
        "pcsa",
        32e-4,
        "m^2",
        "delp1990",
        "PCSA in a transcription of the model",
        "transcribed",
        "alternative",
        note="far above the others",
    )
    a(
        "iliacus",
        "pcsa",
        raj("iliacus_r")[1]["F0_N"] / 60e4,
        "m^2",
        "rajagopal2016",
        "force over 60 N/cm2",
        "derived",
        sd=4e-4,
    )
    a(
        "iliacus",
        "optimal_fiber_length",
        0.1066,
        "m",
        "ward2009",
        "Table 3, code transcription",
        "transcribed",
        sd=0.0186,
        n=21,
        population="cadavers",
        note="sd measured",
    )
    # psoas minor: course from MASS, rescaled to frame C
    mass = {int(r["order"]): r for r in M if r["muscle"] == "R_Psoas_Minor" and r["record"] == "point"}
    brim_m, end_m = xyz(mass[3], "c_"), xyz(mass[4], "c_")
    top = np.array([0.012, 0.004, 0.030])
    pts = [
        ("T12", top),
        ("L3", np.array([0.012, 0.010, 0.032])),
        ("pelvis", brim + np.array([0.002, 0.006, -0.010])),
    ]
    line("psoas_minor", pts)
    add_points(
        "psoas_minor",
        pts,
        "lee2019",
        [
            "MASS R_Psoas_Minor, moved onto the T12-L1 disc margin",
            "MASS via, moved onto L3 in front of psoas major",
            "MASS brim, moved to 10 mm medial of the psoas brim point",
        ],
        "assumed",
        "course only (B7); MASS brim point in its own frame C is " + fmt(brim_m) + " and end " + fmt(end_m),
        sd=0.01,
    )
    L = path_length(LINES["psoas_minor"], P)
    lf, lt = 0.0452, 0.1305
    a(
        "psoas_minor",
        "optimal_fiber_length",
        lf,
        "m",
        "psoasminor2023",
        "abstract, belly length",
        "read",
        sd=0.0135,
        n=12,
        population="30 cadavers",
        note="belly taken as fibre length",
    )
    a(
        "psoas_minor",
        "tendon_slack_length",
        L - 1.0 * lf,
        "m",
        "psoasminor2023",
        "path minus belly; tendon measured 0.1305",
        "derived",
        sd=0.02,
        note="assumes normalized length 1.0",
    )
    a(
        "psoas_minor",
        "tendon_length",
        lt,
        "m",
        "psoasminor2023",
        "abstract",
        "read",
        sd=0.009,
        n=12,
        population="30 cadavers",
    )
    a("psoas_minor", "reference_path_length", L, "m", "lee2019", "reference assembly", "derived")
    a(
        "psoas_minor",
        "pcsa",
        1.0e-4,
        "m^2",
        "estimate",
        "belly of about 1 cm2",
        "assumed",
        sd=0.5e-4,
        note="no source read",
    )
    a(
        "psoas_minor",
        "max_isometric_force",
        46.0,
        "N",
        "estimate",
        "pcsa x specific_tension",
        "assumed",
        sd=25.0,
    )
    a(
        "psoas_minor",
        "max_isometric_force",
        239.85,
        "N",
        "lee2019",
        "MASS",
        use="alternative",
        note="copied from psoas major there (B7)",
    )
    a("psoas_minor", "pennation_angle", 0.0, "rad", "estimate", "slender parallel belly", "assumed", sd=0.1)
    a(
        "psoas_minor",
        "normalized_fiber_length_neutral",
        1.0,
        "1",
        "estimate",
        "resting length",
        "assumed",
        sd=0.1,
    )
    a(
        "psoas_minor",
        "prevalence",
        12 / 30,
        "1",
        "psoasminor2023",
        "abstract",
        "read",
        n=30,
        population="cadavers",
        sd=0.09,
    )
    a(
        "psoas_minor",
        "prevalence",
        0.333,
        "1",
        "ijars2022",
        "abstract",
        "read",
        "alternative",
        n=30,
        population="cadavers",
    )
    a(
        "psoas_minor",
        "prevalence",
        0.27,
        "1",
        "farias2012",
        "abstract",
        "read",
        "alternative",
        n=30,
        population="cadaver parts",
    )
    return out


def build_legs(P):
    DROP = "fixed points only; the model's moving and conditional points are dropped"
    names = {
        "rectus_femoris": "recfem_r",
        "sartorius": "sart_r",
        "tensor_fasciae_latae": "tfl_r",
        "semimembranosus": "semimem_r",
        "semitendinosus": "semiten_r",
        "biceps_femoris_long_head": "bflh_r",
        "gluteus_maximus_1": "glmax1_r",
        "gluteus_maximus_2": "glmax2_r",
        "gluteus_maximus_3": "glmax3_r",
        "gluteus_medius_1": "glmed1_r",
        "gluteus_medius_2": "glmed2_r",
        "gluteus_medius_3": "glmed3_r",
        "adductor_longus": "addlong_r",
        "adductor_magnus_1": "addmagMid_r",
        "adductor_magnus_2": "addmagIsch_r",
        "gracilis": "grac_r",
        "piriformis": "piri_r",
    }
    ip, ipar = raj("iliacus_r")
    w = raj_wrap("IL_at_brim_r", "pelvis", 2)
    d = np.array([0.022, -0.003, 0.014])
    for id, sgn, tag in (("iliacus_1", 1, "anterior"), ("iliacus_2", -1, "posterior")):
        pts = [("pelvis", ip[0][1] + sgn * d), *ip[1:]]
        line(id, pts, w)
        add_points(
            id,
            pts,
            "rajagopal2016",
            [f"iliacus_r P1 moved to the {tag} iliac fossa", "iliacus_r P2", "iliacus_r P3", "iliacus_r P4"],
            ["assumed", "transcribed", "transcribed", "transcribed"],
            ["split assumed: the two origins have the model's origin as mean", "", "", ""],
            sd=0.006,
        )
        add_wrap(id, w, "rajagopal2016", "IL_at_brim_r", "transcribed")
        add_parameters(
            id,
            P,
            ipar["F0_N"] / 2 * SPECIFIC_TENSION / RAJ_TENSION,
            ipar["lopt_m"],
            ipar["pennation_rad"],
            ipar["norm_fibre_length_neutral"],
            "rajagopal2016",
            "iliacus_r, force halved",
            lts_model=ipar["lts_m"],
            F0_model=ipar["F0_N"] / 2,
        )
    for id, name in names.items():
        pts, par = raj(name)
        wrap = None
        F = par["F0_N"]
        if id == "rectus_femoris":
            pts = [pts[0], pts[-1]]
            wrap = {
                "body": "femur",
                "centre": TIBIA.copy(),
                "axis": np.array([0, 0, 1.0]),
                "side": np.array([0.70710678, -0.70710678, 0.0]),
                "radius": 0.042,
                "segment": 1,
            }
        if id in ("adductor_magnus_1", "adductor_magnus_2"):
            F = 2 * F
        line(id, pts, wrap)
        add_points(id, pts, "rajagopal2016", name, note=DROP)
        if wrap:
            add_wrap(
                id,
                wrap,
                "estimate",
                "cylinder about the knee centre; radius stands for the patellar tendon arm",
                "assumed",
                "replaces patella points; path must never leave it",
            )
        add_parameters(
            id,
            P,
            F * SPECIFIC_TENSION / RAJ_TENSION,
            par["lopt_m"],
            par["pennation_rad"],
            par["norm_fibre_length_neutral"],
            "rajagopal2016",
            name + (" (two of four parts lumped)" if "magnus" in id else ""),
            lts_model=par["lts_m"],
            F0_model=F,
        )


def build_trunk(P):
    ch = [r for r in M if r["source"].startswith("Christophy 2012 muscles")]
    par = {r["muscle"]: r for r in ch if r["record"] == "param"}
    pts = {}
    for r in ch:
        if r["record"] == "point":
            pts.setdefault(r["muscle"], []).append((r["body"], xyz(r), xyz(r, "c_")))

    def sel(*prefix, skip=()):
        return [m for m in par if m.startswith(prefix) and m not in skip]

    def weighted(ms, bodies, convert):
        W, X = 0.0, np.zeros(3)
        for m in ms:
            for b, p, c in pts[m]:
                if b in bodies:
                    f = float(par[m]["F0_N"])
                    W, X = W + f, X + f * convert(b, p, c)
        return X / W

    def pars(ms, nfl_ok=(0.5, 1.4)):
        F = sum(float(par[m]["F0_N"]) for m in ms)

        def mean(k, mm):
            return sum(float(par[m]["F0_N"]) * float(par[m][k]) for m in mm) / sum(float(par[m]["F0_N"]) for m in mm)

        good = [
            m
            for m in ms
            if par[m]["norm_fibre_length_neutral"]
            and nfl_ok[0] < float(par[m]["norm_fibre_length_neutral"]) < nfl_ok[1]
        ]
        return F, mean("lopt_m", ms), mean("pennation_rad", ms), mean("norm_fibre_length_neutral", good)

    def cc(b, p, c):
        return c

    def th(b, p, c):
        return in_thorax_c(c)

    def vert(lev):
        return lambda b, p, c: in_vertebra(lev, p)

    def flip(f):
        return lambda b, p, c: f(b, p, c * [1, 1, -1])

    LOW, TOR = ("pelvis", "sacrum"), ("torso",)
    lt, il = sel("LTpT_"), sel("IL_R")
    qa, qp, qm = sel("QL_ant"), sel("QL_post"), sel("QL_mid")
    eo, io = sel("EO"), sel("IO")
    ra = ["rect_abd_r"]

    # lines that really run between thorax and pelvis carry the points; forces sum over the whole group
    def both(ms):
        return [m for m in ms if {b for b, *_ in pts[m]} & set(TOR) and {b for b, *_ in pts[m]} & set(LOW)]

    m_hi, m_lo = sel("MF_m1", "MF_m2", "MF_m3"), sel("MF_m4", "MF_m5")
    m2 = [m for m in sel("MF_m2") if any(b == "lumbar2" for b, *_ in pts[m])]
    m4 = [m for m in sel("MF_m4") if any(b == "lumbar4" for b, *_ in pts[m])]
    q3 = [m for m in qp if any(b == "lumbar3" for b, *_ in pts[m])]
    qt = [m for m in qa if {b for b, *_ in pts[m]} & set(TOR)]
    eob, iob = both(eo), both(io)
    spec = [
        (
            "erector_spinae_longissimus",
            lt + sel("LTpL_"),
            [
                ("thorax", weighted(both(lt) or lt, TOR, th)),
                ("L3", np.array([-0.058, 0.012, 0.022])),
                ("pelvis", weighted(both(lt) or lt, LOW, cc)),
            ],
            True,
        ),
        (
            "erector_spinae_iliocostalis",
            il + sel("IL_L"),
            [
                ("thorax", weighted(both(il) or il, TOR, th)),
                ("L3", np.array([-0.056, 0.012, 0.048])),
                ("pelvis", weighted(both(il) or il, LOW, cc)),
            ],
            True,
        ),
        (
            "multifidus_L2",
            m_hi,
            [("L2", weighted(m2, ("lumbar2",), vert("L2"))), ("pelvis", weighted(m_hi, LOW, cc))],
            False,
        ),
        (
            "multifidus_L4",
            m_lo,
            [("L4", weighted(m4, ("lumbar4",), vert("L4"))), ("pelvis", weighted(m_lo, LOW, cc))],
            False,
        ),
        (
            "quadratus_lumborum_1",
            qa + qm,
            [("thorax", weighted(qt, TOR, th)), ("pelvis", weighted(qt, LOW, cc))],
            False,
        ),
        (
            "quadratus_lumborum_2",
            qp,
            [("L3", weighted(q3, ("lumbar3",), vert("L3"))), ("pelvis", weighted(q3, LOW, cc))],
            False,
        ),
        (
            "rectus_abdominis",
            ra,
            [("thorax", weighted(ra, TOR, flip(th))), ("pelvis", weighted(ra, LOW, flip(cc)))],
            False,
        ),
        (
            "external_oblique",
            eo,
            [("thorax", weighted(eob, TOR, th)), ("pelvis", weighted(eob, LOW, cc))],
            False,
        ),
        (
            "internal_oblique",
            io,
            [("thorax", weighted(iob, TOR, th)), ("pelvis", weighted(iob, LOW, cc))],
            False,
        ),
    ]
    for id, ms, pp, via in spec:
        line(id, pp)
        st = ["derived", "assumed", "derived"] if via else "derived"
        add_points(
            id,
            pp,
            "christophy2012",
            f"force-weighted mean of {len(ms)} fascicles",
            st,
            (
                [
                    "thorax frame from the T12-L1 centre, axes parallel",
                    "via point so that the line does not bowstring; about the muscle centroid behind L3",
                    "frame C of the source pelvis (its bone stands about 7 deg further forward)",
                ]
                if via
                else "frame C of the source pelvis or vertebra mid-disc frame or thorax frame; "
                + ("left-side points of the source mirrored" if id == "rectus_abdominis" else "lumped")
            ),
            sd=0.008,
        )
        F, lopt, penn, nfl = pars(ms)
        add_parameters(
            id,
            P,
            F,
            lopt,
            penn,
            nfl,
            "christophy2012",
            f"sum or force-weighted mean of {len(ms)} fascicles",
            trunk=True,
            st="derived",
            nsd=0.15,
        )


# ---------------------------------------------------------------- segments
segments = Table()
DELEVA = {
    "Head": "head",
    "Head 2": "head_to_C7",
    "Upper trunk": "upper_trunk",
    "Middle trunk": "middle_trunk",
    "Lower trunk": "lower_trunk",
    "Trunk": "trunk",
    "Upper arm": "upper_arm",
    "Forearm": "forearm",
    "Hand": "hand",
    "Thigh": "thigh",
    "Shank": "shank",
    "Foot": "foot",
}


def build_segments():
    a = segments.add
    for r in S:
        c, sex, q = r["category"], r["sex"], r["quantity"]
        if (
            r["source"].startswith(("Dumas 2007, code", "Dumas 2007 J Biomech"))
            and q.endswith("_fraction")
            and sex in ("male", "female")
        ):
            a(
                r["segment"],
                q,
                float(r["mean"]),
                "1",
                "dumas2007",
                "inertia tables",
                sex=sex,
                sd=0.1 * abs(float(r["mean"])),
                population="adults; mean stature 1.77 m men, 1.61 m women (recalled)",
                note=(
                    "raw; male set sums to 1.002, see mass_fraction_normalized (D1, D2)"
                    if q == "mass_fraction"
                    else "products of inertia left out; fraction of segment length, X forward Y up Z right, from the proximal joint (pelvis: L5/S1, torso: C7/T1)"
                ),
            )
        elif r["source"].startswith("Dumas 2007, second") and q == "mass_fraction":
            a(
                r["segment"],
                q,
                float(r["mean"]),
                "1",
                "dumas2007",
                "second transcription",
                sex=sex,
                use="alternative",
                note="0.048 agrees with the total: this one is a slip (D3)",
            )
        elif r["source"].startswith("Dumas 2007 mean"):
            nm = {
                "head+neck": "head",
                "torso": "torso",
                "upper arm": "upper_arm",
                "forearm": "forearm",
                "hand": "hand",
                "pelvis": "pelvis",
                "pelvis width": "pelvis_width",
                "thigh": "thigh",
                "shank": "shank",
                "foot": "foot_ankle_to_metatarsal",
            }
            key = r["segment"].split(" (")[0]
            seg = nm[key]
            if "heel to toe" in r["segment"]:
                seg = "foot"
            H = 1.77 if sex == "male" else 1.61
            a(
                seg,
                "dumas_length",
                float(r["mean"]),
                "m",
                "dumas2007",
                "mean segment lengths",
                sex=sex,
                sd=0.05 * float(r["mean"]),
                note="length the fractions refer to",
            )
            a(
                seg,
                "dumas_length_over_stature",
                float(r["mean"]) / H,
                "1",
                "dumas2007",
                "mean lengths over recalled stature",
                "derived",
                sex=sex,
                sd=0.02,
            )
        elif r["source"].startswith("de Leva 1996 J Biomech") and r["segment"] in DELEVA:
            a(
                DELEVA[r["segment"]] + "_deleva",
                q,
                float(r["mean"]),
                "1",
                "deleva1996",
                "Table 4",
                sex=sex,
                population="sample of Zatsiorsky",
                note=r["note"].split(";")[0] + "; rival of the Dumas cut: never mix (D1, D2)",
            )
        elif c == "segment length" and r["segment"] in DELEVA:
            a(
                DELEVA[r["segment"]] + "_deleva",
                "length",
                float(r["mean"]),
                "m",
                "deleva1996",
                "Table 4 lengths",
                sex=sex,
                population="men 1.741 m, women 1.735 m (recalled)",
            )
            a(
                DELEVA[r["segment"]] + "_deleva",
                "length_over_stature",
                float(r["mean"]) / (1.741 if sex == "male" else 1.735),
                "1",
                "deleva1996",
                "length over mean stature",
                "derived",
                sex=sex,
            )
        elif c == "ANSUR II 2012" or c == "NHANES 2015-2016":
            nh = c.startswith("NHANES")
            src = "nhanes2016" if nh else "ansur2012"
            seg = (
                {
                    "sagittal abdominal diameter, SUPINE": "abdominal_depth_supine",
                    "waist circumference": "waist_circumference_iliac",
                    "stature": "nhanes_stature",
                    "body mass": "nhanes_mass",
                    "BMI": "nhanes_bmi",
                    "upper leg length": "upper_leg_length_sitting",
                    "upper arm length": "upper_arm_length",
                }.get(r["segment"], r["segment"])
                if nh
                else r["segment"]
            )
            pop = "adults 20 y and over, USA" if nh else "US Army personnel"
            if r["b0"]:
                a(
                    seg,
                    "regression",
                    f"{float(r['b0']):.6g} {float(r['b_stature_per_m']):.6g} {float(r['b_bmi_per_kgm2']):.6g}",
                    "m",
                    src,
                    "computed from public records",
                    "derived",
                    sex=sex,
                    sd=float(r["rmse"]),
                    n=r["n"],
                    population=pop,
                    note="b0 + b1 stature[m] + b2 BMI[kg/m2]; sd is the residual. " + r["note"].strip("; "),
                )
            a(
                seg,
                "mean",
                float(r["mean"]),
                r["unit"].replace("kg/m2", "kg/m^2"),
                src,
                "computed from public records",
                "derived",
                sex=sex,
                sd=float(r["sd"]),
                n=r["n"],
                population=pop,
            )
    for sex in ("male", "female"):
        m = {
            r["id"]: float(r["value"])
            for r in segments
            if r["quantity"] == "mass_fraction"
            and r["sex"] == sex
            and r["source"] == "dumas2007"
            and r["use"] == "default"
        }
        tot = sum(
            v * (2 if k in ("upper_arm", "forearm", "hand", "thigh", "shank", "foot") else 1) for k, v in m.items()
        )
        for k, v in m.items():
            a(
                k,
                "mass_fraction_normalized",
                v / tot,
                "1",
                "dumas2007",
                "mass_fraction over its sum with limbs twice",
                "derived",
                sex=sex,
                sd=0.1 * v,
                note=f"sums to 1 with limbs counted twice (raw sum {tot:.4f})",
            )


PSOAS_RULE = False
build_bones()
P0 = assemble("male")
psoas_out = build_psoas(P0)
build_legs(P0)
build_trunk(P0)
build_segments()
bones.write("bones.csv")
muscles.write("muscles.csv")
segments.write("segments.csv")
for name, rows in (("joints.csv", joints()), ("tissues.csv", tissues())):
    t = Table()
    for kw in rows:
        t.add(**kw)
    t.write(name)


def check():
    """Print what the sanity checks of conflicts.md give on the default rows."""
    print(
        "psoas: id, path mm, published neutral length, by the A7 rule, hip arm 0 and -20 deg, lumbar arms L5/S1..L1/2 [mm]"
    )
    shares = {r["id"]: {} for r in muscles}
    for r in muscles:
        if r["quantity"] == "pcsa":
            shares[r["id"]][r["use"]] = float(r["value"])
    arms = {}
    for id, L, nfl, nr, _rule, _fit in psoas_out:
        arms[id] = [1e3 * lumbar_moment_arm(LINES[id], P0, k) for k in LEVELS[:5]]
        hip = [1e3 * hip_moment_arm(LINES[id], P0, q) for q in (0, -20 * DEG)]
        print(
            f"  {id:24s} {1e3 * L:6.1f} {nfl:.3f} {nr:.3f}  {hip[0]:.1f} {hip[1]:.1f}  "
            + " ".join(f"{x:.1f}" for x in arms[id])
        )
    for use in ("default", "alternative"):
        w = np.array([shares[id][use] for id in arms])
        print(
            f"  pcsa-weighted lumbar arms, {use} areas: "
            + " ".join(f"{x:.1f}" for x in w @ np.array(list(arms.values())) / w.sum())
        )
    limbs = ("upper_arm", "forearm", "hand", "thigh", "shank", "foot")
    for kind in ("", "_deleva"):
        for sex in ("male", "female"):
            names = (
                ("head", "upper_trunk", "middle_trunk", "lower_trunk", *limbs)
                if kind
                else ("head", "torso", "pelvis", *limbs)
            )
            q = "mass_fraction" if kind else "mass_fraction_normalized"
            m = {
                r["id"]: float(r["value"])
                for r in segments
                if r["quantity"] == q and r["sex"] == sex and r["use"] == "default"
            }
            print(f"  mass{kind or '_dumas'} {sex}: {sum(m[n + kind] * (2 if n in limbs else 1) for n in names):.4f}")
    for sex in REED:
        print(f"  L5/S1 over inter-ASIS {sex}: {np.linalg.norm(REED[sex]):.3f}; sacral slope {SS[sex]:.1f}")
    print(f"  segment angles sum {sum(DISC_ANGLES.values()):.1f} deg; T12-S1 {sum(DISC_ANGLES.values()) - 0.7:.1f}")
    low = [
        (r["id"], r["quantity"])
        for t in (bones, muscles)
        for r in t
        if r["body"] in ("pelvis", "femur", "thorax", *LEVELS)
        and r["unit"] == "m"
        and len(r["value"].split()) == 3
        and float(r["value"].split()[2]) + (HALF if r["body"] == "femur" else 0) < -2e-4
    ]
    print("  points left of the middle:", low)
    print("  line, path mm, lopt mm, lts mm, neutral length, F0 N")
    for id in LINES:
        v = {
            r["quantity"]: float(r["value"])
            for r in muscles
            if r["id"] == id and r["use"] == "default" and " " not in r["value"]
        }
        print(
            f"  {id:28s} {1e3 * v['reference_path_length']:6.1f} {1e3 * v['optimal_fiber_length']:6.1f} {1e3 * v['tendon_slack_length']:6.1f} {v['normalized_fiber_length_neutral']:.3f} {v['max_isometric_force']:7.1f}"
        )


if __name__ == "__main__":
    check()
