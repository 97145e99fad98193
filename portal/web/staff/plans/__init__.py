"""Plans as living documents: read, written, compared, tried on the past, published by a second person."""

from portal.web.staff.plans import documents, editor, pages, simulations
from portal.web.staff.plans.door import bp

__all__ = ["bp", "documents", "editor", "pages", "simulations"]
