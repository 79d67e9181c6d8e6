"""Data: what the network learns from, class by class and in numbers."""

from cnnviz.ui import cache, show, state
from cnnviz.ui.data import data_images, data_numbers, data_page, own_images

ICON, PLACE = ":material/photo_library:", 20

look = data_page.pick_look()
draft = state.draft()
with show.guard():
    if look == data_page.OWN:
        own_images.render()
    elif data_page.ready(draft.dataset):
        dataset = cache.dataset(draft.dataset)
        data_page.describe(dataset)
        if look == data_page.CLASSES:
            data_images.every_class(dataset)
        elif look == data_page.IMAGES:
            data_images.samples(dataset)
        elif look == data_page.NUMBERS:
            data_numbers.render(dataset)
        else:
            data_images.augmented(dataset, draft.training.augmentation)
