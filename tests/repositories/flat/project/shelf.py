"""A shelf of notes, each kept under the name that its title gives it."""

from names import filename


class Shelf:
    def __init__(self):
        self._notes = {}

    def put(self, title, text):
        name = filename(title)
        if name in self._notes:
            raise ValueError(f"there is a note called {name!r} already")
        self._notes[name] = text
        return name

    def take(self, name):
        return self._notes.pop(name)

    def __len__(self):
        return len(self._notes)
