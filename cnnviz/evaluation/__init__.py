"""Reports, confusion, calibration and the comparison of runs: numpy on saved predictions, no Keras.

`data_changed` says whether a run's images are still those of its data set; `find_run` finds the result of an
experiment on the images of today.

`evaluate(run.predictions(), class_names, "test")` gives all that a report needs; the single steps
(`confusion_matrix`, `report_of`, `most_confused`, …) take plain arrays.
"""

from cnnviz.evaluation.calibration import Bin, Calibration, brier_score, calibration, ece_of_perfect
from cnnviz.evaluation.classification import (
    Baseline,
    ConfusedPair,
    Interval,
    Report,
    Scores,
    UnorderedPair,
    accuracy_interval,
    baseline,
    confusion_matrix,
    images_in_cell,
    most_confused,
    most_confused_pairs,
    report_of,
    row_shares,
)
from cnnviz.evaluation.comparison import Changes, McNemar, Paired, changes, matrix_difference, mcnemar, pair
from cnnviz.evaluation.data_seen import class_names, data_changed, find_finished, find_run, is_same_data
from cnnviz.evaluation.evaluation import (
    CellEpoch,
    EpochEvaluation,
    Evaluation,
    cell_by_epoch,
    evaluate,
    evaluate_epoch,
    report_csv,
    report_json,
)
from cnnviz.evaluation.mistakes import ORDERS, Order, losses, margins, mistakes
from cnnviz.evaluation.overfitting import GAP_RULE, RULE, gap_epoch, parting_epoch
from cnnviz.evaluation.settings import Contrast, contrast, settings_of
from cnnviz.evaluation.trouble import one_answer, trouble_of

__all__ = [
    "GAP_RULE",
    "ORDERS",
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
    "Order",
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
    "class_names",
    "confusion_matrix",
    "contrast",
    "data_changed",
    "ece_of_perfect",
    "evaluate",
    "evaluate_epoch",
    "find_finished",
    "find_run",
    "gap_epoch",
    "images_in_cell",
    "is_same_data",
    "losses",
    "margins",
    "matrix_difference",
    "mcnemar",
    "mistakes",
    "most_confused",
    "most_confused_pairs",
    "one_answer",
    "pair",
    "parting_epoch",
    "report_csv",
    "report_json",
    "report_of",
    "row_shares",
    "settings_of",
    "trouble_of",
]
