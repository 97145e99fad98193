"""The area's blueprint."""

from flask import Blueprint

bp = Blueprint("plans", __name__, url_prefix="/staff/plans")
