from names import file_name, is_plain


def test_titles_become_plain_names():
    assert file_name("Käse & Brot") == "kase-brot.txt"
    assert file_name("Minutes 4/2025", "md") == "minutes-4-2025.md"


def test_plain_names_are_known():
    assert is_plain("minutes-4")
    assert not is_plain("Minutes 4")
