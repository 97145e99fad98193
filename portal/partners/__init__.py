"""Partner firms: who they are, what they are certified for, how they are paid."""

from portal.partners.bank import (
    decide_bank_change,
    find_open_bank_change,
    get_bank_change,
    list_bank_changes,
)
from portal.partners.billing import (
    add_billing_contact,
    find_billing_profile,
    find_payee,
    get_payee,
    list_billing_contacts,
    remove_billing_contact,
    save_billing_profile,
)
from portal.partners.emails import administrators_of
from portal.partners.models import Coverage, Partner, Segment, Unit
from portal.partners.names import search_key
from portal.partners.queries import (
    PartnerFilter,
    PartnerPage,
    get_partner,
    is_active,
    list_competencies,
    list_partners,
    mentions,
)
from portal.partners.segments import change_segment, list_segment_changes

__all__ = [
    "Coverage",
    "Partner",
    "PartnerFilter",
    "PartnerPage",
    "Segment",
    "Unit",
    "add_billing_contact",
    "administrators_of",
    "change_segment",
    "decide_bank_change",
    "find_billing_profile",
    "find_open_bank_change",
    "find_payee",
    "get_bank_change",
    "get_partner",
    "get_payee",
    "is_active",
    "list_bank_changes",
    "list_billing_contacts",
    "list_competencies",
    "list_partners",
    "list_segment_changes",
    "mentions",
    "remove_billing_contact",
    "save_billing_profile",
    "search_key",
]  # fmt: skip
