"""The picture for the README."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from engine.speed.plot import draw

from . import made

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_is_well_formed_and_quickest_first():
    """A title, and one bar for each contender with its median and its part of the bare host's."""
    root = ET.fromstring(draw(made.comparison(), under="2 cores"))

    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    names = [text for text in texts if text.startswith(("Mendbox", "bare", "docker"))]
    assert names == ["Mendbox, warm", "bare host, side by side", "Mendbox, cold", "docker run --rm"]
    assert "50 ms · 0.25 of bare host" in texts
    assert texts[-1] == "2 cores"
    assert len(root.findall(f"{SVG}rect")) == 4


def test_what_is_written_into_the_picture_is_escaped():
    """A processor's or a suite's name is text, whatever is in it."""
    odd = made.comparison().model_copy(update={"name": "<script>&'\""})

    root = ET.fromstring(draw(odd, under="</svg><script>"))

    assert not list(root.iter(f"{SVG}script"))
    assert "<script>&'\"" in "".join(root.itertext())


def test_who_was_not_measured_is_not_drawn():
    """No bar of no length."""
    first, *rest = made.comparison().rows
    absent = first.model_copy(update={"times": made.times(), "ratio": None, "not_measured": "not installed"})

    root = ET.fromstring(draw(made.comparison().model_copy(update={"rows": (absent, *rest)})))

    assert len(root.findall(f"{SVG}rect")) == 3


def test_every_bar_and_whisker_stays_inside_the_picture():
    """Also where the 95th percentile is far beyond the median."""
    first, *rest = made.comparison().rows
    far = first.model_copy(update={"times": made.times(*[1.0] * 10, 90_000.0)})

    root = ET.fromstring(draw(made.comparison().model_copy(update={"rows": (far, *rest)})))

    width = float(root.attrib["width"])
    ends = [float(bar.attrib["x"]) + float(bar.attrib["width"]) for bar in root.findall(f"{SVG}rect")]
    ends += [float(line.attrib["d"].partition("H")[2].partition("m")[0]) for line in root.findall(f"{SVG}path")]
    assert max(ends) < width - 150
