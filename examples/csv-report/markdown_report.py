"""Writes the report for people who read Markdown."""

from decimal import ROUND_HALF_EVEN, Decimal


def write_markdown(report):
    """The report as a Markdown document."""
    totals = report["totals"]
    cross = report["by_month_and_region"]
    month_revenue = {month["month"]: month["revenue"] for month in report["by_month"]}
    sections = [
        f"# Sales from {totals['first_date']} to {totals['last_date']}",
        f"{totals['orders']:,} orders, {totals['units']:,} units, **{euros(totals['revenue'])} EUR**; "
        f"goods for {euros(totals['returned'])} EUR came back. {len(report['rejected'])} rows could not be read.",
        "## Revenue by month and region, in EUR",
        table(
            ["Month", *cross["regions"], "All"],
            [
                [
                    month,
                    *(whole(cross["revenue"][region][index]) for region in cross["regions"]),
                    whole(month_revenue[month]),
                ]
                for index, month in enumerate(cross["months"])
            ]
            + [
                [
                    "**Year**",
                    *(f"**{whole(region['revenue'])}**" for region in report["by_region"]),
                    f"**{whole(totals['revenue'])}**",
                ]
            ],
        ),
        "## Top products",
        table(
            ["Product", "Category", "Units", "Revenue, EUR", "Share"],
            [
                [
                    escaped(row["product"]),
                    escaped(row["category"]),
                    f"{row['units']:,}",
                    euros(row["revenue"]),
                    f"{row['share']} %",
                ]
                for row in report["top_products"]
            ],
            text_columns=2,
        ),
        "## Orders that stand out",
        table(
            ["Order", "Product", "Quantity", "Revenue, EUR", "Usual, EUR", "Score"],
            [
                [
                    row["order_id"],
                    escaped(row["product"]),
                    f"{row['quantity']:,}",
                    euros(row["revenue"]),
                    euros(row["usual_revenue"]),
                    str(row["score"]),
                ]
                for row in report["outliers"]
            ],
            text_columns=2,
        ),
        "## Rows that were left out",
        table(
            ["Line", "Reason"],
            [[str(row["line"]), escaped(row["reason"])] for row in report["rejected"]],
            text_columns=2,
        ),
    ]
    return "\n\n".join(sections) + "\n"


def table(header, rows, text_columns=1):
    """A Markdown table whose columns behind the first `text_columns` are aligned to the right."""
    if not rows:
        return "None."
    rule = ["---" if index < text_columns else "---:" for index in range(len(header))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *rows])


def euros(amount):
    return f"{Decimal(amount):,.2f}"


def whole(amount):
    return f"{Decimal(amount).quantize(Decimal('1'), rounding=ROUND_HALF_EVEN):,}"


def escaped(text):
    return text.replace("\\", "\\\\").replace("|", "\\|")
