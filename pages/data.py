"""Data: what the network learns from, class by class and in numbers."""

from cnnviz.ui import show, state
from cnnviz.ui.data import augmentation, images, numbers, own, view

look = view.pick_look()
draft = state.draft()
with show.guard():
    if look == view.OWN:
        own.render()
    elif view.ready(draft.dataset):
        dataset = view.open_dataset(draft.dataset)
        view.describe(dataset)
        if look == view.CLASSES:
            images.every_class(dataset)
        elif look == view.IMAGES:
            images.samples(dataset)
        elif look == view.NUMBERS:
            numbers.render(dataset)
        else:
            augmentation.render(dataset, draft.training.augmentation)
