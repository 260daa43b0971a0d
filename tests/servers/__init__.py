"""Local HTTP servers that speak the wire formats of model providers, with faults on demand."""
