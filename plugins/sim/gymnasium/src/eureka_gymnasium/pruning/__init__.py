"""Taking the reward out of an environment's source, for prompts and for the leak guard.

`prune.prune(cls)` does it all, in this order:

1. `class_source` finds the source of the class and of its bases up to Gymnasium's.
2. `tidy` drops drawing, pickling, imports and metadata.
3. `program` and `statements` read the rest into items: what defines which variable, from what, under which conditions.
4. `roots` marks what is the reward: the second thing `step` returns, names that say so, tables and `info` entries that hold it.
5. `slicing` goes backwards from the reward, and from everything else; what only the reward needs is lost.
6. `rewrite` writes the functions again without it, `prune` puts classes and constants together.
7. `leftovers` looks whether the reward is still there, which is an error that a user must see.
"""
