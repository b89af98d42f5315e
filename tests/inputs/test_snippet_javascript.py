"""A piece of JavaScript gets the name under which its tests import it, as Node.js would find it."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.inputs.snippet import lay_out_snippet

MODULE = "export const double = (x) => 2 * x;\n"
SCRIPT = "module.exports = { double: (x) => 2 * x };\n"


def importing(imported: str) -> str:
    return f"import test from 'node:test';\nimport {{ double }} from '{imported}';\ntest('doubles', () => {{}});\n"


@pytest.mark.parametrize(
    ("code", "tests", "files", "expected"),
    [
        pytest.param(MODULE, None, None, ({"solution.mjs"}, set()), id="a-module-alone"),
        pytest.param(SCRIPT, None, None, ({"solution.js"}, set()), id="a-script-alone"),
        pytest.param("const a = import('x');\n", None, None, ({"solution.js"}, set()), id="imports-while-it-runs"),
        pytest.param(MODULE, importing("./basket.mjs"), None, ({"basket.mjs"}, {"solution.test.mjs"}), id="named"),
        pytest.param(MODULE, importing("./basket"), None, ({"basket.js"}, {"solution.test.mjs"}), id="without-ending"),
        pytest.param(
            SCRIPT,
            "const { double } = require('./lib/d.cjs');\n",
            None,
            ({"lib/d.cjs"}, {"solution.test.js"}),
            id="required",
        ),
        pytest.param(
            MODULE,
            {"test/a.test.mjs": importing("../src/d.mjs")},
            None,
            ({"src/d.mjs"}, {"test/a.test.mjs"}),
            id="above",
        ),
        pytest.param(
            MODULE,
            importing("./d.mjs") + "import './helper.mjs';\nimport './data';\nimport './folder';\n",
            {"helper.mjs": "", "data.json": "{}", "folder/index.js": ""},
            ({"d.mjs", "helper.mjs", "data.json", "folder/index.js"}, {"solution.test.mjs"}),
            id="others-accounted-for",
        ),
        pytest.param(
            MODULE,
            importing("./other.mjs"),
            {"mine.mjs": MODULE, "other.mjs": ""},
            ({"mine.mjs", "other.mjs"}, {"solution.test.mjs"}),
            id="said-by-its-text",
        ),
    ],
)
def test_what_the_code_is_called(code: str, tests: object, files: object, expected: tuple[set[str], set[str]]) -> None:
    """And what the test is, where it has no name."""
    snippet = lay_out_snippet(code, tests=tests, files=files, language="javascript")

    assert (set(snippet.files), set(snippet.tests)) == expected


@pytest.mark.parametrize(
    ("imported", "says"),
    [
        pytest.param(("./a.mjs", "./b.mjs"), "the tests import a.mjs and b.mjs", id="two-of-them"),
        pytest.param(("../../etc/passwd",), "no path of a file below the root", id="outside"),
    ],
)
def test_what_cannot_be_named_is_told(imported: tuple[str, ...], says: str) -> None:
    """With what would help."""
    with pytest.raises(BadInput, match=says):
        lay_out_snippet(MODULE, tests="".join(map(importing, imported)), language="javascript")
