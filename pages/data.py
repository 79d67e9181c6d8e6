"""Data: what the network learns from, class by class and in numbers."""

from cnnviz.ui import (
    data_view,
    data_view_augmentation,
    data_view_images,
    data_view_numbers,
    data_view_own,
    show,
    state,
)

look = data_view.pick_look()
draft = state.draft()
with show.guard():
    if look == data_view.OWN:
        data_view_own.render()
    elif data_view.ready(draft.dataset):
        dataset = data_view.open_dataset(draft.dataset)
        data_view.describe(dataset)
        if look == data_view.CLASSES:
            data_view_images.every_class(dataset)
        elif look == data_view.IMAGES:
            data_view_images.samples(dataset)
        elif look == data_view.NUMBERS:
            data_view_numbers.render(dataset)
        else:
            data_view_augmentation.render(dataset, draft.training.augmentation)
