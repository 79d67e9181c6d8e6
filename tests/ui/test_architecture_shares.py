"""Two networks beside each other: where their parameters are, as report A counts them, and their names."""

from cnnviz import architectures
from cnnviz.ui.architecture.second_network import parameters_by_kind, share_bars, short_titles


def network(kernel: int) -> architectures.NetworkSummary:
    spec = architectures.make("two-pairs", kernel_size=kernel)
    return architectures.summarise(spec, (32, 32, 3), 10)


def test_larger_kernels_move_parameters_from_the_dense_layers_to_the_convolutions() -> None:
    assert parameters_by_kind(network(3)) == {"convolution": 65_568, "dense": 1_185_290}  # A3
    assert parameters_by_kind(network(5)) == {"convolution": 181_792, "dense": 824_842}  # A4


def test_both_bars_share_their_scale_and_say_their_numbers() -> None:
    drawn = share_bars((network(3), network(5)), ("a < b", "b"))
    assert "a &lt; b" in drawn
    assert "dense 1,185,290" in drawn
    assert "width:94.76%" in drawn  # 1,185,290 of 1,250,858
    assert "width:65.94%" in drawn  # 824,842 of the same


def test_two_networks_are_called_by_what_differs() -> None:
    three, lenet = architectures.make("two-pairs"), architectures.make("lenet")
    five = architectures.make("two-pairs", kernel_size=5)
    assert short_titles(three, five) == ("3×3 kernels", "5×5 kernels")
    assert short_titles(three, lenet) == ("Two pairs of convolutions, 3×3", "LeNet, 5×5")
