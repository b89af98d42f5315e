"""Looking things up in a sorted catalogue."""


def first_at_least(numbers, wanted):
    """Index of the first of the sorted *numbers* that is not smaller than *wanted*; their count where there is none."""
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        if numbers[middle] < wanted:
            low = middle
        else:
            high = middle
    return low


def contains(numbers, wanted):
    index = first_at_least(numbers, wanted)
    return index < len(numbers) and numbers[index] == wanted


def count_between(numbers, low, high):
    """How many of the sorted *numbers* lie in low <= number < high."""
    return first_at_least(numbers, high) - first_at_least(numbers, low)
