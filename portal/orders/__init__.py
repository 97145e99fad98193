"""The vendor's order lines: import, versions, what they say of customers and partners."""

from portal.orders.inputs import COLUMNS, MOST_FAULTS, OPTIONAL, REQUIRED, Fault
from portal.orders.models import OrderImport, OrderLine, OrderStatus
from portal.orders.queries import OrderPage, get_import, list_imports, list_orders
from portal.orders.services import OrderReport, OrdersRefused, check_orders, import_orders

__all__ = [
    "COLUMNS", "MOST_FAULTS", "OPTIONAL", "REQUIRED", "Fault", "OrderImport", "OrderLine", "OrderPage",
    "OrderReport", "OrderStatus", "OrdersRefused", "check_orders", "get_import", "import_orders",
    "list_imports", "list_orders",
]  # fmt: skip
