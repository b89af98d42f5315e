"""Files that do not parse, with more that is wrong in them, mended in a real box."""

from __future__ import annotations

import pytest

from agents.base import Allowance, Brief
from agents.offline.author import OfflineAuthor
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

pytestmark = pytest.mark.docker

WEIGHTS = "def heaviest(parcels)\n    best = None\n    for parcel in parcels:\n        if best is None or parcel['grams' > best['grams']:\n            best = parcel\n    return bst\n"
CASES = [
    pytest.param(
        {"m.py": WEIGHTS},
        {"test_m.py": "from m import heaviest\n\ndef test_h():\n    a, b = {'grams': 3}, {'grams': 5}\n    assert heaviest([a, b]) is b\n    assert heaviest([b, a]) is b\n    assert heaviest([]) is None\n"},
        ("def heaviest(parcels):", "parcel['grams'] > best['grams']:", "return best"), id="two-faults-and-a-misspelt-name",
    ),
    pytest.param(
        {"bay.py": "def free(bays, taken)\n    return [bay for bay in bays if bay not in taken]\n", "gate.py": "from bay import free\n\ndef first(bays, taken):\n    left = free(bays, taken\n    if !left {\n        return None\n    }\n    return left[0]\n"},
        {"test_gate.py": "from gate import first\n\ndef test_f():\n    assert first([1, 2], [1]) == 2\n    assert first([1], [1]) is None\n"},
        ("taken):", "free(bays, taken)", "if not left:"), id="two-files",
    ),
    pytest.param(
        {"m.py": "Here is the corrected function:\n\n```python\ndef clamp(x, low, high):\n    if x < low\n        return low\n    return min(x, high)\n```\nIt now handles small values.\n"},
        {"test_m.py": "from m import clamp\n\ndef test_c():\n    assert [clamp(n, 2, 4) for n in (1, 3, 9)] == [2, 3, 4]\n"},
        ("if x < low:",), id="an-answer-in-markdown",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "tests", "expected"), CASES)
async def test_what_does_not_parse_is_mended_together_with_what_else_is_wrong(sandbox, files, tests, expected):
    """The first draft has every edit that a person would make."""
    author = OfflineAuthor(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))

    draft = await author.write(Brief(goal="", files=files, tests=tests, allowance=Allowance(seconds=75.0)))

    text = "\n".join(draft.files.values())
    assert [part for part in expected if part not in text] == []
