"""What an API's code answers over HTTP is held to the operations of its documents, whatever it is written with."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import pytest

from engine.projects.agreeing import disagreements
from tests.projects.agreeing.plans import DOCUMENT, NODE, component, plan_of

MANIFEST = '[project]\nname = "api"\nversion = "1"\ndependencies = ["fastapi", "django", "uvicorn"]\n'
NODE_MANIFEST = '{"type": "module", "dependencies": {"express": "5"}}'
HEALTH = "@app.get('/health')\ndef health(): return {}\n"
FASTAPI = {
    "api/__init__.py": "",
    "api/main.py": "from fastapi import FastAPI\nfrom api.products import router\napp = FastAPI()\n"
    "app.include_router(router, prefix='/api')\n" + HEALTH,
    "api/products.py": "from fastapi import APIRouter\nfrom api.models import New, Product\nPATH = '/products'\n"
    "router = APIRouter(prefix=PATH)\n\n\n@router.get('')\ndef listed() -> list[Product]: return []\n\n\n"
    "@router.post('', response_model=Product)\ndef created(new: New): return new\n\n\n"
    "@router.get('/{product_id}')\ndef read(product_id: int) -> Product: return Product(id=1, name='a')\n",
    "api/models.py": "from pydantic import BaseModel, Field\n\n\nclass New(BaseModel):\n    name: str = Field(min_length=1)\n"
    "    note: str = ''\n\n\nclass Product(BaseModel):\n    id: int\n    name: str\n",
}
DJANGO = {
    "manage.py": "import sys\n",
    "site_/__init__.py": "",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\n",
    "site_/urls.py": "from django.contrib import admin\nfrom django.urls import include, path\nfrom site_ import views\n"
    "urlpatterns = [path('health', views.health), path('admin/', admin.site.urls), path('api/', include('site_.api'))]\n",
    "site_/api.py": "from django.urls import path\nfrom site_ import views\nfrom site_.views import One\n"
    "urlpatterns = [path('products', views.products)]\n"
    "urlpatterns += [path('products/<int:product_id>', One.as_view())]\n",
    "site_/views.py": "from django.views import View\nfrom django.views.decorators.http import require_http_methods\n\n\n"
    "def health(request): return None\n\n\n@require_http_methods(['GET', 'POST'])\ndef products(request): return None\n\n\n"
    "class One(View):\n    def get(self, request, product_id): return None\n",
}
EXPRESS = {
    "src/main.js": "import express from 'express';\nimport { products } from './products.js';\nimport limits, { loud } from './limits.js';\n"
    "const app = express();\napp.use(express.json());\napp.use(limits);\napp.use(loud('a'));\napp.get('/health', (q, s) => s.json({}));\n"
    "app.use('/api/products', products(new Map()));\napp.use((error, q, s, next) => next(error));\napp.listen(app.get('port'));\n",
    "src/products.js": "import { Router } from 'express';\nexport function products(store) {\n  const router = Router();\n"
    "  router.route('/').get((q, s) => s.json([])).post((q, s) => s.json({}));\n"
    "  router.get('/:product_id', async (q, s) => s.json({}));\n  return router;\n}\n",
    "src/limits.js": "export default function limits(q, s, next) { next(); }\nexport const loud = (name) => (q, s, next) => next();\n",
}


def told(files: Mapping[str, str], runtime: str, command: Sequence[str] = ("sh", "-c", "true")) -> list[str]:
    manifest = {"package.json": NODE_MANIFEST} if runtime == "node" else {"pyproject.toml": MANIFEST}
    whole = {f"services/api/{path}": text for path, text in {**manifest, **files}.items()}
    plan = plan_of([component("api", "api", runtime, command)], list(whole), owner="api")
    return [
        f"{each.rule} {str(each.path).removeprefix('services/api/')}:{each.line} {each.message}"
        for each in disagreements(plan, whole, node_packages=NODE)
    ]


def changed(files: Mapping[str, str], path: str, old: str, new: str) -> dict[str, str]:
    assert old in files[path]
    return {**files, path: files[path].replace(old, new)}


@pytest.mark.parametrize(
    ("files", "runtime"),
    [
        pytest.param(FASTAPI, "python", id="fastapi"),
        pytest.param(DJANGO, "python", id="django"),
        pytest.param(EXPRESS, "node", id="express"),
    ],
)
def test_an_api_that_answers_as_planned_is_right(files: Mapping[str, str], runtime: str) -> None:
    """Nothing is said of it."""
    assert told(files, runtime) == []


@pytest.mark.parametrize(
    ("files", "runtime", "change", "rules"),
    [
        pytest.param(FASTAPI, "python", ("api/main.py", "prefix='/api'", "prefix='/v1'"), {"routes/missing": 3, "names/route": 3}, id="fastapi prefix"),
        pytest.param(FASTAPI, "python", ("api/main.py", "app.include_router(router, prefix='/api')", ""), {"routes/missing": 3}, id="fastapi not included"),
        pytest.param(FASTAPI, "python", ("api/products.py", "@router.post(''", "@router.put(''"), {"routes/missing": 1, "names/route": 1}, id="fastapi method"),
        pytest.param(FASTAPI, "python", ("api/products.py", "@router.get('')", "@router.get('/')"), {"routes/missing": 1}, id="fastapi slash"),
        pytest.param(FASTAPI, "python", ("api/products.py", "'/{product_id}'", "'/{id:int}'"), {"routes/parameter": 1}, id="fastapi parameter"),
        pytest.param(FASTAPI, "python", ("api/main.py", "/health", "/healthz"), {"routes/health": 1, "names/route": 1}, id="fastapi health"),
        pytest.param(DJANGO, "python", ("site_/api.py", "'products', v", "'product', v"), {"routes/missing": 2, "names/route": 2}, id="django path"),
        pytest.param(DJANGO, "python", ("site_/api.py", "'products', v", "'products/', v"), {"routes/missing": 2}, id="django slash"),
        pytest.param(DJANGO, "python", ("site_/views.py", "['GET', 'POST']", "['GET']"), {"routes/missing": 1}, id="django method"),
        pytest.param(DJANGO, "python", ("site_/views.py", "def get(", "def put("), {"routes/missing": 1, "names/route": 1}, id="django class"),
        pytest.param(DJANGO, "python", ("site_/api.py", "<int:product_id>", "<int:pk>"), {"routes/parameter": 1}, id="django parameter"),
        pytest.param(EXPRESS, "node", ("src/main.js", "'/api/products'", "'/products'"), {"routes/missing": 3, "names/route": 3}, id="express prefix"),
        pytest.param(EXPRESS, "node", ("src/main.js", "app.use('/api/products', products(new Map()));", ""), {"routes/missing": 3}, id="express not used"),
        pytest.param(EXPRESS, "node", ("src/products.js", ".post(", ".put("), {"routes/missing": 1, "names/route": 1}, id="express method"),
        pytest.param(EXPRESS, "node", ("src/products.js", ":product_id", ":id"), {"routes/parameter": 1}, id="express parameter"),
        pytest.param(EXPRESS, "node", ("src/main.js", "'/health'", "'/alive'"), {"routes/health": 1, "names/route": 1}, id="express health"),
    ],
)  # fmt: skip
def test_a_route_that_is_not_as_planned_is_told(
    files: Mapping[str, str], runtime: str, change: tuple[str, str, str], rules: dict[str, int]
) -> None:
    """Each missing operation, each parameter of another name, and each route that nobody planned."""
    found = [each.split()[0] for each in told(changed(files, *change), runtime)]

    assert {rule: found.count(rule) for rule in found} == rules


@pytest.mark.parametrize(
    ("files", "runtime", "change"),
    [
        (FASTAPI, "python", ("api/main.py", "prefix='/api'", "prefix=read()")),
        (FASTAPI, "python", ("api/main.py", "app.include_router(router, prefix='/api')", "for each in (router,):\n    app.include_router(each)")),
        (FASTAPI, "python", ("api/main.py", "app.include_router(router, prefix='/api')", "add_all(app)\n")),
        (FASTAPI, "python", ("api/products.py", "@router.get('')", "@router.get(path())")),
        (FASTAPI, "python", ("api/products.py", "prefix=PATH", "**options")),
        (FASTAPI, "python", ("api/main.py", "app.include_router(router, prefix='/api')", "app.router.routes.extend(router.routes)")),
        (FASTAPI, "python", ("api/main.py", "app.include_router(router, prefix='/api')", "app.mount('/', other)")),
        (DJANGO, "python", ("site_/api.py", "path('products', views.products)", "re_path('^products$', views.products)")),
        (DJANGO, "python", ("site_/api.py", "urlpatterns = [", "urlpatterns = made() + [")),
        (DJANGO, "python", ("site_/urls.py", "include('site_.api')", "include(made())")),
        (DJANGO, "python", ("site_/settings.py", "'site_.urls'", "read('URLS')")),
        (DJANGO, "python", ("site_/api.py", "One.as_view()", "made_of(One)")),
        (EXPRESS, "node", ("src/main.js", "app.use('/api/products', products(new Map()));", "app.use(prefix, products(new Map()));")),
        (EXPRESS, "node", ("src/main.js", "app.use('/api/products', products(new Map()));", "register(app);")),
        (EXPRESS, "node", ("src/main.js", "app.use('/api/products', products(new Map()));", "app.use('/api', [products()]);")),
        (EXPRESS, "node", ("src/products.js", "'/:product_id'", "'/:product_id{/:more}'")),
        (EXPRESS, "node", ("src/products.js", "'/:product_id'", "/x/")),
        (EXPRESS, "node", ("src/main.js", "products(new Map())", "made.products")),
    ],
    ids=range(18),
)  # fmt: skip
def test_of_routes_that_are_made_out_of_sight_nothing_is_said(
    files: Mapping[str, str], runtime: str, change: tuple[str, str, str]
) -> None:
    """Where a route may be that is not seen, none is missing."""
    more = {
        "api/adding.py": "from api.products import router\n\n\ndef add_all(app):\n    app.include_router(router, prefix='/api')\n",
        "src/register.js": "import { products } from './products.js';\nexport function register(app) { app.use('/api/products', products());\n"
        "app.get('/api/products', (q, s) => s.json({})); }\n",
    }
    found = told({**changed(files, *change), **more}, runtime)

    assert [each for each in found if each.startswith(("routes/", "names/"))] == []


@pytest.mark.parametrize(
    "products",
    [
        "import { Router } from 'express';\nconst router = Router();\nrouter.get('/', a).post('/', b).use(c).get('/:product_id', a);\nexport const products = () => router;\n",
        (
            "import express, { type Router as R } from 'express';\nconst made: R = express.Router({ mergeParams: true });\n"
            "made.get('/', a);\nmade.post('/', a);\nmade.get('/:product_id', a);\nfunction products() { return made; }\nexport { products };\n"
        ),
    ],
    ids=["chained", "typed"],
)
def test_a_router_that_is_made_elsewhere_than_it_is_given_may_be_anything(products: str) -> None:
    """Chains and functions around a router are left to the box."""
    found = told({**EXPRESS, "src/products.js": products}, "node")

    assert [each for each in found if each.startswith(("routes/", "names/"))] == []


@pytest.mark.parametrize(
    ("main", "products"),
    [
        ("const products = require('./products.cjs');\napp.use('/api/products', products);", "module.exports = router;"),
        ("const made = require('./products.cjs');\nconst products = made(1);\napp.use('/api/products', products);", "module.exports = function (a) { return router; };"),
        ("const { router } = require('./products.cjs');\napp.use('/api/products', router);", "module.exports = { router };"),
    ],
    ids=["router", "function", "object"],
)  # fmt: skip
def test_routers_in_the_old_way_are_followed_or_left_alone(main: str, products: str) -> None:
    """What ``require`` gives is a router where the file says so."""
    files = {
        "src/main.cjs": f"const express = require('express');\nconst app = express();\napp.get('/health', a);\n{main}\n",
        "src/products.cjs": "const express = require('express');\nconst router = express.Router();\nrouter.get('/', a);\n"
        f"router.post('/', a);\nrouter.get('/:product_id', a);\n{products}\n",
    }

    assert told(files, "node") == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    name: str\n", "    title: str\n", ["lacks name", "title its document does not know"]),
        ("    id: int\n", "", ["lacks id"]),
        ("    note: str = ''\n", "    note: str\n", ["takes New, whose note"]),
        ("    name: str = Field(min_length=1)\n", "    title: str = ''\n", ["takes New, which lacks name"]),
    ],
)
def test_a_field_of_another_name_than_planned_is_told(old: str, new: str, words: list[str]) -> None:
    """At the class that has it, whichever route shows it."""
    models = {**FASTAPI, "api/products.py": FASTAPI["api/products.py"].replace("Product(id=1, name='a')", "make()")}
    found = told(changed(models, "api/models.py", old, new), "python")

    assert found
    assert all(each.startswith("names/field api/models.py:") for each in found)
    assert all(any(word in each for each in found) for word in words)


def test_one_where_a_list_is_planned_is_told() -> None:
    """At the route."""
    found = told(changed(FASTAPI, "api/products.py", "list[Product]", "Product"), "python")

    assert [each.split()[:2] for each in found] == [["names/field", "api/products.py:7"]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Product(BaseModel):\n", "class Product(BaseModel):\n    model_config = {'extra': 'allow'}\n"),
        ("    name: str\n", "    title: str = Field(serialization_alias='name')\n"),
        ("class Product(BaseModel)", "class Product(Other)"),
        ("class Product(BaseModel):\n", "class Product(BaseModel):\n    kind: ClassVar[str] = 'a'\n    _own: int = 1\n"),
        ("class Product(BaseModel):\n    id: int\n    name: str\n", "class Product(New):\n    id: int\n    note: str = Field(exclude=True)\n"),
    ],
    ids=range(5),
)  # fmt: skip
def test_of_a_model_that_shows_not_all_its_names_nothing_is_said(old: str, new: str) -> None:
    """Aliases and what is computed are left to the box."""
    found = told(changed(FASTAPI, "api/models.py", old, new), "python")

    assert [each for each in found if each.startswith("names/field")] == []


def test_names_further_in_are_compared_too() -> None:
    """A list of objects in what is answered."""
    document = copy.deepcopy(DOCUMENT)
    tag = {"type": "object", "required": ["label"], "properties": {"label": {"type": "string"}}}
    document["components"]["schemas"]["Product"]["properties"]["tags"] = {"type": "array", "items": tag}
    models = FASTAPI["api/models.py"].replace(
        "class Product(BaseModel):\n",
        "class Tag(BaseModel):\n    text: str\n\n\nclass Product(BaseModel):\n    tags: list[Tag]\n",
    )
    products = FASTAPI["api/products.py"].replace("Product(id=1, name='a')", "make()")
    files = {**FASTAPI, "api/models.py": models, "api/products.py": products, "pyproject.toml": MANIFEST}
    whole = {f"services/api/{path}": text for path, text in files.items()}
    plan = plan_of([component("api", "api", "python", ("sh",))], list(whole), owner="api", document=document)

    found = disagreements(plan, whole, node_packages=NODE)

    assert {each.rule for each in found} == {"names/field"}
    assert any("Tag, which lacks label" in each.message for each in found)


def test_routes_that_include_each_other_have_an_end() -> None:
    """A circle of routers, and one of patterns."""
    fastapi = changed(FASTAPI, "api/products.py", "PATH = ", "router.include_router(router)\nPATH = ")
    django = changed(
        DJANGO,
        "site_/api.py",
        "urlpatterns = [",
        "from django.urls import include\nurlpatterns = [path('', include('site_.api')), ",
    )

    assert [each for each in told(fastapi, "python") if "routes/" in each] == []
    assert [each for each in told(django, "python") if "routes/" in each] == []
