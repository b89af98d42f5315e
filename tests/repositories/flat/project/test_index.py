from index import index


def test_titles_stand_in_order():
    assert index(["pears", "Apples"]) == [("Apples", "apples.txt"), ("pears", "pears.txt")]
