"""Reads a table of orders."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

COLUMNS = ("order_id", "order_date", "region", "product", "category", "quantity", "unit_price", "discount_percent")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Order:
    """One row. Revenue is in euros, rounded to cents, and negative for a return."""

    line: int
    order_id: str
    order_date: date
    region: str
    product: str
    category: str
    quantity: int
    revenue: Decimal


def read_sales(text):
    """The orders in their order, and what is wrong with the other rows: [{"line", "reason"}], lines counted from 1.

    Raises ValueError when a column is missing.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise ValueError(f"The table has no column {', '.join(missing)}.")
    orders, rejected = [], []
    for row in reader:
        try:
            orders.append(read_order(reader.line_num, row))
        except ValueError as error:
            rejected.append({"line": reader.line_num, "reason": str(error)})
    return orders, rejected


def read_order(line, row):
    """One row as an Order. Raises ValueError, which names the column, when a value cannot be read."""
    empty = [column for column in COLUMNS if not (row[column] or "").strip()]
    if empty:
        raise ValueError(f"{', '.join(empty)} is empty")
    quantity = read("quantity", int, row)
    price = read("unit_price", finite_decimal, row)
    discount = read("discount_percent", finite_decimal, row)
    if not 0 <= discount <= 100:
        raise ValueError(f"discount_percent is not within 0 and 100: {row['discount_percent']!r}")
    return Order(
        line=line,
        order_id=row["order_id"],
        order_date=read("order_date", date.fromisoformat, row),
        region=row["region"],
        product=row["product"],
        category=row["category"],
        quantity=quantity,
        revenue=(quantity * price * (100 - discount) / 100).quantize(CENT),
    )


def finite_decimal(text):
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text} is no amount")
    return number


def read(column, convert, row):
    try:
        return convert(row[column])
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"{column} cannot be read: {row[column]!r}") from error
