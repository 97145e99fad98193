"""Refusals in plain words: what is wrong and how to mend it, by the code that the domain gives it.

Codes are those of `DomainError` and of the faults in `Invalid`, and the names of PostgreSQL's constraints.
"""

from portal.i18n import gettext


def N_(message: str) -> str:
    """Mark a message for translators."""
    return message


WORDS: dict[str, str] = {
    # any form
    "required": N_("Fill this in."),
    "too_long": N_("This is too long: %(most)s characters at most."),
    "unreadable": N_("This contains characters that cannot be kept. Type it again rather than pasting it."),
    "not_a_choice": N_("Choose one of the answers offered."),
    "not_ticked": N_("Tick this box to go on."),
    "not_an_email": N_("This is not an e-mail address. Write it as name@company.fr."),
    "not_a_phone": N_("This is not a phone number. Write it as 01 99 00 12 34 or +33 1 99 00 12 34."),
    "not_an_amount": N_("This is not an amount. Write it as 1234,50 or 1 234,50, without letters."),
    "amount_two_signs": N_("Write one point or comma only, before the cents: 12345,67 or 12 345,67."),
    "amount_cents": N_("Two decimals at most: 1234,50. Thousands are parted by spaces."),
    "amount_spaces": N_("The spaces do not part thousands. Write it as 1 234,50 or 1234,50."),
    "amount_negative": N_("The amount cannot be negative. Write it without a minus sign."),
    "amount_too_large": N_("This amount is larger than can be kept. Check the number of digits."),
    "not_a_day": N_("This is not a date. Write it as 31/12/2026 or 2026-12-31."),
    "no_such_day": N_("This day does not exist. Check the day and the month."),
    "short_year": N_("Write the year with four digits: 31/12/2026."),
    "siren_length": N_("A SIREN has 9 digits. Copy it as it stands on the company's papers: 000 000 018."),
    "siret_length": N_(
        "A SIRET has 14 digits. Copy it as it stands on the company's papers: 000 000 018 00002."
    ),
    "siren_key": N_("This SIREN does not exist: its last digit does not match the others. Check each digit."),
    "siret_key": N_("This SIRET does not exist: its last digits do not match the others. Check each digit."),
    # passwords and codes
    "sign_in_refused": N_(
        "The e-mail and the password do not go together, or there were too many attempts. "
        "Check them, wait a few minutes, or choose a new password."
    ),
    "password_short": N_("%(least)s characters at least. A sentence is easier to remember than signs."),
    "password_long": N_("%(most)s characters at most."),
    "password_email": N_("The password cannot be made of the e-mail address. Choose something else."),
    "password_common": N_("This password is among the first that others try. Choose something else."),
    "password_same": N_("This is the current password. Choose another one."),
    "password_wrong": N_("This is not your current password. After several mistakes, wait a few minutes."),
    "passwords_differ": N_("The two passwords differ. Type the same one twice."),
    "code_spent": N_("This link was already used or is too old. Ask for a new one."),
    # people
    "email_taken": N_("This address cannot be invited: it already has an account."),
    "uq_users_email": N_("This address cannot be invited: it already has an account."),
    "role_elsewhere": N_("This role belongs to the other side, firm or vendor. Choose another one."),
    "user_already_in": N_("This person has already come in, and can reset a forgotten password."),
    "not_oneself": N_("You cannot change your own role or leave by yourself. Ask another administrator."),
    "users_followed_partners": N_("This account manager still follows partners. Hand them over first."),
    # any thing
    "refused": N_("The portal's rules do not allow this."),
    "invalid": N_("Something in what was sent cannot be accepted."),
    "period_closed": N_("This period is closed. What comes late becomes an adjustment in the next open one."),
    "unavailable": N_("A part the portal stands on is away. Try again in a minute."),
}


def known(code: str) -> bool:
    """Whether this code has words of its own."""
    return code in WORDS


def words(code: str, **params: object) -> str:
    """The sentence for this code; one without words of its own is a plain refusal."""
    return gettext(WORDS.get(code, WORDS["refused"]), **params)
