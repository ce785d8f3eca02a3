"""The checks of this small course run in the judge, not as tests of this project."""

collect_ignore_glob = ["*"]
