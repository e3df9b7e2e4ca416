"""Draws stacked columns as SVG."""

import math
from html import escape

WIDTH, HEIGHT = 920, 460
LEFT, RIGHT, TOP, BOTTOM = 62, 20, 92, 42
# Okabe and Ito's colours, which people with any colour vision can tell apart.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"]


def draw_chart(cross, title):
    """One column for each month with a part for each region, returns below the line; values in thousands."""
    months, regions = cross["months"], cross["regions"]
    values = {region: [float(amount) / 1000 for amount in cross["revenue"][region]] for region in regions}
    tops = [sum(max(0, values[region][index]) for region in regions) for index in range(len(months))]
    bottoms = [sum(min(0, values[region][index]) for region in regions) for index in range(len(months))]
    step = nice_step((max(tops) - min(bottoms)) / 5)
    low, high = math.floor(min(bottoms) / step) * step, math.ceil(max(tops) * 1.04 / step) * step or step

    def y(value):
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [frame(title), *legend(regions), *grid(low, high, step, y)]
    band = (WIDTH - LEFT - RIGHT) / len(months)
    for index, month in enumerate(months):
        x = LEFT + band * (index + 0.17)
        parts += column(x, band * 0.66, [values[region][index] for region in regions], regions, month, y)
        centre = f"{x + band * 0.33:.1f}"
        net = tops[index] + bottoms[index]
        parts.append(
            f'<text x="{centre}" y="{y(tops[index]) - 7:.1f}" text-anchor="middle" font-weight="600">{net:.1f}</text>'
        )
        parts.append(
            f'<text x="{centre}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle" fill="#555">{escape(month)}</text>'
        )
    parts.append(f'<path d="M{LEFT} {y(0):.1f}H{WIDTH - RIGHT}" stroke="#333"/>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


def frame(title):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
        f'<g font-family="Helvetica, Arial, \'DejaVu Sans\', sans-serif" font-size="12" fill="#222">\n'
        f'<text x="{LEFT}" y="34" font-size="18" font-weight="600">{escape(title)}</text>'
    )


def legend(regions):
    x = LEFT
    for region, colour in zip(regions, colours(), strict=False):
        yield f'<rect x="{x}" y="54" width="13" height="13" rx="2" fill="{colour}"/>'
        yield f'<text x="{x + 19}" y="65">{escape(region)}</text>'
        x += 42 + 7 * len(region)


def grid(low, high, step, y):
    for index in range(round((high - low) / step) + 1):
        value = low + index * step
        yield f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#e3e3e3"/>'
        yield f'<text x="{LEFT - 9}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#555">{value:g}</text>'


def column(x, width, values, regions, month, y):
    above = below = 0.0
    for value, region, colour in zip(values, regions, colours(), strict=False):
        start = above if value >= 0 else below
        end = start + value
        top, bottom = y(max(start, end)), y(min(start, end))
        yield (
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{bottom - top:.1f}" fill="{colour}">'
            f"<title>{escape(region)}, {escape(month)}: {value:.1f}</title></rect>"
        )
        if value >= 0:
            above = end
        else:
            below = end


def colours():
    while True:
        yield from COLOURS


def nice_step(rough):
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is no less than `rough`."""
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
