"""Reports, confusion, calibration and the comparison of runs: numpy on saved predictions, no Keras.

`evaluate(run.predictions(), class_names, "test")` gives all that a report needs; the single steps
(`confusion_matrix`, `classification_report`, `most_confused`, …) take plain arrays.
"""

from cnnviz.evaluation.accuracy import Baseline, Interval, accuracy_interval, baseline
from cnnviz.evaluation.by_epoch import CellEpoch, EpochEvaluation, cell_by_epoch, evaluate_epoch
from cnnviz.evaluation.calibration import Bin, Calibration, brier_score, calibration
from cnnviz.evaluation.classification import Report, Scores, classification_report, report_of
from cnnviz.evaluation.comparison import Changes, McNemar, Paired, changes, matrix_difference, mcnemar, pair
from cnnviz.evaluation.confusion import (
    ConfusedPair,
    UnorderedPair,
    confusion_matrix,
    images_in_cell,
    most_confused,
    most_confused_pairs,
    row_shares,
)
from cnnviz.evaluation.evaluation import Evaluation, evaluate, report_csv, report_json
from cnnviz.evaluation.overfitting import GAP_RULE, RULE, gap_epoch, parting_epoch
from cnnviz.evaluation.settings import Contrast, contrast, settings_of

__all__ = [
    "GAP_RULE",
    "RULE",
    "Baseline",
    "Bin",
    "Calibration",
    "CellEpoch",
    "Changes",
    "ConfusedPair",
    "Contrast",
    "EpochEvaluation",
    "Evaluation",
    "Interval",
    "McNemar",
    "Paired",
    "Report",
    "Scores",
    "UnorderedPair",
    "accuracy_interval",
    "baseline",
    "brier_score",
    "calibration",
    "cell_by_epoch",
    "changes",
    "classification_report",
    "confusion_matrix",
    "contrast",
    "evaluate",
    "evaluate_epoch",
    "gap_epoch",
    "images_in_cell",
    "matrix_difference",
    "mcnemar",
    "most_confused",
    "most_confused_pairs",
    "pair",
    "parting_epoch",
    "report_csv",
    "report_json",
    "report_of",
    "row_shares",
    "settings_of",
]
