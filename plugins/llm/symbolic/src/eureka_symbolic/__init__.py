"""Design reward functions without a model, by regression and evolution over a small grammar."""

from eureka_symbolic.generator import SymbolicGenerator

__all__ = ["SymbolicGenerator"]
