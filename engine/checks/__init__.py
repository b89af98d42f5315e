"""What a draft is checked for. The list of checks is in `engine.checks.listing`; one file each."""
