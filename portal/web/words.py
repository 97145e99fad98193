"""Refusals in plain words: what is wrong and how to mend it, by the code that the domain gives it.

Codes are those of `DomainError` and of the faults in `Invalid`, and the names of PostgreSQL's constraints.
"""

from decimal import Decimal

from portal.i18n import format_money, gettext


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
    "not_an_amount": N_("This is not an amount. Write it as 1234.50, without letters."),
    "amount_two_signs": N_("Write one point or comma only, before the cents: 12345.67."),
    "amount_cents": N_("Two decimals at most: 1234.50."),
    "amount_spaces": N_("The spaces do not part thousands. Write it as 1234.50."),
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
    # how a firm is paid
    "iban_key": N_("This IBAN does not exist: check it against the bank's paper, 27 signs for France."),
    "vat_key": N_("This VAT number does not exist. In France it is FR, two signs and the SIREN."),
    "vat_of_another": N_(
        "This VAT number belongs to another company: its last nine digits are not your SIREN."
    ),
    "contact_known": N_("This address already receives the statements."),
    "firm_unknown": N_("No firm has this code. Write it as P-00042."),
    # payments and holds
    "amount_of_nothing": N_("Give an amount above zero."),
    "over_payment": N_("This is more than what is due: %(due)s. Check the amount, or the statement."),
    "payment_of_disputed": N_("A part is in dispute: %(due)s may be paid until it is decided."),
    "payment_of_held": N_("A part is on hold: %(due)s may be paid. Have the hold released first."),
    "payments_within_due": N_("Somebody has just paid or held a part of it: look at what is still due."),
    "holds_within_due": N_("Somebody has just paid or held a part of it: look at what is still due."),
    "paid_before_stated": N_("The statement was issued after this day. Check the date."),
    "bank_on_hold": N_(
        "The bank account has just changed: nothing is paid to it before the end of its delay."
    ),
    "payment_known": N_("A payment of this statement is already recorded under this reference."),
    "uq_payments_reference": N_("A payment of this statement is already recorded under this reference."),
    "payment_returned": N_("This payment has already come back."),
    "returned_before_paid": N_("The payment was made after this day. Check the date."),
    "over_hold": N_("No more than what is due can be held: %(due)s."),
    "hold_released": N_("This hold is already released."),
    "holds_immutable": N_("This hold is already released."),
    "payments_immutable": N_("This payment has already come back."),
    "bank_changes_immutable": N_("This change of bank account is already decided."),
    "uq_bank_changes_open": N_("A change of bank account already waits for its confirmation."),
    "uq_payment_files_sha256": N_("Somebody has just imported this very file: nothing to do."),
    "hold_four_eyes": N_("Another person than who placed it releases a hold."),
    "bank_change_open": N_("A change of bank account already waits for its confirmation."),
    "bank_change_decided": N_("This change of bank account is already decided."),
    "bank_note_missing": N_("Say whom you asked, and by which number known before."),
    # claims
    "own_duplicate": N_("Your firm has already declared this order: claim %(reference)s. Complete that one."),
    "duplicate_to_justify": N_("Your firm has a similar claim. Say briefly why this is another project."),
    "day_in_future": N_("This day has not come yet. Check the date."),
    "order_before_signature": N_("The order is dated before the signature. Check both dates."),
    "window_closed": N_("The window is closed: a project is declared within 90 days after its order."),
    "no_line": N_("Give at least one product family with its amount."),
    "reseller_missing": N_("Say who sells the licences, or tick that you do not know."),
    "no_evidence": N_("Join at least one piece of evidence."),
    "answer_missing": N_("Write an answer, or join a new piece of evidence first."),
    "reason_in_words": N_("Explain this reason in a few words: the firm reads them."),
    "four_eyes": N_("Another person must decide this: you made the claim or approved it first."),
    "order_number_missing": N_("An approval needs an order or enrolment number. Ask the firm for it."),
    "grid_incomplete": N_("Tick every check of the grid, or ask the firm for what is missing."),
    "roles_not_declared": N_("Only roles that the firm declared can be approved."),
    "cut_not_coded": N_("Give the reason of this cut: the firm reads it."),
    "approved_above_declared": N_("The approved amount lies between zero and the amount declared."),
    "evidence_closed": N_("The evidence of this claim can no longer change."),
    "appeal_closed": N_("The time to appeal has passed, or the claim was judged as often as it may be."),
    "appeal_level": N_("An appeal of this level is judged by somebody else."),
    "appeal_takes_nothing": N_("An appeal never takes back what was approved."),
    "revocation_proposed": N_("A revocation of this claim already waits for its second person."),
    "message_empty": N_("Write a message, or choose a file."),
    "bulk_too_large": N_("It is above the limit of what is approved together: read it alone."),
    "bulk_look_alike": N_("It looks like another claim of the firm: read it alone."),
    "bulk_second_person": N_("It needs a second person: approve it alone, then it is passed on."),
    "illegal_step": N_("This step is no longer possible: the claim has moved on."),
    "draft_saved_by": N_("%(who)s saved this draft meanwhile. Below is what you typed: save again."),
    # the close
    "close_not_yet": N_("The close is not at this step. Look at the page again: somebody may have gone on."),
    "cut_off_to_come": N_("The cut-off has not come yet. A rehearsal computes without closing."),
    "period_before_first": N_(
        "%(period)s is not stated yet: its balances are carried to this period. Close it first."
    ),
    "period_after_stated": N_(
        "%(period)s is stated already, without this period. It can no longer be closed."
    ),
    "already_proposed": N_("A run is proposed. Finance approves it or sends it back first."),
    "other_run_proposed": N_("Run %(number)s is proposed, not the one you looked at. Look at it first."),
    "close_four_eyes": N_("Another person must approve: you proposed this close."),
    # disputes
    "disputes_window": N_(
        "The thirty days to dispute this statement are over. Your account manager can still explain it."
    ),
    "nothing_disputed": N_("Tick at least one line."),
    "uq_adjustments_dispute_line_id": N_("This line has its adjustment already: open it from the dispute."),
    "adjustments_accepted": N_("This line was not accepted, or is of another firm or statement."),
    "uq_dispute_lines_once": N_("One of these lines is disputed already: go on in that dispute."),
    "disputes_other_judge": N_(
        "You made this statement or decided one of these lines: somebody else decides."
    ),
    "expected_head": N_("The first line must name the columns: claim or order, and amount."),
    "expected_long": N_("The file is too long: %(value)s lines at most."),
    "expected_large": N_("The file is too large: 2 MB at most."),
    "expected_twice": N_("%(value)s stands on an earlier line already. Add the amounts up on one line."),
    "expected_nameless": N_("Give the claim or the order of this line."),
    "expected_reference": N_("%(value)s is not a claim. Write it as D-FY26-000112."),
    "expected_amount": N_("“%(value)s” is not an amount. Write it as 1234.50."),
    "disputes_lines_decided": N_("Choose an outcome for every line."),
    "disputes_immutable": N_("This dispute is over: nothing more can be added."),
    # corrections
    "correction_not_closed": N_("This period is not closed: what changes is simply counted at its close."),
    "correction_no_open_period": N_("No later period is open to take the adjustment. Open one first."),
    "adjustment_of_nothing": N_("An adjustment of 0.00 changes nothing. Write the amount, with its sign."),
    "adjustment_four_eyes": N_("You proposed this: another person of finance decides."),
    "ck_adjustments_four_eyes": N_("You proposed this: another person of finance decides."),
    "adjustment_reason_missing": N_("Choose the reason first: the changes do not say it by themselves."),
    "adjustment_approved": N_("approved it"),
    "adjustment_refused": N_("refused it"),
    "adjustment_changed": N_("changed the proposal"),
    "adjustments_up_to_date": N_(
        "This period was adjusted otherwise meanwhile. Recompute it, then decide on what remains."
    ),
    "adjustments_period_open": N_("The period that takes this adjustment is being closed. Try again later."),
    "balance_settlements_balance": N_("This is no longer the balance of a firm that left. Look at it again."),
    "balance_settlements_period_open": N_(
        "A close is under way and carries this balance. Settle it once the period is closed."
    ),
    "uq_balance_settlements_result": N_("A settlement of this balance is proposed already."),
    # files
    "file_missing_here": N_("Choose a file to join."),
    "file_empty": N_("The file %(name)s is empty. Check it on your computer, then choose it again."),
    "file_too_large": N_("The file %(name)s exceeds %(limit)s MB. Split it or export it lighter."),
    "file_kind": N_("%(name)s is not a PDF, PNG, JPEG, DOCX, XLSX or EML file. Export it as PDF."),
    "file_name_lies": N_("The name %(name)s does not match its content, which is %(kind)s. Rename it."),
    "file_damaged": N_("The file %(name)s is damaged or incomplete. Open it, save it again, then choose it."),
    "file_locked": N_("The file %(name)s is protected by a password. Join a version without it."),
    "file_macros": N_("The file %(name)s contains programs or macros. Export it as PDF."),
    "file_pixels": N_("The picture %(name)s is too large. Reduce it below 60 million pixels."),
    "file_quarantined": N_("This file is being checked for viruses. Come back in a few minutes."),
    "file_refused": N_("This file carries a virus and is not handed out. Ask for another copy."),
    "file_infected": N_("The file %(name)s carries a virus. Have your computer checked; join another copy."),
    "file_bomb": N_("The file %(name)s unpacks to far more than its size. Export it as PDF."),
    # what somebody did to a claim meanwhile
    "claim.saved": N_("saved the draft"),
    "claim.submitted": N_("declared the claim"),
    "claim.taken": N_("began the review"),
    "claim.info_requested": N_("asked the firm a question"),
    "claim.answered": N_("answered the question"),
    "claim.withdrawn": N_("withdrew the claim"),
    "claim.expired": N_("the claim expired"),
    "claim.approved": N_("approved the claim"),
    "claim.passed_on": N_("approved the claim first; a second person decides"),
    "claim.approved_second": N_("approved the claim as second person"),
    "claim.rejected": N_("refused the claim"),
    "claim.evidence_added": N_("added evidence"),
    "claim.evidence_replaced": N_("replaced evidence"),
    "claim.evidence_withdrawn": N_("withdrew evidence"),
    "claim.match_confirmed": N_("recognised an order"),
    "claim.match_refused": N_("refused a proposed order"),
    "claim.conflict_found": N_("another declaration was found on the project"),
    "claim.appealed": N_("appealed"),
    # missing transactions
    "inquiry_not_now": N_("This can be asked of a declared or approved claim only."),
    "inquiry_closed": N_("This question is closed. Ask again from the claim if need be."),
    "uq_inquiries_open": N_("A question about this claim is already open. Go on with that one."),
    # conflicts
    "conflict_moved_on": N_("This is no longer possible: the conflict has moved on. Look at it again."),
    "conflict_elsewhere": N_(
        "One of these claims is decided, or in another conflict. Settle that one first."
    ),
    "share_out_of_bounds": N_("A share lies between 0 and 100 percent."),
    "shares_uneven": N_("The shares do not sum to 100 percent."),
    "conflict_parties_shares": N_("The shares do not sum to 100 percent."),
    "conflict_parties_offers": N_("The shares do not sum to 100 percent."),
    "roles_overlap": N_("A role is held by one firm only. Take it from one of them."),
    "names_the_other": N_("Both firms read this: name neither of them, and no claim."),
    "claim.upheld": N_("dismissed the appeal"),
    "claim.upheld_in_part": N_("dismissed the appeal"),
    "claim.approved_on_appeal": N_("approved the claim on appeal"),
    "claim.revoked": N_("revoked the approval"),
    "claim.conflict_resolved": N_("resolved the conflict"),
    "claim.offered": N_("gave the draft to the firm"),
    # plans
    "plan_not_changed": N_("This version says the same as the version before it. Change something first."),
    "plan_not_at_this_step": N_("This plan is no longer at that step. Look at its state above."),
    "plan_four_eyes": N_("You wrote this plan: another person publishes it."),
    "plan_changed_meanwhile": N_("the plan was changed after you read it"),
    "period_to_come": N_("This period has not begun: there is nothing to try the plan on."),
    "nobody_to_simulate": N_("No partner of this segment is concerned by this period."),
    # a firm's segment
    "segment_same": N_("The firm is in this segment already."),
    "segment_elsewhere": N_(
        "The Alliance is followed by EPG: a firm comes there, or leaves it, by a reorganisation."
    ),
    "segment_day": N_(
        "The day lies after the firm's first day and its last change of segment, today at the latest."
    ),
    "segment_stated": N_("A period with this day is stated already. Choose a day after it."),
    # objectives of many
    "target_partner_unknown": N_("No partner of yours has this code in this period."),
    "target_twice": N_("This partner stands on an earlier line already."),
    "target_amount": N_("The objective is not an amount. Write it as 150000.00 or 150 000."),
    "target_baseline": N_("The baseline is not an amount. Write it as 150000.00, or leave it empty."),
    "target_faults": N_("Some lines are refused: nothing was set."),
    "sheet_empty": N_("Choose a file with at least one line under its head."),
    "sheet_head": N_("The first line must name the columns: %(columns)s."),
    "sheet_long": N_("The file is too long: %(most)s lines at most."),
    "sheet_unreadable": N_("The file cannot be read. Save it as CSV or XLSX, then choose it again."),
    "uq_plans_at_work": N_("A version of this plan is already being written. Finish that one first."),
    "uq_plans_version": N_("Somebody has just begun this version. Look at the list of plans."),
    # who follows whom
    "not_a_pam": N_("Choose an account manager who is still here."),
    "same_pam": N_("This account manager already follows the partner. Choose another one."),
    "not_followed_that_day": N_("One of these partners has no account manager to replace on that day."),
    "handover_in_the_past": N_("A handover begins today or later."),
    "absence_in_the_past": N_("An absence begins today or later."),
    "ends_before_it_starts": N_("The last day comes before the first one. Check both dates."),
    "deputy_is_oneself": N_("The deputy has to be somebody else."),
    "delegations_no_chain": N_("This deputy is away too, or already stands in. Choose somebody else."),
    "delegations_one_deputy": N_("An absence is already planned on some of these days."),
    "pam_assignments_one_pam": N_("Another handover already covers some of these days. Look at it first."),
    "pam_assignments_no_gap": N_("The partner would have no account manager on some day. Check the dates."),
    "follows_nobody": N_("There is nothing to note: no partner is followed today."),
    "nobody_chosen": N_("Choose at least one partner."),
    "pam_assignments_able_pam": N_("This account manager is leaving. Choose somebody who stays."),
    "delegations_able_pam": N_("This account manager is leaving. Choose somebody who stays."),
    "users_deputies": N_(
        "This person answers for somebody away. End that absence or name another deputy first."
    ),
    "deputy_elsewhere": N_("This colleague is away on some of these days. Choose somebody else."),
    # joining, leaving, reorganisations
    "alliance_has_no_pam": N_("An alliance is followed by EPG: leave the account manager empty."),
    "joining_in_the_past": N_("A firm joins today or later."),
    "leaving_in_the_past": N_("The last day is today or later."),
    "leaving_before_joining": N_("The last day comes before the firm's first one."),
    "leaves_already": N_("The firm has a last day already. Change that one."),
    "left_already": N_("The firm has left. A firm that comes back joins again."),
    "merged_already": N_("The firm was merged by a reorganisation. Undo that one."),
    "code_taken": N_("Another firm has this code. Choose the next free one."),
    "result_differs": N_(
        "Computed again, this result is not the one that was kept, so its detail is not shown. "
        "Tell finance, who can run the verification."
    ),
    "siren_taken": N_("This SIREN is known: it is %(code)s. One firm is one partner."),
    "code_form": N_("Write the code as P-00042."),
    "reorg_merges": N_("Look at the merges and accept them, or mend the file."),
    "reorg_faults": N_("Some lines are refused: nothing was imported."),
    "reorg_undone": N_("This reorganisation is undone already."),
    "reorg_written_after": N_(
        "Something was written about %(firm)s after this file, so it can no longer be undone."
        " Hand partners over one by one, or import another file."
    ),
    # objectives, payments, mails
    "objective_accepted_already": N_("This objective is already accepted."),
    "uq_objectives_version": N_("Somebody else has just set this objective. Read the new version first."),
    "objective_replaced": N_("a newer version of this objective replaced it"),
    "payment_of_nothing": N_("Nothing is to be paid for this statement, or it is paid already."),
    "mail_under_way": N_("This message is on its way. Wait until it is sent or has failed."),
    # any thing
    "refused": N_("The portal's rules do not allow this."),
    "plan_missing": N_("No plan is published for segment %(segment)s in this period."),
    "partner_not_in_period": N_("The period no longer concerns this partner: compute again."),
    "invalid": N_("Something in what was sent cannot be accepted."),
    "period_closed": N_("This period is closed. What comes late becomes an adjustment in the next open one."),
    "unavailable": N_("A part the portal stands on is away. Try again in a minute."),
}


def known(code: str) -> bool:
    """Whether this code has words of its own."""
    return code in WORDS


def words(code: str, **params: object) -> str:
    """The sentence for this code; one without words of its own is a plain refusal."""
    shown = {name: format_money(one) if isinstance(one, Decimal) else one for name, one in params.items()}
    return gettext(WORDS.get(code, WORDS["refused"]), **shown)
