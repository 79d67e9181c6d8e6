"""What a trained network sees: feature maps, kernels and weights, answered by one warm process.

Only `network` imports Keras; the web process uses `service` and the plain modules beside it.
"""
