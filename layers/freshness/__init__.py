"""Whether what was made of the database's rows is still true: a counter of changes by table."""
