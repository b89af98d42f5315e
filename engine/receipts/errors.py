"""What can be wrong with a receipt.

BadInput
├── NoReceipt               the run has none, or its texts are not those its receipt names
├── BadKey                  no file, or not the key that was asked for
└── ReceiptUnreadable       no receipt of ours, damaged, or at odds with itself; a text it names is missing
MendboxError
├── Unfitting               readable, but a signature or a text does not fit: this is not what was vouched for
└── NotJudgedInTime         judging it again took longer than allowed
"""

from __future__ import annotations

from engine.errors import BadInput, MendboxError


class NoReceipt(BadInput):
    """The run has nothing that a receipt could be made of."""


class BadKey(BadInput):
    """There is no such key, or it is of another kind, or encrypted."""


class ReceiptUnreadable(BadInput):
    """It is no receipt that can be judged again."""


class Unfitting(MendboxError):
    """A signature or a text is another one than the receipt needs.

    Attributes:
        differences: Each thing that does not fit, in a sentence.
    """

    def __init__(self, *differences: str) -> None:
        super().__init__("; ".join(differences))
        self.differences = differences


class NotJudgedInTime(MendboxError):
    """Nothing was learnt about the receipt."""
