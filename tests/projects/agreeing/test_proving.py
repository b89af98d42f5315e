"""Requirements are tied to the tests that name them."""

from __future__ import annotations

from engine.projects import agreeing

PYTHON = '''
# R9 is about the whole file, and about no test


# R1: it is listed
@some.mark
def test_listed():
    assert True


def test_R2_is_added():
    """R3 too."""
    # R4 is said inside
    assert True


async def test_r12_counts_and_r120():
    """Not R0, nor R1234, PR5 or R6x."""


def helps():
    """R7"""


class TestR5Orders:
    """Orders (R6)."""

    def test_one(self):
        assert True

    class TestInner:
        def test_two(self):
            """R8"""


class Helper:
    def test_three(self):
        """R7"""


class Some(unittest.TestCase):
    def test_four(self):
        """R10"""
'''
TYPESCRIPT = """
// R9 is about the file

import { test, it, describe, expect } from 'vitest';

// R1: it is listed
test('is listed', () => { expect(1).toBe(1); });
test("R2: is added, R3 too", () => {});
test('is listed', () => {}); // R7 stands behind
/* R4 */ test.each([1, 2])('%d of R5', () => {});
describe('R6 orders', () => {
  // R10
  describe("inner", () => {
    it(`counts`, async () => { const a = `R7 ${1}`; });
  });
  it.only('other', () => {});
});
it('R8', () => {});
it(name, () => {});
// R11
test('is listed', () => {});
"""


def test_tests_in_python_are_tied_by_name_docstring_and_comment() -> None:
    """Of the test, and of the classes around it; not by what stands inside, or elsewhere in the file."""
    path = "services/api/tests/test_api.py"

    found = agreeing.tests_of_requirements({path: PYTHON, "services/api/api/main.py": PYTHON})

    assert dict(found) == {
        "R1": (f"{path}::test_listed",),
        "R2": (f"{path}::test_R2_is_added",),
        "R3": (f"{path}::test_R2_is_added",),
        "R5": (f"{path}::TestR5Orders::TestInner::test_two", f"{path}::TestR5Orders::test_one"),
        "R6": (f"{path}::TestR5Orders::TestInner::test_two", f"{path}::TestR5Orders::test_one"),
        "R8": (f"{path}::TestR5Orders::TestInner::test_two",),
        "R10": (f"{path}::Some::test_four",),
        "R12": (f"{path}::test_r12_counts_and_r120",),
        "R120": (f"{path}::test_r12_counts_and_r120",),
    }


def test_tests_in_typescript_are_tied_by_their_names_and_comments() -> None:
    """With the suites around them, and a number where two are called alike."""
    path = "services/web/tests/App.test.tsx"

    found = agreeing.tests_of_requirements({path: TYPESCRIPT, "services/web/src/App.tsx": TYPESCRIPT})

    assert dict(found) == {
        "R1": (f"{path}::is listed",),
        "R2": (f"{path}::R2: is added, R3 too",),
        "R3": (f"{path}::R2: is added, R3 too",),
        "R4": (f"{path}::%d of R5",),
        "R5": (f"{path}::%d of R5",),
        "R6": (f"{path}::R6 orders::inner::counts", f"{path}::R6 orders::other"),
        "R8": (f"{path}::R8",),
        "R10": (f"{path}::R6 orders::inner::counts",),
        "R11": (f"{path}::is listed (3)",),
    }


def test_files_that_do_not_parse_prove_nothing() -> None:
    """And raise nothing."""
    files = {"tests/test_a.py": "def test_R1(:", "tests/a.test.ts": "test('R1', () => { `", "tests/test_b.py": "\0"}

    assert agreeing.tests_of_requirements(files) == {}
