"""A histogram of scores as SVG, in which no bar stands for a few people only."""

from .pages import Html, element, joined

FEWEST = 5  # what fewer have in common is not shown
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 360, 200, 8, 22, 42


def bins(shares, width=10):
    """Ranges of percent with how many are in each: (low, high, count).

    Neighbours are joined until a range has `FEWEST` or nobody.
    """
    counts = [0] * (100 // width)
    for share in shares:
        counts[min(len(counts) - 1, max(0, int(share // width)))] += 1
    found, low, waiting = [], 0, 0
    for place, count in enumerate(counts, 1):
        waiting += count
        if waiting == 0 or waiting >= FEWEST:
            found.append((low, place * width, waiting))
            low, waiting = place * width, 0
    while waiting and found:  # a rest that is too small joins what is below it
        low, _, count = found.pop()
        waiting = waiting + count
        if waiting >= FEWEST:
            break
    return [*found, (low, 100, waiting)] if low < 100 else found


def histogram(found):
    """The bars of some bins; the area of a bar says how many are in it."""
    scale = (_WIDTH - 2 * _LEFT) / 100
    floor = _HEIGHT - _BOTTOM
    tallest = max(count / (high - low) for low, high, count in found) or 1
    parts = []
    for low, high, count in found:
        height = (floor - _TOP) * count / (high - low) / tallest
        left, width = _LEFT + scale * low, scale * (high - low)
        if count:
            bar = dict(x=f"{left + 1:.1f}", width=f"{width - 2:.1f}", fill="var(--bar)")
            parts.append(element("rect", y=f"{floor - height:.1f}", height=f"{height:.1f}", **bar))
            parts.append(_label(left + width / 2, floor - height - 6, count))
        parts.append(_label(left, floor + 16, low))
    parts.append(_label(_LEFT + scale * 100 - 4, floor + 16, 100))
    parts.append(_label(_WIDTH / 2, floor + 36, "percent of the points"))
    axis = (
        f'<line x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{floor}" y2="{floor}" stroke="var(--ink)"/>'
    )
    said = "; ".join(f"{low} to {high} percent: {count}" for low, high, count in found)
    return element(
        "svg",
        element("title", f"How many have which score. {said}."),
        Html(axis),
        joined(parts),
        role="img",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        xmlns="http://www.w3.org/2000/svg",
    )


def _label(x, y, text):
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor="middle")
