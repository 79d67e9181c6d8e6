"""Training: one process a run, from a run directory's spec to its model, report and predictions.

`worker` is the process, `fit` the training, `evaluation` the look at the test set; `devices` and
`checks` import neither Keras nor TensorFlow, so that the web process may use them.
"""
