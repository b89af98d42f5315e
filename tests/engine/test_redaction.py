"""Secrets are taken out of texts; ordinary code is not touched."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.redaction import REDACTED, Redactor, redact

# Put together here so that no scanner takes this file for a leak.
A40 = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7k"
SECRETS = [
    pytest.param("sk-" + A40, id="openai"),
    pytest.param("sk-" + "proj-" + A40, id="openai project"),
    pytest.param("sk-" + "ant-api03-" + A40, id="anthropic"),
    pytest.param("AKIA" + "IOSFODNN7EXAMPLE", id="aws id"),
    pytest.param("gh" + "p_" + A40, id="github"),
    pytest.param("github" + "_pat_11ABCDEFG0" + A40, id="github fine-grained"),
    pytest.param("gl" + "pat-" + A40[:20], id="gitlab"),
    pytest.param("xox" + "b-1234567890-" + A40[:24], id="slack"),
    pytest.param("AI" + "za" + A40[:35], id="google"),
    pytest.param("hf" + "_" + A40, id="hugging face"),
    pytest.param("npm" + "_" + A40, id="npm"),
    pytest.param("sk_" + "live_" + A40[:24], id="stripe"),
    pytest.param("eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0." + A40, id="jwt"),
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "around",
    [
        pytest.param("{}", id="alone"),
        pytest.param('KEY = "{}"\n', id="code"),
        pytest.param("401 Unauthorized: key {} was refused.", id="error"),
        pytest.param("A={}\nB=2", id="environment"),
        pytest.param('{{"a": ["{}"]}}', id="json"),
    ],
)
def test_a_real_looking_key_is_taken_out_wherever_it_stands(secret: str, around: str):
    """Nothing of the key remains, and everything around it does."""
    text = around.format(secret)

    assert redact(text) == around.format(REDACTED)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param("Authorization: Bearer mytoken", "mytoken", id="bearer header"),
        pytest.param("{'Authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpwYXNz", id="basic header in a dict"),
        pytest.param("authorization: abcdef0123456789abcdef", "abcdef0123456789abcdef", id="no scheme"),
        pytest.param("sent Bearer abcdef0123456789abcdef", "abcdef0123456789abcdef", id="scheme alone"),
        pytest.param("Cookie: session=a8s7d6f5g4h3", "a8s7d6f5g4h3", id="cookie"),
        pytest.param("password=swordfish", "swordfish", id="bare"),
        pytest.param("DB_PASSWORD=hunter2 x", "hunter2", id="environment"),
        pytest.param("PASSWORD: s3cr3t!", "s3cr3t!", id="yaml"),
        pytest.param('{"password": "correct horse"}', "correct horse", id="json"),
        pytest.param('{\\"password\\": \\"swordfish\\"}', "swordfish", id="escaped json"),
        pytest.param('password = "hunter2"', "hunter2", id="literal"),
        pytest.param('api_key="0123456789abcdef0"', "0123456789abcdef0", id="literal key"),
        pytest.param("?token=0123456789abcdef0&x=1", "0123456789abcdef0", id="query"),
        pytest.param("postgres://me:pa55@db/x", "pa55", id="url"),
        pytest.param("https://hooks.slack.com/services/T0/B0/abcdef", "T0/B0/abcdef", id="webhook"),
        pytest.param("aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", "wJalr", id="aws"),
        pytest.param("AWS_SECRET_ACCESS_KEY=" + "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", "wJalr", id="aws env"),
    ],
)
def test_what_a_name_or_a_place_marks_as_secret_is_taken_out(text: str, secret: str):
    """Headers, assignments, addresses."""
    assert secret not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize("end", [pytest.param(True, id="whole"), pytest.param(False, id="cut short")])
@pytest.mark.parametrize("newline", [pytest.param("\n", id="lines"), pytest.param("\\n", id="escaped")])
def test_a_private_key_is_taken_out(newline: str, *, end: bool):
    """Also where the text was cut before the key ended."""
    head, body, tail = "-----BEGIN RSA " + "PRIVATE KEY-----", A40 + newline + A40, "-----END RSA " + "PRIVATE KEY-----"

    text = redact(f"before {head}{newline}{body}{newline}{tail if end else ''}")

    assert A40[:8] not in text
    assert text.startswith("before ")


CODE = """
import os
from dataclasses import dataclass

@dataclass
class Login:
    user: str
    password: str
    token: SecretStr
    secret: bytes = b""

def connect(user, password=None, *, token="", api_key: str | None = None):
    client = Client(user=user, password=password, token=token)
    client.login(user, password=pw1)
    other = Client(
        token=new_token_v2_for_session,
        password=pw2,
        client_secret=client_secret,  # the same
    )
    if password == "hunter2-is-no-assignment" or not token:
        raise ValueError(f"bad password={password!r} token={token!r}")
    secret=make_secret(1)
    password=os.environ["DB_PASSWORD"]
    headers = {"Authorization": f"Bearer {token}", "Cookie": cookie}
    for token in tokenize(text):
        tokens += 1
    return re.sub(r"sk-[a-z]+", "task-force-of-1234567890-people", css("sk-loading-indicator-container"))

URL = "https://example.org:8080/a@b"
parser.add_argument("--password", help="the password: asked for when missing")
assert hash == "0123456789abcdef0123456789abcdef01234567"
PWD=/home/me
"""


def test_ordinary_code_stays_as_it_is():
    """A mangled program could not be mended."""
    assert redact(CODE) == CODE


def test_known_secrets_are_taken_out_in_every_spelling():
    """As they are, quoted for a URL, escaped for JSON; what is too short to be one stays."""
    redactor = Redactor(['pa"ss wörd', "xyz", "pa"])

    assert redactor('a pa"ss wörd b pa%22ss%20w%C3%B6rd c pa\\"ss w\\u00f6rd d xyz') == (
        f"a {REDACTED} b {REDACTED} c {REDACTED} d xyz"
    )
    assert Redactor()("plain") == "plain"


def test_the_longer_of_two_known_secrets_goes_first():
    """One secret may be the beginning of another."""
    assert Redactor(["secret-1", "secret-12"])("secret-12") == REDACTED


@given(st.text(alphabet="abk=-_:.\"' \n/@[password]token1S", max_size=200))
def test_what_was_redacted_stays_so(text: str):
    """Redacting again changes nothing, so that texts may pass several borders."""
    once = redact(text)

    assert redact(once) == once


@pytest.mark.parametrize(
    "piece",
    ["a", "sk-", "eyJ", "eyJ.", "eyJaaaaaaaaaa.eyJ", "-----BEGIN PRIVATE KEY-----", "password=", 'password="', "://a:",
     "bearer ", "token=", "token:", " ", "-", "\n", '"', "\\", "cookie: ", "ghp_", "SG.a.b", "xoxb.", "password=a,"],
)  # fmt: skip
def test_a_megabyte_of_hostile_text_takes_less_than_a_second_of_work(piece: str):
    """No pattern can be made to run away."""
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()

    redact(text)

    assert time.process_time() - started < 1
