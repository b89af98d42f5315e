"""``--before``: what the code was earlier, under the names that it has now."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import BadInput
from engine.inputs.files import Reading
from engine.inputs.reading import Inputs


def read_earlier(given: str, now: Inputs) -> Mapping[str, str]:
    """Read *given*, a file for the only code file, or a folder whose files are named like those of *now*.

    A file of *now* that has no earlier version in the folder is a new one.

    Raises:
        BadInput: It cannot be read, or nothing in it is named like the code.
    """
    earlier = Reading().read(given)
    if len(earlier) == 1 and not earlier[0].whole_folder:
        same_name = [name for name, origin in now.origins.items() if origin.path.name == earlier[0].path.name]
        for names in (list(now.files), same_name):
            if len(names) == 1:
                return {**now.files, names[0]: earlier[0].text}
        raise BadInput(f"{given!r} is one file, the code is {len(now.files)}", hint="name a folder with all of them")
    texts = {file.name: file.text for file in earlier}
    by_place = {name: texts[name] for name in now.files if name in texts}
    by_folder = {name: texts[origin.name] for name, origin in now.origins.items() if origin.name in texts}
    found = max(by_place, by_folder, key=len)
    if not found:
        raise BadInput(f"no file in {given!r} is named like the code", hint="name the folder that stands for PATH")
    return found
