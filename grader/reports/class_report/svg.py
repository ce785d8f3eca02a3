"""A matplotlib figure as SVG within a page: its colours are the page's, its style is attributes.

The page's policy allows no style attribute, so every one becomes presentation attributes. The same
data give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Colours to draw with, and what they become.
INK, SOFT, GRID, MAIN, WARN = "#010203", "#020304", "#030405", "#040506", "#050607"
_PAGE = {
    INK: "currentColor",
    SOFT: "var(--soft)",
    GRID: "var(--line)",
    MAIN: "var(--mark)",
    WARN: "var(--bad)",
}
_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_DROPPED = ("metadata", "style")
_REFERENCE = re.compile(r"#([\w-]+)")


def inline_svg(figure: Figure, name: str, title: str, description: str) -> Markup:
    """Draw a figure; `name` is its own within the page, title and description say what it shows."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second, only where something is drawn

    drawn = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "grade", "svg.fonttype": "none"}):
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    root = ET.fromstring(drawn.getvalue())  # noqa: S314 - what matplotlib has just written
    _drop(root)
    used = set(_references(root))
    for element in root.iter():
        _adapt(element, name, used)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    root.set("class", "plot")
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(tag, {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(place, element)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - ElementTree has escaped it


def _drop(root: ET.Element) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in _DROPPED:
                parent.remove(child)


def _references(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        for value in element.attrib.values():
            if "#" in value:
                yield from _REFERENCE.findall(value)


def _adapt(element: ET.Element, name: str, used: set[str]) -> None:
    """Without namespaces and style; ids that nothing refers to go, the others become the page's."""
    element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    attributes = dict(_styled(element.attrib.pop("style", "")))
    own = element.attrib.pop("id", None)
    if own in used:
        attributes["id"] = f"{name}-{own}"
    for key, value in list(element.attrib.items()):
        if key == _LINK:
            del element.attrib[key]
            attributes["href"] = _REFERENCE.sub(rf"#{name}-\1", value)
        elif "url(#" in value:
            attributes[key] = _REFERENCE.sub(rf"#{name}-\1", value)
    element.attrib.update(attributes)


def _styled(style: str) -> Iterator[tuple[str, str]]:
    for declaration in style.split(";"):
        key, _, value = declaration.partition(":")
        key, value = key.strip(), value.strip()
        if key and not key.startswith("font"):  # the page's own font, in the size of its style
            yield key, _PAGE.get(value, value)
