"""A world many times the demo: each firm with its people, claims, orders and books copied over."""

import psycopg

TABLES = (
    "partners", "users", "pam_assignments", "competencies", "satisfaction_scores", "objectives",
    "billing_profiles", "billing_contacts", "files", "order_lines", "claims", "claim_lines", "claim_matches",
    "claim_events", "claim_evidence", "claim_grid_ticks", "margin_results", "statements", "adjustments",
    "journal_entries", "postings",
)  # fmt: skip
STEP = 1_000_000  # between a row's id and that of its copy
OF_ITS_OWN = {
    "users.email": "'k{k}.' || email",
    "partners.code": "'P-' || lpad((right(code, 5)::integer + 1000 * {k})::text, 5, '0')",
    "partners.siren": "'{k}' || right(siren, 8)",
    "order_lines.order_no": "'K{k}' || order_no",
    "order_lines.enrolment_no": "case enrolment_no when '' then '' else 'K{k}' || enrolment_no end",
    "order_lines.customer_siren": "'{k}' || right(customer_siren, 8)",
    "claims.order_no": "case order_no when '' then '' else 'K{k}' || order_no end",
    "claims.enrolment_no": "case enrolment_no when '' then '' else 'K{k}' || enrolment_no end",
    "claims.customer_siren": "'{k}' || right(customer_siren, 8)",
    "claims.reference": "left(reference, 7) || (right(reference, 6)::integer + 100000 * {k})",
    "margin_results.position": "position + 1000 * {k}",
    "statements.number": "left(number, -6) || (serial + 100000 * {k})",
    "statements.serial": "serial + 100000 * {k}",
    "statements.short_code": "'{k}' || short_code",
    "journal_entries.cause_id": "cause_id + {step}",
    "adjustments.origin_statement_id": "origin_statement_id + {step}",
}
_COLUMNS = """
select c.relname, a.attname, exists (select from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'
  and a.attnum = any(f.conkey) and f.confrelid::regclass::text = any(%(tables)s)) as refers
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relname = any(%(tables)s) and c.relkind = 'r' and a.attgenerated = '' and a.attname <> 'public_id'
order by a.attnum
"""


def grow(url: str, times: int) -> None:
    """Make a copy of the demo that many times as large."""
    with psycopg.connect(url) as connection:
        columns = connection.execute(_COLUMNS, {"tables": list(TABLES)}).fetchall()
        for table in TABLES:
            connection.execute(f"alter table {table} disable trigger user")
            own = [(name, refers) for relation, name, refers in columns if relation == table]
            for k in range(1, times):
                values = ", ".join(_value(table, name, refers, k) for name, refers in own)
                names = ", ".join(f'"{name}"' for name, _ in own)
                connection.execute(
                    f"insert into {table} ({names}) select {values} from {table} "
                    f"where {'partner_id' if ('id', False) not in own else 'id'} < {STEP}"
                )
        connection.commit()
        for table in TABLES:
            connection.execute(f"alter table {table} enable trigger user")
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")


def _value(table: str, name: str, refers: bool, k: int) -> str:
    if given := OF_ITS_OWN.get(f"{table}.{name}"):
        return given.format(k=k, step=STEP * k)
    return f'"{name}" + {STEP * k}' if refers or name in ("id", "partner_id") else f'"{name}"'
