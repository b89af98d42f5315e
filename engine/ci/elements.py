"""XML that every reader takes: elements with what XML cannot hold made visible, written as one document."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from engine.ci.shown import visible


def element(parent: Element | None, tag: str, attributes: dict[str, str], text: str = "") -> Element:
    """A new element below *parent*, or by itself."""
    safe = {name: visible(value) for name, value in attributes.items()}
    made = Element(tag, safe) if parent is None else SubElement(parent, tag, safe)
    made.text = visible(text) or None
    return made


def document(root: Element) -> str:
    """*root* and all below it as a document in UTF-8."""
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
