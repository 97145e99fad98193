"""The frozen document of a statement: raw facts only, from which page, PDF, JSON and CSV are all made.

Amounts are strings with two decimals, rates and shares plain decimal strings, days ISO dates, instants ISO
with offset. Nothing is formatted; nothing is translated but the programme's own names (`words`), in the
locale frozen with the statement.
`tests/workers/data/statement_p00042.json` is a whole one.
"""

from typing import Any, Literal, NotRequired, TypedDict

SHAPE = 2  # 1 had no seal

Amount = str
Day = str
Instant = str


class Period(TypedDict):
    """The fiscal period, its last day included."""

    code: str
    starts_on: Day
    last_day: Day


class Vendor(TypedDict):
    """Who issues the statement."""

    name: str
    unit: str
    programme: str
    email: str


class Partner(TypedDict):
    """Who receives it, as known on the day of issue; `address` is a list of lines."""

    code: str
    name: str
    siren: str
    segment: str
    coverage: str
    address: list[str]


class PreviousPam(TypedDict):
    """Who followed the partner before, until that day excluded."""

    name: str
    until: Day


class Pam(TypedDict):
    """The partner's one contact; `previous` where it changed during the period or since."""

    name: str
    phone: str
    email: str
    since: Day
    previous: PreviousPam | None


class Objective(TypedDict):
    """The target in force; the prorated one is the result's."""

    target: Amount
    baseline: Amount | None
    version: int
    notified_on: Day
    accepted_on: Day | None
    accepted_by: str | None


class Previous(TypedDict):
    """The statement before this one, whose carried balance this one starts from."""

    number: str
    period: str
    payable: Amount
    carry_out: Amount


class CountedClaim(TypedDict):
    """One line counted; `ref` is its line in `result.claims`, which says what it is credited."""

    ref: str
    reference: str
    customer: str | None  # none when confidential to the reader
    project: str
    family: str
    roles: list[str]
    order_no: str
    ordered_on: Day
    declared: Amount
    approved: Amount
    decided_by: str
    decided_on: Day


class NotCounted(TypedDict):
    """One claim of the period that is not counted, or not yet.

    `reason` is a code of `words.reasons`; `credit` what it would be credited, `margin` what it would add to
    the payment; `last_day` the last day to cure it, `counts_in` the period where it will count instead.
    """

    reference: str
    customer: str | None
    family: str
    amount: Amount
    state: str
    reason: str
    credit: Amount | None
    margin: Amount | None
    last_day: Day | None
    counts_in: str | None


class Adjustment(TypedDict):
    """A correction of an earlier period, whose earnings were `before` and are now `after`.

    `changes` are the inputs that differ, before and after: `what` names each, a claim's line has its `ref`.
    """

    period: str
    statement: str | None
    reference: str | None
    reason: str
    note: str
    amount: Amount
    before: Amount | None
    after: Amount | None
    changes: NotRequired[list[dict[str, Any]]]


class BarTier(TypedDict):
    """Where a tier starts, in percent of the objective, and its rate."""

    percent: str
    rate: str


class Bar(TypedDict):
    """The engine's `attainment_bar`: what to draw along the attainment."""

    component: str
    tiers: list[BarTier]
    gates: list[str]
    cap: str | None


class NextTier(TypedDict):
    """The engine's `next_tier`: `more` credited reaches it, and earns `worth` more."""

    component: str
    start: str
    on_attainment: bool
    rate: str
    more: Amount
    worth: Amount


class Expiring(TypedDict):
    """Something of the partner's that lapses after a day."""

    reference: str
    customer: str | None
    last_day: Day


class Next(TypedDict):
    """What comes next: the tier above in this period, the next objective, what is about to lapse."""

    tier: NextTier | None
    period: str | None
    target: Amount | None
    expiring: list[Expiring]


class Payment(TypedDict):
    """How the money travels; `blockers` are codes of `words.reasons`, `missing` lines of the profile."""

    route: Literal["SELF_BILLED", "INVOICE", "NONE"]
    expected_on: Day | None
    blockers: list[str]
    missing: list[Literal["iban", "vat_number", "self_billing"]]
    iban_tail: str | None
    agreed_on: Day | None


class ReasonWords(TypedDict):
    """A reason and what cures it, in the statement's locale."""

    label: str
    cure: str


class Words(TypedDict):
    """The programme's names for the codes used here."""

    families: dict[str, str]
    competencies: dict[str, str]
    reasons: dict[str, ReasonWords]


class Seal(TypedDict):
    """The latest seal when the close was approved: what `verify --seal` holds the books against."""

    period: str
    sha256: str


class StatementDocument(TypedDict):
    """A statement; `result` is the engine's result document with its trace."""

    shape: int
    locale: str
    number: str
    version: int
    replaces: str | None
    kind: Literal["FINAL", "PROVISIONAL"]
    period: Period
    computed_at: Instant
    issued_on: Day
    dispute_until: Day
    verify_at: str  # the short code is added to it
    vendor: Vendor
    partner: Partner
    pam: Pam
    objective: Objective | None
    previous: Previous | None
    bar: Bar | None
    result: dict[str, Any]
    claims: list[CountedClaim]
    not_counted: list[NotCounted]
    adjustments: list[Adjustment]
    next: Next
    payment: Payment
    seal: NotRequired[Seal | None]
    words: Words
