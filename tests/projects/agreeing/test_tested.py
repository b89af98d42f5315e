"""What tests call where they expect it to go well has to be an operation of the component's own."""

from __future__ import annotations

import pytest

from engine.projects.agreeing import disagreements
from tests.projects.agreeing.plans import NODE, PYPROJECT, component, plan_of


def told(path: str, text: str) -> list[str]:
    manifest = {"pyproject.toml": PYPROJECT} if path.endswith(".py") else {"package.json": '{"name": "api"}'}
    whole = {f"services/api/{name}": text for name, text in {**manifest, path: text}.items()}
    plan = plan_of([component("api", "api", "python", ("sh",))], list(whole), owner="api")
    return [f"{each.rule}:{each.line}" for each in disagreements(plan, whole, node_packages=NODE)]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("def test_a(client):\n    assert client.get('/api/product').json() == []\n", ["tests/path:2"]),
        ("def test_a(client):\n    assert client.delete('/api/products').status_code == 204\n", ["tests/method:2"]),
        ("def test_a(client):\n    assert client.get(f'/api/products/{id}/x').json()\n", ["tests/path:2"]),
        ("def made(client):\n    a = client.post('/api/product')\n    assert a.status_code == 201\n\n\ndef test_a():\n    assert made(1)\n", ["tests/path:2"]),
        ("def test_a(client):\n    assert client.get('/api/products/?a=b').json() == []\n    assert client.get(f'/api/products/{id}')\n", []),
        ("def test_a(client):\n    assert client.get('/api/product').status_code == 404\n", []),
        ("def test_a(client):\n    assert client.get('/api/product').status_code == HTTPStatus.NOT_FOUND\n", []),
        ("def test_a(client):\n    assert client.put('/api/products').status_code == status.HTTP_405_METHOD_NOT_ALLOWED\n", []),
        ("def test_a(client, status):\n    assert client.get('/api/product').status_code == status\n", []),
        ("def asked(client):\n    return client.get('/api/product')\n\n\ndef test_a():\n    assert asked(1)\n", []),
        ("def test_a(client):\n    assert client.get('/other').json() == client.get('/health') == client.get(path)\n", []),
        ("import pytest\n\n\ndef test_a(client):\n    with pytest.raises(ValueError):\n        client.get('/api/product')\n", []),
        ("assert client.get('/api/product')\n\n\ndef test_a(client):\n    assert client\n", []),
    ],
    ids=range(13),
)  # fmt: skip
def test_a_call_in_python_that_cannot_go_well_is_told(text: str, findings: list[str]) -> None:
    """A test that names a refusal may call what it likes."""
    assert told("tests/test_api.py", text) == findings


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("test('a', async () => {\n  expect((await request(app).get('/api/product')).status).toBe(200);\n});\n", ["tests/path:2"]),
        ("it('a', async () => {\n  await request(app)\n    .patch(`/api/products/${a.id}`).expect(200);\n});\n", ["tests/method:3"]),
        ("test('a', async () => {\n  expect((await request(app).get('/api/product')).status).toBe(404);\n});\n", []),
        ("test('a', async () => {\n  await expect(api.get('/api/product')).rejects.toThrow();\n});\n", []),
        ("const made = () => api.get('/api/product');\ntest('a', async () => {\n  expect(await made()).toBe(1);\n});\n", []),
        ("test('a', async () => {\n  expect(await api.post('/api/products').send({ a })).toBe(1);\n});\n", []),
    ],
)  # fmt: skip
def test_a_call_in_javascript_that_cannot_go_well_is_told(text: str, findings: list[str]) -> None:
    """Inside of a test, where all that it says is near."""
    assert told("tests/api.test.ts", text) == findings
