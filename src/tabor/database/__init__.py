"""Where queries, compilers, engines and rows meet: ``Database`` and its transactions."""
