"""Feature maps: what every layer of one or two networks makes of an image, and what its weights are."""

from cnnviz.ui import cache, show
from cnnviz.ui.feature_maps import image, kernels, layer, panel, several, styles, view, weights

styles.apply()
run, other = view.pick_runs()
if run and run.experiment:
    runs = [one for one in (run, other) if one]
    look = view.pick_look()
    with show.guard():
        if look == view.WEIGHTS:
            weights.render(runs)
        else:
            dataset = cache.dataset(run.experiment.dataset)
            picture, beside = image.pick(dataset)
            shown = [(one, view.look(one, picture.image)) for one in runs]
            notes = [(one.title, found, view.state_of(one, found)) for one, found in shown]
            with beside:
                image.answers(picture, notes, dataset.class_names)
            several.render(picture, runs, dataset.class_names)
            chosen = layer.choose(shown, picture.image)
            if look == view.KERNELS:
                kernels.render(chosen)
            else:
                panel.render_all(chosen, dataset.class_names)
