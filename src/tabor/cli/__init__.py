"""The command line: arguments in, calls down."""
