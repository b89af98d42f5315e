#ifndef RUNS_COUNT_H
#define RUNS_COUNT_H

#include <stddef.h>

/* Length of the run of equal bytes that begins at `from`, of `size` bytes in all. */
static size_t
run_at(const unsigned char *bytes, size_t size, size_t from)
{
    size_t end = from + 1;

    while (end < size - 1 && bytes[end] == bytes[from]) {
        end++;
    }
    return end - from;
}

#endif
