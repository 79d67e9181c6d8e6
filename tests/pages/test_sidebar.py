"""The sidebar's folds: empty until opened, unless they hold something that is no default."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.ui import state
from tests.patience import PATIENCE

MAIN = str(Path(__file__).resolve().parents[2] / "cnnviz" / "ui" / "main.py")


def app(link: dict[str, str] | None = None, **session: object) -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=PATIENCE)
    for key, value in (link or {}).items():
        test.query_params[key] = value
    for name, kept in session.items():
        test.session_state[name] = kept
    return test.run()


def keys(test: AppTest) -> set[str]:
    return {
        str(widget.key) for widget in (*test.number_input, *test.toggle, *test.selectbox, *test.text_input)
    }


def grouped(title: str) -> set[str]:
    found = {item.key for item in state.WIDGETS if item.group == title}
    assert found
    return found


def draft(test: AppTest) -> state.Draft:
    return state.from_values(test.session_state._state.filtered_state)


def test_a_closed_fold_of_defaults_is_empty_and_the_experiment_whole(runs_dir: Path) -> None:
    test = app()
    assert not test.exception
    assert not keys(test) & (grouped("Augmentation") | grouped("Images and split"))
    assert draft(test) == state.from_values({})


def test_an_opened_fold_shows_its_widgets(runs_dir: Path) -> None:
    test = app(fold_augmentation=True)
    assert grouped("Augmentation") <= keys(test)
    assert "l2" not in keys(test)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("rotation", "15", 15.0),
        ("train_size", "300", 300),
        ("two-pairs.dense", "64", 64),
        ("flip_x", "true", True),
    ],
)
def test_a_folded_value_in_the_link_counts_and_stays_in_the_link(
    runs_dir: Path, key: str, text: str, value: object
) -> None:
    test = app({key: text})
    assert not test.exception
    assert test.session_state[key] == value
    assert draft(test) != state.from_values({})
    test.number_input("epochs").set_value(7).run()
    assert test.session_state[key] == value
    assert test.query_params[key] in (text, [text])


def test_a_folded_choice_in_the_link_counts(runs_dir: Path) -> None:
    test = app({"schedule": "cosine", "labels": "coarse", "dataset": "digits"})
    assert not test.exception
    assert draft(test).training.schedule == "cosine"


def test_a_value_that_was_set_outlasts_its_fold(runs_dir: Path) -> None:
    test = app(fold_regularization=True)
    test.number_input("l2").set_value(0.01).run()
    test.session_state["fold_regularization"] = False
    test.run()
    assert test.number_input("l2").value == 0.01
    assert draft(test).training.l2 == 0.01
    (reset,) = [button for button in test.button if button.label.startswith("Reset")]
    reset.click().run()
    assert draft(test) == state.from_values({})
