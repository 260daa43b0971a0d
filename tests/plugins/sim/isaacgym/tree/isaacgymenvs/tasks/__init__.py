"""Like there, this would import every task there is."""

raise ImportError("nothing may import this package as a whole")
