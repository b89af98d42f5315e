"""Under which names files go into a box: from the root at which the imports of the tests resolve."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.domain import Value
from engine.inputs.files import Found
from engine.inputs.kinds import imported
from engine.inputs.languages import count_resolved, relative_imports


class Layout(Value):
    """A root, and each file's name there."""

    root: Path
    """New files are written below this folder."""
    code: Mapping[str, Found]
    tests: Mapping[str, Found]


def lay_out(code: Sequence[Found], tests: Sequence[Found], *, cwd: Path) -> Layout:
    """Choose among the sensible roots the one from which most imports resolve; the nearest where several do.

    The roots are the folder that everything has in common, those above it up to *cwd*, and last each PATH as a
    root of its own (``mendbox fix src --tests tests`` where the tests say ``import calc``, not ``import src.calc``).
    """
    layouts = [*_shared(code, tests, cwd=cwd), *_separate(code, tests)]
    if not any(file.python for file in (*code, *tests)):
        return max(layouts, key=_found_beside)
    wanted = frozenset[str]().union(*(imported(file.text) for file in tests if file.python))
    own = frozenset[str]().union(*(imported(file.text) for file in code if file.python))
    return max(layouts, key=lambda layout: (_resolved(wanted, layout.code), _resolved(own, layout.code)))


def _found_beside(layout: Layout) -> int:
    """How many of the relative imports of JavaScript are found from where the files stand."""
    tests = {name: file.text for name, file in layout.tests.items()}
    code = {name: file.text for name, file in layout.code.items()}
    there = {*tests, *code}
    return count_resolved(relative_imports(tests), there) + count_resolved(relative_imports(code), there)


def _shared(code: Sequence[Found], tests: Sequence[Found], *, cwd: Path) -> Iterator[Layout]:
    common = Path(os.path.commonpath([file.base for file in (*code, *tests)]))
    roots = [common]
    if common.is_relative_to(cwd):
        roots += [parent for parent in common.parents if parent.is_relative_to(cwd)]
    for root in roots:
        # Everything on a machine has the topmost folder in common: that is no project.
        if root != Path(root.anchor) or not any(_separate(code, tests)):
            yield Layout(
                root=root,
                code={file.path.relative_to(root).as_posix(): file for file in code},
                tests={file.path.relative_to(root).as_posix(): file for file in tests},
            )


def _separate(code: Sequence[Found], tests: Sequence[Found]) -> Iterator[Layout]:
    bases = sorted({file.base for file in code}, key=lambda base: len(base.parts))
    names = [file.name for file in code]
    test_names = [_beside(file, bases) for file in tests]
    everything = [*names, *test_names]
    if len({name.casefold() for name in everything}) == len(everything):
        yield Layout(
            root=bases[0],
            code=dict(zip(names, code, strict=True)),
            tests=dict(zip(test_names, tests, strict=True)),
        )


def _beside(test: Found, bases: Sequence[Path]) -> str:
    """A test's name where each folder of code is a root of its own."""
    for base in bases:
        if test.path.is_relative_to(base):
            return test.path.relative_to(base).as_posix()
    return f"{test.base.name}/{test.name}" if test.whole_folder and test.base.name else test.name


def _resolved(modules: frozenset[str], files: Mapping[str, Found]) -> int:
    """How many of *modules* stand among *files* as a module, a package or a folder."""
    folders = {name.rpartition("/")[0] for name in files}
    folders |= {str(parent) for folder in folders for parent in Path(folder).parents}
    paths = [module.replace(".", "/") for module in modules]
    return sum(f"{path}.py" in files or path in folders for path in paths)
