"""Plans read, written, brought in and published, as browsers do it."""

import io
import json
import time
from typing import Any

import pytest
import yaml
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.catalogue.models import ProductFamily
from portal.db import violated_constraint
from portal.margin.engine import parse_plan
from portal.margin.models import PlanState, PlanVersion
from portal.users.models import Role
from portal.web.plan_fields import typed_of
from tests import factories
from tests.web.conftest import Browser, ClientFor
from tests.web.plans.conftest import House, a_document


def url(plan: PlanVersion, verb: str = "") -> str:
    return f"/staff/plans/{plan.public_id}{verb}"


def state_of(owner: Session, plan: PlanVersion) -> PlanState:
    owner.rollback()
    return owner.execute(select(PlanVersion.state).where(PlanVersion.id == plan.id)).scalar_one()


def flat(tree: Any, path: str = "") -> dict[str, Any]:
    """What a browser sends for this tree."""
    if isinstance(tree, dict):
        parts = [flat(value, f"{path}.{key}" if path else key) for key, value in tree.items()]
    elif isinstance(tree, list) and not (tree and isinstance(tree[0], str)):
        parts = [flat(value, f"{path}[{place}]") for place, value in enumerate(tree)]
    else:
        return {path: tree}
    return {name: value for part in parts for name, value in part.items()}


class TestReading:
    def test_tells_a_plan_in_words_with_what_differs(
        self, client_for: ClientFor, house: House, draft: PlanVersion
    ) -> None:
        page = client_for(house.finance).get(url(draft)).get_data(as_text=True)
        assert "9\u202f500,00\u202f€" in page.replace("\u00a0", "\u202f")
        assert page.count("<svg xmlns") == 4

    def test_names_families_in_what_differs(
        self, client_for: ClientFor, owner: Session, house: House
    ) -> None:
        weighed = a_document(version="2", measure={"weights": {"SQL": "2"}})
        draft = factories.make_plan(
            owner, house.period, weighed, state=PlanState.DRAFT, published_by_id=None, published_at=None,
            written_by_id=house.writer.id,
        )  # fmt: skip
        owner.execute(update(ProductFamily).where(ProductFamily.code == "SQL").values(name_fr="Bases SQL"))
        owner.commit()
        browser = client_for(house.writer)
        assert "Poids de Bases SQL dans la mesure" in browser.get(url(draft)).text
        typed = flat(typed_of(draft.document)) | {"measure.weights.SQL": "deux"}
        assert "mesure, Bases SQL" in browser.send(url(draft, "/edit"), typed).text

    def test_is_refused_to_firms(self, client_for: ClientFor, owner: Session, house: House) -> None:
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        assert client_for(admin).get("/staff/plans").status_code == 403

    @pytest.mark.parametrize(("kind", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
    def test_gives_the_document_back(self, client_for: ClientFor, house: House, kind: str, read: Any) -> None:
        answer = client_for(house.finance).get(f"{url(house.plan)}.{kind}")
        document = read(answer.get_data(as_text=True))
        assert parse_plan(document) == parse_plan(house.plan.document)
        assert list(document)[:4] == ["code", "version", "segment", "period"]


class TestLife:
    def test_is_published_by_another_person_and_never_changes(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion
    ) -> None:
        writer, seen = client_for(house.writer), {"seen": draft.written_at.isoformat()}
        assert writer.send(url(draft, "/propose")).status_code == 303
        assert state_of(owner, draft) is PlanState.PROPOSED
        assert writer.send(url(draft, "/publish"), seen).status_code == 403
        assert client_for(house.finance).send(url(draft, "/publish"), seen).status_code == 303
        assert state_of(owner, draft) is PlanState.PUBLISHED
        assert writer.get(url(draft, "/edit")).status_code == 303

    def test_is_not_published_when_it_changed_after_it_was_read(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion
    ) -> None:
        client_for(house.writer).send(url(draft, "/propose"))
        answer = client_for(house.finance).send(url(draft, "/publish"), {"seen": "2026-01-01T00:00:00+00:00"})
        assert answer.status_code == 409
        assert state_of(owner, draft) is PlanState.PROPOSED

    def test_goes_back_to_its_writer_with_a_reason(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion
    ) -> None:
        client_for(house.writer).send(url(draft, "/propose"))
        browser = client_for(house.other)
        assert browser.send(url(draft, "/return"), {"reason": ""}).status_code == 422
        assert browser.send(url(draft, "/return"), {"reason": "Taux trop haut"}).status_code == 303
        assert state_of(owner, draft) is PlanState.DRAFT

    def test_says_how_conflicts_end_until_it_is_published(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion
    ) -> None:
        writer, split = client_for(house.writer), {"policy": "split"}
        assert writer.send(url(draft, "/conflict-policy"), {"policy": "mine"}).status_code == 422
        assert writer.send(url(draft, "/conflict-policy"), split).status_code == 303
        assert "parts égales" in writer.get(url(draft)).text.lower()
        assert writer.send(url(house.plan, "/conflict-policy"), split).status_code == 422
        assert client_for(house.finance).send(url(draft, "/conflict-policy"), split).status_code == 403

    def test_begins_a_new_version_with_a_reason(
        self, client_for: ClientFor, owner: Session, house: House
    ) -> None:
        answer = client_for(house.writer).send(url(house.plan, "/new-version"), {"reason": "Nouveau palier"})
        assert answer.location.endswith("/edit")
        made = owner.execute(select(PlanVersion).where(PlanVersion.version == 2)).scalar_one()
        assert (made.state, made.reason) == (PlanState.DRAFT, "Nouveau palier")

    def test_is_not_proposed_where_it_changes_nothing(
        self, client_for: ClientFor, owner: Session, house: House
    ) -> None:
        writer = client_for(house.writer)
        writer.send(url(house.plan, "/new-version"), {"reason": "Nouveau palier"})
        made = owner.execute(select(PlanVersion).where(PlanVersion.version == 2)).scalar_one()
        writer.send(url(made, "/propose"))
        assert state_of(owner, made) is PlanState.DRAFT
        assert "la même chose que la précédente" in writer.get(url(made)).text

    def test_has_one_version_at_work_at_a_time(
        self, client_for: ClientFor, house: House, draft: PlanVersion
    ) -> None:
        answer = client_for(house.other).send(url(house.plan, "/new-version"), {"reason": "Une autre"})
        assert answer.status_code == 422

    def test_is_not_published_for_a_period_that_closes(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion
    ) -> None:
        client_for(house.writer).send(url(draft, "/propose"))
        owner.execute(update(type(house.period)).values(state="closing"))
        owner.commit()
        client_for(house.finance).send(url(draft, "/publish"), {"seen": draft.written_at.isoformat()})
        assert state_of(owner, draft) is PlanState.PROPOSED


class TestEditor:
    def test_saves_what_was_typed_as_on_paper(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion
    ) -> None:
        sent = flat(typed_of(draft.document)) | {
            "components[0].tiers[1].rate": "3,25",
            "partner_cap": "12 500 €",
        }
        assert client_for(house.other).send(url(draft, "/edit"), {**sent, "do": "save"}).status_code == 303
        owner.expire_all()
        said = parse_plan(owner.get_one(PlanVersion, draft.id).document)
        assert str(said.components[0].scheme.tiers[1].rate) == "0.0325"
        assert str(said.partner_cap) == "12500.00"
        assert owner.get_one(PlanVersion, draft.id).written_by_id == house.other.id

    @pytest.mark.parametrize(
        ("path", "typed"),
        [
            ("components[0].tiers[2].from", "80"), ("components[1].rate", "NaN"), ("partner_cap", "1e3"),
            ("components[3].cap", "-1"), ("components[2].max_projects", "2,5"), ("components[0].code", "C2"),
            ("role_weights.PRESCRIBE", "90"), ("components[0].gates[0].value", "x"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong_at_its_field_and_keeps_what_was_typed(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion, path: str, typed: str
    ) -> None:
        sent = flat(typed_of(draft.document)) | {path: typed, "do": "save"}
        answer = client_for(house.writer).send(url(draft, "/edit"), sent)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert 'class="summary"' in page
        assert f'name="{path}" value="{typed}"' in page
        owner.expire_all()
        assert owner.get_one(PlanVersion, draft.id).document == draft.document

    @pytest.mark.parametrize(
        ("do", "new", "seen", "unseen"),
        [
            ("add:components", "RETROACTIVE", 'name="components[4].tiers[0].from"', "components[5]"),
            ("add:components[0].tiers", "", 'name="components[0].tiers[4].from"', "components[0].tiers[5]"),
            ("remove:components[3]", "", 'name="components[2].amount"', "components[3]"),
            ("add:components[1].gates", "MIN_CSAT", 'name="components[1].gates[0].score"', "gates[4]"),
            (
                "up:components[1]",
                "",
                'name="components[1].tiers[0].from"',
                'name="components[0].tiers[0].from"',
            ),
            ("add:nothing.here[9999]", "", 'name="components[3].cap"', "components[4]"),
            ("remove:components[99]", "", 'name="components[3].cap"', "components[4]"),
        ],
    )
    def test_works_by_buttons_alone_and_writes_nothing_yet(
        self, client_for: ClientFor, owner: Session, house: House, draft: PlanVersion, do: str, new: str,
        seen: str, unseen: str,
    ) -> None:  # fmt: skip
        sent = flat(typed_of(draft.document)) | {"do": do, f"new:{do.partition(':')[2]}": new}
        answer = client_for(house.writer).send(url(draft, "/edit"), sent)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert seen in page
        assert unseen not in page
        owner.expire_all()
        assert owner.get_one(PlanVersion, draft.id).document == draft.document


def bring(browser: Browser, content: bytes, name: str = "plan.json", **more: str):
    return browser.send(
        "/staff/plans/import",
        {"document": (io.BytesIO(content), name), **more},
        content_type="multipart/form-data",
    )


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(20)
)


class TestImport:
    def test_makes_a_draft(self, client_for: ClientFor, owner: Session, house: House) -> None:
        content = yaml.safe_dump(a_document(version=2)).encode()
        answer = bring(client_for(house.writer), content, "plan.yaml", reason="Deuxième version")
        assert answer.status_code == 303
        made = owner.execute(select(PlanVersion).where(PlanVersion.version == 2)).scalar_one()
        assert made.state is PlanState.DRAFT

    @pytest.mark.parametrize(
        ("content", "name", "said"),
        [
            (json.dumps(a_document(version=2, partner_cap=float("nan"))).encode(), "p.json", "partner_cap"),
            (json.dumps(a_document(version=2)).replace('"9000.00"', "9e3").encode(), "p.json", "partner_cap"),
            (
                json.dumps(
                    a_document(
                        version=2,
                        components=[
                            {
                                "code": "A",
                                "scheme": "MARGINAL",
                                "tiers": [{"from": "0", "rate": "0"}, {"from": "0", "rate": "1"}],
                            }
                        ],
                    )
                ).encode(),
                "p.json",
                "components[0].tiers[1].from",
            ),
            (
                json.dumps(
                    a_document(
                        version=2,
                        components=[{"code": f"C{n}", "scheme": "FLAT", "rate": "0.01"} for n in range(1000)],
                    )
                ).encode(),
                "p.json",
                "components",
            ),
            (json.dumps(a_document(version=1)).encode(), "p.json", "version"),
            (json.dumps(a_document(version=2, period="FY31-H1")).encode(), "p.json", "period"),
            (json.dumps(a_document(version=2, segment="ALLIANCE")).encode(), "p.json", "segment"),
            (b'{"code": "A", "code": "B"}', "p.json", "code"),
            (BOMB, "bomb.yaml", ""),
            (b"[" * 100_000, "deep.json", ""),
            (b"- " * 60_000, "deep.yaml", ""),
            (b"x" * 300_000, "large.json", ""),
            (b"\xff\xfe\x00", "p.json", ""),
            (b"", "p.json", ""),
            (b"[]", "p.json", ""),
        ],
        ids=[
            "nan",
            "exponent",
            "duplicate tiers",
            "thousand components",
            "overlapping version",
            "no such period",
            "no such segment",
            "key twice",
            "yaml bomb",
            "deep json",
            "deep yaml",
            "too large",
            "not utf-8",
            "empty",
            "not a plan",
        ],
    )
    def test_refuses_a_bad_document_with_its_path_in_under_a_second(
        self, client_for: ClientFor, owner: Session, house: House, content: bytes, name: str, said: str
    ) -> None:
        browser = client_for(house.writer)
        browser.form_token()
        began = time.process_time()
        answer = bring(browser, content, name, reason="Essai")
        assert time.process_time() - began < 1
        assert answer.status_code == 422
        assert f"<code>{said}</code>" in answer.get_data(as_text=True) if said else True
        assert owner.execute(select(PlanVersion.id).where(PlanVersion.id != house.plan.id)).all() == []

    def test_gives_a_refused_text_back_to_be_mended_on_the_page(
        self, client_for: ClientFor, owner: Session, house: House
    ) -> None:
        browser, written = client_for(house.writer), yaml.safe_dump(a_document(version=2, vat_rate="2e-1"))
        answer = bring(browser, written.encode(), "plan.yaml", reason="Essai")
        assert "vat_rate: 2e-1" in answer.text
        assert "0.025" in answer.text, "how a document writes it, not the account's language"
        mended = {"written": written.replace("2e-1", "0.2"), "reason": "Essai"}
        assert browser.send("/staff/plans/import", mended).status_code == 303
        made = owner.execute(select(PlanVersion).where(PlanVersion.version == 2)).scalar_one()
        assert parse_plan(made.document) == parse_plan(a_document(version="2"))


class TestBeginning:
    def test_from_nothing_gives_a_draft_to_write(
        self, owner: Session, client_for: ClientFor, house: House
    ) -> None:
        browser = client_for(house.writer)
        page = browser.get("/staff/plans/begin").get_data(as_text=True)
        assert "FY27-H1 ISV" in page
        assert "FY27-H1 SSII" not in page
        answer = browser.send("/staff/plans/begin", {"place": "FY27-H1 ISV"})
        assert (answer.status_code, answer.location.endswith("/edit")) == (303, True)
        made = owner.execute(select(PlanVersion).where(PlanVersion.code == "ISV-FY27-H1")).scalar_one()
        assert (made.version, made.state) == (1, PlanState.DRAFT)
        assert browser.get(answer.location).status_code == 200

    def test_asks_for_a_place(self, client_for: ClientFor, house: House) -> None:
        assert client_for(house.writer).send("/staff/plans/begin", {"place": ""}).status_code == 422

    @pytest.mark.parametrize(
        ("changed", "path"),
        [({"code": "SSII-BIS"}, "code"), ({"period": "FY27-H2", "version": "2"}, "period")],
    )
    def test_a_second_plan_of_a_segment_in_a_period_is_refused_by_form_and_database(
        self, owner: Session, client_for: ClientFor, house: House, changed: dict[str, str], path: str
    ) -> None:
        other = factories.make_period(owner, "FY27-H2")
        document = a_document(version="1") | changed
        content = json.dumps(document).encode()
        sent = {"reason": "x", "document": (io.BytesIO(content), "plan.json")}
        answer = client_for(house.writer).send("/staff/plans/import", sent)
        assert answer.status_code == 422
        assert f"<code>{path}</code>" in answer.get_data(as_text=True)
        copy = (
            "insert into plans (code, version, segment, period_id, document, written_by_id, written_at) "
            "select :code, 7, segment, :period, document || cast(:told as jsonb), written_by_id, written_at from plans"
        )
        told = {"code": changed.get("code", house.plan.code), "version": "7"}
        place = {"code": told["code"], "period": other.id if path == "period" else house.period.id}
        with pytest.raises(DBAPIError) as refused:
            owner.execute(text(copy), place | {"told": json.dumps(told)})
        owner.rollback()
        assert violated_constraint(refused.value) == "plans_overlap"
