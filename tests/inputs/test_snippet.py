"""Which path a piece of code gets that was sent without one."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.inputs.snippet import MOST_FILE_BYTES, MOST_PATH_CHARACTERS, lay_out_snippet

CODE = "def add(a, b):\n    return a - b\n"


def path_of(code: str, **given: object) -> str:
    files = lay_out_snippet(code, **given).files
    return next(path for path, text in files.items() if text == code)


def test_code_alone_has_a_name_of_ours() -> None:
    """There is nothing it could be told from."""
    laid_out = lay_out_snippet(CODE)

    assert laid_out.files == {"solution.py": CODE}
    assert laid_out.tests == {}


def test_a_lone_test_gets_a_name_that_pytest_collects() -> None:
    """Several tests bring their own."""
    assert lay_out_snippet(CODE, tests="x = 1").tests == {"test_solution.py": "x = 1"}
    assert lay_out_snippet(CODE, tests={"tests/test_a.py": "x = 1"}).tests == {"tests/test_a.py": "x = 1"}


@pytest.mark.parametrize(
    ("tests", "files", "path"),
    [
        pytest.param("from calc import add", {}, "calc.py", id="imported"),
        pytest.param("import calc", {}, "calc.py", id="imported-whole"),
        pytest.param("from solution import add\nimport numpy", {}, "solution.py", id="solution"),
        pytest.param("import pytest, os\nfrom hypothesis import given", {}, "solution.py", id="only-tools"),
        pytest.param("def test_x(:", {}, "solution.py", id="does-not-parse"),
        pytest.param("from shop.cart import Cart", {}, "shop/cart.py", id="package"),
        pytest.param("from shop.cart import Cart", {"shop/__init__.py": ""}, "shop/cart.py", id="package-there"),
        pytest.param("from shop import cart\nimport main", {"shop/cart.py": ""}, "main.py", id="namespace"),
        pytest.param("import calc, units", {"units.py": "x = 1"}, "calc.py", id="neighbour"),
        pytest.param("import calc\nfrom . import x", {}, "calc.py", id="relative"),
        pytest.param("import calc", {"lib/core.py": CODE}, "lib/core.py", id="repeated-in-files"),
    ],
)
def test_the_path_is_what_the_tests_leave_open(tests: str, files: dict[str, str], path: str) -> None:
    """One module is imported and not there: that is the code."""
    assert path_of(CODE, tests=tests, files=files) == path


def test_a_module_that_the_code_imports_itself_is_not_the_code() -> None:
    """A library that both use leaves no doubt."""
    assert path_of(f"import numpy\n{CODE}", tests="import numpy\nfrom calc import add") == "calc.py"


def test_tests_may_import_each_other() -> None:
    """A helper among the tests is not the code."""
    assert path_of(CODE, tests={"test_a.py": "import helper, calc", "helper.py": ""}) == "calc.py"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param({"tests": "import calc, units"}, "import calc and units, so it is open", id="open"),
        pytest.param({"files": {"solution.py": "x"}}, "`files` has another text by that name", id="taken"),
        pytest.param({"tests": {"solution.py": "x"}}, "'solution.py' is given as code and as a test", id="both"),
        pytest.param({"files": {"": "x"}}, "is no path", id="no-name"),
        pytest.param({"files": {"/etc/passwd": "x"}}, "is no path", id="absolute"),
        pytest.param({"files": {"a/../../x.py": "x"}}, "is no path", id="escape"),
        pytest.param({"files": {"a//x.py": "x"}}, "is no path", id="empty-part"),
        pytest.param({"files": {"a\\x.py": "x"}}, "is no path", id="backslash"),
        pytest.param({"tests": {"a\n.py": "x"}}, "is no path", id="line-end"),
        pytest.param({"files": {"x" * (MOST_PATH_CHARACTERS + 1): "x"}}, "is no path", id="long"),
        pytest.param({"files": {f"{n}.py": "" for n in range(200)}}, "201 files are more than the 200", id="many"),
        pytest.param({"tests": "x" * (MOST_FILE_BYTES + 1)}, "test_solution.py makes it too much", id="large"),
        pytest.param(
            {"files": {f"{n}.py": "x" * MOST_FILE_BYTES for n in range(3)}}, "3 MiB in all", id="large-in-all"
        ),
        pytest.param({"files": {"x.py": "\ud800"}}, "x.py has half a surrogate pair at character 0", id="no-text"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, object], sentence: str) -> None:
    """One line, with the name, and what to do about it."""
    with pytest.raises(BadInput) as caught:
        lay_out_snippet(CODE, **given)

    assert sentence in str(caught.value)
    assert caught.value.hint


def test_no_code_is_told() -> None:
    """White space is none."""
    with pytest.raises(BadInput, match="there is no code"):
        lay_out_snippet(" \n")


def test_names_with_spaces_and_other_scripts_are_names() -> None:
    """Nothing says that a path is ASCII."""
    assert "größe/mein modul.py" in lay_out_snippet(CODE, files={"größe/mein modul.py": "x = 1"}).files
