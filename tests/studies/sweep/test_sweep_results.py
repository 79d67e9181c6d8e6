"""What came out of a sweep, against hand-made numbers and scipy, and the sentences that say it."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import statistics
from typing import Any

import numpy as np
import pytest
from scipy import stats

from cnnviz.metrics import METRICS
from cnnviz.runs import EpochRecord
from cnnviz.studies.intervals import Measure, crossed_interval, holm, least_difference, t_interval
from cnnviz.studies.study_spec import SettingValue, StudySpec, experiment_of
from cnnviz.studies.sweep.sweep_job import SweepJob
from cnnviz.studies.sweep.sweep_question import read_factor, study_of
from cnnviz.studies.sweep.sweep_results import Pair, SweepResults, axis_of, gather, preliminary
from cnnviz.studies.sweep.sweep_shown import (
    NEEDED,
    advice,
    csv_text,
    groups_of,
    highest,
    images_sentence,
    least,
    mean_epochs,
    pair_sentence,
    time_sentence,
    trend_sentence,
    unjudged,
)
from tests.present import present
from tests.studies.conftest import BASE

PLAIN = experiment_of(BASE)
SIZES = ("dataset.train_size", "100, 200, 400, 800")


SAME = "All seeds gave the same difference: there is no spread to judge it by"


def asked(*factors: tuple[str, str], seeds: int = 3) -> StudySpec:
    return study_of(PLAIN, [read_factor("one-convolution", *one) for one in factors], range(seeds))


@pytest.fixture
def swept(run_of):
    """Results of a study whose runs reached what a rule (settings, seed) → report says; None: no run."""

    def make(study: StudySpec, rule) -> SweepResults:
        folder = SweepJob.create(study)
        settings = {variant.label: variant.settings for variant in study.variants}
        for member in study.members():
            report = rule(settings[member.label], member.seed)
            if report is not None:
                run_of(member.experiment, report)
        kept = json.loads(json.dumps(gather(folder).model_dump(mode="json")))
        return present(SweepResults.read(kept, folder.root))

    return make


def accuracy(
    values: dict[int, list[float]] | dict[float, list[float]], name: str = "architecture.kernel_size"
):
    return lambda settings, seed: {"test_accuracy": values[settings[name]][seed]}


def timed(seconds: float) -> dict[str, float | None]:
    """A report whose steps took so long, tracing left out."""
    return {"n_train": 1, "epochs": 1, "images_per_second": 1 / seconds if seconds else None}


# Pairs ---------------------------------------------------------------------------------------------


def test_a_pair_is_judged_as_scipys_paired_t_test_does(swept) -> None:
    values = {3: [0.50, 0.52, 0.51], 5: [0.46, 0.47, 0.48]}
    results = swept(asked(("architecture.kernel_size", "3, 5")), accuracy(values))
    [pair] = results.pairs
    truth = stats.ttest_rel(values[5], values[3])
    interval = truth.confidence_interval(0.95)
    assert pair.model_dump() == {
        "name": "Kernel size 5×5 − 3×3",
        "first": "3×3 kernels",
        "second": "5×5 kernels",
        "estimate": pytest.approx(-0.04),
        "low": pytest.approx(interval.low),
        "high": pytest.approx(interval.high),
        "n": 3,
        "p_value": pytest.approx(truth.pvalue),
        "p_together": pytest.approx(truth.pvalue),
        "verdict": "more than chance",
        "test": "paired t-test over seeds, two-sided",
        "reason": "",
        # Every run of the fixture trains for 4 s: the ratio is 1, without a spread.
        "times": 1.0,
        "times_low": None,
        "times_high": None,
        # Its networks answer alike, seed by seed, whatever its reports say.
        "images": None,
        "images_low": None,
        "images_high": None,
    }
    assert (results.preliminary, results.unjudged) == ("", 0)
    # Of two variants there is the difference itself; how large one must be is said of repeats alone.
    assert results.least_difference is None
    assert pair_sentence(pair, 1) == (
        f"Kernel size 5×5 − 3×3: −4.0 points, 95 % {100 * interval.low:+.1f} … {100 * interval.high:+.1f}, "
        f"3 seeds, paired t-test, p = {truth.pvalue:.3f}: more than chance."
    ).replace("-", "−").replace("t−test", "t-test")


def test_times_are_compared_by_their_ratios_without_tracing(swept) -> None:
    """By the speed after the first step: a run that traced twice took longer, and was no slower."""
    seconds = {3: [10.0, 20.0, 40.0], 5: [20.0, 42.0, 76.0]}

    def rule(settings, seed):
        taken = seconds[settings["architecture.kernel_size"]][seed]
        return {"test_accuracy": 0.5, "fit_seconds": taken + 20 * seed, **timed(taken)}

    [pair] = swept(asked(("architecture.kernel_size", "3, 5")), rule).pairs
    truth = stats.ttest_rel(np.log(seconds[5]), np.log(seconds[3])).confidence_interval(0.95)
    assert (pair.times_low, pair.times_high) == pytest.approx(tuple(np.exp(truth)))
    assert pair.times == pytest.approx(stats.gmean(np.divide(seconds[5], seconds[3])))
    assert time_sentence(pair).startswith("Training takes 2.00 × as long with 5×5 kernels (95 % 1.7")


def test_a_training_that_took_no_time_has_no_ratio(swept) -> None:
    seconds = {3: [0.0, 0.25, 10.0], 5: [3.0, 0.5, 0.0]}

    def rule(settings, seed):
        taken = seconds[settings["architecture.kernel_size"]][seed]
        return {"test_accuracy": 0.5, **timed(taken)}

    [pair] = swept(asked(("architecture.kernel_size", "3, 5")), rule).pairs
    assert (pair.times, pair.times_low, pair.times_high) == (pytest.approx(2.0), None, None)


def test_the_same_difference_in_every_seed_is_judged_by_its_sign(swept) -> None:
    """Student's t finds no spread there; six alike draws are seldom chance, and no difference is none."""

    def judged(kernel: int, first: float, second: float, seeds: int) -> Pair:
        values = {kernel: [first] * seeds, kernel + 1: [second] * seeds}
        study = asked(("architecture.kernel_size", f"{kernel}, {kernel + 1}"), seeds=seeds)
        [pair] = swept(study, accuracy(values)).pairs
        return pair

    six = judged(1, 0.5, 0.52, 6)
    assert six.verdict == "more than chance"
    assert six.p_value == pytest.approx(stats.binomtest(6, 6).pvalue)
    assert "sign test" in six.test
    assert "6 seeds, sign test, p = 0.031: more than chance" in pair_sentence(six, 1)
    five = judged(3, 0.5, 0.52, 5)
    assert five.verdict == "not enough evidence"
    assert "needs 6 seeds" in five.reason
    none = judged(5, 0.5, 0.5, 3)
    assert (none.verdict, none.reason) == ("could be chance", "No seed shows any difference.")


def test_an_interval_ends_where_its_metric_ends(swept) -> None:
    """Of two seeds Student's t reaches far beyond 100 %."""
    values = {3: [0.90, 0.99], 5: [0.02, 0.10]}
    results = swept(asked(("architecture.kernel_size", "3, 5"), seeds=2), accuracy(values))
    for row, reached in zip(results.rows, values.values(), strict=True):
        found, beyond = present(row.test_accuracy), present(t_interval(reached))
        assert (found.low, found.high) == (max(0.0, beyond.low), min(1.0, beyond.high))
    assert present(results.rows[0].test_accuracy).high == 1
    assert present(results.rows[1].test_accuracy).low == 0


def test_verdicts_before_the_end_and_after_more_seeds_are_preliminary(swept) -> None:
    values = {3: [0.50, 0.52, 0.51, 0.53, 0.50], 5: [0.46, 0.47, 0.48, 0.48, 0.45]}
    varied = ("architecture.kernel_size", "3, 5")
    first = asked(varied, seeds=3)
    done = accuracy(values)
    half = swept(first, lambda settings, seed: done(settings, seed) if seed < 2 else None)
    assert half.preliminary.startswith("Preliminary: 4 of 6 runs are done.")
    job = SweepJob.create(first)
    swept(first, lambda settings, seed: done(settings, seed) if seed == 2 else None)
    assert job.gather().preliminary == ""
    more = asked(varied, seeds=5)
    swept(more, lambda settings, seed: done(settings, seed) if seed > 2 else None)
    job = SweepJob.create(more)
    assert job.looked_at() == (3,)
    assert "judged with 3 seeds before 5 were asked for" in job.gather().preliminary
    # Others' settings, and other seeds, are another question.
    other = SweepJob.create(asked(("architecture.kernel_size", "7, 9"), seeds=5))
    assert other.looked_at() == ()


def test_what_counts_keeps_five_in_a_hundred_where_looking_again_does_not() -> None:
    """Two equal networks, looked at with 3, 5 and 10 seeds: the rule of `preliminary` by simulation."""
    random = np.random.default_rng(7)
    trials, looks = 4000, (3, 5, 10)
    found = {"any look": 0, "verdicts that count": 0}
    for _ in range(trials):
        differences = random.normal(size=max(looks))
        verdicts = []
        for n in looks:
            earlier = [m for m in looks if m < n]
            alone = present(t_interval(differences[:n].tolist())).p_value
            verdicts.append((present(alone) < 0.05, preliminary(n, 2 * n, 2 * n, earlier) == ""))
        found["any look"] += any(significant for significant, _ in verdicts)
        found["verdicts that count"] += any(significant and counts for significant, counts in verdicts)
    assert found["any look"] / trials > 0.10
    # Within three standard errors of 5 %.
    assert abs(found["verdicts that count"] / trials - 0.05) < 3 * math.sqrt(0.05 * 0.95 / trials)


def test_pairs_beyond_the_limit_are_counted_and_the_highest_is_partly_luck(swept) -> None:
    values = ", ".join(str(1 + 2 * k) for k in range(15))  # 105 pairs
    reached = {1 + 2 * k: [0.5 + 0.01 * k, 0.5 + 0.011 * k] for k in range(15)}
    results = swept(asked(("architecture.kernel_size", values), seeds=2), accuracy(reached))
    assert (len(results.pairs), results.unjudged) == (100, 5)
    assert unjudged(results) == "The first 100 of 105 pairs are judged: vary fewer values."
    assert highest(results).startswith("29×29 kernels is the highest of 15 by the very test images")
    two = swept(asked(("architecture.kernel_size", "3, 5"), seeds=2), accuracy(reached))
    assert (unjudged(two), highest(two)) == ("", "")


def test_other_images_are_judged_from_what_every_network_got_right(swept) -> None:
    study = asked(("architecture.kernel_size", "3, 5"), seeds=4)
    random = np.random.default_rng(0)
    right = {3: random.random((4, 60)) < 0.5, 5: random.random((4, 60)) < 0.7}
    swept(study, accuracy({size: list(of.mean(axis=1)) for size, of in right.items()}))
    sizes = dict(zip([variant.label for variant in study.variants], right, strict=True))
    job = SweepJob.create(study)
    for member, found in job.progress().members:
        run = present(found).directory
        kept = present(run.predictions())
        labels, of_run = kept["test_labels"], right[sizes[member.label]][member.seed]
        answers = np.where(of_run, labels, (labels + 1) % 10)
        kept["test_probabilities"] = np.eye(10, dtype=np.float16)[answers]
        run.save_predictions(kept)
    [pair] = gather(job).pairs
    expected = present(crossed_interval(right[5].astype(int) - right[3].astype(int)))
    assert pair.images == 60
    assert (pair.images_low, pair.images_high) == pytest.approx((expected.low, expected.high))
    assert "Over other seeds and other test images than these 60: 95 % " in images_sentence(pair)


def test_a_small_difference_could_be_chance(swept) -> None:
    values = {3: [0.50, 0.56, 0.51], 5: [0.52, 0.50, 0.53]}
    [pair] = swept(asked(("architecture.kernel_size", "3, 5")), accuracy(values)).pairs
    assert (pair.verdict, pair.reason) == ("could be chance", "More seeds may decide.")
    assert pair.low < 0 < pair.high


def test_what_is_more_than_chance_alone_need_not_be_among_many(swept) -> None:
    """The first difference has p = 0.026 alone, and 3 · 0.026 = 0.079 as the smallest of three."""
    values = {3: [0.50, 0.50, 0.50], 5: [0.54, 0.55, 0.57], 7: [0.40, 0.70, 0.55]}
    pairs = swept(asked(("architecture.kernel_size", "3, 5, 7")), accuracy(values)).pairs
    truth = stats.ttest_rel(values[5], values[3]).pvalue
    assert (pairs[0].p_value, pairs[0].p_together) == pytest.approx((truth, 3 * truth))
    assert truth < 0.05 < 3 * truth
    assert [(pair.verdict, pair.reason) for pair in pairs] == [
        ("could be chance", "Alone it would be more than chance, among so many pairs it is not."),
        ("could be chance", "More seeds may decide."),
        ("could be chance", "More seeds may decide."),
    ]


def test_pairs_without_seeds_of_both_say_so(swept) -> None:
    """3 and 5 share no seed; 3 and 7 share one; 5 and 7 share two, whose differences are equal."""
    values: dict[int, list[float | None]] = {
        3: [0.5, None, None],
        5: [None, 0.5, 0.625],
        7: [0.625, 0.75, 0.875],
    }

    def rule(settings, seed):
        found = values[settings["architecture.kernel_size"]][seed]
        return None if found is None else {"test_accuracy": found}

    pairs = swept(asked(("architecture.kernel_size", "3, 5, 7")), rule).pairs
    assert [(pair.estimate, pair.n, pair.reason) for pair in pairs] == [
        (None, 0, "No seed has a finished run of both."),
        (0.125, 1, "One seed shows no spread: repeat with more seeds."),
        (0.25, 2, f"{SAME}, and the exact sign test needs 6 seeds."),
    ]
    for pair in pairs:
        assert (pair.low, pair.high, pair.p_value, pair.p_together) == (None, None, None, None)
        assert (pair.verdict, pair.test) == ("not enough evidence", "none")
    assert [(pair.first, pair.second) for pair in pairs] == [
        ("3×3 kernels", "5×5 kernels"),
        ("3×3 kernels", "7×7 kernels"),
        ("5×5 kernels", "7×7 kernels"),
    ]


def test_one_seed_has_no_interval_and_says_so(swept) -> None:
    values = {3: [0.50], 5: [0.90]}
    results = swept(asked(("architecture.kernel_size", "3, 5"), seeds=1), accuracy(values))
    [pair] = results.pairs
    assert (pair.low, pair.high, pair.p_value) == (None, None, None)
    assert pair.verdict == "not enough evidence"
    assert "+40.0 points, one seed, no interval" in pair_sentence(pair, 1)
    over = results.rows[0].test_accuracy
    assert (over.mean, over.deviation, over.low, over.high, over.n) == (0.5, None, None, None, 1)


def test_only_seeds_that_both_have_are_compared(swept) -> None:
    values: dict[int, list[float | None]] = {3: [0.5, 0.6, 0.7], 5: [0.6, 0.7, None]}

    def rule(settings, seed):
        found = values[settings["architecture.kernel_size"]][seed]
        return None if found is None else {"test_accuracy": found}

    results = swept(asked(("architecture.kernel_size", "3, 5")), rule)
    assert (results.done, results.total) == (5, 6)
    [pair] = results.pairs
    assert (pair.n, pair.estimate) == (2, pytest.approx(0.1))
    # Both seeds differ alike: no spread to judge by.
    assert pair.verdict == "not enough evidence"


def test_of_many_pairs_the_p_values_are_corrected_together(swept) -> None:
    random = np.random.default_rng(1)
    values = {size: list(0.5 + 0.02 * size / 100 + 0.01 * random.random(3)) for size in (100, 200, 400, 800)}
    pairs = swept(asked(SIZES), accuracy(values, "dataset.train_size")).pairs
    assert len(pairs) == 6
    assert [pair.p_together for pair in pairs] == pytest.approx(holm([pair.p_value for pair in pairs]))
    assert all((pair.p_together < 0.05) == (pair.verdict == "more than chance") for pair in pairs)


def test_pairs_of_two_settings_differ_in_one_of_them(swept) -> None:
    study = asked(("architecture.kernel_size", "3, 5"), ("training.l2", "0, 0.1"))
    results = swept(study, lambda settings, seed: {"test_accuracy": 0.5 + 0.01 * seed})
    assert [pair.name for pair in results.pairs] == [
        "L2 penalty 0.1 − 0, 3×3 kernels",
        "Kernel size 5×5 − 3×3, L2 penalty 0",
        "Kernel size 5×5 − 3×3, L2 penalty 0.1",
        "L2 penalty 0.1 − 0, 5×5 kernels",
    ]


# Trends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "axis"),
    [
        ((3, 5, 7), "linear"),
        ((0.0, 0.25, 0.5), "linear"),
        ((5000, 10000, 40000), "log"),
        ((0.0, 1e-4, 0.01), "steps"),
        ((1e-4, 0.01), "log"),
        (("SGD", "Adam"), None),
        ((False, True), None),
        ((100, None), None),
        (((16, 32), (32, 64)), None),
        ((2, 4, 15), "linear"),  # less than eight times
        ((2, 4, 16), "log"),
        ((0, 16), "linear"),
        ((0,), "linear"),
        ((), None),
    ],
)
def test_how_far_apart_values_stand(values: tuple[SettingValue, ...], axis: str | None) -> None:
    assert axis_of(values) == axis


def test_a_trend_is_the_mean_of_the_seeds_slopes(swept) -> None:
    random = np.random.default_rng(2)
    values = {
        size: list(0.3 + 0.05 * math.log2(size) + 0.01 * random.random(3)) for size in (100, 200, 400, 800)
    }

    def rule(settings, seed):
        size = settings["dataset.train_size"]
        return {"test_accuracy": values[size][seed], **timed(0.01 * size + 0.1 * seed * size / 100)}

    results = swept(asked(SIZES), rule)
    trends = {trend.metric: trend for trend in results.trends}
    slopes = [
        stats.linregress([0, 1, 2, 3], [values[size][seed] for size in values]).slope for seed in range(3)
    ]
    mean, error = np.mean(slopes), stats.sem(slopes)
    low, high = stats.t.interval(0.95, 2, mean, error)
    found = trends["test_accuracy"]
    assert (found.estimate, found.low, found.high) == pytest.approx((mean, low, high))
    assert (found.unit, found.n) == ("doubling of training images", 3)
    assert trend_sentence(found).startswith("Test accuracy: +5.")
    assert found.model_dump(include={"factor", "at", "metric", "test"}) == {
        "factor": "dataset.train_size",
        "at": "",
        "metric": "test_accuracy",
        "test": "t-interval of the seeds' slopes, 95 %",
    }
    # Time is told by the number itself: 0.01, 0.011, 0.012 s an image.
    assert trends["steady_seconds"].unit == "100 of training images"
    assert trends["steady_seconds"].estimate == pytest.approx(1.1)


def test_each_value_of_the_other_setting_has_a_trend_of_its_own(swept) -> None:
    """Optimizers have no trend, kernels one for each optimizer, over the seeds that all its sizes have."""
    slopes = {"SGD": [0.01, 0.02, 0.04], "Adam": [0.03, 0.05, 0.06]}

    def rule(settings, seed):
        optimizer, size = settings["training.optimizer"], settings["architecture.kernel_size"]
        if (optimizer, size, seed) == ("Adam", 6, 0):
            return None
        return {"test_accuracy": 0.2 + slopes[optimizer][seed] * size, **timed(2.0 * size)}

    study = asked(("training.optimizer", "SGD, Adam"), ("architecture.kernel_size", "6, 9, 14"))
    # The times have one slope for all seeds: no spread to judge by.
    assert [trend.model_dump() for trend in swept(study, rule).trends] == [
        {
            "factor": "architecture.kernel_size",
            "at": at,
            "metric": "test_accuracy",
            "unit": "1 of kernel size",
            "estimate": pytest.approx(np.mean(found)),
            "low": pytest.approx(stats.t.interval(0.95, len(found) - 1, np.mean(found), stats.sem(found))[0]),
            "high": pytest.approx(
                stats.t.interval(0.95, len(found) - 1, np.mean(found), stats.sem(found))[1]
            ),
            "n": len(found),
            "test": "t-interval of the seeds' slopes, 95 %",
        }
        for at, found in (("SGD", slopes["SGD"]), ("Adam", slopes["Adam"][1:]))
    ]


def test_values_that_begin_with_0_have_a_trend_by_steps(swept) -> None:
    values = {0.0: [0.5, 0.5, 0.5], 0.0001: [0.6, 0.55, 0.7], 0.01: [0.7, 0.6, 0.9]}
    [trend] = [
        trend
        for trend in swept(asked(("training.l2", "0, 0.0001, 0.01")), accuracy(values, "training.l2")).trends
        if trend.metric == "test_accuracy"
    ]
    assert (trend.unit, trend.n) == ("step of L2 penalty", 3)
    assert trend.estimate == pytest.approx((0.1 + 0.05 + 0.2) / 3)


def test_two_values_or_words_have_no_trend(swept) -> None:
    rule = lambda settings, seed: {"test_accuracy": 0.5 + 0.01 * seed}  # noqa: E731
    assert swept(asked(("training.epochs", "1, 2")), rule).trends == ()
    assert swept(asked(("training.optimizer", "SGD, Adam, Adamax")), rule).trends == ()


# Repeats, export, curves ---------------------------------------------------------------------------


def just_significant(difference: float, deviation: float, n: int) -> bool:
    """Whether the paired t-test gives p = 0.05 where both vary by themselves, as far as `deviation`."""
    shape = np.arange(n) - (n - 1) / 2
    differences = difference + math.sqrt(2) * deviation * shape / np.std(shape, ddof=1)
    return bool(stats.ttest_1samp(differences, 0.0).pvalue == pytest.approx(0.05))


@pytest.mark.parametrize(("n", "needed"), [(2, 12.706), (3, 3.513), (5, 1.756), (10, 1.012)])
def test_the_least_difference_is_that_of_the_test_which_judges(n: int, needed: float) -> None:
    found = least_difference(1.0, n)
    assert found == pytest.approx(needed, abs=1e-3)  # t(n − 1) of a table, times the root of 2 / n
    assert just_significant(needed if found is None else found, 1.0, n)


def test_repeats_say_how_large_a_difference_must_be(swept) -> None:
    values = [0.50, 0.52, 0.51, 0.55, 0.49]
    results = swept(asked(seeds=5), lambda settings, seed: {"test_accuracy": values[seed]})
    deviation = float(np.std(values, ddof=1))
    found = least_difference(deviation, 5)
    assert found is not None
    assert results.least_difference == pytest.approx(found)
    assert just_significant(found, deviation, 5)
    assert "about 4.0 points to be told apart (paired t-test, 5 %)" in least(results)
    one = results.rows[0].test_accuracy
    low, high = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert (one.low, one.high) == pytest.approx((low, high))
    assert (results.pairs, results.trends) == ((), ())
    assert least_difference(0.1, 1) is None


def test_a_factor_has_its_values_in_words(swept) -> None:
    study = asked(("dataset.train_size", "100, 200, 1000"), ("training.optimizer", "SGD, Adam"), seeds=1)
    results = swept(study, lambda settings, seed: {"test_accuracy": 0.5})
    size, optimizer = results.factors
    assert size.model_dump() == {
        "name": "dataset.train_size",
        "words": "training images",
        "values": (100, 200, 1000),
        "texts": ("100", "200", "1,000"),
        "axis": "log",
    }
    assert (optimizer.words, optimizer.texts, optimizer.axis) == ("optimizer", ("SGD", "Adam"), None)
    assert [(size.text_of(row), optimizer.text_of(row)) for row in results.rows] == [
        (text, name) for text in size.texts for name in optimizer.texts
    ]


def test_at_most_a_hundred_pairs_are_judged(swept) -> None:
    """Fifteen values make 105 pairs."""
    values = ", ".join(str(epochs) for epochs in range(1, 16))
    results = swept(
        asked(("training.epochs", values), seeds=1), lambda settings, seed: {"test_accuracy": 0.5}
    )
    assert len(results.pairs) == 100
    assert (results.pairs[0].first, results.pairs[-1].second) == ("1 epoch", "13 epochs")


def test_results_of_version_0_1_say_how_the_sweep_stood(swept, runs_dir) -> None:
    results = swept(asked(seeds=1), lambda settings, seed: {"test_accuracy": 0.5})
    data = json.loads(json.dumps(results.model_dump(mode="json")))
    assert SweepResults.read(data | {"state": "done", "process": {"pid": 1}}, runs_dir) == results
    assert SweepResults.read({"state": "running"}, runs_dir) is None
    # They had no other metrics.
    row = results.rows[0].but(metrics={})
    assert row.over_seeds("test_accuracy") == row.test_accuracy
    assert row.over_seeds("fit_seconds") == row.fit_seconds
    assert row.measure("test_accuracy") == Measure(0.5, None, 1)
    assert row.measure("macro_f1") is None


def test_runs_with_baselines_of_their_own_have_none_in_common(swept) -> None:
    baselines = {100: 0.125, 200: 0.25}

    def rule(settings, seed):
        return {"test_accuracy": 0.5, "baseline_accuracy": baselines[settings["dataset.train_size"]]}

    assert swept(asked(("dataset.train_size", "100, 200"), seeds=1), rule).baseline is None


def test_two_seeds_are_enough_for_a_spread(swept) -> None:
    values = [0.5, 0.6]
    results = swept(asked(seeds=2), lambda settings, seed: {"test_accuracy": values[seed]})
    over, deviation = results.rows[0].test_accuracy, float(np.std(values, ddof=1))
    low, high = stats.t.interval(0.95, 1, 0.55, stats.sem(values))
    assert (over.mean, over.deviation, over.n) == pytest.approx((0.55, deviation, 2))
    assert low < over.low == 0
    assert high > over.high == 1  # accuracies end there
    assert results.rows[0].measure("test_accuracy") == Measure(over.mean, over.deviation, 2)
    assert results.least_difference is not None
    assert just_significant(results.least_difference, deviation, 2)


def test_the_results_of_repeats_as_a_whole(swept) -> None:
    results = swept(
        asked(seeds=2),
        lambda settings, seed: {"test_accuracy": 0.5, "fit_seconds": 3.0, "baseline_accuracy": 0.125},
    )
    [row] = results.rows
    same = {"deviation": 0.0, "low": None, "high": None, "n": 2}
    assert row.model_dump(exclude={"values", "metrics"}) == {
        "label": "as set",
        "settings": {},
        # On 16×16 pixels, pooled to 8×8: (2·3² + 2) + 4·(2·8² + 1) + 10·(4 + 1).
        "params": 586,
        "runs": row.runs,
        "test_accuracy": {"mean": 0.5, **same},
        "fit_seconds": {"mean": 3.0, **same},
        "problems": (),
    }
    assert list(row.runs) == ["0", "1"]
    for metric, value in (("test_accuracy", 0.5), ("fit_seconds", 3.0)):
        assert row.values[metric] == {"0": value, "1": value}
        assert row.metrics[metric] == row.over_seeds(metric)
    assert row.over_seeds("no such metric") is None
    assert (results.title, results.factors, results.seeds) == ("Repeats · Digits", (), (0, 1))
    assert (results.done, results.total, results.problems) == (2, 2, ())
    assert (results.baseline, results.least_difference) == (0.125, 0.0)


def test_a_run_that_failed_is_named_once_and_counts_for_nothing(run_of) -> None:
    study = asked(("architecture.kernel_size", "3, 5"), seeds=2)
    folder = SweepJob.create(study)
    for member in study.members():
        failed = {"state": "failed", "reason": "out of memory"} if member.label == "5×5 kernels" else {}
        run_of(member.experiment, {"test_accuracy": 0.5}, **failed)
    results = gather(folder)
    assert [(row.problems, len(row.runs)) for row in results.rows] == [
        ((), 2),
        (("failed: out of memory",), 0),
    ]
    assert results.rows[1].test_accuracy is None
    assert results.problems == ("5×5 kernels: failed: out of memory",)


def test_csv_has_one_line_a_run(swept) -> None:
    study = asked(("architecture.kernel_size", "3, 5"), seeds=2)
    results = swept(study, accuracy({3: [0.1, 0.2], 5: [0.3, 0.4]}))
    rows = list(csv.DictReader(io.StringIO(csv_text(results))))
    assert [(row["architecture.kernel_size"], row["seed"], row["test_accuracy"]) for row in rows] == [
        ("3", "0", "0.1"),
        ("3", "1", "0.2"),
        ("5", "0", "0.3"),
        ("5", "1", "0.4"),
    ]
    assert {row["run"] for row in rows} == {run for row in results.rows for run in row.runs.values()}


def test_every_metric_is_gathered_a_strangers_too(swept, own_metric) -> None:
    study = asked(("architecture.kernel_size", "3, 5"), seeds=2)
    results = swept(study, accuracy({3: [0.1, 0.2], 5: [0.3, 0.4]}))
    rows = list(csv.DictReader(io.StringIO(csv_text(results))))
    assert {"macro_f1", "calibration_error", "of_a_test", "parameters"} <= rows[0].keys()
    row = results.rows[0]
    assert row.over_seeds("of_a_test").mean == pytest.approx(
        statistics.fmean(row.values["of_a_test"].values())
    )
    assert [group.settings[0].mean for group in groups_of(results, "of_a_test")] == [
        row.over_seeds("of_a_test").mean
    ]


def test_a_metric_that_was_added_since_is_computed_from_the_runs(swept, runs_dir) -> None:
    now = swept(
        asked(("architecture.kernel_size", "3, 5"), seeds=2), accuracy({3: [0.1, 0.2], 5: [0.3, 0.4]})
    )
    for kept in (("test_accuracy", "fit_seconds"), ()):  # the second: all of them were added since
        old = now.model_dump(mode="json")
        for row in old["rows"]:
            row["values"] = {name: row["values"][name] for name in kept}
            del row["metrics"]
        found = present(SweepResults.read(old, runs_dir))
        for row, before in zip(found.rows, now.rows, strict=True):
            assert row.values == before.values
            assert {name: row.over_seeds(name) for name in METRICS} == {
                name: before.over_seeds(name) for name in METRICS
            }
        assert found.lacking == ""
        assert csv_text(found) == csv_text(now)


def test_a_metric_that_cannot_be_computed_any_more_is_said_to_be_missing(swept, runs_dir) -> None:
    old = swept(asked(seeds=2), lambda settings, seed: {"test_accuracy": 0.5}).model_dump(mode="json")
    (row,) = old["rows"]
    del row["values"]["macro_f1"], row["metrics"]["macro_f1"]
    first, second = (runs_dir / run for run in row["runs"].values())
    (first / "predictions.npz").unlink()
    found = present(SweepResults.read(old, runs_dir))
    assert list(found.rows[0].values["macro_f1"]) == ["1"]
    assert present(found.rows[0].over_seeds("macro_f1")).n == 1
    assert found.lacking == (
        "Not known of all runs: macro F1. These were added to cnnviz after the results were kept, and runs "
        "that are deleted or keep no predictions can't give them. Train them again to have them."
    )
    assert present(found.rows[0].test_accuracy).n == 2  # what was kept stays, whatever became of the runs
    shutil.rmtree(second)
    found = present(SweepResults.read(old, runs_dir))
    assert found.rows[0].values["macro_f1"] == {}
    assert found.rows[0].over_seeds("macro_f1") is None


def test_mean_curves_end_where_the_shortest_seed_ends() -> None:
    first = [EpochRecord(1, loss=1.0, accuracy=0.2, elapsed=2), EpochRecord(2, loss=0.5, accuracy=0.4)]
    second = [EpochRecord(1, loss=3.0, accuracy=0.4, val_loss=2.0, elapsed=4)]
    assert mean_epochs([first, second]) == [
        EpochRecord(1, loss=2.0, accuracy=pytest.approx(0.3), elapsed=3.0)  # type: ignore[arg-type]
    ]
    gap = [EpochRecord(1, loss=None, accuracy=0.2)]
    assert mean_epochs([first, gap])[0].loss is None
    assert mean_epochs([]) == []


def pair(n: int, **changes: Any) -> Pair:
    """A difference of 1 point that could be chance."""
    found = {
        "name": "b − a",
        "first": "a",
        "second": "b",
        "verdict": "could be chance",
        "estimate": 0.01,
        "low": -0.01,
        "high": 0.03,
        "n": n,
        "reason": "More seeds may decide.",
    }
    return Pair.parse(found | changes)


@pytest.mark.parametrize("n", NEEDED)
def test_what_is_needed_is_students_quantile(n: int) -> None:
    assert pytest.approx(stats.t.ppf(0.975, n - 1) / math.sqrt(n), abs=0.005) == NEEDED[n]


@pytest.mark.parametrize("n", NEEDED)
def test_just_above_it_the_paired_t_test_decides(n: int) -> None:
    spread = np.linspace(-1, 1, n)
    spread /= spread.std(ddof=1)
    above, below = (t_interval(list(spread + factor * NEEDED[n])) for factor in (1.01, 0.99))
    assert above is not None
    assert below is not None
    assert above.p_value is not None
    assert below.p_value is not None
    assert above.p_value < 0.05 < below.p_value
    assert above.p_value == pytest.approx(stats.ttest_1samp(spread + 1.01 * NEEDED[n], 0).pvalue)


@pytest.mark.parametrize(
    ("n", "says"),
    [
        (2, "With 2 seeds a difference is more than chance from 9.0 times its spread"),
        (3, "from 2.5 times its spread over the seeds on, with 5 seeds from 1.2 times on"),
        (5, "from 1.2 times its spread over the seeds on, with 10 seeds from 0.7 times on"),
    ],
)
def test_the_advice_says_what_more_seeds_would_show(n: int, says: str) -> None:
    assert says in advice(pair(n), 1)


def test_where_the_quantile_does_not_decide_the_reason_stands() -> None:
    one = pair(1, verdict="not enough evidence", low=None, high=None, reason="One seed shows no spread.")
    assert advice(one, 1) == "One seed shows no spread."
    corrected = pair(
        3, low=0.001, reason="Alone it would be more than chance, among so many pairs it is not."
    )
    assert "among so many pairs" in advice(corrected, 4)
    assert advice(pair(3), 4) == "More seeds may decide."
    assert advice(pair(3, verdict="more than chance"), 1) == ""
    assert advice(pair(0, estimate=None), 1) == ""
