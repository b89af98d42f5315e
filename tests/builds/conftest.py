"""The projects' own tests are run in boxes, as part of what is tested here, and never by this pytest."""

collect_ignore = ["projects"]
