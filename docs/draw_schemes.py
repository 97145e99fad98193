"""Draw what each scheme pays, from the engine's own curves: `python3 docs/draw_schemes.py` after a change.

tests/unit/engine/test_pictures.py holds the pictures against the engine.
"""

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from portal.margin.curves import Axis, Curve, curves_of
from portal.margin.engine import parse_plan

PICTURES = Path(__file__).parent / "pictures"
AMOUNTS = [("0", "0.02"), ("50000.00", "0.035"), ("150000.00", "0.05")]
SLICES = [("0", "0.02"), ("1.00", "0.03"), ("1.20", "0.045")]
POINTS = [("0.80", "0.01"), ("1.00", "0.03"), ("1.20", "0.04")]
SCHEMES: dict[str, dict[str, Any]] = {
    "FLAT": {"rate": "0.02"},
    "MARGINAL": {"tiers": AMOUNTS},
    "RETROACTIVE": {"tiers": AMOUNTS},
    "ATTAINMENT_MARGINAL": {"tiers": SLICES, "attainment_cap": "1.50"},
    "ATTAINMENT_RETROACTIVE": {"tiers": SLICES},
    "INTERPOLATED": {"tiers": POINTS},
    "PER_PROJECT": {"amount": "750.00", "max_projects": "4"},
    "GROWTH": {"rate": "0.03", "min_growth": "0.10"},
}
AXES = {
    Axis.AMOUNT: "measured, €",
    Axis.ATTAINMENT: "measured, € (objective 100 000)",
    Axis.GROWTH: "measured, € (baseline 100 000)",
    Axis.PROJECTS: "projects that qualify",
}
LEFT, RIGHT, TOP, BOTTOM = 70, 600, 24, 190


def picture(scheme: str) -> str:
    """The drawing of one scheme as an SVG text."""
    (curve,) = curves_of(_plan(scheme))
    dots = dict(curve.points) if curve.axis is Axis.PROJECTS else _bounds(scheme, curve)
    line = " ".join(f"{_x(x, curve)},{_y(pays, curve)}" for x, pays in curve.points)
    marks = "".join(
        f'<circle cx="{_x(x, curve)}" cy="{_y(pays, curve)}" r="3.5"/>' for x, pays in dots.items()
    )
    drawn = "" if curve.axis is Axis.PROJECTS else f'<polyline fill="none" stroke="#0a5c46" points="{line}"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 232" role="img" font-family="sans-serif"'
        f' font-size="12"><title>{scheme}: what it pays</title><rect width="640" height="232" fill="#fff"/>'
        f'<g stroke="#c9d1d6">{_grid()}</g><g fill="#56616d">{_words(curve, dots)}</g>'
        f'<g stroke-width="2">{drawn}</g><g fill="#0a5c46">{marks}</g></svg>\n'
    )


def _bounds(scheme: str, curve: Curve) -> dict[Decimal, Decimal]:
    """What is paid where a tier starts, at the cap, and at both ends."""
    said, unit = SCHEMES[scheme], Decimal(100_000 if curve.axis is Axis.ATTAINMENT else 1)
    starts = [Decimal(start) * unit for start, _ in said.get("tiers", ())]
    if "attainment_cap" in said:
        starts.append(Decimal(said["attainment_cap"]) * unit)
    if "min_growth" in said:
        starts += [Decimal(100_000), 100_000 * (1 + Decimal(said["min_growth"]))]
    pays = dict(curve.points)
    return {x: pays[x] for x in sorted({Decimal(0), *starts, curve.widest}) if x in pays}


def _x(value: Decimal, curve: Curve) -> str:
    return f"{LEFT + (RIGHT - LEFT) * value / curve.widest:.1f}"


def _y(value: Decimal, curve: Curve) -> str:
    return f"{BOTTOM - (BOTTOM - TOP) * value / curve.highest:.1f}"


def _plan(scheme: str) -> Any:
    said = dict(SCHEMES[scheme])
    if "tiers" in said:
        said["tiers"] = [{"from": start, "rate": rate} for start, rate in said["tiers"]]
    component = {"code": scheme, "scheme": scheme, **said}
    return parse_plan(
        {
            "code": "P",
            "version": 1,
            "segment": "SSII",
            "period": "FY26-H2",
            "currency": "EUR",
            "components": [component],
        }
    )


def _grid() -> str:
    heights = (TOP + (BOTTOM - TOP) * step // 4 for step in range(5))
    return "".join(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}"/>' for y in heights)


def _words(curve: Curve, dots: dict[Decimal, Decimal]) -> str:
    along = [
        f'<text x="{_x(x, curve)}" y="{BOTTOM + 16}" text-anchor="middle">{_shown(x)}</text>' for x in dots
    ]
    up = [
        f'<text x="{LEFT - 6}" y="{BOTTOM - (BOTTOM - TOP) * step // 4 + 4}" text-anchor="end">'
        f"{_shown(curve.highest * step / 4)}</text>"
        for step in range(5)
    ]
    titles = (
        f'<text x="{RIGHT}" y="{BOTTOM + 34}" text-anchor="end">{AXES[curve.axis]}</text>'
        f'<text x="{LEFT - 6}" y="14" text-anchor="end">pays, €</text>'
    )
    return "".join((*along, *up, titles))


def _shown(value: Decimal) -> str:
    return f"{value:,.0f}".replace(",", " ")


def name_of(scheme: str) -> str:
    """The file of a scheme's picture."""
    return f"scheme-{scheme.lower().replace('_', '-')}.svg"


if __name__ == "__main__":
    for each in SCHEMES:
        (PICTURES / name_of(each)).write_text(picture(each))
