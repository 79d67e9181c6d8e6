"""What a trained network sees: maps, kernels, weights and explanations, answered by warm processes.

A page asks a question (`questions`) through `service`. Only `network`, `passes` and `explaining` import
Keras, in the inspection process; all other modules are plain and used on both sides.
"""
