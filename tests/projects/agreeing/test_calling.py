"""Calls of a page and of a component are held to the interfaces that it calls by the plan."""

from __future__ import annotations

import json

import pytest

from engine.domain import Finding
from engine.projects.agreeing import disagreements
from tests.projects.agreeing.plans import DOCUMENT, NODE, PYPROJECT, component, plan_of

OTHER = {
    **DOCUMENT,
    "paths": {"/api/orders": {"get": {"operationId": "orders", "responses": {"200": {"description": "It"}}}}},
}


def found(name: str, text: str, *, more: dict[str, str] | None = None) -> list[Finding]:
    """Of a page's script, or of a worker's module where *name* is one of Python."""
    is_python = name.endswith(".py")
    caller = (
        component("jobs", "worker", "python", ("sh",), ["shop-http"])
        if is_python
        else component("jobs", "page", "static", (), ["shop-http"])
    )
    api = component("api", "api", "python", ("sh",))
    manifest = (
        {"pyproject.toml": PYPROJECT.replace('"uvicorn"', '"httpx"')}
        if is_python
        else {"package.json": json.dumps({"dependencies": {"axios": "1"}})}
    )
    own = {f"services/jobs/{path}": text for path, text in {**manifest, name: text, **(more or {})}.items()}
    whole = {**own, "services/api/pyproject.toml": PYPROJECT}
    plan = plan_of([caller, api], list(whole), owner="api")
    other = plan.interfaces[0].model_copy(update={"name": "orders-http", "document": json.dumps(OTHER)})
    plan = plan.model_copy(update={"interfaces": (*plan.interfaces, other)})
    return list(disagreements(plan, whole, node_packages=(*NODE, "axios")))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("fetch('/api/product');", "calls/path"),
        ("fetch(`/api/products/${id}/reviews`);", "calls/path"),
        ("window.fetch('/products');", "calls/path"),
        ("fetch('/api/products/' + id + '/x');\nfetch('/apis/products/' + id);", "calls/path"),
        ("fetch('/api/products', { method: 'DELETE' });", "calls/method"),
        ("fetch(`/api/products/${product.id}`, { headers, method: \"PUT\", body });", "calls/method"),
        ("fetch(`/api/products/${encodeURIComponent(name)}`, { 'method': 'POST' });", "calls/method"),
        ("fetch('http://localhost:8000/api/products');", "calls/absolute"),
        ("fetch(`//127.0.0.1/api/products`);", "calls/absolute"),
        ("fetch('http://api:8000/api/products');", "calls/absolute"),
        ("const API = import.meta.env.VITE_API ?? 'http://localhost:8000';", "calls/absolute"),
        ("import axios from 'axios';\naxios.create({ baseURL: `http://127.0.0.1:8000/api` });", "calls/absolute"),
        ("fetch('/api/orders');", "calls/interface"),
        ("const BASE = '';\nfetch(`${BASE}/api/product`);", "calls/path"),
        ("async function ask(path, init) { return fetch(path, init); }\nask('/api/product');", "calls/path"),
        ("async function ask(path: string, method: string): Promise<Response> { return await fetch(path, { method }); }\nask('/api/products', 'PATCH');", "calls/method"),
        ("const ask = async <T,>(path) => { const a = await fetch(`/api${path}`); return a; };\nask('/product');", "calls/path"),
        ("import axios from 'axios';\naxios.delete('/api/products');", "calls/method"),
        ("import axios from 'axios';\nconst api = axios.create({ baseURL: '/' });\napi.put<Product>('/api/products', a);", "calls/method"),
        ("ask();\nimport { ask } from './asking';\nask('/api/product');", "calls/path"),
    ],
)  # fmt: skip
def test_a_call_that_nobody_answers_is_told(text: str, rule: str) -> None:
    """At its line, with what there is."""
    asking = "export function ask(path: string) { return fetch(path).then((a) => a.json()); }\n"

    told = found("src/api.ts", text, more={"src/asking.ts": asking})

    assert [(each.rule, each.path) for each in told] == [(rule, "services/jobs/src/api.ts")]
    assert told[0].line == len(text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        "fetch('/api/products'); fetch('/api/products?a=b'); fetch(`/api/products${query}`); fetch(`/api/products?${query}`);",
        "fetch(`/api/products/${id}`); fetch('/api/products/' + id); fetch(`/api/products/${path}`); fetch('/api/products/1');",
        "fetch('/api/products', { method: 'POST' }); fetch('/api/products', init); fetch('/api/products', { ...init });",
        "fetch('/api/products', { method }); fetch('/api/products', { method: put ? 'PUT' : 'POST' });",
        "fetch(url); fetch(`${base}${path}`); fetch(new Request('/none')); fetch(`/${path}`); fetch(`/api/${what}`);",
        "fetch('/health'); fetch('/config.json'); fetch('https://example.com/none'); fetch('data.txt'); fetch('/logo');",
        "fetch(`${EXTERNAL}/weather/today`); fetch(`${BASE}/api/products/${id}`); fetch(`${BASE}api/products`);",
        "cache.fetch('/none'); function fetch2() {} fetch2('/none'); // fetch('/none')\nconst a = \"fetch('/none')\";",
        "function ask(path) { return fetch(`https://weather.example${path}`); } ask('/none');",
        "function ask(path) { return fetch(`/api${path}`); } ask('/products'); ask(`/products/${id}`, { method: 'GET' });",
        "async function ask(path, method, body) { return fetch(path, { method }); } ask('/api/products', 'POST', { a });",
        "import axios from 'axios'; axios.get('/products'); axios.post('/api/products', a); axios.get('https://example.com/x');",
        "navigate('/products'); router.push('/none'); link.to('/none'); app.get('/none');",
        "import { fetch } from './own'; fetch('/none');",
        "fetch('/api/products/new');",
    ],
    ids=range(15),
)
def test_a_call_that_may_be_answered_is_not_told(text: str) -> None:
    """Queries, unknown parts, files, and what is meant for others."""
    own = {"src/own.ts": "export const fetch = (path: string) => path;\n", "public/logo": ""}

    assert found("src/api.ts", text, more=own) == []


def test_tests_may_call_what_they_like() -> None:
    """What is asked for on purpose in a test is no call of the page."""
    test = "test('it', async () => { expect((await fetch('/none')).status).toBe(404); });\n"

    assert found("src/api.ts", "export {};", more={"tests/it.test.ts": test}) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('import httpx\nhttpx.get(f"{SHOP_HTTP_URL}/api/product")\n', ["calls/path"]),
        (
            'import httpx\nclient = httpx.Client()\nclient.delete(f"{settings.shop_http_url}/api/products")\n',
            ["calls/method"],
        ),
        (
            'import httpx\nwith httpx.Client() as asking:\n    asking.get(f"{api_url}/api/orders")\n',
            ["calls/interface"],
        ),
        (
            'import httpx\nhttpx.get(f"{SHOP_HTTP_URL}/api/products/{id_}")\nhttpx.post(f"{SHOP_HTTP_URL}/api/products")\n',
            [],
        ),
        (
            'import httpx\nhttpx.get(f"{BANK_URL}/api/none")\nhttpx.get(f"{SHOP_HTTP_URL}/other/none")\nhttpx.get(url)\n',
            [],
        ),
        ('import httpx\ncache.get(f"{SHOP_HTTP_URL}/api/none")\n', []),
    ],
)
def test_calls_in_python_are_held_to_the_interface_whose_address_they_use(text: str, rules: list[str]) -> None:
    """By the variable that tells where it answers; what has another address is somebody else's."""
    assert [each.rule for each in found("main.py", text)] == rules
