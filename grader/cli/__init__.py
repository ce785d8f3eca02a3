"""The command `grade`: one file per subcommand, one error handler, no torch in this process."""
