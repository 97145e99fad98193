"""The vendor's order lines: import, versions, what they say of customers and partners."""

from portal.orders.inputs import COLUMNS, MOST_FAULTS, OPTIONAL, REQUIRED, Fault
from portal.orders.intake import (
    LARGE,
    ask_intake,
    get_intake,
    import_of,
    list_intakes,
    note_progress,
    take_intake,
)
from portal.orders.models import IntakeState, OrderImport, OrderIntake, OrderLine, OrderStatus
from portal.orders.queries import OrderPage, get_import, list_imports, list_orders
from portal.orders.rates import RatesRefused, lines_at_rate, list_rates, read_rates, set_rates
from portal.orders.services import OrderReport, OrdersRefused, check_orders, import_orders

__all__ = [
    "COLUMNS",
    "LARGE",
    "MOST_FAULTS",
    "OPTIONAL",
    "REQUIRED",
    "Fault",
    "IntakeState",
    "OrderImport",
    "OrderIntake",
    "OrderLine",
    "OrderPage",
    "OrderReport",
    "OrderStatus",
    "OrdersRefused",
    "RatesRefused",
    "ask_intake",
    "check_orders",
    "get_import",
    "get_intake",
    "import_of",
    "import_orders",
    "lines_at_rate",
    "list_imports",
    "list_intakes",
    "list_orders",
    "list_rates",
    "note_progress",
    "read_rates",
    "set_rates",
    "take_intake",
]  # fmt: skip
