"""A shopping basket."""


class Basket:
    def __init__(self, owner, contents=[]):
        self.owner = owner
        self.contents = contents

    def add(self, name, count=1):
        self.contents.extend([name] * count)
        return self

    def remove(self, name):
        """Take one out; False where there is none."""
        if name not in self.contents:
            return False
        self.contents.remove(name)
        return True

    def __len__(self):
        return len(self.contents)
