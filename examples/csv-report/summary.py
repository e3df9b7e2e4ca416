"""Adds orders up and finds those that stand out."""

import math
from collections import defaultdict
from decimal import Decimal
from statistics import median

# Iglewicz and Hoaglin's limit of the modified z-score, and the factor that makes it comparable to a standard deviation.
SCORE_LIMIT = 3.5
SCORE_FACTOR = 0.6745
FEWEST_TO_COMPARE = 20


def summarise(orders, top):
    """The figures of the orders as plain data: money as decimal strings, months as "2025-01".

    Raises ValueError when there are no orders.
    """
    if not orders:
        raise ValueError("The table has no row that can be read.")
    revenue = total(orders)
    return {
        "totals": {
            "orders": len(orders),
            "units": sum(order.quantity for order in orders),
            "revenue": str(revenue),
            "returned": str(-total(order for order in orders if order.quantity < 0)),
            "first_date": min(order.order_date for order in orders).isoformat(),
            "last_date": max(order.order_date for order in orders).isoformat(),
        },
        "by_month": [
            {"month": month, "orders": len(group), "revenue": str(total(group))}
            for month, group in sorted(grouped(orders, month_of).items())
        ],
        "by_region": [
            {
                "region": region,
                "orders": len(group),
                "revenue": str(total(group)),
                "share": share(total(group), revenue),
            }
            for region, group in by_revenue(grouped(orders, lambda order: order.region))
        ],
        "by_month_and_region": month_by_region(orders),
        "top_products": [
            {
                "product": product,
                "category": group[0].category,
                "units": sum(order.quantity for order in group),
                "revenue": str(total(group)),
                "share": share(total(group), revenue),
            }
            for product, group in by_revenue(grouped(orders, lambda order: order.product))[:top]
        ],
        "outliers": find_outliers(orders),
    }


def month_by_region(orders):
    """{"months", "regions", "revenue": {region: [one for each month]}}, regions by revenue."""
    months = sorted({month_of(order) for order in orders})
    cells = grouped(orders, lambda order: (order.region, month_of(order)))
    regions = [region for region, _ in by_revenue(grouped(orders, lambda order: order.region))]
    return {
        "months": months,
        "regions": regions,
        "revenue": {region: [str(total(cells.get((region, month), []))) for month in months] for region in regions},
    }


def find_outliers(orders):
    """Orders far larger or smaller than usual for their product, the furthest first.

    Order values spread over orders of magnitude, so their logarithms are compared; and to the median, which the
    outliers themselves do not move.
    """
    outliers = []
    for product, group in grouped(
        (order for order in orders if order.revenue > 0), lambda order: order.product
    ).items():
        if len(group) < FEWEST_TO_COMPARE:
            continue
        logarithms = [math.log(order.revenue) for order in group]
        middle = median(logarithms)
        spread = median(abs(value - middle) for value in logarithms)
        if spread == 0:
            continue
        for order, value in zip(group, logarithms, strict=True):
            score = SCORE_FACTOR * (value - middle) / spread
            if abs(score) > SCORE_LIMIT:
                outliers.append(
                    {
                        "line": order.line,
                        "order_id": order.order_id,
                        "order_date": order.order_date.isoformat(),
                        "product": product,
                        "quantity": order.quantity,
                        "revenue": str(order.revenue),
                        "usual_revenue": str(median(other.revenue for other in group).quantize(Decimal("0.01"))),
                        "score": round(score, 1),
                    }
                )
    return sorted(outliers, key=lambda outlier: (-abs(outlier["score"]), outlier["line"]))


def grouped(orders, key):
    groups = defaultdict(list)
    for order in orders:
        groups[key(order)].append(order)
    return groups


def by_revenue(groups):
    return sorted(groups.items(), key=lambda entry: (-total(entry[1]), entry[0]))


def total(orders):
    return sum((order.revenue for order in orders), Decimal("0.00"))


def month_of(order):
    return order.order_date.strftime("%Y-%m")


def share(part, whole):
    """The part in percent of the whole, to one decimal; 0 where there is nothing to share."""
    return round(float(part / whole * 100), 1) if whole else 0.0
