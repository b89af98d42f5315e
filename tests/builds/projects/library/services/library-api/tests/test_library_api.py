"""The library's interface, by its requirements."""

import json
import os
import subprocess
import sys

os.environ["DATABASE_URL"] = "sqlite://"
os.environ["DJANGO_SETTINGS_MODULE"] = "library_api.settings"

import django
import pytest
from django.core.management import call_command
from django.test import Client

django.setup()


@pytest.fixture
def library():
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    return Client()


def post(library, path, **body):
    return library.post(path, body, content_type="application/json")


def book(library, title="Momo"):
    return post(library, "/api/books", title=title).json()["id"]


def member(library, name="Ada"):
    return post(library, "/api/members", name=name).json()["id"]


def lend(library, book_id, member_id):
    return post(library, "/api/loans", book_id=book_id, member_id=member_id)


def test_R1_a_book_that_was_added_is_listed(library):
    added = post(library, "/api/books", title=" Momo ")

    assert added.status_code == 201
    assert added.json() == {"id": added.json()["id"], "title": "Momo", "lent_to": None}
    assert library.get("/api/books").json() == [added.json()]
    assert library.get(f"/api/books/{added.json()['id']}").json() == added.json()


@pytest.mark.parametrize("title", ["", "   ", None, 7, "x" * 201])
def test_R1_a_book_without_a_title_is_refused(library, title):
    refused = post(library, "/api/books", title=title)

    assert (refused.status_code, refused.json()) == (400, {"error": "A book needs a title"})
    assert library.get("/api/books").json() == []


def test_R1_there_is_no_book_that_was_not_added(library):
    assert library.get("/api/books/7").status_code == 404


def test_R2_a_lent_book_tells_who_has_it(library):
    momo, ada = book(library), member(library)

    loan = lend(library, momo, ada)

    assert loan.status_code == 201
    assert loan.json() == {"id": loan.json()["id"], "book_id": momo, "member_id": ada, "returned": False}
    assert library.get(f"/api/books/{momo}").json()["lent_to"] == "Ada"


def test_R2_what_there_is_not_cannot_be_lent(library):
    momo, ada = book(library), member(library)

    assert lend(library, momo + 1, ada).status_code == 404
    assert lend(library, momo, ada + 1).status_code == 404
    assert post(library, "/api/loans").status_code == 404


def test_R2_a_member_without_a_name_is_refused(library):
    assert post(library, "/api/members", name=" ").status_code == 400


PROGRAM = """
import json, sys, django
from django.core.management import call_command
from django.test import Client

django.setup()
call_command("migrate", verbosity=0)
for path, body in json.loads(sys.argv[1]):
    Client().post(path, body, content_type="application/json")
print(json.dumps(Client().get("/api/books").json()))
"""


def run_once(file, *posts):
    """All books, as a process of its own tells them after *posts*."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, json.dumps(posts)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_R2_books_members_and_loans_outlive_the_program(tmp_path):
    first = run_once(
        tmp_path / "library.db",
        ("/api/books", {"title": "Momo"}),
        ("/api/members", {"name": "Ada"}),
        ("/api/loans", {"book_id": 1, "member_id": 1}),
    )

    again = run_once(tmp_path / "library.db")

    assert first == [{"id": 1, "title": "Momo", "lent_to": "Ada"}]
    assert again == first


def test_R3_a_lent_book_is_not_lent_again(library):
    momo, ada, bob = book(library), member(library), member(library, "Bob")
    lend(library, momo, ada)

    refused = lend(library, momo, bob)

    assert (refused.status_code, refused.json()) == (409, {"error": "Momo is lent already"})
    assert library.get(f"/api/books/{momo}").json()["lent_to"] == "Ada"


def test_R4_a_returned_book_can_be_lent_again(library):
    momo, ada, bob = book(library), member(library), member(library, "Bob")
    loan = lend(library, momo, ada).json()

    returned = post(library, f"/api/loans/{loan['id']}/return")

    assert (returned.status_code, returned.json()) == (200, {**loan, "returned": True})
    assert library.get(f"/api/books/{momo}").json()["lent_to"] is None
    assert lend(library, momo, bob).status_code == 201


def test_R4_a_book_is_returned_once(library):
    loan = lend(library, book(library), member(library)).json()
    post(library, f"/api/loans/{loan['id']}/return")

    again = post(library, f"/api/loans/{loan['id']}/return")

    assert (again.status_code, again.json()) == (409, {"error": "Momo was returned already"})
    assert post(library, "/api/loans/999/return").status_code == 404


def test_R5_a_member_has_three_books_at_most(library):
    ada = member(library)
    held = [lend(library, book(library, f"Volume {number}"), ada) for number in (1, 2, 3)]
    fourth = book(library, "Volume 4")

    refused = lend(library, fourth, ada)

    assert [each.status_code for each in held] == [201, 201, 201]
    assert (refused.status_code, refused.json()) == (409, {"error": "Ada has 3 books already"})
    assert library.get(f"/api/books/{fourth}").json()["lent_to"] is None


def test_R5_a_returned_book_makes_room_for_another(library):
    ada = member(library)
    held = [lend(library, book(library, f"Volume {number}"), ada).json() for number in (1, 2, 3)]
    post(library, f"/api/loans/{held[0]['id']}/return")

    assert lend(library, book(library, "Volume 4"), ada).status_code == 201
