"""The first tables."""

import django.db.models.deletion
from django.db import migrations, models

KEY = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def pointing_at(model: str) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=f"library_api.{model}")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Book", [KEY, ("title", models.CharField(max_length=200))]),
        migrations.CreateModel("Member", [KEY, ("name", models.CharField(max_length=100))]),
        migrations.CreateModel(
            "Loan",
            [
                KEY,
                ("returned", models.BooleanField(default=False)),
                ("book", pointing_at("book")),
                ("member", pointing_at("member")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["book"], condition=models.Q(returned=False), name="a_book_is_lent_once"
                    )
                ]
            },
        ),
    ]
