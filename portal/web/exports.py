"""Lists taken away as CSV or XLSX; no cell can make a spreadsheet run anything."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from flask import Response, send_file

from portal.i18n import current_locale, format_date, paris_time

KINDS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA = {"csv": "text/csv", "txt": "text/plain", "xlsx": XLSX}
RUNS = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet(kind: str, name: str, heads: Sequence[object], rows: Iterable[Sequence[Any]]) -> Response:
    """The rows as an attachment of this kind, named without its extension."""
    body, media_type = (_xlsx(heads, rows), XLSX) if kind == "xlsx" else (_csv(heads, rows), "text/csv")
    response = Response(body, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def streamed(kind: str, name: str, heads: Sequence[object], rows: Iterable[Sequence[Any]]) -> Response:
    """The rows as an attachment, written one by one to a file that vanishes with the answer.

    The kind `txt` has `|` between columns and no byte order mark, as tax authorities read it.
    """
    target = TemporaryFile()  # noqa: SIM115  # the answer closes it
    try:
        if kind == "xlsx":
            _fill_book(target, heads, rows)
        else:
            _fill_text(target, heads, rows, plain=kind == "txt")
        target.seek(0)
    except BaseException:
        target.close()
        raise
    response = send_file(target, mimetype=MEDIA[kind], as_attachment=True, download_name=f"{name}.{kind}")
    response.call_on_close(target.close)
    return response


def _fill_text(
    target: IO[bytes], heads: Sequence[object], rows: Iterable[Sequence[Any]], *, plain: bool
) -> None:
    text = io.TextIOWrapper(target, "utf-8" if plain else "utf-8-sig", newline="", write_through=True)
    if plain:
        text.writelines("|".join(_bare(value) for value in row) + "\r\n" for row in chain([heads], rows))
    else:
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow([str(head) for head in heads])
        writer.writerows([_written(value) for value in row] for row in rows)
    text.detach()


def _bare(value: Any) -> str:
    """A field of a file without quotes: neither its separator nor a line's end is in it."""
    return " ".join(str(value).replace("|", " ").split())


def _fill_book(target: IO[bytes], heads: Sequence[object], rows: Iterable[Sequence[Any]]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet()
    sheet.set_column(0, len(heads) - 1, 18)
    _fill_sheet(book, sheet, heads, rows)
    book.close()


def defused(text: str) -> str:
    """Text that a spreadsheet takes for text."""
    return f"'{text}" if text.startswith(RUNS) else text


def _csv(heads: Sequence[object], rows: Iterable[Sequence[Any]]) -> bytes:
    """With `;` and a byte order mark, as spreadsheets of French offices read it."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow([str(head) for head in heads])
    writer.writerows([_written(value) for value in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        figure = f"{value:.2f}"
        return figure.replace(".", ",") if current_locale() == "fr" else figure
    if isinstance(value, datetime):
        return paris_time(value).strftime("%Y-%m-%d %H:%M")
    return format_date(value, "short") if isinstance(value, date) else defused(str(value))


def _xlsx(heads: Sequence[object], rows: Iterable[Sequence[Any]]) -> bytes:
    target = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, plain)
    sheet = book.add_worksheet()
    _fill_sheet(book, sheet, heads, rows)
    sheet.autofit()
    book.close()
    return target.getvalue()


def _fill_sheet(book: Any, sheet: Any, heads: Sequence[object], rows: Iterable[Sequence[Any]]) -> None:
    bold, money, day = (
        book.add_format(style)
        for style in ({"bold": True}, {"num_format": "#,##0.00"}, {"num_format": "dd/mm/yyyy"})
    )
    sheet.write_row(0, 0, [str(head) for head in heads], bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, Decimal):
                sheet.write_number(number, place, value, money)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, _plain_day(value), day)
            elif value is not None:
                sheet.write_string(number, place, defused(str(value)))


def _plain_day(value: date) -> date:
    return paris_time(value).date() if isinstance(value, datetime) else value
