"""What a search over a whole project decides with: which tests count, which files are read, what a failure asks for."""

from __future__ import annotations

import pytest

from agents.offline.worker.failure import Failure, describe, hints
from agents.offline.worker.localise import Spectrum, Suspicion, localise
from agents.offline.worker.reach import Reach, within
from agents.offline.worker.relating import imported, related
from agents.offline.worker.signatures import Signatures, called
from agents.offline.worker.site import Hints
from agents.offline.worker.source import Source
from agents.offline.worker.sources import FEW, Sources

from .proposing import kinds


def test_a_candidate_is_run_against_those_tests_that_run_its_lines():
    """A change of lines that no failing test runs, such as a constant of the module, may break any test."""
    reach = Reach.of([("a.py", 1), ("a.py", 2), ("b.py", 7)])
    reach.note(0, reach.mask([("a.py", 1), ("c.py", 1)]), 0.3)
    reach.note(1, reach.mask([("a.py", 2), ("b.py", 7)]), 0.1)
    reach.note(2, 0, 0.2)

    assert reach.tests(reach.between("a.py", 1, 1)) == [0]
    assert reach.tests(reach.between("a.py", 1, 9)) == [1, 0]
    assert reach.tests(reach.between("c.py", 1, 9)) == [1, 2, 0]
    assert reach.counts() == {("a.py", 1): 1, ("a.py", 2): 1, ("b.py", 7): 1}


def test_slow_tests_are_left_for_the_last_look():
    """One is run at least, however slow; whether any were left out is told."""
    seconds = {0: 0.4, 1: 0.5, 2: 3.0}

    assert within([0, 1, 2], seconds, 1.0) == ([0, 1], True)
    assert within([2, 0], seconds, 1.0) == ([2], True)
    assert within([0, 1], seconds, 1.0) == ([0, 1], False)


def test_of_a_large_suite_those_files_are_collected_that_import_what_is_under_suspicion():
    tests = {
        "tests/test_cart.py": "import pytest\nfrom shop.cart import Cart\n",
        "tests/test_tax.py": "from shop import tax, vat\nfrom shop.cart import (\n    Cart,\n)\n",
        "tests/test_web.py": "import web.app as app, os\n",
        "tests/test_vatican.py": "from rome import vat\n",
    }

    assert related(tests, {"shop.tax", "shop.cart"}) == ["tests/test_tax.py", "tests/test_cart.py"]
    assert related(tests, {"shop.tax", "shop.cart"}, most=1) == ["tests/test_tax.py"]
    assert imported(tests["tests/test_web.py"]) == {"web.app", "os"}


def test_a_file_is_parsed_when_it_is_first_asked_for_and_one_that_does_not_parse_is_not_there():
    sources = Sources({"a.py": "A = 1\n", "b.py": "def f(:\n", "notes.txt": "def"})

    assert set(sources) == {"a.py", "b.py"}
    assert "a.py" in sources
    assert "b.py" not in sources
    assert sources["a.py"] is sources["a.py"]


def test_of_many_files_only_those_with_suspicious_lines_are_looked_into():
    """Of a few all are, because a fault may be where no test has been."""
    told = Suspicion({("m3.py", 4): 1.0, ("m5.py", 1): 0.25, ("gone.py", 1): 1.0})
    many = [f"m{number}.py" for number in range(FEW + 1)]

    prices = told.by_file(many)

    assert list(prices) == ["m3.py", "m5.py"]
    assert prices["m3.py"] < prices["m5.py"]
    assert set(told.by_file(many[:3])) == set(many[:3])


def test_tests_that_were_only_counted_weigh_as_those_that_were_seen():
    """What of a thousand passing tests is kept is how many of them run a line."""
    red = Spectrum(passed=False, lines=frozenset([("a.py", 1), ("a.py", 2)]))
    green = Spectrum(passed=True, lines=frozenset([("a.py", 1), ("b.py", 1)]))

    seen = localise([red, green, green], lines={"a.py", "b.py"})
    counted = localise([red], lines={"a.py", "b.py"}, passed={("a.py", 1): 2}, passing=2)

    assert counted.scores == seen.scores


LIBRARY = {
    "lib/money.py": "class Amount:\n    units: int\n    currency: str\n\n\ndef parse(text, *, currency):\n    return text\n",
    "lib/shelf.py": "class Shelf:\n    def __init__(self, depth, width=1):\n        self.depth = depth\n\n    def fresh(self):\n        return self.filter(old=False).by_date()\n\n    def top(self):\n        return self.notes.pop()\n\n    def tall(self, least):\n        return self.filter(least)\n",
}  # fmt: skip


def test_parameters_are_those_of_the_function_or_class_that_was_called():
    signatures = Signatures(Sources(LIBRARY))

    assert signatures.parameters("parse") == ("text", "currency")
    assert signatures.parameters("Shelf.__init__") == ("depth", "width")
    assert signatures.parameters("Amount.__init__") == ("units", "currency")
    assert signatures.parameters("elsewhere") == ()
    assert called("make.<locals>.Shelf.__init__") == "Shelf"
    assert called("Shelf.tall") == "tall"


def test_steps_of_a_chain_are_methods_that_take_nothing_and_go_on_from_their_own_object():
    assert Signatures(Sources(LIBRARY)).steps() == ("fresh",)


def told(text, paths):
    """The failure of running *text* as the file ``m.py``."""
    with pytest.raises(KeyError) as raised:
        exec(compile(text, "m.py", "exec"), {})
    return describe(raised.value, raised.tb, paths)


def test_a_missing_key_is_told_with_the_keys_of_the_dicts_in_reach():
    text = "def total(rows):\n    return sum(row['amount'] for row in rows)\ntotal([{'amount_due': 1, 2: 3}])\n"

    failure = told(text, {"m.py": "m.py"})

    assert (failure.type, failure.key) == ("KeyError", "amount")
    assert "amount_due" in failure.has
    assert hints([failure], {}, ()).keys["amount"] == failure.has


def test_what_a_call_got_wrong_is_read_from_the_words_of_the_interpreter():
    said = [
        Failure("TypeError", "parse() got an unexpected keyword argument 'curency'. Did you mean 'currency'?"),
        Failure("TypeError", "Shelf.__init__() missing 1 required positional argument: 'depth'"),
        Failure("TypeError", "parse() missing 2 required keyword-only arguments: 'text' and 'currency'"),
        Failure("ValueError", "parse() got an unexpected keyword argument 'other'"),
    ]

    asked = hints(said, {}, (), signatures=Signatures(Sources(LIBRARY)))

    assert asked.keywords == {"curency": ("currency", "text")}
    assert asked.forgotten == (("Shelf", "depth"), ("parse", "text"), ("parse", "currency"))
    assert asked.steps == ("fresh",)


CALL = "def read(line, currency):\n    return parse(line, {})\n"
CASES = [
    pytest.param(
        "keyword-typo", CALL.format("curency=currency"), CALL.format("currency=currency"),
        Hints(keywords={"curency": ("text", "currency")}), id="keyword",
    ),
    pytest.param(
        "parameter-typo", "def parse(text, cur):\n    return text[cur]\n", "def parse(text, curr):\n    return text[curr]\n",
        Hints(keywords={"curr": ("text", "cur")}), id="parameter-and-its-uses",
    ),
    pytest.param(
        "forgotten-arg", "def read(line, currency):\n    return parse(line)\n", CALL.format("currency=currency"),
        Hints(forgotten=(("parse", "currency"),)), id="forgotten-argument",
    ),
    pytest.param(
        "key-typo", 'def f(row):\n    return row["amount"]\n', 'def f(row):\n    return row["amount_due"]\n',
        Hints(keys={"amount": ("paid", "amount_due")}), id="key-in-the-quotes-of-the-file",
    ),
    pytest.param(
        "option", "t = a.merge(b, how='inner')\n", "t = a.merge(b, how='left')\n", Hints(), id="option",
    ),
    pytest.param(
        "turn-order", "def f(q):\n    return q.order_by('day')\n", "def f(q):\n    return q.order_by('-day')\n", Hints(), id="order",
    ),
    pytest.param(
        "turn-order", "class Meta:\n    ordering = ['-day']\n", "class Meta:\n    ordering = ['day']\n", Hints(), id="order-of-a-class",
    ),
    pytest.param(
        "insert-step", "def f(q):\n    return q.notes.filter(1)\n", "def f(q):\n    return q.notes.fresh().filter(1)\n",
        Hints(steps=("fresh",)), id="step",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("template", "before", "after", "asked"), CASES)
def test_places_that_disagree_are_brought_together(template, before, after, asked):
    """Names, keys and words that two places of a project have to agree on."""
    assert template in kinds(before, after, asked)


def test_a_string_is_written_with_the_quotes_that_the_file_has():
    double, single = Source("m.py", 'A = "a"\n'), Source("m.py", "A = 'a'\n")

    assert double.quoted("due") == '"due"'
    assert single.quoted("due") == "'due'"
    assert double.quoted('say "so"') == "'say \"so\"'"
