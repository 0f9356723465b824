"""A living clinic to look at: months of past and of future, made by the same operations as everything else."""
