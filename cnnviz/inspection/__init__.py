"""What a trained network sees: maps, kernels, weights and explanations, answered by one warm process.

Only `network`, `passes` and `explaining` import Keras, and only `backend` TensorFlow; the web process uses
`service` and the plain modules beside it.
"""
