"""Transfer: fixed features of a trained network, the best of them, a linear classifier."""
