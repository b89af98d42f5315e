"""JavaScript, TypeScript and Vue as far as they are read on the host: words and marks, and no tree."""
