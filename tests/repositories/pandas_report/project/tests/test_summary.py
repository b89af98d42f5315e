from pathlib import Path

import pytest

from harvest.reading import read_orchards, read_weights
from harvest.summary import by_tree, mean_by_orchard

DATA = Path(__file__).parent / "data"


@pytest.fixture
def weights():
    return read_weights(DATA / "weights.csv")


def test_days_that_were_not_weighed_do_not_count(weights):
    assert mean_by_orchard(weights).to_dict() == {"brook": 50.0, "hill": 100.0}


def test_every_orchard_is_in_the_table(weights):
    table = by_tree(weights, read_orchards(DATA / "orchards.csv"))
    assert table["kg"].to_dict() == {"hill": 200.0, "brook": 50.0, "new": 0.0}
    assert table["kg_a_tree"].to_dict() == {"hill": 20.0, "brook": 10.0, "new": 0.0}


def test_days_are_dates(weights):
    assert weights["day"].dt.day.max() == 3
