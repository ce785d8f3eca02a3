"""The checks of the fake course run in the judge, not as tests of this project."""

collect_ignore_glob = ["*"]
