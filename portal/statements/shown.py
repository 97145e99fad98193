"""What a statement shows beside its facts, on paper and pages: sums, words' keys, the QR code."""

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import segno
from markupsafe import Markup

from portal import i18n
from portal.statements.figures import short_code
from portal.statements.shape import StatementDocument


def statement_context(document: StatementDocument, sha256: str) -> dict[str, Any]:
    """All that `documents/statement/statement.html` reads; the locale is the document's already."""
    result = document["result"]
    trace = result["trace"]
    code = short_code(sha256)
    credits = {credit["ref"]: credit for credit in trace["claims"]}
    payment = {key: _decimal(trace["payment"][key]) for key in ("gross", "capped", "earnings", "payable")}
    return {
        "d": document,
        "final": document["kind"] == "FINAL",
        "title": _title(document),
        "vendor": document["vendor"],
        "partner": document["partner"],
        "pam": document["pam"],
        "payment": document["payment"],
        "words": document["words"],
        "result": result,
        "trace": trace,
        "parts_attained": _parts_attained(trace),
        "gates": [gate for part in trace.get("parts", (trace,)) for gate in part["gates"]],
        "credits": credits,
        "target_of": targets_by_component(result),
        "references": {claim["ref"]: claim["reference"] for claim in document["claims"]},
        "payable": payment["payable"],
        "over_cap": payment["capped"] - payment["gross"],
        "prior": payment["earnings"] - payment["capped"],
        "beside": _decimal(result["adjustments"]) + _decimal(result["carry_in"]),
        "why_nothing": _why_nothing(document),
        **_bar(document),
        "used_reasons": _used_reasons(document, credits),
        "issued_at": document["computed_at"],
        "code": code,
        "sha256": sha256,
        "verify_url": document["verify_at"] + code,
        "qr": _qr(document["verify_at"] + code),
    }


def targets_by_component(result: Mapping[str, Any]) -> dict[str, str | None]:
    """What each component is measured against: its part's objective, where the period is in parts."""
    of_plan = {one["plan"]: one["attainment"]["target"] for one in result["trace"].get("parts", ())}
    codes = [one["code"] for one in result["components"]]
    return {code: of_plan.get(code.rpartition("/")[0], result["target"]) for code in codes}


def _parts_attained(trace: Mapping[str, Any]) -> list[str]:
    """What was reached under each plan of a period in parts."""
    shown = (part["attainment"]["display"] for part in trace.get("parts", ()))
    return [i18n.format_attainment(display) for display in shown if display is not None]


def _decimal(text: str) -> Decimal:
    return Decimal(text)


def _title(document: StatementDocument) -> str:
    if document["kind"] != "FINAL":
        return i18n.gettext("Provisional back-end margin statement")
    name = i18n.gettext("Back-end margin statement %(number)s", number=document["number"])
    return f"{name} · {document['partner']['name']}"


def _bar(document: StatementDocument) -> dict[str, Any]:
    bar, shown = document["bar"], document["result"]["attainment_display"]
    drawn: dict[str, Any] = {"attained": None if shown is None else _decimal(shown)}
    if bar is not None:
        drawn["bar_tiers"] = [
            {key: _decimal(tier[key]) for key in ("percent", "rate")} for tier in bar["tiers"]
        ]
        drawn["bar_cap"] = None if bar["cap"] is None else _decimal(bar["cap"])
    return drawn


def _why_nothing(document: StatementDocument) -> str | None:
    """The one reason, among those a partner asks about, why nothing is paid."""
    result = document["result"]
    carried = _decimal(result["carry_out"])
    if _decimal(result["payable"]) > 0:
        return None
    if carried:
        return "NEGATIVE" if carried < 0 else "MIN_PAYOUT"
    if _decimal(result["gross"]) and not _decimal(result["balance"]):
        return "ADVANCED"
    if not document["claims"]:
        return "NO_CLAIM"
    gates = [*result["gates"], *result["components"]]
    return "NO_MARGIN" if all(gate["passed"] for gate in gates) else "GATE"


def _used_reasons(document: StatementDocument, credits: dict[str, Any]) -> list[str]:
    """The codes that no other section explains, in the order they are met."""
    met = [credits[claim["ref"]].get("reason") for claim in document["claims"]]
    met += [adjustment["reason"] for adjustment in document["adjustments"]]
    return [code for code in dict.fromkeys(met) if code in document["words"]["reasons"]]


def _qr(url: str) -> Markup:
    out = BytesIO()
    title = i18n.gettext("QR code leading to the verification page")
    segno.make(url, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, nl=False, border=0, scale=0.8, unit="mm", title=title
    )
    return Markup(out.getvalue().decode())
