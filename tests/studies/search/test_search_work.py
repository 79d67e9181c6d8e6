"""The work of a search: folds in turn, poor ones given up, nothing trained twice, cuts survived."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnviz.engine import processes
from cnnviz.errors import RunError, SpecError
from cnnviz.evaluation import class_names, evaluate
from cnnviz.runs import RunSummary, list_runs
from cnnviz.specs import ExperimentSpec
from cnnviz.studies.search import Dimension, SearchJob, SearchSpec
from cnnviz.studies.search.search_job import Candidate, Work, ranked
from cnnviz.studies.search.search_shown import trials_of
from tests.present import present
from tests.studies.search.small_engine import QuickEngine, Rule

BASE = {
    "dataset.name": "digits",
    "dataset.train_size": 120,
    "dataset.test_size": 30,
    "architecture.name": "one-convolution",
    "architecture.filters": 2,
    "architecture.dense": 4,
    "training.epochs": 3,
    "training.batch_size": 20,
}
UNITS = Dimension(name="architecture.dense", choices=(4, 5, 6, 7, 8, 9))


def search(runs_dir: Path, **changes) -> SearchJob:
    plain = {"title": "Units", "base": BASE, "space": [UNITS], "candidates": 6, "folds": 2}
    return SearchJob.create(SearchSpec.parse({**plain, **changes}), runs_dir)


def by_units(experiment: ExperimentSpec) -> list[float]:
    """More units, more accuracy; the second fold is a little harder."""
    units, fold = experiment.architecture.parameters["dense"], experiment.dataset.fold or 0
    assert isinstance(units, int)
    best = 0.1 * units - 0.02 * fold
    return [best - 0.2, best - 0.1, best]


def units_of(candidate: Candidate) -> int:
    units = candidate.settings["architecture.dense"]
    assert isinstance(units, int)
    return units


def work_on(search: SearchJob, engine: QuickEngine, steps: int = 400) -> Work:
    work = Work(search, engine)
    for _ in range(steps):
        if work.over:
            break
        work.step()
    return work


@pytest.fixture
def engine(runs_dir: Path) -> Callable[[Rule], QuickEngine]:
    return lambda rule: QuickEngine(runs_dir, rule)


def test_every_candidate_is_judged_by_the_mean_of_its_folds(runs_dir, engine) -> None:
    folder = search(runs_dir, pruning=False)
    assert work_on(folder, engine(by_units)).over
    candidates = folder.candidates()
    assert [one.state for one in candidates] == ["done"] * 6
    best = ranked(candidates)[0]
    assert best.settings == {"architecture.dense": 9}
    assert best.scores == pytest.approx((0.88, 0.86))
    assert best.mean == pytest.approx(0.87)
    assert best.spread == pytest.approx(0.02 / 2**0.5)
    assert [one.settings["architecture.dense"] for one in ranked(candidates)] == [9, 8, 7, 6, 5, 4]
    assert folder.importance() == {"architecture.dense": 1.0}


def test_a_search_is_judged_by_another_metric_of_the_validation_images(runs_dir, engine) -> None:
    """Two images with p for the truth have a Brier score of 2 (1 − p)²: the less, the better."""
    folder = search(runs_dir, pruning=False, objective="brier_score")
    quick = engine(by_units)
    assert work_on(folder, quick).over
    candidates = folder.candidates()
    assert [one.settings["architecture.dense"] for one in ranked(candidates)] == [9, 8, 7, 6, 5, 4]
    best = ranked(candidates)[0]
    assert best.scores == pytest.approx((2 * 0.12**2, 2 * 0.14**2))
    assert best.mean == pytest.approx(0.12**2 + 0.14**2)
    assert best.gain == -present(best.mean)
    assert present(folder.tried().best).number == best.number
    # The same runs, judged by accuracy, are another search, which trains none of them again.
    other = search(runs_dir, pruning=False)
    assert other.id != folder.id
    assert work_on(other, engine(by_units)).over
    assert len(list_runs(runs_dir)) == 12
    assert "objective" not in (other.path / "search.json").read_text()


def test_what_was_given_up_has_no_score_but_the_accuracy(runs_dir, engine) -> None:
    """After an epoch only the accuracy is known, which is no Brier score."""
    folder = search(runs_dir, method="grid", objective="brier_score")
    work_on(folder, engine(by_units))
    poor = [one for one in folder.candidates() if one.state == "pruned"]
    assert all(one.mean is None and one.curves for one in poor)
    assert [trial.number for trial in trials_of(folder.spec(), folder.candidates())] == [1, 2, 3, 4] + [
        one.number for one in folder.candidates()[4:] if one.state == "done"
    ]


def test_a_run_that_kept_no_predictions_of_validation_images_says_so(runs_dir, engine) -> None:
    """As those of version 0.1 did."""
    quick = engine(by_units)
    work_on(search(runs_dir, candidates=2, pruning=False), quick)
    for run in list_runs(runs_dir):
        (run.path / "predictions.npz").unlink()
    folder = search(runs_dir, candidates=2, pruning=False, objective="macro_f1")
    work_on(folder, quick)
    one = folder.candidates()[0]
    assert one.state == "failed"
    assert one.reason == (
        f"Run {one.runs[0]} gives no macro F1: it keeps no predictions of validation images (delete it, so "
        "that fold 1 is trained anew), or has too few classes."
    )


@pytest.mark.parametrize("name", ["test_accuracy", "fit_seconds", "macro_f2"])
def test_test_images_and_costs_choose_nothing(runs_dir, name: str) -> None:
    with pytest.raises(SpecError, match=f"'{name}' can't be what a search judges by"):
        search(runs_dir, objective=name)


def test_runs_carry_the_search_as_their_user_and_say_what_they_are(runs_dir, engine) -> None:
    folder = search(runs_dir, candidates=2)
    quick = engine(by_units)
    work_on(folder, quick)
    assert {run.user for run in list_runs(runs_dir)} == {folder.id}
    first = folder.candidates()[0]
    units = first.settings["architecture.dense"]
    assert quick.submitted[:2] == [f"Units · 1: {units} · fold 1", f"Units · 1: {units} · fold 2"]


def test_a_poor_candidate_is_stopped_and_its_other_folds_are_never_trained(runs_dir, engine) -> None:
    folder = search(runs_dir, method="grid")
    work_on(folder, engine(by_units))
    candidates = folder.candidates()
    assert [one.state for one in candidates[:4]] == ["done"] * 4
    poor = [one for one in candidates if one.state == "pruned"]
    worst = min(candidates, key=units_of)
    for one in poor:
        assert one.reason.startswith("Given up after epoch 2 of fold 1")
        assert len(one.runs) == 1
        assert one.scores == ()
        assert list_runs_by_id(runs_dir)[one.runs[0]].state == "stopped"
    if worst.number > 4:
        assert worst in poor
    assert all(one.state != "pruned" for one in ranked(candidates))


def test_what_was_trained_before_is_not_trained_again(runs_dir, engine) -> None:
    first = engine(by_units)
    work_on(search(runs_dir, pruning=False), first)
    again = engine(by_units)
    other = search(runs_dir, pruning=False, title="The same, asked again")
    assert work_on(other, again).over
    assert len(first.submitted) == 12
    assert again.submitted == []
    assert ranked(other.candidates())[0].mean == pytest.approx(0.87)


def test_a_cut_search_goes_on_where_it_was(runs_dir, engine) -> None:
    quick = engine(by_units)
    folder = search(runs_dir, pruning=False)
    cut = work_on(folder, quick, steps=8)
    assert not cut.over
    before = folder.candidates()
    assert work_on(folder, quick).over
    after = folder.candidates()
    assert [one.settings for one in after[: len(before)]] == [one.settings for one in before]
    assert after[0].runs == before[0].runs
    straight = [one.settings for one in after]
    assert len({str(one) for one in straight}) == 6
    assert len(quick.submitted) == 12


def test_a_stopped_search_stops_its_run_and_resumes_it(runs_dir, engine) -> None:
    quick = engine(by_units)
    folder = search(runs_dir, pruning=False)
    work = work_on(folder, quick, steps=3)
    work.stop()
    [run] = list_runs(runs_dir)
    assert run.state == "stopped"
    assert folder.candidates()[0].state == "running"
    assert work_on(folder, quick).over
    assert len(quick.submitted) == 12
    assert [one.state for one in folder.candidates()] == ["done"] * 6


def test_a_failed_candidate_says_why_and_the_others_go_on(runs_dir, engine) -> None:
    def rule(experiment: ExperimentSpec) -> list[float] | str:
        return "The loss became infinite." if experiment.training.learning_rate else by_units(experiment)

    rate = Dimension(name="training.learning_rate", choices=(None, 0.1))
    folder = search(runs_dir, space=[rate], candidates=2, base={**BASE, "architecture.dense": 5})
    assert work_on(folder, engine(rule)).over
    failed = [one for one in folder.candidates() if one.state == "failed"]
    assert [one.reason for one in failed] == ["Fold 1 failed. The loss became infinite."]
    assert len(ranked(folder.candidates())) == 1


def test_an_impossible_candidate_is_no_run(runs_dir, engine) -> None:
    kernel = Dimension(name="architecture.kernel_size", choices=(3, 5))
    momentum = Dimension(name="training.momentum", choices=(0.0, 0.9))
    base = {**BASE, "training.optimizer": "Adam"}
    folder = search(runs_dir, space=[kernel, momentum], candidates=4, base=base, method="grid")
    assert work_on(folder, engine(lambda _: [0.5, 0.5, 0.5])).over
    reasons = [one.reason for one in folder.candidates() if one.state == "failed"]
    assert len(reasons) == 2
    assert all("momentum 0.9 has no meaning for Adam" in reason for reason in reasons)
    assert len(list_runs(runs_dir)) == 4


def test_progress_tells_the_time_that_is_left(runs_dir, engine) -> None:
    folder = search(runs_dir, pruning=False)
    assert folder.tried().seconds_left is None
    assert folder.status().state == "waiting"
    work = work_on(folder, engine(by_units), steps=20)
    progress = folder.tried()
    assert not work.over
    assert 0 < progress.ended < progress.planned == 6
    assert progress.seconds_left is not None
    mean = sum(one.seconds for one in progress.candidates if one.state == "done") / progress.ended
    assert progress.seconds_left <= mean * (6 - progress.ended) + 1e-9


def test_the_same_question_is_the_same_search(runs_dir: Path) -> None:
    assert search(runs_dir).id == search(runs_dir).id
    assert search(runs_dir, seed=1).id != search(runs_dir).id
    assert len(SearchJob.all(runs_dir)) == 2


def test_a_damaged_search_says_so(runs_dir: Path) -> None:
    folder = search(runs_dir)
    (folder.path / "candidates.json").write_text("[")
    with pytest.raises(RunError, match=r"candidates\.json of search .* is damaged"):
        folder.tried()
    (folder.path / "search.json").write_text("{}")
    with pytest.raises(RunError, match=r"search\.json of search .* can't be read"):
        folder.spec()


@pytest.mark.slow
def test_a_search_in_a_process_of_its_own_trains_through_the_queue(
    runs_dir: Path, prepared_worker: None
) -> None:
    base = {**BASE, "training.epochs": 1}
    folder = search(runs_dir, base=base, candidates=2, space=[Dimension(name=UNITS.name, choices=(4, 8))])
    folder.start()
    with pytest.raises(RunError, match="at work already"):
        folder.start()
    processes.wait()
    progress = folder.tried()
    assert folder.status().state == "done", (folder.path / "log.txt").read_text()
    assert 0 < present(present(progress.best).mean) < 1
    runs = list_runs(runs_dir)
    assert [run.state for run in runs] == ["done"] * 4
    validated = sorted(
        (present(run.experiment).dataset.fold, present(run.report).n_validation) for run in runs
    )
    assert validated == [(1, 60), (1, 60), (2, 60), (2, 60)]
    # 60 of 120 images score each, 6 of the others watch it, and no test image has been looked at.
    for run in runs:
        report, kept = present(run.report), present(run.directory.predictions())
        assert (report.n_train, report.n_test, report.test_accuracy) == (54, 0, None)
        assert not len(kept["test_labels"])
        with pytest.raises(RunError, match="one fold of a search"):
            evaluate(kept, class_names(run.directory))


def list_runs_by_id(root: Path) -> dict[str, RunSummary]:
    return {run.id: run for run in list_runs(root)}
