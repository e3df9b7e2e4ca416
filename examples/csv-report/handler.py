"""A sales report: the Lambda function."""

import logging
import time

from chart import draw_chart
from markdown_report import write_markdown
from sales import read_sales
from summary import summarise

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def handle(event, context):
    """Turns {"csv": text, "top": how many products} into a report.

    The text has a header and the columns of sales.COLUMNS; "top" is 5 when left out. The result has the figures
    (money as decimal strings in euros, exact), and the same for people: "markdown" and "svg". Rows that cannot be read
    are left out and named in "rejected". Raises ValueError when it is no such table at all.
    """
    begin = time.perf_counter()
    orders, rejected = read_sales(event["csv"])
    logger.info("read %d orders, rejected %d rows", len(orders), len(rejected))
    for row in rejected:
        logger.warning("line %d: %s", row["line"], row["reason"])

    summary = summarise(orders, event.get("top", 5))
    logger.info("summarised %d months, %d regions", len(summary["by_month"]), len(summary["by_region"]))
    for outlier in summary["outliers"]:
        logger.info("outlier: %(order_id)s, %(product)s, %(revenue)s EUR, usual are %(usual_revenue)s", outlier)

    report = {**summary, "rejected": rejected}
    report["markdown"] = write_markdown(report)
    report["svg"] = draw_chart(summary["by_month_and_region"], "Revenue by month and region, in thousand EUR")
    logger.info("report is ready after %.0f ms", (time.perf_counter() - begin) * 1000)
    return report
