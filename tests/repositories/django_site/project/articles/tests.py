from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article


class ListingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        now = timezone.now()
        Article.objects.create(title="Old", slug="old", published=now - timedelta(days=9))
        Article.objects.create(title="New", slug="new", published=now - timedelta(days=1))
        Article.objects.create(title="Soon", slug="soon", published=now + timedelta(days=1))
        Article.objects.create(title="Draft", slug="draft")

    def test_the_newest_comes_first(self):
        titles = [article.title for article in Article.objects.published()]
        self.assertEqual(titles, ["New", "Old"])

    def test_the_page_links_what_is_published(self):
        page = self.client.get(reverse("listing")).content.decode()
        self.assertLess(page.index("/articles/new/"), page.index("/articles/old/"))
        self.assertNotIn("soon", page)


class DetailTests(TestCase):
    def test_a_published_article_is_shown(self):
        Article.objects.create(title="Here", slug="here", body="text", published=timezone.now())
        self.assertEqual(self.client.get("/articles/here/").json(), {"title": "Here", "body": "text"})

    def test_a_draft_is_not_found(self):
        Article.objects.create(title="Draft", slug="draft", body="secret")
        self.assertEqual(self.client.get("/articles/draft/").status_code, 404)

    def test_nothing_is_not_found(self):
        self.assertEqual(self.client.get("/articles/nothing/").status_code, 404)
