"""Cases of recurrent networks."""

from conformance_tests.parity.cases.recipes import case, normal

__all__ = ["CASES"]

X = normal(5, 2, 3)
SIZES = {"input_size": 3}

CASES = [
    case("RNN", X, 3, 4, tolerance=1e-4),
    case("RNN", X, 3, 4, nonlinearity="relu", bias=False, tolerance=1e-4),
    case("RNN", (X, normal(4, 2, 4)), None, 4, 2, bidirectional=True, sizes=SIZES, tolerance=1e-4),
    case("RNN", (normal(5, 3), normal(2, 4)), 3, 4, num_layers=2, dropout=0.4, batch_first=True, tolerance=1e-4),
    case("LSTM", X, 3, 4, tolerance=1e-4),
    case("LSTM", (X, (normal(1, 2, 4), normal(1, 2, 4))), 3, 4, tolerance=1e-4),
    case("LSTM", normal(5, 3), 3, 4, bias=False, tolerance=1e-4),
    case("LSTM", (normal(5, 3), (normal(2, 2), normal(2, 4))), 3, 4, bidirectional=True, proj_size=2, tolerance=1e-4),
    case("LSTM", X, None, 4, 2, batch_first=True, bias=False, proj_size=3, sizes=SIZES, tolerance=1e-4),
    case("LSTM", X, 3, 4, 2, True, True, 0.5, True, 2, tolerance=1e-4),
    case("LSTM", X, 3, 4, num_layers=2, dropout=1.0, tolerance=1e-4),
    case("LSTM", normal(1, 1, 3), 3, 4, tolerance=1e-4),
    case("LSTM", X, 3, 4, named={"hx": (normal(1, 2, 4), normal(1, 2, 4))}, tolerance=1e-4),
    case("GRU", X, 3, 4, tolerance=1e-4),
    case("GRU", (normal(5, 3), normal(1, 4)), 3, 4, bias=False, tolerance=1e-4),
    case("GRU", (X, normal(4, 5, 4)), None, 4, 2, batch_first=True, bidirectional=True, sizes=SIZES, tolerance=1e-4),
    case("GRU", X, 3, 4, num_layers=2, dropout=0.3, tolerance=1e-4),
    case("RNNCell", normal(2, 3), 3, 4, tolerance=1e-4),
    case("RNNCell", (normal(3), normal(4)), None, 4, nonlinearity="relu", sizes=SIZES, tolerance=1e-4),
    case("RNNCell", (normal(2, 3), normal(2, 4)), 3, 4, bias=False, tolerance=1e-4),
    case("LSTMCell", normal(2, 3), 3, 4, tolerance=1e-4),
    case("LSTMCell", (normal(3), (normal(4), normal(4))), None, 4, sizes=SIZES, tolerance=1e-4),
    case("LSTMCell", (normal(2, 3), (normal(2, 4), normal(2, 4))), 3, 4, bias=False, tolerance=1e-4),
    case("GRUCell", normal(2, 3), 3, 4, tolerance=1e-4),
    case("GRUCell", (normal(3), normal(4)), None, 4, sizes=SIZES, tolerance=1e-4),
    case("GRUCell", (normal(2, 3), normal(2, 4)), 3, 4, bias=False, tolerance=1e-4),
]
