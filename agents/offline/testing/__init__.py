"""The tester without a model: explores code in a box, and writes down as tests what it saw."""
