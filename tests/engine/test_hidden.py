"""What a draft hides from the linter, what it runs from plain texts, and what is neither."""

from __future__ import annotations

import base64
import json
import marshal
import zlib

import pytest

from engine.checks import hidden

CODE = "import os\n\n\ndef add(a, b=[]):\n    return a + sum(b)\n"
B64 = base64.b64encode(CODE.encode()).decode()
ROT = CODE.translate(str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm"))
BESIDE = "from pathlib import Path\nHERE = Path(__file__).parent\n"


def look(solution: str, **more: str) -> hidden.Look:
    return hidden.look({"solution.py": solution, **{path.replace("__", "."): text for path, text in more.items()}})


HIDDEN = {
    "base64": f"import base64\nexec(base64.b64decode({B64!r}))\n",
    "base64 through names": f"from base64 import b64decode as d\nblob = {B64!r}\ntext = d(blob).decode()\nrun = exec\nrun(text)\n",
    "base64 through a function": (
        f"import base64\ndef opened(blob):\n    return base64.b64decode(blob)\ndef start():\n    exec(opened({B64!r}))\nstart()\n"
    ),
    "base64 through a parameter": f"import base64\ndef run(text):\n    exec(text)\nrun(base64.b64decode({B64!r}))\n",
    "base64 in an attribute": (
        f"import base64\nclass A:\n    def __init__(self):\n        self.text = base64.b64decode({B64!r})\n"
        "    def go(self):\n        exec(self.text)\n"
    ),
    "compressed": f"import zlib\nexec(zlib.decompress({zlib.compress(CODE.encode())!r}))\n",
    "compressed and hexadecimal": f"import zlib\nexec(zlib.decompress(bytes.fromhex({zlib.compress(CODE.encode()).hex()!r})))\n",
    "another codec": f"import codecs\nexec(codecs.decode({ROT!r}, 'rot13'))\n",
    "letters as numbers": f"exec(''.join(map(chr, {[*map(ord, CODE)]})))\n",
    "bytes as numbers": f"eval(compile(bytes({[*CODE.encode()]}), 'x', 'exec'))\n",
    "letters moved": f"exec(''.join(chr(ord(sign) ^ 1) for sign in {''.join(chr(ord(sign) ^ 1) for sign in CODE)!r}))\n",
    "backwards": f"exec({CODE[::-1]!r}[::-1])\n",
    "reversed": f"exec(''.join(reversed({CODE[::-1]!r})))\n",
    "translated": f"exec({CODE.replace('o', '0')!r}.translate({{48: 111}}))\n",
    "opened by code of its own": (
        "KEY = 7\ndef opened(blob):\n    out = bytearray()\n    for n, byte in enumerate(blob):\n        out.append(byte ^ KEY ^ n % 5)\n"
        f"    return out.decode()\nexec(opened({bytes(b ^ 7 ^ n % 5 for n, b in enumerate(CODE.encode()))!r} + b'\\xff\\xfe'))\n"
    ),
    "a name put together": "import builtins\ndef f(text):\n    return getattr(builtins, 'ex' + 'ec')(text)\n",
    "a name from the namespace": "def f(text):\n    return globals()['__builtins__']['ev' 'al'[::1] + ''](text)\nimport builtins\n"
    "vars(builtins)['e' + 'val']('1')\n",
    "an imported builtins": f"import base64\n__import__('builtins').exec(base64.b64decode({B64!r}))\n",
    "mapped": f"import base64\nlist(map(exec, [base64.b64decode({B64!r})]))\n",
    "partial": f"import base64, functools\nfunctools.partial(exec, base64.b64decode({B64!r}))()\n",
    "a code object": (
        f"import marshal, types\nadd = types.FunctionType(marshal.loads({marshal.dumps(compile(CODE, 'x', 'exec'))!r}), globals())\n"
    ),
    "a pickle": "import pickle\npickle.loads(b'cbuiltins\\nexec\\n(S\"import os\"\\ntR.')\n",
    "its own text": "with open(__file__) as f:\n    exec(''.join(line[2:] for line in f if line.startswith('#!')))\n",
    "documentation": "def f():\n    '''import os'''\nexec(f.__doc__)\n",
    "a decorator": "@exec\n@str.strip\nclass A: ...\n",
    "a process": f"import base64, subprocess, sys\nsubprocess.run([sys.executable, '-c', base64.b64decode({B64!r}).decode()])\n",
    "another encoding": "# coding: utf-7\n# nothing +AAo-import os\n",
    "an escaped encoding": "#!/usr/bin/python\n# -*- coding: unicode_escape -*-\n# nothing \\u000aimport os\n",
    "newer syntax in front": f"type A = int\nimport base64\nexec(base64.b64decode({B64!r}))\n",
    "far too long": "x = 1\n" * 100_000 + "exec(y)\n",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN.keys())
def test_code_that_is_kept_in_another_form_is_found(text: str):
    """Named by its rule, its file and its line."""
    found = look(text)

    assert found.findings
    assert {(finding.rule, finding.path, finding.check) for finding in found.findings} == {
        ("hidden-code", "solution.py", "lint")
    }
    assert all(finding.line for finding in found.findings)


FILES = {
    "text": (BESIDE + "exec((HERE / 'rules.txt').read_text())\n", "rules__txt", CODE),
    "opened": ("exec(open('rules.txt').read())\n", "rules__txt", CODE),
    "by its suffix": (
        "from pathlib import Path\nexec(Path(__file__).with_suffix('.dat').read_text())\n",
        "solution__dat",
        CODE,
    ),
    "a value of JSON": (
        BESIDE + "import json\nexec(json.loads((HERE / 'a.json').read_text())['x'])\n",
        "a__json",
        json.dumps({"x": CODE}),
    ),
    "cells": (
        BESIDE
        + "import json\nfor cell in json.loads((HERE / 'a.ipynb').read_text())['cells']:\n    exec(''.join(cell['source']))\n",
        "a__ipynb",
        json.dumps({"cells": [{"source": CODE.splitlines(keepends=True)}]}),
    ),
    "base64 in a file": (
        BESIDE + "import base64\nexec(base64.b64decode((HERE / 'a.txt').read_bytes()))\n",
        "a__txt",
        B64,
    ),
    "a loader": (
        BESIDE
        + "from importlib.machinery import SourceFileLoader\nSourceFileLoader('a', str(HERE / 'a.inc')).load_module()\n",
        "a__inc",
        CODE,
    ),
    "a stub": (
        BESIDE + "import importlib.util\ns = importlib.util.spec_from_file_location('a', HERE / 'a.pyi')\n",
        "a__pyi",
        CODE,
    ),
    "runpy": ("import runpy\nadd = runpy.run_path('a')['add']\n", "a", CODE),
    "a process on it": ("import subprocess, sys\nsubprocess.run([sys.executable, 'a.txt'])\n", "a__txt", CODE),
}


@pytest.mark.parametrize(("text", "path", "content"), FILES.values(), ids=FILES.keys())
def test_code_in_a_file_that_is_no_module_is_found(text: str, path: str, content: str):
    """However it is loaded."""
    found = look(text, **{path: content})

    assert [finding.rule for finding in found.findings][:1] == ["hidden-code"]
    assert path.replace("__", ".") in found.findings[0].message


PLAIN = {
    "a literal": f"exec({CODE!r})\n",
    "a name": f"CODE = {CODE!r}\nexec(compile(CODE, 'x', 'exec'))\n",
    "joined lines": f"exec('\\n'.join({CODE.splitlines()!r}))\n",
    "pieces": f"lines = []\nfor_ = 1\n{''.join(f'lines.append({line!r})' + chr(10) for line in CODE.splitlines())}exec('\\n'.join(lines))\n",
    "put together": "exec('imp' + 'ort os\\n\\n\\ndef add(a, b=[]):\\n    return a + sum(b)\\n')\n",
    "documentation of the module": f'"""{CODE}"""\nexec(__doc__)\n',
    "a console": f"import code\ncode.InteractiveInterpreter().runsource({CODE!r}, symbol='exec')\n",
    "a process": f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {CODE!r}], check=True)\n",
    "a shell": "import os\nos.system('python3 -c \"import os; x = [1]; x == 2\"')\n",
    "a written module": f"import importlib, pathlib\npathlib.Path('made.py').write_text({CODE!r})\nimportlib.import_module('made')\n",
    "a tree": f"import ast\nexec(compile(ast.parse({CODE!r}), 'x', 'exec'))\n",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN.keys())
def test_a_plain_text_is_given_out_to_be_linted(text: str):
    """It is not hidden; nor is it left out."""
    found = look(text)

    assert found.findings == ()
    assert len(hidden.embedded({"solution.py": text})) == 1
    assert "import os" in found.embedded[0].text


HONEST = {
    "a calculator": "def calc(text):\n    if set(text) - set('0123456789+-*/(). '):\n        raise ValueError(text)\n    return eval(text, {})\n",
    "a calculator with signs": "SIGNS = str.maketrans({0xD7: '*', 0xF7: '/'})\ndef calc(text):\n    return eval(text.translate(SIGNS))\n",
    "a tree": "import ast\ndef calc(text):\n    tree = ast.parse(text, mode='eval')\n    return eval(compile(tree, '<text>', 'eval'))\n",
    "class maker": (
        "def record(name, fields):\n    body = f'class {name}:\\n    __slots__ = {fields!r}\\n'\n    space = {}\n    exec(body, space)\n    return space[name]\n"
    ),
    "function maker": (
        "def maker(name, fields):\n    lines = [f'def __init__(self, {fields}):']\n    for field in fields.split():\n"
        "        lines.append(f'    self.{field} = {field}')\n    space = {}\n    exec('\\n'.join(lines), space)\n    return space['__init__']\n"
    ),
    "a template": "TEMPLATE = 'x = {value}'\ndef run(value):\n    space = {}\n    exec(TEMPLATE.format(value=value), space)\n    return space['x']\n",
    "a regular expression": "import re\nfrom re import compile\nA = re.compile('[a-z]+')\nB = compile('a' * 3)\n",
    "a database": "def save(cursor, rows):\n    cursor.execute('insert into t values (1)')\n    cursor.exec_('x')\n    cursor.compile('y')\n",
    "its own compile": "def compile(rules):\n    return [rule.split() for rule in rules]\ndef main():\n    return compile(['a b', 'c d'])\n",
    "literals": "import ast\ndef read(text):\n    return ast.literal_eval(text)\n",
    "timing": "import timeit\ndef measure():\n    return timeit.timeit('sum(range(10))', number=3)\n",
    "plugins": "import importlib\ndef load(name):\n    return importlib.import_module(f'plugins.{name}')\n",
    "a file of the caller": "import runpy\ndef run(path):\n    with open(path) as file:\n        exec(compile(file.read(), path, 'exec'), {})\n    return runpy.run_path(path)\n",
    "decoding data": f"import base64, json, zlib\ndef read(blob):\n    return json.loads(zlib.decompress(base64.b64decode(blob)))\nICON = {base64.b64encode(bytes(range(90))).decode()!r}\n",
    "pickles": "import pickle\ndef copy(value):\n    return pickle.loads(pickle.dumps(value))\n",
    "functions of functions": "import types\ndef copy(f):\n    return types.FunctionType(f.__code__, f.__globals__, f.__name__)\n",
    "a program started": "import subprocess, sys\ndef start(path):\n    return subprocess.run([sys.executable, '-m', 'json.tool', path])\n",
    "latin letters": "# -*- coding: latin-1 -*-\nNAME = 'ü'\n",
    "an odd cookie": "# vim: set fileencoding=utf-7 :\nx = 1\n",
    "backwards": "def palindrome(text):\n    return text == text[::-1]\nBIG = 'abcdefghijklmnopqrstuvwxyz'[::-1]\n",
    "a shell of its own": "import code\ndef shell(line):\n    return code.InteractiveInterpreter().runsource(line)\n",
    "a table of functions": "OPS = {'eval': eval, 'len': len}\ndef run(name, text):\n    return OPS[name](text)\n",
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST.keys())
def test_honest_code_hides_nothing(text: str):
    """Calculators, makers of classes, plugins, databases, encodings: no finding."""
    assert look(text).findings == ()


def test_data_that_is_read_is_no_code():
    """A program may come with data, and read it, and evaluate what it is asked."""
    found = look(
        "import json, pathlib\nDATA = json.loads(pathlib.Path(__file__).with_name('data.json').read_text())\n"
        "def run(text):\n    return eval(text, dict(DATA))\n",
        data__json=json.dumps({"a": 1, "text": "an import of tea"}),
    )

    assert found.findings == ()


def test_a_script_with_a_first_line_for_python_is_python():
    """It is linted like a module, and may be run as one."""
    assert hidden.is_python("bin/tool", "#!/usr/bin/env python3\nprint(1)\n")
    assert hidden.is_python("gui.pyw", "")
    assert not hidden.is_python("bin/tool", "#!/bin/sh\n")
    assert not hidden.is_python("notes.txt", "#!/usr/bin/env python3\n")


def test_only_changed_files_are_looked_through():
    """What was handed in is the input's; its data may still be what a changed file loads."""
    files = {"old.py": HIDDEN["base64"], "new.py": "x = 1\n"}

    assert hidden.look(files, ["new.py"]).findings == ()
    assert hidden.look(files, ["old.py"]).findings


HOSTILE = {
    "deep": "x = " + "(" * 3_000 + ")" * 3_000,
    "signs": "exec(" + "-" * 50_000 + "1)",
    "names of one another": "a = b\nb = a\nexec(a)\nexec = exec\n",
    "functions of one another": "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\nexec(f(1))\n",
    "null": "exec('x\x00y')\n\x00",
    "no python": "exec(((\n" * 500,
    "many": "exec(x)\n" * 20_000,
    "many names": "".join(f"a{n} = a{n + 1} + a{n + 2}\n" for n in range(3_000)) + "exec(a0)\n",
    "surrogates": "# coding: utf-7\n\udcff\n",
    "an odd encoding": "# coding: idna\nx = 'ü'\n",
    "no text encoding": "# coding: zlib\nx = 1\n",
    "a bomb": f"import zlib\nexec(zlib.decompress({zlib.compress(b'#' * 30_000_000)!r}))\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_makes_it_fail(text: str):
    """Whatever is in a draft, there is an answer, and a bounded one."""
    found = look(text, data__json=text, data__txt=text)

    assert len(found.findings) <= 50
    assert len(found.embedded) <= 200
