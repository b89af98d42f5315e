"""What other languages, older Pythons, answers of models and editors leave in a file, put right all at once.

None of it is Python, so that nothing is lost by it; each rule looks at the text without its strings and comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fault import TextEdit
from .masking import lead, mask, paired, rows_of

_FENCE = re.compile(r"\s*(?:```|~~~)\s*[\w+-]*\s*$")
_LOOKALIKE = str.maketrans({
    "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u3000": " ", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'",  # noqa: RUF001  # these signs are what is looked for
    "–": "-", "—": "-", "−": "-", "×": "*", "÷": "/", "⁄": "/", "，": ",", "（": "(", "）": ")", "：": ":", "；": ";", "［": "[", "］": "]", "＝": "=", "。": ".",  # noqa: RUF001  # as above
    "≤": "<=", "≥": ">=", "≠": "!=", "…": "...", "→": "->",
})  # fmt: skip
_SIGNS: tuple[tuple[str, str, str], ...] = (
    (r" *&& *", " and ", "&&"),
    (r" *\|\| *", " or ", "||"),
    (r"===", "==", "==="),
    (r"!==", "!=", "!=="),
    (r"!(?=[\w(])", "not ", "!"),
    (r"<>", "!=", "<>"),
    (r"(?m)^(\s*)([\w.\[\]]+)\+\+;?(?=\s*$)", r"\1\2 += 1", "++"),
    (r"(?m)^(\s*)([\w.\[\]]+)--;?(?=\s*$)", r"\1\2 -= 1", "--"),
    (r"(?m)^(\s*)\+\+([\w.\[\]]+);?(?=\s*$)", r"\1\2 += 1", "++"),
    (r"\b(?:else\s+if|elseif|elsif)\b(?!.*\belse\b)", "elif", "else if"),
    (r"(?m)^(\s*)//", r"\1#", "//"),
    (r"(?m)(?<=[;)\]}\w:,]) +//(?= [A-Za-z]+ [A-Za-z])", "  #", "//"),
    (r"(?m)(?<=;)\s*//", "  #", "//"),
    (r"(?m):[ \t]*[;:,]+(?=[ \t]*$)", ":", ";"),
    (r"(?m)^(\s*)(?:var|let|const|val|auto|int|float|string|bool|my) (?=[\w, ]+(?<!=)=(?!=))", r"\1", "var"),
    (r"(?m)^(\s*)(async )?(?:function|func|fn|sub) (?=\w+\s*\()", r"\1\2def ", "function"),
    (r"(?m)^(\s*(?:\}\s*)?)catch\b", r"\1except", "catch"),
    (r"(?m)^(\s*)throw ", r"\1raise ", "throw"),
    (r"\bnew (?=[A-Za-z_][\w.]*\()", "", "new"),
    (r"(?m)^(\s*except [\w.]+|\s*except \([^()]*\)), (\w+)(?=\s*:)", r"\1 as \2", "except"),
    (r"(?m)(?<=\S) +then(?=\s*:?\s*$)", "", "then"),
    (r"(?m)^(\s*)foreach\b", r"\1for", "foreach"),
    (r"(?<![\w.])0(?=[0-7]+\b(?!\.))(?=0*[1-7])", "0o", "octal"),
    (r"(?<![\w.])(\d+)[lL]\b", r"\1", "long"),
    (r"(?m)(?<=\w)\s*\?\s*\.(?=\w)", ".", "?."),
    (
        r"(?m)^[ \t]*end(?:[ \t]*(?:if|for|while|function|def|class|sub|try|with|switch|case|do))?;?[ \t]*(?=$)",
        "",
        "end",
    ),
    (r"\bthis\.(?=\w)", "self.", "this"),
    (r"(?<!\.)\b(?:null|nil|undefined)\b(?!\s*[=(])", "None", "null"),
    (r"(?<!\.)\btrue\b(?!\s*[=(])", "True", "true"),
    (r"(?<!\.)\bfalse\b(?!\s*[=(])", "False", "false"),
)
_BLOCKS = re.compile(r"\b(?:if|elif|else|for|while|def|class|try|except|finally|with|function)\b")


def translations(text: str) -> Iterator[TextEdit]:
    """The texts that come of it, the most likely first; each may still not parse."""
    bases: list[tuple[str, tuple[str, ...]]] = [(text, ())]
    for step in (_unfenced, _unprompted, _plain):
        bases = [(new, (*notes, note) if note else notes) for base, notes in bases for new, note in step(base)]
    bases = [(new, (*notes, note) if note else notes) for base, notes in bases for new, note in _resolved(base)]
    for base, notes in bases:
        new = base
        signs: list[str] = []
        for rewrite in (_comments, _braced, _signs, _printed):
            new, found = rewrite(new)
            signs += found
        told = list(dict.fromkeys([*notes, *signs]))
        if new != text:
            line = _first(text, new)
            yield TextEdit(new, f"line {line}: {', '.join(told)}", 0.3 + 0.3 * len(told), line)
        if new != base != text:
            yield TextEdit(
                base, f"line {_first(text, base)}: {', '.join(notes)}", 0.3 + 0.3 * len(notes), _first(text, base)
            )


def _first(one: str, other: str) -> int:
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((at for at, (a, b) in enumerate(pairs, start=1) if a != b), 1)


def _plain(text: str) -> Iterator[tuple[str, str]]:
    """Blanks and signs that only look like Python's."""
    code = mask(text)
    # an open string reaches over the signs that were to close it
    new = "".join(
        str(character).translate(_LOOKALIKE) if masked != "s" or character == "s" else character
        for character, masked in zip(text, code, strict=True)
    )
    yield new, "signs that look like others" if new != text else ""


def _unfenced(text: str) -> Iterator[tuple[str, str]]:
    """The code between the fences of a Markdown answer."""
    rows = rows_of(text)
    fences = [at for at, row in enumerate(rows) if _FENCE.match(row)]
    if not fences:
        yield text, ""
        return
    kept: list[str] = []
    for begin, end in zip(fences[::2], [*fences[1::2], len(rows)], strict=False):
        kept += rows[begin + 1 : end]
    note = "fences of a Markdown answer"
    yield "".join(kept), note
    without = "".join(row for at, row in enumerate(rows) if at not in fences)
    yield without, note
    if len(fences) > 2:
        yield "".join(rows[fences[0] + 1 : fences[1]]), note
        yield "".join(rows[fences[-2] + 1 : fences[-1]]), note
    if len(fences) == 1:
        yield "".join(rows[: fences[0]]), note


def _unprompted(text: str) -> Iterator[tuple[str, str]]:
    """Prompts of the interactive interpreter, the numbers of an editor's margin and the signs of a diff."""
    rows = rows_of(text)
    filled = [row for row in rows if row.strip()]
    for pattern, note in (
        (r"(?:>>>|\.\.\.)(?: |$)", "prompts"),
        (r" *\d+ ?[|:.)] ?(?=\S| |$)", "numbers of lines"),
        (r"[+ ](?=.)", "signs of a diff"),
    ):
        hits = [row for row in filled if re.match(pattern, row)]
        if filled and len(hits) > 0.8 * len(filled) and (note != "signs of a diff" or any(r[0] == "+" for r in filled)):
            yield "".join(re.sub(rf"^{pattern}", "", row) if row.strip() else row for row in rows), note
            return
    yield text, ""


def _resolved(text: str) -> Iterator[tuple[str, str]]:
    """Either side of a merge that was not finished, or both."""
    if not re.search(r"(?m)^(?:<{7}|={7}$|>{7})", text):
        yield text, ""
        return
    for side, note in (
        ("ours", "first side of the merge"),
        ("theirs", "second side of the merge"),
        ("both", "both sides of the merge"),
    ):
        kept, within = [], ""
        for row in rows_of(text):
            if row.startswith("<" * 7):
                within = "ours"
            elif row.startswith("|" * 7):
                within = "base"
            elif row.startswith("=" * 7) and row.strip() == "=" * 7:
                within = "theirs"
            elif row.startswith(">" * 7):
                within = ""
            elif within in ("", side) or (side == "both" and within != "base"):
                kept.append(row)
        yield "".join(kept), note


def _comments(text: str) -> tuple[str, list[str]]:
    """Comments between `/*` and `*/`, in front of every row a `#`."""
    code = mask(text)
    found = re.search(r"/\*.*?\*/", code, re.DOTALL)
    if found is None:
        return text, []
    inner = text[found.start() + 2 : found.end() - 2].splitlines() or [""]
    new = "\n".join(f"{lead(row) if at else ''}# {row.strip(' *')}".rstrip() for at, row in enumerate(inner))
    again, _ = _comments(text[: found.start()] + new + text[found.end() :])
    return again, ["/* */"]


def _braced(text: str) -> tuple[str, list[str]]:
    """Blocks in braces: the one that opens becomes a colon, the one that closes goes."""
    pairs = paired(text)
    if not any(_BLOCKS.search(code) and code.rstrip().endswith("{") for _, code in pairs):
        return text, []
    kept: list[str] = []
    depth: list[int] = []
    for row, masked in pairs:
        here, bare = row, masked
        closes = re.match(r"\s*\}\s*;?\s*", bare)
        if closes and depth:
            depth.pop()
            rest = row[closes.end() :]
            if not rest.strip():
                continue
            here, bare = lead(row) + rest, lead(bare) + bare[closes.end() :]
        if bare.rstrip().endswith("{") and _BLOCKS.search(bare):
            depth.append(len(kept))
            code_end = len(bare.rstrip()) - 1
            here = here[:code_end].rstrip().removesuffix(":") + ":" + here[code_end + 1 :]
            here = (
                re.sub(r"^(\s*(?:if|elif|while|switch|else if)) \((.*)\)\s*:", r"\1 \2:", here)
                if ") (" not in here
                else here
            )
        kept.append(here)
    return "".join(kept), ["braces around blocks"]


def _signs(text: str) -> tuple[str, list[str]]:
    told = []
    for pattern, new, name in _SIGNS:
        code = mask(text)
        hits = list(re.finditer(pattern, code))
        if not hits:
            continue
        for found in reversed(hits):
            right = _expanded(text, found, new)
            if right.startswith(" ") and not code[: found.start()].rpartition("\n")[2].strip():
                right = right.lstrip()
            text = text[: found.start()] + right + text[found.end() :]
        told.append(f"`{name}`")
    return text, told


def _expanded(text: str, found: re.Match[str], new: str) -> str:
    """*new* with the groups' own text, not that of the view in which strings are blanked."""
    for number in range(1, found.re.groups + 1):
        new = new.replace(f"\\{number}", text[slice(*found.span(number))])
    return new


def _printed(text: str) -> tuple[str, list[str]]:
    """Statements of Python 2 that are functions now."""
    told = []
    kept = []
    for row, bare in paired(text):
        found = re.match(r"(\s*)(print|exec)(?:[ \t]+(?![=(.\[,:)])|(?=s))", bare)
        raised = re.match(r"(\s*raise [\w.]+), ", bare)
        end = len(bare.rstrip())
        body, rest = row[:end], row[end:]
        new = row
        if found and found.group(2) == "print" and body[found.end() :].startswith(">>"):
            target, _, what = body[found.end() + 2 :].partition(",")
            new = f"{found.group(1)}print({what.strip()}{', ' if what.strip() else ''}file={target.strip()}){rest}"
        elif found and not re.match(r"\w+ (?:in|is|and|or|if|for)\b", body[len(found.group(1)) :]):
            what = body[found.end() :].removesuffix(";")
            end_of_line = ", end=' '" if what.endswith(",") else ""
            new = f"{found.group(1)}{found.group(2)}({what.rstrip(',')}{end_of_line}){rest}"
        elif raised:
            new = f"{raised.group(1)}({body[raised.end() :]}){rest}"
        if new != row:
            told.append("`raise`" if raised else f"`{found.group(2)}`" if found else "")
        kept.append(new)
    return ("".join(kept), told) if told else (text, [])
