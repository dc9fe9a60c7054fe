"""How well the engine ranks: organisations of real projects for held-out projects and for German ideas."""
