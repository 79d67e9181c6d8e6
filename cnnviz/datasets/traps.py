"""What makes a training look better or worse than it is, said before it begins."""

from __future__ import annotations

import numpy as np

from cnnviz.datasets.loading import duplicates_of, load
from cnnviz.specs import DatasetSpec
from cnnviz.words import listed, percent, plural

#: From this many times as many images on, two classes are very unequal.
UNEQUAL = 10


def traps(spec: DatasetSpec, *, patient: bool = True) -> list[str]:
    """Sentences about the images that a run with this spec sees; [] where nothing is wrong with them.

    Args:
        patient: whether duplicates are looked for where that takes seconds, too.
    Raises:
        CnnvizError: as `load`.
    """
    data, found = load(spec), []
    counts = np.bincount(data.train.labels, minlength=data.facts.classes)
    names = data.class_names
    if missing := [names[label] for label in np.flatnonzero(counts == 0)]:
        shown = listed([f"'{name}'" for name in missing[:3]]) + (" and others" if len(missing) > 3 else "")
        remedy = "Choose them stratified." if spec.selection == "first" else "Add some, or take more images."
        found.append(
            f"{len(missing)} of {len(names)} classes have no training image ({shown}): no test image of "
            f"theirs can be answered. {remedy}"
        )
    there = np.flatnonzero(counts)
    most, least = there[counts[there].argmax()], there[counts[there].argmin()]
    if counts[most] >= UNEQUAL * counts[least]:
        found.append(
            f"The classes are very unequal: {plural(int(counts[most]), 'training image')} of "
            f"'{names[most]}', {counts[least]:,} of '{names[least]}'. Accuracy hides the rare ones: look at "
            "each class's recall, or balance the class weights."
        )
    twice = duplicates_of(spec, patient=patient)
    used = np.isin(twice.train, data.train.indices) & np.isin(twice.test, data.test.indices)
    if used.any():
        in_test, exact = len(np.unique(twice.test[used])), int(twice.exact[used].sum())
        how = "all exactly" if exact == used.sum() else f"{exact:,} exactly, the others nearly"
        found.append(
            f"{plural(in_test, 'test image')} ({percent(in_test / len(data.test))}) can be learnt by "
            f"heart: {plural(int(used.sum()), 'training image')} show the same ({how}). Leave out duplicates "
            "of test images, or mend the data set."
        )
    return found
