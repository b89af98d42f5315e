"""What a person can do about a finding that no machine should rewrite."""

from __future__ import annotations

ADVICE = {
    "S101": "raise an error of its own: assertions are left out when Python runs with -O",
    "S102": "do without exec: call a function, or look it up in a dictionary",
    "S103": "let only the owner write to the file",
    "S104": "bind to 127.0.0.1, unless every network should reach it",
    "S105": "read the secret from the environment or a secret store",
    "S106": "read the secret from the environment or a secret store",
    "S107": "give the parameter no default, and read the secret from the environment or a secret store",
    "S108": "use tempfile.NamedTemporaryFile or mkdtemp, whose names nobody can guess",
    "S110": "catch the one error that is expected, and log the others",
    "S112": "catch the one error that is expected, and log the others",
    "S113": "give the call a time-out, in seconds",
    "S202": 'unpack with filter="data"',
    "S301": "use JSON for data that others may have written: a pickle can run anything when it is loaded",
    "S302": "use JSON for data that others may have written",
    "S306": "use tempfile.mkstemp, which also makes the file",
    "S307": "use ast.literal_eval for literals, or a parser for what is more",
    "S310": "allow http and https only, before the URL is opened",
    "S311": "use the secrets module where nobody may foresee the value; else it may stay",
    "S314": "use defusedxml for XML that others may have written",
    "S324": "use SHA-256 where the hash protects something; else say usedforsecurity=False",
    "S501": "leave verify as it is, and give it the path of your own authority's certificate",
    "S506": "use yaml.safe_load",
    "S602": "pass a list of words without shell=True; quote what is not constant with shlex.quote",
    "S603": "make sure that no word of the command comes from outside unchecked",
    "S605": "use subprocess.run with a list of words",
    "S607": "name the program by its full path where the PATH may be somebody else's",
    "S608": "hand the values over as parameters of execute; take names of tables from a fixed list",
    "S701": "make the environment with autoescape=True",
}


def advice(rule: str, message: str) -> str:
    """What to do about *rule*; ruff's own words where nothing more is known."""
    return ADVICE.get(rule, message)
