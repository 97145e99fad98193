"""A reorganisation: every line or none, once, and back again as long as nothing followed it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import audit, portfolio
from portal.db import transaction
from portal.errors import Refused
from portal.partners.models import Coverage, Partner, Segment, Unit
from portal.portfolio import LineKind, ReorganisationRefused, Report
from portal.portfolio.models import PamAssignment
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT, siren

TODAY = date(2026, 11, 23)
JANUARY = date(2027, 1, 4)
BO = {"retained": "Bo Castellar"}
REFUSED: list[tuple[dict[str, str], tuple[str, str]]] = [
    ({"epg": "Ada Brévonne", "smsp": "Bo Castellar"}, ("pam_retained", "reorg_two_pams")),
    ({}, ("pam_retained", "reorg_no_pam")),
    ({"retained": "Nobody Here"}, ("pam_retained", "reorg_pam_unknown")),
    ({**BO, "epg": "Nobody Here"}, ("pam_epg", "reorg_pam_unknown")),
    ({**BO, "siren": "000000000000"}, ("siren", "reorg_siren")),
    ({**BO, "siren": siren(77777)}, ("siren", "reorg_siren_of_another")),
    ({**BO, "segment": "SSI"}, ("segment", "reorg_segment")),
    ({**BO, "coverage": "BOTH"}, ("coverage", "reorg_coverage")),
    ({**BO, "on": "31/02/2027"}, ("effective_date", "reorg_day")),
    ({**BO, "on": "2026-11-22"}, ("effective_date", "reorg_past")),
    ({**BO, "on": "2020-01-01"}, ("effective_date", "reorg_not_in_programme")),
    ({**BO, "segment": "ALLIANCE"}, ("pam_retained", "reorg_alliance")),
    ({"segment": "ALLIANCE"}, ("segment", "reorg_alliance_moves")),
    ({"retained": "Ada Brévonne", "segment": "ISV"}, ("segment", "reorg_segment_change")),
    ({**BO, "code": "X-1", "siren": siren(77777)}, ("partner_code", "reorg_code")),
]
HEAD = "partner_code;siren;legal_name;segment;coverage;pam_epg;pam_smsp;pam_retained;effective_date"

UNREADABLE = {
    "file_empty": b"",
    "file_empty too": HEAD.encode(),
    "column_missing": b"partner_code;siren\nP-00001;1",
    "cells_count": f"{HEAD}\nP-00001;1".encode(),
    "quotes_unbalanced": f'{HEAD}\n"P-00001;1'.encode(),
    "encoding_unknown": f"{HEAD}\n".encode("utf-16"),
}


@pytest.fixture
def lead(owner: Session, database: str) -> User:
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


@pytest.fixture
def pams(owner: Session, database: str) -> list[User]:
    names = ("Ada Brévonne", "Bo Castellar", "Cy Dormieux")
    return [factories.make_pam(owner, name=name) for name in names]


@pytest.fixture
def partner(owner: Session, pams: list[User]) -> Partner:
    return factories.make_partner(owner, pam=pams[0])


def line_of(
    partner: Partner, *, epg: str = "", smsp: str = "", retained: str = "", on: date = JANUARY, **other: str
) -> str:
    cells = {
        "code": partner.code, "siren": partner.siren, "name": partner.legal_name,
        "segment": str(partner.segment), "coverage": str(partner.coverage), "epg": epg, "smsp": smsp,
        "retained": retained, "on": on.isoformat(), **other,
    }  # fmt: skip
    return ";".join(cells.values())


def file_of(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join((HEAD, *lines, "")).encode(encoding)


def check(content: bytes, at: datetime = AT) -> Report:
    with transaction():
        return portfolio.check_reorganisation(content=content, at=at)


def reorganise(lead: User, content: bytes, *, accepted: bool = False, at: datetime = AT) -> UUID:
    with transaction():
        return portfolio.reorganise(
            content=content, name="reorg.csv", merges_accepted=accepted, actor_id=lead.id, at=at
        ).public_id


def undo(lead: User, done: UUID) -> None:
    with transaction():
        portfolio.undo_reorganisation(
            done=portfolio.get_reorganisation(done), actor_id=lead.id, at=AT + timedelta(minutes=5)
        )


def schedule(owner: Session) -> list[tuple[int, int, date, date | None, str]]:
    rows = owner.execute(
        select(
            PamAssignment.partner_id, PamAssignment.pam_id, PamAssignment.starts_on,
            PamAssignment.ends_before, PamAssignment.reason,
        ).order_by(PamAssignment.partner_id, PamAssignment.starts_on)
    ).all()  # fmt: skip
    owner.rollback()
    return [tuple(row) for row in rows]


def faults(report: Report) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.code) for fault in report.faults]


class TestCheckReorganisation:
    def test_counts_what_is_closed_opened_and_made_single_and_the_load_of_each(
        self, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        line = line_of(partner, epg=pams[0].email, smsp="bo castellar", retained="Bo Castellar")
        with acting(lead):
            report = check(file_of(line))
        assert (report.opened, report.closed, report.singles, report.lines) == (1, 1, 1, 1)
        assert report.loads == ((pams[0].id, 1, 0), (pams[1].id, 0, 1))

    def test_writes_nothing(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        before = schedule(owner)
        with acting(lead):
            check(file_of(line_of(partner, retained=pams[1].email)))
        assert schedule(owner) == before

    def test_leaves_alone_what_is_so_already(
        self, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        with acting(lead):
            report = check(file_of(line_of(partner, retained=pams[0].email, on=date(2026, 7, 1))))
        assert [one.kind for one in report.outcomes] == [LineKind.UNCHANGED]

    def test_refuses_a_line_and_says_where_and_why(
        self, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        names = ("code", "siren", "name", "segment", "coverage", "epg", "smsp", "retained", "on")
        cells = dict(zip(names, line_of(partner).split(";"), strict=True))
        with acting(lead):
            told = [faults(check(file_of(";".join((cells | change).values())))) for change, _fault in REFUSED]
        assert told == [[(2, *fault)] for _change, fault in REFUSED]

    def test_refuses_homonyms_and_codes_written_twice(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        factories.make_pam(owner, name="ADA BREVONNE")
        with acting(lead):
            homonym = check(file_of(line_of(partner, retained="Ada Brévonne")))
            twice = check(file_of(*[line_of(partner, retained=pams[1].email)] * 2))
        assert [fault.code for fault in homonym.faults] == ["reorg_pam_homonym"]
        assert [(fault.line, fault.code) for fault in twice.faults] == [
            (2, "reorg_code_twice"), (3, "reorg_code_twice"),
        ]  # fmt: skip

    def test_refuses_what_is_no_such_file(self, acting: Acting, lead: User) -> None:
        with acting(lead):
            told = [{fault.code for fault in check(content).faults} for content in UNREADABLE.values()]
        assert told == [{code.partition(" ")[0]} for code in UNREADABLE]


class TestReorganise:
    def test_changes_who_follows_from_its_day_on_and_tells_them(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)
        with acting(lead):
            reorganise(
                lead, file_of(line_of(partner, epg=pams[0].email, smsp=pams[1].email, retained=pams[1].email))
            )
        assert [row[1:4] for row in schedule(owner)] == [
            (pams[0].id, date(2024, 7, 1), JANUARY), (pams[1].id, JANUARY, None),
        ]  # fmt: skip
        told = owner.execute(text("select recipient from mails where kind = 'pam.changed'")).scalars()
        assert sorted(told) == sorted([admin.email, pams[0].email, pams[1].email])
        assert (
            owner.execute(text("select count(*) from work_items where kind = 'handover.note'")).scalar() == 1
        )

    def test_is_done_once_for_a_file(
        self, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        content = file_of(line_of(partner, retained=pams[1].email))
        with acting(lead):
            first = reorganise(lead, content)
            assert reorganise(lead, content) == first

    def test_takes_all_lines_or_none(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        other, before = factories.make_partner(owner, pam=pams[0]), None
        before = schedule(owner)
        content = file_of(line_of(partner, retained=pams[1].email), line_of(other, retained="Nobody"))
        with acting(lead), pytest.raises(ReorganisationRefused):
            reorganise(lead, content)
        assert schedule(owner) == before

    def test_lets_firms_join_and_changes_facts_on_their_day(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        alliance = f"P-90002;{siren(90002)};Alliance Orvane;ALLIANCE;DEDICATED;;;;2026-11-23"
        joining = f"P-90001;{siren(90001)};Nouvelle Évrane;VAR;TELE;;Bo Castellar;;2026-11-23"
        changing = line_of(partner, retained=pams[0].email, on=TODAY, coverage="TELE")
        with acting(lead):
            reorganise(lead, file_of(joining, alliance, changing))
        columns = Partner.code, Partner.segment, Partner.coverage, Partner.unit, Partner.starts_on
        found = {row.code: tuple(row[1:]) for row in owner.execute(select(*columns))}
        assert found["P-90001"] == (Segment.VAR, Coverage.TELE, Unit.PST, TODAY)
        assert found["P-90002"] == (Segment.ALLIANCE, Coverage.DEDICATED, Unit.EPG, TODAY)
        assert found[partner.code][:2] == (Segment.SSII, Coverage.TELE)

    def test_sets_a_coverage_ahead_and_its_day_comes_by_itself(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        desk = factories.make_pam(owner, tele=True)

        def covered() -> tuple[Coverage, bool]:
            found = owner.execute(select(Partner.coverage).where(Partner.id == partner.id)).scalar_one()
            owner.rollback()
            with acting(desk), transaction() as session:
                return found, partner.id in session.execute(select(func.identity_partner_ids())).scalar_one()

        january = line_of(partner, retained=pams[1].email, on=JANUARY, coverage="TELE")
        with acting(lead):
            done = reorganise(lead, file_of(january))
            sooner = line_of(partner, retained=pams[0].email, on=JANUARY - timedelta(days=1), coverage="TELE")
            assert [fault.code for fault in check(file_of(sooner)).faults] == ["reorg_coverage_ahead"]
        told = select(Partner.next_coverage, Partner.next_coverage_on)
        assert owner.execute(told).one() == (Coverage.TELE, JANUARY)
        before = covered()
        owner.execute(text("update partners set next_coverage_on = domain_today()"))
        owner.commit()
        after = covered()
        owner.execute(text(f"update partners set next_coverage_on = '{JANUARY}'"))
        owner.commit()
        with acting(lead):
            undo(lead, done)
        assert owner.execute(told).one() == (None, None)
        assert (before, after) == ((Coverage.DEDICATED, False), (Coverage.TELE, True))


class TestMerges:
    def test_are_proposed_and_wait_for_somebody_to_accept_them(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        content = file_of(
            line_of(partner, epg=pams[0].email, retained=pams[1].email),
            line_of(partner, code="P-91000", smsp=pams[1].email, retained=pams[1].email),
        )
        with acting(lead):
            assert [(one.row.code, one.into) for one in check(content).merges] == [("P-91000", partner.code)]
            with pytest.raises(ReorganisationRefused):
                reorganise(lead, content)
            reorganise(lead, content, accepted=True)
            again = check(file_of(line_of(partner, code="P-91000", retained=pams[1].email)))
        assert [one.kind for one in again.outcomes] == [LineKind.UNCHANGED]
        assert owner.execute(text("select count(*) from partners")).scalar() == 1

    def test_end_the_one_and_keep_what_it_lived(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        gone = factories.make_partner(owner, pam=pams[1])
        content = file_of(
            line_of(partner, retained=pams[0].email),
            line_of(gone, siren=partner.siren, retained=pams[0].email),
        )
        with acting(lead):
            done = reorganise(lead, content, accepted=True)
        row = owner.execute(
            select(Partner.ends_before, Partner.merged_into_id).where(Partner.id == gone.id)
        ).one()
        assert tuple(row) == (JANUARY, partner.id)
        owner.rollback()
        with acting(lead):
            undo(lead, done)
        row = owner.execute(
            select(Partner.ends_before, Partner.merged_into_id).where(Partner.id == gone.id)
        ).one()
        assert tuple(row) == (None, None)

    def test_never_choose_between_two_pams(
        self, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        content = file_of(
            line_of(partner, epg=pams[0].email), line_of(partner, code="P-91000", smsp=pams[1].email)
        )
        with acting(lead):
            assert faults(check(content)) == [(3, "pam_retained", "reorg_merge_disagrees")]


class TestUndo:
    def test_puts_back_every_turn_and_lets_the_file_come_again(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        ahead = factories.make_partner(owner, pam=pams[0])
        with acting(lead), transaction():
            portfolio.assign_pam(
                partner_id=ahead.id, pam_id=pams[2].id, starts_on=JANUARY, reason="mobilité",
                actor_id=lead.id, at=AT,
            )  # fmt: skip
        before = schedule(owner)
        joining = f"P-90001;{siren(90001)};Nouvelle;VAR;TELE;;Bo Castellar;;2027-01-04"
        content = file_of(*(line_of(one, retained=pams[1].email) for one in (partner, ahead)), joining)
        with acting(lead):
            done = reorganise(lead, content)
            assert schedule(owner) != before
            undo(lead, done)
            assert schedule(owner) == before
            assert reorganise(lead, content) != done

    @pytest.mark.parametrize("written", ["claim", "handover", "user of a new firm"])
    def test_is_refused_once_something_was_written_after_it(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User], written: str
    ) -> None:
        joining = f"P-90001;{siren(90001)};Nouvelle;VAR;TELE;;Bo Castellar;;2026-11-23"
        with acting(lead):
            done = reorganise(lead, file_of(line_of(partner, retained=pams[1].email), joining))
        if written == "claim":
            with acting(lead), transaction():
                audit.record(
                    "claim.submitted", subject=("claim", 1), at=AT, actor_id=lead.id, partner_id=partner.id
                )
        elif written == "handover":
            with acting(lead), transaction():
                portfolio.assign_pam(
                    partner_id=partner.id,
                    pam_id=pams[2].id,
                    starts_on=TODAY,
                    reason="",
                    actor_id=lead.id,
                    at=AT,
                )
        else:
            new = owner.execute(select(Partner).where(Partner.code == "P-90001")).scalar_one()
            factories.make_user(owner, Role.PARTNER_ADMIN, partner=new)
        with acting(lead), pytest.raises(Refused, match="reorg_written_after"):
            undo(lead, done)

    def test_is_done_once(self, acting: Acting, lead: User, partner: Partner, pams: list[User]) -> None:
        with acting(lead):
            done = reorganise(lead, file_of(line_of(partner, retained=pams[1].email)))
            undo(lead, done)
            with pytest.raises(Refused, match="reorg_undone"):
                undo(lead, done)


class TestEightHundredAndTenLines:
    @pytest.fixture
    def firms(self, owner: Session, pams: list[User]) -> Sequence[Partner]:
        firms = [
            Partner(
                code=f"P-{n:05d}", siren=siren(n), legal_name=f"L’Évrane & Cie n° {n}", search_name=f"evrane {n}",
                segment=Segment.SSII if n <= 800 else Segment.ALLIANCE, settled_coverage=Coverage.DEDICATED,
                unit=Unit.PST if n <= 800 else Unit.EPG, starts_on=date(2024, 7, 1),
            )
            for n in range(1, 811)
        ]  # fmt: skip
        owner.add_all(firms)
        owner.flush()
        owner.add_all(
            PamAssignment(partner_id=firm.id, pam_id=pams[n % 3].id, starts_on=firm.starts_on, assigned_at=AT)
            for n, firm in enumerate(firms[:800])
        )
        owner.commit()
        return firms

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
    def test_are_taken_in_and_taken_back_in_either_encoding(
        self,
        owner: Session,
        acting: Acting,
        lead: User,
        pams: list[User],
        firms: Sequence[Partner],
        encoding: str,
    ) -> None:
        lines = [
            line_of(firm, epg="" if n >= 800 else pams[n % 3].email, smsp=pams[1].email if n < 70 else "",
                    retained=pams[1].email if n < 70 else "")
            for n, firm in enumerate(firms)
        ]  # fmt: skip
        before, content = schedule(owner), file_of(*lines, encoding=encoding)
        with acting(lead):
            report = check(content)
            assert report.faults == ()
            assert (report.lines, report.opened, report.closed, report.singles) == (810, 47, 47, 47)
            assert [(was, now) for _pam, was, now in report.loads] == [(267, 243), (267, 314), (266, 243)]
            done = reorganise(lead, content)
            assert len(schedule(owner)) == 847
            undo(lead, done)
        assert schedule(owner) == before
