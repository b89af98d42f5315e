"""The author without a model: it searches for small edits that turn the failing tests green."""
