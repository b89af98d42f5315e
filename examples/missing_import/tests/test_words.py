from words import most_used, variety, words


def test_words_are_lower_case():
    assert words("Don't PANIC!") == ["don't", "panic"]


def test_most_used_first():
    assert most_used("a b b c c c") == [("c", 3), ("b", 2), ("a", 1)]


def test_equal_counts_are_sorted_by_word():
    assert most_used("pear apple fig", most=2) == [("apple", 1), ("fig", 1)]


def test_an_empty_text_has_no_words():
    assert most_used("") == []
    assert variety("") == 0


def test_variety():
    assert variety("one two two one") == 0.5
