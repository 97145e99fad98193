"""The life of a plan, and what PostgreSQL refuses of it whoever asks."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal import margin
from portal.audit.models import AuditRecord
from portal.db import db, transaction
from portal.errors import Forbidden, Stale
from portal.margin.engine import FaultAt
from portal.margin.models import PlanState, PlanVersion
from portal.periods.models import Period
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT


@pytest.fixture
def writer(owner: Session) -> User:
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


@pytest.fixture
def period(owner: Session) -> Period:
    return factories.make_period(owner)


@pytest.fixture
def published(owner: Session, period: Period) -> PlanVersion:
    return factories.make_plan(owner, period)


def renew(acting: Acting, writer: User, published: PlanVersion) -> PlanVersion:
    """A draft of the next version."""
    with acting(writer), transaction():
        plan = db.session.get_one(PlanVersion, published.id)
        made = margin.new_version(plan=plan, reason="Nouveau palier", actor_id=writer.id, at=AT)
        db.session.refresh(made)
        db.session.expunge(made)
        return made


def propose(acting: Acting, writer: User, draft: PlanVersion) -> None:
    """The draft pays another least amount, and is put forward."""
    with acting(writer), transaction():
        plan = margin.get_plan(draft.public_id)
        changed = draft.document | {"min_payout": "321.00"}
        margin.save_draft(plan=plan, document=changed, actor_id=writer.id, at=AT)
        margin.propose_plan(plan=plan, actor_id=writer.id, at=AT)


class TestNewVersion:
    def test_says_the_same_until_it_is_changed(
        self, owner: Session, acting: Acting, writer: User, published: PlanVersion
    ) -> None:
        draft = renew(acting, writer, published)
        assert draft.version == published.version + 1
        assert {**draft.document, "version": ""} == {**published.document, "version": ""}
        assert owner.execute(select(AuditRecord.action)).scalars().all() == ["plan.drafted"]

    def test_does_not_apply_before_it_is_published(
        self, acting: Acting, writer: User, period: Period, published: PlanVersion
    ) -> None:
        renew(acting, writer, published)
        with acting(writer):
            assert margin.plan_for("SSII", period).id == published.id

    def test_applies_once_published_by_another(
        self, owner: Session, acting: Acting, writer: User, period: Period, published: PlanVersion
    ) -> None:
        draft = renew(acting, writer, published)
        finance = factories.make_user(owner, Role.FINANCE)
        propose(acting, writer, draft)
        with acting(finance), transaction():
            plan = margin.get_plan(draft.public_id, for_update=True)
            margin.publish_plan(
                plan=plan, seen_at=plan.written_at, actor_id=finance.id, at=AT.replace(hour=10)
            )
        with acting(writer):
            assert margin.plan_for("SSII", period).id == draft.id

    def test_is_not_published_by_its_writer_nor_unread(
        self, acting: Acting, writer: User, published: PlanVersion
    ) -> None:
        draft = renew(acting, writer, published)
        propose(acting, writer, draft)
        with acting(writer), transaction():
            plan = margin.get_plan(draft.public_id)
            with pytest.raises(Forbidden):
                margin.publish_plan(plan=plan, seen_at=plan.written_at, actor_id=writer.id, at=AT)
            with pytest.raises(Stale):
                margin.publish_plan(plan=plan, seen_at=None, actor_id=writer.id + 1, at=AT)

    @pytest.mark.parametrize(
        ("key", "other"),
        [("code", "AUTRE"), ("version", "7"), ("segment", "LAR"), ("period", "FY26-H1")],
    )
    def test_stays_itself_when_it_is_saved(
        self, acting: Acting, writer: User, published: PlanVersion, key: str, other: str
    ) -> None:
        draft = renew(acting, writer, published)
        with acting(writer), transaction(), pytest.raises(FaultAt):
            margin.save_draft(
                plan=margin.get_plan(draft.public_id), document=draft.document | {key: other},
                actor_id=writer.id, at=AT,
            )  # fmt: skip


class TestPostgres:
    def test_refuses_two_versions_at_work(
        self, owner: Session, acting: Acting, writer: User, period: Period, published: PlanVersion
    ) -> None:
        renew(acting, writer, published)
        unpublished = {"state": PlanState.DRAFT, "published_by_id": None, "published_at": None}
        with pytest.raises(IntegrityError, match="uq_plans_at_work"):
            factories.make_plan(owner, period, published.document | {"version": "9"}, **unpublished)

    def test_refuses_a_publisher_who_wrote(
        self, owner: Session, acting: Acting, writer: User, published: PlanVersion
    ) -> None:
        draft = renew(acting, writer, published)
        values = {"state": PlanState.PUBLISHED, "published_by_id": writer.id, "published_at": AT}
        with pytest.raises(IntegrityError, match="ck_plans_four_eyes"):
            owner.execute(update(PlanVersion).where(PlanVersion.id == draft.id).values(values))

    @pytest.mark.parametrize("verb", [update(PlanVersion).values(reason="Autre"), delete(PlanVersion)])
    def test_refuses_any_change_of_a_published_plan(
        self, owner: Session, published: PlanVersion, verb
    ) -> None:
        with pytest.raises(DBAPIError, match="can never change"):
            owner.execute(verb.where(PlanVersion.id == published.id))

    def test_lets_finance_write_no_plan_of_its_own(
        self, owner: Session, acting: Acting, published: PlanVersion
    ) -> None:
        finance = factories.make_user(owner, Role.FINANCE)
        with acting(finance), pytest.raises(DBAPIError, match="permission denied"):
            db.session.execute(text("insert into plans (code) values ('X')"))

    def test_hides_drafts_from_firms(
        self, owner: Session, acting: Acting, writer: User, published: PlanVersion
    ) -> None:
        renew(acting, writer, published)
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        with acting(admin):
            assert db.session.execute(select(PlanVersion.id)).scalars().all() == [published.id]
