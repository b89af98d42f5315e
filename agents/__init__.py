"""Authors: words in, files out. They know no box and no verdict."""
