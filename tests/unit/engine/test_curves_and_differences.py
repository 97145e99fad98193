"""What a drawing of a plan shows, and what two versions say differently."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.margin.curves import Axis, curves_of
from portal.margin.differences import changes_between
from portal.margin.engine import Plan, parse_plan

PLANS = Path(__file__).parents[3] / "portal/demo/plans"


def plan(**changed: Any) -> Plan:
    return parse_plan(json.loads((PLANS / "ssii-fy26-h2.json").read_text()) | changed)


def of(component: dict[str, Any], **changed: Any) -> Plan:
    return plan(components=[{"code": "A", **component}], **changed)


RISING = [
    {"from": "0", "rate": "0.02"},
    {"from": "50000", "rate": "0.035"},
    {"from": "150000", "rate": "0.05"},
]


class TestCurves:
    def test_pass_through_the_worked_examples(self) -> None:
        (marginal,) = curves_of(of({"scheme": "MARGINAL", "tiers": RISING}))
        (retroactive,) = curves_of(of({"scheme": "RETROACTIVE", "tiers": RISING}))
        assert dict(marginal.points)[Decimal("150000.00")] == Decimal("4500.00")
        assert dict(retroactive.points)[Decimal("149999.99")] == Decimal("5250.00")
        assert dict(retroactive.points)[Decimal("150000.00")] == Decimal("7500.00")

    def test_mark_cliffs_and_only_cliffs(self) -> None:
        (marginal,) = curves_of(of({"scheme": "MARGINAL", "tiers": RISING}))
        (retroactive,) = curves_of(of({"scheme": "RETROACTIVE", "tiers": RISING}))
        assert marginal.cliffs == ()
        assert [(str(one.x), str(one.reached - one.below)) for one in retroactive.cliffs] == [
            ("50000.00", "750.00"),
            ("150000.00", "2250.00"),
        ]

    def test_count_projects_up_to_their_limit(self) -> None:
        (curve,) = curves_of(
            of({"scheme": "PER_PROJECT", "amount": "750", "max_projects": "2", "lead_only": True})
        )
        assert curve.axis is Axis.PROJECTS
        assert [str(pays) for _, pays in curve.points] == ["0.00", "750.00", "1500.00", "1500.00", "1500.00"]

    def test_keep_caps_floors_and_gates_on_attainment(self) -> None:
        gate = [{"type": "MIN_ATTAINMENT", "value": "0.80"}]
        tiers = [{"from": "0", "rate": "0.02"}]
        (curve,) = curves_of(
            of(
                {
                    "scheme": "ATTAINMENT_MARGINAL",
                    "tiers": tiers,
                    "gates": gate,
                    "cap": "1700",
                    "floor": "1650",
                }
            )
        )
        pays = dict(curve.points)
        assert pays[Decimal("79999.99")] == 0
        assert pays[Decimal("80000.00")] == Decimal("1650.00")
        assert curve.highest == Decimal("1700.00")

    @pytest.mark.parametrize("path", sorted(PLANS.glob("*.json")), ids=lambda path: path.stem)
    def test_are_drawn_for_every_plan_of_the_demo(self, path: Path) -> None:
        for curve in curves_of(parse_plan(json.loads(path.read_text()))):
            assert len(curve.points) > 2
            assert [x for x, _ in curve.points] == sorted(x for x, _ in curve.points)


class TestDifferences:
    def test_are_none_between_a_plan_and_itself(self) -> None:
        assert changes_between(plan(), plan(version="9")) == ()

    def test_tell_what_changed_where(self) -> None:
        old = json.loads((PLANS / "ssii-fy26-h2.json").read_text())
        new = json.loads(json.dumps(old))
        new |= {"partner_cap": None, "gates": old["gates"][1:]}
        new["components"][0]["tiers"][1]["rate"] = "0.03"
        new["components"][1] |= {"families": ["SQL"], "rounding": "TOTAL"}
        new["components"][3] = {"code": "C4", "scheme": "FLAT", "rate": "0.01"}
        found = changes_between(parse_plan(old), parse_plan(new))
        assert [(one.what, one.of) for one in found] == [
            ("partner_cap", None), ("gate", None), ("attainment_tier", "C1"), ("families", "C2"),
            ("rounding", "C2"), ("cap", "C4"), ("scheme", "C4"),
        ]  # fmt: skip
        tier = found[2]
        assert (tier.which, tier.before, tier.after) == (Decimal("0.80"), Decimal("0.025"), Decimal("0.03"))
        assert found[0].after is None

    def test_see_components_come_go_and_move(self) -> None:
        old = json.loads((PLANS / "ssii-fy26-h2.json").read_text())
        one, two, three, _four = old["components"]
        five = {"code": "C5", "scheme": "FLAT", "rate": "0.01"}
        found = changes_between(parse_plan(old), parse_plan(old | {"components": [two, one, three, five]}))
        assert [(each.what, each.of) for each in found] == [
            ("component", "C4"),
            ("component", "C5"),
            ("order", None),
        ]
