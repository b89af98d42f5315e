from slug import ascii_letters, slug


def test_accents_are_dropped():
    assert ascii_letters("Málaga, Łódź") == "Malaga, Łodz"


def test_words_are_joined():
    assert slug("Hello,  World!") == "hello-world"


def test_nothing_gives_nothing():
    assert slug("...") == ""


def test_a_long_title_is_cut_after_a_word():
    assert slug("one two three four", longest=10) == "one-two"


def test_one_long_word_stays_whole():
    assert slug("internationalisation", longest=5) == "internationalisation"
