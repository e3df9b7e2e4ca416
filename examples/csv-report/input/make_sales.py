"""Writes sales-2025.csv, the input of this example: python3 examples/csv-report/input/make_sales.py

A year of orders of an invented coffee roaster. Everything is made up, with a fixed seed, so that every run writes the
same bytes; in the public domain (CC0 1.0). As in a real export there are returns (negative quantities), names with
commas and quotation marks, a few far too large orders, and a handful of broken rows.
"""

import calendar
import csv
import random
from datetime import date
from pathlib import Path

COLUMNS = [
    "order_id",
    "order_date",
    "region",
    "product",
    "category",
    "quantity",
    "unit_price",
    "discount_percent",
    "customer",
]
ROWS = 4200
# Name, category, price in euros, how often it is ordered, how many are ordered at a time.
PRODUCTS = [
    ("House Espresso 1 kg", "Beans", "21.90", 20, 3),
    ("Ethiopia Yirgacheffe 250 g", "Beans", "9.80", 15, 4),
    ("Decaf Blend 500 g", "Beans", "13.50", 8, 3),
    ('Filter Papers, size 4, 100"s', "Accessories", "4.20", 11, 5),
    ("Hand Grinder", "Equipment", "89.00", 5, 1),
    ("Pour-over Kettle 0.9 l", "Equipment", "64.50", 4, 1),
    ("Espresso Cups, set of 6", "Accessories", "32.00", 7, 2),
    ("Milk Frother", "Equipment", "47.90", 4, 1),
    ("Cold Brew Bottle", "Accessories", "18.40", 6, 2),
    ("Descaler 500 ml", "Care", "7.60", 9, 4),
    ("Dual Boiler Machine", "Equipment", "1249.00", 1, 1),
    ("Barista Course, one day", "Courses", "165.00", 2, 1),
]
REGIONS = [("North", 31), ("South", 26), ("West", 22), ("East", 14), ("Export", 7)]
SEASON = [0.92, 0.86, 0.95, 0.93, 0.98, 0.88, 0.79, 0.83, 1.02, 1.10, 1.38, 1.52]
CUSTOMERS = [
    "Café Anders",
    "Müller & Söhne, Bürobedarf",
    'Bistro "Zum Anker"',
    "Hotel Seeblick",
    "K. Lindqvist",
    "O'Brien Ltd.",
    "Praxis Dr. Yılmaz",
    "Bäckerei Kern",
    "A. Nowak",
    "Kantine Werk 2",
    "E. Rossi",
    "Studio 54b",
    "J. van Dijk",
    "Walk-in",
]
BROKEN = {
    611: lambda row: {**row, "region": ""},
    1203: lambda row: {**row, "quantity": "n/a"},
    1999: lambda row: {**row, "order_date": "2025-02-30"},
    2750: lambda row: {**row, "unit_price": "12,50 EUR"},
    3333: lambda row: {**row, "discount_percent": "140"},
}


def make_rows():
    chance = random.Random(20251231)
    dates = sorted(random_date(chance) for _ in range(ROWS))
    for number, day in enumerate(dates, start=1):
        name, category, price, _, usual = chance.choices(PRODUCTS, weights=[product[3] for product in PRODUCTS])[0]
        quantity = max(1, round(chance.lognormvariate(0, 0.55) * usual))
        if chance.random() < 0.0022:
            quantity *= chance.randint(25, 60)
        if chance.random() < 0.021:
            quantity = -min(quantity, 3)
        row = {
            "order_id": f"SO-{100000 + number}",
            "order_date": day.isoformat(),
            "region": chance.choices([name for name, _ in REGIONS], weights=[weight for _, weight in REGIONS])[0],
            "product": name,
            "category": category,
            "quantity": quantity,
            "unit_price": price,
            "discount_percent": chance.choices([0, 5, 10, 15], weights=[78, 11, 8, 3])[0],
            "customer": chance.choice(CUSTOMERS),
        }
        yield BROKEN.get(number, lambda unchanged: unchanged)(row)


def random_date(chance):
    month = chance.choices(range(1, 13), weights=SEASON)[0]
    return date(2025, month, chance.randint(1, calendar.monthrange(2025, month)[1]))


if __name__ == "__main__":
    path = Path(__file__).with_name("sales-2025.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(make_rows())
    print(f"{path}: {ROWS} rows, {path.stat().st_size} bytes")
