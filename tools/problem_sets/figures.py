"""The plots of `kl_utils.exercises.plots` as TikZ, from the few kinds of parts that they have."""

import re
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"
_ANCHORS = {"middle": "center", "end": "east", None: "west"}
_SCALE = 0.65  # points of print to a pixel


def tikz(svg):
    """A plot as a ``tikzpicture``."""
    rows = [rf"\begin{{tikzpicture}}[x={_SCALE}pt, y=-{_SCALE}pt, font=\scriptsize]"]
    for element in ElementTree.fromstring(svg).iter():
        kind = element.tag.removeprefix(_SVG)
        if kind == "path":
            rows.append(_path(element))
        elif kind == "text":
            rows.append(_text(element))
    return "\n".join([*rows, r"\end{tikzpicture}"])


def _path(element):
    options = ["line width=0.8pt"] if element.get("stroke-width") else ["gray!40"]
    if dashes := element.get("stroke-dasharray"):
        on, off = dashes.split()
        options.append(f"dash pattern=on {on}pt off {off}pt")
    drawn = []
    for command, numbers in re.findall(r"([MLHVh])([^MLHVh]*)", element.get("d")):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
            drawn.append(f"({x:g},{y:g})")
            continue
        match command:
            case "L":
                x, y = values
            case "H":
                (x,) = values
            case "V":
                (y,) = values
            case "h":
                x += values[0]
        drawn.append(f"-- ({x:g},{y:g})")
    return rf"\draw[{', '.join(options)}] {' '.join(drawn)};"


def _text(element):
    options = [f"anchor={_ANCHORS[element.get('text-anchor')]}"]
    if "rotate" in element.get("transform", ""):
        options.append("rotate=90")
    x, y = element.get("x"), float(element.get("y")) - 4
    if x is None:
        x = 12
    label = re.sub(r"([&%$#_{}])", r"\\\1", element.text or "")
    return rf"\node[{', '.join(options)}] at ({x},{y:g}) {{{label}}};"
