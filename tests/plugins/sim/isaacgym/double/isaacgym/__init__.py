"""A stand-in for IsaacGym on MuJoCo, for tests: the part of its interface that VecTask, Cartpole and Ant use.

It shows that the plugin's plumbing holds. It is not PhysX, and nothing of it runs on a GPU.
"""
