from anagrams import groups


def test_words_with_the_same_letters_are_together():
    assert groups(["tea", "tan", "eat", "nat", "ate"]) == [["tea", "eat", "ate"], ["tan", "nat"]]


def test_a_word_of_its_own_is_a_group():
    assert groups(["solo"]) == [["solo"]]


def test_nothing_has_no_groups():
    assert groups([]) == []
